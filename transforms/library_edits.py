"""What people changed in the address library, laid over what was delivered: added, retired and renamed addresses, aliases."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

NAMED_LEVELS = ("county", "town", "community", "natural_village", "zone", "road", "compound")
"""Levels whose names have aliases of their own kind; an alias of another level stands for a single address."""

RETIRED = "停用"
ALIAS_COLUMNS = ("kind", "within", "name", "alias", "valid_from", "valid_to")
Rows = NDArray[np.int64]


class Edit(Protocol):
    """What an edit says: `number` orders them; `payload` by kind:

    `add`: `addresses`, whole library rows · `retire`: `address_id`, `level`, `full_text`, `on` · `rename`: the same and `name`, the component
    at that level · `alias`: the columns of an alias row. Dates are ISO texts.
    """

    @property
    def number(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def payload(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Edited:
    """The library with its edits; `effects`: edit number to how many rows it changed, 0 where it met nothing that it speaks of."""

    addresses: pa.Table
    aliases: pa.Table
    effects: Mapping[int, int]


def component_of(level: str) -> str:
    """The library column of a level's own component."""
    return "house_number" if level == "house" else level


def apply_edits(addresses: pa.Table, aliases: pa.Table, edits: Sequence[Edit]) -> Edited:
    """Lay edits over a library in their order.

    addresses: whole library rows, parents filled. aliases: kind, within, name, alias, valid_from, valid_to. An address that has come with a
    delivery since it was added is not added again; what an edit speaks of is found by its id, else by its level and full text.
    """
    draft = _Draft(addresses, aliases, edits)
    effects = {edit.number: draft.apply(edit) for edit in edits}
    return Edited(draft.addresses(), draft.aliases(), effects)


def rows_below(addresses: pa.Table, row: int) -> Rows:
    """The row numbers of an address and of all that lie below it."""
    return _Tree(addresses).below(row)


class _Tree:
    """Children of library rows by `parent_id`."""

    def __init__(self, addresses: pa.Table) -> None:
        parents = pc.index_in(addresses["parent_id"], value_set=addresses["address_id"].combine_chunks())
        parent = pc.fill_null(parents, -1).combine_chunks().to_numpy().astype(np.int64)
        self._order = np.argsort(parent, kind="stable")
        self._starts = np.searchsorted(parent[self._order], np.arange(len(parent) + 1))

    def below(self, row: int) -> Rows:
        found, level = [np.array([row])], np.array([row])
        while len(level):
            level = np.concatenate([self._order[self._starts[each] : self._starts[each + 1]] for each in level])
            found.append(level)
        return np.unique(np.concatenate(found))


