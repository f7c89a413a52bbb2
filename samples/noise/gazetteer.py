"""What a writer of addresses knows about the city: roads, compounds and villages by name, old names of towns."""

from collections import defaultdict
from functools import cached_property

import numpy as np

from samples.world.city import Alias, City
from samples.world.library import LEVEL, Kind, Library


class Gazetteer:
    """Look-ups over a library that the variations need."""

    def __init__(self, city: City, library: Library, aliases: list[Alias]) -> None:
        self.city = city
        self.library = library
        self.aliases = aliases

    def _named(self, level: str, component: str) -> dict[str, list[int]]:
        nodes = np.flatnonzero(self.library.level == LEVEL[level])
        found: dict[str, list[int]] = defaultdict(list)
        for node, name in zip(nodes.tolist(), self.library.values(component, nodes).tolist(), strict=True):
            found[name].append(node)
        return found

    @cached_property
    def roads(self) -> dict[str, list[int]]:
        """Road nodes by name."""
        return self._named("road", "road")

    @cached_property
    def compounds(self) -> dict[str, list[int]]:
        """Compound nodes by name."""
        return self._named("compound", "compound")

    @cached_property
    def communities(self) -> dict[str, list[int]]:
        """Community nodes by name."""
        return self._named("community", "community")

    @cached_property
    def towns(self) -> dict[str, int]:
        """Town nodes by name."""
        return {name: nodes[0] for name, nodes in self._named("town", "town").items()}

    @cached_property
    def county(self) -> int:
        """The county's node."""
        return int(np.flatnonzero(self.library.level == LEVEL["county"])[0])

    @cached_property
    def public_places(self) -> list[int]:
        """Schools, markets and the like."""
        found: list[int] = self.library.nodes(Kind.PUBLIC_PLACE).tolist()
        return found

    @cached_property
    def old_names(self) -> dict[tuple[str, str], list[Alias]]:
        """Aliases by kind and standard name."""
        found: dict[tuple[str, str], list[Alias]] = defaultdict(list)
        for alias in self.aliases:
            found[alias.kind, alias.name].append(alias)
        return found

    @cached_property
    def successors(self) -> dict[str, set[str]]:
        """Present towns by old town name."""
        found: dict[str, set[str]] = defaultdict(set)
        for alias in self.aliases:
            if alias.kind == "town":
                found[alias.alias].add(alias.name)
        return found

    @cached_property
    def alias_texts(self) -> dict[str, int]:
        """How many standard names of compounds and communities an alias stands for."""
        found: dict[str, int] = defaultdict(int)
        for alias in self.aliases:
            found[alias.alias] += 1
        return found

    def door(self, road: int, number: str) -> int | None:
        """The door with this number on a road or in a lane."""
        for node in self.library.children(road).tolist():
            if self.library.level[node] == LEVEL["house"] and self.library.value("house_number", node) == number:
                return int(node)
        return None

    def children(self, node: int, level: str) -> list[int]:
        """Children of one level."""
        nodes = self.library.children(node)
        found: list[int] = nodes[self.library.level[nodes] == LEVEL[level]].tolist()
        return found
