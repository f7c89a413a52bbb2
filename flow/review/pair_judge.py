"""Judging filled-in rows of pairs: each is a decision, says what holds already, or is refused with its causes."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flow.context import Context
from flow.review.filled import Refusal
from flow.review.pair import PairCase
from flow.review.pair_sheet import (
    CASE,
    CHOICE,
    MARK,
    PAIRS,
    WHO,
    WHY,
    FilledPair,
    described_pair_decision,
    read_pair_choice,
    read_pair_mark,
)
from flow.review.pairs import Pairs
from pool import PairChoice, PairDecision, ReviewUndo
from schemas.codes import code_list


@dataclass(frozen=True, slots=True)
class PairVerdict:
    """What became of a row: refused for `faults`, else a new `decision` (in the place of another: `replaced`), else what holds already."""

    row: FilledPair
    faults: Sequence[Refusal] = ()
    decision: PairDecision | None = None
    replaced: ReviewUndo | None = None


class _Refused(Exception):
    def __init__(self, column: str, cause: str) -> None:
        super().__init__(column, cause)
        self.column = column
        self.cause = cause


def judge_pairs(context: Context, pairs: Pairs, rows: Sequence[FilledPair]) -> list[PairVerdict]:
    """The verdict on each row, in their order; rows that decide differently on one pair are all refused."""
    history = context.pool.ledger.pairs.history()
    numbers = Counter(decision.case_id for decision, _ in history)
    standing = {decision.case_id: decision for decision, undo in history if undo is None}
    cases = {case.case_id: case for case in (*pairs.waiting, *pairs.settled)}
    verdicts = [_verdict(context, cases, standing, numbers, row) for row in rows]
    return list(_told_apart(verdicts))


def _verdict(
    context: Context, cases: dict[str, PairCase], standing: dict[str, PairDecision], numbers: Counter[str], row: FilledPair
) -> PairVerdict:
    try:
        case_id, basis = _marked(row)
        choice = _choice(row)
        missing = [column for column in (WHO, WHY) if not row.cells[column]]
        if missing:
            return PairVerdict(row, [_refusal(row, column, "必填：每个决定都要有人负责、有据可查。") for column in missing])
        if case_id in standing and standing[case_id].choice == choice and not _asked_again(cases.get(case_id)):
            return PairVerdict(row)
        case = _case(cases, standing, case_id, basis)
    except _Refused as refused:
        return PairVerdict(row, [_refusal(row, refused.column, refused.cause)])
    return _decision(context, row, case, choice, numbers[case_id] + 1)


def _marked(row: FilledPair) -> tuple[str, str]:
    mark = read_pair_mark(row.cells[MARK])
    if mark is None or mark[0] != row.cells[CASE]:
        raise _Refused(MARK, "案例编号或隐藏的标识被改动，无法确认这一行是哪个案例。请在原来导出的工作簿中重填这一行。")
    return mark


def _choice(row: FilledPair) -> PairChoice:
    text = row.cells[CHOICE]
    offered = "、".join(code_list("pair_choice").values())
    if not text:
        raise _Refused(CHOICE, "填了理由，却没有选决定。请选择，或把这一行清空。")
    choice = read_pair_choice(text)
    if choice is None:
        raise _Refused(CHOICE, f"“{text}”不能选。可选：{offered}。")
    return choice


def _asked_again(case: PairCase | None) -> bool:
    """Whether the pair waits although it was decided on: more has become known since."""
    return case is not None and case.decided is not None and case.decided.basis != case.basis


def _case(cases: dict[str, PairCase], standing: dict[str, PairDecision], case_id: str, basis: str) -> PairCase:
    case, decided = cases.get(case_id), standing.get(case_id)
    if decided is not None and not _asked_again(case):
        advice = f"要改，请先撤销：datapool review undo {decided.decision} --reason 原因。"
        raise _Refused(CHOICE, f"已有决定：{described_pair_decision(decided)}。{advice}")
    if case is None:
        raise _Refused(CASE, "这个案例已不必决定：两条记录已归并，或来源已没有其中一条。")
    if case.basis != basis:
        raise _Refused(CHOICE, "导出之后双方的资料变了。请重新导出，按现在的资料决定。")
    return case


def _decision(context: Context, row: FilledPair, case: PairCase, choice: PairChoice, number: int) -> PairVerdict:
    left, right = sorted((case.left.key, case.right.key))
    decision = PairDecision(
        decision=f"{case.case_id}-{number}",
        case_id=case.case_id,
        table_name=case.table_name,
        left_id=left,
        right_id=right,
        choice=choice,
        rule=case.rule,
        basis=case.basis,
        decided_by=row.cells[WHO],
        reason=row.cells[WHY],
        decided_at=context.now,
        recorded_by=context.actor,
        origin=f"{row.file} 第 {row.row} 行",
    )
    if case.decided is None:
        return PairVerdict(row, decision=decision)
    reason = f"资料已变，由新的决定 {decision.decision} 代替"
    return PairVerdict(
        row, decision=decision, replaced=ReviewUndo(case.decided.decision, row.cells[WHO], reason, context.now, context.actor)
    )


def _told_apart(verdicts: Sequence[PairVerdict]) -> Iterator[PairVerdict]:
    """The verdicts, those refused that decide on a pair another row decides on: all where they differ, else all but the first."""
    deciding: dict[str, list[PairVerdict]] = defaultdict(list)
    for verdict in verdicts:
        if verdict.decision is not None:
            deciding[verdict.decision.case_id].append(verdict)
    for verdict in verdicts:
        same = deciding[verdict.decision.case_id] if verdict.decision is not None else [verdict]
        others = "、".join(f"{other.row.file} 第 {other.row.row} 行" for other in same if other is not verdict)
        if len({each.decision.choice for each in same if each.decision is not None}) > 1:
            cause = f"同一案例在 {others} 有不同的决定，两者矛盾，都没有采用。请只留一个。"
            yield PairVerdict(verdict.row, [_refusal(verdict.row, CHOICE, cause)])
        elif verdict is not same[0]:
            yield PairVerdict(verdict.row, [_refusal(verdict.row, CASE, f"同一案例已在 {others} 决定过，这一行多余，请清空。")])
        else:
            yield verdict


def _refusal(row: FilledPair, column: str, cause: str) -> Refusal:
    return Refusal(row.file, row.row, column, cause, PAIRS)
