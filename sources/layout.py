"""How an export is laid out, told from the file: format, encoding, sheet, rows above the header and of it."""

import csv
import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

from sources.readers import Layout, ReadError
from sources.readers.content import OLE_MARK, ZIP_MARK
from sources.readers.text_stream import AUTO, Utf8Stream, likely_encoding, text_lines
from sources.readers.values import value_text

PARQUET_MARK = b"PAR1"
LINES_LOOKED_AT = 40
HEAD_SIZE = 1024 * 1024
DELIMITERS = {",": "csv", "\t": "tsv"}
UNREAD_DELIMITERS = {";": "分号", "|": "竖线", "^": "^", "\x01": "控制字符 \\x01"}
TITLE_SHARE = 0.3
"""A row with fewer of the columns filled stands above the table."""

WHOLE_WIDTH = 0.8
"""A cell merged over more of the columns is the title."""

LONGEST_HEADER = 40
DATA = re.compile(r"[-+]?[\d,]*\.?\d+%?|\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?([ T].*)?|[0-9]{15}[0-9Xx]{0,3}|[A-Za-z]{0,4}\d{5,}\w*")
CODE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


Area = tuple[tuple[int, int], tuple[int, int]]
"""First row and column, last row and column of merged cells, from 0."""


@dataclass(frozen=True, slots=True)
class FoundLayout:
    """The layout of a file, with what a person should know of it (``notes``, Chinese) and the texts of the rows above the header."""

    layout: Layout
    notes: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Head:
    """The first rows of a table, and the cells merged in them."""

    rows: Sequence[Sequence[str]]
    merged: Sequence[Area] = field(default=())


def find_layout(path: Path, encoding: str | None = None, sheet: str | None = None) -> FoundLayout:
    """The layout of an export. Raises ReadError for a file that no reader can read and for one without a header.

    encoding, sheet: given by whoever knows better.
    """
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_SIZE)
    except OSError as error:
        raise ReadError(path, f"无法打开（{error.strerror}）", "请核对文件是否存在以及读取权限") from error
    if not head:
        raise ReadError(path, "文件是空的（0 字节）", "请重新导出")
    if head.startswith(PARQUET_MARK):
        return FoundLayout(Layout("parquet"))
    if head.startswith((ZIP_MARK, OLE_MARK)):
        return _of_workbook(path, sheet)
    if sheet is not None:
        raise ReadError(path, "不是工作簿，没有工作表", "请去掉 --sheet")
    return _of_text(path, head, encoding)


def _of_text(path: Path, head: bytes, encoding: str | None) -> FoundLayout:
    found = encoding or likely_encoding(head)
    if found is None:
        raise ReadError(path, "不是文本文件，也不是工作簿或 Parquet，认不出格式", "请核对文件，或用 --encoding 写明编码")
    with Utf8Stream(path, found) as stream:
        lines = list(itertools.islice(text_lines(stream), LINES_LOOKED_AT))
    text = "".join(lines).lstrip()
    if text.startswith("{"):
        return FoundLayout(Layout("jsonl", found))
    if text.startswith("["):
        raise ReadError(path, "内容是一个 JSON 数组，读取器只认每行一个 JSON 对象（jsonl）", "请让来源部门按每行一个对象导出")
    if text.startswith("<"):
        raise ReadError(path, "内容是网页或 XML，不是表格文件", "请用 Excel 或 WPS 打开，另存为 xlsx")
    if encoding == AUTO:
        found = AUTO
    delimiter = _delimiter(path, lines)
    rows = [list(row) for row in csv.reader(lines, delimiter=delimiter)]
    return _with_header(path, Layout(DELIMITERS[delimiter], found), _Head(rows), ())


def _delimiter(path: Path, lines: Sequence[str]) -> str:
    """The delimiter that divides most lines into the same number of cells, and into the most."""

    def fit(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(widths), key=widths.count)
        return (widths.count(usual) / len(widths) * (usual > 1), usual)

    try:
        best = max([*DELIMITERS, *UNREAD_DELIMITERS], key=fit)
    except csv.Error as error:
        raise ReadError(path, f"不能按行列拆开（{error}）", "请核对引号是否闭合") from error
    if best in UNREAD_DELIMITERS and fit(best)[0] > 0:
        cause = f"列之间用{UNREAD_DELIMITERS[best]}分隔，读取器只认逗号（csv）和制表符（tsv）"
        raise ReadError(path, cause, "请让来源部门改用逗号或制表符导出")
    return best if best in DELIMITERS else ","


