"""Rows in quarantine for which no good one has come since: what their departments are to correct."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.corrections.fault import Found
from flow.delivered import UNREADABLE_ROW, create_delivered, rejected_with_keys
from pool import Receipt
from schemas.codes import code_list
from schemas.contract import Column, Contract
from transforms.current import row_key
from transforms.deliveries import Delivered
from transforms.erase import ERASED

CORRECT_AT_SOURCE = "请核对更正后重新报送"


def rejected(connection: DuckDBPyConnection, context: Context, contract: Contract, deliveries: Sequence[Delivered]) -> Iterator[Found]:
    """One a reason of every row in quarantine that still stands.

    A row stands no more when a later delivery has a good one of its key, or when a later full export no longer has it. Of erased persons nothing is told.
    """
    last = max((each.snapshot for each in deliveries), default=0)
    standing = [each for each in deliveries if each.snapshot == last and context.pool.batches.is_sealed(each.batch)]
    receipts = {each.batch: context.pool.receipts.read(each.batch) for each in standing}
    for batch, sheet, row, reasons, original, key in _rows(connection, context, contract, standing):
        cells = _cells(original)
        for reason in reasons:
            if reason["rule"] != ERASED:
                yield _found(contract, receipts[batch], sheet, row, reason, cells, original, key)


def _rows(
    connection: DuckDBPyConnection, context: Context, contract: Contract, deliveries: Sequence[Delivered]
) -> Sequence[tuple[Any, ...]]:
    if not deliveries:
        return []
    delivered = create_delivered(connection, context, contract, deliveries, prefix="corrected")
    return connection.execute(f"""
        WITH rejected AS ({rejected_with_keys(context, deliveries)}),
        keyed AS (SELECT sequence, {row_key(contract) if contract.key else "NULL::VARCHAR"} AS row_key FROM {delivered}),
        good AS (SELECT row_key, max(sequence) AS sequence FROM keyed SEMI JOIN rejected USING (row_key) GROUP BY row_key)
        SELECT batch, sheet, "row", reasons, original, row_key
        FROM rejected LEFT JOIN good USING (row_key)
        WHERE good.sequence IS NULL OR good.sequence <= rejected.sequence ORDER BY rejected.sequence, sheet, "row" """).fetchall()


def _found(
    contract: Contract,
    receipt: Receipt,
    sheet: str,
    row: int,
    reason: Mapping[str, str],
    cells: Mapping[str, str],
    original: str,
    key: str | None,
) -> Found:
    columns = {column.name: column for column in contract.columns}
    shown = _columns_shown(contract, reason)
    keys = [columns[name] for name in contract.key]
    text = _told(shown, cells) if len(shown) != 1 else _text(shown[0], cells)
    return Found(
        about=("rejected", contract.id, key or original, reason["column"], reason["rule"]),
        kind="rejected",
        contract=contract.id,
        department=contract.department,
        batch=receipt.batch,
        file=receipt.file_name,
        period=receipt.period,
        received_at=receipt.received_at,
        sheet=sheet,
        row=row,
        column=reason["column"],
        label="、".join(column.label for column in shown) or "整行",
        rule=reason["rule"],
        text=text or ("" if shown else original),
        key=_told(keys, cells),
        reason=reason["message"],
        expected=_expected(contract, reason, shown),
    )


def _columns_shown(contract: Contract, reason: Mapping[str, str]) -> list[Column]:
    """The columns that a reason is about: its own, or those its rule reads; a row that could not be divided has none."""
    rule = next((each for each in contract.rules if each.name == reason["rule"]), None)
    names = [reason["column"]] if reason["column"] else list(rule.columns) if rule else []
    return [column for column in contract.columns if column.name in names and not column.ignored]


def _expected(contract: Contract, reason: Mapping[str, str], columns: Sequence[Column]) -> str:
    """What to do, and what the column or rule says a good value is."""
    if reason["rule"] == UNREADABLE_ROW:
        return code_list("fault_advice")[UNREADABLE_ROW]
    rule = next((each for each in contract.rules if each.name == reason["rule"]), None)
    if rule is not None:
        return rule.description or rule.name
    said = [code_list("fault_advice").get(reason["rule"], CORRECT_AT_SOURCE)]
    for column in columns:
        element = column.element
        if element is not None and not reason["rule"].startswith("duplicate_"):
            kind = f"{element.label}（{element.standard}）" if element.standard else element.label
            said.append(f"{column.label}应为{kind}{f'：{element.description}' if element.description else ''}")
    return "；".join(said)


def _cells(original: str) -> Mapping[str, str]:
    try:
        content = json.loads(original)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _text(column: Column, cells: Mapping[str, str]) -> str:
    return str(cells.get(column.physical_name, ""))


def _told(columns: Sequence[Column], cells: Mapping[str, str]) -> str:
    return "\n".join(f"{column.label}：{_text(column, cells)}" for column in columns if _text(column, cells))
