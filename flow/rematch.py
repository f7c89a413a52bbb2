"""Rematch: where the library has changed, only the texts that the change can touch are matched again; all others keep their results."""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from address_matching import RULE_VERSION
from address_matching.change import Change, LibraryVersion, library_change
from flow.context import Context
from flow.library import Library
from flow.workspace import sql_path

EARLIER_LIBRARIES = 3
"""So many earlier versions are asked for results, the last one first; a run that was killed may have left some of its own."""
PROVEN = "00"
"""Results whose key begins so, one in 256, are worked out anew although they are taken over, and must be the same."""
ACCOUNT = b"datapool.matching"
log = logging.getLogger(__name__)

Match = Callable[[pa.Table], pa.Table]


@dataclass(frozen=True, slots=True)
class Account:
    """How the results of texts came about: worked out by this library, or taken over from earlier ones (how many from which).

    `disproved`: a result worth taking over was not the same when it was worked out anew, so that none was taken over.
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
        facts = {"matched": self.matched, "taken_over": self.taken_over, "disproved": self.disproved}
        return {ACCOUNT: json.dumps(facts).encode()}


def match_changed(connection: DuckDBPyConnection, context: Context, library: Library, records: pa.Table, match: Match) -> pa.Table:
    """Results of `records` as `match` would give them, most of them taken over where there are some by an earlier library; with their Account.

    records: input of the matcher, `record_id` being the key under which results are kept. match: works results out by `library`.
    """
    start = time.perf_counter()
    left, taken, origins = records, [], Counter[str]()
    for earlier in _earlier_libraries(context, library):
        if not left.num_rows:
            break
        change = _change_between(earlier.folder, library.folder)
        found = _results_of(connection, context, earlier, left.filter(pa.array(~change.touches(left))))
        origins[earlier.version] = pc.count_distinct(found.column("record_id")).as_py()
        left = left.filter(pc.invert(pc.is_in(left.column("record_id"), value_set=found.column("record_id").combine_chunks())))
        taken.append(found)
    kept = pa.concat_tables([match(records.slice(0, 0)), *taken])
    if not kept.num_rows:
        return match(records).replace_schema_metadata(Account(records.num_rows).metadata())
    again = records.filter(pc.and_(pc.starts_with(records.column("record_id"), PROVEN), _is_among(records, kept)))
    matched = match(pa.concat_tables([left, again]))
    if not _proves(matched.filter(_is_among(matched, again)), kept):
        log.warning("沿用的地址结果与重新匹配的不一致，本批 %s 条全部重新匹配", f"{records.num_rows:,}")
        return match(records).replace_schema_metadata(Account(records.num_rows, disproved=True).metadata())
    account = Account(left.num_rows, {version: count for version, count in origins.items() if count})
    seconds = time.perf_counter() - start
    log.info("库有变化：重新匹配 %s 条，沿用 %s 条，用时 %.1f 秒", f"{account.matched:,}", f"{account.kept:,}", seconds)
    whole = pa.concat_tables([kept, matched.filter(_is_among(matched, left))]).sort_by([("record_id", "ascending"), ("part", "ascending")])
    return whole.replace_schema_metadata(account.metadata())


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
    versions = [version for version in pool.matches.libraries(RULE_VERSION) if version != library.version and pool.library.is_sealed(version)]
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
    connection.register("untouched", records.select(["record_id"]))
    found = connection.sql(f"""
        SELECT input_key AS record_id, * EXCLUDE (input_key) FROM read_parquet([{files}])
        WHERE input_key IN (SELECT record_id FROM untouched)
        QUALIFY row_number() OVER (PARTITION BY input_key, part ORDER BY 1) = 1""").to_arrow_table()
    connection.unregister("untouched")
    return found


def _is_among(table: pa.Table, others: pa.Table) -> pa.ChunkedArray:
    return pc.is_in(table.column("record_id"), value_set=others.column("record_id").combine_chunks())


def _proves(again: pa.Table, kept: pa.Table) -> bool:
    """Whether results worked out anew are those that were kept."""
    order = [("record_id", "ascending"), ("part", "ascending")]
    same = kept.filter(_is_among(kept, again)).select(again.column_names).cast(again.schema)
    return bool(again.sort_by(order).combine_chunks().equals(same.sort_by(order).combine_chunks()))
