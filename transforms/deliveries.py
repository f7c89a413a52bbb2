"""In which order the deliveries of a dataset count, whatever the order in which they came."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import PurePosixPath

Part = tuple[int, int]
"""A file that is one of several which together are one full export: its number and how many there are."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery as it came; `part` is None for a file that holds the whole."""

    batch: str
    period: str
    received_at: datetime
    file_name: str
    file_key: str
    part: Part | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """A delivery in its place.

    sequence: rows of a later one take the place of rows with the same key. snapshot: number of the last full export up to here, 0 before the
    first; a full export says also what is no more. previous: number of the last one before this, so the same where this is none. file_key: how
    its rows name the file they came in.
    """

    batch: str
    period: str
    sequence: int
    snapshot: int
    previous: int
    file_key: str


def in_order(arrivals: Iterable[Arrival], *, full: bool) -> list[Delivered]:
    """The deliveries of one dataset by period, those of one period by arrival, those of one moment by file name (2 before 10).

    full: each is an export of everything, or a part of one. The parts of one period are an export once all are there, in their newest
    versions; what is not an export, an older version of a part or a part whose fellows are missing, amends the export before it.
    """
    groups = _exports(arrivals) if full else (([arrival], False) for arrival in sorted(arrivals, key=_moment))
    placed: list[Delivered] = []
    exports = 0
    for together, is_export in groups:
        previous, exports = exports, exports + is_export
        placed += [
            Delivered(arrival.batch, arrival.period, len(placed) + place, exports, previous, arrival.file_key)
            for place, arrival in enumerate(together)
        ]
    return placed


def _exports(arrivals: Iterable[Arrival]) -> Iterator[tuple[Sequence[Arrival], bool]]:
    """Deliveries that belong together, in order, and whether they are an export."""
    for (_, is_part), grouped in groupby(sorted(arrivals, key=_moment), key=lambda arrival: (arrival.period, arrival.part is not None)):
        together = list(grouped)
        yield from _parts(together) if is_part else (([arrival], True) for arrival in together)


def _parts(arrivals: Sequence[Arrival]) -> Iterator[tuple[Sequence[Arrival], bool]]:
    """The parts of one period: older versions, and those of another number of parts than the last one says, before the newest."""
    parts = [(arrival.part, arrival) for arrival in arrivals if arrival.part]
    total = parts[-1][0][1]
    newest = {part[0]: arrival for part, arrival in parts if part[1] == total}
    yield [arrival for arrival in arrivals if arrival not in newest.values()], False
    yield sorted(newest.values(), key=_moment), len(newest) == total


def _moment(arrival: Arrival) -> tuple[str, datetime, list[tuple[str, int]], str]:
    return arrival.period, arrival.received_at, _natural(PurePosixPath(arrival.file_name).stem), arrival.batch


def _natural(text: str) -> list[tuple[str, int]]:
    """A name that sorts with its numbers by value, and before names that go on from it."""
    return [(word, int(number or 0)) for word, number in re.findall(r"(\D*)(\d*)", text)]
