"""Classes of characters that the matcher may take for one another, and how names are spelt in Latin letters."""

import unicodedata
from functools import cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from address_matching.compiled.layout import Characters
from address_matching.compiled.skimming import ANY, CLOSE, DIGIT, DROPPED, EXPANDED, FIRST_LETTER, GAP, NUMERAL, OPEN
from address_matching.fuzzy import local_sound, plain_sound
from address_matching.normalise import capitalise, compose, drop_invisible, unify_characters
from address_matching.numerals import CHARACTERS, DIGITS
from address_matching.words import latin_words, similar_characters

FIRST_SOUND = FIRST_LETTER + 26
PLANE = 0x10000
_HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0xF900, 0xFB00), range(0x2E80, 0x2FE0))
_OTHERS = (range(0x20, 0x100), range(0x2000, 0x2600), range(0x3000, 0x3400), range(0xFE30, 0xFFF0))
_RARE = range(0xD800, 0xF900)
"""Surrogates, which stand for characters beyond the plane, and private ones: a name written with them may be written otherwise too."""
_LINES = "\r\n"
_VALUES = {character: str(value) for character, value in DIGITS.items()}


class Alphabet(NamedTuple):
    """For each character of the basic plane its standard form and its class, and how many classes there are."""

    standard: Characters
    class_of: Characters
    size: int


@cache
def alphabet() -> Alphabet:
    """Return the classes of all characters a text can hold; what is not listed parts names."""
    standard = np.arange(PLANE, dtype=np.uint16)
    class_of = np.full(PLANE, GAP, np.uint16)
    sounds: dict[str, int] = {}
    for codes in (*_HAN, *_OTHERS, (0xFFFD, 0x25A1, 0x25A0)):
        for code in codes:
            form = capitalise(unify_characters(compose(drop_invisible(chr(code)))))
            standard[code] = ord(_VALUES.get(form, form)) if len(form) == 1 and ord(form) < PLANE else code
            class_of[code] = _class_of(form, sounds)
    class_of[_RARE.start : _RARE.stop] = ANY
    class_of[[code for code in range(0x20) if chr(code).isspace() and chr(code) not in _LINES]] = DROPPED
    return Alphabet(standard, class_of, FIRST_SOUND + len(sounds))


def _class_of(form: str, sounds: dict[str, int]) -> int:
    if not form or form.isspace():
        return DROPPED
    if len(form) > 1:
        return EXPANDED
    if form in "()":
        return OPEN if form == "(" else CLOSE
    if form == "?" or ord(form) >= PLANE:
        return ANY
    if form.isascii() and form.isdigit():
        return DIGIT
    if form in CHARACTERS:
        return NUMERAL
    if "A" <= form <= "Z":
        return FIRST_LETTER + ord(form) - ord("A")
    if unicodedata.category(form) == "Lo":
        return FIRST_SOUND + sounds.setdefault(local_sound(form), len(sounds))
    return GAP


@cache
def look_alikes(character: str) -> frozenset[int]:
    """Return the classes of the characters of like shape."""
    return frozenset(int(alphabet().class_of[ord(other)]) for other in _alike().get(character, ""))


@cache
def _alike() -> dict[str, str]:
    alike: dict[str, str] = {}
    for one, other in similar_characters():
        alike[one] = alike.get(one, "") + other
    return alike


def spelled_pairs(name: str) -> set[str]:
    """Return what a romanised text has some of where it means a name: two characters of it in letters, directions also in English."""
    if len(name) < 2:
        return {plain_sound(character) for character in name}
    spelled = [_in_letters(character) for character in name]
    return {one + other for before, behind in pairwise(spelled) for one in before for other in behind}


@cache
def _in_letters(character: str) -> tuple[str, ...]:
    sound = plain_sound(character)
    return (sound, *(word for word, meant in latin_words("name").items() if meant == sound))
