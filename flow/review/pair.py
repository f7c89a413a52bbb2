"""A pair: two persons or two organisations of the release that may be one, on which a person has to decide."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pool import PairDecision
from schemas.codes import code_list

ID_DIGITS = 12
BASIS_DIGITS = 16
SHORTEST_IDENTIFIER = 13
NAMES = {"person": "人员", "organisation": "单位"}
"""What records of a table are called."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """One thing known of a record: Chinese label, value in full, as whoever decides sees it (numbers masked), and as everybody does (names too)."""

    label: str
    value: str
    shown: str
    masked: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records. `sources` counts its rows by contract id, `towns` are those of its addresses."""

    key: str
    attributes: Sequence[Attribute]
    sources: Mapping[str, int]
    towns: frozenset[str]

    def values(self, label: str) -> list[str]:
        """What is known under a label; an attribute such as an address may have several values."""
        return [each.value for each in self.attributes if each.label == label]


@dataclass(frozen=True, slots=True)
class PairCase:
    """Two records to decide on. `rule` is what speaks for their being one (code list link_rule), `decided` the decision in force."""

    table_name: str
    left: Side
    right: Side
    rule: str
    score: float
    decided: PairDecision | None

    @property
    def case_id(self) -> str:
        """The stable name of the case, whatever becomes known of the two."""
        return pair_id_of(self.table_name, self.left.key, self.right.key)

    @property
    def basis(self) -> str:
        """Digest of what is known: whoever decided on another basis is asked again."""
        known = [[[each.label, each.value] for each in side.attributes] for side in (self.left, self.right)]
        return hashlib.sha256(json.dumps([self.rule, known]).encode()).hexdigest()[:BASIS_DIGITS]

    @property
    def sources(self) -> frozenset[str]:
        """The datasets that speak of either side."""
        return frozenset(self.left.sources) | frozenset(self.right.sources)

    @property
    def reason(self) -> str:
        """What speaks for their being one, in Chinese."""
        return code_list("link_rule")[self.rule]

    def compared(self) -> tuple[list[str], list[str]]:
        """Labels of what agrees and of what differs, where both sides know it; numbers with the place that differs."""
        agreeing, differing = [], []
        for label in dict.fromkeys(each.label for each in self.left.attributes):
            left, right = self.left.values(label), self.right.values(label)
            if set(left) & set(right):
                agreeing.append(label)
            elif left and right:
                differing.append(label + _places(left[0], right[0]))
        return agreeing, differing


def pair_id_of(table_name: str, left: str, right: str) -> str:
    """The id of the case of a pair."""
    return hashlib.sha256(json.dumps([table_name, *sorted((left, right))]).encode()).hexdigest()[:ID_DIGITS]


def _places(one: str, other: str) -> str:
    """Where two identifiers of one length differ."""
    if len(one) != len(other) or len(one) < SHORTEST_IDENTIFIER or not one[:-1].isalnum():
        return ""
    places = [str(place) for place, (a, b) in enumerate(zip(one, other, strict=True), start=1) if a != b]
    return f"（第 {'、'.join(places)} 位）"
