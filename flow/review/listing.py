"""Cases and decisions as they are shown: addresses masked to the building unless somebody asks for more, which is put on record."""

from collections.abc import Iterable, Sequence
from typing import Any

import duckdb

from flow.context import Context
from flow.review.case import Case
from flow.review.pair import PairCase, Side
from pool import PairDecision, ReviewDecision, ReviewUndo
from schemas.contract import pool_contracts
from transforms.mask import mask_expression

UNMASKED = "review.unmasked"
"""Action in the audit log."""


def list_cases(context: Context, cases: Sequence[Case], *, unmasked: bool) -> list[dict[str, Any]]:
    """Plain values of each case, in their order; its addresses masked unless `unmasked`, which is noted in the audit log."""
    addresses = [address for case in cases for address in _addresses_of(case)]
    shown = _shown(context, addresses, len(cases), unmasked)
    return [
        {
            "case": case.case_id,
            "records": case.records,
            "text": shown[case.text],
            "status": case.status,
            "reason": case.reason,
            "doubt": case.doubt,
            "safe_answer": {"level": case.safe.level, "full_text": shown[case.safe.full_text]} if case.safe else None,
            "candidates": [{"level": each.address.level, "full_text": shown[each.address.full_text]} for each in case.candidates],
            "datasets": dict(case.datasets),
            "dates": case.dates,
            "decision": case.decided.decision if case.decided else None,
        }
        for case in cases
    ]


def list_decisions(
    context: Context, history: Sequence[tuple[ReviewDecision, ReviewUndo | None]], *, unmasked: bool
) -> list[dict[str, Any]]:
    """Plain values of each decision, in their order; masked as cases are."""
    shown = _shown(context, [text for decision, _ in history for text in (decision.text, decision.full_text)], len(history), unmasked)
    return [
        {
            "decision": decision.decision,
            "decided_at": decision.decided_at,
            "decided_by": decision.decided_by,
            "reason": decision.reason,
            "text": shown[decision.text],
            "choice": decision.choice,
            "full_text": shown[decision.full_text],
            "recorded_by": decision.recorded_by,
            "origin": decision.origin,
            "undone": {"at": undo.undone_at, "by": undo.undone_by, "reason": undo.reason} if undo else None,
        }
        for decision, undo in history
    ]


def list_pairs(context: Context, cases: Sequence[PairCase], *, unmasked: bool) -> list[dict[str, Any]]:
    """Plain values of each pair, in their order; masked unless `unmasked`, which is noted in the audit log."""
    if unmasked:
        context.pool.audit.append(UNMASKED, "review", context.actor, "shown", context.now, {"pairs": len(cases)})

    def side(each: Side) -> dict[str, Any]:
        known = [{"label": item.label, "value": item.value if unmasked else item.masked} for item in each.attributes]
        return {"key": each.key, "known": known, "datasets": dict(each.sources)}

    return [
        {
            "case": case.case_id,
            "kind": case.table_name,
            "rule": case.rule,
            "reason": case.reason,
            "score": case.score,
            "left": side(case.left),
            "right": side(case.right),
            "agreeing": case.compared()[0],
            "differing": case.compared()[1],
            "decision": case.decided.decision if case.decided else None,
        }
        for case in cases
    ]


def list_pair_decisions(history: Sequence[tuple[PairDecision, ReviewUndo | None]]) -> list[dict[str, Any]]:
    """Plain values of each decision on a pair, in their order; they quote nothing of the two."""
    return [
        {
            "decision": decision.decision,
            "kind": decision.table_name,
            "decided_at": decision.decided_at,
            "decided_by": decision.decided_by,
            "reason": decision.reason,
            "choice": decision.choice,
            "left_id": decision.left_id,
            "right_id": decision.right_id,
            "rule": decision.rule,
            "recorded_by": decision.recorded_by,
            "origin": decision.origin,
            "undone": {"at": undo.undone_at, "by": undo.undone_by, "reason": undo.reason} if undo else None,
        }
        for decision, undo in history
    ]


def _addresses_of(case: Case) -> Iterable[str]:
    yield case.text
    if case.safe:
        yield case.safe.full_text
    yield from (each.address.full_text for each in case.candidates)


def _shown(context: Context, addresses: Sequence[str], rows: int, unmasked: bool) -> dict[str, str]:
    """What is shown of each address."""
    if unmasked:
        context.pool.audit.append(UNMASKED, "review", context.actor, "shown", context.now, {"rows": rows})
        return {address: address for address in addresses}
    mask = mask_expression(pool_contracts()["address"].column("full_text"))
    with duckdb.connect(":memory:") as connection:
        masked = connection.execute(
            f"SELECT full_text, {mask} FROM (SELECT DISTINCT unnest(?::VARCHAR[]) AS full_text)", [list(addresses)]
        ).fetchall()
    return dict(masked)
