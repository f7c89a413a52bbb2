"""Names written wrongly: the vocabulary's names that a misspelt one may stand for. Only names; numbers are never fuzzy."""

import unicodedata
from functools import cache, lru_cache

from pypinyin.pinyin_dict import pinyin_dict

from address_matching.model import COMMUNITY, COMPOUND, ROAD, TOWN, ZONE
from address_matching.numerals import CHARACTERS
from address_matching.tokens import Sense
from address_matching.vocabulary import split_suffix
from address_matching.words import directions, similar_characters, suffixes

LONGEST_NAME = 16
KINDS = frozenset((TOWN, COMMUNITY, ZONE, ROAD, COMPOUND))
MAIN_DIRECTIONS = frozenset("东西南北中")
NUMERALS = frozenset(CHARACTERS + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
PROTECTED = frozenset(directions() + CHARACTERS + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ甲乙丙丁")


def is_entered(word: str, senses: tuple[Sense, ...]) -> bool:
    """Whether a word counts as a name that may be misspelt."""
    named = any(sense.kind in KINDS and sense.how in ("", "renamed", "alias") for sense in senses)
    return named and 2 < len(word) <= LONGEST_NAME


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
