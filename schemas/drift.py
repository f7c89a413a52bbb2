"""What deliveries are compared in with the usual, and the limits of it: defaults from ``drift.yaml``, others from the contract."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from schemas.documents import Document, Place, did_you_mean

COLUMNS = "columns"
SEVERITIES = ("warn", "block")
EXAMPLE = "例如 {nulls: {warn: 0.1, block: 0.2}}"
Variant = Literal["incremental", "parsed"]


@dataclass(frozen=True, slots=True)
class Limit:
    """From which change on it is told, and from which on the batch is kept out; None: never."""

    warn: float | None = None
    block: float | None = None


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that deliveries are compared in; ``scope`` says whether its limits may be set for a column or the dataset only."""

    name: str
    label: str
    scope: Literal["dataset", "column"]
    limit: Limit
    variants: Mapping[str, Limit]


@dataclass(frozen=True, slots=True)
class Form:
    """One way of writing a cell: an RE2 pattern of the whole text; ``dates``: told apart from digits in columns of dates only."""

    name: str
    label: str
    pattern: str
    dates: bool


@dataclass(frozen=True, slots=True)
class DriftFacts:
    """The content of ``drift.yaml``; see there."""

    history: int
    small_history: float
    most: float
    usual_scatter: float
    scatter_from: int
    false_alarm: float
    sampled_rows: int
    measures: Mapping[str, Measure]
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True)
class DriftLimits:
    """The limits a contract sets: by measure, and by column and measure."""

    dataset: Mapping[str, Limit] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, Limit]] = field(default_factory=dict)

    def of(self, measure: str, column: str = "") -> Limit | None:
        """The limit that the contract sets, the column's before the dataset's; None where it sets none."""
        return self.columns.get(column, {}).get(measure, self.dataset.get(measure))


@cache
def drift_facts() -> DriftFacts:
    """The defaults and forms of ``drift.yaml``."""
    content = Document(Path(__file__).parent / "drift.yaml").content
    measures = {name: _measure(name, entry) for name, entry in content["measures"].items()}
    forms = tuple(Form(entry["name"], entry["label"], entry["pattern"], entry.get("dates", False)) for entry in content["forms"])
    plain = {key: value for key, value in content.items() if key not in ("measures", "forms")}
    return DriftFacts(**plain, measures=MappingProxyType(measures), forms=forms)


def default_limit(measure: str, *variants: Variant) -> Limit:
    """The limit of a measure where the contract sets none, of the first variant that it has."""
    known = drift_facts().measures[measure]
    return next((known.variants[each] for each in variants if each in known.variants), known.limit)


def read_drift(document: Document, value: Any, place: Place, columns: frozenset[str]) -> DriftLimits:
    """The property ``drift`` of a contract with these columns; what cannot be read is noted as a fault of the document."""
    if not isinstance(value, Mapping):
        document.fault(place, "drift 应是键值", EXAMPLE)
        return DriftLimits()
    measures = drift_facts().measures
    dataset = {name: _limit(document, each, (*place, name)) for name, each in value.items() if name in measures}
    for name in value:
        if name != COLUMNS and name not in measures:
            document.fault((*place, str(name)), f"drift 不认识“{name}”", did_you_mean(str(name), [*measures, COLUMNS]))
    return DriftLimits(dataset, _of_columns(document, value.get(COLUMNS, {}), (*place, COLUMNS), columns))


def _of_columns(document: Document, value: Any, place: Place, columns: frozenset[str]) -> dict[str, dict[str, Limit]]:
    known = [name for name, measure in drift_facts().measures.items() if measure.scope == "column"]
    found: dict[str, dict[str, Limit]] = {}
    for column, entry in (value if isinstance(value, Mapping) else {}).items():
        if column not in columns:
            document.fault((*place, str(column)), f"drift 用到没有的列“{column}”", did_you_mean(str(column), sorted(columns)))
        elif isinstance(entry, Mapping):
            for name in entry:
                if name not in known:
                    document.fault((*place, column, str(name)), f"列的 drift 不认识“{name}”", did_you_mean(str(name), known))
            found[column] = {name: _limit(document, each, (*place, column, name)) for name, each in entry.items() if name in known}
        else:
            document.fault((*place, str(column)), f"列“{column}”的 drift 应是键值", EXAMPLE)
    if not isinstance(value, Mapping):
        document.fault(place, "drift 的 columns 应是列名到限值的键值", "例如 columns: {phone: {nulls: {block: 0.2}}}")
    return found


def _limit(document: Document, value: Any, place: Place) -> Limit:
    found: dict[str, float] = {}
    for name, share in value.items() if isinstance(value, Mapping) else ():
        if name not in SEVERITIES:
            document.fault((*place, str(name)), f"限值不认识“{name}”", did_you_mean(str(name), SEVERITIES))
        elif isinstance(share, bool) or not isinstance(share, int | float) or share <= 0:
            document.fault(
                (*place, name), f"限值“{name}”应是大于 0 的数，现在是“{share}”", "写变化的幅度：0.2 表示变了 20 个百分点；不拦就不写"
            )
        else:
            found[name] = float(share)
    if not isinstance(value, Mapping) or not value:
        document.fault(place, "限值应写明 warn 或 block", EXAMPLE)
    if found.get("warn", 0) > found.get("block", float("inf")):
        document.fault(place, f"warn（{found['warn']}）大于 block（{found['block']}）", "先提示，后拦下：请把 warn 写小")
    return Limit(**found)


def _measure(name: str, entry: Mapping[str, Any]) -> Measure:
    variants = {variant: Limit(**limits) for variant, limits in entry.get("variants", {}).items()}
    return Measure(name, entry["label"], entry["scope"], Limit(entry.get("warn"), entry.get("block")), variants)
