"""The quality report of a release: what the ledger, the batches and the release say, gathered for its pages and workbooks."""

import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from address_matching import REASONS
from expectations import report
from flow.build import Build
from flow.context import Context
from flow.delivered import batch_profile
from flow.quality import VALIDATION_FILE
from flow.quality_report import broken_records, quality_report
from flow.receive import WAITING_FILE
from flow.report_datasets import dataset
from flow.report_departments import departments
from flow.report_examples import Examples, quarantined_cells
from flow.report_release import ENTITIES, batch_gates, blocked, blocked_batches, changes, grids, tables, versions
from flow.report_validation import expectations_of
from flow.workspace import workspace
from pool import Receipt
from pool.files import make_folder
from pool.paths import PRIVATE_FOLDER_MODE
from schemas.codes import code_list

__all__ = ["ENTITIES", "FIGURES", "PAGE", "TABLES", "WORKBOOK", "write_report"]
PAGE = "index.html"
FIGURES = "figures.json"
"""The figures on the pages by name, as the release states them: what `flow.trace.figures` finds must come to the same."""
WORKBOOK = "quarantine.xlsx"
TABLES = "tables.xlsx"
ADVICE = {
    "unknown_file": "请核对目录和文件名，或为这一来源登记契约",
    "unreadable_file": "请来源部门重新导出并报送",
}


def write_report(context: Context, build: Build) -> None:
    """Write the report of a release that passed its gate: pages, figures, workbooks of quarantined rows (those of blocked batches included) and of
    all tables, and what Great Expectations said."""
    folder = build.release.report
    examples = Examples()
    held_back = [entry.batch for entry in blocked_batches(context) if context.pool.batches.is_sealed(entry.batch)]
    cells = quarantined_cells(context, [*build.facts["inputs"]["batches"], *held_back])
    report.write_quarantine_workbook(examples.pass_by(cells), folder / WORKBOOK)
    validations: dict[str, Any] = {}
    with workspace(context.pool) as connection:
        data = _report_data(connection, context, build, examples, validations)
    for page in report.render_report(data):
        _write(folder / page.path, page.html)
    for name, content in validations.items():
        _write(folder / report.validation_path(name), json.dumps(content, ensure_ascii=False, indent=1) + "\n")
    release = (build.release.quality / VALIDATION_FILE).read_text(encoding="utf-8")
    _write(folder / report.validation_path(report.RELEASE), release)
    report.write_tables(report.tables_of(data), folder / TABLES)
    figures = [asdict(each) for each in report.figures_of(data)]
    _write(folder / FIGURES, json.dumps(figures, ensure_ascii=False, indent=0) + "\n")


def _write(path: Path, text: str) -> None:
    make_folder(path.parent, PRIVATE_FOLDER_MODE)
    path.write_text(text, encoding="utf-8")


def _report_data(
    connection: DuckDBPyConnection, context: Context, build: Build, examples: Examples, validations: dict[str, Any]
) -> report.ReportData:
    """Fills `validations` with what Great Expectations said of each dataset."""
    release, facts = build.release, build.facts
    before = context.pool.releases.manifest(release.previous) if release.previous is not None else None
    receipts = [context.pool.receipts.read(batch) for batch in facts["inputs"]["batches"]]
    by_contract: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        by_contract[receipt.contract].append(receipt)
    broken = broken_records(connection, context, build, receipts)
    datasets = []
    for name, found in by_contract.items():
        contract = context.contracts[name]
        expectations, validations[name] = expectations_of(context, contract, found[-1], batch_profile(context, found[-1].batch))
        datasets.append(dataset(context, build, contract, found, expectations, examples.of(name), broken.get(name, ())))
    return report.ReportData(
        release=release.number,
        published_at=context.local_time(context.now),
        city=context.city.name,
        run=context.run,
        by=context.actor,
        versions=versions(context, facts),
        previous=release.previous,
        previous_at=context.local_time(datetime.fromisoformat(before["published_at"])) if before else None,
        datasets=datasets,
        departments=departments(connection, context, build, receipts),
        tables=tables(context, facts["tables"], before),
        changes=changes(connection, context, release),
        gates=[report.GateReport("发布关卡", True, facts["gate"]), *batch_gates(context, receipts)],
        blocked=blocked(context),
        problems=[
            report.Problem(problem.file, problem.kind, problem.cause, ADVICE.get(problem.kind, ""))
            for problem in context.pool.ledger.problems()
            if problem.kind != WAITING_FILE
        ],
        communities=_towns(facts["addresses"]),
        reasons=[
            report.MatchReason(status, reason, REASONS.get(reason, "没有结果"), *counted)
            for status, reason, *counted in facts["address_reasons"]
        ],
        stops=_stops(facts["address_stops"]),
        decisions=len(context.pool.ledger.review.in_force()),
        quality=quality_report(connection, context, build),
        grids=grids(connection, context, build),
    )


def _stops(stops: Sequence[Sequence[Any]]) -> list[report.Stop]:
    levels = code_list("address_level")
    return [report.Stop(address_id, text, levels[level], town, *counted) for address_id, text, level, town, *counted in stops]


def _towns(addresses: Sequence[Sequence[Any]]) -> list[report.CommunityMatch]:
    """Match results by town; those that reached no town stand under an empty name."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for _dataset, town, _level, status, rows in addresses:
        counted[town][status] += rows
    return [
        report.CommunityMatch(town, "", statuses["matched"], statuses["review"], statuses["unmatched"])
        for town, statuses in sorted(counted.items())
    ]
