"""What the library holds under a name, exactly or nearly, and what lies below a node: the search that keeps the truth honest."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from benchmarks.matching.library.aliases import address_id
from benchmarks.matching.library.draft import core
from benchmarks.matching.library.generate import Made
from benchmarks.matching.library.nodes import LEVEL, Library
from benchmarks.matching.queries.characters import alike, sounds

NAMED = ("town", "community", "natural_village", "zone", "road", "compound")
ANCHORS = ("road", "compound", "zone", "natural_village", "community")


@dataclass
class World:
    """The made library with look-ups by name."""

    made: Made
    names: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    alias_names: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    aliases_of: dict[int, list[str]] = field(default_factory=dict)
    old_towns: dict[int, list[tuple[str, str, str]]] = field(default_factory=dict)
    old_numbers: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        library = self.library
        for level in NAMED:
            found: dict[str, list[int]] = defaultdict(list)
            for node in library.at(level).tolist():
                found[library.own(node)].append(node)
            self.names[level] = dict(found)
            self.alias_names[level] = {}
        for alias in self.made.aliases:
            if alias.kind == "address":
                self.old_numbers[int(alias.name.removeprefix("330381"))] = alias.alias
            elif alias.kind in self.names:
                self._add_alias(alias.kind, alias.within, alias.name, alias.alias, (alias.valid_from, alias.valid_to))

    def _add_alias(self, kind: str, within: str, name: str, alias: str, validity: tuple[str, str]) -> None:
        for node in self.names[kind].get(name, ()):
            if kind == "town" or self.library.value(node, "town") == within:
                self.alias_names[kind].setdefault(alias, []).append(node)
                if kind == "town":
                    self.old_towns.setdefault(node, []).append((alias, *validity))
                else:
                    self.aliases_of.setdefault(node, []).append(alias)

    @property
    def library(self) -> Library:
        return self.made.library

    def address_id(self, node: int) -> str:
        return address_id(node)

    def exact(self, level: str, name: str) -> list[int]:
        """Nodes of a level that bear a name or have it as an alias; divisions also by their stem or another generic part."""
        found = [*self.names[level].get(name, ()), *self.alias_names[level].get(name, ())]
        if level in ("town", "community"):
            found += self._by_core[level].get(core(name), ())
        return list(dict.fromkeys(found))

    @cached_property
    def _by_core(self) -> dict[str, dict[str, list[int]]]:
        cores: dict[str, dict[str, list[int]]] = {}
        for level in ("town", "community"):
            cores[level] = defaultdict(list)
            for table in (self.names[level], self.alias_names[level]):
                for name, nodes in table.items():
                    cores[level][core(name)] += nodes
        return cores

    @cached_property
    def _gaps(self) -> dict[str, dict[str, list[str]]]:
        """For each level, names by what is left when one character is taken out."""
        gaps: dict[str, dict[str, list[str]]] = {}
        for level in NAMED:
            gaps[level] = defaultdict(list)
            for name in {*self.names[level], *self.alias_names[level]}:
                for rest in _without_one(name):
                    gaps[level][rest].append(name)
        return gaps

    def near(self, level: str, written: str, typo: str) -> list[int]:
        """Nodes whose name could have become `written` by one typo of the kind, whoever wrote it."""
        gaps = self._gaps[level]
        candidates = {name for rest in _without_one(written) for name in gaps.get(rest, ())}
        candidates = {name for name in candidates if alike(typo, written, name)}
        return [node for name in sorted(candidates) for node in (*self.names[level].get(name, ()), *self.alias_names[level].get(name, ()))]

    def sounding(self, level: str, written: str) -> list[int]:
        """Nodes whose name or alias sounds the same."""
        return [
            node
            for name in self._sounds[level].get(sounds(written), ())
            for node in (*self.names[level].get(name, ()), *self.alias_names[level].get(name, ()))
        ]

    @cached_property
    def _sounds(self) -> dict[str, dict[str, list[str]]]:
        found: dict[str, dict[str, list[str]]] = {}
        for level in NAMED:
            found[level] = defaultdict(list)
            for name in sorted({*self.names[level], *self.alias_names[level]}):
                found[level][sounds(name)].append(name)
        return found

    def beginning(self, level: str, written: str) -> list[int]:
        """Nodes whose name begins with the same two characters."""
        return self._beginnings[level].get(written[:2], [])

    @cached_property
    def _beginnings(self) -> dict[str, dict[str, list[int]]]:
        found: dict[str, dict[str, list[int]]] = {}
        for level in NAMED:
            found[level] = defaultdict(list)
            for name, nodes in self.names[level].items():
                found[level][name[:2]] += nodes
        return found

    def within(self, nodes: Iterable[int], towns: Sequence[int] | None) -> list[int]:
        """Those of the nodes that lie in the towns; all where none is given."""
        if towns is None:
            return list(nodes)
        return [node for node in nodes if self.library.ancestor(node, "town") in towns]

    def walk(self, node: int, chain: Sequence[tuple[str, str]]) -> tuple[int, list[int]]:
        """Follow components below a node, over levels the text may leave out; returns how many were followed and where to."""
        reached = [node]
        for depth, (level, value) in enumerate(chain):
            label = self.library.label_of(level, value)
            following = [child for start in reached for child in self._step(start, level, label)]
            if not following:
                return depth, reached
            reached = following
        return len(chain), reached

    def _step(self, start: int, level: str, label: int) -> list[int]:
        if label < 0:
            return []
        child = self.library.child(start, label)
        if child >= 0:
            return [child]
        found = []
        own = int(self.library.level[start])
        if level == "house" and own == LEVEL["community"]:
            found = self.library.children(start, "natural_village")
        elif level == "lane" and own == LEVEL["road"]:
            found = self.library.children(start, "lane")
        elif level in ("building", "unit", "floor", "room") and own == LEVEL["house"]:
            found = self.library.children(start, "compound")
        elif level == "room" and own == LEVEL["building"]:
            found = self.library.children(start, "unit")
        return [child for child in (self.library.child(between, label) for between in found) if child >= 0]


def _without_one(name: str) -> set[str]:
    return {name, *(name[:place] + name[place + 1 :] for place in range(len(name)))}
