"""The page of the release: its tables and what changed in them, its gates, its versions, what is wrong with the grids."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from expectations import report
from flow.build import Build
from flow.context import Context
from flow.delivered import batch_profile
from flow.publish import table_files
from flow.workspace import sql_path, table_source
from pool import Batch, Receipt, ReleaseBuild
from schemas.codes import code_list
from schemas.contract import Contract

ENTITIES = ("person", "house", "organisation", "event")
GRID_LIMITS = ("grid_households_few", "grid_households_from", "grid_households_to", "grid_households_many")


def versions(context: Context, facts: Mapping[str, Any]) -> report.Versions:
    """Everything that decides what is in the release."""
    inputs = facts["inputs"]
    contracts = [(context.contracts[name].name, version) for name, version in inputs["contracts"].items() if name in context.contracts]
    others = [
        ("质量规则和评分", inputs["quality"]),
        ("人的决定", str(inputs["decisions"])),
        ("DuckDB", duckdb.__version__),
        ("城市", inputs["city"]),
        ("假名密钥指纹", inputs["key"]),
    ]
    return report.Versions(inputs["software"], inputs["library"], inputs["rules"], contracts, others)


def tables(context: Context, described: Mapping[str, Mapping[str, Any]], before: Mapping[str, Any] | None) -> list[report.TableRows]:
    """Rows and content of each table, and its rows in the release before."""
    known = before["tables"] if before else {}
    return [
        report.TableRows(
            name,
            context.tables[name].name,
            facts["rows"],
            known.get(name, {}).get("rows"),
            name in ENTITIES,
            facts["content_hash"],
        )
        for name, facts in sorted(described.items(), key=lambda each: _entities_first(each[0]))
    ]


def _entities_first(table: str) -> tuple[int, str]:
    return (ENTITIES.index(table) if table in ENTITIES else len(ENTITIES), table)


def changes(connection: DuckDBPyConnection, context: Context, release: ReleaseBuild) -> list[report.Change]:
    """Keys that came, went or changed since the previous release, for the tables of entities."""
    if release.previous_folder is None:
        return []
    old, new = table_files(release.previous_folder / "pool"), table_files(release.tables)
    return [_change(connection, context.tables[name], old[name], new[name]) for name in ENTITIES if name in old and name in new]


def _change(connection: DuckDBPyConnection, table: Contract, old: Path, new: Path) -> report.Change:
    key = table.key[0]
    attributes = ", ".join(column.name for column in table.columns)
    counted = connection.execute(f"""
        WITH old AS (SELECT {key} AS key, md5(to_json(({attributes}))::VARCHAR) AS content FROM read_parquet({sql_path(old)})),
             new AS (SELECT {key} AS key, md5(to_json(({attributes}))::VARCHAR) AS content FROM read_parquet({sql_path(new)}))
        SELECT count(*) FILTER (old.key IS NULL), count(*) FILTER (new.key IS NULL), count(*) FILTER (old.content <> new.content)
        FROM old FULL JOIN new ON old.key = new.key""").fetchall()
    return report.Change(table.name, *counted[0], table=table.dataset)


def batch_gates(context: Context, receipts: Sequence[Receipt]) -> list[report.GateReport]:
    """The gate that each batch passed."""
    return [
        report.GateReport(f"批次关卡：{context.contracts[receipt.contract].name}（{receipt.file_name}）", gate["passed"], gate["details"])
        for receipt in receipts
        for gate in [batch_profile(context, receipt.batch)["gate"]]
    ]


def blocked_batches(context: Context) -> list[Batch]:
    """Batches that a gate keeps out; files that cannot be read stand among the problems."""
    return [entry for entry in context.pool.ledger.batches(status="blocked") if entry.contract in context.contracts]


def blocked(context: Context) -> list[report.BlockedBatch]:
    """Those batches with the reason."""
    return [
        report.BlockedBatch(context.contracts[entry.contract].name, context.pool.receipts.read(entry.batch).file_name, [entry.reason])
        for entry in blocked_batches(context)
    ]


def grids(connection: DuckDBPyConnection, context: Context, build: Build) -> report.GridReport | None:
    """Sizes of the grids, what networks share, what is wrong; None where the release has no grids."""
    files = table_files(build.release.tables)
    if not {"grid_count", "grid_overlap", "grid_gap"} <= files.keys() or not build.facts["tables"]["grid_count"]["rows"]:
        return None
    counted = connection.execute(f"""
        SELECT town, size, count(*), sum(households) FROM {table_source(files["grid_count"])}
        WHERE level = 'grid' AND size IS NOT NULL GROUP BY ALL ORDER BY ALL""").fetchall()
    households = connection.execute(
        f"SELECT households FROM {table_source(files['grid_count'])} WHERE level = 'grid' AND size IS NOT NULL ORDER BY households"
    ).fetchall()
    shared = connection.execute(
        f"SELECT network, finding, count(*) FROM {table_source(files['grid_overlap'])} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    gaps = connection.execute(
        f"SELECT problem, count(*), sum(addresses) FROM {table_source(files['grid_gap'])} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return report.GridReport(
        limits=[round(context.city.thresholds[name].value) for name in GRID_LIMITS],
        sizes=_sizes(counted),
        households=[each for (each,) in households],
        overlaps=[
            (label, {finding: rows for each, finding, rows in shared if each == network})
            for network, label in code_list("grid_network").items()
            if any(each == network for each, _, _ in shared)
        ],
        gaps=[(code_list("grid_problem").get(problem, problem), lines, int(addresses)) for problem, lines, addresses in gaps],
    )


def _sizes(counted: Sequence[tuple[str, str, int, int]]) -> list[tuple[str, dict[str, int], int]]:
    households: Counter[str] = Counter()
    for town, _, _, held in counted:
        households[town] += int(held)
    return [(town, {size: rows for each, size, rows, _ in counted if each == town}, households[town]) for town in households]
