"""Retained releases without the person: what names them is written anew, the rest are the very same files, and each folder changes at once."""

import os
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from expectations.rule_engine import BROKEN
from flow.context import Context
from flow.erase.person import columns_of
from flow.erase.plan import Plan
from flow.erase.report import erase_from_report
from flow.progress import Progress
from flow.publish import table_files
from flow.quality import BROKEN_FILE
from flow.query import DATABASE
from flow.serve import WITHHELD
from flow.survivors import CLAIMED
from flow.workspace import PARQUET, sql_path, table_source, workspace
from pool import Outcome
from pool.content import content_hash
from pool.files import files_in, make_folder, remove_folder
from pool.paths import PRIVATE_FOLDER_MODE, SHARED_FOLDER_MODE
from pool.release_build import QUALITY, REPORT, TABLES
from pool.replacing import fresh_folder
from schemas.contract import Contract
from transforms.erase_tables import table_cut
from transforms.mask import masked_select, shown_columns

ERASURES = "erasures"
"""In the manifest: the erasures since, with the rows that went or changed by table."""
Inode = tuple[int, int]


def erase_from_releases(context: Context, plan: Plan, number: int, progress: Progress) -> dict[int, dict[str, int]]:
    """Take the person out of all retained releases and their shares; returns rows by release and table. May be repeated."""
    releases = context.pool.releases
    numbers = releases.numbers()
    counts: dict[int, dict[str, int]] = {}
    with workspace(context.pool) as connection:
        plan.create_relations(connection)
        files = _Files(connection, plan)
        for done, release in enumerate(numbers):
            progress("改写保留的发布", done, len(numbers))
            touched = _erase_from_release(connection, context, plan, files, release, number)
            releases.note_manifest(release, actor=context.actor, now=context.now)
            _note_outcomes(connection, context, release)
            counts |= {release: touched} if touched else {}
    progress("改写保留的发布", len(numbers), len(numbers))
    return counts


class _Files:
    """Parquet files of releases as they are without the person; one that several releases share is written once."""

    def __init__(self, connection: DuckDBPyConnection, plan: Plan) -> None:
        self._connection = connection
        self._plan = plan
        self._known: dict[Inode, tuple[Path | None, int]] = {}

    def take(self, table: str, source: Path, target: Path) -> int:
        """Give a file its place in a release that is built: linked, or written anew; returns how many of its rows went or changed."""
        status = source.stat()
        inode = status.st_dev, status.st_ino
        written, rows = self._known.get(inode, (None, -1))
        if rows < 0:
            written, rows = self._write(table, source, target)
            self._known[inode] = (written, rows)
        if written is None or written != target:
            os.link(written or source, target)
        return rows

    def replaced(self, before: Path, after: Path) -> None:
        """A folder got its final name: what was written below it lies there now."""
        for inode, (written, rows) in self._known.items():
            if written is not None and written.is_relative_to(before):
                self._known[inode] = (after / written.relative_to(before), rows)

    def _write(self, table: str, source: Path, target: Path) -> tuple[Path | None, int]:
        rows = f"read_parquet({sql_path(source)})"
        cut = table_cut(table, columns_of(self._connection, source), self._plan.needles)
        [(gone, changed)] = self._connection.execute(cut.touched(rows)).fetchall()
        if not gone and not changed:
            return None, 0
        _leave(self._connection, self._plan, table, source, target)
        return target, int(gone + changed)


def _erase_from_release(
    connection: DuckDBPyConnection, context: Context, plan: Plan, files: _Files, release: int, number: int
) -> dict[str, int]:
    """Take the person out of one release; returns rows by table, nothing where it does not name them: then it stays as it is."""
    folder = context.pool.releases.folder(release)
    fresh = _empty(fresh_folder(folder), PRIVATE_FOLDER_MODE)
    touched: Counter[str] = Counter()
    for path in files_in(folder):
        target = fresh / path.relative_to(folder)
        make_folder(target.parent, PRIVATE_FOLDER_MODE)
        kind, name, *_ = path.relative_to(folder).parts
        if kind == TABLES:
            touched[name.removesuffix(".parquet")] += files.take(name.removesuffix(".parquet"), path, target)
        elif kind == QUALITY and name == BROKEN_FILE:  # the counts beside it stay as they were published
            touched[f"{QUALITY}/{BROKEN}"] += files.take(BROKEN, path, target)
        elif kind == REPORT:
            touched[REPORT] += erase_from_report(context, plan, path, target)
        else:
            os.link(path, target)
    tables = {name: rows for name, rows in touched.items() if rows}
    if not tables:
        remove_folder(fresh)
        return {}
    manifest = context.pool.releases.manifest(release)
    for share in manifest["shares"]:
        _erase_from_share(connection, context, plan, share, release, tables)
    context.pool.releases.replace(release, _manifest(connection, manifest, fresh / TABLES, tables, number))
    files.replaced(fresh, folder)
    return tables


