"""What stands of what departments were asked to correct: derived from the faults found now and the answers kept; nobody books it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from flow.context import Context
from flow.corrections.breaking import breaking
from flow.corrections.conflicting import conflicting
from flow.corrections.fault import Fault, Found, with_digests
from flow.corrections.rejected import rejected
from flow.delivered import accepted_deliveries
from flow.workspace import workspace
from pool import CorrectionAnswer, CorrectionItem, CorrectionSheet, Standing
from schemas.snapshot import snapshot, snapshot_digest

State = Literal["open", "overdue", "answered", "settled"]
UNANSWERED: tuple[State, ...] = ("open", "overdue")
LABELS: Mapping[State, str] = {"open": "待答复", "overdue": "逾期", "answered": "已答复", "settled": "已办结"}


@dataclass(frozen=True, slots=True)
class Asked:
    """An item with its sheet, the fault as it stands now (None: no longer), and the last answer that is still to the point."""

    item: CorrectionItem
    sheet: CorrectionSheet
    fault: Standing | None
    answer: CorrectionAnswer | None
    state: State


def standing_faults(context: Context) -> list[Fault]:
    """All that departments have to correct now: rows in quarantine of the batches that count; conflicts and broken rules of the current release."""
    found: list[Found] = []
    deliveries = accepted_deliveries(context)
    with workspace(context.pool) as connection:
        for contract in context.contracts.values():
            found += rejected(connection, context, contract, deliveries[contract.id])
        disputed = list(conflicting(connection, context))
        found += [*disputed, *breaking(connection, context, {(each.batch, each.sheet, each.row, each.about[2]) for each in disputed})]
    return with_digests(found, context.key)


def keep_standing(context: Context, faults: Sequence[Fault] | None = None) -> None:
    """Keep in the ledger what stands now of what was asked, so that it need not be looked for as long as nothing changes. faults: those standing."""
    if items := context.pool.ledger.corrections.items():
        identities = {each.identity for each in items}
        standing = _standing(standing_faults(context) if faults is None else faults)
        context.pool.ledger.corrections.keep_standing(_moment(context), [each for each in standing if each.identity in identities])


def asked(context: Context, faults: Sequence[Fault] | None = None) -> list[Asked]:
    """Every item that was ever asked, with its state, in the order of the numbers. faults: those standing; where they are neither given nor kept
    and something was asked, they are looked for.
    """
    ledger = context.pool.ledger.corrections
    items = ledger.items()
    if not items:
        return []
    kept = ledger.standing(_moment(context)) if faults is None else _standing(faults)
    standing = {each.identity: each for each in (_standing(standing_faults(context)) if kept is None else kept)}
    sheets = {sheet.receipt: sheet for sheet in ledger.sheets()}
    answers = {answer.item: answer for answer in ledger.answers()}
    return [_asked(context, each, sheets[each.receipt], standing.get(each.identity), answers.get(each.item)) for each in items]


def counted(found: Sequence[Asked]) -> Counter[State]:
    """How many are in each state."""
    return Counter(each.state for each in found)


def _standing(faults: Sequence[Fault]) -> list[Standing]:
    return [Standing(each.identity, each.value, each.found.received_at) for each in faults]


def _moment(context: Context) -> str:
    """Digest of all that faults are found from: what counts and since when it was judged so, the release, what contracts and software make of them."""
    pool = context.pool
    return snapshot_digest(
        {
            "batches": sorted((each.batch, str(each.changed_at)) for each in pool.ledger.batches(status="accepted")),
            "release": pool.releases.current(),
            "erasures": [each.number for each in pool.ledger.erasures.all()],
            "contracts": {name: snapshot_digest(snapshot(contract)) for name, contract in context.contracts.items()},
            "software": context.software,
            "asked": [each.receipt for each in pool.ledger.corrections.sheets()],
        }
    )


def _asked(
    context: Context, item: CorrectionItem, sheet: CorrectionSheet, fault: Standing | None, answer: CorrectionAnswer | None
) -> Asked:
    if fault is None:
        return Asked(item, sheet, None, answer, "settled")
    if answer is not None and _holds(answer, fault):
        return Asked(item, sheet, fault, answer, "answered")
    is_late = context.local_date(context.now) > sheet.due
    return Asked(item, sheet, fault, None, "overdue" if is_late else "open")


def _holds(answer: CorrectionAnswer, fault: Standing) -> bool:
    """Whether an answer still answers: that a value stays holds for this value; what was to be corrected, until a delivery brings the fault again."""
    if answer.choice == "kept":
        return fault.value == answer.asked
    return fault.received_at <= answer.taken_at
