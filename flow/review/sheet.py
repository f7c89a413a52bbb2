"""What the sheets of review workbooks share: formats, cells, heights, paper."""

from collections.abc import Iterable
from unicodedata import east_asian_width

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

CHARACTERS_OF_A_CELL = 32_767
PAPER_A4 = 9
POINTS_OF_A_LINE = 15.0
HIGHEST_ROW = 409.0


def make_formats(workbook: xlsxwriter.Workbook) -> dict[str, Format]:
    """The formats of a workbook by what they are for."""
    heading = {"bold": True, "font_color": "#FFFFFF", "text_wrap": True, "valign": "vcenter"}
    body = {"text_wrap": True, "valign": "top", "border": 1, "border_color": "#D9D9D9"}
    return {
        "heading": workbook.add_format(heading | {"bg_color": "#1F4E8C"}),
        "to fill heading": workbook.add_format(heading | {"bg_color": "#B45F06"}),
        "body": workbook.add_format(body),
        # As text an address id keeps all its digits.
        "to fill": workbook.add_format(body | {"bg_color": "#FFF8E1", "num_format": "@"}),
        "title": workbook.add_format({"bold": True, "font_size": 14}),
    }


def write_cell(sheet: Worksheet, line: int, place: int, value: str | int, format: Format) -> None:
    """Write a number or text; an empty one keeps its format."""
    if isinstance(value, int):
        sheet.write_number(line, place, value, format)
    elif value:
        sheet.write_string(line, place, value[:CHARACTERS_OF_A_CELL], format)
    else:
        sheet.write_blank(line, place, None, format)


def height(cells: Iterable[tuple[str, float]]) -> float:
    """Points that wrapped texts need in columns of these widths: not every spreadsheet program finds the height itself."""
    lines = max(sum(1 + int((_width(line) - 1) // (width - 1)) for line in text.split("\n")) for text, width in cells)
    return min(HIGHEST_ROW, max(lines, 1) * POINTS_OF_A_LINE)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WFA" else 1 for character in text) or 1


def fit_on_paper(sheet: Worksheet) -> None:
    """Printed, a sheet is one page wide and has its header on every page."""
    sheet.set_landscape()
    sheet.set_paper(PAPER_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
