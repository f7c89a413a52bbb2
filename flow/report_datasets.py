"""The page of a dataset: its rows, why some were kept out, its rules, what is not as usual, how deep its addresses were matched."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from expectations import report
from flow.build import Build
from flow.context import Context
from flow.delivered import batch_profile
from flow.drift import ANOMALIES
from flow.report_release import blocked_batches
from pool import Receipt
from schemas.contract import Contract
from transforms.drift.anomaly import Anomaly, kind_label


def dataset(
    context: Context,
    build: Build,
    contract: Contract,
    receipts: Sequence[Receipt],
    expectations: Sequence[report.ExpectationReport],
    examples: Sequence[report.Example],
    broken: Sequence[report.BrokenRecord],
) -> report.DatasetReport:
    """All batches of a dataset that count; expectations are those of its latest batch."""
    profiles = [batch_profile(context, receipt.batch) for receipt in receipts]
    rows: Counter[str] = sum((Counter(profile["rows"]) for profile in profiles), Counter())
    outcomes: Counter[str] = Counter()
    batches = {receipt.batch for receipt in receipts}
    for outcome in context.pool.ledger.outcomes(build.release.number):
        if outcome.batch in batches:
            outcomes[outcome.outcome] += outcome.rows
    return report.DatasetReport(
        id=contract.id,
        name=contract.name,
        department=contract.department,
        received=rows["received"],
        accepted=rows["accepted"],
        quarantined=rows["quarantined"],
        batches=[_batch(context, receipt, profile["rows"]) for receipt, profile in zip(receipts, profiles, strict=True)],
        quarantined_by=_counts(profiles, "reasons"),
        warnings=_counts(profiles, "warnings"),
        drift=_drift(profiles[-1]),
        beside=_beside(profiles[-1]),
        anomalies=anomalies_of(context, contract, receipts[-1]),
        expectations_met=profiles[-1]["expectations"]["met"],
        expectations_total=profiles[-1]["expectations"]["total"],
        expectations=expectations,
        addresses=_address_levels(contract.id, build.facts["addresses"]),
        outcomes=dict(outcomes),
        examples=examples,
        broken=broken,
    )


def _batch(context: Context, receipt: Receipt, rows: Mapping[str, int]) -> report.Batch:
    at = context.local_time(receipt.received_at)
    return report.Batch(receipt.file_name, receipt.period, receipt.sha256, at, rows["received"], rows["quarantined"], id=receipt.batch)


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
    blocked = [entry.batch for entry in blocked_batches(context) if entry.contract == contract.id]
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
