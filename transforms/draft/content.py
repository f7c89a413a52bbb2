"""What stands in the columns of an export: which data elements their cells pass as, and what they look like otherwise."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection

from schemas.codes import code_list
from schemas.glossary import glossary
from schemas.names import generic_names
from schemas.refused import refused_by_content
from schemas.register import Element, register
from transforms.elements import read_column
from transforms.elements_sql import Names, trimmed

CELL = Names("cell")
CELLS = "draft_cells"
DISTINCT_READ = 500
"""Different cells of a column that are read as every element: enough to see five in a hundred."""

CELLS_JUDGED = 1000
CODES = 200
"""A column with more different cells holds no codes."""

NOTES_OF_DOUBT = ("old_13_digits",)
"""Notes of values that pass without a check digit: as evidence they do not count."""

DIGITS = re.compile(r"[0-9]+")
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
FRACTION = re.compile(r"-?[0-9]+\.[0-9]+")
CLOCK = re.compile(r"[0-9]{1,2}[:时][0-9]{2}|[0-9]{14}")
MONTH_ONLY = re.compile(r"(19|20)[0-9]{2}([-/.年]?)(0?[1-9]|1[0-2])月?")
DAY = re.compile(
    r"(18|19|20|21|30|99)[0-9]{2}(([-/.])[0-9]{1,2}\3[0-9]{1,2}|年[0-9]{1,2}月([0-9]{1,2}日)?|(0[1-9]|1[0-2])[0-3][0-9]([0-9]{6})?)([ T].*)?"
)
PADDED = re.compile(r"0[0-9]+")
CODE_LIKE = re.compile(r"[A-Za-z]{0,6}[-_]?[0-9A-Za-z\-_/]*[0-9][0-9A-Za-z\-_/]*")
DIVISION = re.compile(r"[1-9][0-9]{5}([0-9]{3}([0-9]{3})?)?")
HAN = re.compile(r"[一-鿿]")
PERSON = re.compile(r"[一-鿿]{2,4}|[一-鿿]+·[一-鿿·]+")
PATTERNS = {
    "numbers": NUMBER,
    "fractions": FRACTION,
    "digits": DIGITS,
    "months": MONTH_ONLY,
    "codes": CODE_LIKE,
    "days": DAY,
    "padded": PADDED,
}
"""Looks that a whole text has."""

USUAL = 30
"""The most frequent texts that are kept."""


@dataclass(frozen=True, slots=True)
class Content:
    """What stands in one column.

    ``filled`` counts cells over the whole file, the rest is of the sample: ``distinct`` different cells, ``usual`` the most frequent ones with
    their counts, ``passes`` per element the share of the different cells that are values of it (cells that only say "no value" left out),
    ``read`` how many these are. The shares of different cells that look like: ``persons`` names of people, ``organisations``, ``authorities``,
    ``addresses``, ``numbers``, ``fractions``, ``digits``, ``clocks``, ``months``, ``codes``, ``days``, ``padded`` numbers (a zero first), ``divisions`` (codes of a province's areas). ``length`` is the mean, ``placeholders`` counts rows that only say "no value". ``refused`` tells why such content is not taken.
    """

    rows: int
    filled: int
    distinct: int
    usual: tuple[tuple[str, int], ...]
    passes: Mapping[str, float]
    read: int
    persons: float
    organisations: float
    authorities: float
    addresses: float
    numbers: float
    fractions: float
    digits: float
    clocks: float
    months: float
    codes: float
    days: float
    padded: float
    divisions: float
    length: float
    placeholders: int
    refused: str | None

    @property
    def filled_share(self) -> float:
        """Filled cells of all rows."""
        return self.filled / self.rows if self.rows else 0.0

    def share(self, element: str) -> float:
        """The share of cells that are values of an element."""
        return self.passes.get(element, 0.0)

    def says_nothing(self, element: str) -> bool:
        """Whether every cell is a placeholder or a value that stands for none, such as 9999-12-31 among days."""
        return element not in self.passes


def contents(
    connection: DuckDBPyConnection, sample: str, columns: int, rows: int, filled: Sequence[int], load_date: date
) -> tuple[Content, ...]:
    """What stands in the columns of a table of text with columns c0, c1, ...; `rows` and `filled` were counted over the whole file."""
    union = " UNION ALL ".join(
        f"SELECT {place} AS place, {trimmed(f'c{place}')} AS text, count(*) AS times FROM {sample} GROUP BY ALL" for place in range(columns)
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE draft_texts AS SELECT * FROM ({union}) WHERE text IS NOT NULL")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {CELLS} AS SELECT place, text AS {CELL.text}, times FROM draft_texts
        QUALIFY row_number() OVER (PARTITION BY place ORDER BY hash(text), text) <= {DISTINCT_READ}""")
    passes: list[dict[str, float]] = [{} for _ in range(columns)]
    read = [0] * columns
    few = [
        place for place, count in connection.execute("SELECT place, count(*) FROM draft_texts GROUP BY ALL").fetchall() if count <= CODES
    ]
    for element in drafted_elements():
        for place, good, bad in _read_as(connection, element, load_date, few if element.parser == "code" else None):
            passes[place][element.name] = good / (good + bad)
            read[place] = max(read[place], good + bad)
    looks = _Looks(connection)
    return tuple(looks.content(place, rows, filled[place], passes[place], read[place]) for place in range(columns))


