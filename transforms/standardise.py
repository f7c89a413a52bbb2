"""From text to typed values: the SQL that reads every column of a contract in one pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import zip_longest

from schemas.contract import Column, Contract
from transforms.coordinates import in_cgcs2000
from transforms.elements import COMPANIONS, read_column
from transforms.elements_sql import Names, Reading, identifier, trimmed, untidy_test

ORIGINAL = identifier(":original")
"""Helper column with the texts of the row's cells, joined by `FIELD_SEPARATOR` in the order of `kept_columns`."""

UNTIDY = identifier(":untidy")
"""Whether any cell of the row has something to trim: one look at them all costs less than one at each."""

FIELD_SEPARATOR = "chr(31)"
"""No cell holds it."""


@dataclass(frozen=True, slots=True)
class Standardised:
    """A SELECT over text rows.

    It gives ``sheet``, ``row``, the packed original texts, and per kept column its typed value under its own name, and where the
    reading has them the helper columns named in ``faults`` and ``notes`` (contract column to quoted helper column, VARCHAR code or NULL).
    """

    sql: str
    columns: tuple[Column, ...]
    faults: Mapping[str, str]
    notes: Mapping[str, str]


def kept_columns(contract: Contract) -> tuple[Column, ...]:
    """The columns of a contract that are not dropped on arrival."""
    return tuple(column for column in contract.columns if not column.ignored)


def standardise(contract: Contract, source: str, load_date: date, present: Collection[str]) -> Standardised:
    """The SQL that standardises text rows of `source` (a table, view or subquery; quoted as needed).

    present: the contract columns that `source` has; the others are read as empty. load_date: no birth lies after it.
    """
    columns = kept_columns(contract)
    readings = {column.name: read_column(column.element, column.name, load_date, companion_of(contract, column)) for column in columns}
    for use in contract.coordinates:
        for half, other in ((use.lon, use.lat), (use.lat, use.lon)):
            readings[half] = replace(
                readings[half], note=f"CASE WHEN {Names(half).text} IS NOT NULL AND {Names(other).text} IS NULL THEN 'half_position' END"
            )
    sql = _stacked(f"SELECT *, {packed(columns, present)} AS {ORIGINAL} FROM {source}", {UNTIDY: untidy_test(ORIGINAL)})
    sql = f"SELECT sheet, row, {ORIGINAL}, {_texts(columns, present)} FROM ({sql})"
    for layers in zip_longest(*(reading.layers for reading in readings.values()), fillvalue={}):
        sql = _stacked(sql, {name: expression for layer in layers for name, expression in layer.items()})
    faults = {name: Names(name)("fault") for name, reading in readings.items() if reading.fault}
    notes = {name: Names(name)("note") for name, reading in readings.items() if reading.note}
    codes = {faults[name]: readings[name].fault or "" for name in faults} | {notes[name]: readings[name].note or "" for name in notes}
    sql = _stacked(sql, codes)
    helpers = [*faults.values(), *notes.values()]
    values = [f"{_value(readings[column.name], column)} AS {identifier(column.name)}" for column in columns]
    sql = f"SELECT {', '.join(['sheet', 'row', ORIGINAL, *helpers, *values])} FROM ({sql})"
    for use in contract.coordinates:
        sql = in_cgcs2000(sql, use)
    return Standardised(sql, columns, faults, notes)


def companion_of(contract: Contract, column: Column) -> str | None:
    """The contract column beside a column that says more of it (`COMPANIONS`), by the facts that name both."""
    for fact in contract.facts:
        for name, companion in COMPANIONS.items():
            found = fact.columns.get(companion)
            if fact.columns.get(name) == column.name and isinstance(found, str):
                return found
    return None


def _texts(columns: tuple[Column, ...], present: Collection[str]) -> str:
    return ", ".join(
        f"{_text(identifier(column.name)) if column.name in present else 'NULL::VARCHAR'} AS {Names(column.name).text}"
        for column in columns
    )


def _text(cell: str) -> str:
    return f"CASE WHEN {cell} = '' THEN NULL WHEN {UNTIDY} THEN {trimmed(cell)} ELSE {cell} END"


def packed(columns: Sequence[Column], present: Collection[str]) -> str:
    """SQL of the texts of a row in the order of the columns, joined by `FIELD_SEPARATOR`."""
    texts = (f"coalesce({identifier(column.name)}, '')" if column.name in present else "''" for column in columns)
    return f"concat_ws({FIELD_SEPARATOR}, {', '.join(texts)})"


def _stacked(sql: str, expressions: Mapping[str, str]) -> str:
    if not expressions:
        return sql
    return f"SELECT *, {', '.join(f'{expression} AS {name}' for name, expression in expressions.items())} FROM ({sql})"


def _value(reading: Reading, column: Column) -> str:
    return reading.value if reading.sql_type == column.sql_type else f"TRY_CAST({reading.value} AS {column.sql_type})"
