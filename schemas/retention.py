"""Which releases a city keeps, and for how long nothing goes that somebody may still be reading."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from schemas.documents import Document, did_you_mean

PLACE = ("retention",)


@dataclass(frozen=True, slots=True)
class ReleaseRetention:
    """So many releases are kept: the last ones, and of the last days, weeks, months and years that have any the last one of each.

    ``grace_hours``: what was current within so many hours stays anyhow, for those who read the share without the pool's commands.
    """

    keep_last: int
    keep_daily: int
    keep_weekly: int
    keep_monthly: int
    keep_yearly: int
    grace_hours: int


KEYS = tuple(field.name for field in fields(ReleaseRetention))


def read_retention(document: Document) -> ReleaseRetention:
    """The key ``retention`` of a city; what cannot be read is noted as a fault of the document and stands as 0."""
    content: Any = document.content.get("retention")
    if not isinstance(content, Mapping):
        document.fault(PLACE, "retention 应是键值", f"请写明 {'、'.join(KEYS)}")
        content = {}
    for name in content:
        if name not in KEYS:
            document.fault((*PLACE, str(name)), f"不认识的“{name}”", did_you_mean(str(name), KEYS))
    found = dict.fromkeys(KEYS, 0)
    for name in KEYS:
        value = content.get(name)
        least = int(name == "keep_last")
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            document.fault((*PLACE, name), f"“{name}”应是不小于 {least} 的整数", "请改写；0 表示不按这一条保留")
        else:
            found[name] = value
    return ReleaseRetention(**found)
