"""Judging filled-in rows: each is a decision, says what holds already, or is refused with its causes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from address_matching import RULE_VERSION
from flow.context import Context
from flow.review.case import Address, Case
from flow.review.cases import Cases, address_of, is_in_force, library_rows
from flow.review.filled import Chosen, FilledRow, Refusal, read_choice
from flow.review.mark import Mark, address_mark
from flow.review.workbook import (
    CASE,
    CHOICE,
    MARK,
    OTHER,
    OTHER_ADDRESS,
    TEXT,
    WHO,
    WHY,
    candidate_label,
    described,
    described_decision,
    options_of,
)
from flow.workspace import workspace
from pool import ReviewDecision, ReviewUndo

EXPORT_AGAIN = "请重新导出，按现在的候选决定。"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a row: refused for `faults`, else a new `decision` (in the place of another: `replaced`), else what holds already."""

    row: FilledRow
    faults: Sequence[Refusal] = ()
    decision: ReviewDecision | None = None
    replaced: ReviewUndo | None = None


class Refused(Exception):
    """A row that cannot be taken: column and cause."""

    def __init__(self, column: str, cause: str) -> None:
        super().__init__(column, cause)
        self.column = column
        self.cause = cause


def judge_rows(context: Context, cases: Cases, rows: Sequence[FilledRow]) -> list[Verdict]:
    """The verdict on each row, in their order; rows that decide on the same text are refused where they say different things."""
    judge = _Judge(context, cases, _named_addresses(context, cases, rows))
    return list(_told_apart([judge.verdict(row) for row in rows]))


class _Judge:
    def __init__(self, context: Context, cases: Cases, named: Mapping[str, list[dict[str, Any]]]) -> None:
        self._context = context
        self._library = cases.library.version
        self._settled = {case.case_id for case in cases.settled}
        self._cases = {case.case_id: case for case in (*cases.waiting, *cases.settled)}
        self._named = named
        self._numbers = Counter(decision.case_id for decision, _ in context.pool.ledger.review.history())

    def verdict(self, row: FilledRow) -> Verdict:
        try:
            mark, case = self._case(row)
        except Refused as refused:
            return Verdict(row, [_refusal(row, refused)])
        faults = [
            _refusal(row, Refused(column, "必填：每个决定都要有人负责、有据可查。")) for column in (WHO, WHY) if not row.cells[column]
        ]
        try:
            chosen = self._chosen(row, case)
            address = self._address(row, chosen, mark, case)
            holds = self._holds(chosen, address, case)
        except Refused as refused:
            faults.append(_refusal(row, refused))
        if faults:
            return Verdict(row, faults)
        return Verdict(row) if holds else self._decision(row, chosen, address, case)

    def _case(self, row: FilledRow) -> tuple[Mark, Case]:
        mark = Mark.read(row.cells[MARK])
        if mark is None or mark.case_id != row.cells[CASE]:
            raise Refused(MARK, "案例编号或隐藏的标识被改动，无法确认这一行是哪个案例。请在原来导出的工作簿中重填这一行。")
        case = self._cases.get(mark.case_id)
        if case is None:
            raise Refused(CASE, "这个案例已不必决定：现在的地址库已能对上，或来源已没有这种写法。")
        if row.cells[TEXT].split() != case.text.split():
            raise Refused(TEXT, "原文被改动。决定只对原文有效，请改回；写法有误应由来源部门更正。")
        return mark, case

    def _chosen(self, row: FilledRow, case: Case) -> Chosen:
        text = row.cells[CHOICE]
        if not text:
            raise Refused(CHOICE, "填了理由或地址，却没有选决定。请选择，或把这一行清空。")
        chosen = read_choice(text)
        offered = options_of(case)
        if chosen is None or chosen.label not in offered:
            raise Refused(CHOICE, f"“{text}”不能选。这一行可选：{'、'.join(offered)}。")
        if row.cells[OTHER] and chosen.label != OTHER_ADDRESS:
            raise Refused(OTHER, f"填了地址，决定却是“{text}”，两者矛盾。请改选“{OTHER_ADDRESS}”，或清空这一格。")
        return chosen

    def _address(self, row: FilledRow, chosen: Chosen, mark: Mark, case: Case) -> Address | None:
        """The address that the choice names, as the library has it now."""
        if chosen.label == OTHER_ADDRESS:
            address = self._named_address(row.cells[OTHER])
        elif chosen.candidate is not None:
            address = _same_candidate(mark, chosen.candidate, case)
        elif mark.basis != case.basis:
            raise Refused(CHOICE, f"导出之后地址库变了，候选或安全答案已不同。{EXPORT_AGAIN}")
        else:
            return case.safe if chosen.choice == "safe_answer" else None
        others = [other for other in case.elsewhere if other != address]
        if others:
            said = "、".join(map(described, others))
            raise Refused(
                CHOICE,
                f"同样写法的其他记录凭区划代码、日期等线索已匹配到{said}，确认之后它们也会改到这里。请改选“安全答案即可”或“无法判断”。",
            )
        return address

    def _named_address(self, named: str) -> Address:
        if not named:
            raise Refused(OTHER, f"选了“{OTHER_ADDRESS}”，请填标准地址的编号或全称。")
        found = self._named.get(named, [])
        today = self._context.local_date(self._context.now)
        living = [row for row in found if is_in_force(row, today)]
        if not found:
            raise Refused(OTHER, f"地址库中没有“{named}”：请填标准地址的编号，或与库中一字不差的全称（可用 datapool match --explain 查）。")
        if len(living) != 1:
            cause = "已停用" if not living else f"在库中有 {len(living)} 个：{'、'.join(row['address_id'] for row in living)}"
            raise Refused(OTHER, f"“{named}”{cause}。请改填一个在用地址的编号。")
        return address_of(living[0])

    def _holds(self, chosen: Chosen, address: Address | None, case: Case) -> bool:
        """Whether this very decision is in force. Raises Refused when another is and nobody asks again."""
        decided = case.decided
        if decided is None or case.case_id not in self._settled:
            return False
        if (decided.choice, decided.address_id) == (chosen.choice, address.address_id if address else ""):
            return True
        raise Refused(
            CHOICE, f"已有决定：{described_decision(decided)}。要改，请先撤销：datapool review undo {decided.decision} --reason 原因。"
        )

    def _decision(self, row: FilledRow, chosen: Chosen, address: Address | None, case: Case) -> Verdict:
        context, cells = self._context, row.cells
        decision = ReviewDecision(
            decision=f"{case.case_id}-{self._numbers[case.case_id] + 1}",
            case_id=case.case_id,
            text=case.text,
            choice=chosen.choice,
            address_id=address.address_id if address else "",
            full_text=address.full_text if address else "",
            basis=case.basis,
            library=self._library,
            rules=RULE_VERSION,
            decided_by=cells[WHO],
            reason=cells[WHY],
            decided_at=context.now,
            recorded_by=context.actor,
            origin=f"{row.file} 第 {row.row} 行",
            hints=dict(case.hints),
            candidates=[{"address_id": each.address.address_id, "full_text": each.address.full_text} for each in case.candidates],
        )
        if case.decided is None:
            return Verdict(row, decision=decision)
        reason = f"候选已变，由新的决定 {decision.decision} 代替"
        return Verdict(row, decision=decision, replaced=ReviewUndo(case.decided.decision, cells[WHO], reason, context.now, context.actor))


