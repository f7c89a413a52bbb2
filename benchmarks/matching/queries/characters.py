"""Characters that are confused by sound or shape, and whether one typo of a kind turns one name into another."""

from collections import defaultdict
from functools import cache

from pypinyin import Style, lazy_pinyin

from benchmarks.matching.chance import words

COMMON = bytes(range(0xA1, 0xFF))


@cache
def sound(character: str) -> str:
    """Toneless pinyin of one character."""
    return lazy_pinyin(character, style=Style.NORMAL)[0]


def sounds(name: str) -> str:
    """Toneless pinyin of a name, character by character."""
    return " ".join(sound(character) for character in name)


@cache
def homophones() -> dict[str, list[str]]:
    """Characters in common use (first level of GB 2312) by sound."""
    groups = defaultdict(list)
    for high in range(0xB0, 0xD8):
        for low in COMMON:
            try:
                character = bytes([high, low]).decode("gb2312")
            except UnicodeDecodeError:
                continue
            groups[sound(character)].append(character)
    return dict(groups)


@cache
def look_alikes() -> dict[str, str]:
    """For each character those that look like it."""
    found: dict[str, str] = defaultdict(str)
    for group in words("characters")["similar"]:
        for character in group:
            found[character] += "".join(other for other in group if other != character)
    for character, others in words("characters")["rare"].items():
        found[character] += others
    return dict(found)


def alike(typo: str, written: str, name: str) -> bool:
    """Whether a typo of the kind may have made `written` from `name`; other kinds of typos change any one character."""
    if typo == "homophone":
        return len(written) == len(name) and all(
            one == other or sound(one) == sound(other) for one, other in zip(written, name, strict=True)
        )
    if typo == "similar_shape":
        different = [(one, other) for one, other in zip(written, name, strict=False) if one != other]
        return len(written) == len(name) and all(
            one in look_alikes().get(other, "") or sound(one) == sound(other) for one, other in different
        )
    if typo == "swapped":
        return sorted(written) == sorted(name)
    if typo == "dropped":
        return len(name) == len(written) + 1
    if typo == "extra":
        return len(name) == len(written) - 1
    return True
