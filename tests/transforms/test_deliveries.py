"""The order in which deliveries count, whatever the order in which they came."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from sources.folder import part_of
from transforms.deliveries import Arrival, in_order

NOW = datetime(2025, 7, 1, tzinfo=UTC)


def arrival(name: str, period: str, day: int) -> Arrival:
    """A file that came on that day."""
    return Arrival(f"{name}@{day}", period, NOW + timedelta(days=day), name, "", part_of(name))


def placed(*arrivals: Arrival, full: bool = True) -> list[tuple[str, int]]:
    return [(each.batch, each.snapshot) for each in in_order(arrivals, full=full)]


def test_older_period_that_comes_late_stands_before_the_newer() -> None:
    newer, late = arrival("b.csv", "2025-06-30", 1), arrival("a.csv", "2025-05-31", 9)
    assert placed(newer, late) == [("a.csv@9", 1), ("b.csv@1", 2)]


def test_of_one_period_what_came_later_stands_later() -> None:
    first, corrected = arrival("b.csv", "2025-06-30", 1), arrival("a.csv", "2025-06-30", 2)
    assert placed(corrected, first) == [("b.csv@1", 1), ("a.csv@2", 2)]


@pytest.mark.parametrize(
    "names", [("x.csv", "x(1).csv"), ("x_2.csv", "x_10.csv"), ("x.csv", "x_更正.csv"), ("x_20250630080000.csv", "x_20250630170000.csv")]
)
def test_of_one_moment_names_decide_and_numbers_in_them_by_value(names: tuple[str, str]) -> None:
    arrivals = [arrival(name, "2025-06-30", 1) for name in names]
    assert [batch for batch, _ in placed(*reversed(arrivals))] == [f"{name}@1" for name in names]


def test_incremental_deliveries_are_no_exports() -> None:
    assert placed(arrival("a.csv", "2025-06-30", 1), arrival("b.csv", "2025-07-31", 2), full=False) == [("a.csv@1", 0), ("b.csv@2", 0)]


def test_parts_of_one_period_are_one_export_once_all_are_there() -> None:
    whole = arrival("x.csv", "2025-05-31", 1)
    parts = [arrival(f"x_{number}of3.csv", "2025-06-30", 2) for number in (1, 2, 3)]
    assert placed(whole, *parts[:2]) == [("x.csv@1", 1), ("x_1of3.csv@2", 1), ("x_2of3.csv@2", 1)]
    assert placed(whole, *parts) == [("x.csv@1", 1), ("x_1of3.csv@2", 2), ("x_2of3.csv@2", 2), ("x_3of3.csv@2", 2)]


def test_part_that_comes_again_takes_the_place_of_its_older_version() -> None:
    parts = [arrival("x_1of2.csv", "2025-06-30", 1), arrival("x_2of2.csv", "2025-06-30", 1), arrival("x_1of2.csv", "2025-06-30", 2)]
    assert placed(*parts) == [("x_1of2.csv@1", 0), ("x_2of2.csv@1", 1), ("x_1of2.csv@2", 1)]


def test_last_part_says_how_many_there_are() -> None:
    of_two, of_three = ([arrival(f"x_{number}of{total}.csv", "2025-06-30", total) for number in range(1, total + 1)] for total in (2, 3))
    assert [snapshot for _, snapshot in placed(*of_two, *of_three)] == [0, 0, 1, 1, 1]
    assert [snapshot for _, snapshot in placed(*of_two, *of_three[:2])] == [0, 0, 0, 0]
    assert [snapshot for _, snapshot in placed(*of_two, of_three[2])] == [0, 0, 0], "parts of two do not make up three"


def test_whole_file_after_the_parts_takes_their_place() -> None:
    parts = [arrival(f"x_{number}of2.csv", "2025-06-30", 1) for number in (1, 2)]
    assert placed(*parts, arrival("x.csv", "2025-06-30", 2))[-1] == ("x.csv@2", 2)


def test_order_in_which_they_are_told_does_not_matter() -> None:
    names = ("x.csv", "x_1of2.csv", "x_2of2.csv", "y.csv")
    arrivals = [arrival(name, period, day) for name in names for period in ("2025-05-31", "2025-06-30") for day in (1, 2, 3)]
    expected = placed(*arrivals)
    for seed in range(20):
        random.Random(seed).shuffle(arrivals)
        assert placed(*arrivals) == expected
