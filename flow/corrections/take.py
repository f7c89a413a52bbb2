"""Answers come back: from filled-in workbooks into the ledger. They change nothing in the pool: that is for the source to do."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flow.context import Context
from flow.corrections.fault import value_digests
from flow.corrections.filled import FilledItem, filled_items
from flow.corrections.workbook import ITEM, KEPT, MARK, NEW, NOTE, OTHER, OWN, WHO
from flow.review.filled import Refusal
from pool import CorrectionAnswer, CorrectionChoice, CorrectionItem
from pool.files import file_sha256

TAKE = "corrections.take"
"""Action in the audit log."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What files came to: answers that are new, rows refused, rows that say what was answered before, rows left blank."""

    accepted: Sequence[CorrectionAnswer]
    refused: Sequence[Refusal]
    unchanged: int
    blank: int


def take(context: Context, files: Sequence[Path], *, only_check: bool = False) -> Taken:
    """Take the answers of filled-in workbooks into the ledger, row by row: one that cannot be taken does not keep the others out, nor does a file.

    With `only_check` nothing is written.
    """
    judge = _Judge(context)
    for path in files:
        judge.judge(path)
    taken = Taken(judge.accepted, judge.refused, judge.unchanged, judge.blank)
    if not only_check:
        details = {
            "workbooks": {path.name: judge.digests[path] for path in files if path in judge.digests},
            "answers": [each.answer for each in taken.accepted],
            "refused": len(taken.refused),
            "unchanged": taken.unchanged,
        }
        context.pool.audit.append(TAKE, "、".join(path.name for path in files), context.actor, "started", context.now, details)
        context.pool.ledger.corrections.answer(taken.accepted)
    return taken


class _Judge:
    """Goes through files, and keeps what each row comes to."""

    def __init__(self, context: Context) -> None:
        ledger = context.pool.ledger.corrections
        self._context = context
        self._receipts = {sheet.receipt for sheet in ledger.sheets()}
        self._items: Mapping[str, CorrectionItem] = {item.item: item for item in ledger.items()}
        self._last = {answer.item: answer for answer in ledger.answers()}
        self._numbers = Counter(answer.item for answer in ledger.answers())
        self._files = {answer.file_sha256: answer for answer in ledger.answers()}
        self._seen: dict[str, FilledItem] = {}
        self.digests: dict[Path, str] = {}
        self.accepted: list[CorrectionAnswer] = []
        self.refused: list[Refusal] = []
        self.unchanged = 0
        self.blank = 0

    def judge(self, path: Path) -> None:
        digest = file_sha256(path)
        known = self._files.get(digest)
        if known is not None or digest in self.digests.values():
            when = f"于 {self._context.local_time(known.taken_at):%Y-%m-%d %H:%M} 由 {known.recorded_by} " if known else "在本次"
            cause = f"同一个文件已{when}收过（{known.origin.split('，')[0] if known else '内容相同'}），没有再收。更改以后的请另存再收。"
            self.refused.append(Refusal(path.name, 0, "", cause, "全部"))
            return
        self.digests[path] = digest
        rows = list(filled_items(path))
        self.refused += [row for row in rows if isinstance(row, Refusal)]
        filled = [row for row in rows if isinstance(row, FilledItem) and not row.is_blank]
        self.blank += sum(isinstance(row, FilledItem) and row.is_blank for row in rows)
        values = value_digests([row.cells[OWN] + row.cells.get(OTHER, "") for row in filled], self._context.key)
        for row, value in zip(filled, values, strict=True):
            self._judge_row(row, value, digest)

    def _judge_row(self, row: FilledItem, value: str, digest: str) -> None:
        number = row.cells[ITEM]
        faults = self._faults(row, value)
        if not faults and number in self._seen:
            other = self._seen[number]
            cause = f"同一项已在 {other.file} 工作表“{other.sheet}”第 {other.row} 行答复，这一行没有收。请只留一个。"
            faults = [row.refused(ITEM, cause)]
        self.refused += faults
        if faults:
            return
        self._seen[number] = row
        answer = self._answer(row, value, digest)
        last = self._last.get(number)
        if last is not None and _says(last) == _says(answer):
            self.unchanged += 1
        else:
            self.accepted.append(answer)

    def _faults(self, row: FilledItem, value: str) -> list[Refusal]:
        unknown = self._unknown(row, value)
        return [unknown] if unknown else self._badly_filled(row)

    def _unknown(self, row: FilledItem, value: str) -> Refusal | None:
        """Why the row is not about an item as it went out, if so."""
        number = row.cells[ITEM]
        receipt = number.rpartition("-")[0]
        if receipt not in self._receipts:
            return row.refused(
                ITEM, f"没有回执号“{receipt or number}”的更正单：编号被改动，或不是本数据池发出的。见 datapool corrections list。"
            )
        item = self._items.get(number)
        if item is None:
            return row.refused(ITEM, f"更正单 {receipt} 没有编号为“{number}”的项：编号被改动，或其中的内容已依申请删除。")
        identity, _, shown = row.cells[MARK].partition(".")
        if identity != item.identity:
            return row.refused(MARK, "编号或隐藏的标识被改动，无法确认这一行是哪一项。请在原来的工作簿中重填这一行。")
        if shown != value:
            return row.refused(OWN, f"原值被改动。请改回，更正后的值填在“{NEW}”。")
        return None

    def _badly_filled(self, row: FilledItem) -> list[Refusal]:
        cells, faults = row.cells, []
        if not cells[WHO]:
            faults.append(row.refused(WHO, "必填：每个答复都要有人负责。"))
        if cells[NEW] and cells[KEPT]:
            faults.append(row.refused(KEPT, f"“{NEW}”与“{KEPT}”都填了，两者矛盾。请只留一个。"))
        elif cells[NEW] and cells[NEW] == cells[OWN]:
            faults.append(row.refused(NEW, f"更正值与原值相同。原值无误的，请填“{KEPT}”。"))
        return faults

    def _answer(self, row: FilledItem, value: str, digest: str) -> CorrectionAnswer:
        number, cells = row.cells[ITEM], row.cells
        choice: CorrectionChoice = "corrected" if cells[NEW] else "kept" if cells[KEPT] else "explained"
        return CorrectionAnswer(
            answer=f"{number}/{self._numbers[number] + 1}",
            item=number,
            asked=value,
            choice=choice,
            value=cells[NEW],
            reason=cells[KEPT],
            note=cells[NOTE],
            answered_by=cells[WHO],
            origin=f"{row.file}，工作表“{row.sheet}”，第 {row.row} 行",
            file_sha256=digest,
            taken_at=self._context.now,
            recorded_by=self._context.actor,
        )


def _says(answer: CorrectionAnswer) -> tuple[str, ...]:
    return answer.choice, answer.asked, answer.value, answer.reason, answer.note
