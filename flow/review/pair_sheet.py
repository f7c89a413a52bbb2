"""The sheet of pairs in the review workbook: both sides, what agrees and differs, columns to fill in; and its rows as they come back."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from flow.review.pair import NAMES, PairCase, Side
from flow.review.sheet import height, write_cell
from pool import PairChoice, PairDecision, PoolError
from schemas.codes import code_list
from sources.readers import Layout, ReadError, open_rows

PAIRS = "人员与单位"
CASE, CHOICE, WHO, WHY, MARK = "案例编号", "决定", "决定人", "理由", "标识（请勿改动）"
TO_FILL = (CHOICE, WHO, WHY)
REASONS_OFFERED = ("实地核实", "查阅档案", "本人（单位）确认", "派出所确认", "来源部门确认")
READ = (CASE, CHOICE, WHO, WHY, MARK)
DIGITS = 12
_COLUMNS: tuple[tuple[str, float], ...] = (
    (CASE, 15),
    ("类别", 6),
    ("相符之处", 28),
    ("甲", 46),
    ("乙", 46),
    ("相同", 18),
    ("不同", 24),
    (CHOICE, 12),
    (WHO, 10),
    (WHY, 20),
    ("甲的来源", 24),
    ("乙的来源", 24),
    ("以前的决定", 30),
    (MARK, 6),
)
_HEADERS = tuple(header for header, _ in _COLUMNS)

GUIDE_LINES = (
    (
        f"工作表“{PAIRS}”",
        "数据池没有把握的归并，一行两条记录：甲、乙可能是同一个人或单位。号码、电话只显示首尾，“相同”“不同”两列写明整个号码是否一致、哪一位不同。",
    ),
    ("同一", "甲和乙是同一个人（单位）：下一次运行合并，今后一直合并。"),
    ("不同一", "甲和乙是两个人（单位）：今后一直分开。"),
    ("不确定", "查过了，仍说不清：保持分开；双方的资料没有变化就不再询问。"),
)


@dataclass(frozen=True, slots=True)
class FilledPair:
    """A row of the sheet as it came back; `cells` by header, trimmed."""

    file: str
    row: int
    cells: Mapping[str, str]

    @property
    def is_blank(self) -> bool:
        """Whether nothing was decided."""
        return not (self.cells[CHOICE] or self.cells[WHY])


def write_pairs(sheet: Worksheet, formats: Mapping[str, Format], cases: Sequence[PairCase], datasets: Mapping[str, str]) -> None:
    """Fill the sheet. datasets: Chinese names by contract id."""
    for place, (header, width) in enumerate(_COLUMNS):
        sheet.set_column(place, place, width, None, {"hidden": header == MARK})
        sheet.write_string(0, place, header, formats["to fill heading" if header in TO_FILL else "heading"])
    widths = {header: width for header, width in _COLUMNS if header != MARK}
    for line, case in enumerate(cases, start=1):
        cells = _row(case, datasets)
        sheet.set_row(line, height((cells.get(header, ""), width) for header, width in widths.items()))
        for place, header in enumerate(_HEADERS):
            write_cell(sheet, line, place, cells.get(header, ""), formats["to fill" if header in TO_FILL else "body"])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(cases), len(_HEADERS) - 1)
    if cases:
        _offer(sheet, len(cases), CHOICE, list(code_list("pair_choice").values()), only=True)
        _offer(sheet, len(cases), WHY, list(REASONS_OFFERED), only=False)


def filled_pairs(path: Path) -> list[FilledPair]:
    """The rows of the sheet in a workbook, none in one without it. Raises PoolError when columns are gone."""
    try:
        rows = open_rows(path, Layout("xlsx", sheet=PAIRS))
    except ReadError:
        return []  # a workbook of addresses alone; one that cannot be read at all was refused before
    missing = [header for header in READ if header not in rows.header]
    if missing:
        raise PoolError(
            f"{path} 的工作表“{PAIRS}”缺少列“{'、'.join(missing)}”。请使用 datapool review export 写出的工作簿，不要删去它的列、改动表头。"
        )
    return [
        FilledPair(path.name, row["row"], {header: row[header].strip() for header in READ})
        for batch in rows.batches()
        for row in batch.to_pylist()
    ]


def read_pair_choice(text: str) -> PairChoice | None:
    """What a cell of the column 决定 says, None when it says nothing known."""
    labels = code_list("pair_choice")
    names: dict[str, PairChoice] = {labels[code]: code for code in get_args(PairChoice)}
    return names.get("".join(text.split()))


def pair_mark(case: PairCase) -> str:
    """What a row carries along unseen: the case and the basis it was shown with."""
    content = [case.case_id, case.basis]
    return json.dumps([*content, _check(content)])


def read_pair_mark(text: str) -> tuple[str, str] | None:
    """Case and basis of a row, None when the mark is not as it was written."""
    try:
        case_id, basis, check = json.loads(text)
    except (ValueError, TypeError):
        return None
    return (case_id, basis) if check == _check([case_id, basis]) else None


def described_pair_decision(decision: PairDecision) -> str:
    """A decision in one Chinese line."""
    return f"{decision.decided_at:%Y-%m-%d} {decision.decided_by} {code_list('pair_choice')[decision.choice]}（{decision.reason}）"


def _check(content: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:DIGITS]


def _row(case: PairCase, datasets: Mapping[str, str]) -> dict[str, str]:
    agreeing, differing = case.compared()
    return {
        CASE: case.case_id,
        "类别": NAMES[case.table_name],
        "相符之处": case.reason,
        "甲": "\n".join(_lines(case.left)),
        "乙": "\n".join(_lines(case.right)),
        "相同": "\n".join(agreeing),
        "不同": "\n".join(differing),
        "甲的来源": _sources(case.left, datasets),
        "乙的来源": _sources(case.right, datasets),
        "以前的决定": described_pair_decision(case.decided) if case.decided else "",
        MARK: pair_mark(case),
    }


def _lines(side: Side) -> Iterator[str]:
    return (f"{each.label}：{each.shown}" for each in side.attributes)


def _sources(side: Side, datasets: Mapping[str, str]) -> str:
    return "\n".join(f"{datasets.get(name, name)} {rows:,} 行" for name, rows in side.sources.items())


def _offer(sheet: Worksheet, lines: int, header: str, values: list[str], *, only: bool) -> None:
    place = _HEADERS.index(header)
    options = {"validate": "list", "source": values, "show_error": only}
    if only:
        options |= {"error_title": "不能这样填", "error_message": "请从下拉列表中选择，或留空。"}
    sheet.data_validation(1, place, lines, place, options)
