"""Scores: what was counted, averaged as the file of formulas says, at every level the same."""

import pytest

from expectations.pool_rules import DIMENSIONS
from expectations.scores import TOTAL, Count, Score, points_lost, score_facts, scores
from schemas.contract import source_contracts
from transforms.elements_faults import MESSAGES
from transforms.objections import MESSAGES as OBJECTIONS

DEPARTMENTS = {"a.one": "甲局", "a.two": "甲局", "b.one": "乙局"}
COUNTS = [
    Count("dataset", "a.one", "conformity", "rows", 100, 10),
    Count("dataset", "a.two", "conformity", "rows", 300, 0),
    Count("dataset", "b.one", "conformity", "rows", 100, 90),
    Count("dataset", "a.one", "conformity", "cells", 1000, 500),
    Count("dataset", "a.one", "completeness", "rows", 100, 0),
    Count("dataset", "a.one", "completeness", "rules", 0, 0),
    Count("dataset", "gone.one", "conformity", "rows", 100, 100),
    Count("town", "甲镇", "consistency", "addresses", 4, 1),
]


def score(scope_kind: str, scope: str, dimension: str = TOTAL, indicator: str = TOTAL) -> Score:
    [found] = [
        each
        for each in scores(COUNTS, DEPARTMENTS)
        if (each.scope_kind, each.scope, each.dimension, each.indicator) == (scope_kind, scope, dimension, indicator)
    ]
    return found


def test_datasets_add_up_to_their_department_and_the_pool() -> None:
    assert (score("department", "甲局", "conformity", "rows").good, score("department", "甲局", "conformity", "rows").checked) == (390, 400)
    assert (score("pool", "", "conformity", "rows").good, score("pool", "", "conformity", "rows").checked) == (400, 500)
    assert score("pool", "", "conformity", "rows").score == 80.0


def test_a_dimension_is_the_mean_of_its_indicators_by_weight() -> None:
    weights = score_facts().dimensions["conformity"].indicators
    rows, cells = weights["rows"].weight, weights["cells"].weight
    assert score("dataset", "a.one", "conformity").score == pytest.approx((90 * rows + 50 * cells) / (rows + cells))
    assert score("dataset", "a.two", "conformity").score == 100.0, "an indicator for which nothing was checked has no part in it"


def test_the_whole_is_the_mean_of_the_dimensions_by_weight() -> None:
    weights = {name: dimension.weight for name, dimension in score_facts().dimensions.items()}
    conformity, completeness = (score("dataset", "a.one", name).score for name in ("conformity", "completeness"))
    expected = (conformity * weights["conformity"] + completeness * weights["completeness"]) / (
        weights["conformity"] + weights["completeness"]
    )
    assert score("dataset", "a.one").score == pytest.approx(expected, abs=1e-3)


def test_towns_stand_for_themselves() -> None:
    assert score("town", "甲镇").score == 75.0
    assert not [each for each in scores(COUNTS, DEPARTMENTS) if each.scope_kind == "pool" and each.dimension == "consistency"]


def test_every_score_says_how_it_was_reckoned_and_where_its_rows_are() -> None:
    for each in scores(COUNTS, DEPARTMENTS):
        assert each.formula
        assert bool(each.opens) == (each.indicator != TOTAL)
        assert (each.good is None) == (each.indicator == TOTAL)


def test_the_dimensions_are_those_of_the_standard_and_share_the_whole() -> None:
    facts = score_facts()
    assert list(facts.dimensions) == list(DIMENSIONS)
    assert sum(dimension.weight for dimension in facts.dimensions.values()) == pytest.approx(1.0)


def test_every_reason_that_a_row_can_be_told_has_its_dimension() -> None:
    facts = score_facts()
    assert sorted({*MESSAGES, *OBJECTIONS} - set(facts.reasons)) == []
    assert set(facts.reasons.values()) <= set(DIMENSIONS)
    for contract in source_contracts().values():
        for rule in contract.rules:
            assert facts.dimension_of(rule.name, {rule.name: rule.dimension}) in DIMENSIONS


def test_bands_go_down_to_nothing() -> None:
    facts = score_facts()
    assert [facts.band(score) for score in (100, 95, 94.9, 60, 0)] == ["优", "优", "良", "较差", "差"]


def test_points_that_indicators_cost_are_together_what_is_missing_to_100() -> None:
    found = scores(COUNTS, DEPARTMENTS)
    for kind, scope in {(each.scope_kind, each.scope) for each in found}:
        own = [each for each in found if (each.scope_kind, each.scope) == (kind, scope)]
        [whole] = [each.score for each in own if each.dimension == TOTAL]
        assert sum(points_lost(own).values()) == pytest.approx(100 - whole, abs=0.001)
