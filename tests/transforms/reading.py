"""Reads cells as one data element and shows what came of each."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import duckdb

from schemas.register import register
from transforms.elements import read_column
from transforms.elements_sql import Names, literal, trimmed

LOAD_DATE = date(2026, 1, 1)


class Read(NamedTuple):
    """A cell that was read."""

    value: Any
    fault: str | None
    note: str | None


def read_cells(element: str, cells: Sequence[str | None], document_type: str | None = None) -> list[Read]:
    """What the cells mean as values of an element of the register; `document_type` is the parsed type of every row's document."""
    names = Names("cell")
    reading = read_column(register()[element], "cell", LOAD_DATE, "kind" if document_type else None)
    rows = ", ".join(f"({place}, {'NULL' if cell is None else literal(cell)}::VARCHAR)" for place, cell in enumerate(cells))
    kind = f", '{document_type}' AS {Names('kind')('parsed')}" if document_type else ""
    sql = f"SELECT place, {trimmed('cell')} AS {names.text} {kind} FROM (VALUES {rows}) AS cells(place, cell)"
    for layer in reading.layers:
        sql = _stacked(sql, layer)
    sql = _stacked(sql, {names("fault"): reading.fault or "NULL", names("note"): reading.note or "NULL"})
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT {reading.value}, {names('fault')}, {names('note')} FROM ({sql}) ORDER BY place").fetchall()
    return [Read(*row) for row in found]


def values(element: str, cells: Sequence[str | None]) -> list[Any]:
    """The values alone."""
    return [read.value for read in read_cells(element, cells)]


def faults(element: str, cells: Sequence[str | None]) -> list[str | None]:
    """The codes of the faults alone."""
    return [read.fault for read in read_cells(element, cells)]


def _stacked(sql: str, expressions: Mapping[str, str]) -> str:
    return f"SELECT *, {', '.join(f'{expression} AS {name}' for name, expression in expressions.items())} FROM ({sql})"
