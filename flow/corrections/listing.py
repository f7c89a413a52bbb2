"""What stands of the sheets, for people and programs: no value of anybody in it."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from flow.context import Context
from flow.corrections.state import LABELS, Asked, asked, counted
from pool import CorrectionSheet, PoolError


def list_sheets(context: Context, department: str | None = None) -> list[dict[str, Any]]:
    """The sheets (of a department), oldest first, each with how many of its items are in which state."""
    items: dict[str, list[Asked]] = defaultdict(list)
    for each in asked(context):
        items[each.item.receipt].append(each)
    return [
        _sheet(sheet, items[sheet.receipt]) for sheet in context.pool.ledger.corrections.sheets() if department in (None, sheet.department)
    ]


def show_sheet(context: Context, receipt: str) -> dict[str, Any]:
    """One sheet with its items. Raises PoolError when there is none of this number."""
    sheet = next((each for each in context.pool.ledger.corrections.sheets() if each.receipt == receipt), None)
    if sheet is None:
        raise PoolError(f"没有回执号“{receipt}”的更正单。有的见 datapool corrections list。")
    found = [each for each in asked(context) if each.item.receipt == receipt]
    return {**_sheet(sheet, found), "detail": [_item(context, each) for each in found]}


def _sheet(sheet: CorrectionSheet, found: Sequence[Asked]) -> dict[str, Any]:
    states = counted(found)
    return {
        "receipt": sheet.receipt,
        "department": sheet.department,
        "release": sheet.release,
        "issued_at": sheet.issued_at,
        "issued_by": sheet.issued_by,
        "due": sheet.due,
        "file": sheet.file,
        "items": sheet.items,
        **{state: states[state] for state in LABELS},
        "erased": sheet.items - len(found),
    }


def _item(context: Context, each: Asked) -> dict[str, Any]:
    item = each.item
    contract = context.contracts.get(item.contract)
    column = next((column.label for column in contract.columns if column.name == item.column_name), "") if contract else ""
    return {
        "item": item.item,
        "kind": item.kind,
        "dataset": item.contract,
        "name": contract.name if contract else item.contract,
        "batch": item.batch,
        "file": context.pool.receipts.read(item.batch).file_name,
        "sheet": item.sheet,
        "row": item.row,
        "column": column,
        "rule": item.rule,
        "state": each.state,
        "choice": each.answer.choice if each.answer else "",
        "answered_by": each.answer.answered_by if each.answer else "",
        "answered_at": each.answer.taken_at if each.answer else None,
    }
