"""Values on which departments disagree in the current release: each of the two is asked about its own, and sees the other's masked."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from flow.conflicts import conflict_rows
from flow.context import Context
from flow.corrections.fault import Found
from flow.delivered import create_delivered, file_key
from pool import Receipt
from pool.release_build import TABLES
from schemas.contract import Column, Contract
from schemas.register import masks
from transforms.deliveries import Delivered
from transforms.identity import sql_literal
from transforms.mask import masked_text

RULE = "departments_differ"
EXPECTED = "请与对方核对：以哪个为准，有误的一方在源系统更正后重新报送"
HIDDEN = "（按契约不显示）"


@dataclass(frozen=True, slots=True)
class _Side:
    """What one of the two said, and where."""

    contract: Contract
    receipt: Receipt
    sheet: str
    row: int
    value: str


def conflicting(connection: DuckDBPyConnection, context: Context) -> Iterator[Found]:
    """Both sides of every disagreement between departments in the current release, of values that a department can read; none where there is no release."""
    number = context.pool.releases.current()
    if number is None:
        return
    batches = context.pool.releases.manifest(number)["inputs"]["batches"]
    receipts = {batch: context.pool.receipts.read(batch) for batch in batches}
    # Of a file that was delivered twice either receipt tells what it held.
    files = {(file_key(each.sha256), each.contract): each for each in receipts.values()}
    rows = conflict_rows(connection, context.pool.releases.folder(number) / TABLES, receipts)
    found = [
        (column, key, lost, won)
        for loser, winner, table, name, key, *rest in connection.execute(
            f"SELECT * FROM ({rows}) WHERE loser <> '' AND winner <> ''"
        ).fetchall()
        if (column := _column(context, table, name))
        and (lost := _lost(context, files, loser, rest))
        and (won := _won(context, files, rest))
        and lost.contract.department != won.contract.department
    ]
    keys = _keys(connection, context, [side for _, _, *sides in found for side in sides])
    for column, key, lost, won in found:
        yield _found(key, column, lost, won, keys, "采用了对方的值")
        yield _found(key, column, won, lost, keys, "采用了本部门的值")


def _column(context: Context, table: str, name: str) -> tuple[Contract, Column] | None:
    """The column, unless it holds ids of the pool's own, which no department knows."""
    contract = context.tables[table]
    column = next((each for each in contract.columns if each.name == name), None)
    return (contract, column) if column is not None and column.references is None else None


def _lost(context: Context, files: Mapping[tuple[str, str], Receipt], dataset: str, rest: Sequence[Any]) -> _Side | None:
    key, sheet, row, value, *_ = rest
    return _side(context, files, dataset, key, sheet, row, value)


def _won(context: Context, files: Mapping[tuple[str, str], Receipt], rest: Sequence[Any]) -> _Side | None:
    *_, value, place = rest
    return _side(context, files, place["dataset"], place["file_key"], place["sheet"], place["row"], value)


def _side(
    context: Context, files: Mapping[tuple[str, str], Receipt], dataset: str, key: str, sheet: str, row: int, value: str | None
) -> _Side | None:
    receipt = files.get((key, dataset))
    if receipt is None or dataset not in context.contracts:
        return None
    return _Side(context.contracts[dataset], receipt, sheet, row, value or "")


def _keys(connection: DuckDBPyConnection, context: Context, sides: Sequence[_Side]) -> dict[tuple[str, str, int], str]:
    """By batch, sheet and row the key of the department's own record, as it was delivered."""
    places: dict[str, set[tuple[str, str, int]]] = defaultdict(set)
    for side in sides:
        places[side.contract.id].add((side.receipt.batch, side.sheet, side.row))
    told: dict[tuple[str, str, int], str] = {}
    for id, wanted in places.items():
        contract = context.contracts[id]
        if not contract.key:
            continue
        receipts = [context.pool.receipts.read(batch) for batch in sorted({batch for batch, _, _ in wanted})]
        deliveries = [Delivered(each.batch, each.period, 0, 0, 0, file_key(each.sha256)) for each in receipts]
        listed = ", ".join(f"({sql_literal(batch)}, {sql_literal(sheet)}, {row})" for batch, sheet, row in sorted(wanted))
        delivered = create_delivered(connection, context, contract, deliveries, prefix="disputed")
        rows = connection.execute(f"""
            SELECT batch, sheet, "row", {", ".join(f'"{name}"::VARCHAR' for name in contract.key)}
            FROM {delivered} SEMI JOIN (VALUES {listed}) AS wanted(batch, sheet, "row") USING (batch, sheet, "row")""").fetchall()
        labels = [contract.column(name).label for name in contract.key]
        for batch, sheet, row, *values in rows:
            told[batch, sheet, row] = "\n".join(f"{label}：{value}" for label, value in zip(labels, values, strict=True) if value)
    return told


def _found(
    key: str, column: tuple[Contract, Column], own: _Side, other: _Side, keys: Mapping[tuple[str, str, int], str], outcome: str
) -> Found:
    table, each = column
    said = f"{other.contract.department}“{other.contract.name}”（{other.receipt.period}）：{_masked(each, other.value)}"
    return Found(
        about=("conflict", table.dataset, key, each.name, own.contract.id, other.contract.id),
        kind="conflict",
        contract=own.contract.id,
        department=own.contract.department,
        batch=own.receipt.batch,
        file=own.receipt.file_name,
        period=own.receipt.period,
        received_at=own.receipt.received_at,
        sheet=own.sheet,
        row=own.row,
        column=each.name,
        label=f"{table.name}·{each.label}",
        rule=RULE,
        text=own.value,
        key=keys.get((own.receipt.batch, own.sheet, own.row), ""),
        reason=f"与{other.contract.department}不一致，{outcome}",
        expected=EXPECTED,
        other=said,
    )


def _masked(column: Column, value: str) -> str:
    if column.mask is not None and masks()[column.mask].method == "drop":
        return HIDDEN
    return masked_text(column, value)
