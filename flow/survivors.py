"""Which value of each attribute survives: chosen anew only in tables of which anything is claimed that was not claimed in the release before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from flow.code import checking_code
from flow.context import Context
from flow.library import Library
from flow.workspace import sql_path
from pool import ReleaseBuild
from schemas.contract import Contract
from schemas.snapshot import snapshot, snapshot_digest
from transforms.survive import survive

ADDRESS, ADDRESS_ALIAS = "address", "address_alias"
OF_THE_LIBRARY = (ADDRESS, ADDRESS_ALIAS)
"""Tables whose rows are those of the library, whatever is claimed."""
CLAIMED = "claimed"
"""In the manifest: table to the digest of what was claimed of it, and of how survivors were chosen."""


@dataclass(frozen=True, slots=True)
class Survivors:
    """Digests of claims by table, and the tables that are as they were."""

    claimed: Mapping[str, str]
    unchanged: Sequence[str]


def create_survivors(
    connection: DuckDBPyConnection,
    context: Context,
    tables: Sequence[Contract],
    datasets: Sequence[str],
    library: Library,
    build: ReleaseBuild,
) -> Survivors:
    """Create `<table>`, `lineage_<table>` and `conflict_<table>` (see transforms.survive) of each table from `claim_<table>`.

    datasets: the contracts whose rows count. Of a table with the claims of the release before they are views of what that says; of one
    `OF_THE_LIBRARY` only if that is the same, too.
    """
    before: Mapping[str, str] = {}
    if build.previous is not None:
        before = context.pool.releases.manifest(build.previous).get(CLAIMED, {})
    claimed = {table.dataset: _digest(connection, context, table, datasets, library) for table in tables}
    unchanged = [table.dataset for table in tables if before.get(table.dataset) == claimed[table.dataset]]
    for table in tables:
        if table.dataset in unchanged:
            _create_views(connection, table.dataset, build)
        else:
            survive(connection, table, context.city.authority, datasets)
    return Survivors(claimed, unchanged)


def _digest(connection: DuckDBPyConnection, context: Context, table: Contract, datasets: Sequence[str], library: Library) -> str:
    """Digest of the claims of a table in any order, and of all that decides which of them survive.

    Their place in the order follows from where they come from and which fact says them; its number hangs on what else came.
    """
    counted: Any = connection.execute(f"""
        SELECT count(*), coalesce(bit_xor(digest), 0), coalesce(sum(digest::HUGEINT), 0)::VARCHAR
        FROM (SELECT hash(claims) AS digest FROM (SELECT * EXCLUDE (claim) FROM claim_{table.dataset}) AS claims)""").fetchall()
    authority = {name: list(order) for name, order in context.city.authority.items() if name.startswith(f"{table.dataset}.")}
    speaking = {each: [fact.alias for fact in context.contracts[each].facts if fact.table == table.dataset] for each in datasets}
    way = {"code": checking_code(), "engine": duckdb.__version__, "table": snapshot(table), "authority": authority, "facts": speaking}
    if table.dataset in OF_THE_LIBRARY:
        way["library"] = library.version
    return snapshot_digest({"claims": counted[0], "way": way, "datasets": list(datasets)})


def _create_views(connection: DuckDBPyConnection, table: str, build: ReleaseBuild) -> None:
    assert build.previous_folder is not None
    folder = build.previous_folder / build.tables.name
    sources = {
        table: f"read_parquet({sql_path(folder / f'{table}.parquet')})",
        f"lineage_{table}": f"read_parquet({sql_path(folder / 'lineage.parquet')}) WHERE table_name = '{table}'",
        f"conflict_{table}": f"read_parquet({sql_path(folder / 'conflict.parquet')}) WHERE table_name = '{table}'",
    }
    for name, source in sources.items():
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT * FROM {source}")
