"""What people decided comes back: from filled-in workbooks into the ledger, and out of force again; on address texts and on pairs alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from flow.context import Context
from flow.progress import Progress
from flow.review.cases import find_cases
from flow.review.filled import FilledRow, Refusal, filled_rows
from flow.review.judge import Verdict, judge_rows
from flow.review.pair_judge import PairVerdict, judge_pairs
from flow.review.pair_sheet import filled_pairs
from flow.review.pairs import find_pairs
from pool import PairDecision, PoolError, ReviewDecision, ReviewUndo
from pool.files import file_sha256

IMPORT = "review.import"
UNDO = "review.undo"
"""Actions in the audit log."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to: rows that are new decisions (on pairs: `pairs`), that were refused, that say what holds already, that decide nothing."""

    accepted: Sequence[ReviewDecision]
    refused: Sequence[Refusal]
    unchanged: int
    blank: int
    pairs: Sequence[PairDecision] = ()


def import_decisions(context: Context, files: Sequence[Path], *, only_check: bool, progress: Progress) -> Imported:
    """Take the decisions of filled-in workbooks into the ledger, row by row: one that cannot be taken does not keep the others out.

    With `only_check` nothing is written. Raises ReadError or PoolError when a file cannot be read at all: then nothing is written either.
    """
    rows = [row for path in files for row in filled_rows(path)]
    filled = [row for row in rows if isinstance(row, FilledRow) and not row.is_blank]
    unreadable = [row for row in rows if isinstance(row, Refusal)]
    verdicts = judge_rows(context, find_cases(context, unmatched=True, progress=progress), filled) if filled else []
    pair_rows = [row for path in files for row in filled_pairs(path)]
    filled_in = [row for row in pair_rows if not row.is_blank]
    on_pairs = judge_pairs(context, find_pairs(context), filled_in) if filled_in else []
    imported = Imported(
        accepted=[verdict.decision for verdict in verdicts if verdict.decision],
        pairs=tuple(verdict.decision for verdict in on_pairs if verdict.decision),
        refused=[
            *unreadable,
            *(fault for each in verdicts for fault in each.faults),
            *(fault for each in on_pairs for fault in each.faults),
        ],
        unchanged=_saying_what_holds(verdicts) + _saying_what_holds(on_pairs),
        blank=len(rows) - len(filled) - len(unreadable) + len(pair_rows) - len(filled_in),
    )
    if not only_check:
        _note_import(context, files, imported)
        context.pool.ledger.review.record(imported.accepted, [verdict.replaced for verdict in verdicts if verdict.replaced])
        context.pool.ledger.pairs.record(imported.pairs, [verdict.replaced for verdict in on_pairs if verdict.replaced])
    return imported


def _saying_what_holds(verdicts: Sequence[Verdict] | Sequence[PairVerdict]) -> int:
    return sum(1 for verdict in verdicts if not verdict.decision and not verdict.faults)


def undo_decision(context: Context, name: str, reason: str, undone_by: str) -> ReviewDecision | PairDecision:
    """Put a decision out of force, named by its id or by its case; returns it.

    Raises PoolError when there is none, or it is out of force already.
    """
    history: list[tuple[ReviewDecision | PairDecision, ReviewUndo | None]] = [
        *context.pool.ledger.review.history(),
        *context.pool.ledger.pairs.history(),
    ]
    found = [(decision, undo) for decision, undo in history if name in (decision.decision, decision.case_id)]
    if not found:
        raise PoolError(f"没有编号为 {name} 的决定或案例。决定的编号见 datapool review list --decided。")
    decision, undo = found[-1]
    if undo is not None:
        raise PoolError(
            f"决定 {decision.decision} 已由 {undo.undone_by} 于 {undo.undone_at:%Y-%m-%d %H:%M} UTC 撤销（{undo.reason}），不必再撤销。"
        )
    details = {"reason": reason, "by": undone_by, "case": decision.case_id}
    context.pool.audit.append(UNDO, decision.decision, context.actor, "started", context.now, details)
    context.pool.ledger.review.undo(ReviewUndo(decision.decision, undone_by, reason, context.now, context.actor))
    return decision


def _note_import(context: Context, files: Sequence[Path], imported: Imported) -> None:
    """Which workbooks, and which decisions are about to be written: a kill before they are leaves a note too many, never one too few."""
    details = {
        "workbooks": {path.name: file_sha256(path) for path in files},
        "decisions": [each.decision for each in imported.accepted] + [each.decision for each in imported.pairs],
        "refused": len(imported.refused),
        "unchanged": imported.unchanged,
    }
    context.pool.audit.append(IMPORT, "、".join(path.name for path in files), context.actor, "started", context.now, details)
