"""Texts that are no address: placeholders, references to other fields, network addresses."""

import re

from address_matching.words import special_texts

_NOT_WORD = re.compile(r"[^\w]|_")
_DIGITS = re.compile(r"[0-9]{1,2}")


def special_reason(text: str) -> str:
    """Return placeholder, reference or virtual for a normalised text that is one, "" otherwise."""
    if len(text) > 40 and "HTTP" not in text:
        return ""
    bare = _NOT_WORD.sub("", text)
    if bare in special_texts("placeholder") or _DIGITS.fullmatch(bare) or (len(set(bare)) == 1 and len(bare) < 3):
        return "placeholder"
    if bare in special_texts("reference"):
        return "reference"
    if any(word in text for word in special_texts("virtual")) and not re.search(r"[路街巷弄村镇]", text):
        return "virtual"
    return ""
