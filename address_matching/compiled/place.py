"""What a text says about one place, in plain arrays: the compiled counterpart of place.Place."""

from typing import NamedTuple

import numpy as np

from address_matching.compiled.hashing import SEED, Characters, Keys, mix
from address_matching.compiled.kernel import compiled

TOWNS, COMMUNITIES, NATURALS, ZONES, ROADS, COMPOUNDS = range(6)
"""Named parts of a place."""
SLOT_OF_LEVEL = np.array([-1, -1, -1, TOWNS, COMMUNITIES, NATURALS, ZONES, ROADS, -1, -1, COMPOUNDS, -1, -1, -1, -1], np.int64)

MOST_NODES = 256
MOST_NUMBERS = 8
MOST_FAULTS = 24

(
    DIVISION,
    UNKNOWN_ROAD,
    UNKNOWN_ZONE,
    UNKNOWN_COMMUNITY,
    UNKNOWN_COMPOUND,
    UNKNOWN_START,
    UNKNOWN_END,
    OPEN_END,
    GAP_BEFORE,
    JOINED,
    LAST_KIND,
    GROUP_START,
    GROUP_END,
    BEFORE,
    AFTER,
    FAULT_COUNT,
    HAS_DAY,
    DAY,
    COMPOUND_START,
    COMPOUND_END,
    BRACKETED,
    STATE_SIZE,
) = range(22)
"""Entries of `Place.state`: flags, positions in the text, counts."""

LAST_NOTHING, LAST_NAME, LAST_NUMBER, LAST_WORD, LAST_GAP = range(5)


class Place(NamedTuple):
    """node, fault, count: for each named part the nodes it may mean, the fault for each, how many (0: part not named).

    kind, start, end: numbers before [0] and after [1] the compound, their values as positions in the text; faults: in the order found;
    plain: one hash, of what the text says below the town.
    """

    node: Keys
    fault: Keys
    count: Keys
    kind: Keys
    start: Keys
    end: Keys
    faults: Keys
    state: Keys
    plain: Keys


def empty_place() -> Place:
    return Place(
        np.zeros((6, MOST_NODES), np.int64),
        np.zeros((6, MOST_NODES), np.int64),
        np.zeros(6, np.int64),
        np.zeros((2, MOST_NUMBERS), np.int64),
        np.zeros((2, MOST_NUMBERS), np.int64),
        np.zeros((2, MOST_NUMBERS), np.int64),
        np.zeros(MOST_FAULTS, np.int64),
        np.zeros(STATE_SIZE, np.int64),
        np.zeros(1, np.int64),
    )


@compiled
def clear(place: Place) -> None:
    place.count[:] = 0
    place.state[:] = 0
    place.plain[0] = SEED


@compiled
def note_plain(place: Place, text: Characters, start: int, end: int) -> None:
    """Add text[start:end] to what the text says below the town."""
    for at in range(start, end):
        place.plain[0] = mix(place.plain[0], np.int64(text[at]))


@compiled
def add_fault(place: Place, fault: int) -> None:
    """Add a fault unless it is there already or the place is full of them."""
    count = place.state[FAULT_COUNT]
    for at in range(count):
        if place.faults[at] == fault:
            return
    if fault > 0 and count < MOST_FAULTS:
        place.faults[count] = fault
        place.state[FAULT_COUNT] = count + 1


@compiled
def has_fault(place: Place, fault: int) -> bool:
    for at in range(place.state[FAULT_COUNT]):
        if place.faults[at] == fault:
            return True
    return False


@compiled
def has_place(place: Place) -> bool:
    """Whether the text names something finer than a town."""
    state = place.state
    for part in range(COMMUNITIES, COMPOUNDS + 1):
        if place.count[part]:
            return True
    return bool(state[UNKNOWN_ROAD] or state[UNKNOWN_ZONE] or state[UNKNOWN_COMMUNITY] or state[UNKNOWN_COMPOUND])


@compiled
def is_complete(place: Place) -> bool:
    """Whether a further name would begin another address."""
    count, state = place.count, place.state
    named = count[ROADS] or count[COMMUNITIES] or count[NATURALS] or count[ZONES] or state[UNKNOWN_ROAD]
    return bool((named and state[BEFORE]) or count[COMPOUNDS] or state[AFTER])


@compiled
def is_empty(place: Place) -> bool:
    return not (has_place(place) or place.count[TOWNS] or place.state[DIVISION])


@compiled
def add_number(place: Place, after: int, kind: int, start: int, end: int) -> bool:
    """Add a number before (0) or after (1) the compound; False if there is no room."""
    count = place.state[BEFORE + after]
    if count == MOST_NUMBERS:
        return False
    place.kind[after, count] = kind
    place.start[after, count] = start
    place.end[after, count] = end
    place.state[BEFORE + after] = count + 1
    return True

