"""Names that the library lacks, taken for what their surroundings have: hamlets of the village, compounds of the plate, village or town."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from address_matching.fuzzy import difference
from address_matching.index import AddressIndex
from address_matching.model import COMPOUND, NATURAL_VILLAGE, Scope
from address_matching.numerals import CHARACTERS, to_arabic
from address_matching.place import Place
from address_matching.tokens import LAST_DAY, Name
from address_matching.words import suffixes

Meant = list[tuple[int, str]]
"""Nodes a name may mean, each with the fault by which the name differs."""

_GENERIC = re.compile(f"(?:{'|'.join(map(re.escape, suffixes('compound_generic')))})+$")
_ORGANISATION = re.compile(f"(?:{'|'.join(map(re.escape, suffixes('organisation')))})+$")
_NEARNESS = ("suffix", "wildcard", "homophone", "similar_shape", "swapped", "extra", "dropped", "truncated", "changed_at_plate")
_COLLOQUIAL = "小区"
_DISTINCTIVE = 4
"""Characters that tell a name from all others of a town without any number."""
_cores: WeakKeyDictionary[AddressIndex, dict[int, dict[str, list[int]]]] = WeakKeyDictionary()


def with_context(index: AddressIndex, place: Place, text: str, villages: Sequence[int], towns: Iterable[int]) -> Place | None:
    """Return a place whose unknown name is taken for what it can mean among the hamlets and compounds of its villages, else of its towns.

    None if it can mean nothing there. Without a town all towns count.
    """
    hamlets = among(index, villages, NATURAL_VILLAGE, text)
    if hamlets:
        numbers = [*place.before, *place.after]
        named = Name(text, dict(hamlets))
        return replace(place, naturals=named, compound=None, unknown_compound="", unknown_road="", before=numbers, after=[])
    if place.unknown_road:
        return None
    compounds = among(index, villages, COMPOUND, text) or _abbreviated(index, towns, text)
    return replace(place, compound=Name(text, dict(compounds)), unknown_compound="") if compounds else None


def among(index: AddressIndex, parents: Sequence[int], level: int, text: str) -> Meant:
    """Return the children of nodes at a level whose name a text spells with one fault, cuts short or gives another generic part.

    Only those with the slightest fault.
    """
    forms = (text, text[:-1] + to_arabic(text[-1])) if text[-1] in CHARACTERS else (text,)
    found: Meant = []
    for parent in parents:
        for node in index.children_at(parent, level):
            fault = _fault(text, forms, index.label(node), level, index.scope)
            if fault:
                found.append((node, fault))
    nearest = min((_NEARNESS.index(fault) for _, fault in found), default=0)
    return [(node, fault) for node, fault in found if _NEARNESS.index(fault) == nearest]


def _fault(text: str, forms: tuple[str, ...], label: str, level: int, scope: Scope) -> str:
    if level == COMPOUND:
        if len(text) > 1 and (label.startswith(forms) or _without_division(label, scope).startswith(forms)):
            return "truncated"
        if core(label, scope) == core(text, scope):
            return "suffix"
    fault = difference(text, label) or difference(text, _without_division(label, scope)) or _in_short_name(text, label)
    if fault in ("direction_missing", "stem", "truncated"):
        return ""
    return "changed_at_plate" if fault == "changed" else fault


def _in_short_name(text: str, label: str) -> str:
    """Slips that are told from other names only where few names are possible: two characters swapped, one doubled."""
    if len(text) == len(label) < 4:
        exchanged = (label[:at] + label[at + 1] + label[at] + label[at + 2 :] for at in range(len(label) - 1))
        return "swapped" if text in exchanged else ""
    doubled = len(label) == 2 and len(text) == 3 and any(text == label[:at] + label[at] + label[at:] for at in range(2))
    return "extra" if doubled else ""


def _abbreviated(index: AddressIndex, towns: Iterable[int], text: str) -> Meant:
    """The compounds that a name without generic part, or with the colloquial 小区, is short for; a part of a name only where it is one's alone."""
    short = text.removesuffix(_COLLOQUIAL)
    if len(short) < 2:
        return []
    towns = list(towns)
    cores = [_cores_of(index).get(town, {}) for town in towns]
    if core(short, index.scope) == short:
        fault = "stem" if len(short) >= _DISTINCTIVE else "abbreviated"
        whole = [(node, fault) for by_core in cores for node in by_core.get(short, ())]
        if whole:
            return whole
    firms = [node for by_core in cores for node in by_core.get(core(text, index.scope), ()) if index.label(node).endswith(text)]
    if firms:
        return [(node, "stem") for node in firms]  # 瑞安市 left out before the name of a firm
    parts = [node for by_core in cores for known, nodes in by_core.items() if known.startswith(short) for node in nodes]
    if not parts and len(text) >= _DISTINCTIVE:
        parts = [node for by_core in cores for nodes in by_core.values() for node in nodes if index.label(node).endswith(text)]
    return [(parts[0], "abbreviated")] if len(parts) == 1 else []


def towns_of(index: AddressIndex) -> Iterable[int]:
    """Return all towns with compounds."""
    return _cores_of(index)


def _cores_of(index: AddressIndex) -> dict[int, dict[str, list[int]]]:
    """For each town its compounds in force by the distinctive part of their names."""
    cores = _cores.get(index)
    if cores is None:
        cores = _cores[index] = {}
        for node in np.flatnonzero(np.asarray(index.level) == COMPOUND).tolist():
            if index.valid_to[node] == LAST_DAY:
                cores.setdefault(index.town[node], {}).setdefault(core(index.label(node), index.scope), []).append(node)
    return cores


@lru_cache(maxsize=100_000)
def core(name: str, scope: Scope) -> str:
    """Return the distinctive part of a compound's or firm's name: 秋丰服饰 of 瑞安市秋丰服饰有限公司, 龙泉 of 龙泉商务大厦."""
    stem = _GENERIC.sub("", _ORGANISATION.sub("", _without_division(name, scope)))
    return stem if len(stem) > 1 else name


def _without_division(name: str, scope: Scope) -> str:
    for division in (scope.province, scope.city, scope.county):
        if division and name.startswith(division[:-1]):
            return name.removeprefix(division[:-1]).removeprefix(division[-1])
    return name
