"""What a newcomer wants to know after a run: sources, entities, match rates, release, what is late or blocked."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from flow.context import Context
from flow.report import PAGE
from flow.serve import ANALYST
from pool import Batch, Problem, Run

ENTITIES = ("person", "house", "organisation", "event", "residence", "tenancy", "premises", "benefit", "address")


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """A dataset: rows over all batches that count, the newest period, whether it is late, why batches of it stay out."""

    contract: str
    name: str
    department: str
    batches: int
    received: int
    accepted: int
    quarantined: int
    newest_period: str
    is_late: bool
    kept_out: Sequence[str]


@dataclass(frozen=True, slots=True)
class Summary:
    """The state of a pool. `addresses`: dataset name to (level or status) to rows; `problems` are files that could not be taken."""

    home: Path
    release: int | None
    manifest: Mapping[str, Any]
    sources: Sequence[SourceSummary]
    entities: Sequence[tuple[str, str, int]]
    addresses: Mapping[str, Mapping[str, int]]
    review: int
    problems: Sequence[Problem]
    last_run: Run | None
    report: Path | None
    share: Path | None


def summarise(context: Context) -> Summary:
    """The state of the pool as ledger and current release tell it."""
    pool = context.pool
    number = pool.releases.current()
    manifest = pool.releases.manifest(number) if number is not None else {}
    runs = pool.ledger.runs(limit=1)
    addresses = _addresses(context, manifest.get("addresses", ()))
    return Summary(
        home=pool.home,
        release=number,
        manifest=manifest,
        sources=[_source(context, contract) for contract in context.contracts],
        entities=[
            (name, context.tables[name].name, manifest["tables"][name]["rows"]) for name in ENTITIES if name in manifest.get("tables", {})
        ],
        addresses=addresses,
        review=sum(levels["review"] for levels in addresses.values() if "review" in levels),
        problems=pool.ledger.problems(),
        last_run=runs[0] if runs else None,
        report=pool.releases.folder(number) / "report" / PAGE if number is not None else None,
        share=pool.shares.folder(ANALYST, number) if number is not None else None,
    )


def _source(context: Context, contract_id: str) -> SourceSummary:
    contract = context.contracts[contract_id]
    entries = context.pool.ledger.batches(contract=contract_id)
    counting = [entry for entry in entries if entry.status == "accepted"]
    rows: Counter[str] = Counter()
    for entry in counting:
        if entry.counts:
            rows.update(received=entry.counts.received, accepted=entry.counts.accepted, quarantined=entry.counts.quarantined)
    newest = max((entry.period for entry in counting), default="")
    return SourceSummary(
        contract=contract_id,
        name=contract.name,
        department=contract.department,
        batches=len(counting),
        received=rows["received"],
        accepted=rows["accepted"],
        quarantined=rows["quarantined"],
        newest_period=newest,
        is_late=bool(newest) and _is_late(newest, contract.frequency_days, contract.latency_hours, context.now),
        kept_out=[_kept_out(context, entry) for entry in entries if entry.status in ("blocked", "failed")],
    )


def _is_late(period: str, frequency_days: float, latency_hours: float, now: datetime) -> bool:
    due = date.fromisoformat(period) + timedelta(days=frequency_days, hours=latency_hours) + timedelta(days=1)
    return now.date() > due


def _kept_out(context: Context, entry: Batch) -> str:
    return f"{context.pool.receipts.read(entry.batch).file_name}：{entry.reason}"


def _addresses(context: Context, rates: Sequence[Sequence[Any]]) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for dataset, _town, level, status, rows in rates:
        counted[context.contracts[dataset].name][level if status == "matched" else status] += rows
    return {name: dict(levels) for name, levels in counted.items()}
