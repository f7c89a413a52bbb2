"""Texts in the ledger, replaced where a person is erased."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, Table, Text, select, update

from pool.ledger_seals import seal, unseal


def replace_texts(connection: Connection, table: Table, replaced: Callable[[str], str], *, sealed: bool) -> int:
    """Replace the texts of a table as `replaced` says, those within JSON too, and seal its entries anew where it is sealed; returns in how many."""
    texts = [column for column in table.columns if isinstance(column.type, (Text, JSON))]
    changed = 0
    for row in map(dict, connection.execute(select(*table.columns)).mappings()):
        values = {column.name: _replaced_in(row[column.name], replaced) for column in texts}
        if any(values[name] != row[name] for name in values):
            connection.execute(update(table).where(*_same(table, row)).values(values))
            changed += 1
            if sealed:
                unseal(connection, table, row)
                seal(connection, table, *_same(table, {**row, **values}))
    return changed


def _same(table: Table, row: Mapping[str, Any]) -> list[ColumnElement[bool]]:
    return [column == row[column.name] for column in table.primary_key]


def _replaced_in(value: Any, replaced: Callable[[str], str]) -> Any:
    """A text, or what JSON holds, with its texts replaced."""
    if isinstance(value, str):
        return replaced(value)
    if isinstance(value, Mapping):
        return {replaced(key): _replaced_in(each, replaced) for key, each in value.items()}
    return [_replaced_in(each, replaced) for each in value] if isinstance(value, list) else value
