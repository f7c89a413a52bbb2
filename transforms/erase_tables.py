"""Erase: which rows of a release's tables name a person, and which cells of other rows; told from the columns that a file has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from transforms.elements_sql import identifier, literal
from transforms.erase import ERASED, Needles, identifier_regexp

KEY, PERSON, TOUCHED, PLACE, PART = "erased_key", "erased_person", "touched_key", "erased_place", "touched_place"
"""Relations that must stand: keys of records that go, ids of the person (`key`); keys of records that stay without some cells; places of rows
that go and of rows without some cells (`file_key, sheet, row`)."""
NAMING = ("person_id", "key", "record_key", "old_id", "new_id", "left_key", "right_key")
"""Columns by which a row of a table is about a record: it goes with the record. Other columns that name one are emptied."""
OF_ROWS = ("lineage", "entity_link", "conflict", "broken")
"""Tables that tell of rows delivered, and say nothing once these are gone."""
OUTCOMES = "row_outcome"


GOES, CONCERNED = '":goes"', '":concerned"'
WHOLE_ONLY = ("name", "text")
"""Endings of columns that are emptied only where they are the name and nothing else: a firm may bear the name of its owner, an address that of a lord."""


@dataclass(frozen=True, slots=True)
class TableCut:
    """What becomes of a table: SQL of whether a row goes, of whether it has to do with the person, and of its columns as they are then.

    `columns` may use `CONCERNED`, which stands beside the columns of the file.
    """

    goes: str
    concerned: str
    columns: Mapping[str, str]

    def flagged(self, source: str) -> str:
        """The rows with two more columns, `GOES` and `CONCERNED`."""
        return f"(SELECT *, {self.goes} AS {GOES}, {self.concerned} AS {CONCERNED} FROM {source})"

    def left(self, source: str) -> str:
        """SELECT of the rows that stay, as they are then."""
        columns = ", ".join(f"{expression} AS {identifier(name)}" for name, expression in self.columns.items())
        return f"SELECT {columns} FROM {self.flagged(source)} WHERE NOT {GOES}"

    def touched(self, source: str) -> str:
        """SELECT of how many rows go, and of how many others change."""
        differs = [
            f"{identifier(name)} IS DISTINCT FROM {expression}"
            for name, expression in self.columns.items()
            if expression != identifier(name)
        ]
        return f"""
            SELECT count(*) FILTER ({GOES}), count(*) FILTER (NOT {GOES} AND ({" OR ".join(differs) or "FALSE"}))
            FROM {self.flagged(source)}"""


def table_cut(table: str, columns: Mapping[str, str], needles: Needles) -> TableCut:
    """What becomes of a table with these columns (name to SQL type), the first of which is its key or begins it."""
    kept = {name: identifier(name) for name in columns}
    if table == OUTCOMES:
        return _outcomes(kept)
    texts = [name for name, kind in columns.items() if kind == "VARCHAR"]
    first = next(iter(columns))
    naming = [name for name in texts if name in NAMING or name == first]
    goes = [_is_in(f"split_part({identifier(name)}, '/', 1)", KEY) for name in naming]
    goes += [_at(PLACE)] if table in OF_ROWS and {"file_key", "sheet", "row"} <= set(columns) else []
    if table == "conflict":
        return TableCut(_any([*goes, _quotes_person(columns, needles)]), "FALSE", kept)
    cells = [name for name in texts if name not in (*naming, "file_key", "sheet")]
    concerned = [_is_in(identifier(name), PERSON) for name in cells if name.endswith("_id")]
    concerned += [_is_in(identifier(first), TOUCHED)] if first in naming else []
    concerned += [_at(PART)] if {"file_key", "sheet", "row"} <= set(columns) else []
    name, phone = (_any([_says(each, values) for each in cells]) for values in (needles.names, needles.phones))
    emptied = {each: f"CASE WHEN NOT {_is_personal(each, needles)} THEN {identifier(each)} END" for each in cells}
    return TableCut(_any(goes), _any([*concerned, f"({name} AND {phone})"]), kept | emptied)


def _quotes_person(columns: Mapping[str, str], needles: Needles) -> str:
    """Whether a losing or surviving value is the person's."""
    said = [name for name in ("surviving_value", "losing_value") if name in columns]
    touched = _is_in("split_part(key, '/', 1)", TOUCHED)
    personal = [f"({touched} AND ({_says(name, needles.names)} OR {_says(name, needles.phones)}))" for name in said]
    ids = [_is_in(identifier(name), PERSON) for name in said]
    return _any([*(_holds_number(name, needles) for name in said), *ids, *personal])


def _is_personal(name: str, needles: Needles) -> str:
    """Whether a cell goes: it holds an identifier or the id of the person; or their name or phone, in a row that has to do with them."""
    ids = [_is_in(identifier(name), PERSON)] if name.endswith("_id") else []
    said = f"({CONCERNED} AND ({_says(name, needles.names, within=not name.endswith(WHOLE_ONLY))} OR {_says(name, needles.phones)}))"
    return _any([_holds_number(name, needles), *ids, said])


def _outcomes(kept: Mapping[str, str]) -> TableCut:
    """Rows received stay accounted for: those that go are quarantined, and of others nobody is named."""
    gone = _at(PLACE)
    of_record = _is_in("split_part(key, '/', 1)", KEY)
    named = f"({gone} OR {of_record})"
    changed = {
        "outcome": f"CASE WHEN {gone} THEN 'quarantined' ELSE outcome END",
        "reason": f"CASE WHEN {gone} THEN {literal(ERASED)} ELSE reason END",
        "table_name": f"CASE WHEN NOT {named} THEN table_name END",
        "key": f"CASE WHEN NOT {named} THEN key END",
    }
    return TableCut("FALSE", "FALSE", {**kept, **changed})


def _any(conditions: list[str]) -> str:
    return f"coalesce({' OR '.join(conditions)}, FALSE)" if conditions else "FALSE"


def _is_in(expression: str, keys: str) -> str:
    return f"coalesce({expression} IN (SELECT key FROM {keys}), FALSE)"


def _at(places: str) -> str:
    return f"coalesce((file_key, sheet, row) IN (SELECT (file_key, sheet, row) FROM {places}), FALSE)"


def _holds_number(name: str, needles: Needles) -> str:
    if not needles.identifiers:
        return "FALSE"
    return f"coalesce(regexp_matches({identifier(name)}, {literal(identifier_regexp(needles.identifiers))}), FALSE)"


def _says(name: str, values: frozenset[str], *, within: bool = False) -> str:
    """Whether a cell is one of some texts, or holds one of them: phones anywhere, names only `within` free text."""
    cell = identifier(name)
    return _any(
        [f"contains({cell}, {literal(each)})" if within or each[-1:].isdigit() else f"{cell} = {literal(each)}" for each in sorted(values)]
    )
