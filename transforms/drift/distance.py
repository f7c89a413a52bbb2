"""How far two distributions are apart, what is usual of several, and what chance alone does.

Total variation distance: the share of the cells that would have to be different (Levin, Peres: Markov Chains and Mixing Times, ch. 4). It is bounded, needs no
logarithm of empty classes as PSI and Kullback-Leibler do, and people understand it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf, log, pi, sqrt
from statistics import NormalDist, median

Shares = Mapping[str, float]
"""Class to share; the shares sum to 1, or there are none."""


def shares(counts: Mapping[str, int]) -> dict[str, float]:
    """Counts as shares of their sum."""
    total = sum(counts.values())
    return {key: count / total for key, count in counts.items()} if total else {}


def two_classes(part: float) -> dict[str, float]:
    """A share and what is left of it: the distance of two such is the difference of the shares."""
    return {"yes": part, "no": 1 - part}


def total_variation(one: Shares, other: Shares) -> float:
    """From 0, the same, to 1, nothing in common."""
    return sum(abs(one.get(key, 0.0) - other.get(key, 0.0)) for key in one.keys() | other.keys()) / 2


def usual_shares(several: Sequence[Shares]) -> dict[str, float]:
    """The median of each class, so that a single odd one does not count, scaled to sum to 1."""
    keys = sorted({key for each in several for key in each})
    medians = {key: median(each.get(key, 0.0) for each in several) for key in keys}
    total = sum(medians.values())
    if not total:  # no class stands in most of them: the mean says more than nothing
        return {key: sum(each.get(key, 0.0) for each in several) / len(several) for key in keys}
    return {key: share / total for key, share in medians.items()}


def noise_floor(usual: Shares, now: int, before: int, false_alarm: float) -> float:
    """The distance that samples of `now` and `before` cells of one distribution exceed with probability `false_alarm` at most.

    Their expected distance, each class by the normal approximation, and by McDiarmid's inequality (1989) what it may stray from that, for one
    cell moves it by no more than one over the sample's size. Infinite where samples are too small to tell anything by.
    """
    if not now or not before:
        return inf
    variance = 1 / now + 1 / before
    expected = sum(sqrt(share * (1 - share) * variance) for share in usual.values()) * sqrt(2 / pi) / 2
    floor = expected + sqrt(log(1 / false_alarm) * variance / 2)
    return floor if floor < 1 else inf


def count_floor(usual: float, batches: int, false_alarm: float) -> float:
    """The share of a usual number of rows by which a number may differ by chance: that of a Poisson count, and of the mean of several."""
    if not usual:
        return inf
    return NormalDist().inv_cdf(1 - false_alarm / 2) * sqrt((1 + 1 / batches) / usual)
