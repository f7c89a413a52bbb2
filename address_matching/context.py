"""Names that the library lacks, taken for what their surroundings have: hamlets of the village, compounds of the plate, village or town."""

import re
from bisect import bisect_left
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
_LAST_CHARACTER = "\uffff"


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
    compounds = [_compounds_of(index)[town] for town in towns if town in _compounds_of(index)]
    if core(short, index.scope) == short:
        fault = "stem" if len(short) >= _DISTINCTIVE else "abbreviated"
        whole = [(node, fault) for known in compounds for node in known.by_core.get(short, ())]
        if whole:
            return whole
    own = core(text, index.scope)
    firms = [node for known in compounds for node in known.by_core.get(own, ()) if index.label(node).endswith(text)]
    if firms:
        return [(node, "stem") for node in firms]  # 瑞安市 left out before the name of a firm
    parts = [node for known in compounds for node in known.beginning_with(short)]
    if not parts and len(text) >= _DISTINCTIVE:
        parts = [node for known in compounds for node in known.ending_with(text)]
    return [(parts[0], "abbreviated")] if len(parts) == 1 else []


def towns_of(index: AddressIndex) -> Iterable[int]:
    """Return all towns with compounds."""
    return _compounds_of(index)


class _Compounds:
    """The compounds in force of a town: by the distinctive part of their names, which are also sorted, as are the names read backwards."""

    def __init__(self, labels: Sequence[tuple[int, str]], scope: Scope) -> None:
        self.by_core: dict[str, list[int]] = {}
        for node, label in labels:
            self.by_core.setdefault(core(label, scope), []).append(node)
        self._cores = sorted(self.by_core)
        self._backwards = sorted((label[::-1], node) for node, label in labels)

    def beginning_with(self, text: str) -> list[int]:
        """Return the compounds whose distinctive part begins with a text."""
        first, last = bisect_left(self._cores, text), bisect_left(self._cores, text + _LAST_CHARACTER)
        return [node for known in self._cores[first:last] for node in self.by_core[known]]

    def ending_with(self, text: str) -> list[int]:
        """Return the compounds whose name ends with a text."""
        wanted = text[::-1]
        first, last = bisect_left(self._backwards, (wanted,)), bisect_left(self._backwards, (wanted + _LAST_CHARACTER,))
        return [node for _, node in self._backwards[first:last]]


def _compounds_of(index: AddressIndex) -> dict[int, _Compounds]:
    """The compounds in force of each town."""
    compounds = _compounds.get(index)
    if compounds is None:
        labels: dict[int, list[tuple[int, str]]] = {}
        for node in np.flatnonzero(np.asarray(index.level) == COMPOUND).tolist():
            if index.valid_to[node] == LAST_DAY:
                labels.setdefault(index.town[node], []).append((node, index.label(node)))
        compounds = _compounds[index] = {town: _Compounds(of_town, index.scope) for town, of_town in labels.items()}
    return compounds


_compounds: WeakKeyDictionary[AddressIndex, dict[int, _Compounds]] = WeakKeyDictionary()


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