def drafted_elements() -> tuple[Element, ...]:
    """The elements that say something about cells: those whose parser or check refuses some."""
    told = ("phone", "date", "datetime", "month", "decimal", "capital", "integer", "flag")
    judging = (each for each in register().values() if each.name not in glossary().internal)
    return tuple(each for each in judging if (each.check or each.parser in told) and each.check != "document_number")


def _read_as(connection: DuckDBPyConnection, element: Element, load_date: date, places: Sequence[int] | None) -> list[tuple[int, int, int]]:
    """Place of a column, cells that are values of the element, cells that are not; columns with neither left out."""
    reading = read_column(element, CELL.column, load_date)
    sql = CELLS if places is None else f"(SELECT * FROM {CELLS} WHERE list_contains({[*places]}, place))"
    for layer in reading.layers:
        sql = f"(SELECT *, {', '.join(f'{expression} AS {name}' for name, expression in layer.items())} FROM {sql})"
    sql = f"(SELECT *, {reading.fault or 'NULL'} AS {CELL('fault')}, {reading.note or 'NULL'} AS {CELL('note')} FROM {sql})"
    # Codes are few: what counts is how many rows have them. Of numbers and names each different one is evidence.
    count = "sum(times)" if element.parser in ("code", "flag") else "count(*)"
    doubtful = " OR ".join(f"{CELL('note')} = '{note}'" for note in NOTES_OF_DOUBT)
    found = connection.execute(f"""
        SELECT place, {count} FILTER (value IS NOT NULL AND NOT doubtful) AS good, {count} FILTER (fault IS NOT NULL OR doubtful) AS bad
        FROM (SELECT place, times, {reading.value} AS value, {CELL("fault")} AS fault, coalesce({doubtful}, FALSE) AS doubtful FROM {sql})
        GROUP BY place HAVING coalesce(good, 0) + coalesce(bad, 0) > 0""").fetchall()
    return [(place, int(good or 0), int(bad or 0)) for place, good, bad in found]


class _Looks:
    """What the different texts of every column look like."""

    def __init__(self, connection: DuckDBPyConnection) -> None:
        placeholders = [*register()["text"].placeholders]
        counted = connection.execute(
            "SELECT place, count(*), coalesce(sum(times) FILTER (list_contains(?, text)), 0) FROM draft_texts GROUP BY ALL", [placeholders]
        ).fetchall()
        self._counted = {place: (distinct, int(empty)) for place, distinct, empty in counted}
        self._usual = self._grouped(connection, "times DESC, text", USUAL)
        self._chosen = self._grouped(connection, "hash(text), text", CELLS_JUDGED)

    @staticmethod
    def _grouped(connection: DuckDBPyConnection, order: str, most: int) -> dict[int, list[tuple[str, int]]]:
        found: dict[int, list[tuple[str, int]]] = {}
        ranked = f"row_number() OVER (PARTITION BY place ORDER BY {order})"
        sql = f"SELECT place, text, times FROM draft_texts QUALIFY {ranked} <= {most} ORDER BY place, {order}"
        for place, text, times in connection.execute(sql).fetchall():
            found.setdefault(place, []).append((text, times))
        return found

    def content(self, place: int, rows: int, filled: int, passes: Mapping[str, float], read: int) -> Content:
        """What stands in one column."""
        distinct, placeholders = self._counted.get(place, (0, 0))
        kept = [text for text, _ in self._chosen.get(place, [])]
        return Content(
            rows=rows,
            filled=filled,
            distinct=distinct,
            usual=tuple(self._usual.get(place, [])),
            passes=passes,
            read=read,
            placeholders=placeholders,
            refused=refused_by_content(kept),
            **_looks(kept),
        )


def _looks(kept: Sequence[str]) -> dict[str, float]:
    """The shares of texts that have each look, by the field of `Content`, and their mean length."""
    book = glossary()
    provinces = code_list("province")
    marks = re.compile(book.address_marks)
    firms = generic_names()["firm_endings"]
    ends = (*book.organisation_ends, *firms)
    tests: dict[str, Callable[[str], bool]] = {
        "persons": lambda text: PERSON.fullmatch(text) is not None and text[0] in book.surnames and not text.endswith(firms),
        "organisations": lambda text: len(text) >= 4 and HAN.search(text) is not None and text.rstrip(")").endswith(ends),
        "authorities": lambda text: text.endswith(book.authority_ends),
        "addresses": lambda text: len(text) >= 5 and HAN.search(text) is not None and len(marks.findall(text)) >= 2,
        "divisions": lambda text: DIVISION.fullmatch(text) is not None and text[:2] in provinces,
        "clocks": lambda text: CLOCK.search(text) is not None,
    }
    tests |= {name: _whole(pattern) for name, pattern in PATTERNS.items()}
    texts = [unicodedata.normalize("NFKC", text) for text in kept if text not in register()["text"].placeholders]
    shares = {name: sum(map(test, texts)) / len(texts) if texts else 0.0 for name, test in tests.items()}
    return {**shares, "length": sum(map(len, texts)) / len(texts) if texts else 0.0}


def _whole(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda text: pattern.fullmatch(text) is not None
