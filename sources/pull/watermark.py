"""How far a pull of new rows came, and whether there is anything new."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sources.pull.errors import PullError

Level = int | float | Decimal | str | date
"""A value of a watermark: a number, a text, a date or a time."""
KINDS: Mapping[str, Any] = {
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "int": int,
    "float": float,
    "Decimal": Decimal,
    "str": str,
}


def lowered(level: Level, overlap: int) -> Level:
    """The level a pull starts from: so many seconds (whole days of a date) or so much below it; of a text the level itself."""
    match level:
        case datetime():
            return level - timedelta(seconds=overlap)
        case date():
            return level - timedelta(days=-(-overlap // 86_400))
        case str():
            return level
        case _:
            return level - overlap


def as_json(level: Level) -> dict[str, str]:
    """A level for the ledger."""
    return {"kind": type(level).__name__, "value": level.isoformat() if isinstance(level, date) else str(level)}


def from_json(record: Mapping[str, str]) -> Level:
    """The level that the ledger keeps."""
    level: Level = KINDS[record["kind"]](record["value"])
    return level


class Tide:
    """Follows rows in the order of their watermark: the highest level, and a digest of the rows that the next pull would bring again.

    Equal digests mean that a pull brought nothing but what the one before had brought. Rows without a level come with every pull.
    """

    def __init__(self, overlap: int, since: Level | None) -> None:
        self._overlap = overlap
        self.level = since
        self._recent: deque[tuple[Level, int]] = deque()
        self._without = 0
        self._all = 0

    def follow(self, levels: Sequence[Level | None], rows: Sequence[Sequence[str | None]]) -> None:
        """Take in more rows. Raises PullError where levels are of several kinds."""
        for level, row in zip(levels, rows, strict=True):
            weight = int.from_bytes(hashlib.blake2b(repr(row).encode(), digest_size=16).digest())
            self._all += weight
            if level is None:
                self._without += weight
                continue
            try:
                self.level = level if self.level is None else max(self.level, level)
            except TypeError as error:
                raise PullError(
                    "水位列的类型变了", "请核对契约里的 query 和 watermark；确实改了类型的，给这个 server 换个名称，从头取"
                ) from error
            if self._recent and self._recent[-1][0] == level:
                self._recent[-1] = (level, self._recent[-1][1] + weight)
            else:
                self._recent.append((level, weight))
            self._forget()

    def _forget(self) -> None:
        if self.level is not None:
            bottom: Any = lowered(self.level, self._overlap)
            while self._recent and self._recent[0][0] < bottom:
                self._recent.popleft()

    @property
    def brought(self) -> str:
        """Digest of all rows."""
        return f"{self._all:x}"

    @property
    def comes_again(self) -> str:
        """Digest of the rows that a pull from this level on would bring again."""
        return f"{self._without + sum(weight for _, weight in self._recent):x}"
