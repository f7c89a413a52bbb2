"""What speaks against rows that are to change the address library: contradictions among them and with what the library holds."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from schemas.codes import code_list
from transforms.library_edits import component_of

SAME_ADDRESS, UNKNOWN_PARENT, PARENT_LEVEL = "same_address", "unknown_parent", "parent_level"
PARENT_DIFFERS, PARENT_REJECTED, UNKNOWN_NAME = "parent_differs", "parent_rejected", "unknown_name"
MESSAGES: Mapping[str, str] = {
    SAME_ADDRESS: "与另一编号的标准地址是同一处",
    UNKNOWN_PARENT: "上级地址不在库中，也不在本文件中",
    PARENT_LEVEL: "上级地址的级别不比本级粗",
    PARENT_DIFFERS: "与上级地址的成分不一致",
    PARENT_REJECTED: "上级地址没有被采纳",
    UNKNOWN_NAME: "标准名称或地址编码不在库中",
}
Row = Mapping[str, Any]
Key = Callable[[str, str | None], str]
"""Level and component to the form in which components are compared."""


class Objection(NamedTuple):
    """Why one row may not change the library, in Chinese, and the column to which that applies."""

    sheet: str
    row: int
    column: str
    rule: str
    message: str


def address_objections(rows: Sequence[Row], standing: Mapping[str, Row], held: Collection[str], key: Key) -> list[Objection]:
    """Objections to rows of standard addresses, at most one each.

    rows: `sheet`, `row`, the library's columns with all components and `parent_id` filled, and `stated_parent`, the parent's id as received.
    standing: the library's rows by id, but for those that `rows` take the place of; at least the parents and siblings of the rows.
    held: ids of the library whose place `rows` take.
    """
    found: dict[str, Objection] = {}
    own = {row["address_id"]: row for row in rows}
    siblings = _by_place(standing.values(), key)
    for row in rows:
        objection = _against_parent(row, own, standing, key) or _against_siblings(row, siblings, key)
        if objection is not None:
            found[row["address_id"]] = objection
        else:
            siblings[_place(row, key)].append(row)
    _follow_parents(rows, held, found)
    return [found[row["address_id"]] for row in rows if row["address_id"] in found]


def alias_objections(rows: Sequence[Row], names: Mapping[str, Collection[str]], ids: Collection[str], key: Key) -> list[Objection]:
    """Objections to rows of aliases.

    names: level to the keys of the names that the library has there. ids: those address ids, among the ones named, that the library has.
    """
    return [
        Objection(
            row["sheet"], row["row"], "name", UNKNOWN_NAME, f"库中没有{_label(row['kind'])}“{row['name']}”，别名无所指；请先补充该标准地址"
        )
        for row in rows
        if (
            row["name"] not in ids
            if row["kind"] in ("address", "text")
            else key(row["kind"], row["name"]) not in names.get(row["kind"], ())
        )
    ]


def levels() -> tuple[str, ...]:
    """The levels of addresses, coarse to fine."""
    return tuple(code_list("address_level"))


def _label(kind: str) -> str:
    return code_list("address_level").get(kind, "地址")


def _place(row: Row, key: Key) -> tuple[str | None, str, str]:
    level = row["level"]
    return row["parent_id"], level, key(level, row[component_of(level)])


def _by_place(rows: Collection[Row], key: Key) -> dict[tuple[str | None, str, str], list[Row]]:
    found: dict[tuple[str | None, str, str], list[Row]] = defaultdict(list)
    for row in rows:
        found[_place(row, key)].append(row)
    return found


def _against_parent(row: Row, own: Mapping[str, Row], standing: Mapping[str, Row], key: Key) -> Objection | None:
    stated = row["stated_parent"]
    if stated is None:
        return None
    parent = own.get(stated) or standing.get(stated)
    place = row["sheet"], row["row"]
    if parent is None:
        return Objection(*place, "parent_id", UNKNOWN_PARENT, f"上级地址编码 {stated} 不在库中，也不在本文件中")
    order = levels()
    if order.index(parent["level"]) >= order.index(row["level"]):
        said = f"上级 {parent['full_text']} 是{_label(parent['level'])}，不能作{_label(row['level'])}的上级"
        return Objection(*place, "parent_id", PARENT_LEVEL, said)
    for level in _compared(parent["level"]):
        column = component_of(level)
        if row[column] and parent[column] and key(level, row[column]) != key(level, parent[column]):
            said = f"{_label(level)}写的是“{row[column]}”，上级 {parent['full_text']} 的是“{parent[column]}”"
            return Objection(*place, column, PARENT_DIFFERS, said)
    return None


def _compared(parent_level: str) -> Iterator[str]:
    """The levels at which an address must say what its parent says: plates of one road may lie in several communities."""
    order = levels()
    below_community = parent_level in ("community", "natural_village")
    return (level for level in order[: order.index(parent_level) + 1] if below_community or level not in ("community", "natural_village"))


def _against_siblings(row: Row, siblings: Mapping[tuple[str | None, str, str], Sequence[Row]], key: Key) -> Objection | None:
    for other in siblings.get(_place(row, key), ()):
        if other["address_id"] != row["address_id"] and _overlap(row, other):
            where = f"本文件第 {other['row']} 行" if "row" in other else "库中"
            said = f"与{where}的 {other['full_text']}（编码 {other['address_id']}）是同一地址，编码不同"
            return Objection(row["sheet"], row["row"], "full_text", SAME_ADDRESS, said)
    return None


def _overlap(one: Row, other: Row) -> bool:
    def begins_before_end(a: Row, b: Row) -> bool:
        return bool((a["valid_from"] or date.min) < (b["valid_to"] or date.max))

    return begins_before_end(one, other) and begins_before_end(other, one)


def _follow_parents(rows: Sequence[Row], held: Collection[str], found: dict[str, Objection]) -> None:
    """Rows whose parent comes in the same file and is not taken are not taken either."""
    before = -1
    while len(found) != before:
        before = len(found)
        for row in rows:
            parent = row["stated_parent"]
            if row["address_id"] not in found and parent in found and parent not in held:
                said = f"上级地址（编码 {parent}，本文件第 {found[parent].row} 行）没有被采纳"
                found[row["address_id"]] = Objection(row["sheet"], row["row"], "parent_id", PARENT_REJECTED, said)
