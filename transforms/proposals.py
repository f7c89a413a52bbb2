"""Places that several records name and the library lacks: their texts gathered into proposals with their evidence."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

SHORTEST_NAME = 4
"""From this length on an unknown name that may be a misspelling of one that more records write is taken for that one; a shorter one is doubted."""

MOST_OF_THEM = 0.8
INSIDE = ("building", "unit", "floor", "room")
"""Levels inside a compound."""

ONE_DEPARTMENT, ONE_RECORD = 0.6, 0.9
"""By which factor the doubt shrinks with each further department, and with each further record."""
RECORDS_COUNTED = 25
NEAR_ANOTHER = 0.3
"""What is left of the confidence in a name that may be a misspelling of one beside it."""

Named = tuple[str, str]


class Telling(NamedTuple):
    """How names are told apart.

    `stem`: level and key of a component to what tells it apart; `is_misspelling`: whether a name as written may be another one; `names`: the
    levels that have names.
    """

    stem: Callable[[str, str], str]
    is_misspelling: Callable[[str, str], bool]
    names: Collection[str]


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


def gather(sightings: Iterable[Sighting], told: Telling) -> list[Gathered]:
    """Every place that the sightings name, at each of their levels; spellings of one place are one, numbers are equal or not."""
    by_parent: dict[str, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        by_parent[sighting.parent].append(sighting)
    return [found for parent in sorted(by_parent) for found in _grow(parent, (), by_parent[parent], told)]


def doubted(gathered: Sequence[Gathered], told: Telling) -> dict[int, str]:
    """Number of a place to the name beside it, better founded, of which its own may be a misspelling."""
    beside: dict[tuple[str, tuple[Part, ...], str], list[int]] = defaultdict(list)
    for number, place in enumerate(gathered):
        if place.parts[-1].level in told.names:
            beside[place.parent, place.parts[:-1], place.parts[-1].level].append(number)
    found = {}
    for numbers in beside.values():
        for number in numbers:
            own = gathered[number]
            better = [gathered[other] for other in numbers if gathered[other].evidence.total > own.evidence.total]
            near = [other.parts[-1] for other in better if told.is_misspelling(own.parts[-1].key, other.parts[-1].key)]
            if near:
                found[number] = near[0].value
    return found


def _grow(parent: str, above: tuple[Part, ...], sightings: Sequence[Sighting], told: Telling) -> Iterator[Gathered]:
    depth = len(above)
    if above and above[-1].level == "house":
        sightings = _in_its_compound(sightings, depth)
    groups: dict[Named, list[Sighting]] = defaultdict(list)
    for sighting in sightings:
        if len(sighting.parts) > depth:
            part = sighting.parts[depth]
            groups[part.level, told.stem(part.level, part.key)].append(sighting)
    for group in _joined(groups, told):
        evidence = Evidence()
        values: Counter[Part] = Counter()
        for sighting in group:
            evidence.add(sighting)
            values[sighting.parts[depth]] += sighting.records
        part = min(values, key=lambda each: (-values[each], -len(each.value), each.value))
        yield Gathered(parent, (*above, part), evidence)
        yield from _grow(parent, (*above, part), group, told)


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


def _joined(groups: Mapping[Named, list[Sighting]], told: Telling) -> Iterator[list[Sighting]]:
    """Groups in the order of their names, those of misspelt names with the one that more records spell."""
    weight = {name: sum(sighting.records for sighting in group) for name, group in groups.items()}
    heads: dict[Named, list[Sighting]] = {}
    for level, name in sorted(groups, key=lambda each: (-weight[each], each)):
        better = [head for head in heads if head[0] == level and weight[head] > weight[level, name]] if level in told.names else []
        near = [head for head in better if len(name) >= SHORTEST_NAME and told.is_misspelling(name, head[1])]
        if len(near) == 1:
            heads[near[0]].extend(groups[level, name])
        else:
            heads[level, name] = list(groups[level, name])
    return (heads[name] for name in sorted(heads))


def as_plain(evidence: Evidence) -> dict[str, Any]:
    """Evidence as plain values: records, datasets with their records, first and last date."""
    dates = {"first": evidence.first.isoformat() if evidence.first else None, "last": evidence.last.isoformat() if evidence.last else None}
    return {"records": evidence.total, "datasets": dict(sorted(evidence.records.items())), **dates}
