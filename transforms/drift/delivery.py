"""A delivery as it is compared with others: what its profile says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from transforms.drift.distance import Shares, shares, two_classes
from transforms.drift.shape import ColumnShape

SHAPE, UNKNOWN = "shape", "unknown"
"""In the profile of a batch: columns in the order of the file (an empty text for one that the contract does not know), headers, shapes, and under `UNKNOWN` the shapes of
columns that the contract does not know, by header."""
MIXED_SIZES = 1.5
"""The share of different texts falls with their number: samples whose sizes differ by more are not compared in it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What is known of one delivery. ``reasons`` and ``warnings``: (column, rule) to message and rows; ``nulls``: column to accepted rows without value."""

    received: int
    accepted: int
    quarantined: int
    reasons: Mapping[tuple[str, str], tuple[str, int]]
    warnings: Mapping[tuple[str, str], tuple[str, int]]
    nulls: Mapping[str, int]
    order: Sequence[str]
    headers: Mapping[str, str]
    shapes: Mapping[str, ColumnShape]
    unknown: Mapping[str, ColumnShape]

    @staticmethod
    def from_profile(profile: Mapping[str, Any]) -> Delivery:
        """Raises KeyError for the profile of a batch that was judged by software that knew no shapes."""
        rows, shape = profile["rows"], profile[SHAPE]
        return Delivery(
            received=rows["received"],
            accepted=rows["accepted"],
            quarantined=rows["quarantined"],
            reasons=_counts(profile["reasons"]),
            warnings=_counts(profile["warnings"]),
            nulls=profile["nulls"],
            order=shape["order"],
            headers=shape["headers"],
            shapes={name: ColumnShape.from_dict(each) for name, each in shape["columns"].items()},
            unknown={header: ColumnShape.from_dict(each) for header, each in shape[UNKNOWN].items()},
        )

    def distribution(self, measure: str, column: str) -> tuple[Shares, int]:
        """What a column is compared in by a measure, and of how many cells that is; nothing where it says nothing of the column."""
        shape = self.shapes.get(column)
        if shape is None:
            return {}, 0
        if measure == "nulls":
            empty = self.nulls.get(column, 0)
            return (two_classes(empty / self.accepted), self.accepted) if self.accepted else ({}, 0)
        if measure == "placeholders":
            return (two_classes(shape.placeholders / shape.rows), shape.rows) if shape.rows else ({}, 0)
        if measure in ("commonest", "distinct"):
            part: int = getattr(shape, measure)
            return (two_classes(part / shape.filled), shape.filled) if shape.filled else ({}, 0)
        counts: Mapping[str, int] = getattr(shape, measure)
        return shares(counts), sum(counts.values())


def _counts(entries: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], tuple[str, int]]:
    return {(each["column"], each["rule"]): (each["message"], each["rows"]) for each in entries}
