"""The report of a retained release without what it quotes of the person."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from python_calamine import CalamineWorkbook

from expectations.report import QuarantinedCell, write_quarantine_workbook
from flow.context import Context
from flow.erase.plan import Plan
from flow.report import FIGURES, PAGE, WORKBOOK
from transforms.erase import CAUSE, WHOLE, scrubbed


def erase_from_report(context: Context, plan: Plan, source: Path, target: Path) -> int:
    """Give a file of a report its place in a release that is built: linked, or written anew; returns how many of its lines changed."""
    lines = 0
    if source.name in (PAGE, FIGURES):
        text = source.read_text(encoding="utf-8")
        if (cleared := scrubbed(text, plan.needles, plan.ids)) != text:
            target.write_text(cleared, encoding="utf-8")
            lines = 1
    elif source.name == WORKBOOK:
        cells = list(_cells(source))
        cleared_cells = list(dict.fromkeys(_cleared(context, plan, cells)))
        if cleared_cells != cells:
            write_quarantine_workbook(cleared_cells, target)
            lines = sum(before not in cleared_cells for before in cells)
    if not lines:
        os.link(source, target)
    return lines


def _cells(path: Path) -> Iterator[QuarantinedCell]:
    workbook = CalamineWorkbook.from_path(path)
    for name in workbook.sheet_names:
        for dataset, file, sheet, row, *texts in workbook.get_sheet_by_name(name).to_python()[1:]:
            yield QuarantinedCell(str(dataset), str(file), str(sheet), int(float(str(row))), *map(str, texts))


def _cleared(context: Context, plan: Plan, cells: list[QuarantinedCell]) -> Iterator[QuarantinedCell]:
    """The lines, those of rows that went or lost cells without a value."""
    gone = {
        (context.pool.receipts.read(batch).file_name, *place): headers
        for each in plan.files
        for batch in each.batches
        for place, headers in each.cuts.cells.items()
    }
    for cell in cells:
        headers = gone.get((cell.file, cell.sheet, cell.row))
        if headers is None:
            yield cell
        elif WHOLE in headers:
            yield replace(cell, column="", masked="", reason=CAUSE, advice="")
        else:
            yield replace(cell, masked="")
