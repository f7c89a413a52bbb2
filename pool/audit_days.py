"""The audit log by days: of each a digest that can be printed and signed, and later held against the log."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from pool.audit import START, AuditHead, AuditRecord

DIGEST = "audit.digest"
"""Action in the audit log: the object is the day."""


@dataclass(frozen=True, slots=True)
class DayDigest:
    """The records of one day: how many, the numbers of the first and the last (0 where there is none), by action.

    before, head: the chain at the end of the day before and of this one.
    """

    day: date
    records: int
    first: int
    last: int
    before: AuditHead
    head: AuditHead
    actions: Mapping[str, int]

    def details(self, zone: str) -> dict[str, Any]:
        """What the log keeps of it."""
        return {
            "records": self.records,
            "first": self.first,
            "last": self.last,
            "before": self.before.digest,
            "head": self.head.digest,
            "zone": zone,
        }


class AuditDays:
    """The days of a log on the clock of a place.

    A record belongs to no earlier day than the one before it, though the clock was set back: so a day that is over never changes.
    """

    def __init__(self, records: Iterable[AuditRecord], zone: ZoneInfo) -> None:
        self._zone = zone
        self._days: list[DayDigest] = []
        head = AuditHead(0, START)
        for day, of_day in groupby(self._dated(records), key=lambda pair: pair[0]):
            chain = [record for _, record in of_day]
            before, head = head, AuditHead(chain[-1].number, chain[-1].digest)
            actions = dict(sorted(Counter(record.action for record in chain).items()))
            self._days.append(DayDigest(day, len(chain), chain[0].number, chain[-1].number, before, head, actions))

    def _dated(self, records: Iterable[AuditRecord]) -> Iterator[tuple[date, AuditRecord]]:
        latest = date.min
        for record in records:
            latest = max(latest, datetime.fromisoformat(record.at).astimezone(self._zone).date())
            yield latest, record

    def with_records(self) -> list[DayDigest]:
        """The digests of all days that have records, oldest first."""
        return list(self._days)

    def digest(self, day: date) -> DayDigest:
        """The digest of a day; without records it is the end of the chain before it."""
        place = bisect_right(self._days, day, key=lambda each: each.day)
        last = self._days[place - 1] if place else None
        if last is not None and last.day == day:
            return last
        head = last.head if last else AuditHead(0, START)
        return DayDigest(day, 0, 0, 0, head, head, {})


def digest_faults(records: list[AuditRecord]) -> list[str]:
    """Which digests of days in the log do not fit its records, in Chinese."""
    faults = []
    days: dict[str, AuditDays] = {}
    for record in records:
        if record.action != DIGEST:
            continue
        try:
            zone = record.details["zone"]
            days[zone] = days.get(zone) or AuditDays(records, ZoneInfo(zone))
            fits = days[zone].digest(date.fromisoformat(record.object)).details(zone) == dict(record.details)
        except (KeyError, ValueError, TypeError, OSError):
            fits = False
        if not fits:
            faults.append(f"审计日志第 {record.number} 条：{record.object} 的日摘要与当日的记录不符，有记录被增删、改动或调换。")
    return faults
