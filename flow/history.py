"""History: what was so in the past, and what earlier releases knew; each release adds to what the one before it holds.

Parts that are closed never change: they are linked from release to release. What holds now stands in one part beside them.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.delivered import Deliveries
from flow.entities import resolving_setting
from flow.workspace import PARQUET, sql_path
from pool import ReleaseBuild
from schemas.contract import Contract
from schemas.versions import version_table
from transforms.current import ever
from transforms.deceased import create_deceased
from transforms.histories import HISTORIES, TABLES, create_history
from transforms.known import create_known, create_versions
from transforms.past_identities import create_ever_identities
from transforms.spoken import create_spoken, is_said_once, speaks_of

OPEN = "open.parquet"
"""The part of a history that holds what is true now; the others hold what a release closed, and have its number."""
CHANGE, RELEASE_LINE = "change", "release_line"
SINCE = "known_since"
"""In the manifest: by table the release with which the pool began to keep what releases knew of it."""


def create_histories(connection: DuckDBPyConnection, context: Context, current: Mapping[str, str], deliveries: Deliveries) -> None:
    """Create the history tables, without releases, from all rows that were ever delivered and count.

    current: table of current rows by contract id, beside which the view of all rows stands. Needs the pool tables that resolve made, and `address`.
    """
    speaking = [context.contracts[name] for name in current if speaks_of(context.contracts[name], TABLES)]
    again = [contract for contract in speaking if not is_said_once(contract, deliveries[contract.id])]
    spoken = {contract.id: f"spoken_{contract.system}_{contract.dataset}" for contract in again}
    for contract in again:
        create_spoken(connection, contract, current[contract.id], spoken[contract.id], deliveries[contract.id], TABLES)
    repeated = [contract for contract in again if len(deliveries[contract.id]) > 1]
    create_ever_identities(connection, repeated, spoken, resolving_setting(context))
    person = context.tables["person"]
    persons = person.dataset if _exists(connection, person.dataset) else relation_of(person, [])
    create_deceased(connection, repeated, {contract.id: ever(current[contract.id]) for contract in repeated}, person, persons)
    for history in HISTORIES:
        tables = context.tables[history.of], context.tables[history.table]
        create_history(connection, history, speaking, spoken, *tables, context.city.authority)


def data_date(deliveries: Deliveries) -> date:
    """The day the data are of: the end of the newest period of any delivery that counts."""
    return max(date.fromisoformat(entry.period) for entries in deliveries.values() for entry in entries)


def known_since(context: Context, build: ReleaseBuild) -> dict[str, int]:
    """Of each table that keeps what releases knew the release on the line of this one with which that began."""
    before: dict[str, int] = context.pool.releases.manifest(build.previous).get(SINCE, {}) if build.previous is not None else {}
    return {name: before.get(name, build.number) for name, table in context.tables.items() if table.versions or table.is_history}


def write_histories(connection: DuckDBPyConnection, context: Context, build: ReleaseBuild, day: date) -> None:
    """Write the parts of all histories, versions and changes of a release from the tables in the connection; links those of before."""
    for history in HISTORIES:
        _write_history(connection, context.tables[history.table], build)
    since = known_since(context, build)
    for table in context.tables.values():
        if table.versions and (_before(build, f"{table.dataset}.parquet") or _exists(connection, table.dataset)):
            _write_versions(connection, context, table, build, since[table.dataset])
    changes = [f"FROM change_{table.dataset}" for table in context.tables.values() if _exists(connection, f"change_{table.dataset}")]
    _write_closed_part(connection, " UNION ALL ".join(changes), context.tables[CHANGE], build)
    _write_line(connection, context, build, day)


def open_part(table: Path) -> Path:
    """The part of a table that holds what is true now: the file itself, of a table in parts the one that may be there."""
    return table / OPEN if table.is_dir() else table


def create_empty(connection: DuckDBPyConnection, table: Contract) -> None:
    """Create a pool table without rows."""
    columns = ", ".join(f"NULL::{column.sql_type} AS {column.name}" for column in table.columns)
    connection.execute(f"CREATE OR REPLACE TABLE {table.dataset} AS SELECT {columns} WHERE FALSE")


def relation_of(table: Contract, files: Sequence[Path]) -> str:
    """SQL of the rows of files in the columns of a table, those that the files lack null; no rows where there is no file."""
    empty = ", ".join(f"NULL::{column.sql_type} AS {column.name}" for column in table.columns)
    columns = ", ".join(column.name for column in table.columns)
    selects = [f"SELECT {empty} WHERE FALSE"]
    if files:
        selects.append(f"SELECT * FROM read_parquet([{', '.join(sql_path(file) for file in files)}], union_by_name = TRUE)")
    return f"(SELECT {columns} FROM ({' UNION ALL BY NAME '.join(selects)}))"


def _exists(connection: DuckDBPyConnection, name: str) -> bool:
    return bool(connection.execute(f"SELECT 1 FROM information_schema.tables WHERE table_name = '{name}'").fetchall())


def _before(build: ReleaseBuild, relative: str) -> list[Path]:
    """Files of the release before."""
    return sorted((build.previous_folder / "pool").glob(relative)) if build.previous_folder is not None else []


def _write_history(connection: DuckDBPyConnection, table: Contract, build: ReleaseBuild) -> None:
    name = table.dataset
    before = _before(build, f"{name}/{OPEN}")
    if not _exists(connection, name):
        if not before:
            return
        create_empty(connection, table)
    create_known(connection, table, relation_of(table, before), build.number)
    _write_closed_part(connection, f"FROM {name}_closed", table, build)
    write_part(connection, f"FROM {name}_open", table, build.tables / name / OPEN)
    connection.execute(f"DROP VIEW {name}_open; DROP TABLE {name}_closed")


def _write_versions(connection: DuckDBPyConnection, context: Context, table: Contract, build: ReleaseBuild, since: int) -> None:
    """Write the versions of a table that this release ends; leaves the table of its changes.

    The release with which knowledge begins has nothing to compare with.
    """
    name, versions = table.dataset, version_table(table.dataset)
    if since == build.number:
        _write_closed_part(connection, "", context.tables[versions], build)
        return
    if not _exists(connection, name):
        create_empty(connection, table)
    before = relation_of(table, _before(build, f"{name}.parquet"))
    changes = relation_of(context.tables[CHANGE], _before(build, f"{CHANGE}/*.parquet"))
    create_versions(connection, table, before, changes, since, build.number)
    _write_closed_part(connection, f"FROM {versions}_closed", context.tables[versions], build)


def _write_closed_part(connection: DuckDBPyConnection, rows: str, table: Contract, build: ReleaseBuild) -> None:
    """Link the closed parts of the release before and write what this one closes; one without rows only where there is no part at all."""
    earlier = [part for part in _before(build, f"{table.dataset}/*.parquet") if part.name != OPEN]
    for part in earlier:
        build.link_file(part.relative_to(part.parents[2]))
    rows = rows or f"SELECT * FROM {relation_of(table, [])}"
    if not earlier or connection.execute(f"SELECT 1 FROM ({rows}) LIMIT 1").fetchall():
        write_part(connection, rows, table, build.tables / table.dataset / f"{build.number}.parquet")


def write_part(connection: DuckDBPyConnection, rows: str, table: Contract, path: Path) -> None:
    """Write rows as a file of a table, in its columns and by its key."""
    path.parent.mkdir(exist_ok=True)
    columns = ", ".join(f"{column.name}::{column.sql_type} AS {column.name}" for column in table.columns)
    connection.execute(f"""
        COPY (SELECT {columns} FROM ({rows}) ORDER BY {", ".join(table.key)})
        TO {sql_path(path)} {PARQUET}""")


def _write_line(connection: DuckDBPyConnection, context: Context, build: ReleaseBuild, day: date) -> None:
    """The releases from which this one comes, itself included, as far as knowledge goes back."""
    table = context.tables[RELEASE_LINE]
    before = relation_of(table, _before(build, f"{RELEASE_LINE}.parquet"))
    values = (build.number, build.previous, day, context.local_date(context.now))
    own = ", ".join("NULL" if value is None else str(value) if isinstance(value, int) else f"DATE '{value}'" for value in values)
    write_part(connection, f"SELECT * FROM {before} UNION ALL SELECT {own}", table, build.tables / f"{RELEASE_LINE}.parquet")
