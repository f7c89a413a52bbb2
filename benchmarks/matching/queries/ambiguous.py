"""Texts that fit several addresses equally well: what is written leaves out exactly what tells them apart."""

import re
from collections import defaultdict
from collections.abc import Callable
from random import Random

from benchmarks.matching.library.nodes import LEVEL
from benchmarks.matching.queries.world import NAMED, World

Found = tuple[str, list[int]]
_MOST = 8


def _openings(rng: Random) -> str:
    return rng.choice(["瑞安市", "浙江省温州市瑞安市", "瑞安", "", "浙江省瑞安市"])


class Ambiguities:
    """Names that several things bear, and how to ask for one of them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.roads = {
            name: nodes for name, nodes in world.names["road"].items() if len(nodes) > 1 and name not in world.alias_names["road"]
        }
        self.compounds = {
            name: nodes for name, nodes in world.names["compound"].items() if len(nodes) > 1 and name not in world.alias_names["compound"]
        }
        self.directions = self._groups("road", r"(.{2,})[东西南北中]((?:大道|路|街))")
        self.phases = self._groups("compound", r"(.{3,})(?:[一二三]期|[东西南北AB]区)()")
        self.suffixes = self._groups("road", r"(.{2,}?)(?:大道|路|街|巷)()")

    def _groups(self, level: str, pattern: str) -> dict[tuple[int, str], list[int]]:
        """Nodes of one town whose names become equal when a part is taken out, where nothing bears what is left."""
        groups: dict[tuple[int, str], list[int]] = defaultdict(list)
        for name, nodes in self.world.names[level].items():
            match = re.fullmatch(pattern, name)
            if match and not self._is_name(match[1] + match[2]):
                for node in nodes:
                    groups[(self.world.library.ancestor(node, "town"), match[1] + match[2])].append(node)
        return {key: nodes for key, nodes in groups.items() if len(nodes) > 1}

    def _is_name(self, name: str) -> bool:
        """Whether something in the library may be called that, so that the text would mean it."""
        return any(self.world.exact(level, name) for level in NAMED)

    def _below(self, nodes: list[int], rng: Random, level: str) -> tuple[str, list[int]] | None:
        """A component that at least two of the nodes have below them, and where."""
        library = self.world.library
        children = library.children(nodes[rng.randrange(len(nodes))], level)
        if not children:
            return None
        own = children[rng.randrange(len(children))]
        found = [library.child(node, int(library.label[own])) for node in nodes]
        found = [node for node in found if node >= 0]
        return (library.own(own), found) if 2 <= len(found) <= _MOST else None

    def same_road(self, rng: Random) -> Found | None:
        """A road of several towns, without the town."""
        name = rng.choice(list(self.roads))
        below = self._below(self.roads[name], rng, "house")
        return (_openings(rng) + name + below[0], below[1]) if below else None

    def same_compound(self, rng: Random) -> Found | None:
        if not self.compounds:
            return None
        name = rng.choice(list(self.compounds))
        nodes = self.compounds[name]
        below = self._below(nodes, rng, "building") if rng.random() < 0.7 else ("", nodes)
        return (_openings(rng) + name + below[0], below[1]) if below and len(below[1]) <= _MOST else None

    def direction_missing(self, rng: Random) -> Found | None:
        """隆山路558号 where both 隆山东路 and 隆山西路 have it."""
        return self._of_group(self.directions, rng, "house")

    def phase_missing(self, rng: Random) -> Found | None:
        return self._of_group(self.phases, rng, "building")

    def suffix_missing(self, rng: Random) -> Found | None:
        """解放8号 where both 解放路 and 解放街 have it."""
        return self._of_group(self.suffixes, rng, "house")

    def _of_group(self, groups: dict[tuple[int, str], list[int]], rng: Random, level: str) -> Found | None:
        if not groups:
            return None
        town, name = rng.choice(list(groups))
        below = self._below(groups[(town, name)], rng, level)
        if below is None or int(self.world.library.level[below[1][0]]) != LEVEL[level]:
            return None
        return _openings(rng) + self.world.library.own(town) + name + below[0], below[1]

    def kinds(self) -> dict[str, Callable[[Random], Found | None]]:
        """The kinds by name."""
        return {
            "same_road": self.same_road,
            "same_compound": self.same_compound,
            "direction_missing": self.direction_missing,
            "phase_missing": self.phase_missing,
            "suffix_missing": self.suffix_missing,
        }
