"""Where an address comes from and what became of it: deliveries, imports and edits, with dates and reasons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import duckdb

from flow.context import Context
from flow.delivered import accepted_deliveries, create_delivered
from flow.library import (
    ADDRESS_CHANGES,
    ADDRESSES,
    CHANGES,
    DIVISIONS,
    edits_in_force,
    standing_edits,
)
from flow.library_rows import LibraryRows, Row
from flow.reference import current_library
from flow.workspace import workspace
from pool import Batch, LibraryEdit
from schemas.codes import code_list
from schemas.contract import Contract
from transforms.deliveries import Delivered
from transforms.identity import sql_literal

IN_FORCE, UNDONE, LATER, IDLE = "有效", "已撤销", "未到日期", "未生效（库中没有所指的地址）"
STATES = {"accepted": IN_FORCE, "withdrawn": UNDONE, "blocked": "被拦下", "failed": "读不了", "received": "待检查"}


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; `reference` is the number of an edit, or a batch with sheet and row, by which it can be undone or looked up."""

    day: str
    what: str
    reference: str
    who: str
    why: str
    state: str

    def as_dict(self) -> dict[str, str]:
        """As plain values for JSON."""
        return asdict(self)


def history_of_library(context: Context) -> list[Event]:
    """All edits and imports, in the order in which they were made."""
    events = [(edit.at, event) for edit, event in _edit_events(context, context.pool.ledger.library_edits())]
    batches = [batch for contract in CHANGES for batch in context.pool.ledger.batches(contract=contract)]
    events += [(batch.received_at, _import_event(context, batch)) for batch in batches]
    return [event for _, event in sorted(events, key=lambda pair: pair[0])]


def history_of_address(context: Context, target: str) -> list[Event]:
    """What deliveries said of an address, and the edits of it and of what lies above it; by date, then as they were made.

    target: an id or a text. Raises PoolError when there is no such address.
    """
    with LibraryRows(context, current_library(context)) as library:
        row = library.one(target)
        above = library.lineage(row)
        community = library.select(_is_its_community(row)) if row["community"] else []
    ids = {each["address_id"] for each in (*above, *community)}
    edits = [edit for edit in context.pool.ledger.library_edits() if _concerns(edit, row, ids)]
    undoing = [
        edit
        for edit in context.pool.ledger.library_edits()
        if edit.kind == "undo" and edit.payload["edit"] in {each.number for each in edits}
    ]
    events = [
        *_deliveries_of(context, row),
        *(event for _, event in _edit_events(context, sorted([*edits, *undoing], key=lambda each: each.number))),
    ]
    return sorted(events, key=lambda event: event.day)


def _is_its_community(row: Row) -> str:
    same = " AND ".join(f"{level} = {sql_literal(row[level])}" for level in ("county", "town", "community") if row[level])
    return f"level = 'community' AND {same}"


def _concerns(edit: LibraryEdit, row: Row, ids: set[str]) -> bool:
    """Whether an edit is of one of these addresses, or gave this one another name."""
    payload = edit.payload
    if edit.kind == "add":
        return any(each["address_id"] in ids for each in payload["addresses"])
    if edit.kind == "alias":
        own = row["house_number"] if row["level"] == "house" else row.get(row["level"])
        return bool(payload["name"] == row["address_id"] or (payload["kind"] == row["level"] and payload["name"] == own))
    return payload.get("address_id") in ids


def _edit_events(context: Context, edits: Sequence[LibraryEdit]) -> Iterator[tuple[LibraryEdit, Event]]:
    everything = context.pool.ledger.library_edits()
    standing = {edit.number for edit in standing_edits(everything)}
    in_force = [edit.number for edit in edits_in_force(everything, context.local_date(context.now))]
    effects = dict(zip(in_force, current_library(context).effects(), strict=True))
    for edit in edits:
        day = context.local_date(edit.at)
        yield edit, Event(day.isoformat(), _said(edit), str(edit.number), edit.actor, edit.why, _state(edit, standing, effects))


def _state(edit: LibraryEdit, standing: set[int], effects: Mapping[int, int]) -> str:
    if edit.kind == "undo":
        return ""
    if edit.number not in standing:
        return UNDONE
    if edit.number not in effects:
        return LATER
    return IN_FORCE if effects[edit.number] else IDLE


