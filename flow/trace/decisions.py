"""What people decided that bears on a record: on the addresses of its rows, and on whom it is one with."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime

from flow.context import Context
from pool import PairDecision, ReviewDecision, ReviewUndo
from schemas.codes import code_list


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision: `on` what, what was chosen, by whom, when, on what basis; `recorded_by` brought it in, from the file `origin`.

    undone: when, by whom and why it was taken back, empty while it holds.
    """

    decision: str
    on: str
    choice: str
    decided_by: str
    decided_at: datetime
    reason: str
    recorded_by: str
    origin: str
    undone: str

    def as_dict(self) -> dict[str, str]:
        """As plain values for JSON."""
        return asdict(self) | {"decided_at": self.decided_at.isoformat()}


def decisions_on(context: Context, table: str, ids: Collection[str], cases: Collection[str]) -> list[Decided]:
    """The decisions on pairs that name one of the ids, and on address texts by their case; the oldest first, those taken back included."""
    ledger = context.pool.ledger
    pairs = [each for each in ledger.pairs.history() if each[0].table_name == table and {each[0].left_id, each[0].right_id} & set(ids)]
    texts = [each for each in ledger.review.history() if each[0].case_id in cases]
    found = [_of_pair(*each, ids) for each in pairs] + [_of_text(*each) for each in texts]
    return sorted(found, key=lambda each: each.decided_at)


def _of_pair(decision: PairDecision, undo: ReviewUndo | None, ids: Collection[str]) -> Decided:
    other = decision.right_id if decision.left_id in ids else decision.left_id
    return _decided(decision, undo, f"与 {other} 是否同一", code_list("pair_choice")[decision.choice])


def _of_text(decision: ReviewDecision, undo: ReviewUndo | None) -> Decided:
    chosen = f"（{decision.address_id}）" if decision.address_id else ""
    return _decided(decision, undo, "来源行中的地址", code_list("review_choice")[decision.choice] + chosen)


def _decided(decision: PairDecision | ReviewDecision, undo: ReviewUndo | None, on: str, choice: str) -> Decided:
    return Decided(
        decision=decision.decision,
        on=on,
        choice=choice,
        decided_by=decision.decided_by,
        decided_at=decision.decided_at,
        reason=decision.reason,
        recorded_by=decision.recorded_by,
        origin=decision.origin,
        undone=f"{undo.undone_at:%Y-%m-%d} 由 {undo.undone_by} 撤销：{undo.reason}" if undo else "",
    )