class _Draft:
    """A library being edited: its table, and over it the values that differ."""

    def __init__(self, addresses: pa.Table, aliases: pa.Table, edits: Sequence[Edit]) -> None:
        self._changes: dict[str, dict[int, Any]] = {}
        self._aliases = aliases
        self._more_aliases: list[dict[str, Any]] = []
        self._added: dict[int, int] = {}
        fresh = list(self._fresh_rows(addresses, edits))
        table = pa.Table.from_pylist(fresh, schema=addresses.schema) if fresh else addresses.slice(0, 0)
        self._table = pa.concat_tables([addresses, table]).combine_chunks()
        born = np.zeros(addresses.num_rows + len(fresh), dtype=np.int64)
        born[addresses.num_rows :] = [number for number, count in self._added.items() for _ in range(count)]
        self._born = born
        self._row_of = self._find(edits)

    def _fresh_rows(self, addresses: pa.Table, edits: Sequence[Edit]) -> Iterator[dict[str, Any]]:
        """The added rows that no delivery has brought."""
        added = [(edit.number, row) for edit in edits if edit.kind == "add" for row in edit.payload["addresses"]]
        ids = set(_rows_of(addresses["address_id"], [row["address_id"] for _, row in added]))
        in_force = addresses.filter(pc.is_null(addresses["valid_to"])) if added else addresses
        texts = set(_rows_of(in_force["full_text"], [row["full_text"] for _, row in added]))
        for number, row in added:
            if row["address_id"] not in ids and row["full_text"] not in texts:
                ids.add(row["address_id"])
                self._added[number] = self._added.get(number, 0) + 1
                yield {name: _date(value) if name in ("valid_from", "valid_to") else value for name, value in row.items()}

    def _find(self, edits: Sequence[Edit]) -> Mapping[str, int]:
        """Address id of each edit's subject to its row."""
        wanted = {edit.payload["address_id"]: edit.payload for edit in edits if "address_id" in edit.payload}
        found = _rows_of(self._table["address_id"], list(wanted))
        lost = [id for id in wanted if id not in found]
        by_text = _rows_of(self._table["full_text"], [wanted[id]["full_text"] for id in lost])
        for id in lost:
            row = by_text.get(wanted[id]["full_text"])
            if row is not None and self._table["level"][row].as_py() == wanted[id]["level"]:
                found[id] = row
        return found

    @cached_property
    def _tree(self) -> _Tree:
        return _Tree(self._table)

    def apply(self, edit: Edit) -> int:
        """Carry out one edit; returns how many rows it changed."""
        if edit.kind == "add":
            return self._added.get(edit.number, 0)
        if edit.kind == "alias":
            return self._add_alias({name: edit.payload.get(name) for name in ALIAS_COLUMNS})
        row = self._row_of.get(edit.payload["address_id"])
        if row is None:
            return 0
        below = [each for each in self._tree.below(row).tolist() if self._born[each] < edit.number]
        on = date.fromisoformat(edit.payload["on"])
        return self._retire(below, on) if edit.kind == "retire" else self._rename(row, below, edit.payload["name"], on)

    def _value(self, row: int, column: str) -> Any:
        changed = self._changes.get(column, {})
        return changed[row] if row in changed else self._table[column][row].as_py()

    def _set(self, row: int, column: str, value: Any) -> None:
        self._changes.setdefault(column, {})[row] = value

    def _retire(self, rows: Iterable[int], on: date) -> int:
        count = 0
        for row in rows:
            start, end = self._value(row, "valid_from"), self._value(row, "valid_to")
            if (start is None or start < on) and (end is None or end > on):
                self._set(row, "valid_to", on)
                self._set(row, "status", RETIRED)
                count += 1
        return count

    def _rename(self, row: int, below: Sequence[int], name: str, on: date) -> int:
        level = self._value(row, "level")
        column = component_of(level)
        old, text = self._value(row, column), self._value(row, "full_text")
        if old is None or old == name:
            return 0
        head, found, unit_word = text.rpartition(old)
        renamed = head + name + ("" if name.endswith(unit_word) else unit_word) if found else text
        within = self._value(row, "county" if level == "town" else "town") if level in NAMED_LEVELS else None
        if level in NAMED_LEVELS:
            self._alias_old_name(row, level, within, old, name, on)
        for each in sorted({*below, *self._named_so(row, level)}):
            before = self._value(each, "full_text")
            if level not in NAMED_LEVELS:
                self._add_alias(_alias("address", self._value(each, "town"), self._value(each, "address_id"), before, None, on))
            if before.startswith(text):
                self._set(each, "full_text", renamed + before[len(text) :])
            elif before.count(old) == 1:
                self._set(each, "full_text", before.replace(old, name))
            if self._value(each, column) == old:
                self._set(each, column, name)
        return len(below)

    def _named_so(self, row: int, level: str) -> list[int]:
        """Rows that name a renamed community without lying below it: the plates of its roads."""
        if level != "community":
            return []
        same = [pc.equal(self._table[each], self._table[each][row]) for each in ("county", "town", "community")]
        mask = pc.fill_null(pc.and_(pc.and_(same[0], same[1]), same[2]), False)
        return [int(each) for each in np.flatnonzero(mask.to_numpy())]

    def _alias_old_name(self, row: int, level: str, within: str | None, old: str, name: str, on: date) -> None:
        """The old name, and what were aliases of it, stand for the new one; what held within it holds within the new one."""
        known = [*self._aliases.to_pylist(), *self._more_aliases]
        for each in known:
            if each["kind"] == level and each["name"] == old and each["within"] in (None, "", within):
                self._add_alias(each | {"name": name, "within": within})
            if each["within"] == old and level in ("county", "town"):
                self._add_alias(each | {"within": name})
        self._add_alias(_alias(level, within, name, old, self._value(row, "valid_from"), on))

    def _add_alias(self, alias: Mapping[str, Any]) -> int:
        row = {name: _date(value) if name.startswith("valid_") else value for name, value in alias.items()}
        self._more_aliases.append(row)
        return 1

    def addresses(self) -> pa.Table:
        table = self._table
        for column, changes in self._changes.items():
            rows = np.fromiter(sorted(changes), np.int64, len(changes))
            mask = np.zeros(table.num_rows, dtype=bool)
            mask[rows] = True
            field = table.schema.field(column)
            values = pa.array([changes[row] for row in rows.tolist()], field.type)
            changed = pc.replace_with_mask(table[column].combine_chunks(), pa.array(mask), values)
            table = table.set_column(table.schema.get_field_index(column), field, changed)
        return table

    def aliases(self) -> pa.Table:
        if not self._more_aliases:
            return self._aliases
        known = {tuple(row[name] for name in ALIAS_COLUMNS[:4]) for row in self._aliases.to_pylist()}
        fresh = {tuple(row[name] for name in ALIAS_COLUMNS[:4]): row for row in self._more_aliases}
        more = [row for key, row in fresh.items() if key not in known]
        return pa.concat_tables([self._aliases, pa.Table.from_pylist(more, schema=self._aliases.schema)])


def _alias(kind: str, within: str | None, name: str, alias: str, valid_from: date | None, valid_to: date | None) -> dict[str, Any]:
    return dict(zip(ALIAS_COLUMNS, (kind, within, name, alias, valid_from, valid_to), strict=True))


def _date(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _rows_of(column: pa.ChunkedArray, values: Sequence[str]) -> dict[str, int]:
    """Value to the last row that has it."""
    if not values:
        return {}
    rows = np.flatnonzero(pc.is_in(column, value_set=pa.array(values, pa.string())).to_numpy())
    return {column[row].as_py(): int(row) for row in rows.tolist()}
