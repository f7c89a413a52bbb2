"""Why a value survived: by which order the city decided between what several rows say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flow.context import Context
from pool import Receipt
from schemas.codes import code_list
from schemas.contract import Contract
from transforms.survive import why_survived


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that did not survive beside the one that did: who said each (empty where the row is not listed), and why it was decided so."""

    column: str
    surviving_value: str
    losing_value: str
    kept_from: str
    lost_from: str
    why: str


Places = Mapping[tuple[str, str, int], Receipt]
"""File key, sheet and row to the delivery that brought the row."""


def choices(
    context: Context,
    table: Contract,
    conflicts: Sequence[Mapping[str, Any]],
    edges: Sequence[Mapping[str, Any]],
    receipts: Mapping[str, Receipt],
) -> list[Choice]:
    """What was decided of each conflict of a record; edges: its lineage. receipts: by file key."""
    return [_choice(context, table, conflict, edges, receipts) for conflict in conflicts]


def _choice(
    context: Context, table: Contract, conflict: Mapping[str, Any], edges: Sequence[Mapping[str, Any]], receipts: Mapping[str, Receipt]
) -> Choice:
    column = conflict["column_name"]
    winner = next((edge for edge in edges if column in (edge.get("attributes") or "").split()), None)
    why = ""
    if winner is not None and winner["file_key"] in receipts and conflict["file_key"] in receipts:
        kept, lost = receipts[winner["file_key"]], receipts[conflict["file_key"]]
        reason = why_survived(table.dataset, column, context.city.authority, (kept.contract, kept.period), (lost.contract, lost.period))
        why = _said(context, reason, kept, lost)
    return Choice(column, conflict["surviving_value"], conflict["losing_value"], _place(winner, receipts), _place(conflict, receipts), why)


def _said(context: Context, reason: str, kept: Receipt, lost: Receipt) -> str:
    sentence = code_list("survival_reason")[reason]
    if reason == "authority":
        return f"{sentence}：{context.contracts[kept.contract].department}（{context.contracts[kept.contract].name}）"
    return f"{sentence}：{kept.period} 对 {lost.period}" if reason == "fresher" else sentence


def _place(edge: Mapping[str, Any] | None, receipts: Mapping[str, Receipt]) -> str:
    receipt = receipts.get(edge["file_key"]) if edge else None
    return place_text(receipt, edge["sheet"], edge["row"]) if edge and receipt else ""


def place_text(receipt: Receipt, sheet: str, row: int) -> str:
    """Where a row stands, in words."""
    return f"{receipt.file_name}{f' 工作表 {sheet}' if sheet else ''} 第 {row} 行"