def _said(edit: LibraryEdit) -> str:
    payload = edit.payload
    match edit.kind:
        case "add":
            texts = [row["full_text"] for row in payload["addresses"]]
            return f"补充 {texts[-1]}" + (f"（连同上级 {len(texts) - 1} 个）" if len(texts) > 1 else "")
        case "retire":
            return f"停用 {payload['full_text']}，自 {payload['on']} 起"
        case "rename":
            return f"更名 {payload['full_text']}：“{payload['old']}”改为“{payload['name']}”，自 {payload['on']} 起"
        case "alias":
            return f"别名 “{payload['alias']}”指 {payload['within'] or ''}{payload['name']}"
        case _:
            return f"撤销第 {payload['edit']} 号修改"


def _import_event(context: Context, batch: Batch) -> Event:
    receipt = context.pool.receipts.read(batch.batch)
    rows = f"，采纳 {batch.counts.accepted:,} 行" if batch.counts else ""
    day = context.local_date(batch.received_at).isoformat()
    who, why = _importer(context, batch.batch)
    said = f"导入{context.contracts[batch.contract].name} {receipt.file_name}{rows}"
    return Event(day, said, batch.batch, who, batch.reason or why, STATES[batch.status])


def _importer(context: Context, batch: str) -> tuple[str, str]:
    """Who imported a batch and why, as the audit log has it."""
    found = ("", "")
    for record in context.pool.audit.records():
        if record.object == batch and record.action in ("receive", "address.import"):
            found = (record.actor, str(record.details.get("why", "")))
    return found


def _deliveries_of(context: Context, row: Row) -> Iterator[Event]:
    """When deliveries brought an address, changed and left it out, oldest first."""
    deliveries = accepted_deliveries(context)
    for contract in (context.contracts[id] for id in (ADDRESSES, ADDRESS_CHANGES)):
        yield from _told_by(context, contract, deliveries[contract.id], f"address_id = {sql_literal(row['address_id'])}")
    code = row["address_id"].partition("@")[0]
    name = sql_literal(row.get(row["level"]) or "")
    yield from _told_by(
        context, context.contracts[DIVISIONS], deliveries[DIVISIONS], f"division_code = {sql_literal(code)} AND name = {name}"
    )


def _told_by(context: Context, contract: Contract, deliveries: Sequence[Delivered], condition: str) -> Iterator[Event]:
    before: Mapping[str, Any] | None = None
    with workspace(context.pool) as connection:
        for delivery in deliveries:
            row = _row_of(connection, context, contract, delivery, condition)
            said = _difference(contract, before, row)
            if said:
                place = f"#{row['row']}" if row else ""
                yield Event(delivery.period, said, delivery.batch + place, contract.department, "", IN_FORCE)
            if row is not None or contract.delivery == "full":
                before = row


def _row_of(
    connection: duckdb.DuckDBPyConnection, context: Context, contract: Contract, delivery: Delivered, condition: str
) -> Mapping[str, Any] | None:
    rows = create_delivered(connection, context, contract, [delivery])
    found = connection.sql(f"SELECT * FROM {rows} WHERE {condition} LIMIT 1").to_arrow_table().to_pylist()
    return found[0] if found else None


def _difference(contract: Contract, before: Mapping[str, Any] | None, row: Mapping[str, Any] | None) -> str:
    """What a delivery says anew, in Chinese; empty where it repeats."""
    if row is None:
        return f"{contract.name}中不再列出" if before is not None and contract.delivery == "full" else ""
    if before is None:
        ended = f"，停用日期 {row['valid_to']}" if row.get("valid_to") else ""
        return f"{contract.name}收录{ended}"
    labels = {column.name: column.physical_name for column in contract.columns}
    values = [
        f"{label} {_shown(before.get(name))} → {_shown(row[name])}" for name, label in labels.items() if row[name] != before.get(name)
    ]
    return f"{contract.name}变更：{'；'.join(values)}" if values else ""


def _shown(value: object) -> str:
    levels = code_list("address_level")
    return "空" if value is None else value.isoformat() if isinstance(value, date) else levels.get(str(value), str(value))
