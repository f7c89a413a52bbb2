"""What the quality report says of scores and rules: points by dimension and indicator, what a rule found, what costs most."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """The score of a dimension, from 0 to 100, with how it is reckoned; `weight` is its share of the whole."""

    name: str
    label: str
    weight: float
    formula: str
    score: float | None


@dataclass(frozen=True, slots=True)
class IndicatorScore:
    """One indicator of a dimension: `good` of `checked`, the score, how many points of the whole it costs, and in words where the rows are that lower it;
    `figure` names how many are not good, by which they can be listed."""

    dimension: str
    label: str
    good: int
    checked: int
    score: float
    lost: float
    opens: str
    figure: str = ""

    @property
    def bad(self) -> int:
        """How many are not good."""
        return self.checked - self.good


@dataclass(frozen=True, slots=True)
class ScopeScore:
    """The scores of the pool, a department, a dataset or a town: of all, by name of a dimension, by indicator, and of the releases so far, oldest first.

    `kind` and `scope` are those of ``expectations.scores``; `before` are the scores by dimension in the previous release.
    """

    label: str
    score: float
    band: str
    dimensions: Mapping[str, float]
    kind: str = "dataset"
    scope: str = ""
    indicators: Sequence[IndicatorScore] = ()
    trend: Sequence[tuple[int, float]] = ()
    before: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleReport:
    """One quality rule and what it found; `broken` is None where it could not be checked, the `cause` says why. `by_dataset` tells who answers."""

    name: str
    kind: str
    sentence: str
    dimension: str
    severity: str
    checked: int
    broken: int | None
    cause: str = ""
    by_dataset: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Worst:
    """One of the things that cost the pool most points, and the dataset that has most of it; with the names of both figures."""

    dimension: str
    indicator: str
    bad: int
    checked: int
    lost: float
    dataset: str = ""
    dataset_bad: int = 0
    figure: str = ""
    dataset_figure: str = ""


@dataclass(frozen=True, slots=True)
class QualityReport:
    """The scores of a release, its rules, and what costs most points."""

    pool: ScopeScore
    dimensions: Sequence[DimensionScore]
    scopes: Sequence[ScopeScore]
    rules: Sequence[RuleReport]
    worst: Sequence[Worst] = ()
