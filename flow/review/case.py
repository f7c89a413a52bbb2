"""A case: one address text on which a person has to decide."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from address_matching import REASONS
from pool import ReviewDecision
from transforms.review import Comparison

ID_DIGITS = 12
BASIS_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Address:
    """A standard address as people know it."""

    address_id: str
    level: str
    full_text: str
    town: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that the text may mean; `metres` from the position that came with the text, None where one of the two is unknown."""

    address: Address
    comparison: Comparison
    metres: float | None

    @property
    def explanation(self) -> str:
        """What speaks for and against it, in Chinese."""
        far = f"距来源坐标约 {self.metres:,.0f} 米" if self.metres is not None else ""
        return "；".join(filter(None, (str(self.comparison), far)))


@dataclass(frozen=True, slots=True)
class Case:
    """One address text to decide on; what is decided holds wherever the text stands.

    `records` counts the address texts of current rows that wait for it, by dataset in `datasets`; `dates` is the range of their dates. `clues` say in Chinese
    what else stands beside them, `hints` are the matcher's hints of the input most records have. `safe` is the deepest address that holds
    whichever candidate is right; of the candidates `left_out` more are not listed. `elsewhere` are the addresses that other records with this very
    text were matched to by their hints, with how many. `parts` is how many addresses the text holds. `decided` is the
    decision in force.
    """

    text: str
    status: str
    reason: str
    datasets: Mapping[str, int]
    dates: tuple[date, date] | None
    clues: Sequence[str]
    hints: Mapping[str, Any]
    safe: Address | None
    candidates: Sequence[Candidate]
    left_out: int
    elsewhere: Mapping[Address, int]
    parts: int
    decided: ReviewDecision | None

    @property
    def case_id(self) -> str:
        """The stable name of the case: the beginning of the SHA-256 of its text."""
        return case_id_of(self.text)

    @property
    def records(self) -> int:
        """How many records wait for the decision."""
        return sum(self.datasets.values())

    @property
    def basis(self) -> str:
        """Digest of what there is to choose from: whoever decided on another basis is asked again."""
        known = sorted((each.address.address_id, each.address.full_text) for each in self.candidates)
        safe = (self.safe.address_id, self.safe.full_text) if self.safe else None
        return hashlib.sha256(json.dumps([safe, known, self.left_out]).encode()).hexdigest()[:BASIS_DIGITS]

    @property
    def towns(self) -> frozenset[str]:
        """The towns that safe answer and candidates lie in."""
        addresses = [each.address for each in self.candidates] + ([self.safe] if self.safe else [])
        return frozenset(address.town for address in addresses if address.town)

    @property
    def doubt(self) -> str:
        """Why a person must decide, in Chinese and without any part of the text."""
        several = f"；原文含 {self.parts} 处地址，这里说的是第一处" if self.parts > 1 else ""
        return self._main_doubt() + several

    def _main_doubt(self) -> str:
        if len(self.candidates) > 1:
            labels = "、".join(label for label, _ in self.candidates[0].comparison.differing) or "编号"
            return f"{len(self.candidates) + self.left_out}个候选同样可能，{labels}不同"
        if self.candidates:
            labels = "、".join(label for label, _ in self.candidates[0].comparison.unwritten)
            return f"只有一个候选，但原文没有这样写它的{labels}" if labels else "只有一个候选，但原文还可以有别的读法"
        return REASONS[self.reason]


def case_id_of(text: str) -> str:
    """The id of the case of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:ID_DIGITS]