def _of_workbook(path: Path, sheet: str | None) -> FoundLayout:
    try:
        with path.open("rb") as file:
            workbook = CalamineWorkbook.from_filelike(file)
            names = list(workbook.sheet_names)
            if sheet is not None and sheet not in names:
                raise ReadError(path, f"没有工作表“{sheet}”，只有：{'、'.join(names)}", "请核对工作表名称")
            chosen, cells = _largest(workbook, [sheet] if sheet else names)
            rows = [[value_text(cell) for cell in row] for row in itertools.islice(cells.iter_rows(), LINES_LOOKED_AT)]
            head = _Head(rows, cells.merged_cell_ranges or ())
    except PasswordError as error:
        raise ReadError(path, "工作簿有打开密码", "请去掉密码后重新导出") from error
    except CalamineError as error:
        raise ReadError(path, f"工作簿打不开（{error}）", "请用 Excel 或 WPS 打开核对，去掉密码，另存为 xlsx") from error
    if not rows:
        raise ReadError(path, "工作表是空的", "请核对是否选错了文件或工作表", chosen)
    named = sheet or (chosen if chosen != names[0] else None)
    notes = () if len(names) == 1 else (f"工作簿有 {len(names)} 个工作表（{'、'.join(names)}），取“{chosen}”",)
    return _with_header(path, Layout("xlsx", sheet=named), head, notes)


def _largest(workbook: CalamineWorkbook, names: Sequence[str]) -> tuple[str, CalamineSheet]:
    sheets = [(name, workbook.get_sheet_by_name(name)) for name in names]
    return max(sheets, key=lambda each: each[1].height * each[1].width)


def _with_header(path: Path, layout: Layout, head: _Head, notes: tuple[str, ...]) -> FoundLayout:
    rows = [[cell.strip() for cell in row] for row in head.rows]
    width = max(len(_filled(row)) for row in rows)
    wide = _spread(rows, head.merged, width)
    first = next((place for place, row in enumerate(wide) if not _is_title(row, width)), None)
    if first is None:
        raise ReadError(path, "没有找到表头", "请核对是否选错了文件或工作表", layout.sheet or "")
    if _looks_like_data(rows[first]):
        cause = f"第 {first + 1} 行像是数据，前面没有表头"
        raise ReadError(path, cause, "没有表头认不出各列，请让来源部门带表头导出", layout.sheet or "", first + 1)
    lines = 2 if first + 1 < len(rows) and _goes_on(rows, first, head.merged) else 1
    found = Layout(layout.format, layout.encoding, first, lines, layout.sheet)
    return FoundLayout(found, notes, tuple(cell for row in rows[:first] for cell in _filled(row)))


def _spread(rows: Sequence[Sequence[str]], merged: Sequence[Area], width: int) -> list[list[str]]:
    """The rows with names repeated over the cells merged with them, but for those of a title that spans the table."""
    spread = [list(row) + [""] * (width - len(row)) for row in rows]
    for (top, left), (_, right) in merged:
        if top < len(spread) and right - left + 1 < WHOLE_WIDTH * width:
            spread[top][left : right + 1] = [spread[top][left]] * len(spread[top][left : right + 1])
    return spread


def _is_title(row: Sequence[str], width: int) -> bool:
    filled = _filled(row)
    few = len(filled) <= max(1 if width > 1 else 0, TITLE_SHARE * width)
    return few or all(":" in cell or "：" in cell for cell in filled)


def _goes_on(rows: Sequence[Sequence[str]], first: int, merged: Sequence[Area]) -> bool:
    """Whether the row below belongs to the header: merged with it, filling its gaps, or giving its names once more as codes."""
    upper, lower = rows[first], rows[first + 1]
    if _looks_like_data(lower) or not _filled(lower) or any(len(cell) > LONGEST_HEADER for cell in lower):
        return False
    if any(top == first < bottom for (top, _), (bottom, _) in merged):
        return True
    gaps = [place for place, cell in enumerate(lower) if cell and (place >= len(upper) or not upper[place])]
    if gaps:
        return not any(DATA.fullmatch(cell) for cell in lower)
    codes = all(CODE_NAME.fullmatch(cell) for cell in _filled(lower)) and len(_filled(lower)) > 1
    return codes and not any(CODE_NAME.fullmatch(cell) for cell in _filled(upper))


def _looks_like_data(row: Sequence[str]) -> bool:
    filled = _filled(row)
    return sum(1 for cell in filled if DATA.fullmatch(cell)) * 4 >= max(len(filled), 1)


def _filled(row: Sequence[str]) -> list[str]:
    return [cell for cell in row if cell]
