"""Texts that are no address: placeholders, references to other fields, network addresses."""

import re
from functools import cache

from address_matching.words import special_texts

_NOT_WORD = re.compile(r"[^\w]|_")
_DIGITS = re.compile(r"[0-9]{1,2}|([0-9])\1+")
_REAL_PLACE = re.compile(r"[路街巷弄村镇号]")
_LONGEST = 24


@cache
def _virtual() -> re.Pattern[str]:
    return re.compile("|".join(map(re.escape, special_texts("virtual"))))


@cache
def _whole_texts() -> dict[str, str]:
    return {text: kind for kind in ("reference", "placeholder") for text in special_texts(kind)}


def is_virtual(text: str) -> bool:
    """Whether a normalised text that names no place of the library is a network address."""
    return bool(_virtual().search(text)) and not _REAL_PLACE.search(text)


def special_reason(text: str) -> str:
    """Return placeholder or reference for a normalised text that is one, "" otherwise."""
    if len(text) > _LONGEST:
        return ""
    bare = _NOT_WORD.sub("", text)
    if _DIGITS.fullmatch(bare) or len(bare) < 2:
        return "placeholder"
    return _whole_texts().get(bare, "")
