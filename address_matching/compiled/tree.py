"""The nodes of the library in compiled code: parents, labels, and children by (level, label)."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.hashing import Characters, HashTable, Ints, Keys, find, hash_of, mix
from address_matching.compiled.kernel import compiled
from address_matching.model import HOUSE

LABEL_BITS = 27


class Nodes(NamedTuple):
    """One entry a node: parent (before its children, -1 at the top), level, label, town, community, valid_to.

    Children of node n are child[start[n]:start[n + 1]], sorted by key (level << LABEL_BITS | label). Labels of all levels lie end to
    end: label l of a level is text[text_start[base[level] + l]:text_start[base[level] + l + 1]]; by_text finds l by level and text.
    """

    parent: Ints
    level: NDArray[np.int8]
    label: Ints
    town: Ints
    community: Ints
    valid_to: Ints
    start: Ints
    key: Ints
    child: Ints
    base: Ints
    text: Characters
    text_start: Ints
    by_text: HashTable


@compiled
def label_key(text: Characters, start: int, end: int, level: int) -> int:
    return mix(hash_of(text, start, end), level)


@compiled
def label_of(text: Characters, start: int, end: int, level: int, nodes: Nodes) -> int:
    """Return the label at a level that reads text[start:end], -1 if the library has none."""
    return find(nodes.by_text, label_key(text, start, end, level))


@compiled
def first_child(node: int, wanted: int, nodes: Nodes) -> int:
    """Return the position of the first child of a node with a key not below `wanted`."""
    low, high = np.int64(nodes.start[node]), np.int64(nodes.start[node + 1])
    while low < high:
        middle = (low + high) >> 1
        if nodes.key[middle] < wanted:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def add_children(node: int, level: int, label: int, nodes: Nodes, out: Keys, count: int) -> int:
    """Append the children of a node with a label to out[count:]; returns the new count, -1 if there are too many."""
    wanted = level << LABEL_BITS | label
    at = first_child(node, wanted, nodes)
    end = nodes.start[node + 1]
    while at < end and nodes.key[at] == wanted:
        if count == len(out):
            return -1
        out[count] = nodes.child[at]
        count += 1
        at += 1
    return count


@compiled
def has_children_at(node: int, level: int, nodes: Nodes) -> bool:
    at = first_child(node, level << LABEL_BITS, nodes)
    return at < nodes.start[node + 1] and nodes.key[at] < (level + 1) << LABEL_BITS


@compiled
def ancestor(node: int, level: int, nodes: Nodes) -> int:
    """Return the ancestor (or the node itself) at a level, -1 for none."""
    at = np.int64(node)
    while at >= 0 and nodes.level[at] > level:
        at = np.int64(nodes.parent[at])
    return at if at >= 0 and nodes.level[at] == level else -1


@compiled
def is_under(node: int, above: int, nodes: Nodes) -> bool:
    at = np.int64(node)
    while at > above:
        at = np.int64(nodes.parent[at])
    return at == above


@compiled
def label_place(node: int, nodes: Nodes) -> tuple[int, int]:
    """Return where the text of a node's label begins and ends."""
    at = nodes.base[nodes.level[node]] + nodes.label[node]
    return np.int64(nodes.text_start[at]), np.int64(nodes.text_start[at + 1])


@compiled
def may_be_cut(node: int, nodes: Nodes) -> bool:
    """Whether another number beside a plate or building begins with its digits: 安阳路5 may be 安阳路55号 cut short."""
    level = np.int64(nodes.level[node])
    first, last = label_place(node, nodes)
    parent = np.int64(nodes.parent[node])
    at = first_child(parent, level << LABEL_BITS, nodes)
    while at < nodes.start[parent + 1] and nodes.key[at] < (level + 1) << LABEL_BITS:
        other, end = label_place(np.int64(nodes.child[at]), nodes)
        if end - other > last - first and 48 <= nodes.text[other + last - first] <= 57:
            same = True
            for position in range(last - first):
                same = same and nodes.text[first + position] == nodes.text[other + position]
            if same:
                return True
        at += 1
    return False


__all__ = ["HOUSE", "Nodes"]