def _manifest(
    connection: DuckDBPyConnection, manifest: Mapping[str, Any], folder: Path, touched: Mapping[str, int], number: int
) -> dict[str, Any]:
    """What a release states after it: rows and hashes of the tables that changed; they are no base for the next release."""
    tables = dict(manifest["tables"])
    for name, path in table_files(folder).items():
        if name in touched:
            tables[name] = {**tables.get(name, {}), **asdict(content_hash(connection, table_source(path)))}
    claimed = {name: digest for name, digest in manifest.get(CLAIMED, {}).items() if name not in touched}
    done = [*manifest.get(ERASURES, ()), {"number": number, "rows": dict(sorted(touched.items()))}]
    return {**manifest, "tables": tables, CLAIMED: claimed, ERASURES: done}


def _note_outcomes(connection: DuckDBPyConnection, context: Context, release: int) -> None:
    """Let the ledger say of the rows received what the release says."""
    path = context.pool.releases.folder(release) / TABLES / "row_outcome.parquet"
    counted = connection.execute(
        f"SELECT batch, outcome, count(*), coalesce(reason, '') FROM read_parquet({sql_path(path)}) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    outcomes = [Outcome(*row) for row in counted]
    if sorted(map(repr, context.pool.ledger.outcomes(release))) != sorted(map(repr, outcomes)):
        context.pool.ledger.record_outcomes(release, outcomes)


def _erase_from_share(
    connection: DuckDBPyConnection, context: Context, plan: Plan, share: str, release: int, touched: Mapping[str, int]
) -> None:
    """Write the tables of a share anew that changed, from those of the release, and with them its database."""
    folder = context.pool.shares.folder(share, release)
    fresh = _empty(fresh_folder(folder), SHARED_FOLDER_MODE)
    tables = table_files(fresh_folder(context.pool.releases.folder(release)) / TABLES)
    changed = [name for name in touched if name in tables and name not in WITHHELD and (folder / f"{name}.parquet").is_file()]
    for path in files_in(folder):
        name, target = path.stem, fresh / path.relative_to(folder)
        if name in changed and name in context.tables:
            _mask(connection, context.tables[name], tables[name], path, target)
        elif name in changed:  # of a contract that is no more: masked it was
            _leave(connection, plan, name, path, target)
        elif path.name != DATABASE or not changed:
            os.link(path, target)
    if changed and (folder / DATABASE).is_file():
        _write_database(connection, folder / DATABASE, fresh / DATABASE, {name: fresh / f"{name}.parquet" for name in changed})
    context.pool.shares.replace(share, release)


def _leave(connection: DuckDBPyConnection, plan: Plan, table: str, source: Path, target: Path) -> None:
    rows = f"read_parquet({sql_path(source)})"
    left = table_cut(table, columns_of(connection, source), plan.needles).left(rows)
    connection.execute(f"COPY ({left}) TO {sql_path(target)} {PARQUET}")


def _mask(connection: DuckDBPyConnection, table: Contract, source: Path, before: Path, target: Path) -> None:
    """The table as the share shows it, in the columns that it has there."""
    shown, held = set(columns_of(connection, before)), connection.sql(f"SELECT * FROM {table_source(source)} LIMIT 0").columns
    contract = replace(table, columns=tuple(column for column in table.columns if column.name in shown and column.name in held))
    order = ", ".join(name for name in table.key if name in {column.name for column in shown_columns(contract)})
    select = masked_select(contract, table_source(source))
    connection.execute(f"COPY ({select} ORDER BY {order or 'ALL'}) TO {sql_path(target)} (FORMAT parquet, COMPRESSION zstd)")


def _write_database(connection: DuckDBPyConnection, before: Path, after: Path, changed: Mapping[str, Path]) -> None:
    """Build the database of a share anew: one in which rows are removed would keep their bytes in blocks that are free."""
    connection.execute(f"ATTACH {sql_path(before)} AS before (READ_ONLY); ATTACH {sql_path(after)} AS after")
    connection.execute("COPY FROM DATABASE before TO after (SCHEMA)")
    for schema, table in connection.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'before' ORDER BY ALL"
    ).fetchall():
        source = f"read_parquet({sql_path(changed[table])})" if table in changed else f"before.{schema}.{table}"
        connection.execute(f"INSERT INTO after.{schema}.{table} BY NAME SELECT * FROM {source}")
    connection.execute("CHECKPOINT after; DETACH after; DETACH before")


def _empty(folder: Path, mode: int) -> Path:
    remove_folder(folder)
    make_folder(folder, mode)
    return folder
