"""Which releases stay: as `restic forget` says, by local days."""

from datetime import datetime, timedelta

import pytest

from schemas.retention import ReleaseRetention
from transforms.retention import kept_releases

START = datetime(2025, 1, 1, 2)  # noqa: DTZ001


def keeping(*, last: int = 1, daily: int = 0, weekly: int = 0, monthly: int = 0, yearly: int = 0) -> ReleaseRetention:
    return ReleaseRetention(last, daily, weekly, monthly, yearly, 0)


def every(hours: int, count: int) -> list[tuple[int, datetime]]:
    return [(number, START + timedelta(hours=hours * (number - 1))) for number in range(1, count + 1)]


@pytest.mark.parametrize(
    ("published", "retention", "kept"),
    [
        (every(1, 5), keeping(last=2), [4, 5]),
        (every(1, 2), keeping(last=7), [1, 2]),
        (every(12, 8), keeping(daily=3), [4, 6, 8]),
        (every(24, 20), keeping(weekly=2), [19, 20]),  # 2025-01-19 is a Sunday
        (every(24, 100), keeping(monthly=2), [90, 100]),
        (every(24 * 30, 30), keeping(yearly=1), [30]),
        ([], keeping(), []),
    ],
)
def test_the_last_release_of_each_period_stays(published: list[tuple[int, datetime]], retention: ReleaseRetention, kept: list[int]) -> None:
    assert sorted(kept_releases(published, retention)) == kept


def test_days_without_a_release_do_not_count() -> None:
    published = [(1, START), (2, START + timedelta(days=40)), (3, START + timedelta(days=400)), (4, START + timedelta(days=401))]
    assert sorted(kept_releases(published, keeping(daily=3))) == [2, 3, 4]


def test_the_oldest_stays_until_a_rule_has_kept_as_many_as_it_may() -> None:
    published = every(24, 20)
    assert sorted(kept_releases(published, keeping(monthly=3))) == [1, 20], (
        "one month so far: the past it reaches into begins with release 1"
    )
    assert kept_releases(published, keeping(monthly=3))[1] == ["每月一版"]


def test_what_stays_stays_the_same_when_it_is_asked_again_every_day() -> None:
    """Retiring day by day comes to the same as retiring once."""
    retention = keeping(last=2, daily=3, weekly=2, monthly=6, yearly=2)
    here: list[tuple[int, datetime]] = []
    for release in every(12, 700):
        here = [each for each in [*here, release] if each[0] in kept_releases([*here, release], retention)]
    at_once = sorted(kept_releases(every(12, 700), retention))
    assert [number for number, _ in here] == at_once
    assert len(here) == 10
