"""What is said of one thing that is not as usual."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from schemas.codes import code_list
from schemas.contract import Column
from schemas.drift import drift_facts
from transforms.drift.bins import bin_label, bin_order
from transforms.drift.distance import Shares
from transforms.drift.shape import OTHER

Severity = Literal["note", "warn", "block"]
SEVERITIES: tuple[Severity, ...] = ("note", "warn", "block")
LEAST_TOLD = 0.01
CLASSES_TOLD, CLASSES_SHOWN = 2, 6
KINDS = {
    "new_column": "新出现的列",
    "missing_column": "缺少的列",
    "renamed_column": "疑似改名",
    "repeated_column": "重复的表头",
    "reordered_columns": "列的次序",
    "other_header": "换了表头",
    "swapped_columns": "疑似错位",
}
"""What concerns the columns as such, beside the measures."""


@dataclass(frozen=True, slots=True)
class Class:
    """One class of a distribution in Chinese: its usual share and that of now."""

    label: str
    usual: float
    now: float


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One thing that is not as usual, told in Chinese: where, what it was, what it is, what to do.

    ``kind`` is a measure or one of `KINDS`, ``column`` the contract's column or the header of one it does not know. ``change`` is how far
    it is from the usual, ``limit`` from where on it is told.
    """

    kind: str
    column: str
    severity: Severity
    message: str
    cure: str
    usual: str = ""
    now: str = ""
    change: float | None = None
    limit: float | None = None
    classes: tuple[Class, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON."""
        return asdict(self)

    @staticmethod
    def from_dict(content: Mapping[str, Any]) -> Anomaly:
        """The reverse of `to_dict`."""
        return Anomaly(**{**content, "classes": tuple(Class(**each) for each in content["classes"])})


def kind_label(kind: str) -> str:
    """What a kind is called in Chinese."""
    return KINDS.get(kind) or drift_facts().measures[kind].label


def worst(anomalies: Iterable[Anomaly]) -> Severity | None:
    """The gravest severity, None where there are none."""
    return max((each.severity for each in anomalies), key=SEVERITIES.index, default=None)


def percent(share: float) -> str:
    """A share in words that says none or all only when it is meant."""
    if 0 < share < LEAST_TOLD:
        return "不到 1%"
    return f"{min(share, 0.99) if share < 1 else 1:.0%}"


def classes_of(measure: str, column: Column | None, usual: Shares, now: Shares) -> tuple[Class, ...]:
    """The classes in which two distributions differ most, in their own order."""
    differing = sorted(usual.keys() | now.keys(), key=lambda key: (-abs(now.get(key, 0.0) - usual.get(key, 0.0)), key))[:CLASSES_SHOWN]
    ordered = sorted(differing, key=_order(measure))
    return tuple(Class(_label(measure, column, key), usual.get(key, 0.0), now.get(key, 0.0)) for key in ordered)


def in_words(classes: Iterable[Class], is_now: bool) -> str:
    """The largest classes of one of the two sides: `日期（2025-06-30） 98%`."""
    sides = ((each.now if is_now else each.usual, each.label) for each in classes)
    largest = sorted((side for side in sides if side[0] >= LEAST_TOLD), key=lambda side: -side[0])[:CLASSES_TOLD]
    return "、".join(f"{label} {percent(share)}" for share, label in largest) or "没有值"


def _order(measure: str) -> Any:
    if measure == "values":
        return bin_order
    return (lambda key: int(key)) if measure == "lengths" else str


def _label(measure: str, column: Column | None, key: str) -> str:
    if measure == "values":
        return bin_label(key)
    if measure == "lengths":
        return f"{key} 字"
    if key == OTHER:
        return "不在代码表里" if measure == "codes" else "其他写法"
    if measure == "forms":
        return next(form.label for form in drift_facts().forms if form.name == key)
    if measure == "codes" and column and column.element and column.element.code_list:
        return f"{code_list(column.element.code_list).get(key, '')}（{key}）"
    return {"yes": "是", "no": "否"}[key]
