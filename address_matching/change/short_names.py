"""Names of compounds cut short (context.py): what a text has that may be short for a compound that is not the same in two indexes."""

from collections import Counter, defaultdict

import numpy as np

from address_matching.change.needles import Needle, exactly
from address_matching.change.nodes import Comparison, Flags, Nodes
from address_matching.context import core
from address_matching.index import AddressIndex
from address_matching.model import COMPOUND
from address_matching.tokens import LAST_DAY

_LEAST_OF_CORE, _LEAST_OF_END = 2, 4
_SEVERAL = 2


def needles_of_short_names(old: AddressIndex, new: AddressIndex, nodes: Comparison) -> set[Needle]:
    """Return needles for compounds that are touched, and for names that several towns have where the towns come in another order now."""
    needles = _of_touched(old, nodes.old.touched) | _of_touched(new, nodes.new.touched)
    before, after = nodes.same[_towns_in_order(old)], _towns_in_order(new)
    if not np.array_equal(before[np.isin(before, after)], after[np.isin(after, before)]):
        needles |= _of_several_towns(old) | _of_several_towns(new)
    return needles


def _of_touched(index: AddressIndex, touched: Flags) -> set[Needle]:
    """A part of a name that several others of the town have, whatever else, means none of them: it takes more to mean one."""
    compounds = _in_force(index)
    asked = compounds[touched[compounds]]
    beside = compounds[~touched[compounds] & np.isin(_towns(index, compounds), _towns(index, asked))]
    needles = set()
    for parts_of in (_beginnings, _ends):
        shared: dict[int, Counter[str]] = defaultdict(Counter)
        for node in beside.tolist():
            shared[index.town[node]].update(parts_of(index, node))
        for node in asked.tolist():
            parts, others = parts_of(index, node), shared[index.town[node]]
            needles.add(exactly(next((part for part in parts if others[part] < _SEVERAL), parts[-1])))
    return needles


def _beginnings(index: AddressIndex, node: int) -> list[str]:
    """The beginnings of a compound's distinctive part that may be short for it, the shortest first."""
    name = core(index.label(node), index.scope)
    return [name[:size] for size in range(min(_LEAST_OF_CORE, len(name)), len(name) + 1)]


def _ends(index: AddressIndex, node: int) -> list[str]:
    """The ends of a compound's name that may be short for it, the shortest first."""
    name = index.label(node)
    return [name[-size:] for size in range(min(_LEAST_OF_END, len(name)), len(name) + 1)]


def _of_several_towns(index: AddressIndex) -> set[Needle]:
    """The distinctive parts that compounds of several towns share: what they mean comes in the order of the towns."""
    towns: dict[str, set[int]] = defaultdict(set)
    for node in _in_force(index).tolist():
        towns[core(index.label(node), index.scope)].add(index.town[node])
    return {exactly(text) for text, found in towns.items() if len(found) > 1}


def _towns_in_order(index: AddressIndex) -> Nodes:
    """Towns with compounds in the order in which the first of these stand."""
    towns = _towns(index, _in_force(index))
    different, first = np.unique(towns, return_index=True)
    ordered = different[np.argsort(first)]
    return ordered[ordered >= 0]


def _in_force(index: AddressIndex) -> Nodes:
    return np.flatnonzero((np.asarray(index.level) == COMPOUND) & (np.asarray(index.valid_to) == LAST_DAY))


def _towns(index: AddressIndex, nodes: Nodes) -> Nodes:
    return np.asarray(index.town, np.int64)[nodes]
