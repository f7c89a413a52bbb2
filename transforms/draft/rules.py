"""Rules that make sense by the words of the headers and hold on the rows: days in order, parts not above their whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from duckdb import DuckDBPyConnection

from schemas.glossary import glossary
from transforms.draft.plan import DraftColumn, DraftRule
from transforms.elements import read_column
from transforms.elements_sql import Names, identifier, trimmed

HOLDS = 0.9
"""A rule that more rows break is none."""

REJECTS = 0.98
"""From here on what breaks the rule is a mistake, and its row goes to quarantine."""

FEWEST_ROWS = 5
DAY_ELEMENTS = ("date", "datetime", "month", "birth_date", "death_date")
NUMBER_ELEMENTS = ("count", "area", "amount", "decimal")


def find_rules(connection: DuckDBPyConnection, sample: str, columns: Sequence[DraftColumn], load_date: date) -> list[DraftRule]:
    """The rules that hold; `sample` is a table with the columns c0, c1, ... of text."""
    rules: list[DraftRule] = []
    for first, second, is_days in _pairs(columns):
        checked, broken = _counts(connection, sample, first, second, load_date)
        if checked < FEWEST_ROWS or broken > (1 - HOLDS) * checked:
            continue
        rules.append(_rule(first, second, is_days, checked, broken))
    return rules


def _pairs(columns: Sequence[DraftColumn]) -> Iterator[tuple[DraftColumn, DraftColumn, bool]]:
    """Lower and higher column of every pair that the glossary knows, each pair once."""
    book = glossary()
    seen: set[tuple[str, str]] = set()
    for order, elements, is_days in ((book.date_order, DAY_ELEMENTS, True), (book.number_order, NUMBER_ELEMENTS, False)):
        fit = [column for column in columns if column.element_name in elements and not column.refused]
        for lower, higher in order:
            for first in (column for column in fit if lower in column.meaning.text):
                for second in (column for column in fit if higher in column.meaning.text and column is not first):
                    stem = first.meaning.text.replace(lower, "") == second.meaning.text.replace(higher, "")
                    if (first.name, second.name) not in seen and (stem or _one_group(first, second)):
                        seen.add((first.name, second.name))
                        yield first, second, is_days


def _one_group(first: DraftColumn, second: DraftColumn) -> bool:
    """Whether two columns speak of the same thing: the same group of a two-line header, or neither is in one."""
    groups = [column.header.rpartition("_")[0] for column in (first, second)]
    return groups[0] == groups[1]


def _counts(connection: DuckDBPyConnection, sample: str, first: DraftColumn, second: DraftColumn, load_date: date) -> tuple[int, int]:
    low, high = _read(sample, first, load_date), _read(sample, second, load_date)
    [(checked, broken)] = connection.execute(f"""
        SELECT count(*), count(*) FILTER (high.value < low.value) FROM ({low}) low JOIN ({high}) high USING (id)
        WHERE low.value IS NOT NULL AND high.value IS NOT NULL""").fetchall()
    return checked, broken


def _read(sample: str, column: DraftColumn, load_date: date) -> str:
    reading = read_column(column.element, column.name, load_date)
    sql = f"SELECT rowid AS id, {trimmed(f'c{column.place}')} AS {Names(column.name).text} FROM {sample}"
    for layer in reading.layers:
        sql = f"SELECT *, {', '.join(f'{expression} AS {name}' for name, expression in layer.items())} FROM ({sql})"
    sql = f"SELECT *, {reading.fault or 'NULL'} AS {Names(column.name)('fault')} FROM ({sql})"
    return f"SELECT id, {reading.value} AS value FROM ({sql})"


def _rule(first: DraftColumn, second: DraftColumn, is_days: bool, checked: int, broken: int) -> DraftRule:
    low, high = identifier(first.name).strip('"'), identifier(second.name).strip('"')
    severity = "reject" if is_days and broken <= (1 - REJECTS) * checked else "warn"
    said = f"{second.meaning.text}不早于{first.meaning.text}" if is_days else f"{first.meaning.text}不大于{second.meaning.text}"
    name = f"{second.name}_after_{first.name}" if is_days else f"{first.name}_within_{second.name}"
    sql = f"{high} IS NULL OR {low} IS NULL OR {high} >= {low}"
    return DraftRule(name, said, severity, sql, checked, broken)
