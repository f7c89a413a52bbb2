"""Which releases stay: the rule of `restic forget`, told by the local time of their publication."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from schemas.retention import ReleaseRetention

Rule = tuple[str, int, Callable[[datetime], object]]


def kept_releases(published: Sequence[tuple[int, datetime]], retention: ReleaseRetention) -> Mapping[int, Sequence[str]]:
    """The releases that stay, with the rules by which they do, in Chinese.

    published: number and local time of publication of the releases that are there. A rule keeps the last release of each of the newest days
    (weeks, ...) that have any; days without a release do not count. While a rule has kept fewer than it may, it keeps the oldest release, too,
    so that the past it reaches into grows from the beginning.
    """
    newest_first = sorted(published, reverse=True)
    kept: dict[int, list[str]] = defaultdict(list)
    for name, count, period_of in _rules(retention):
        last: object = None
        for number, moment in newest_first:
            period = period_of(moment)
            if count and (period != last or number == newest_first[-1][0]):
                kept[number].append(name)
                last, count = period, count - 1
    for number, _ in newest_first[: retention.keep_last]:
        kept[number].insert(0, f"最近 {retention.keep_last} 版")
    return kept


def _rules(retention: ReleaseRetention) -> Sequence[Rule]:
    return (
        ("每日一版", retention.keep_daily, lambda moment: moment.date()),
        ("每周一版", retention.keep_weekly, lambda moment: moment.isocalendar()[:2]),
        ("每月一版", retention.keep_monthly, lambda moment: (moment.year, moment.month)),
        ("每年一版", retention.keep_yearly, lambda moment: moment.year),
    )
