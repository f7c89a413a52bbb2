"""The library as arrays: one entry a node, parents before children."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from address_matching import LEVELS
from benchmarks.matching.chance import Ints

LEVEL = {name: number for number, name in enumerate(LEVELS)}
COMPONENTS = tuple("house_number" if level == "house" else level for level in LEVELS)
CODE_BITS = 26


def plain_building(value: str) -> str:
    """3幢, 3栋, 3座 and 3号楼 are one building; 3号厂房 and 3号宿舍楼 are others."""
    return re.sub(r"^([0-9A-Z]+)(?:幢|栋|座|号楼|#)$", r"\1", value)


class Words:
    """The distinct values of a component, by number."""

    def __init__(self) -> None:
        self.values: list[str] = []
        self.numbers: dict[str, int] = {}

    def number(self, value: str) -> int:
        """Number of a value; -1 for the empty one."""
        if not value:
            return -1
        found = self.numbers.get(value)
        if found is None:
            found = self.numbers[value] = len(self.values)
            self.values.append(value)
        return found


@dataclass(slots=True)
class _Block:
    level: int
    parents: Ints
    own: dict[int, Ints]


class Builder:
    """Collects blocks of nodes; `finish` joins them."""

    def __init__(self) -> None:
        self.words = [Words() for _ in LEVELS]
        self.size = 0
        self._blocks: list[_Block] = []

    def codes(self, level: str, values: Sequence[str]) -> Ints:
        """Numbers of component values."""
        number = self.words[LEVEL[level]].number
        return np.fromiter((number(value) for value in values), np.int64, len(values))

    def counted(self, level: str, numbers: Ints, form: str) -> Ints:
        """Numbers of component values made from integers by a form such as `{}号`."""
        distinct, inverse = np.unique(numbers, return_inverse=True)
        return self.codes(level, [form.format(number) for number in distinct.tolist()])[inverse]

    def add(self, level: str, parents: Ints, values: Ints | Sequence[str], **others: Ints | Sequence[str]) -> Ints:
        """Add a node for each parent. `values` are the components at its own level, `others` set further ones; the rest is the parent's."""
        given: Mapping[str, Ints | Sequence[str]] = {level: values, **others}
        own = {LEVEL[name]: value if isinstance(value, np.ndarray) else self.codes(name, value) for name, value in given.items()}
        self._blocks.append(_Block(LEVEL[level], np.asarray(parents, dtype=np.int64), own))
        self.size += len(parents)
        return np.arange(self.size - len(parents), self.size)

    def finish(self) -> "Library":
        """Join the blocks."""
        parent = np.concatenate([block.parents for block in self._blocks])
        level = np.repeat([block.level for block in self._blocks], [len(block.parents) for block in self._blocks]).astype(np.int64)
        codes = np.stack([self._resolved(number) for number in range(len(LEVELS))])
        return Library(parent, level, codes, [words.values for words in self.words])

    def _resolved(self, component: int) -> Ints:
        """Each node's value of a component: its own, else its parent's (which stands in an earlier block), else -1."""
        resolved = np.full(self.size, -1, dtype=np.int64)
        start = 0
        for block in self._blocks:
            stop = start + len(block.parents)
            inherited = np.where(block.parents >= 0, resolved[block.parents], -1)
            own = block.own.get(component)
            resolved[start:stop] = inherited if own is None else np.where(own >= 0, own, inherited)
            start = stop
        return resolved


@dataclass
class Library:
    """Arrays over nodes: `parent` (-1 at the top), `level`, and `codes[component]` into `words[component]`, -1 where there is none."""

    parent: Ints
    level: Ints
    codes: Ints
    words: list[list[str]]

    def __len__(self) -> int:
        return len(self.parent)

    def value(self, node: int, level: str) -> str:
        """Text of a component at a node, empty where there is none."""
        number = LEVEL[level]
        code = int(self.codes[number, node])
        return self.words[number][code] if code >= 0 else ""

    def own(self, node: int) -> str:
        """Text of the node's own component."""
        return self.value(node, LEVELS[int(self.level[node])])

    def path(self, node: int) -> list[int]:
        """The node and what it lies under, finest first."""
        found = []
        while node >= 0:
            found.append(node)
            node = int(self.parent[node])
        return found

    def at(self, level: str) -> Ints:
        """Nodes of a level."""
        return np.flatnonzero(self.level == LEVEL[level])

    def ancestor(self, node: int, level: str) -> int:
        """The node of a level that a node is or lies under, -1 for none."""
        number = LEVEL[level]
        while node >= 0 and int(self.level[node]) > number:
            node = int(self.parent[node])
        return node if node >= 0 and int(self.level[node]) == number else -1

    @cached_property
    def label(self) -> Ints:
        """Level and own component as one number, so that siblings differ in it; 3幢, 3栋 and 3号楼 have one label."""
        codes = self.codes[self.level, np.arange(len(self))]
        buildings = self.level == LEVEL["building"]
        codes[buildings] = self._building_numbers[codes[buildings]]
        return (self.level << (CODE_BITS - 4)) | codes

    @cached_property
    def _building_numbers(self) -> Ints:
        plain = Words()
        return np.array([plain.number(plain_building(value)) for value in self.words[LEVEL["building"]]], dtype=np.int64)

    @cached_property
    def _children(self) -> tuple[Ints, Ints]:
        key = (self.parent << CODE_BITS) | self.label
        order = np.argsort(key, kind="stable")
        return order, key[order]

    def label_of(self, level: str, value: str) -> int:
        """Label of a component value, -1 for one the library has nowhere."""
        code = self._numbers[LEVEL[level]].get(plain_building(value) if level == "building" else value, -1)
        return -1 if code < 0 else (LEVEL[level] << (CODE_BITS - 4)) | code

    @cached_property
    def _numbers(self) -> list[dict[str, int]]:
        numbers = [{value: number for number, value in enumerate(values)} for values in self.words]
        buildings = self.words[LEVEL["building"]]
        numbers[LEVEL["building"]] = dict(zip(map(plain_building, buildings), self._building_numbers.tolist(), strict=True))
        return numbers

    def child(self, node: int, label: int) -> int:
        """Child of a node with a label, -1 for none."""
        order, keys = self._children
        wanted = (node << CODE_BITS) | label
        found = int(np.searchsorted(keys, wanted))
        return int(order[found]) if label >= 0 and found < len(keys) and keys[found] == wanted else -1

    def children(self, node: int, level: str | None = None) -> list[int]:
        """Children of a node, of one level or all."""
        order, keys = self._children
        first = (node << CODE_BITS) | (LEVEL[level] << (CODE_BITS - 4) if level else 0)
        last = (node << CODE_BITS) | ((LEVEL[level] + 1) << (CODE_BITS - 4) if level else (1 << CODE_BITS) - 1)
        found: list[int] = order[np.searchsorted(keys, first) : np.searchsorted(keys, last)].tolist()
        return found
