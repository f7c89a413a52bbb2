"""Places that several records name and the library lacks: their texts gathered into proposals with their evidence."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from rapidfuzz.distance import OSA

SHORTEST_NAME = 4
"""From this length on one differing character of an unknown name is taken for a slip of the pen."""
SHORTEST_DOUBTED = 3
"""From this length on a name that differs by one character from a neighbour's is doubted."""
TELLS_APART = re.compile("[0-9A-Z东南西北中上下前后左右大小新老一二三四五六七八九十甲乙丙丁]")
"""Characters by which neighbouring places are told apart: names that differ in one of them are two."""

MOST_OF_THEM = 0.8
INSIDE = ("building", "unit", "floor", "room")
"""Levels inside a compound."""

ONE_DEPARTMENT, ONE_RECORD = 0.6, 0.9
"""By which factor the doubt shrinks with each further department, and with each further record."""
RECORDS_COUNTED = 25
NEAR_ANOTHER = 0.3
"""What is left of the confidence in a name that differs by one character from one beside it in the library."""

Named = tuple[str, str]
Stem = Callable[[str, str], str]
"""Level and key of a component to what tells it apart from others."""


class Part(NamedTuple):
    """One component: level, value as the library would write it, the form in which it is compared."""

    level: str
    value: str
    key: str


class Sighting(NamedTuple):
    """A text of one dataset that names something below an address of the library: what, in how many records, from when to when."""

    parent: str
    parts: tuple[Part, ...]
    dataset: str
    text: str
    records: int
    first: date | None
    last: date | None


@dataclass(slots=True)
class Evidence:
    """Who says so: records by dataset, texts by records, dates."""

    records: Counter[str] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    first: date | None = None
    last: date | None = None

    def add(self, sighting: Sighting) -> None:
        self.records[sighting.dataset] += sighting.records
        self.texts[sighting.text] += sighting.records
        self.first = min(filter(None, (self.first, sighting.first)), default=None)
        self.last = max(filter(None, (self.last, sighting.last)), default=None)

    @property
    def total(self) -> int:
        return self.records.total()

    def confidence(self, department_of: Mapping[str, str]) -> float:
        """How sure it is that the place exists, 0 to 1: independent departments weigh more than many records of one."""
        departments = len({department_of[dataset] for dataset in self.records})
        more = max(0, min(self.total, RECORDS_COUNTED) - departments)
        return round(1 - ONE_DEPARTMENT**departments * ONE_RECORD**more, 2)


@dataclass(frozen=True, slots=True)
class Gathered:
    """A place that the library lacks: the address it lies under, its parts from there down, who names it."""

    parent: str
    parts: tuple[Part, ...]
    evidence: Evidence


def gather(sightings: Iterable[Sighting], stem: Stem) -> list[Gathered]:
    """Every place that the sightings name, at each of their levels; spellings of one place are one, numbers are equal or not."""
    by_parent: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        by_parent[sighting.parent].append(sighting)
    return [found for parent in sorted(by_parent) for found in _grow(parent, (), by_parent[parent], stem)]


def is_near(one: str, other: str, shortest: int = SHORTEST_NAME) -> bool:
    """Whether two names may be one, misspelt: a single slip in a name long enough, and none of what tells neighbours apart."""
    if one == other or min(len(one), len(other)) < shortest or OSA.distance(one, other, score_cutoff=1) != 1:
        return False
    differing = Counter(one)
    differing.subtract(other)
    return not any(TELLS_APART.match(character) for character, count in differing.items() if count)


def doubted(gathered: Sequence[Gathered], name_levels: Collection[str]) -> dict[int, str]:
    """Number of a place to the name beside it, better founded, from which its own differs by one character."""
    beside: dict[tuple[str, tuple[Part, ...], str], list[int]] = defaultdict(list)
    for number, place in enumerate(gathered):
        if place.parts[-1].level in name_levels:
            beside[place.parent, place.parts[:-1], place.parts[-1].level].append(number)
    found = {}
    for numbers in beside.values():
        for number in numbers:
            own = gathered[number]
            better = [gathered[other] for other in numbers if gathered[other].evidence.total > own.evidence.total]
            near = [other.parts[-1] for other in better if is_near(other.parts[-1].key, own.parts[-1].key, SHORTEST_DOUBTED)]
            if near:
                found[number] = near[0].value
    return found


def _grow(parent: str, above: tuple[Part, ...], sightings: Sequence[Sighting], stem: Stem) -> Iterator[Gathered]:
    depth = len(above)
    if above and above[-1].level == "house":
        sightings = _in_its_compound(sightings, depth)
    groups: dict[Named, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        if len(sighting.parts) > depth:
            part = sighting.parts[depth]
            groups[part.level, stem(part.level, part.key)].append(sighting)
    for group in _joined(groups):
        evidence = Evidence()
        values: Counter[Part] = Counter()
        for sighting in group:
            evidence.add(sighting)
            values[sighting.parts[depth]] += sighting.records
        part = min(values, key=lambda each: (-values[each], -len(each.value), each.value))
        yield Gathered(parent, (*above, part), evidence)
        yield from _grow(parent, (*above, part), group, stem)


def _in_its_compound(sightings: Sequence[Sighting], depth: int) -> list[Sighting]:
    """Where those that name a compound at a plate name the same one, what others name inside the plate lies in it."""
    compounds: Counter[Part] = Counter()
    for each in sightings:
        if len(each.parts) > depth and each.parts[depth].level == "compound":
            compounds[each.parts[depth]] += each.records
    compound, records = next(iter(compounds.most_common(1)), (None, 0))
    if compound is None or records < MOST_OF_THEM * compounds.total():
        return list(sightings)
    return [
        each._replace(parts=(*each.parts[:depth], compound, *each.parts[depth:]))
        if len(each.parts) > depth and each.parts[depth].level in INSIDE
        else each
        for each in sightings
    ]


def _joined(groups: Mapping[Named, list[Sighting]]) -> Iterator[list[Sighting]]:
    """Groups in the order of their names, those of misspelt names with the one that more records spell."""
    weight = {name: sum(sighting.records for sighting in group) for name, group in groups.items()}
    heads: dict[Named, list[Sighting]] = {}
    for level, name in sorted(groups, key=lambda each: (-weight[each], each)):
        near = [head for head in heads if head[0] == level and weight[head] > weight[level, name] and is_near(head[1], name)]
        if len(near) == 1:
            heads[near[0]].extend(groups[level, name])
        else:
            heads[level, name] = list(groups[level, name])
    return (heads[name] for name in sorted(heads))


def as_plain(evidence: Evidence) -> dict[str, Any]:
    """Evidence as plain values: records, datasets with their records, first and last date."""
    dates = {"first": evidence.first.isoformat() if evidence.first else None, "last": evidence.last.isoformat() if evidence.last else None}
    return {"records": evidence.total, "datasets": dict(sorted(evidence.records.items())), **dates}
