"""The pages of the departments: what each sends, in what others outvote it or are outvoted, which deliveries break a rule about deliveries."""

from collections import defaultdict
from collections.abc import Sequence

from duckdb import DuckDBPyConnection

from expectations import report
from expectations.pool_rules import pool_rules
from flow.build import Build
from flow.conflicts import conflict_rows
from flow.context import Context
from flow.quality import BROKEN_FILE
from flow.workspace import sql_path
from pool import Receipt

DELIVERIES = "deliveries"
"""The kind of rules about what was sent, see expectations.pool_rules; those among them on how well it was matched are told elsewhere."""


def departments(
    connection: DuckDBPyConnection, context: Context, build: Build, receipts: Sequence[Receipt]
) -> list[report.DepartmentReport]:
    """Each department that sent anything, in the order of their names."""
    sent: dict[str, list[str]] = defaultdict(list)
    for dataset in sorted({receipt.contract for receipt in receipts}):
        sent[context.contracts[dataset].department].append(dataset)
    ids = department_ids(context)
    conflicts = _conflicts(connection, context, build, receipts)
    faults = _delivery_faults(connection, context, build)
    return [
        report.DepartmentReport(
            id=ids[name],
            name=name,
            datasets=datasets,
            conflicts=[each for each in conflicts if each.loser in datasets or each.winner in datasets],
            deliveries=[each for each in faults if context.contracts[each.dataset].department == name],
        )
        for name, datasets in sorted(sent.items(), key=lambda each: ids[each[0]])
    ]


def department_ids(context: Context) -> dict[str, str]:
    """What names the pages and figures of each department: the first of its systems that no other one has taken."""
    ids: dict[str, str] = {}
    for contract in sorted(context.contracts.values(), key=lambda each: each.system):
        if contract.department not in ids:
            taken = contract.system in ids.values()
            ids[contract.department] = f"{contract.system}-{len(ids)}" if taken else contract.system
    return ids


def _conflicts(connection: DuckDBPyConnection, context: Context, build: Build, receipts: Sequence[Receipt]) -> list[report.Conflict]:
    rows = conflict_rows(connection, build.release.tables, {receipt.batch: receipt for receipt in receipts})
    counted = connection.execute(
        f"SELECT loser, winner, table_name, column_name, count(*) FROM ({rows}) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    return [
        report.Conflict(loser, winner, context.tables[table].name, _label(context, table, column), rows, table=table, column=column)
        for loser, winner, table, column, rows in counted
    ]


def _label(context: Context, table: str, column: str) -> str:
    return next((each.label for each in context.tables[table].columns if each.name == column), column)


def _delivery_faults(connection: DuckDBPyConnection, context: Context, build: Build) -> list[report.DeliveryFault]:
    """By dataset, first those about one delivery, which name its file."""
    sentences = {rule.name: rule.sentence for rule in pool_rules() if rule.kind == DELIVERIES and rule.dimension != "accuracy"}
    found = connection.execute(
        f"SELECT rule, table_name, key, dataset, detail FROM read_parquet({sql_path(build.release.quality / BROKEN_FILE)}) ORDER BY ALL"
    ).fetchall()
    faults = []
    for rule, table, key, dataset, detail in found:
        if rule in sentences and dataset in context.contracts:
            file, period = _delivered(context, key) if table == "delivery" else ("", "")
            faults.append(report.DeliveryFault(dataset, file, period, sentences[rule], detail or ""))
    return sorted(faults, key=lambda each: (each.dataset, not each.file, each.period))


def _delivered(context: Context, batch: str) -> tuple[str, str]:
    receipt = context.pool.receipts.read(batch)
    return receipt.file_name, receipt.period
