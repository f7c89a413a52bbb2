"""From a normalised text to the places it names: brackets, tokens, then one place for each address in the text."""

import re
from typing import NamedTuple

from address_matching.fuzzy import is_syllable
from address_matching.misspelt import MisspeltNames
from address_matching.model import COMMUNITY, TOWN
from address_matching.place import Place
from address_matching.reader import Reader
from address_matching.scan import scan
from address_matching.tokens import NAME, Token, named
from address_matching.vocabulary import Vocabulary
from address_matching.words import word_roles

_BRACKET = re.compile(r"\(([^()]*)(?:\)|$)")
_KEPT_IN_BRACKETS = re.compile(r"(?:[0-9]+|[东西南北A-Z])(?:期|区|组团)|[0-9A-Z-]+(?:室|幢|号楼|单元|层)+")
_BOUNDS = re.compile(r"东[至到临].+南[至到临]|南[至到临].+西[至到临]")
_BOUND_WORDS = re.compile(r"[东南西北][至到临]")
_FURTHER = tuple(word for word, role in word_roles().items() if role == "separator")
_NO_LETTERS = re.compile("[^A-Z]*")
_PAST = ("原", "旧", "曾", "老", "现")
_SPELLED_OUT = re.compile(r"(?:(?<=[\u4e00-\u9fff])|^)[A-Z]{2,6}(?=[\u4e00-\u9fff])")


class Parsed(NamedTuple):
    """The places of a text in their order, and whether the text describes bounds (四至) instead of a place."""

    places: list[Place]
    bounds: bool


def parse(text: str, vocabulary: Vocabulary, misspelt: MisspeltNames, day: int | None) -> Parsed:
    """Parse a normalised text; `day` (days since 1970) is the date it is from, None if unknown."""
    if not _NO_LETTERS.fullmatch(text):
        text = _SPELLED_OUT.sub(_wildcard, text)
    plain, notes = _open_brackets(text)
    repaired = misspelt.repair(plain) if "?" in plain else plain
    bounds = bool(_BOUNDS.search(repaired))
    tokens = scan(_BOUND_WORDS.sub(";", repaired) if bounds else repaired, vocabulary)
    read = Reader(tokens, vocabulary, misspelt, day).read()
    places = [place for place in read if not place.is_empty() or place.before or place.after]
    if places and repaired != plain:
        places[0].faults.append("wildcard")
    if places and notes:
        places[0].faults.append("bracket_ignored")
        _use_notes(places[0], notes, vocabulary, day)
    return Parsed(places, bounds)


def _wildcard(match: re.Match[str]) -> str:
    """A character written as its sound (马yu镇) is one that cannot be read; FLOOR, KTV and the like are no sounds."""
    return "?" if is_syllable(match.group().lower()) else match.group()


def _open_brackets(text: str) -> tuple[str, list[str]]:
    """Take notes in brackets out of a text; what belongs to a name or number (二期, 502室) stays, a further address becomes one."""
    if "(" not in text and ")" not in text:
        return text, []
    notes: list[str] = []

    def take(match: re.Match[str]) -> str:
        inner = match[1]
        if inner.startswith(_FURTHER):
            return f";{inner};"
        if _KEPT_IN_BRACKETS.fullmatch(inner):
            return inner
        notes.append(inner)
        return ""

    plain = _BRACKET.sub(take, text)
    rest = plain.replace("(", "").replace(")", "")
    return (rest, notes) if rest else (text.replace("(", "").replace(")", ""), [])


def _use_notes(place: Place, notes: list[str], vocabulary: Vocabulary, day: int | None) -> None:
    """A note that names a town or community says where the place is, unless it tells of the past or of something near."""
    for note in notes:
        tokens = scan(note, vocabulary)
        if note.startswith(_PAST) or any(token.value == "relative" for token in tokens):
            continue
        for token in tokens:
            if token.kind == NAME and not token.stem:
                _use_note(place, token, day)


def _use_note(place: Place, token: Token, day: int | None) -> None:
    for level in (TOWN, COMMUNITY):
        senses = [sense for sense in token.senses if sense.kind == level]
        if senses and level == TOWN and place.towns is None:
            place.towns = named(token.text, senses, day=day)
        elif senses and level == COMMUNITY and place.communities is None:
            place.communities = named(token.text, senses, day=day)
