"""What a text says about a place, part by part, without deciding which address it is."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from address_matching.canonical import canonical
from address_matching.index import AddressIndex
from address_matching.model import LEVEL_NUMBER
from address_matching.normalise import normalise
from address_matching.parse import parse
from address_matching.place import Place, readings
from address_matching.tokens import Name
from address_matching.vocabulary import split_suffix

_UNIT_WORDS = {"lane": "", "house": "号", "building": "幢", "unit": "单元", "floor": "层", "room": "室"}
_TOLD_BY_STEM = {"community", "natural_village"}
_HARMLESS = {"bracket_ignored", "overlay_ignored"}
_ENDS_A_PART = re.compile(r"[0-9A-Z号弄幢()组]$")
_BEGINS_A_PART = re.compile(r"$|[0-9A-Z()第]")


class Component(NamedTuple):
    """One part of an address text.

    `level`: of the contract's levels; `value`: as a standard address writes it; `key`: the form in which it is compared;
    `is_known`: whether the library knows the name, somewhere; False for numbers.
    """

    level: str
    value: str
    key: str
    is_known: bool = False


class PlaceComponents(NamedTuple):
    """The parts of one place, coarse to fine; `is_clear` where nothing about them is in doubt.

    In doubt are: several places in one, numbers that can be read in several ways, unknown names beside words that were not read.
    """

    parts: tuple[Component, ...]
    is_clear: bool

    def finer_than(self, level: str) -> tuple[Component, ...]:
        """The parts below a level."""
        return tuple(part for part in self.parts if LEVEL_NUMBER[part.level] > LEVEL_NUMBER[level])


def components(index: AddressIndex, text: str, as_of: date | None = None) -> list[PlaceComponents]:
    """Read the places of a text with the vocabulary of a library; `as_of` is the date the text is from."""
    day = None if as_of is None else (as_of - date(1970, 1, 1)).days
    plain = normalise(text)
    parsed = parse(plain, index.vocabulary, index.fuzzy, day)
    divisions = _divisions(index)
    return [_components(place, plain, divisions, is_bounds=parsed.bounds) for place in parsed.places]


def component_key(level: str, value: str | None) -> str:
    """The form in which a component of a level is compared: 3栋 and 3幢 are one, as are 1弄 and 一弄."""
    return canonical(LEVEL_NUMBER[level], value)


def component_stem(level: str, key: str) -> str:
    """A name without its generic part, where names of the level are told by what is left: 新联村, 新联社区 and 新联 are one."""
    return split_suffix(level, key)[0] if level in _TOLD_BY_STEM else key


class _Naming(NamedTuple):
    level: str
    known: Name | None
    unknown: str


def _components(place: Place, text: str, divisions: Sequence[str], *, is_bounds: bool) -> PlaceComponents:
    names = _names(place)
    plain = [slots for slots in readings(place) if "guess" not in slots]
    slots = plain[0] if plain else {}
    doubtful = place.relative or place.junction or place.parcel or place.others or place.open_end or place.outside or place.old_number
    faults = set(place.faults) - _HARMLESS
    is_clear = not (doubtful or is_bounds or faults or len(plain) != 1 or "floor_conflict" in slots)
    parts = [Component(each.level, each.known.text, component_key(each.level, each.known.text), True) for each in names if each.known]
    known = [*divisions, *(each.known.text for each in names if each.known)]
    for each in names:
        if each.unknown:
            name = _whole_name(text, each.unknown, known)
            is_clear = is_clear and bool(name) and each.known is None
            parts.append(Component(each.level, name or each.unknown, component_key(each.level, name or each.unknown)))
    parts += [_number(level, value) for level, value in slots.items() if level in _UNIT_WORDS]
    return PlaceComponents(tuple(sorted(parts, key=lambda part: LEVEL_NUMBER[part.level])), is_clear)


def _names(place: Place) -> tuple[_Naming, ...]:
    return (
        _Naming("town", place.towns, place.unknown_town),
        _Naming("community", place.communities, place.unknown_community),
        _Naming("natural_village", place.naturals, ""),
        _Naming("zone", place.zones, place.unknown_zone),
        _Naming("road", place.roads[0] if place.roads else None, place.unknown_road),
        _Naming("compound", place.compound, place.unknown_compound),
    )


def _number(level: str, value: str) -> Component:
    word = _UNIT_WORDS[level]
    value += "" if value.endswith(word) else word
    return Component(level, value, component_key(level, value))


def _divisions(index: AddressIndex) -> tuple[str, ...]:
    whole = (index.scope.province, index.scope.city, index.scope.county)
    return tuple(name for each in whole if each for name in (each, each.rstrip("省市县区")))


def _whole_name(text: str, name: str, known: Sequence[str]) -> str:
    """The unknown name with the words before it that belong to nothing else (金色花园小区 where 花园小区 was read); "" if unread words follow."""
    at = text.find(name)
    if at < 0 or not (_BEGINS_A_PART.match(text, at + len(name)) or text.startswith(tuple(known), at + len(name))):
        return ""
    start = at
    while start > 0 and not _is_end(text[:start], known):
        start -= 1
    return text[start : at + len(name)]


def _is_end(before: str, known: Sequence[str]) -> bool:
    return bool(_ENDS_A_PART.search(before)) or before.endswith(tuple(known))
