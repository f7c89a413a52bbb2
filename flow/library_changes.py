"""A person's changes of the address library: planned, shown, then recorded in the ledger; each can be undone."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from address_matching import RULE_VERSION
from address_matching.components import component_key
from flow.context import Context
from flow.library import CHANGES, Library, standing_edits
from flow.library_rows import LibraryRows, Row
from flow.progress import Progress, silent
from flow.reference import current_library
from flow.rematch import results_in
from flow.workspace import workspace
from pool import LibraryEdit, PoolError
from transforms.identity import sql_literal
from transforms.library_edits import NAMED_LEVELS, component_of, rows_below
from transforms.new_addresses import new_addresses, spelled_like

CONTRADICTIONS = {
    "town_conflict": "所写乡镇街道与库中这条路（小区）所在的不符",
    "typo": "有名称与库中的只差一字，可能是错别字",
    "renamed_division": "用了旧区划名",
}
"""Reasons of the matcher by which a text is no sound new address."""


class Ticked(Protocol):
    """What a person ticked: `add` an address by its text, or an `alias` of the address that `target` (an id) or `text` names."""

    @property
    def row(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def alias(self) -> str: ...
    @property
    def target(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Planned:
    """A change that is not yet recorded.

    rows: the addresses it touches, as they stand (an added one as it will stand). levels: how many of them a level. notes: what the person
    should know before it is recorded, in Chinese.
    """

    kind: str
    payload: Mapping[str, Any]
    subject: str
    rows: Sequence[Row]
    notes: Sequence[str] = ()
    levels: Mapping[str, int] = field(default_factory=dict)


def plan_add(context: Context, text: str, *, valid_from: date | None = None, with_parents: bool = False) -> Planned:
    """A new address from its text: level and components read with the library that stands, parents found there.

    Raises PoolError for what exists, is doubtful or contradicts the library, and for missing parents unless they are to be made.
    """
    with LibraryRows(context, current_library(context)) as library:
        rows = _new_rows(library, text, valid_from)
    if len(rows) > 1 and not with_parents:
        lacking = "、".join(row["full_text"] for row in rows[:-1])
        raise PoolError(f"上级地址还不在库中：{lacking}。请先补充它们，或加 --with-parents 一并补充。")
    return _planned_addition(rows)


def plan_each(context: Context, ticked: Sequence[Ticked], *, progress: Progress = silent) -> tuple[list[Planned], dict[int, str]]:
    """The changes that ticked proposals come to, with the parents they need; row number to cause for those that the library does not allow."""
    planned: list[Planned] = []
    refused: dict[int, str] = {}
    with LibraryRows(context, current_library(context)) as library:
        for done, each in enumerate(ticked):
            progress("核对建议", done, len(ticked))
            try:
                planned.append(_plan_ticked(library, each))
            except PoolError as cause:
                refused[each.row] = str(cause)
    progress("核对建议", len(ticked), len(ticked))
    return planned, refused


def _plan_ticked(library: LibraryRows, ticked: Ticked) -> Planned:
    if ticked.kind == "add":
        return _planned_addition(_new_rows(library, ticked.text, None))
    if ticked.kind == "alias":
        row = library.one(ticked.target or ticked.text)
        return Planned("alias", alias_of(row, ticked.alias), row["full_text"], [row], levels=_levels([row]))
    raise PoolError("“建议”列应为 补充 或 别名")


def _planned_addition(rows: Sequence[Row]) -> Planned:
    return Planned("add", {"addresses": rows}, rows[-1]["full_text"], rows, levels=_levels(rows))


def _new_rows(library: LibraryRows, text: str, valid_from: date | None) -> list[dict[str, Any]]:
    """The rows that the library lacks for a text, coarse to fine."""
    reading = library.read(text)
    result = reading.result
    stopped_at = reading.stopped_at()
    if stopped_at is None:
        raise PoolError(_unplaced(library, text, result))
    anchor = library.by_ids([stopped_at])[stopped_at]
    missing = reading.places[0].finer_than(anchor["level"]) if reading.places else ()
    if not missing:
        raise PoolError(_exists(text, anchor))
    if reading.parts > 1 or len(reading.places) > 1 or not reading.places[0].is_clear:
        raise PoolError(
            f"“{text}”读得出不止一个意思（几个地址、号码可作几种读法，或有读不懂的字）。请写成完整的标准地址，带上号、幢、单元、室。"
        )
    if result["reason"] in CONTRADICTIONS:
        raise PoolError(f"“{text}”与库有出入：{CONTRADICTIONS[result['reason']]}；最近的是 {anchor['full_text']}。请改正后再补充。")
    if anchor["valid_to"] is not None:
        raise PoolError(f"上级地址 {anchor['full_text']} 已于 {anchor['valid_to']} 停用，不能在它下面补充地址。")
    siblings = library.siblings(anchor["address_id"], missing[0].level)
    parts = [missing[0]._replace(value=spelled_like(missing[0].value, siblings)), *missing[1:]]
    return new_addresses(library.lineage(anchor), parts, valid_from.isoformat() if valid_from else None)


def plan_retire(context: Context, target: str, on: date) -> Planned:
    """The end of an address and of all below it on a day. Raises PoolError when there is no such address in force."""
    library = current_library(context)
    with LibraryRows(context, library) as rows:
        row = rows.one(target)
    if row["valid_to"] is not None:
        raise PoolError(f"{row['full_text']}（编号 {row['address_id']}）已于 {row['valid_to']} 停用。")
    if row["valid_from"] is not None and row["valid_from"] >= on:
        raise PoolError(f"{row['full_text']} 自 {row['valid_from']} 起启用，停用日期 {on} 应在其后。")
    below = [each for each in _below(library, row) if each["valid_to"] is None or each["valid_to"] > on]
    return Planned("retire", _subject(row, on), row["full_text"], below, _notes(context, library, below, on), _levels(below))


def plan_rename(context: Context, target: str, name: str, on: date, *, every: bool = False) -> list[Planned]:
    """A new name of an address at its own level; with `every` all addresses of that name that the text fits, e.g. a road in several towns.

    Raises PoolError when there is no such address, several and not `every`, or when the new name is taken beside it.
    """
    library = current_library(context)
    with LibraryRows(context, library) as rows:
        found = rows.find(target) if every else [rows.one(target)]
        return [_plan_rename(context, library, rows, row, name.strip(), on) for row in found]


def _plan_rename(context: Context, library: Library, rows: LibraryRows, row: Row, name: str, on: date) -> Planned:
    level, column = row["level"], component_of(row["level"])
    if row["valid_to"] is not None:
        raise PoolError(f"{row['full_text']}（编号 {row['address_id']}）已于 {row['valid_to']} 停用，不能更名。")
    key = component_key(level, name)
    if not key or key == component_key(level, row[column]):
        raise PoolError(f"新名称“{name}”与现名“{row[column]}”没有不同。")
    beside = rows.select(f"parent_id = {sql_literal(row['parent_id'])} AND level = {sql_literal(level)} AND valid_to IS NULL")
    taken = [each for each in beside if component_key(level, each[column]) == key]
    if taken:
        raise PoolError(f"已有 {taken[0]['full_text']}（编号 {taken[0]['address_id']}），不能把 {row['full_text']} 改成同名。")
    below = _below(library, row)
    kept = (
        f"旧名“{row[column]}”留作别名，有效期到 {on}"
        if level in NAMED_LEVELS
        else f"旧地址（连同下级共 {len(below)} 个）留作别名，有效期到 {on}"
    )
    notes = [kept, *_notes(context, library, below, on)]
    return Planned("rename", _subject(row, on) | {"name": name, "old": row[column]}, row["full_text"], below, notes, _levels(below))


def plan_alias(context: Context, target: str, alias: str, *, valid_from: date | None = None, valid_to: date | None = None) -> Planned:
    """Another name of an address: of its name at levels that have names, of this one address elsewhere. Raises PoolError as `plan_retire`."""
    with LibraryRows(context, current_library(context)) as library:
        row = library.one(target)
    return Planned("alias", alias_of(row, alias.strip(), valid_from, valid_to), row["full_text"], [row], levels=_levels([row]))


def alias_of(row: Row, alias: str, valid_from: date | None = None, valid_to: date | None = None) -> dict[str, Any]:
    """The alias row by which an address gets another name; dates as ISO texts."""
    level = row["level"]
    is_named = level in NAMED_LEVELS
    dates = {"valid_from": valid_from, "valid_to": valid_to}
    return {
        "kind": level if is_named else "address",
        "within": row["county"] if level == "town" else row["town"],
        "name": row[component_of(level)] if is_named else row["address_id"],
        "alias": alias,
        **{name: day.isoformat() if day else None for name, day in dates.items()},
    }


def record(context: Context, planned: Planned, why: str) -> LibraryEdit:
    """Write a planned change into the ledger, for good; returns it with its number."""
    edit = context.pool.ledger.record_library_edit(LibraryEdit(planned.kind, planned.payload, context.actor, why, context.now))
    details = {"edit": edit.number, "address": planned.subject, "rows": len(planned.rows), "why": why}
    context.pool.audit.append(f"address.{planned.kind}", str(edit.number), context.actor, "recorded", context.now, details)
    return edit


def undo(context: Context, number: int, why: str) -> LibraryEdit:
    """Take an edit back, by an edit of its own; nothing is removed. Raises PoolError when there is none, or it was undone."""
    edits = {edit.number: edit for edit in context.pool.ledger.library_edits()}
    edit = edits.get(number)
    if edit is None:
        raise PoolError(f"没有第 {number} 号修改。全部修改见 datapool address history。")
    undone_by = next((each for each in edits.values() if each.kind == "undo" and each.payload["edit"] == number), None)
    if undone_by is not None and edit not in standing_edits(list(edits.values())):
        raise PoolError(
            f"第 {number} 号修改已由 {undone_by.actor} 撤销（第 {undone_by.number} 号）。要恢复它，请撤销第 {undone_by.number} 号。"
        )
    done = context.pool.ledger.record_library_edit(LibraryEdit("undo", {"edit": number}, context.actor, why, context.now))
    context.pool.audit.append("address.undo", str(number), context.actor, "recorded", context.now, {"edit": done.number, "why": why})
    return done


def withdraw_import(context: Context, batch: str, why: str) -> None:
    """Let an import of the library count no more; file, receipt and rows stay, `replay` brings it back. Raises PoolError when it is none."""
    entry = context.pool.ledger.batch(batch)
    if entry is None or entry.contract not in CHANGES:
        raise PoolError(f"{batch} 不是地址库的导入批次。全部导入见 datapool address history。")
    if entry.status != "accepted":
        raise PoolError(f"批次 {batch} 现在没有计入地址库（{entry.status}），不用撤销。")
    context.pool.audit.append("address.import.undo", batch, context.actor, "recorded", context.now, {"why": why})
    context.pool.ledger.set_batch_status(batch, "withdrawn", now=context.now, reason=f"{context.actor} 撤销：{why}")


def _unplaced(library: LibraryRows, text: str, result: Row) -> str:
    if result["status"] == "review":
        listed = "；".join(row["full_text"] for row in library.by_ids([each["address_id"] for each in result["candidates"] or ()]).values())
        return f"“{text}”可能指库中的：{listed}。请写得更完整；若确是另一处，请写明它的上级。"
    return f"“{text}”读不出属于库中哪个乡镇街道（{result['reason']}）。请从乡镇街道写起。"


def _exists(text: str, row: Row) -> str:
    if row["valid_to"] is not None:
        return (
            f"“{text}”在库中（编号 {row['address_id']}），已于 {row['valid_to']} 停用。要恢复它，请用 datapool address undo 撤销那次停用。"
        )
    return f"“{text}”已在库中：{row['full_text']}（编号 {row['address_id']}）。"


def _below(library: Library, row: Row) -> list[Row]:
    """An address and all below it."""
    addresses = pq.read_table(library.addresses)
    own = addresses["address_id"].to_pylist().index(row["address_id"])
    found: list[Row] = addresses.take(rows_below(addresses, own)).to_pylist()
    return found


def _subject(row: Row, on: date) -> dict[str, Any]:
    return {"address_id": row["address_id"], "level": row["level"], "full_text": row["full_text"], "on": on.isoformat()}


def _levels(rows: Sequence[Row]) -> dict[str, int]:
    return dict(Counter(row["level"] for row in rows))


def _notes(context: Context, library: Library, rows: Sequence[Row], on: date) -> list[str]:
    notes = []
    used = _used(context, library, rows)
    if used:
        notes.append(f"现有 {used:,} 条地址文本对在这些地址上，下一次运行时会重新匹配")
    if on > context.local_date(context.now):
        notes.append(f"到 {on} 当天才生效")
    return notes


def _used(context: Context, library: Library, rows: Sequence[Row]) -> int:
    """How many distinct inputs stand matched to these addresses."""
    layers = context.pool.matches.layers(library.version, RULE_VERSION)
    if not layers:
        return 0
    with workspace(context.pool) as connection:
        connection.register("below", pa.table({"address_id": pa.array([row["address_id"] for row in rows], pa.string())}))
        found = connection.execute(
            f"SELECT count(DISTINCT input_key) FROM ({results_in(layers)}) SEMI JOIN below USING (address_id)"
        ).fetchone()
    return int(found[0]) if found else 0
