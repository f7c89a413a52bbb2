"""Names of the library with their other spellings: what a text's words can mean."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from address_matching.model import CITY, COMMUNITY, COMPOUND, COUNTY, NATURAL_VILLAGE, PROVINCE, ROAD, TOWN, ZONE
from address_matching.numerals import CHARACTERS, to_arabic, to_chinese
from address_matching.tokens import FIRST_DAY, LAST_DAY, NAME, OUTSIDE, SEVERAL, STEMS, WORD, WORD_TOKEN, Sense, Token, named
from address_matching.words import provinces, suffixes, suffixes_by_end, word_roles

_KIND_SUFFIXES = {
    PROVINCE: "province",
    CITY: "city",
    COUNTY: "county",
    TOWN: "town",
    COMMUNITY: "community",
    NATURAL_VILLAGE: "natural_village",
    ZONE: "zone",
    ROAD: "road",
}
_QUALIFIER = re.compile(r"(?:[0-9]+|[东西南北中A-Z])(?:期|区|组团)$")
# 二号村 without its 村 would be read out of every plate 2号.
_COUNTED = re.compile(r"[0-9一二三四五六七八九十百]+[号组队弄]?")
_GENERIC = re.compile("|".join(map(re.escape, suffixes("compound_generic"))))
_GROUP = re.compile(r"[0-9]+组")
_HIGHWAY = re.compile(r"[GSX][0-9]{2,4}[国省县]道")
_CROSSING = re.compile(r"[^0-9A-Z][0-9A-Z]")
_CHINESE_DIGITS = re.compile(f"[{CHARACTERS}]+")
_ARABIC_DIGITS = re.compile("[0-9]+")


class Alias(NamedTuple):
    """An alias row resolved to nodes."""

    kind: int
    text: str
    nodes: tuple[int, ...]
    valid_from: int
    valid_to: int


class AddressAlias(NamedTuple):
    """The node that an alias of a single address stands for and the days on which it does; whether it ends in a number, as an old plate."""

    node: int
    valid_from: int
    valid_to: int
    is_plate: bool


class Vocabulary:
    """Words to senses, and for each first two characters the lengths of words that start with them, longest first."""

    def __init__(self) -> None:
        self.senses: dict[str, tuple[Sense, ...]] = {}
        self.heads: dict[str, tuple[int, ...]] = {}
        self.single: dict[str, str] = {}
        self.tokens: dict[str, Token] = {}
        self.town_of: Sequence[int] = ()
        self.beginnings: dict[str, list[Token]] = {}
        self.crossings: frozenset[str] = frozenset()

    def add(self, word: str, sense: Sense) -> None:
        """Add a meaning. Nodes of the same kind and manner join; a name as it stands drives out mere variants of its kind."""
        known = self.senses.get(word)
        if known is None:
            self.senses[word] = (sense,)
            return
        same_kind = [other for other in known if other.kind == sense.kind]
        if sense.how in _VARIANTS and any(other.how == "" for other in same_kind):
            return
        if sense.how == "":
            known = tuple(other for other in known if other.kind != sense.kind or other.how not in _VARIANTS)
        for position, other in enumerate(known):
            if other[0] == sense[0] and other[2:] == sense[2:]:
                nodes = tuple(sorted({*other.nodes, *sense.nodes}))
                self.senses[word] = (*known[:position], other._replace(nodes=nodes), *known[position + 1 :])
                return
        self.senses[word] = tuple(sorted((*known, sense)))

    def close(self) -> None:
        """Make the look-up by first characters; call once after the last `add`."""
        lengths: dict[str, set[int]] = {}
        for word in self.senses:
            if len(word) > 1:
                lengths.setdefault(word[:2], set()).add(len(word))
        self.heads = {head: tuple(sorted(found, reverse=True)) for head, found in lengths.items()}
        self.crossings = frozenset(match.group() for word in self.senses for match in _CROSSING.finditer(word))
        self.tokens = {word: _token(word, senses) for word, senses in self.senses.items()}
        self.single = {word: senses[0].role for word, senses in self.senses.items() if len(word) == 1 and senses[0].kind == WORD}


def _token(word: str, senses: tuple[Sense, ...]) -> Token:
    roles = [sense.role for sense in senses if sense.kind == WORD]
    senses = tuple(sense for sense in senses if sense.kind != WORD)
    if roles and all(sense.how in STEMS for sense in senses):
        return Token(WORD_TOKEN, word, roles[0])  # 经济开发区 is the zone rather than short for the community of that name
    kinds = {sense.kind for sense in senses}
    dated = any(sense.valid_from != FIRST_DAY or sense.valid_to != LAST_DAY for sense in senses)
    return Token(
        NAME,
        word,
        stem=all(sense.how in STEMS for sense in senses),
        senses=senses,
        level=senses[0].kind if len(kinds) == 1 else SEVERAL,
        yields=_yields(word, senses),
        name=named(word, senses) if len(kinds) == 1 and not dated else None,
    )


def _yields(word: str, senses: tuple[Sense, ...]) -> bool:
    """Whether a word gives way where a road's generic part follows it: 丹桂 before 路, but not 九一村 before 路."""
    if word.endswith(("村", "社区", "街道", "镇", "乡")):
        return False
    return all(sense.how in STEMS or sense.kind in (COMPOUND, ZONE, NATURAL_VILLAGE, COMMUNITY) for sense in senses)


