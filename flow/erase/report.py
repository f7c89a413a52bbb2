"""The report of a retained release without what it quotes of the person."""

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path

from python_calamine import CalamineWorkbook

from expectations.report import Cell, QuarantinedCell, Sheet, write_quarantine_workbook, write_tables
from flow.context import Context
from flow.erase.plan import Plan
from flow.report import TABLES, WORKBOOK
from transforms.erase import CAUSE, WHOLE, scrubbed

EXAMPLE = re.compile(r'\s*<tr data-row="([^"]*)"')
"""How the line of a page begins that quotes a row of a file."""


def erase_from_report(context: Context, plan: Plan, source: Path, target: Path) -> int:
    """Give a file of a report its place in a release that is built: linked, or written anew; returns how many of its lines changed."""
    lines = 0
    if source.suffix in (".html", ".json"):
        lines = _erase_from_text(context, plan, source, target)
    elif source.name == WORKBOOK:
        cells = list(_cells(source))
        cleared_cells = list(dict.fromkeys(_cleared(context, plan, cells)))
        if cleared_cells != cells:
            write_quarantine_workbook(cleared_cells, target)
            lines = sum(before not in cleared_cells for before in cells)
    elif source.name == TABLES:
        sheets = list(_sheets(source))
        cleared_sheets = [replace(sheet, rows=[_scrubbed(plan, row) for row in sheet.rows]) for sheet in sheets]
        if cleared_sheets != sheets:
            write_tables(cleared_sheets, target)
            lines = 1
    if not lines:
        os.link(source, target)
    return lines


def _erase_from_text(context: Context, plan: Plan, source: Path, target: Path) -> int:
    """A page or JSON without what names the person, and without the examples of rows that went or lost cells."""
    text = source.read_text(encoding="utf-8")
    gone = {f"{file}|{sheet}|{row}" for file, sheet, row in _gone(context, plan)}
    kept = [line for line in text.splitlines(keepends=True) if not ((found := EXAMPLE.match(line)) and unescape(found[1]) in gone)]
    cleared = scrubbed("".join(kept), plan.needles, plan.ids)
    if cleared == text:
        return 0
    target.write_text(cleared, encoding="utf-8")
    return 1


def _sheets(path: Path) -> Iterator[Sheet]:
    workbook = CalamineWorkbook.from_path(path)
    for name in workbook.sheet_names:
        headings, *rows = workbook.get_sheet_by_name(name).to_python()
        yield Sheet(name, [str(each) for each in headings], [tuple(_cell(each) for each in row) for row in rows])


def _cell(value: object) -> str | int | float:
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return str(value)


def _scrubbed(plan: Plan, row: Sequence[Cell]) -> Sequence[Cell]:
    return tuple(scrubbed(cell, plan.needles, plan.ids) if isinstance(cell, str) else cell for cell in row)


def _cells(path: Path) -> Iterator[QuarantinedCell]:
    workbook = CalamineWorkbook.from_path(path)
    for name in workbook.sheet_names:
        for dataset, file, sheet, row, *texts in workbook.get_sheet_by_name(name).to_python()[1:]:
            yield QuarantinedCell(str(dataset), str(file), str(sheet), int(float(str(row))), *map(str, texts))


def _cleared(context: Context, plan: Plan, cells: list[QuarantinedCell]) -> Iterator[QuarantinedCell]:
    """The lines, those of rows that went or lost cells without a value."""
    gone = _gone(context, plan)
    for cell in cells:
        headers = gone.get((cell.file, cell.sheet, cell.row))
        if headers is None:
            yield cell
        elif WHOLE in headers:
            yield replace(cell, column="", masked="", reason=CAUSE, advice="")
        else:
            yield replace(cell, masked="")


def _gone(context: Context, plan: Plan) -> dict[tuple[str, str, int], frozenset[str]]:
    """The rows that went or lost cells, by file, sheet and row."""
    return {
        (context.pool.receipts.read(batch).file_name, *place): headers
        for each in plan.files
        for batch in each.batches
        for place, headers in each.cuts.cells.items()
    }
