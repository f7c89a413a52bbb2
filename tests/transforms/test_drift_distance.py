"""How far two distributions are apart, and what chance alone does to them."""

from math import inf

import numpy as np
import pytest
from hypothesis import given, strategies as st

from transforms.drift.distance import noise_floor, shares, total_variation, two_classes, usual_shares

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 1000), min_size=1)


@given(COUNTS, COUNTS, COUNTS)
def test_distance_is_a_metric_between_0_and_1(one: dict[str, int], two: dict[str, int], three: dict[str, int]) -> None:
    first, second, third = shares(one), shares(two), shares(three)
    assert total_variation(first, first) == 0
    assert total_variation(first, second) == pytest.approx(total_variation(second, first))
    assert 0 <= total_variation(first, second) <= 1 + 1e-9
    assert total_variation(first, third) <= total_variation(first, second) + total_variation(second, third) + 1e-9


def test_distance_of_two_shares_is_their_difference() -> None:
    assert total_variation(two_classes(0.1), two_classes(0.35)) == pytest.approx(0.25)
    assert total_variation({"a": 1.0}, {"b": 1.0}) == 1


def test_one_odd_delivery_does_not_move_the_usual() -> None:
    assert usual_shares([{"a": 1.0}, {"b": 1.0}, {"a": 1.0}]) == {"a": 1.0, "b": 0.0}


def test_samples_of_the_same_stay_below_the_floor() -> None:
    """At one in a thousand two thousand tries may give a few; they give none, for the floor is a bound."""
    randomness = np.random.default_rng(7)
    usual = {"a": 0.6, "b": 0.3, "c": 0.09, "d": 0.01}
    for now, before in ((30, 500), (400, 400), (5000, 10_000)):
        floor = noise_floor(usual, now, before, 0.001)
        one, two = (randomness.multinomial(size, list(usual.values()), 2000) / size for size in (now, before))
        distances = np.abs(one - two).sum(axis=1) / 2
        assert (distances > floor).mean() <= 0.001
        assert np.quantile(distances, 0.999) > floor / 4, "a floor far above chance would hide drift"


def test_floor_of_few_cells_lets_nothing_be_told() -> None:
    assert noise_floor({"a": 0.5, "b": 0.5}, 3, 3, 0.001) == inf
    assert noise_floor({"a": 1.0}, 0, 10, 0.001) == inf
