"""What identifies a row: the columns, alone or together, that are filled and differ in every row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from duckdb import DuckDBPyConnection

from transforms.draft.content import Content
from transforms.elements_sql import trimmed

KEY_SHARE = 0.95
"""So much of the different rows a key must tell apart: exports hold mistakes, which the check will show."""

OF_KEYS = (
    "source_key",
    "uscc",
    "citizen_number",
    "document_number",
    "licence_number",
    "certificate_number",
    "registration_number",
    "organisation_code",
    "plate_number",
)
BESIDE = (*OF_KEYS, "month", "date", "datetime", "address_text", "organisation_name", "person_name", "integer", "count")
"""Elements that may be part of a key."""

MOST_PARTS, MOST_TRIED = 3, 10


@dataclass(frozen=True, slots=True)
class Key:
    """The places of a key's columns, and the share of the different rows that it tells apart."""

    columns: tuple[int, ...]
    share: float


def find_key(connection: DuckDBPyConnection, sample: str, columns: int, elements: Sequence[str], contents: Sequence[Content]) -> Key:
    """The shortest key, of equally short ones that of the likeliest elements and furthest left; without one what comes nearest."""
    names = [f"c{place}" for place in range(columns)]
    [(rows,)] = connection.execute(f"SELECT count(DISTINCT hash({', '.join(names)})) FROM {sample}").fetchall()
    if not rows:
        return Key((0,), 0.0)
    ranked = _candidates(elements, contents)
    best = Key(tuple(ranked[:1]) or (0,), 0.0)
    for parts in range(1, MOST_PARTS + 1):
        tried = list(combinations(ranked[:MOST_TRIED], parts))
        if not tried:
            break
        counts = _different(connection, sample, tried)
        found = [Key(chosen, min(1.0, count / rows)) for chosen, count in zip(tried, counts, strict=True)]
        good = [key for key in found if key.share >= KEY_SHARE]
        if parts == 1:
            good = [key for key in good if elements[key.columns[0]] in OF_KEYS] or good
        if good:
            key = max(good, key=lambda key: (round(key.share, 2), -sum(ranked.index(place) for place in key.columns)))
            return Key((*key.columns, *_periods(key, elements, contents)), key.share)
        best = max([best, *found], key=lambda key: key.share)
    return best


def _periods(key: Key, elements: Sequence[str], contents: Sequence[Content]) -> list[int]:
    """The month that all rows of one file share: in the next file the same key comes with another one."""
    months = (place for place, element in enumerate(elements) if element == "month" and place not in key.columns)
    return [place for place in months if contents[place].distinct == 1 and contents[place].filled_share >= KEY_SHARE]


def _candidates(elements: Sequence[str], contents: Sequence[Content]) -> list[int]:
    """Columns that may be part of a key, the likeliest first."""
    places = [place for place, element in enumerate(elements) if element in BESIDE or element == "text"]
    fit = [
        place for place in places if contents[place].filled_share >= 0.9 and contents[place].distinct > 1 and not contents[place].refused
    ]
    return sorted(fit, key=lambda place: (_rank(elements[place]), place))


def _rank(element: str) -> int:
    order = (OF_KEYS, ("month", "date", "datetime"), ("person_name", "organisation_name"), ("text", "integer", "count"), ("address_text",))
    return next(rank for rank, group in enumerate(order) if element in group)


def _different(connection: DuckDBPyConnection, sample: str, chosen: Sequence[tuple[int, ...]]) -> list[int]:
    counts = ", ".join(f"count(DISTINCT hash({', '.join(trimmed(f'c{place}') for place in places)}))" for places in chosen)
    [row] = connection.execute(f"SELECT {counts} FROM {sample}").fetchall()
    return list(row)
