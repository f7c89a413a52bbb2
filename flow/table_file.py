"""Lists that people take away: one table as CSV or workbook, written as it comes, whatever its length."""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from flow.private_file import new_private_file
from pool import PoolError

CREATED = datetime(2000, 1, 1, tzinfo=UTC)
ROWS_OF_A_SHEET = 1_048_575
CHARACTERS_OF_A_CELL = 32_767
FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet program takes for the beginning of a formula in a CSV file."""


def write_table(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Write rows to a new .csv or .xlsx file that only its owner may read; returns how many. Raises PoolError where it exists, or for other names."""
    writers = {".csv": _write_csv, ".xlsx": _write_workbook}
    if path.suffix.lower() not in writers:
        raise PoolError(f"{path} 的扩展名应为 .csv 或 .xlsx。")
    with new_private_file(path):
        return writers[path.suffix.lower()](path, headings, rows)


def _write_csv(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """With a byte order mark, without which spreadsheet programs take Chinese for something else."""
    written = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headings)
        for row in rows:
            writer.writerow(["" if cell is None else f"'{cell}" if str(cell).startswith(FORMULA) else cell for cell in row])
            written += 1
    return written


def _write_workbook(path: Path, headings: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """More rows than a sheet can hold go on in the next one; text that looks like a formula is none."""
    written = 0
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as workbook:
        workbook.set_properties({"created": CREATED})
        sheet = _sheet(workbook, headings)
        for row in rows:
            if written and written % ROWS_OF_A_SHEET == 0:
                sheet = _sheet(workbook, headings)
            for place, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(written % ROWS_OF_A_SHEET + 1, place, cell)
                else:
                    sheet.write_string(written % ROWS_OF_A_SHEET + 1, place, str(cell or "")[:CHARACTERS_OF_A_CELL])
            written += 1
    return written


def _sheet(workbook: xlsxwriter.Workbook, headings: Sequence[str]) -> xlsxwriter.worksheet.Worksheet:
    sheet = workbook.add_worksheet()
    bold = workbook.add_format({"bold": True})
    for place, heading in enumerate(headings):
        sheet.write_string(0, place, heading, bold)
        sheet.set_column(place, place, 24)
    sheet.freeze_panes(1, 0)
    return sheet
