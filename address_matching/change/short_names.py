"""Names of compounds cut short (context.py): what a text has that may be short for a compound that is not the same in two indexes."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

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
    compounds = _in_force(index)
    asked = compounds[touched[compounds]]
    others: dict[int, list[str]] = defaultdict(list)
    for node in compounds[~touched[compounds] & np.isin(_towns(index, compounds), _towns(index, asked))].tolist():
        others[index.town[node]].append(index.label(node))
    needles = set()
    for node in asked.tolist():
        name, beside = index.label(node), others[index.town[node]]
        own, cores = core(name, index.scope), [core(other, index.scope) for other in beside]
        needles.add(exactly(_telling(own, range(_LEAST_OF_CORE, len(own)), lambda text, size: text[:size], cores)))
        needles.add(exactly(_telling(name, range(_LEAST_OF_END, len(name)), lambda text, size: text[-size:], beside)))
    return needles


def _telling(name: str, sizes: Iterable[int], cut: Callable[[str, int], str], others: Sequence[str]) -> str:
    """The shortest part of a name that may mean it: one that several others of the town have, whatever else, means none of them."""
    for size in sizes:
        if sum(cut(other, size) == cut(name, size) for other in others) < _SEVERAL:
            return cut(name, size)
    return name


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
