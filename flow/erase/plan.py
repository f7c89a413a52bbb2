"""What is to be erased: found before anything is changed, and kept sealed until it is done."""

import base64
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa
from cryptography.fernet import Fernet
from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.delivered import file_key
from flow.erase.decisions import corrections_of, decisions_of
from flow.erase.person import Person, RowPlace, columns_of, describe, find_person, release_files
from flow.erase.rows import Cuts
from flow.erase.search import FoundFile, search
from flow.progress import Progress
from flow.replay import is_set_aside
from flow.workspace import sql_path, workspace
from pool import Erasure
from transforms.elements_sql import literals
from transforms.erase import Needles
from transforms.erase_tables import KEY, PART, PERSON, PLACE, TOUCHED, table_cut
from transforms.pseudonym import pseudonyms


@dataclass(frozen=True, slots=True)
class Plan:
    """All that an erasure needs to know.

    ids: of the person. keys: of records that go with them (residences, benefits, ...). touched: keys of records that stay. aside: batches that do
    not count, with status and reason, so that they are put aside again. decisions: of people that tell of the person, and what was asked and answered of them. rows: see
    `transforms.erase.row_texts`. searched: the raw files that were read.
    """

    ids: Sequence[str]
    needles: Needles
    files: Sequence[FoundFile]
    keys: Sequence[str]
    touched: Sequence[str]
    aside: Mapping[str, tuple[str, str]]
    decisions: Sequence[str]
    rows: Sequence[str]
    searched: Sequence[str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing names the person."""
        return not (self.files or self.ids or self.decisions)

    def sealed(self, key: bytes) -> str:
        """As text that tells nothing to who has not the key of the pseudonyms."""
        files = [
            [each.sha256, list(each.batches), [[*place, sorted(headers)] for place, headers in each.cuts.cells.items()], each.unreadable]
            for each in self.files
        ]
        needles = [sorted(each) for each in (self.needles.identifiers, self.needles.names, self.needles.phones)]
        content = [
            list(self.ids),
            needles,
            files,
            list(self.keys),
            list(self.touched),
            dict(self.aside),
            list(self.decisions),
            list(self.searched),
        ]
        return _cipher(key).encrypt(json.dumps(content).encode()).decode()

    @classmethod
    def unsealed(cls, erasure: Erasure, key: bytes) -> "Plan":
        """The plan of an erasure that was cut off."""
        ids, needles, files, keys, touched, aside, decisions, searched = json.loads(_cipher(key).decrypt(erasure.plan.encode()))
        found = [
            FoundFile(sha256, batches, Cuts({(sheet, row): frozenset(headers) for sheet, row, headers in cells}), unreadable)
            for sha256, batches, cells, unreadable in files
        ]
        told = Needles(*(frozenset(each) for each in needles))
        set_aside = {batch: (status, reason) for batch, (status, reason) in aside.items()}
        return cls(ids, told, found, keys, touched, set_aside, decisions, [], searched)

    def create_relations(self, connection: DuckDBPyConnection) -> None:
        """Create the relations that transforms.erase_tables needs."""
        for name, keys in ((KEY, [*self.ids, *self.keys]), (PERSON, self.ids), (TOUCHED, self.touched)):
            _create_list(connection, name, "key VARCHAR", [[key] for key in keys])
        for name, places in ((PLACE, _places(self.files, whole=True)), (PART, _places(self.files, whole=False))):
            _create_list(connection, name, 'file_key VARCHAR, sheet VARCHAR, "row" BIGINT', places)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person sees before they say yes: rows that go and rows that stay in part by batch, records by release and table, decisions."""

    batches: Mapping[str, tuple[int, int]]
    releases: Mapping[int, Mapping[str, int]]
    decisions: int


def make_plan(context: Context, progress: Progress, *, person_id: str = "", identifier: str = "") -> Plan:
    """Find all that names a person. Raises PoolError when no release knows the id."""
    with workspace(context.pool) as connection:
        person = find_person(connection, context, person_id=person_id, identifier=identifier)
        found = search(connection, context, person, progress)
        files, person = found.files, describe(connection, context, found.person.ids, found.person.needles)
        keys = _keys(connection, context, person.ids)
        touched = _touched(connection, context, _places(files, whole=False), person.ids)
        decisions = [
            *decisions_of(connection, context, person.ids, files, person.needles),
            *corrections_of(context, files, person.needles),
        ]
    contracts = {context.pool.receipts.read(batch).contract for each in files for batch in each.batches}
    entries = [entry for entry in context.pool.ledger.batches() if entry.contract in contracts and is_set_aside(context, entry)]
    aside = {entry.batch: (str(entry.status), entry.reason) for entry in entries}
    return Plan(sorted(person.ids), person.needles, files, keys, touched, aside, decisions, found.rows, found.searched)


def with_files_since(context: Context, plan: Plan, progress: Progress) -> Plan:
    """The plan with files that were received after it was made, and may have been judged before it was known what must not come."""
    with workspace(context.pool) as connection:
        found = search(connection, context, Person(set(plan.ids), plan.needles), progress, but=plan.searched)
    return replace(plan, files=[*plan.files, *found.files])


def show(context: Context, plan: Plan) -> Shown:
    """Count what goes."""
    batches = {batch: (len(each.cuts.whole), len(each.cuts.parts)) for each in plan.files for batch in each.batches}
    releases: dict[int, dict[str, int]] = {}
    with workspace(context.pool) as connection:
        plan.create_relations(connection)
        counted = {
            (path.stat().st_dev, path.stat().st_ino): (name, _count(connection, name, path, plan.needles))
            for name, path in release_files(context)
        }
    for number in context.pool.releases.numbers():
        rows: Counter[str] = Counter()
        for path in (context.pool.releases.folder(number) / "pool").rglob("*.parquet"):
            name, count = counted[path.stat().st_dev, path.stat().st_ino]
            rows[name] += count
        releases[number] = {name: count for name, count in rows.items() if count}
    return Shown(batches, releases, len(plan.decisions))


def _count(connection: DuckDBPyConnection, table: str, path: object, needles: Needles) -> int:
    source = f"read_parquet({sql_path(path)})"
    described = connection.sql(f"SELECT * FROM {source} LIMIT 0")
    columns = {name: str(kind) for name, kind in zip(described.columns, described.types, strict=True)}
    [(gone, changed)] = connection.execute(table_cut(table, columns, needles).touched(source)).fetchall()
    return int(gone + changed)


def _keys(connection: DuckDBPyConnection, context: Context, ids: set[str]) -> list[str]:
    """Keys of the records that are about the person: their residences, benefits, parts in events, what answers say of them."""
    found: set[str] = set()
    for _, path in release_files(context):
        columns = columns_of(connection, path)
        key = next(iter(columns))
        if "person_id" in columns and key != "person_id" and ids:
            rows = f"SELECT DISTINCT {key} FROM read_parquet({sql_path(path)}) WHERE person_id IN ({literals(sorted(ids))})"
            found.update(key for (key,) in connection.execute(rows).fetchall())
    return sorted(found)


def _touched(connection: DuckDBPyConnection, context: Context, parts: Sequence[Sequence[object]], ids: set[str]) -> list[str]:
    """Keys of records that rows supply which lose some of their cells: the house of an owner, the firm of a representative."""
    found: set[str] = set()
    _create_list(connection, PART, 'file_key VARCHAR, sheet VARCHAR, "row" BIGINT', parts)
    for _, path in release_files(context, "lineage"):
        rows = f'SELECT DISTINCT key FROM read_parquet({sql_path(path)}) SEMI JOIN {PART} USING (file_key, sheet, "row")'
        found.update(key for (key,) in connection.execute(rows).fetchall())
    return sorted(found - ids)


def _places(files: Sequence[FoundFile], *, whole: bool) -> list[RowPlace]:
    return [(file_key(each.sha256), *place) for each in files for place in (each.cuts.whole if whole else each.cuts.parts)]


def _create_list(connection: DuckDBPyConnection, name: str, columns: str, rows: Sequence[Sequence[object]]) -> None:
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
    if rows:
        connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(rows[0]))})", [list(row) for row in rows])


def _cipher(key: bytes) -> Fernet:
    # The domain keeps this key apart from every other use of the secret.
    halves = pseudonyms(pa.array(["1", "2"]), key, "erasure plan").to_pylist()
    return Fernet(base64.urlsafe_b64encode(bytes.fromhex("".join(halves))))
