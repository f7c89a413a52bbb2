"""Scores of quality by the dimensions of GB/T 36344, from counts that stand beside them; formulas and weights are data (``scores.yaml``)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from expectations.pool_rules import DIMENSIONS
from schemas.documents import Document

ScopeKind = Literal["pool", "department", "dataset", "town"]
TOTAL = ""
"""In the place of a dimension: the score of all; in that of an indicator: of the dimension."""
CONTRACT_RULE_DIMENSION = "consistency"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One thing counted in a dimension: `formula` in Chinese, `opens` tells where the rows are that lower it (see ``scores.yaml``)."""

    name: str
    label: str
    weight: float
    formula: str
    opens: str


@dataclass(frozen=True, slots=True)
class Dimension:
    """One dimension with its weight and indicators."""

    name: str
    label: str
    weight: float
    indicators: Mapping[str, Indicator]


@dataclass(frozen=True, slots=True)
class ScoreFacts:
    """The content of ``scores.yaml``: bands from good to bad, each with its least score; dimension by code of a reason, and by dimension of a contract's rule."""

    bands: tuple[tuple[str, float], ...]
    dimensions: Mapping[str, Dimension]
    reasons: Mapping[str, str]
    other_dimensions: Mapping[str, str]

    def band(self, score: float) -> str:
        """The name of the band in which a score lies."""
        return next(name for name, least in self.bands if score >= least)

    def standard_dimension(self, dimension: str) -> str:
        """The dimension of GB/T 36344 of one that a contract names."""
        return self.other_dimensions.get(dimension, dimension)

    def dimension_of(self, reason: str, rules: Mapping[str, str]) -> str:
        """Where a reason or a warning counts; rules: dimension by name of a contract's rule."""
        return self.reasons.get(reason) or self.standard_dimension(rules.get(reason, CONTRACT_RULE_DIMENSION))


@dataclass(frozen=True, slots=True)
class Count:
    """So many were checked for an indicator of a dimension in one dataset, town or the pool as a whole, and so many of them are bad."""

    scope_kind: ScopeKind
    scope: str
    dimension: str
    indicator: str
    checked: int
    bad: int


@dataclass(frozen=True, slots=True)
class Score:
    """One score of a scope: of an indicator (`good` of `checked`), of a dimension, or of all; from 0 to 100.

    `scope` is a dataset's id, a department or a town, empty for the pool. `weight` is that in the next higher score; `formula` and `opens` stand with indicators.
    """

    scope_kind: ScopeKind
    scope: str
    dimension: str
    indicator: str
    good: int | None
    checked: int | None
    score: float
    weight: float
    label: str
    formula: str
    opens: str


@cache
def score_facts() -> ScoreFacts:
    """The formulas, weights and bands."""
    content = Document(Path(__file__).parent / "scores.yaml").content
    dimensions = {
        name: Dimension(
            name, DIMENSIONS[name], float(entry["weight"]), {each: Indicator(each, **said) for each, said in entry["indicators"].items()}
        )
        for name, entry in content["dimensions"].items()
    }
    reasons = {reason: dimension for dimension, listed in content["reasons"].items() for reason in listed}
    bands = tuple((band["name"], float(band["from"])) for band in content["bands"])
    return ScoreFacts(bands, dimensions, reasons, content["other_dimensions"])


def scores(counts: Iterable[Count], departments: Mapping[str, str]) -> list[Score]:
    """All scores: of the pool, each department, dataset and town, in this order. departments: by dataset.

    Counts of datasets add up to their department and the pool, those of the pool count there alone; towns see other records than datasets and stand for
    themselves. Counts of indicators that a dimension does not have, of nothing checked, or of a dataset that has no department any more, are left out.
    """
    facts = score_facts()
    added: dict[tuple[ScopeKind, str], dict[tuple[str, str], list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for count in counts:
        is_known = count.scope_kind != "dataset" or count.scope in departments
        if not is_known or not count.checked or count.indicator not in facts.dimensions[count.dimension].indicators:
            continue
        for each in _scopes(count, departments):
            both = added[each][count.dimension, count.indicator]
            both[0] += count.checked
            both[1] += count.bad
    order = ("pool", "department", "dataset", "town")
    found = []
    for kind, scope in sorted(added, key=lambda each: (order.index(each[0]), each[1])):
        found += _scores_of(kind, scope, added[kind, scope], facts)
    return found


def points_lost(own: Sequence[Score]) -> dict[tuple[str, str], float]:
    """How many points of the whole each indicator of a scope costs, by dimension and indicator; together they are what is missing to 100."""
    dimensions = {each.dimension: each.weight for each in own if each.dimension != TOTAL and each.indicator == TOTAL}
    parts: dict[str, list[Score]] = defaultdict(list)
    for each in own:
        if each.indicator != TOTAL:
            parts[each.dimension].append(each)
    whole = sum(dimensions.values())
    return {
        (name, each.indicator): dimensions[name] / whole * each.weight / sum(part.weight for part in found) * (100 - each.score)
        for name, found in parts.items()
        for each in found
    }


def formula_in_words(dimension: Dimension) -> str:
    """How the score of a dimension is reckoned, with its weights."""
    whole = sum(each.weight for each in dimension.indicators.values())
    return "；".join(f"{each.label}（{each.weight / whole:.0%}）= {each.formula}" for each in dimension.indicators.values())


def _scopes(count: Count, departments: Mapping[str, str]) -> list[tuple[ScopeKind, str]]:
    if count.scope_kind != "dataset":
        return [(count.scope_kind, count.scope)]
    return [("dataset", count.scope), ("department", departments[count.scope]), ("pool", "")]


def _scores_of(kind: ScopeKind, scope: str, counted: Mapping[tuple[str, str], list[int]], facts: ScoreFacts) -> list[Score]:
    """The score of all, then each dimension followed by its indicators."""
    found: list[Score] = []
    for dimension in facts.dimensions.values():
        parts = []
        for each in dimension.indicators.values():
            if (dimension.name, each.name) in counted:
                checked, bad = counted[dimension.name, each.name]
                value = round(100 * (checked - bad) / checked, 4)
                parts.append(
                    Score(
                        kind,
                        scope,
                        dimension.name,
                        each.name,
                        checked - bad,
                        checked,
                        value,
                        each.weight,
                        each.label,
                        each.formula,
                        each.opens,
                    )
                )
        if parts:
            value, formula = _mean(parts), formula_in_words(dimension)
            found += [
                Score(kind, scope, dimension.name, TOTAL, None, None, value, dimension.weight, dimension.label, formula, ""),
                *parts,
            ]
    whole = _mean([each for each in found if each.indicator == TOTAL])
    formula = "；".join(f"{each.label} {each.weight:.0%}" for each in facts.dimensions.values())
    return [Score(kind, scope, TOTAL, TOTAL, None, None, whole, 1.0, "总分", formula, ""), *found]


def _mean(parts: list[Score]) -> float:
    return round(sum(each.score * each.weight for each in parts) / sum(each.weight for each in parts), 4)
