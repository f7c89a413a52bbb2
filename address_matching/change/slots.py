"""Names as texts are read: standard characters with their classes, divisions taken out."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from address_matching.change.characters import alphabet
from address_matching.compiled.layout import Memory
from address_matching.compiled.skimming import CLASS_OF, GAP, STANDARD, TABLE_COUNT, WORK_SIZE
from address_matching.compiled.touching import read_name
from address_matching.numerals import CHARACTERS, to_arabic, to_chinese
from address_matching.words import suffixes

_NUMERALS = re.compile(f"[{CHARACTERS}]+")
_DIGITS = re.compile("[0-9]+")
_DIVISIONS = ("province", "city", "county", "town")


class Slots(NamedTuple):
    """A name as texts are read: standard characters (digits for numerals) and their classes."""

    forms: str
    classes: tuple[int, ...]

    def places(self, end: int) -> list[int]:
        """Places before `end` at which a character tells something."""
        return [at for at, kind in enumerate(self.classes[:end]) if kind != GAP]


def read_slots(text: str) -> Slots:
    """Read a name; characters that stand in no name of the alphabet part it."""
    data = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    forms, classes = np.zeros(len(data) + 1, np.int32), np.zeros(len(data) + 1, np.int32)
    count = read_name(_alphabet_memory(), data, forms, classes)
    return Slots("".join(map(chr, forms[:count].tolist())), tuple(classes[:count].tolist()))


def digit_spellings(name: str) -> set[str]:
    """A name, and the name with its numerals in Arabic or Chinese digits."""
    return {name, _NUMERALS.sub(lambda found: to_arabic(found.group()), name), _DIGITS.sub(lambda found: to_chinese(found.group()), name)}


@cache
def _alphabet_memory() -> Memory:
    table = alphabet()
    return memory_of({STANDARD: table.standard, CLASS_OF: table.class_of})


def memory_of(tables: Mapping[int, NDArray[np.int64] | NDArray[np.int32] | NDArray[np.uint16]]) -> Memory:
    """Lay tables end to end, each in the array of its type, with working memory for one reader."""
    at, size = np.zeros(TABLE_COUNT, np.int64), np.zeros(TABLE_COUNT, np.int64)
    ends = {np.dtype(kind): 0 for kind in (np.uint16, np.int32, np.int64)}
    for number, table in tables.items():
        at[number], size[number] = ends[table.dtype], len(table)
        ends[table.dtype] += len(table)
    small, ints, keys = (np.concatenate([np.zeros(0, kind), *(table for table in tables.values() if table.dtype == kind)]) for kind in ends)
    return Memory(small, ints, keys, at, size, np.zeros(WORK_SIZE, np.int64), np.zeros(1, np.uint16))


def division_suffixes(divisions: Iterable[str], names: Iterable[Slots]) -> dict[str, int]:
    """Return full names of divisions with the length of their generic part: their stems are part of no name where they stand whole.

    Those that make up a whole name are left out.
    """
    found = {}
    for division in divisions:
        forms = read_slots(division).forms
        suffix = max((len(suffix) for kind in _DIVISIONS for suffix in suffixes(kind) if forms.endswith(suffix)), default=0)
        if suffix and len(forms) - suffix > 1:
            found[forms] = suffix
    for name in names:
        for division in [division for division in found if division in name.forms]:
            if len(without_divisions(name, [division]).places(len(name.forms))) < 2:
                del found[division]
    return found


def without_divisions(name: Slots, divisions: Iterable[str]) -> Slots:
    """Part a name at the divisions in it, as texts are parted."""
    classes = list(name.classes)
    for division in divisions:
        at = name.forms.find(division)
        while at >= 0:
            classes[at : at + len(division)] = [GAP] * len(division)
            at = name.forms.find(division, at + 1)
    return Slots(name.forms, tuple(classes))


def without_area(name: Slots, stems: Iterable[str], tail: int) -> Slots:
    """Take the short name of province, city or county off the beginning of a name that tells enough behind it (瑞安 of 瑞安商城)."""
    first = next((at for at, kind in enumerate(name.classes) if kind != GAP), 0)
    for stem in stems:
        end = first + len(stem)
        if name.forms.startswith(stem, first) and len(name.places(tail)) - len(stem) >= 2:
            return Slots(name.forms, (*(GAP for _ in range(end)), *name.classes[end:]))
    return name
