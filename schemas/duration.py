"""Durations by the calendar, as ISO 8601 writes them: ``P3Y``, ``P18M``, ``P1Y6M``, ``P90D``, ``P2W``."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, timedelta

FORM = re.compile(r"P(?=\d)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?")
MOST_YEARS = 1000
UNITS = {"years": "年", "months": "个月", "days": "天"}


@dataclass(frozen=True, slots=True)
class Duration:
    """So many years, months and days, not all none."""

    years: int = 0
    months: int = 0
    days: int = 0

    @classmethod
    def parse(cls, text: str) -> Duration:
        """From its ISO form; weeks become days. Raises ValueError at any other text, at no time at all and at more than a thousand years."""
        found = FORM.fullmatch(text)
        if not found:
            raise ValueError(text)
        years, months, weeks, days = (int(part or 0) for part in found.groups())
        duration = cls(years, months, 7 * weeks + days)
        if not 0 < duration.in_days <= MOST_YEARS * 365:
            raise ValueError(text)
        return duration

    @property
    def in_days(self) -> int:
        """Roughly how many days, to compare two of them."""
        return 365 * self.years + 30 * self.months + self.days

    def after(self, day: date) -> date:
        """The day that lies so much later; of months that are shorter the last day. The last day there is, where there is none so late."""
        years, month = divmod(day.month - 1 + self.months, 12)
        year, month = day.year + self.years + years, month + 1
        try:
            moved = date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
            return moved + timedelta(days=self.days)
        except (ValueError, OverflowError):
            return date.max

    def __str__(self) -> str:
        return " ".join(f"{count} {UNITS[unit]}" for unit in UNITS if (count := getattr(self, unit)))
