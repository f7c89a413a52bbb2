"""Romanised addresses (No.558 Longshan East Rd): rewritten in Chinese with the library's road names."""

import re
from collections.abc import Mapping, Sequence

from address_matching.words import latin_words

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_PIECES = re.compile(r"[a-z]+|[0-9]+(?:-[0-9]+)*")
_GENERIC = ("lu", "jie", "dadao", "xiang")
_ORDER = "号幢单元层室"


def is_latin(text: str) -> bool:
    """Whether a text is written in Latin letters, with two words at least."""
    return not _CHINESE.search(text) and len(re.findall("[A-Za-z]{2,}", text)) > 1 and "://" not in text


def rewrite(text: str, roads_by_sound: Mapping[str, Sequence[str]]) -> str:
    """Return a romanised address as Chinese text, "" unless it names exactly one road of the library."""
    pieces = _PIECES.findall(text.lower())
    road = _road([piece for piece in pieces if not piece[0].isdigit()], roads_by_sound)
    if not road:
        return ""
    numbers = _numbers(pieces)
    ordered = sorted(numbers.items(), key=lambda item: _ORDER.index(item[0]))
    return road + "".join(value + unit for unit, value in ordered)


def _road(words: list[str], roads_by_sound: Mapping[str, Sequence[str]]) -> str:
    """The longest road name spelt by the words; "Street" may stand for any generic part where the stem belongs to one road alone."""
    sounds = [latin_words("name").get(word, word) for word in words]
    spans = [(start, end) for start in range(len(sounds)) for end in range(start + 1, len(sounds) + 1)]
    found = {road for start, end in spans for road in roads_by_sound.get("".join(sounds[start:end]), ())}
    if not found:
        stems = {f"{''.join(sounds[start : end - 1])} " for start, end in spans if sounds[end - 1] in _GENERIC}
        found = {road for stem in stems for road in roads_by_sound.get(stem, ())}
    longest = max(map(len, found), default=0)
    best = [road for road in found if len(road) == longest]
    return best[0] if len(best) == 1 else ""


def _numbers(pieces: list[str]) -> dict[str, str]:
    numbers: dict[str, str] = {}
    for before, piece in zip(["", *pieces], pieces, strict=False):
        if piece[0].isdigit():
            unit = latin_words("number").get(before, "号")
            numbers.setdefault(unit, piece)
    return numbers
