"""Names written wrongly: the vocabulary's names that a misspelt one may stand for. Only names; numbers are never fuzzy."""

import unicodedata
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from pypinyin.pinyin_dict import pinyin_dict

from address_matching.model import COMMUNITY, COMPOUND, ROAD, TOWN, ZONE
from address_matching.numerals import CHARACTERS
from address_matching.tokens import Sense
from address_matching.vocabulary import Vocabulary, split_suffix
from address_matching.words import directions, similar_characters, suffixes

LONGEST_NAME = 16
KINDS = frozenset((TOWN, COMMUNITY, ZONE, ROAD, COMPOUND))
MAIN_DIRECTIONS = frozenset("东西南北中")
NUMERALS = frozenset(CHARACTERS + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
PROTECTED = frozenset(directions() + CHARACTERS + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ甲乙丙丁")
_ORDER = (
    "suffix",
    "stem",
    "wildcard",
    "homophone",
    "similar_shape",
    "swapped",
    "extra",
    "dropped",
    "truncated",
    "direction_missing",
    "changed",
)


class Recognised(NamedTuple):
    """A misspelt name found in a gap: where it stands, its fault, its senses (of the nearest names only)."""

    start: int
    end: int
    fault: str
    senses: tuple[Sense, ...]


class FuzzyNames:
    """Look-ups of a vocabulary's names by sound, by all their characters but one, and (roads) by stem."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._by_sound: dict[str, list[str]] = {}
        self._by_deletion: dict[str, list[str]] = {}
        self._road_stems: dict[str, list[str]] = {}
        self._known: dict[tuple[str, frozenset[int] | None], Recognised | None] = {}
        for word, senses in vocabulary.senses.items():
            if is_entered(word, senses):
                self._enter(word, senses)

    def _enter(self, word: str, senses: tuple[Sense, ...]) -> None:
        self._by_sound.setdefault(sound(word), []).append(word)
        for shorter in {word[:at] + word[at + 1 :] for at in range(len(word))}:
            self._by_deletion.setdefault(shorter, []).append(word)
        if any(sense.kind == ROAD for sense in senses):
            stem, suffix = split_suffix("interchangeable_road", word)
            if suffix and len(stem) > 1:
                self._road_stems.setdefault(stem, []).append(word)

    @cached_property
    def roads_by_sound(self) -> dict[str, list[str]]:
        """Roads by the toneless sounds of their names, for romanised texts; those of a stem end in a space."""
        found: dict[str, list[str]] = {}
        for word, senses in self._vocabulary.senses.items():
            if any(sense.kind == ROAD and sense.how == "" for sense in senses):
                found.setdefault(spelled_out(word), []).append(word)
                stem, suffix = split_suffix("road", word)
                if suffix:
                    found.setdefault(f"{spelled_out(stem)} ", []).append(word)
        return found

    def recognise(self, gap: str, towns: frozenset[int] | None = None) -> Recognised | None:
        """Return the longest part of a gap that is a misspelt name ending the gap or at a road's generic part.

        Of several names those in `towns` (the towns of the text) come first, then the nearest.
        """
        key = (gap, towns)
        if key not in self._known:
            if len(self._known) > 200_000:
                self._known.clear()
            self._known[key] = self._recognise(gap, towns)
        return self._known[key]

    def repair(self, text: str) -> str:
        """Return a text with each ? replaced by the character that the longest fitting name has there, if all such names agree."""
        at = text.find("?")
        while at >= 0:
            fitting = self._fitting(text, at)
            if len(fitting) == 1:
                text = text[:at] + fitting.pop() + text[at + 1 :]
            at = text.find("?", at + 1)
        return text

    def _fitting(self, text: str, at: int) -> set[str]:
        for length in range(min(LONGEST_NAME, len(text)), 2, -1):
            found = set()
            for start in range(max(0, at - length + 1), min(at, len(text) - length) + 1):
                shorter = text[start:at] + text[at + 1 : start + length]
                for word in self._by_deletion.get(shorter, ()):
                    if word[: at - start] == text[start:at] and word[at - start + 1 :] == text[at + 1 : start + length]:
                        found.add(word[at - start])
            if found:
                return found
        return set()

    def _recognise(self, gap: str, towns: frozenset[int] | None) -> Recognised | None:
        ends = [len(gap), *(at + 1 for at in range(len(gap) - 2, 0, -1) if gap[at] in "路街道巷")]
        for end in ends:
            for start in range(max(0, end - LONGEST_NAME), end - 1):
                found = self._nearest(gap[start:end])
                if found:
                    fault, words = _best(found, self._in_towns(found, towns))
                    senses = tuple(sense for word in words for sense in self._vocabulary.senses[word] if sense.kind in KINDS)
                    return Recognised(start, end, fault, senses)
        return None

    def _in_towns(self, found: dict[str, list[str]], towns: frozenset[int] | None) -> dict[str, list[str]]:
        """The names that can mean something in the towns, where there are any."""
        if towns is None:
            return found
        inside = {fault: [word for word in words if self._means(word, towns)] for fault, words in found.items()}
        return inside if any(inside.values()) else found

    def _means(self, word: str, towns: frozenset[int]) -> bool:
        town_of = self._vocabulary.town_of
        return any(town_of[node] in towns for sense in self._vocabulary.senses[word] for node in sense.nodes)

    def _nearest(self, text: str) -> dict[str, list[str]]:
        """Names near a text by the fault that parts them."""
        found: dict[str, list[str]] = {}
        stem, suffix = split_suffix("interchangeable_road", text)
        if suffix:
            found["suffix"] = [word for word in self._road_stems.get(stem, ()) if word != text]
        else:
            found["stem"] = list(self._road_stems.get(text, ()))
        if len(text) > 2:
            for word in self._near(text):
                fault = difference(text, word)
                if fault:
                    found.setdefault(fault, []).append(word)
        return {fault: words for fault, words in found.items() if words}

    def _near(self, text: str) -> set[str]:
        near = set(self._by_sound.get(sound(text), ()))
        near.update(self._by_deletion.get(text, ()))
        for at in range(len(text)):
            shorter = text[:at] + text[at + 1 :]
            near.update(self._by_deletion.get(shorter, ()))
            if shorter in self._vocabulary.senses:
                near.add(shorter)
        return near


def is_entered(word: str, senses: tuple[Sense, ...]) -> bool:
    """Whether a word counts as a name that may be misspelt."""
    named = any(sense.kind in KINDS and sense.how in ("", "renamed", "alias") for sense in senses)
    return named and 2 < len(word) <= LONGEST_NAME


def _best(found: dict[str, list[str]], preferred: dict[str, list[str]]) -> tuple[str, list[str]]:
    """The names of the slightest fault among the preferred ones."""
    for fault in _ORDER:
        if preferred.get(fault):
            return fault, sorted(set(preferred[fault]))
    fault = next(fault for fault in _ORDER if found.get(fault))
    return fault, sorted(set(found[fault]))


def difference(text: str, name: str) -> str:
    """Return the one fault by which a text differs from a name, "" where the two are different names.

    Directions, numerals and letters tell siblings apart (东路, 西路) and are never taken for typing errors.
    """
    if len(text) == len(name):
        return _replaced(text, name)
    if len(name) == len(text) + 1 and len(name) > 3:
        at = _first_difference(text, name)
        if text[at:] != name[at + 1 :]:
            return ""
        if name[at] in MAIN_DIRECTIONS:
            return "direction_missing"
        if name[at] in NUMERALS:
            return ""
        if at == len(text):
            return "stem" if name[at] in suffixes("road") else "truncated"
        return "dropped"
    if len(text) == len(name) + 1 and len(name) > 2:
        at = _first_difference(name, text)
        return "extra" if name[at:] == text[at + 1 :] and _is_slip(text, at, name) else ""
    return ""


def _is_slip(text: str, at: int, name: str) -> bool:
    """A character too many counts as a slip if it repeats its neighbour, or inside a long name."""
    return at > 0 and (text[at - 1] == text[at] or (len(name) > 4 and text[at] not in PROTECTED))


def _first_difference(shorter: str, longer: str) -> int:
    at = 0
    while at < len(shorter) and shorter[at] == longer[at]:
        at += 1
    return at


def _replaced(text: str, name: str) -> str:
    pairs = [(one, other) for one, other in zip(text, name, strict=True) if one != other]
    if len(pairs) == 2 and pairs[0] == pairs[1][::-1] and pairs[0][0] + pairs[0][1] in text:
        return "swapped" if len(name) > 3 else ""
    if len(pairs) == 1 and pairs[0][0] == "?":
        return "wildcard"
    if any(one in PROTECTED and other in PROTECTED for one, other in pairs):
        return ""
    if all(plain_sound(one) == plain_sound(other) for one, other in pairs):
        return "homophone"
    if all(plain_sound(one) == plain_sound(other) or (one, other) in similar_characters() for one, other in pairs):
        return "similar_shape"
    plain = not any(one in PROTECTED or other in PROTECTED for one, other in pairs) and text[-1] == name[-1]
    return "changed" if len(pairs) == 1 and plain and stem_length(name) > 2 else ""


def stem_length(name: str) -> int:
    """Return the length without the generic part; of a two-character stem one wrong character leaves too little to tell by."""
    return min(len(split_suffix(kind, name)[0]) for kind in ("town", "community", "road", "zone"))


def sound(text: str) -> str:
    """Return the toneless sounds of a text, joined; sounds that local speech does not tell apart are one."""
    return " ".join([local_sound(character) for character in text])


@lru_cache(maxsize=50_000)
def plain_sound(character: str) -> str:
    """Return the toneless sound of a character."""
    readings = pinyin_dict.get(ord(character))
    if readings is None:
        return character
    marked = unicodedata.normalize("NFD", readings.partition(",")[0]).replace("u\u0308", "v")
    return "".join([letter for letter in marked if not unicodedata.combining(letter)])


@lru_cache(maxsize=50_000)
def local_sound(character: str) -> str:
    """Return the sound of a character, those that local speech does not tell apart being one."""
    spelled = plain_sound(character)
    if len(spelled) > 2 and spelled[1] == "h" and spelled[0] in "zcs":
        spelled = spelled[0] + spelled[2:]
    return spelled[:-1] if spelled.endswith(("ing", "eng")) else spelled


def spelled_out(text: str) -> str:
    """Return the toneless sounds of a text without spaces."""
    return "".join([plain_sound(character) for character in text])


@cache
def _syllables() -> frozenset[str]:
    return frozenset(plain_sound(chr(code)) for code in range(0x4E00, 0x9FA6))


def is_syllable(letters: str) -> bool:
    """Whether letters spell the toneless sound of a character."""
    return letters in _syllables()