def _same_candidate(mark: Mark, number: int, case: Case) -> Address:
    """The candidate that had this number in the workbook; it may stand elsewhere in the list now, but must be the same address."""
    wanted = mark.candidates[number - 1] if number <= len(mark.candidates) else None
    for each in case.candidates:
        if address_mark(each.address) == wanted:
            return each.address
    raise Refused(CHOICE, f"导出之后地址库变了，工作簿里的{candidate_label(number)} 已不是现在的候选。{EXPORT_AGAIN}")


def _named_addresses(context: Context, cases: Cases, rows: Iterable[FilledRow]) -> dict[str, list[dict[str, Any]]]:
    """What the library has under the ids and full texts that people wrote."""
    named = {row.cells[OTHER] for row in rows if row.cells[OTHER]}
    found: dict[str, list[dict[str, Any]]] = {}
    if named:
        with workspace(context.pool) as connection:
            for column in ("full_text", "address_id"):
                for each in library_rows(connection, cases.library, column, named):
                    found.setdefault(each[column], []).append(each)
    return found


def _told_apart(verdicts: Sequence[Verdict]) -> Iterator[Verdict]:
    """The verdicts, those refused that decide on a text another row decides on: all where they differ, else all but the first."""
    deciding: dict[str, list[Verdict]] = {}
    for verdict in verdicts:
        if verdict.decision is not None:
            deciding.setdefault(verdict.decision.case_id, []).append(verdict)
    for verdict in verdicts:
        same = deciding[verdict.decision.case_id] if verdict.decision is not None else [verdict]
        others = [f"{other.row.file} 第 {other.row.row} 行" for other in same if other is not verdict]
        if len({(each.decision.choice, each.decision.address_id) for each in same if each.decision is not None}) > 1:
            cause = f"同一案例在 {'、'.join(others)} 有不同的决定，两者矛盾，都没有采用。请只留一个。"
            yield Verdict(verdict.row, [_refusal(verdict.row, Refused(CHOICE, cause))])
        elif verdict is not same[0]:
            yield Verdict(verdict.row, [_refusal(verdict.row, Refused(CASE, f"同一案例已在 {others[0]} 决定过，这一行多余，请清空。"))])
        else:
            yield verdict


def _refusal(row: FilledRow, refused: Refused) -> Refusal:
    return Refusal(row.file, row.row, refused.column, refused.cause)
