"""The quality report of a release: what the ledger, the batches and the release say, gathered for the page and the auditor's workbook."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from expectations import report
from flow.build import Build
from flow.context import Context
from flow.delivered import batch_profile
from flow.drift import ANOMALIES
from flow.publish import table_files
from flow.quality_report import quality_report
from flow.receive import WAITING_FILE
from flow.workspace import sql_path, workspace
from pool import Batch, Receipt, ReleaseBuild
from schemas.codes import code_list
from schemas.contract import Contract
from transforms.drift.anomaly import Anomaly, kind_label
from transforms.mask import masked_text

ENTITIES = ("person", "house", "organisation", "event")
PAGE = "index.html"
FIGURES = "figures.json"
"""The figures on the page by name, as the release states them: what `flow.trace.figures` finds must come to the same."""
WORKBOOK = "quarantine.xlsx"
CORRECT_AT_SOURCE = "请来源部门核对更正后重新报送"
ADVICE = {
    "unknown_file": "请核对目录和文件名，或为这一来源登记契约",
    "unreadable_file": "请来源部门重新导出并报送",
}


def write_report(context: Context, build: Build) -> None:
    """Write the page, its figures and the workbook of quarantined rows (those of blocked batches included) of a release that passed its gate."""
    data = _report_data(context, build)
    (build.release.report / PAGE).write_text(report.render_report(data), encoding="utf-8")
    figures = [asdict(each) for each in report.figures_of(data)]
    (build.release.report / FIGURES).write_text(json.dumps(figures, ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    blocked = [entry.batch for entry in _blocked_batches(context) if context.pool.batches.is_sealed(entry.batch)]
    cells = _quarantined_cells(context, [*build.facts["inputs"]["batches"], *blocked])
    report.write_quarantine_workbook(cells, build.release.report / WORKBOOK)


def _report_data(context: Context, build: Build) -> report.ReportData:
    release, facts = build.release, build.facts
    before = context.pool.releases.manifest(release.previous) if release.previous is not None else None
    receipts = [context.pool.receipts.read(batch) for batch in facts["inputs"]["batches"]]
    by_contract: dict[str, list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        by_contract[receipt.contract].append(receipt)
    return report.ReportData(
        release=release.number,
        published_at=context.local_time(context.now),
        city=context.city.name,
        run=context.run,
        by=context.actor,
        versions=_versions(context, facts),
        previous=release.previous,
        previous_at=context.local_time(datetime.fromisoformat(before["published_at"])) if before else None,
        datasets=[_dataset(context, build, context.contracts[name], found) for name, found in by_contract.items()],
        tables=_tables(context, facts["tables"], before),
        changes=_changes(context, release),
        gates=[report.GateReport("发布关卡", True, facts["gate"]), *_batch_gates(context, receipts)],
        blocked=_blocked(context),
        problems=[
            report.Problem(problem.file, problem.kind, problem.cause, ADVICE.get(problem.kind, ""))
            for problem in context.pool.ledger.problems()
            if problem.kind != WAITING_FILE
        ],
        communities=_towns(facts["addresses"]),
        quality=quality_report(context, build),
    )


def _versions(context: Context, facts: Mapping[str, Any]) -> report.Versions:
    inputs = facts["inputs"]
    contracts = [(context.contracts[name].name, version) for name, version in inputs["contracts"].items()]
    return report.Versions(inputs["software"], inputs["library"], inputs["rules"], contracts)


def _dataset(context: Context, build: Build, contract: Contract, receipts: Sequence[Receipt]) -> report.DatasetReport:
    """All batches of a dataset that count; expectations are those of its latest batch."""
    profiles = [batch_profile(context, receipt.batch) for receipt in receipts]
    rows: Counter[str] = sum((Counter(profile["rows"]) for profile in profiles), Counter())
    outcomes: Counter[str] = Counter()
    batches = {receipt.batch for receipt in receipts}
    for outcome in context.pool.ledger.outcomes(build.release.number):
        if outcome.batch in batches:
            outcomes[outcome.outcome] += outcome.rows
    expectations = profiles[-1]["expectations"]
    return report.DatasetReport(
        id=contract.id,
        name=contract.name,
        department=contract.department,
        received=rows["received"],
        accepted=rows["accepted"],
        quarantined=rows["quarantined"],
        batches=[
            report.Batch(
                receipt.file_name,
                receipt.period,
                receipt.sha256,
                context.local_time(receipt.received_at),
                profile["rows"]["received"],
                id=receipt.batch,
            )
            for receipt, profile in zip(receipts, profiles, strict=True)
        ],
        quarantined_by=_counts(profiles, "reasons"),
        warnings=_counts(profiles, "warnings"),
        drift=_drift(profiles[-1]),
        beside=_beside(profiles[-1]),
        anomalies=anomalies_of(context, contract, receipts[-1]),
        expectations_met=expectations["met"],
        expectations_total=expectations["total"],
        unmet=[
            report.UnmetExpectation(each["description"], each["severity"], each["unexpected"], each["observed"], each["crashed"])
            for each in expectations["unmet"]
        ],
        addresses=_address_levels(contract.id, build.facts["addresses"]),
        outcomes=dict(outcomes),
    )


def _counts(profiles: Sequence[Mapping[str, Any]], kind: str) -> list[report.Count]:
    """Rows by what was told of them; the words are those of the latest file."""
    counted: Counter[str] = Counter()
    messages = {}
    for profile in profiles:
        for entry in profile[kind]:
            key = told_key(entry["column"], entry["rule"])
            counted[key] += entry["rows"]
            messages[key] = entry["message"]
    return [report.Count(messages[key], rows, key=key) for key, rows in counted.most_common()]


def told_key(column: str, rule: str) -> str:
    """The name of what a check says of a column of a row, or of the row as a whole."""
    return f"{column}.{rule}" if column else rule


def _drift(profile: Mapping[str, Any]) -> list[str]:
    """How the latest file differs from its contract, in words."""
    drift = profile["drift"]
    said = {"unknown": "未登记的列", "repeated": "重复的列", "missing_optional": "缺少的可选列", "missing_required": "缺少的必填列"}
    words = [f"{label}：{'、'.join(drift[kind])}" for kind, label in said.items() if drift[kind]]
    words += [f"拒收的列：{header}（{reason}）" for header, reason in drift["refused"].items()]
    return words + [f"残疾证号只留前 18 位：{header}（{cut:,} 个值）" for header, cut in drift.get("shortened", {}).items()]


def _beside(profile: Mapping[str, Any]) -> list[str]:
    """What stood in the latest file and is no row of it, in words."""
    places: dict[str, list[str]] = defaultdict(list)
    for aside in profile.get("beside", ()):
        places[aside["kind"]].append(f"{aside['sheet']} 第 {aside['row']} 行".strip() if aside["row"] else aside["sheet"])
    return [f"{kind}：{'、'.join(found)}" if any(found) else kind for kind, found in places.items()]


def anomalies_of(context: Context, contract: Contract, latest: Receipt) -> list[report.Anomaly]:
    """What is not as usual in the latest batch that counts and in those that a gate keeps out."""
    blocked = [entry.batch for entry in _blocked_batches(context) if entry.contract == contract.id]
    accepted = context.pool.ledger.drift.acceptances()
    found = []
    for batch in (latest.batch, *(each for each in blocked if context.pool.batches.is_sealed(each))):
        file = context.pool.receipts.read(batch).file_name
        for content in batch_profile(context, batch).get(ANOMALIES, []):
            each = Anomaly.from_dict(content)
            severity = "accepted" if batch in accepted and each.severity != "note" else each.severity
            classes = [report.ShareChange(one.label, one.usual, one.now) for one in each.classes]
            found.append(report.Anomaly(file, kind_label(each.kind), severity, each.message, each.cure, each.usual, each.now, classes))
    return found


def _address_levels(contract: str, addresses: Sequence[Sequence[Any]]) -> list[report.AddressLevel]:
    counted: Counter[tuple[str, str]] = Counter()
    for dataset, _town, level, status, rows in addresses:
        if dataset == contract:
            counted[level, status] += rows
    return [report.AddressLevel(level, status, rows) for (level, status), rows in sorted(counted.items())]


def _towns(addresses: Sequence[Sequence[Any]]) -> list[report.CommunityMatch]:
    """Match results by town; those that reached no town stand under an empty name."""
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for _dataset, town, _level, status, rows in addresses:
        counted[town][status] += rows
    return [
        report.CommunityMatch(town, "", statuses["matched"], statuses["review"], statuses["unmatched"])
        for town, statuses in sorted(counted.items())
    ]


def _tables(context: Context, tables: Mapping[str, Mapping[str, Any]], before: Mapping[str, Any] | None) -> list[report.TableRows]:
    known = before["tables"] if before else {}
    return [
        report.TableRows(name, context.tables[name].name, facts["rows"], known.get(name, {}).get("rows"), name in ENTITIES)
        for name, facts in tables.items()
    ]


def _changes(context: Context, release: ReleaseBuild) -> list[report.Change]:
    """Keys that came, went or changed since the previous release, for the tables of entities."""
    if release.previous_folder is None:
        return []
    old, new = table_files(release.previous_folder / "pool"), table_files(release.tables)
    with workspace(context.pool) as connection:
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


def _batch_gates(context: Context, receipts: Sequence[Receipt]) -> list[report.GateReport]:
    return [
        report.GateReport(f"批次关卡：{context.contracts[receipt.contract].name}（{receipt.file_name}）", gate["passed"], gate["details"])
        for receipt in receipts
        for gate in [batch_profile(context, receipt.batch)["gate"]]
    ]


def _blocked(context: Context) -> list[report.BlockedBatch]:
    """Batches that a gate keeps out; files that cannot be read stand among the problems."""
    return [
        report.BlockedBatch(context.contracts[entry.contract].name, context.pool.receipts.read(entry.batch).file_name, [entry.reason])
        for entry in _blocked_batches(context)
    ]


def _blocked_batches(context: Context) -> list[Batch]:
    return [entry for entry in context.pool.ledger.batches(status="blocked") if entry.contract in context.contracts]


def _quarantined_cells(context: Context, batches: Sequence[str]) -> Iterator[report.QuarantinedCell]:
    """One line a reason for every quarantined row, values masked as the contract says."""
    advice = code_list("fault_advice")
    for batch in batches:
        receipt = context.pool.receipts.read(batch)
        contract = context.contracts[receipt.contract]
        columns = {column.name: column for column in contract.columns}
        for row in _rows_of(context.pool.batches.folder(batch) / "quarantine.parquet"):
            original = _original(row["original"])
            for reason in row["reasons"]:
                column = columns.get(reason["column"])
                yield report.QuarantinedCell(
                    dataset=contract.name,
                    file=receipt.file_name,
                    sheet=row["sheet"],
                    row=row["row"],
                    column=column.label if column else "",
                    masked=masked_text(column, str(original.get(column.physical_name, ""))) if column else "",
                    reason=reason["message"],
                    advice=advice.get(reason["rule"], CORRECT_AT_SOURCE),
                )


def _rows_of(path: Path) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(path).iter_batches():
        yield from batch.to_pylist()


def _original(text: str) -> Mapping[str, str]:
    try:
        content = json.loads(text)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
