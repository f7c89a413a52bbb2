"""What two indexes have in common: nodes that are one and the same in both, and nodes from which something else is seen."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from address_matching.index import ADDRESS_COLUMNS, AddressIndex
from address_matching.model import LANE, LEVELS, NATURAL_VILLAGE, TOWN

Flags = NDArray[np.bool_]
Nodes = NDArray[np.int64]

_KEPT_FACTS = tuple(name for name in ADDRESS_COLUMNS if name not in ("address_id", "full_text"))


class Seen(NamedTuple):
    """Nodes of one index, flagged. `changed`: not the same in the other; `moved`: changed, or below one that is.

    `touched`: moved, or a look-up that goes down from it may come to a node that is changed.
    """

    changed: Flags
    moved: Flags
    touched: Flags


class Comparison(NamedTuple):
    """`same`: for each node of the old index its counterpart in the new one, -1 where it has changed."""

    same: Nodes
    old: Seen
    new: Seen


def compare_nodes(old: AddressIndex, new: AddressIndex) -> Comparison:
    """Compare the nodes of two indexes.

    Two nodes are the same if they agree in address id, level, label, parent, town, community, validity, position and division code:
    in all that a look-up can ask of a single node.
    """
    same = _counterparts(old, new)
    kept = np.zeros(len(new.parent), bool)
    kept[same[same >= 0]] = True
    return Comparison(same, _seen(old, same < 0), _seen(new, ~kept))


def _counterparts(old: AddressIndex, new: AddressIndex) -> Nodes:
    ids = pc.index_in(old.addresses.column("address_id"), value_set=new.addresses.column("address_id").combine_chunks())
    of_id = np.asarray(pc.fill_null(ids, -1).combine_chunks().to_numpy(), np.int64)
    before = np.flatnonzero(of_id >= 0)
    after = of_id[before]
    agree = _labels_agree(old, new, before, after)
    for ours, theirs in ((old.valid_from, new.valid_from), (old.valid_to, new.valid_to)):
        agree &= np.asarray(ours)[before] == np.asarray(theirs)[after]
    for ours, theirs in ((old.parent, new.parent), (old.town, new.town), (old.community, new.community)):
        nodes = np.asarray(ours, np.int64)[before]
        agree &= np.where(nodes >= 0, of_id[np.maximum(nodes, 0)], -1) == np.asarray(theirs)[after]
    for name in _KEPT_FACTS:
        agree &= _equal(_column(old, name, before), _column(new, name, after))
    same = np.full(len(of_id), -1, np.int64)
    same[before[agree]] = after[agree]
    return same


def _labels_agree(old: AddressIndex, new: AddressIndex, before: Nodes, after: Nodes) -> Flags:
    levels = np.asarray(old.level)[before]
    ours, theirs = old.label_of[before], new.label_of[after]
    agree = levels == np.asarray(new.level)[after]
    for level, labels in enumerate(old.labels):
        numbers = np.array([new.label_numbers[level].get(label, -1) for label in labels] or [-1])
        at = np.flatnonzero(agree & (levels == level))
        agree[at] = numbers[ours[at]] == theirs[at]
    return np.asarray(agree, bool)


def _column(index: AddressIndex, name: str, nodes: Nodes) -> pa.ChunkedArray | pa.Array:
    if name not in index.addresses.column_names:
        return pa.nulls(len(nodes), pa.string())
    column = index.addresses.column(name).take(pa.array(nodes))
    return column if pa.types.is_floating(column.type) else column.cast(pa.string())


def _equal(one: pa.ChunkedArray | pa.Array, other: pa.ChunkedArray | pa.Array) -> Flags:
    both_absent = pc.and_(pc.is_null(one), pc.is_null(other))
    equal: Flags = pc.or_(pc.fill_null(pc.equal(one, other), False), both_absent).to_numpy(zero_copy_only=False)
    return equal


def _seen(index: AddressIndex, changed: Flags) -> Seen:
    parent, level = np.asarray(index.parent), np.asarray(index.level)
    of_level = [np.flatnonzero((level == each) & (parent >= 0)) for each in range(len(LEVELS))]
    moved = changed.copy()
    for nodes in of_level:
        moved[nodes] |= moved[parent[nodes]]
    leading = changed.copy()
    for each in range(len(LEVELS) - 1, -1, -1):
        if each >= LANE or each == NATURAL_VILLAGE:  # what stands among the children of its parent
            above = parent[of_level[each][leading[of_level[each]]]]
            leading[above[level[above] > TOWN]] = True  # no look-up goes down from a town
    return Seen(changed, moved, moved | leading)
