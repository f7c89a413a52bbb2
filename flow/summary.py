"""What a newcomer wants to know after a run: sources, entities, match rates, release, what is late or blocked."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flow.approval.waiting import Waiting, waiting
from flow.context import Context
from flow.corrections.state import State, asked, counted
from flow.delivered import accepted_deliveries
from flow.query import ANALYST
from flow.report import PAGE
from flow.upkeep.held import standing_rollback
from pool import Batch, Contact, Problem, Rollback, Run
from pool.audit import AuditRecord
from pool.verify_ledger import Finding
from schemas.contract import Contract
from transforms.questions import QUESTIONS

ENTITIES = ("person", "house", "organisation", "event", "residence", "tenancy", "premises", "licence", "facility", "benefit", "address")


VERIFY = "verify"
"""Action in the audit log."""


@dataclass(frozen=True, slots=True)
class KeptOut:
    """A batch that does not count, and for which no later delivery has made up."""

    batch: str
    file: str
    reason: str

    def __str__(self) -> str:
        return f"{self.file}：{self.reason}（批次 {self.batch}）"


@dataclass(frozen=True, slots=True)
class SourceSummary:
    """A dataset: rows over all batches that count, the newest period, whether it is late.

    kept_out: what a gate blocked or what could not be read. withdrawn: what somebody took back. corrected: files of the newest period whose place
    a later full file of the same period took. drift: in Chinese, what is not as usual in the newest batch that counts, unless a person accepted it.
    """

    contract: str
    name: str
    department: str
    batches: int
    received: int
    accepted: int
    quarantined: int
    newest_period: str
    is_late: bool
    kept_out: Sequence[KeptOut]
    withdrawn: Sequence[KeptOut]
    corrected: Sequence[str]
    drift: Sequence[str]


@dataclass(frozen=True, slots=True)
class Summary:
    """The state of a pool. `addresses`: dataset name to (level or status) to rows; `review` are the rows of the release that wait for a person, `pairs` the
    persons and organisations that may be one, `decisions` those of people in force; `corrections` what departments were asked to correct, by state; `answers` are the tables of the mart that answer questions;
    `rolled_back` is the rollback that holds new releases back until something changes; `waiting` the release that waits for approval; `problems` are files that could not be taken, `contacts` the sources that could not be pulled from last time; `verified` is the note of the last verification in the audit log."""

    home: Path
    release: int | None
    rolled_back: Rollback | None
    waiting: Waiting | None
    manifest: Mapping[str, Any]
    sources: Sequence[SourceSummary]
    entities: Sequence[tuple[str, str, int]]
    answers: Sequence[tuple[str, str, int]]
    addresses: Mapping[str, Mapping[str, int]]
    review: int
    pairs: int
    decisions: int
    corrections: Mapping[State, int]
    problems: Sequence[Problem]
    contacts: Sequence[Contact]
    last_run: Run | None
    verified: AuditRecord | None
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
        rolled_back=standing_rollback(context) if number is not None else None,
        waiting=waiting(context),
        manifest=manifest,
        sources=[_source(context, contract) for contract in context.contracts],
        entities=[
            (name, context.tables[name].name, manifest["tables"][name]["rows"]) for name in ENTITIES if name in manifest.get("tables", {})
        ],
        answers=[
            (name, context.tables[name].name, manifest["tables"][name]["rows"]) for name in QUESTIONS if name in manifest.get("tables", {})
        ],
        addresses=addresses,
        review=sum(levels["review"] for levels in addresses.values() if "review" in levels),
        pairs=manifest.get("tables", {}).get("entity_doubt", {}).get("rows", 0),
        decisions=len(pool.ledger.review.in_force()) + len(pool.ledger.pairs.in_force()),
        corrections=dict(counted(asked(context))),
        problems=pool.ledger.problems(),
        contacts=[contact for contact in pool.ledger.pulls.contacts() if contact.fault and contact.contract in context.contracts],
        last_run=runs[0] if runs else None,
        verified=_last_verification(context),
        report=pool.releases.folder(number) / "report" / PAGE if number is not None else None,
        share=pool.shares.folder(ANALYST, number) if number is not None else None,
    )


def _source(context: Context, contract_id: str) -> SourceSummary:
    contract = context.contracts[contract_id]
    entries = context.pool.ledger.batches(contract=contract_id)
    counting = [entry for entry in entries if entry.status == "accepted"]
    late_by = context.local_time(context.now).replace(tzinfo=None)
    rows: Counter[str] = Counter()
    for entry in counting:
        if entry.counts:
            rows.update(received=entry.counts.received, accepted=entry.counts.accepted, quarantined=entry.counts.quarantined)
    newest = max((entry.period for entry in counting), default="")

    def is_missed(entry: Batch) -> bool:
        return not _is_made_up_for(entry, contract, counting)

    return SourceSummary(
        contract=contract_id,
        name=contract.name,
        department=contract.department,
        batches=len(counting),
        received=rows["received"],
        accepted=rows["accepted"],
        quarantined=rows["quarantined"],
        newest_period=newest,
        is_late=bool(newest and contract.frequency_days) and _due(newest, contract) < late_by,
        kept_out=[_kept_out(context, entry) for entry in entries if entry.status in ("blocked", "failed") and is_missed(entry)],
        withdrawn=[_kept_out(context, entry) for entry in entries if entry.status == "withdrawn" and is_missed(entry)],
        corrected=_corrected(context, contract_id, newest),
        drift=_drift(context, counting),
    )


def _drift(context: Context, counting: Sequence[Batch]) -> list[str]:
    drift = context.pool.ledger.drift
    newest = max(counting, key=lambda entry: (entry.period, entry.received_at), default=None)
    if newest is None or newest.batch in drift.acceptances():
        return []
    return [note.message for note in drift.notes([newest.batch]) if note.severity != "note"]


def _corrected(context: Context, contract: str, period: str) -> list[str]:
    deliveries = [each for each in accepted_deliveries(context, contract)[contract] if each.period == period]
    return [context.pool.receipts.read(each.batch).file_name for each in deliveries if each.snapshot < deliveries[-1].snapshot]


def _due(newest: str, contract: Contract) -> datetime:
    """When the delivery after the newest must be here, on the city's clock: its day must have ended, and then it may take a while."""
    return datetime.fromisoformat(newest) + timedelta(days=1 + contract.frequency_days, hours=contract.latency_hours)


