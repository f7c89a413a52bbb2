"""The standard address library as arrays: one entry a node, parents before children."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

import numpy as np

from samples.randomness import Floats, Ints, Objects

COMPONENTS = (
    "province", "city", "county", "town", "community", "natural_village", "zone", "road", "lane",
    "house_number", "compound", "building", "unit", "floor", "room",
)  # fmt: skip
LEVELS = (
    "province", "city", "county", "town", "community", "natural_village", "zone", "road", "lane",
    "house", "compound", "building", "unit", "floor", "room",
)  # fmt: skip
LEVEL = {name: number for number, name in enumerate(LEVELS)}
IN_USE, RETIRED = "在用", "停用"


class Kind(IntEnum):
    """What a node is to the people who write its address down."""

    AREA = 0
    ROAD_DOOR = 1
    LANE_DOOR = 2
    VILLAGE_DOOR = 3
    FLAT = 4
    TOWER_ROOM = 5
    SHOP = 6
    GARAGE = 7
    ZONE_BUILDING = 8
    PUBLIC_PLACE = 9
    DORMITORY_ROOM = 10
    GATE = 11
    BASEMENT = 12
    BUILDING = 13


class Vocabulary:
    """The distinct values of a component, by number."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self.numbers: dict[str, int] = {}

    def number(self, value: str) -> int:
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = len(self.values)
            self.values.append(value)
        return found


@dataclass(slots=True)
class _Block:
    level: int
    kind: int
    parents: Ints
    lon: Floats
    lat: Floats
    own: dict[str, Ints]


class LibraryBuilder:
    """Collects blocks of nodes; `finish` joins them."""

    def __init__(self) -> None:
        self.blocks: list[_Block] = []
        self.size = 0
        self.vocabularies = {component: Vocabulary() for component in COMPONENTS}

    def add(self, level: str, kind: Kind, parents: Ints, lon: Floats, lat: Floats, **own: str | Sequence[str]) -> Ints:
        """Add one node for each parent; `own` gives components set here, the others are the parent's."""
        count = len(parents)
        numbers = {}
        for component, values in own.items():
            number = self.vocabularies[component].number
            if isinstance(values, str):
                numbers[component] = np.full(count, number(values), dtype=np.int32)
            else:
                numbers[component] = np.fromiter((number(value) if value else -1 for value in values), np.int32, count)
        self.blocks.append(_Block(LEVEL[level], kind, parents, lon, lat, numbers))
        self.size += count
        return np.arange(self.size - count, self.size)

    def finish(self, code: str) -> "Library":
        """Join the blocks; `code` begins every address id."""
        blocks = self.blocks
        sizes = [len(block.parents) for block in blocks]
        parent = np.concatenate([block.parents for block in blocks]).astype(np.int32)
        components = {component: self._resolved(component, parent) for component in COMPONENTS}
        return Library(
            code=code,
            parent=parent,
            level=np.repeat([block.level for block in blocks], sizes).astype(np.int8),
            kind=np.repeat([int(block.kind) for block in blocks], sizes).astype(np.int8),
            lon=np.concatenate([block.lon for block in blocks]).round(6),
            lat=np.concatenate([block.lat for block in blocks]).round(6),
            components=components,
            vocabularies={name: vocabulary.values for name, vocabulary in self.vocabularies.items()},
            former_number={},
            retired=np.zeros(self.size, dtype=np.bool_),
            overlay=np.full(self.size, -1, dtype=np.int8),
        )

    def _resolved(self, component: str, parent: Ints) -> Ints:
        """The component's value number at each node: its own, else its parent's, else -1.

        Parents stand in earlier blocks, so one pass over the blocks in order is enough.
        """
        resolved = np.full(self.size, -1, dtype=np.int32)
        start = 0
        for block in self.blocks:
            stop = start + len(block.parents)
            inherited = np.where(block.parents >= 0, resolved[block.parents], -1)
            own = block.own.get(component)
            resolved[start:stop] = inherited if own is None else np.where(own >= 0, own, inherited)
            start = stop
        return resolved


@dataclass(slots=False)
class Library:
    """Arrays over nodes; `components` hold value numbers into `vocabularies`, -1 where there is none."""

    code: str
    parent: Ints
    level: Ints
    kind: Ints
    lon: Floats
    lat: Floats
    components: dict[str, Ints]
    vocabularies: dict[str, list[str]]
    former_number: dict[int, str]
    retired: Objects
    overlay: Ints
    overlay_names: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.parent)

    def values(self, component: str, nodes: Ints | slice = slice(None)) -> Objects:
        """Texts of a component at the nodes, empty where there is none."""
        vocabulary = np.array([*self.vocabularies[component], ""], dtype=object)
        return vocabulary[self.components[component][nodes]]

    def value(self, component: str, node: int) -> str:
        """Text of a component at one node, empty where there is none."""
        number = int(self.components[component][node])
        return self.vocabularies[component][number] if number >= 0 else ""

    def address_id(self, node: int) -> str:
        """The node's address id."""
        return f"{self.code}{node:09d}"

    @cached_property
    def in_village(self) -> Objects:
        """Whether the community is part of the address text: no road and no zone stands in for it."""
        by_name = (self.components["road"] < 0) & (self.components["zone"] < 0)
        return by_name & (self.components["community"] >= 0)

    @cached_property
    def full_text(self) -> list[str]:
        """The standard text of each node."""
        text = np.full(len(self), "", dtype=object)
        for component in COMPONENTS:
            values = self.values(component)
            if component == "community":
                values = np.where(self.in_village, values, "")
            if component == "floor":
                values = np.where(self.level == LEVEL["floor"], values, "")
            text = text + values
        return [str(value) for value in text]

    @cached_property
    def _children(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.parent, kind="stable")
        starts = np.searchsorted(self.parent[order], np.arange(len(self) + 1))
        return order, starts

    @cached_property
    def door_of(self) -> Ints:
        """The door each node lies behind, itself for doors and everything coarser."""
        door = np.arange(len(self))
        for level in range(LEVEL["house"] + 1, len(LEVELS)):
            nodes = np.flatnonzero(self.level == level)
            parents = self.parent[nodes]
            behind = self.level[door[parents]] == LEVEL["house"]
            door[nodes] = np.where(behind, door[parents], nodes)
        return door

    def children(self, node: int) -> Ints:
        """The nodes whose parent is `node`, in order."""
        order, starts = self._children
        return order[starts[node] : starts[node + 1]]

    def nodes(self, *kinds: Kind) -> Ints:
        """The nodes of the kinds, in order."""
        return np.flatnonzero(np.isin(self.kind, [int(kind) for kind in kinds]))
