"""Names of people and organisations as other clerks write them."""

from collections import defaultdict
from functools import cache
from random import Random

from opencc import OpenCC
from pypinyin import lazy_pinyin

from samples.noise.values import Change
from samples.words import words

LEGAL_FORMS = {"有限公司": ("有限责任公司", ""), "厂": ("厂（普通合伙）", "工厂"), "专业合作社": ("合作社", "农民专业合作社")}


def homophone(value: str, rng: Random) -> str | None:
    """A character of the given name that sounds the same."""
    for at in rng.sample(range(1, len(value)), max(len(value) - 1, 0)):
        others = [other for other in _by_sound()[lazy_pinyin(value[at])[0]] if other != value[at]]
        if others:
            return value[:at] + rng.choice(others) + value[at + 1 :]
    return None


def look_alike(value: str, rng: Random) -> str | None:
    """A character that looks the same."""
    similar = words("characters")["similar"]
    places = [at for at in range(1, len(value)) if value[at] in similar]
    if not places:
        return None
    at = rng.choice(places)
    return value[:at] + str(similar[value[at]]) + value[at + 1 :]


def traditional(value: str, rng: Random) -> str | None:
    """Traditional characters."""
    written: str = _to_traditional().convert(value)
    return written if written != value else None


def dropped_character(value: str, rng: Random) -> str | None:
    """A character lost in the middle of a long name."""
    if len(value) < 8:
        return None
    at = rng.randrange(3, len(value) - 4)
    return value[:at] + value[at + 1 :]


def without_place(place: str) -> Change:
    """A change that leaves out the name of a place at the beginning."""

    def change(value: str, rng: Random) -> str | None:
        return value.removeprefix(place) if value.startswith(place) and len(value) > len(place) + 3 else None

    return change


def with_place(place: str) -> Change:
    """A change that puts the name of a place before the name."""

    def change(value: str, rng: Random) -> str | None:
        return None if value.startswith(place) else place + value

    return change


def other_legal_form(value: str, rng: Random) -> str | None:
    """Another word for the legal form, or none."""
    for form, others in LEGAL_FORMS.items():
        if value.endswith(form):
            return value.removesuffix(form) + rng.choice(others)
    return None


def bracketed_branch(value: str, rng: Random) -> str | None:
    """The branch in brackets behind the company."""
    head, found, branch = value.partition("公司")
    return f"{head}公司{rng.choice(['（', '('])}{branch}{rng.choice(['）', ')'])}" if found and branch else None


@cache
def _by_sound() -> dict[str, list[str]]:
    table, places = words("names"), words("places")
    letters = {*table["male"], *table["female"], *table["shared"], *places["stem_heads"], *places["stem_tails"]}
    letters |= {character for word in words("firms")["name_words"] for character in word}
    found: dict[str, list[str]] = defaultdict(list)
    for character in sorted(letters):
        found[lazy_pinyin(character)[0]].append(character)
    return found


@cache
def _to_traditional() -> OpenCC:
    return OpenCC("s2t")
