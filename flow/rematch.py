"""Rematch: where the library has changed, only the texts that the change can touch are matched again; all others keep their results."""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from address_matching import RULE_VERSION
from address_matching.change import Change, LibraryVersion, library_change
from address_matching.model import RESULT_SCHEMA
from flow.context import Context
from flow.library import Library
from flow.workspace import sql_path

EARLIER_LIBRARIES = 3
"""So many earlier versions are asked for results, the last one first; a run that was killed may have left some of its own."""
PROVEN_SHARE, LEAST_PROVEN = 256, 8
"""Of the results taken over one in so many, and at least so many, are worked out anew all the same, and must not differ."""
ACCOUNT = b"datapool.matching"
log = logging.getLogger(__name__)

Match = Callable[[pa.Table], pa.Table]
_ORDER = [("record_id", "ascending"), ("part", "ascending")]


@dataclass(frozen=True, slots=True)
class Account:
    """How texts came by their results: worked out by this library, or taken over from earlier ones (version to number of texts).

    `disproved`: results that were to be taken over were not the same when worked out anew, so that none was.
    """

    matched: int
    taken_over: Mapping[str, int] = field(default_factory=dict)
    disproved: bool = False

    @property
    def kept(self) -> int:
        """Texts that kept their result."""
        return sum(self.taken_over.values())

    def metadata(self) -> dict[bytes, bytes]:
        """What stands with the results in their file."""
        return {ACCOUNT: json.dumps(asdict(self)).encode()}


class Results(NamedTuple):
    """Results of the matcher, ordered by record and part, and how they came about."""

    table: pa.Table
    account: Account


def match_changed(connection: DuckDBPyConnection, context: Context, library: Library, records: pa.Table, match: Match) -> Results:
    """Give `records` the results that `match` would work out, most of them taken over where an earlier library has some.

    records: input of the matcher, `record_id` being the key under which results are kept. match: works out results by `library`.
    """
    start = time.perf_counter()
    taken = _taken_over(connection, context, library, records)
    if not taken:
        return Results(match(records).sort_by(_ORDER), Account(records.num_rows))
    kept = pa.concat_tables(taken.values())
    left = records.filter(pc.invert(_is_among(records, kept)))
    known = records.filter(_is_among(records, kept))
    proof = known.slice(0, max(LEAST_PROVEN, known.num_rows // PROVEN_SHARE))  # keys are digests: the first are as good as any
    matched = match(pa.concat_tables([left, proof]))
    if not _proves(matched.filter(_is_among(matched, proof)), kept):
        log.warning("沿用的地址结果与重新匹配的不一致：本批 %s 条全部重新匹配", f"{records.num_rows:,}")
        return Results(match(records).sort_by(_ORDER), Account(records.num_rows, disproved=True))
    account = Account(left.num_rows, {version: len(pc.unique(results.column("record_id"))) for version, results in taken.items()})
    log.info("库有变化：重新匹配 %s 条，沿用 %s 条，用时 %.1f 秒", f"{left.num_rows:,}", f"{account.kept:,}", time.perf_counter() - start)
    return Results(pa.concat_tables([kept, matched.filter(_is_among(matched, left))]).sort_by(_ORDER), account)


def _taken_over(connection: DuckDBPyConnection, context: Context, library: Library, records: pa.Table) -> dict[str, pa.Table]:
    """Results by earlier libraries, by their version, of those records that what has changed since cannot touch."""
    taken: dict[str, pa.Table] = {}
    left = records
    for earlier in _earlier_libraries(context, library):
        known = _results_of(connection, context, earlier, left)
        if not known.num_rows:
            continue
        asked = left.filter(_is_among(left, known))
        untouched = asked.filter(pa.array(~_change_between(earlier.folder, library.folder).touches(asked)))
        known = known.filter(_is_among(known, untouched))
        if known.num_rows:
            taken[earlier.version] = known
            left = left.filter(pc.invert(_is_among(left, known)))
    return taken


def account_of(files: Iterable[Path]) -> Account:
    """The accounts of several files of results together."""
    accounts = list(_accounts(files))
    taken_over = sum((Counter(account.taken_over) for account in accounts), Counter[str]())
    return Account(sum(account.matched for account in accounts), taken_over, any(account.disproved for account in accounts))


def _accounts(files: Iterable[Path]) -> Iterator[Account]:
    for file in files:
        metadata = pq.read_schema(file).metadata or {}
        if ACCOUNT in metadata:
            yield Account(**json.loads(metadata[ACCOUNT]))


def _earlier_libraries(context: Context, library: Library) -> list[Library]:
    pool = context.pool
    versions = [
        version for version in pool.matches.libraries(RULE_VERSION) if version != library.version and pool.library.is_sealed(version)
    ]
    return [Library(version, pool.library.folder(version)) for version in versions[:EARLIER_LIBRARIES]]


@lru_cache(maxsize=EARLIER_LIBRARIES)
def _change_between(old: Path, new: Path) -> Change:
    """What the change between two libraries can touch; each is a folder that never changes."""
    return library_change(_read_version(old), _read_version(new))


def _read_version(folder: Path) -> LibraryVersion:
    library = Library(folder.name, folder)
    return LibraryVersion(pq.read_table(library.addresses), pq.read_table(library.aliases), library.index().scope)


def _results_of(connection: DuckDBPyConnection, context: Context, library: Library, records: pa.Table) -> pa.Table:
    """The results of records by another library, of those that have some."""
    files = ", ".join(sql_path(path) for path in context.pool.matches.files(library.version, RULE_VERSION))
    connection.register("asked_again", records.select(["record_id"]))
    found = connection.sql(f"""
        SELECT input_key AS record_id, * EXCLUDE (input_key) FROM read_parquet([{files}])
        WHERE input_key IN (SELECT record_id FROM asked_again)
        QUALIFY row_number() OVER (PARTITION BY input_key, part ORDER BY 1) = 1""").to_arrow_table()
    connection.unregister("asked_again")
    return found.select(RESULT_SCHEMA.names).cast(RESULT_SCHEMA)


def _is_among(table: pa.Table, others: pa.Table) -> pa.ChunkedArray:
    return pc.is_in(table.column("record_id"), value_set=others.column("record_id").combine_chunks())


def _proves(again: pa.Table, kept: pa.Table) -> bool:
    """Whether results worked out anew are those that were kept."""
    same = kept.filter(_is_among(kept, again))
    return bool(again.sort_by(_ORDER).combine_chunks().equals(same.sort_by(_ORDER).combine_chunks()))
