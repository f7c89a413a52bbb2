"""Matching of Chinese address texts against a library of standard addresses; a library of its own that opens no file but its index."""

from address_matching.build import build_index
from address_matching.complete import complete_library
from address_matching.explain import explain, explain_faults
from address_matching.index import AddressIndex
from address_matching.match import match
from address_matching.model import LEVELS, REASONS, RULE_VERSION, STATUSES, LibraryError, RecordsError, Scope

__all__ = [
    "LEVELS",
    "REASONS",
    "RULE_VERSION",
    "STATUSES",
    "AddressIndex",
    "LibraryError",
    "RecordsError",
    "Scope",
    "build_index",
    "complete_library",
    "explain",
    "explain_faults",
    "match",
]
