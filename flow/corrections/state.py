"""What stands of what departments were asked to correct: derived from the faults found now and the answers kept, stored nowhere."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from flow.context import Context
from flow.corrections.conflicting import conflicting
from flow.corrections.fault import Fault, Found, with_digests
from flow.corrections.rejected import rejected
from flow.delivered import accepted_deliveries
from flow.workspace import workspace
from pool import CorrectionAnswer, CorrectionItem, CorrectionSheet

State = Literal["open", "overdue", "answered", "settled"]
UNANSWERED: tuple[State, ...] = ("open", "overdue")
LABELS: Mapping[State, str] = {"open": "待答复", "overdue": "逾期", "answered": "已答复", "settled": "已办结"}


@dataclass(frozen=True, slots=True)
class Asked:
    """An item with its sheet, the fault as it stands now (None: no longer), and the last answer that is still to the point."""

    item: CorrectionItem
    sheet: CorrectionSheet
    fault: Fault | None
    answer: CorrectionAnswer | None
    state: State


def standing_faults(context: Context) -> list[Fault]:
    """All that departments have to correct now: rows in quarantine of the batches that count, conflicts of the current release."""
    found: list[Found] = []
    deliveries = accepted_deliveries(context)
    with workspace(context.pool) as connection:
        for contract in context.contracts.values():
            found += rejected(connection, context, contract, deliveries[contract.id])
        found += conflicting(connection, context)
    return with_digests(found, context.key)


def asked(context: Context, faults: Sequence[Fault] | None = None) -> list[Asked]:
    """Every item that was ever asked, with its state, in the order of the numbers. faults: those standing; they are looked for where something was asked."""
    ledger = context.pool.ledger.corrections
    items = ledger.items()
    if not items:
        return []
    sheets = {sheet.receipt: sheet for sheet in ledger.sheets()}
    standing = {fault.identity: fault for fault in (standing_faults(context) if faults is None else faults)}
    answers = {answer.item: answer for answer in ledger.answers()}
    return [_asked(context, each, sheets[each.receipt], standing.get(each.identity), answers.get(each.item)) for each in items]


def counted(found: Sequence[Asked]) -> Counter[State]:
    """How many are in each state."""
    return Counter(each.state for each in found)


def _asked(context: Context, item: CorrectionItem, sheet: CorrectionSheet, fault: Fault | None, answer: CorrectionAnswer | None) -> Asked:
    if fault is None:
        return Asked(item, sheet, None, answer, "settled")
    if answer is not None and _holds(answer, fault):
        return Asked(item, sheet, fault, answer, "answered")
    is_late = context.local_date(context.now) > sheet.due
    return Asked(item, sheet, fault, None, "overdue" if is_late else "open")


def _holds(answer: CorrectionAnswer, fault: Fault) -> bool:
    """Whether an answer still answers: that a value stays holds for this value; what was to be corrected, until a delivery brings the fault again."""
    if answer.choice == "kept":
        return fault.value == answer.asked
    return fault.found.received_at <= answer.taken_at
