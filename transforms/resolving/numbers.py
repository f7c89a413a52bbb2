"""Identifiers with a typing error: how far a text is from a number that holds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from rapidfuzz.distance import OSA

from transforms.resolving.candidates import Pair, Part

OLD_LENGTH, CENTURY = 15, "19"
ONE_SLIP, PERHAPS = 1, 2
"""One digit wrong or two neighbours swapped; and what may still be the same number, written twice wrong."""


def comparable(text: str) -> str:
    """A number as it is compared: an old citizen number with the century it lacks, but still without check digit."""
    return text[:6] + CENTURY + text[6:] if len(text) == OLD_LENGTH else text


def slips(text: str, number: str) -> int:
    """How many slips lie between a text and a number, more than `PERHAPS` being all the same; a missing check digit is none."""
    text, number = comparable(text), comparable(number)
    length = min(len(text), len(number))
    return int(OSA.distance(text[:length], number[:length], score_cutoff=PERHAPS))


def is_mistyped(pair: Pair) -> bool:
    """Whether a text that the left part claims is a number of the right one with one slip."""
    return any(slips(text, number) <= ONE_SLIP for text in pair.left.claimed for number in pair.right.numbers)


def is_unchecked(pair: Pair) -> bool:
    """Whether the left part claims an old number, which has no check digit: somebody else born on that day may have the very number."""
    return any(len(text) == OLD_LENGTH for text in pair.left.claimed)


def numbers_meant(pairs: Iterable[Pair]) -> Mapping[str, frozenset[str]]:
    """By part the numbers it may mean: its own, what it claims, and those of its neighbours that the claim may be a slip of."""
    found: dict[str, set[str]] = defaultdict(set)
    for pair in pairs:
        for part, other in ((pair.left, pair.right), (pair.right, pair.left)):
            found[part.part] |= part.numbers | part.claimed
            meant = _said(other)
            found[part.part] |= {number for text in part.claimed for number in meant if slips(text, number) <= PERHAPS}
    return {part: frozenset(numbers) for part, numbers in found.items()}


def _said(part: Part) -> frozenset[str]:
    return part.numbers | part.claimed