_VARIANTS = frozenset(("suffix", "stem", "qualifier_missing"))


def build_vocabulary(names: Iterable[tuple[int, str, tuple[int, ...]]], aliases: Iterable[Alias], outside: Iterable[str]) -> Vocabulary:
    """Build the vocabulary of named nodes (level, name, nodes), aliases, and names of divisions outside the area."""
    vocabulary = Vocabulary()
    for word, role in word_roles().items():
        vocabulary.add(word, Sense(WORD, (), role=role))
    own: set[tuple[int, str]] = set()
    for level, name, nodes in names:
        if level == NATURAL_VILLAGE and _GROUP.fullmatch(name):
            continue  # 2组 is found below its village, not by its name
        for word, how in spellings(level, name):
            own.add((level, word))
            vocabulary.add(word, Sense(level, nodes, how))
    for alias in aliases:
        _add_alias(vocabulary, alias, own)
    for name in (*provinces(), *outside):
        if name not in vocabulary.senses:
            vocabulary.add(name, Sense(OUTSIDE, ()))
    vocabulary.close()
    return vocabulary


def _add_alias(vocabulary: Vocabulary, alias: Alias, own: set[tuple[int, str]]) -> None:
    """Add an alias, and its variants where they are not spellings of a name of today."""
    if alias.kind == COMPOUND and _GENERIC.fullmatch(alias.text):
        return  # 佳苑 alone is a part of many names
    division = alias.kind <= NATURAL_VILLAGE
    manner = "renamed" if division else "alias"
    for word, how in spellings(alias.kind, alias.text):
        if how == "" or (alias.kind, word) not in own:
            stem = f"{manner}_stem" if how == "stem" and division else manner
            vocabulary.add(word, Sense(alias.kind, alias.nodes, stem, "", alias.valid_from, alias.valid_to))


def spellings(level: int, name: str) -> list[tuple[str, str]]:
    """Return the ways a name is written, each with the manner: "" as it stands, suffix, stem, qualifier_missing."""
    found = [(name, "")]
    found += [(other, "") for other in _other_digits(name)]
    kind = _KIND_SUFFIXES.get(level)
    if level == COMPOUND:
        return found + _compound_spellings(name)
    if level == ROAD and _HIGHWAY.fullmatch(name):
        return [*found, (name[1:], "suffix")]
    if kind is None or level == ROAD:
        return found
    stem, suffix = split_suffix(kind, name)
    if len(stem) < 2:
        return found
    if level not in (PROVINCE, CITY):
        found += [(stem + other, "suffix") for other in suffixes(kind) if other != suffix]
    if level in (COMMUNITY, TOWN, COUNTY, PROVINCE, CITY) and suffix and not _COUNTED.fullmatch(stem):
        found.append((stem, "suffix" if level == COMMUNITY and stem.endswith(("村", "社区")) else "stem"))
    if level == NATURAL_VILLAGE and suffix:
        found.append((stem, "suffix"))
    return found


def split_suffix(kind: str, name: str) -> tuple[str, str]:
    """Split a name into stem and generic part, the longest that leaves a stem."""
    for suffix in suffixes_by_end(kind).get(name[-1:], ()):
        if name.endswith(suffix) and len(name) > len(suffix):
            return name[: -len(suffix)], suffix
    return name, ""


def _compound_spellings(name: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    stem, suffix = split_suffix("zone", name)
    if suffix and len(stem) >= 2:
        found += [(stem + other, "suffix") for other in suffixes("zone") if other != suffix]
    base = _QUALIFIER.sub("", name)
    if base != name and len(base) >= 3:
        found.append((base, "qualifier_missing"))
    return found


def _other_digits(name: str) -> list[str]:
    if _ARABIC_DIGITS.search(name):
        return [_ARABIC_DIGITS.sub(lambda match: to_chinese(match.group()), name)]
    if _CHINESE_DIGITS.search(name) and name[0] not in CHARACTERS:
        return [_CHINESE_DIGITS.sub(lambda match: to_arabic(match.group()), name)]
    return []
