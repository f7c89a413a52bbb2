"""The rows in quarantine as an Excel workbook for the auditor, masked, the same bytes for the same rows."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter

_HEADER = ("数据集", "文件", "表", "行", "字段", "原值（脱敏）", "原因", "建议")
_WIDTHS = (16, 36, 14, 9, 18, 26, 44, 44)
CREATED = datetime(2000, 1, 1, tzinfo=UTC)
ROWS_OF_A_SHEET = 1_048_575
CHARACTERS_OF_A_CELL = 32_767
OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
"""Every cell is what it is: what begins with `=`, `+`, `-` or `@` is no formula."""


@dataclass(frozen=True, slots=True)
class QuarantinedCell:
    """One reason why one row is in quarantine.

    `masked` is the value as it may be shown: the caller masks it. `sheet` is empty for files without sheets;
    `column` is empty when the reason concerns the whole row.
    """

    dataset: str
    file: str
    sheet: str
    row: int
    column: str
    masked: str
    reason: str
    advice: str = ""


def write_quarantine_workbook(rows: Iterable[QuarantinedCell], path: Path, *, rows_of_a_sheet: int = ROWS_OF_A_SHEET) -> int:
    """Write the rows to an .xlsx file, one line a reason, and return how many lines it has.

    Every cell but the row number is text: what begins with `=`, `+`, `-` or `@` is no formula. More rows than a sheet
    can hold go on in the next sheet. Memory stays small whatever the number of rows.
    """
    written = 0
    with xlsxwriter.Workbook(path, OPTIONS) as workbook:
        workbook.set_properties({"title": "隔离行清单（脱敏）", "created": CREATED})
        sheet = _new_sheet(workbook)
        for row in rows:
            if written and written % rows_of_a_sheet == 0:
                sheet = _new_sheet(workbook)
            _write_row(sheet, written % rows_of_a_sheet + 1, row)
            written += 1
    return written


def _new_sheet(workbook: xlsxwriter.Workbook) -> xlsxwriter.worksheet.Worksheet:
    count = len(workbook.worksheets())
    sheet = workbook.add_worksheet("隔离行" if not count else f"隔离行{count + 1}")
    heading = workbook.add_format({"bold": True, "bg_color": "#1F4E8C", "font_color": "#FFFFFF"})
    for column, (title, width) in enumerate(zip(_HEADER, _WIDTHS, strict=True)):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, heading)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, ROWS_OF_A_SHEET, len(_HEADER) - 1)
    return sheet


def _write_row(sheet: xlsxwriter.worksheet.Worksheet, line: int, row: QuarantinedCell) -> None:
    for column, value in enumerate(astuple(row)):
        if isinstance(value, int):
            sheet.write_number(line, column, value)
        else:
            sheet.write_string(line, column, value[:CHARACTERS_OF_A_CELL])
