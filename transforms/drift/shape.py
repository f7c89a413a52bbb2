"""The shape of a file: how its cells are written, counted by column, with no value of a person in it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from schemas.codes import code_spellings
from schemas.contract import Column, Contract
from schemas.drift import drift_facts
from transforms.drift.bins import value_bin
from transforms.elements_sql import identifier, literal, placeholder_test, trimmed
from transforms.standardise import FIELD_SEPARATOR, ORIGINAL, kept_columns

OTHER = ":other"
"""Stands for all forms and codes that are on no list."""
OPEN_LEVELS = ("L1", "L2")
"""Levels of columns of which shares of codes may be kept."""
LONGEST = 60
"""Lengths from here on are counted by tens."""
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ColumnShape:
    """What one column holds.

    Of the rows looked at: ``filled`` cells, those with a ``placeholders``, ``distinct`` texts among the filled and how often the
    ``commonest`` stands; ``forms``, ``lengths`` in characters and ``codes`` (of open columns with a code list) of the filled. Of all
    accepted rows: ``values`` by bin. ``element`` is what the column was then; with another one it is another column.
    """

    element: str = ""
    rows: int = 0
    filled: int = 0
    placeholders: int = 0
    distinct: int = 0
    commonest: int = 0
    forms: Counts = field(default_factory=dict)
    lengths: Counts = field(default_factory=dict)
    codes: Counts = field(default_factory=dict)
    values: Counts = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON, with the shortest, mean and longest length for who reads it."""
        lengths = {int(length): count for length, count in self.lengths.items()}
        mean = round(sum(length * count for length, count in lengths.items()) / self.filled, 1) if self.filled else 0
        span = {"shortest": min(lengths, default=0), "mean": mean, "longest": max(lengths, default=0)}
        return asdict(self) | {"length": span}

    @staticmethod
    def from_dict(content: Mapping[str, Any]) -> ColumnShape:
        """The reverse of `to_dict`."""
        return ColumnShape(**{name: content[name] for name in ColumnShape.__dataclass_fields__ if name in content})


