"""How like two names are: the same, spelled or typed otherwise, related, or different."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from rapidfuzz.distance import OSA, Indel

Likeness = Literal["same", "variant", "related", "surname", "different"]
"""`variant`: sounds or looks the same, so that clerks take one for the other. `related`: more than the surname is the same, and at least half,
as after a slip or a change of name. `surname`: of two characters the first is the same."""

LIKEST_FIRST: tuple[Likeness, ...] = ("same", "variant", "related", "surname", "different")

DISTINGUISHING = frozenset("东西南北中上下前后左右大小新老一二三四五六七八九十百千零〇0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ甲乙丙丁")
"""Characters by which organisations side by side tell themselves apart: never a slip."""
UNREADABLE = frozenset("?？□*")
LATIN_VARIANT = 0.9
LONG_NAME = 8


@dataclass(frozen=True)
class Characters:
    """What is known of characters: `sound` without tone, pairs that look `similar`, and their `simplified` forms."""

    sound: Callable[[str], str]
    similar: Collection[tuple[str, str]]
    simplified: Mapping[str, str]

    def persons(self, one: str, other: str) -> Likeness:
        """How like two names of persons are."""
        one, other = self._plain(one), self._plain(other)
        if one == other:
            return "same"
        if one.isascii() or other.isascii():
            return "variant" if Indel.normalized_similarity(one, other) >= LATIN_VARIANT else "different"
        if len(one) == len(other):
            pairs = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
            if len(pairs) == 1 and self._is_slip(*pairs[0]):
                return "variant"
            if len(one) == 2 and one[0] == other[0]:
                return "surname"
            return "related" if 2 * len(pairs) < len(one) else "different"
        shorter, longer = sorted((one, other), key=len)
        is_part = len(shorter) > 1 and OSA.distance(shorter, longer) == len(longer) - len(shorter)
        return "related" if is_part and 2 * len(shorter) >= len(longer) else "different"

    def organisations(self, one: str, other: str) -> Likeness:
        """How like two names of organisations are, both without what `core` leaves out."""
        one, other = self._plain(one), self._plain(other)
        if one == other:
            return "same"
        if min(len(one), len(other)) < 3 or OSA.distance(one, other) > 1:
            return "different"
        if len(one) == len(other):
            pairs = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
            if any(DISTINGUISHING.issuperset(pair) for pair in pairs):
                return "different"
            if len(pairs) == 1 and self._is_slip(*pairs[0]):
                return "variant"
            return "related"
        shorter, longer = sorted((one, other), key=len)
        at = next((place for place, character in enumerate(shorter) if character != longer[place]), len(shorter))
        if longer[at] in DISTINGUISHING:
            return "different"
        return "variant" if len(longer) >= LONG_NAME and at < len(shorter) else "related"

    def _plain(self, name: str) -> str:
        return "".join([self.simplified.get(character, character) for character in name])

    def _is_slip(self, one: str, other: str) -> bool:
        return self.sound(one) == self.sound(other) or (one, other) in self.similar or bool(UNREADABLE & {one, other})