def _is_made_up_for(entry: Batch, contract: Contract, counting: Sequence[Batch]) -> bool:
    """Of a dataset that sends everything each time, a later delivery that counts makes up for one that does not."""
    later = (other for other in counting if (other.period, other.received_at) > (entry.period, entry.received_at))
    return contract.delivery == "full" and any(later)


def _kept_out(context: Context, entry: Batch) -> KeptOut:
    return KeptOut(entry.batch, context.pool.receipts.read(entry.batch).file_name, entry.reason)


def note_verification(context: Context, findings: Sequence[Finding]) -> None:
    """Keep in the audit log that the pool was verified, and with what result; not in a log that is itself not whole."""
    if not any(finding.kind == "audit" for finding in findings):
        kinds = Counter(finding.kind for finding in findings)
        context.pool.audit.append(VERIFY, "pool", context.actor, "faulty" if findings else "whole", context.now, dict(kinds))


def _last_verification(context: Context) -> AuditRecord | None:
    last = None
    with suppress(ValueError, TypeError):  # a log that is not whole is for verify to tell
        for record in context.pool.audit.records():
            last = record if record.action == VERIFY else last
    return last


def _addresses(context: Context, rates: Sequence[Sequence[Any]]) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for dataset, _town, level, status, rows in rates:
        name = context.contracts[dataset].name if dataset in context.contracts else dataset
        counted[name][level if status == "matched" else status] += rows
    return {name: dict(levels) for name, levels in counted.items()}
