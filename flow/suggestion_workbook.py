"""Proposals as an Excel workbook in which people tick what is to come into the library, and such a workbook read back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import xlsxwriter

from flow.private_file import new_private_file
from flow.suggest import Proposal
from pool import PoolError
from schemas.codes import code_list
from sources.readers import Layout, open_rows

TICK, KIND, TEXT, ALIAS, ID = "采纳", "建议", "标准地址", "别名", "别名所指编号"
KINDS = {"add": "补充", "alias": "别名"}
YES, NO = "是", "否"
TICKS = (YES, "√", "✓", "y", "Y", "1", "true")
HEADER = {
    TICK: 8,
    KIND: 8,
    TEXT: 52,
    ALIAS: 24,
    "级别": 12,
    "上级": 44,
    "上级也是新的": 12,
    "记录数": 9,
    "部门数": 9,
    "部门": 36,
    "最早": 12,
    "最晚": 12,
    "把握": 8,
    "备注": 36,
    "原文举例": 60,
    ID: 26,
}
"""Columns and their widths in characters."""

SHEET = "建议"
CREATED = datetime(2000, 1, 1, tzinfo=UTC)
LAST_ROW = 1_048_575


@dataclass(frozen=True, slots=True)
class Ticked:
    """A proposal that somebody ticked; `text` may have been corrected by hand. `target` is the id that an alias stands for."""

    row: int
    kind: str
    text: str
    alias: str
    target: str


def write_suggestions(proposals: Sequence[Proposal], path: Path) -> None:
    """Write proposals to a new .xlsx file that only its owner may read, a drop-down beside each; the same bytes for the same proposals.

    Raises PoolError when the file exists already: somebody may have ticked it.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with new_private_file(path), xlsxwriter.Workbook(path, options) as workbook:
        workbook.set_properties({"title": "标准地址建议", "created": CREATED})
        sheet = workbook.add_worksheet(SHEET)
        heading = workbook.add_format({"bold": True, "bg_color": "#1F4E8C", "font_color": "#FFFFFF"})
        for column, (title, width) in enumerate(HEADER.items()):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, heading)
        sheet.freeze_panes(1, 3)
        sheet.autofilter(0, 0, max(len(proposals), 1), len(HEADER) - 1)
        sheet.data_validation(1, 0, LAST_ROW, 0, {"validate": "list", "source": [YES, NO]})
        for line, proposal in enumerate(proposals, start=1):
            for column, value in enumerate(_cells(proposal).values()):
                if isinstance(value, int | float):
                    sheet.write_number(line, column, value)
                else:
                    sheet.write_string(line, column, value)


def read_ticked(path: Path) -> list[Ticked]:
    """The ticked rows of such a workbook. Raises PoolError, ReadError when the file is none."""
    rows = open_rows(path, Layout("xlsx"))
    missing = [title for title in (TICK, KIND, TEXT, ALIAS, ID) if title not in rows.header]
    if missing:
        raise PoolError(f"{path.name} 不是 datapool address suggest 写出的工作簿：没有列“{'”“'.join(missing)}”。")
    found = []
    kinds = {label: kind for kind, label in KINDS.items()}
    for batch in rows.batches():
        for row in batch.to_pylist():
            if row[TICK].strip() in TICKS:
                kind = kinds.get(row[KIND].strip(), "")
                found.append(Ticked(row["row"], kind, row[TEXT].strip(), row[ALIAS].strip(), row[ID].strip()))
    return found


def _cells(proposal: Proposal) -> Mapping[str, str | int | float]:
    is_alias = proposal.kind == "alias"
    return {
        TICK: "",
        KIND: KINDS[proposal.kind],
        TEXT: proposal.parent if is_alias else proposal.text,
        ALIAS: proposal.text if is_alias else "",
        "级别": code_list("address_level")[proposal.level],
        "上级": "" if is_alias else proposal.parent,
        "上级也是新的": YES if proposal.parent_is_new else "",
        "记录数": proposal.evidence.total,
        "部门数": len(proposal.departments),
        "部门": "、".join(proposal.departments),
        "最早": _day(proposal.evidence.first),
        "最晚": _day(proposal.evidence.last),
        "把握": proposal.confidence,
        "备注": proposal.note,
        "原文举例": "；".join(proposal.examples),
        ID: proposal.address_id if is_alias else "",
    }


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""
