"""What a text says about a place, part by part, without deciding which address it is."""

import re
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from address_matching.anchors import at_town
from address_matching.canonical import canonical
from address_matching.fuzzy import difference
from address_matching.index import AddressIndex
from address_matching.model import LEVEL_NUMBER
from address_matching.normalise import normalise
from address_matching.parse import parse
from address_matching.place import Place, readings
from address_matching.vocabulary import split_suffix

_UNIT_WORDS = {"lane": "", "house": "号", "building": "幢", "unit": "单元", "floor": "层", "room": "室"}
_SLIPS = {"homophone", "similar_shape", "swapped", "dropped", "extra"}
_TOLD_BY_STEM = {"community", "natural_village"}
_HARMLESS = {"bracket_ignored", "overlay_ignored"}
_ENDS_A_PART = re.compile(r"[0-9A-Z号弄幢()组]$")
_OTHER_PARTS = re.compile("[路街巷弄道区镇乡村处会]")
"""In words before an unknown name these tell of a part that was not read."""
_ROADS = re.compile("[路街巷弄]")
_TOWN_WORDS = ("镇", "乡", "街道")
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
    `town_id`: the address id of the town that the text names, None where it names none or one of several.
    """

    parts: tuple[Component, ...]
    is_clear: bool
    town_id: str | None = None

    def finer_than(self, level: str) -> tuple[Component, ...]:
        """The parts below a level."""
        return tuple(part for part in self.parts if LEVEL_NUMBER[part.level] > LEVEL_NUMBER[level])


def components(index: AddressIndex, text: str, as_of: date | None = None) -> list[PlaceComponents]:
    """Read the places of a text with the vocabulary of a library; `as_of` is the date the text is from."""
    day = None if as_of is None else (as_of - date(1970, 1, 1)).days
    plain = normalise(text)
    parsed = parse(plain, index.vocabulary, index.misspelt, day)
    divisions = _divisions(index)
    read = [_components(place, plain, divisions, is_bounds=parsed.bounds) for place in parsed.places]
    return [each._replace(town_id=_town_id(index, place)) for each, place in zip(read, parsed.places, strict=True)]


def component_key(level: str, value: str | None) -> str:
    """The form in which a component of a level is compared: 3栋 and 3幢 are one, as are 1弄 and 一弄."""
    return canonical(LEVEL_NUMBER[level], value)


def component_stem(level: str, key: str) -> str:
    """A name without its generic part, where names of the level are told by what is left: 新联村, 新联社区 and 新联 are one."""
    return split_suffix(level, key)[0] if level in _TOLD_BY_STEM else key


def is_misspelling(written: str, name: str) -> bool:
    """Whether a name may be another one misspelt: a like sound or shape, two characters swapped, one left out or doubled.

    Never where they differ in what tells neighbours apart (东 and 西, numerals, letters), nor in a character of another sound and shape.
    """
    return difference(written, name) in _SLIPS


class _Naming(NamedTuple):
    level: str
    text: str
    is_known: bool
    at: int = -1
    is_whole: bool = True


def _components(place: Place, text: str, divisions: Sequence[str], *, is_bounds: bool) -> PlaceComponents:
    plain = [slots for slots in readings(place) if "guess" not in slots]
    slots = plain[0] if plain else {}
    may_be_cut = place.open_end and "room" not in slots  # 中心街10 may be 中心街101号 cut short
    doubtful = place.relative or place.junction or place.parcel or place.others or may_be_cut or place.outside or place.old_number
    faults = set(place.faults) - _HARMLESS
    names = _whole_names(_names(place), text, divisions)
    levels = [each.level for each in sorted(names, key=lambda each: each.at) if each.at >= 0]
    in_order = levels == sorted(set(levels), key=LEVEL_NUMBER.__getitem__)
    is_clear = in_order and all(each.is_whole for each in names) and not (doubtful or is_bounds or faults)
    parts = [Component(_level(each, slots), each.text, component_key(each.level, each.text), each.is_known) for each in names]
    parts += [_number(level, value) for level, value in slots.items() if level in _UNIT_WORDS]
    return PlaceComponents(
        tuple(sorted(parts, key=lambda part: LEVEL_NUMBER[part.level])), is_clear and len(plain) == 1 and "floor_conflict" not in slots
    )


def _level(name: "_Naming", slots: dict[str, str]) -> str:
    """An unknown village that has buildings is a compound: 湖河新村3幢."""
    is_village = name.level == "community" and not name.is_known
    return "compound" if is_village and "house" not in slots and slots.keys() & {"building", "unit"} else name.level


def _names(place: Place) -> list["_Naming"]:
    known = (
        ("town", place.towns),
        ("community", place.communities),
        ("natural_village", place.naturals),
        ("zone", place.zones),
        ("road", place.roads[0] if place.roads else None),
        ("compound", place.compound),
    )
    unknown = (
        ("town", place.unknown_town),
        ("community", place.unknown_community),
        ("zone", place.unknown_zone),
        ("road", place.unknown_road),
        ("compound", place.unknown_compound),
    )
    return [_Naming(level, name.text, True) for level, name in known if name is not None] + [
        _Naming(level, name, False) for level, name in unknown if name
    ]


def _whole_names(names: Sequence["_Naming"], text: str, divisions: Sequence[str]) -> list["_Naming"]:
    """The names with their places in the text; unknown ones with the words around them that belong to nothing else.

    Words before an unknown name belong to it (金色花园小区, where 花园小区 was read), and so does a coarser name right behind it
    (阳光北岸工业园, where 北岸工业园 was read as a zone).
    """
    known = [name._replace(at=text.find(name.text)) for name in names if name.is_known]
    found: list[_Naming] = []
    for name in (name for name in names if not name.is_known):
        start = end = text.find(name.text)
        if start < 0:
            found.append(name._replace(is_whole=False))
            continue
        end += len(name.text)
        swallowed = [each for each in known if text.startswith(each.text, end) and LEVEL_NUMBER[each.level] < LEVEL_NUMBER[name.level]]
        if swallowed:
            end += len(swallowed[0].text)
            known.remove(swallowed[0])
        words = (*divisions, *(each.text for each in known), *(each.text for each in names if not each.is_known and each != name))
        while start > 0 and not (_ENDS_A_PART.search(text[:start]) or text[:start].endswith(words)):
            start -= 1
        follows = bool(_BEGINS_A_PART.match(text, end)) or text.startswith(words, end)
        is_whole = follows and not _holds_another(name, text, start)
        found.append(_Naming(name.level, text[start:end], False, start, is_whole))
    return [*known, *found]


def _holds_another(name: "_Naming", text: str, start: int) -> bool:
    """Whether an unknown name, or the words before it, hold a part of their own that was not read: a road, the word that ends a town's name."""
    if _OTHER_PARTS.search(text[start : text.find(name.text)]) or (name.level == "zone" and _ROADS.search(name.text)):
        return True
    return bool(start) and name.text.startswith(_TOWN_WORDS) and not text[:start].endswith(_TOWN_WORDS)


def _number(level: str, value: str) -> Component:
    word = "号" if level == "room" and not value[0].isascii() else _UNIT_WORDS[level]  # 店面6号, but 602室
    value += "" if value.endswith(word) else word
    return Component(level, value, component_key(level, value))


def _town_id(index: AddressIndex, place: Place) -> str | None:
    towns = at_town(index, place, "").nodes
    return index.address_id(towns[0]) if len(towns) == 1 else None


def _divisions(index: AddressIndex) -> tuple[str, ...]:
    whole = (index.scope.province, index.scope.city, index.scope.county)
    return tuple(name for each in whole if each for name in (each, each.rstrip("省市县区")))
