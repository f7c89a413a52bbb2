"""The workbook that goes back to a department: one row an item, columns to fill in, and how to fill them in."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from flow.corrections.fault import Fault
from flow.review.sheet import fit_on_paper, height, make_formats, write_cell

REJECTED, CONFLICTS, BROKEN, GUIDE = "更正", "分歧", "质量规则", "填写说明"
ITEM, OWN, OTHER, NEW, KEPT, NOTE, WHO, MARK = (
    "编号", "原值", "对方的值", "更正值", "维持原值的理由", "说明", "经办人", "标识（请勿改动）",
)  # fmt: skip
TO_FILL = (NEW, KEPT, NOTE, WHO)
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)
_WHERE: tuple[tuple[str, float], ...] = (
    (ITEM, 20), ("数据集", 18), ("记录", 30), ("文件", 28), ("期次", 12), ("工作表", 10), ("行", 7), ("列", 16), (OWN, 28),
)  # fmt: skip
_FILL: tuple[tuple[str, float], ...] = ((NEW, 24), (KEPT, 26), (NOTE, 26), (WHO, 10), (MARK, 6))
_COLUMNS: Mapping[str, tuple[tuple[str, float], ...]] = {
    REJECTED: (*_WHERE, ("问题", 30), ("应为", 40), *_FILL),
    CONFLICTS: (*_WHERE, (OTHER, 40), ("现状", 28), ("请核对", 36), *_FILL),
    BROKEN: (*_WHERE, ("问题", 40), ("请核对", 36), *_FILL),
}
GUIDE_LINES = (
    (
        "这是什么",
        f"数据池没有采纳的行（“{REJECTED}”），与别的部门不一致的值（“{CONFLICTS}”），采纳了但不符合质量规则的行（“{BROKEN}”），都来自贵部门报送的文件。一行一项，编号长期不变。",
    ),
    ("怎样才算更正", "请在源系统更正，随下一次报送送来：数据池收到没有这个问题的行，这一项自动办结。填在这里的更正值不会改动数据池。"),
    ("填哪里", f"只填橙色表头的四列：{'、'.join(TO_FILL)}。别的列请勿改动；可以排序、筛选，可以只填一部分，没有查清的留空。"),
    (NEW, "已在源系统改成什么。"),
    (KEPT, f"查过了，原值无误：写明依据。与“{NEW}”只填一处。值不再变，就不再询问。"),
    (NOTE, "别的情况，例如：这条记录已删除、不属本部门、正在核实。"),
    (WHO, "必填：每个答复都要有人负责。"),
    (CONFLICTS, f"“{OWN}”是贵部门报送的；“{OTHER}”按契约脱敏，写明来自哪个部门、哪一期。采用哪个由一数一源的次序决定，见“现状”。"),
    (
        BROKEN,
        f"“问题”写明不符合哪条规则。规则看的是几张表、几个来源、前后几期，有误的可能是别处：贵部门的这一行无误的，填“{KEPT}”。",
    ),
    (
        "填好以后",
        "交给数据池管理员，用 datapool corrections take 收回。有问题的行会指明工作表、行和原因，其余照常收下。",
    ),
    ("注意保密", "本工作簿含贵部门报送的原值，可能涉及个人信息。请按敏感数据保管，不要转发，用毕删除。"),
)


def mark_of(fault: Fault) -> str:
    """What the hidden cell of a row says: what the item is about, and which value the department sees."""
    return f"{fault.identity}.{fault.value}"


def write_workbook(path: Path, rows: Sequence[tuple[str, Fault]], names: Mapping[str, str], *, title: str, about: str, due: date) -> None:
    """Write items with their faults to an .xlsx file. names: Chinese names by contract id. title: whose sheet it is; about: what it was made from."""
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as workbook:
        workbook.set_properties({"title": title, "created": _CREATED})
        formats = make_formats(workbook)
        for name, kind in ((REJECTED, "rejected"), (CONFLICTS, "conflict"), (BROKEN, "broken")):
            of_kind = [(item, fault) for item, fault in rows if fault.found.kind == kind]
            if of_kind or name == REJECTED:
                _write_items(workbook.add_worksheet(name), formats, _COLUMNS[name], [_cells(*each, names) for each in of_kind])
        guide = workbook.add_worksheet(GUIDE)
        _write_guide(guide, formats, title, (*GUIDE_LINES, ("期限", f"{due:%Y-%m-%d} 以前"), ("本工作簿", about)))
        for sheet in workbook.worksheets():
            fit_on_paper(sheet)


def _cells(item: str, fault: Fault, names: Mapping[str, str]) -> dict[str, str | int]:
    found = fault.found
    return {
        ITEM: item,
        "数据集": names.get(found.contract, found.contract),
        "记录": found.key,
        "文件": found.file,
        "期次": found.period,
        "工作表": found.sheet,
        "行": found.row,
        "列": found.label,
        OWN: found.text,
        OTHER: found.other,
        "问题": found.reason,
        "应为": found.expected,
        "现状": found.reason,
        "请核对": found.expected,
        MARK: mark_of(fault),
    }


def _write_items(
    sheet: Worksheet, formats: Mapping[str, Format], columns: Sequence[tuple[str, float]], rows: Sequence[Mapping[str, str | int]]
) -> None:
    for place, (header, width) in enumerate(columns):
        sheet.set_column(place, place, width, None, {"hidden": header == MARK})
        sheet.write_string(0, place, header, formats["to fill heading" if header in TO_FILL else "heading"])
    for line, cells in enumerate(rows, start=1):
        sheet.set_row(line, height((str(cells.get(header, "")), width) for header, width in columns if header != MARK))
        for place, (header, _) in enumerate(columns):
            write_cell(sheet, line, place, cells.get(header, ""), formats["to fill" if header in TO_FILL else "body"])
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, len(rows), len(columns) - 1)
    sheet.print_area(0, 0, len(rows), len(columns) - 2)


def _write_guide(sheet: Worksheet, formats: Mapping[str, Format], title: str, lines: Sequence[tuple[str, str]]) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, title, formats["title"])
    for line, (head, text) in enumerate(lines, start=2):
        sheet.write_string(line, 0, head, formats["body"])
        sheet.write_string(line, 1, text, formats["body"])
        sheet.set_row(line, height([(text, 110)]))
