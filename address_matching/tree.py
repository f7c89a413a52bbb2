"""The library as a tree: one node for each distinct address, made from the components of its rows."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from address_matching.canonical import canonical
from address_matching.compiled.hashing import distinct_and_ranks
from address_matching.model import (
    COMMUNITY,
    COMPONENTS,
    FLOOR,
    LANE,
    LEVELS,
    NATURAL_VILLAGE,
    PROVINCE,
    ROAD,
    ROOM,
    TOWN,
    ZONE,
)

Ints = NDArray[np.int32]


class Labels(NamedTuple):
    """Canonical labels of one component in sorted order, one spelling for each, and the label of each row (-1: none)."""

    names: list[str]
    spellings: list[str]
    of_row: Ints


@dataclass(frozen=True, slots=True)
class Tree:
    """Nodes in an order where every parent stands before its children.

    `parent`, `level`, `label` have one entry a node (parent -1 at the top); `node_of_row` one a library row (-1 where a row
    lacks the component of its own level); `community_of_row` gives the community node of a row or -1.
    """

    parent: Ints
    level: Ints
    label: Ints
    node_of_row: Ints
    community_of_row: Ints
    labels: tuple[Labels, ...]


def build_tree(library: pa.Table) -> Tree:
    """Build the tree of a library table whose component columns are filled."""
    labels = tuple(_labels(level, library.column(COMPONENTS[level])) for level in range(len(LEVELS)))
    nodes = _Nodes()
    rows = library.num_rows
    at_level = np.full((len(LEVELS), rows), -1, dtype=np.int32)
    deepest = np.full(rows, -1, dtype=np.int32)
    for level in range(PROVINCE, TOWN + 1):
        at_level[level] = nodes.add(level, deepest, labels[level].of_row)
        deepest = _deeper(deepest, at_level[level])
    at_level[COMMUNITY] = nodes.add(COMMUNITY, deepest, labels[COMMUNITY].of_row)
    village = _deeper(deepest, at_level[COMMUNITY])
    at_level[NATURAL_VILLAGE] = nodes.add(NATURAL_VILLAGE, village, labels[NATURAL_VILLAGE].of_row)
    village = _deeper(village, at_level[NATURAL_VILLAGE])
    at_level[ZONE] = nodes.add(ZONE, deepest, labels[ZONE].of_row)
    at_level[ROAD] = nodes.add(ROAD, deepest, labels[ROAD].of_row)
    deepest = _deeper(_deeper(village, at_level[ZONE]), at_level[ROAD])
    for level in range(LANE, ROOM + 1):
        of_row = labels[level].of_row
        if level == FLOOR:  # a room's number already tells its floor
            of_row = np.where(labels[ROOM].of_row >= 0, np.int32(-1), of_row)
        at_level[level] = nodes.add(level, deepest, of_row)
        deepest = _deeper(deepest, at_level[level])
    row_level = row_levels(library)
    return Tree(
        parent=np.concatenate(nodes.parents),
        level=np.concatenate(nodes.levels),
        label=np.concatenate(nodes.labels),
        node_of_row=at_level[row_level, np.arange(rows)],
        community_of_row=at_level[COMMUNITY],
        labels=labels,
    )


def _deeper(above: Ints, below: Ints) -> Ints:
    return np.where(below >= 0, below, above)


def row_levels(library: pa.Table) -> Ints:
    """Return the level of each row."""
    encoded = pc.index_in(library.column("level"), value_set=pa.array(LEVELS))
    return encoded.combine_chunks().to_numpy().astype(np.int32) if library.num_rows else np.zeros(0, dtype=np.int32)


class _Nodes:
    def __init__(self) -> None:
        self.count = 0
        self.parents: list[Ints] = [np.zeros(0, dtype=np.int32)]
        self.levels: list[Ints] = [np.zeros(0, dtype=np.int32)]
        self.labels: list[Ints] = [np.zeros(0, dtype=np.int32)]

    def add(self, level: int, parent: Ints, label: Ints) -> Ints:
        """Make a node for each distinct (parent, label) with a label; return the node of each row or -1."""
        present = label >= 0
        pairs = ((parent[present].astype(np.int64) + 1) << 32) + label[present] + 1
        distinct, places = distinct_and_ranks(pairs)
        distinct -= 1
        self.parents.append((distinct >> 32).astype(np.int32) - 1)
        self.labels.append((distinct & 0xFFFFFFFF).astype(np.int32))
        self.levels.append(np.full(len(distinct), level, dtype=np.int32))
        node = np.full(len(label), -1, dtype=np.int32)
        node[present] = places + self.count
        self.count += len(distinct)
        return node


def _labels(level: int, column: pa.ChunkedArray) -> Labels:
    encoded = column.combine_chunks().dictionary_encode()
    values = encoded.dictionary.to_pylist()
    keys = [canonical(level, value) for value in values]
    spelling: dict[str, str] = {}
    for key, value in zip(keys, values, strict=True):
        if key and (key not in spelling or value < spelling[key]):
            spelling[key] = value
    names = sorted(spelling)
    number = {name: position for position, name in enumerate(names)}
    remap = np.array([number.get(key, -1) for key in keys] + [-1], dtype=np.int32)
    indices = encoded.indices.fill_null(len(values)).to_numpy(zero_copy_only=False)
    return Labels(names, [spelling[name] for name in names], remap[indices])


def ancestors_at(tree_parent: Ints, tree_level: Ints, level: int) -> Ints:
    """Return for each node its ancestor (or itself) at a level, -1 where it has none."""
    ancestor = np.where(tree_level == level, np.arange(len(tree_parent), dtype=np.int32), np.int32(-1))
    for deeper in range(level + 1, len(LEVELS)):
        at = np.flatnonzero(tree_level == deeper)
        parents = tree_parent[at]
        ancestor[at] = np.where(parents >= 0, ancestor[parents], -1)
    return ancestor
