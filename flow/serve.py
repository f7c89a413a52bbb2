"""Serve: what readers get of a release (the masked share, the report), and then the moment from which it counts."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from duckdb import DuckDBPyConnection

from flow.approval.ask import ask, batches_to_approve
from flow.approval.waiting import settle_waiting
from flow.build import Build, close_build, resume_build
from flow.context import Context
from flow.corrections.state import keep_standing
from flow.history import SINCE
from flow.publish import table_files
from flow.query import ANALYST, DATABASE
from flow.report import write_report
from flow.workspace import SCRATCH, sql_path, table_source, workspace
from schemas.contract import Contract
from transforms.as_of import as_of_macros
from transforms.grids import count_by_grid
from transforms.mart import MARTS, mart_select
from transforms.mask import masked_select, shown_columns

WITHHELD = ("lineage", "conflict", "row_outcome", "entity_link", "entity_doubt")
"""Tables that tell how the pool came to be: they quote values of single rows and are read through `datapool trace`."""


def serve(context: Context, number: int) -> int | None:
    """Write report and shares of a release that passed its gate, and make it current; returns its number. May be repeated.

    Where a contract asks for a person's approval it waits instead, with its report and without shares, and None is returned.
    """
    with context.pool.publisher_lock(holder=context.run):
        if _is_committed(context, number):
            context.pool.releases.recover(now=context.now)
            return number
        if number in context.pool.releases.waiting():
            return None
        build = resume_build(context, number)
        with context.stage("serve.report"):
            write_report(context, build)
        if batches := batches_to_approve(context, build):
            ask(context, build, batches)
            return None
        build = Build(build.release, close_build(build))
        return complete(context, build, run=context.run)


def complete(context: Context, build: Build, *, run: str) -> int:
    """Write the shares of a release whose report is written and make it current; returns its number. run: that which built it.

    Needs the publisher's lock. The facts of the build become the manifest.
    """
    number = build.release.number
    if context.pool.shares.is_sealed(ANALYST, number):
        context.pool.shares.remove_release(number)  # left by a killed run
    with context.pool.shares.building(ANALYST, number) as folder:
        write_share(context, build.release.tables, folder, build.facts[SINCE])
    context.pool.releases.commit(build.release, build.facts, [ANALYST], run=run, actor=context.actor, now=context.now)
    settle_waiting(context)
    keep_standing(context)
    return number


def _is_committed(context: Context, number: int) -> bool:
    """Whether an earlier attempt of this run got as far as naming the release's folder."""
    releases = context.pool.releases
    return number in releases.numbers() and bool(releases.manifest(number)["run"] == context.run)


def write_share(context: Context, tables: Path, folder: Path, since: Mapping[str, int]) -> None:
    """Fill a share: masked Parquet files, and datapool.duckdb with native tables that carry Chinese comments and macros for the past.

    since: by table the release with which the pool began to keep what releases knew of it.
    """
    shared = {name: path for name, path in table_files(tables).items() if name not in WITHHELD}
    with workspace(context.pool) as connection:
        for name, path in shared.items():
            source = table_source(path)
            connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {source}")
            select, order = masked_select(context.tables[name], source), ", ".join(context.tables[name].key)
            connection.execute(
                f"COPY ({select} ORDER BY {order}) TO {sql_path(folder / f'{name}.parquet')} (FORMAT parquet, COMPRESSION zstd)"
            )
        _add_missing(connection, context, shared)
        with _database(connection, folder / DATABASE):
            for name in shared:
                table = context.tables[name]
                _add_table(connection, table.system, name, f"SELECT * FROM read_parquet({sql_path(folder / f'{name}.parquet')})")
                _comment(connection, table)
            _add_marts(connection)
            _add_macros(connection, [context.tables[name] for name in shared], since)


@contextmanager
def _database(connection: DuckDBPyConnection, path: Path) -> Iterator[None]:
    """One transaction: nobody reads the file before it is whole, and a flush for each of its few hundred statements is what takes time."""
    connection.execute(f"ATTACH {sql_path(path)} AS share")
    connection.execute("BEGIN")
    for schema in ("pool", "mart"):
        connection.execute(f"CREATE SCHEMA share.{schema}")
    yield
    connection.execute("COMMIT")
    connection.execute("CHECKPOINT share")
    connection.execute("DETACH share")


def _add_table(connection: DuckDBPyConnection, schema: str, name: str, select: str) -> None:
    connection.execute(f"CREATE TABLE share.{schema}.{name} AS {select}")


def _comment(connection: DuckDBPyConnection, table: Contract) -> None:
    name = f"share.{table.system}.{table.dataset}"
    connection.execute(f"COMMENT ON TABLE {name} IS {_literal(table.name)}")
    for column in shown_columns(table):
        connection.execute(f"COMMENT ON COLUMN {name}.{column.name} IS {_literal(column.label)}")


def _add_macros(connection: DuckDBPyConnection, tables: Sequence[Contract], since: Mapping[str, int]) -> None:
    """Macros name tables by schema alone: the share may be opened under any name."""
    connection.execute("USE share")
    for macro in (*as_of_macros({table.dataset: table for table in tables}, since), count_by_grid()):
        for statement in macro.statements():
            connection.execute(statement)
    connection.execute(f"USE {SCRATCH}")


def _add_missing(connection: DuckDBPyConnection, context: Context, shared: Mapping[str, Path]) -> None:
    """Create the tables that marts need and the release does not have, without rows."""
    for name in {name for mart in MARTS for name in mart.needs} - set(shared):
        columns = ", ".join(f"NULL::{column.sql_type} AS {column.name}" for column in context.tables[name].columns)
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT {columns} WHERE FALSE")


def _add_marts(connection: DuckDBPyConnection) -> None:
    for mart in MARTS:
        _add_table(connection, "mart", mart.name, mart_select(mart))
        connection.execute(f"COMMENT ON TABLE share.mart.{mart.name} IS {_literal(mart.label)}")
        for name, label in mart.columns.items():
            connection.execute(f"COMMENT ON COLUMN share.mart.{mart.name}.{name} IS {_literal(label)}")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