def file_shape(
    connection: DuckDBPyConnection, table: str, accepted: str, contract: Contract, without: Collection[str], period: date
) -> dict[str, ColumnShape]:
    """The shapes of the columns of a file, by contract column.

    table: its rows with `ORIGINAL`, all or enough evenly from it. accepted: SQL of its accepted rows with the contract's columns. without: columns of which
    nothing may be kept. period: the day the file speaks of.
    """
    columns = kept_columns(contract)
    [(rows,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    step = -(-rows // drift_facts().sampled_rows) or 1
    cells = f"SELECT string_split({ORIGINAL}, {FIELD_SEPARATOR}) AS cells FROM {table} WHERE rowid % {step} = 0"
    cells = f"""
        SELECT place, text, count(*) AS times
        FROM (SELECT unnest(cells) AS text, generate_subscripts(cells, 1) - 1 AS place FROM ({cells}) WHERE len(cells) = {len(columns)})
        GROUP BY ALL"""
    shapes = _shapes(connection, cells, columns)
    values = _values(connection, accepted, [column for column in columns if column.name not in without], period)
    return {
        column.name: ColumnShape(**_fields(shapes.get(place), column), values=values.get(column.name, {}))
        for place, column in enumerate(columns)
        if column.name not in without
    }


def cells_shape(connection: DuckDBPyConnection, cells: Mapping[str, Sequence[str | None]]) -> dict[str, ColumnShape]:
    """The shapes of columns that no contract knows, by header, from cells of them."""
    columns: list[Column | None] = [None] * len(cells)
    places = [place for place, texts in enumerate(cells.values()) for _ in texts]
    texts = [text for each in cells.values() for text in each]
    connection.register("unknown cells", pa.table({"place": pa.array(places, pa.int64()), "text": pa.array(texts, pa.string())}))
    shapes = _shapes(connection, 'SELECT place, text, count(*) AS times FROM "unknown cells" GROUP BY ALL', columns)
    connection.unregister("unknown cells")
    return {header: ColumnShape(**_fields(shapes.get(place), None)) for place, header in enumerate(cells)}


def _fields(found: dict[str, Any] | None, column: Column | None) -> dict[str, Any]:
    return (found or {}) | {"element": column.element.name if column and column.element else ""}


def _shapes(connection: DuckDBPyConnection, cells: str, columns: Sequence[Column | None]) -> dict[int, dict[str, Any]]:
    """Fields of `ColumnShape` by place. cells: SQL of place, text, times."""
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE shaped AS
        SELECT place, text, times, text IS NOT NULL AND NOT is_placeholder AS is_filled, is_placeholder
        FROM (SELECT place, text, times, coalesce({_placeholder(columns)}, FALSE) AS is_placeholder
              FROM (SELECT place, {trimmed("text")} AS text, sum(times)::BIGINT AS times FROM ({cells}) GROUP BY ALL))""")
    found: dict[int, dict[str, Any]] = {}
    for place, *numbers in connection.execute("""
        SELECT place, sum(times)::BIGINT, coalesce(sum(times) FILTER (is_filled), 0)::BIGINT, coalesce(sum(times) FILTER (is_placeholder), 0)::BIGINT,
               count(*) FILTER (is_filled), coalesce(max(times) FILTER (is_filled), 0)::BIGINT
        FROM shaped GROUP BY place""").fetchall():
        found[place] = dict(zip(("rows", "filled", "placeholders", "distinct", "commonest"), numbers, strict=True))
    dated = [place for place, column in enumerate(columns) if column is None or column.logical_type in ("date", "timestamp")]
    length = f"CASE WHEN length(text) < {LONGEST} THEN length(text) ELSE length(text) // 10 * 10 END"
    for kind, key in (("forms", _form(dated)), ("lengths", length)):
        for place, label, times in connection.execute(
            f"SELECT place, CAST({key} AS VARCHAR), sum(times)::BIGINT FROM shaped WHERE is_filled GROUP BY ALL ORDER BY ALL"
        ).fetchall():
            found[place].setdefault(kind, {})[label] = times
    for place, codes in _codes(connection, columns).items():
        found[place]["codes"] = codes
    return found


def _form(dated: Sequence[int]) -> str:
    """SQL of the name of the first form that fits a text; which only dates have are tried in columns of these places."""
    is_dated = f"place IN ({', '.join(map(str, dated))})" if dated else "FALSE"
    tests = (
        f"WHEN {f'{is_dated} AND ' if form.dates else ''}regexp_full_match(text, {literal(form.pattern)}) THEN {literal(form.name)}"
        for form in drift_facts().forms
    )
    return f"CASE {' '.join(tests)} ELSE {literal(OTHER)} END"


def _placeholder(columns: Sequence[Column | None]) -> str:
    """SQL test whether a text is one of the placeholders of its column."""
    places: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, column in enumerate(columns):
        if column is not None and column.element is not None and column.element.placeholders:
            places[column.element.placeholders].append(place)
    tests = (f"WHEN place IN ({', '.join(map(str, at))}) THEN {placeholder_test('text', texts)}" for texts, at in places.items())
    return f"CASE {' '.join(tests)} ELSE FALSE END" if places else "FALSE"


def _codes(connection: DuckDBPyConnection, columns: Sequence[Column | None]) -> dict[int, dict[str, int]]:
    """Code to cells of the columns that have a code list and are open; texts that are no code count as `OTHER`."""
    listed = {
        place: code_spellings(column.element.code_list)
        for place, column in enumerate(columns)
        if column is not None and column.element is not None and column.element.code_list and column.level in OPEN_LEVELS
    }
    found: dict[int, Counter[str]] = defaultdict(Counter)
    if listed:
        places = ", ".join(map(str, listed))
        for place, text, times in connection.execute(
            f"SELECT place, text, times FROM shaped WHERE is_filled AND place IN ({places})"
        ).fetchall():
            found[place][listed[place].get(text, OTHER)] += times
    return {place: dict(sorted(counted.items())) for place, counted in found.items()}


def _values(connection: DuckDBPyConnection, accepted: str, columns: Sequence[Column], period: date) -> dict[str, dict[str, int]]:
    bins = {column.name: test for column in columns if (test := value_bin(column, period))}
    if not bins:
        return {}
    counted = ", ".join(f"histogram({test}) AS {identifier(name)}" for name, test in bins.items())
    found = connection.execute(f"SELECT {counted} FROM {accepted}").fetchone() or ()
    return {name: dict(each or {}) for name, each in zip(bins, found, strict=True)}
