"""Aliases of single addresses: old plates, and texts of which people have said where they are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from address_matching.decide import Outcome, Ties, score_of
from address_matching.model import COUNTY
from address_matching.place import Place
from address_matching.vocabulary import AddressAlias

if TYPE_CHECKING:
    from address_matching.index import AddressIndex


def by_text(index: "AddressIndex", aliases: Sequence[AddressAlias], ties: Ties) -> Outcome:
    """The address of which people have said that a text, as it is written, means it."""
    return _decide(index, aliases, "alias", ties)


def by_alias(index: "AddressIndex", place: Place, aliases: Sequence[AddressAlias], ties: Ties) -> Outcome:
    """The address that has the words of a place below its town for an alias."""
    here = [alias for alias in aliases if place.towns is None or index.town[alias.node] in place.towns.nodes]
    reason = "old_number" if all(alias.is_plate for alias in aliases) else "alias"
    if here:
        return _decide(index, here, reason, ties)
    nodes = tuple(sorted({alias.node for alias in aliases}))
    return Outcome("review", index.ancestor(index.common(nodes), COUNTY), "ambiguous", 0.5, (reason, "town_conflict"), nodes)


def _decide(index: "AddressIndex", aliases: Sequence[AddressAlias], reason: str, ties: Ties) -> Outcome:
    nodes = tuple(sorted({alias.node for alias in aliases}))
    if len(nodes) > 1:
        return Outcome("review", index.common(nodes), "ambiguous", round(1 / len(nodes), 3), (reason,), nodes)
    in_date = ties.day is None or any(alias.valid_from <= ties.day < alias.valid_to for alias in aliases)
    faults = (reason,) if in_date else (reason, "alias_out_of_date")
    return Outcome("matched", nodes[0], reason, score_of(faults), faults)
