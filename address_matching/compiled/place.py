"""What a text says about one place, in the working memory: the compiled counterpart of place.Place."""

import numpy as np

from address_matching.compiled.codes import NOISE_IGNORED
from address_matching.compiled.hashing import SEED, mix
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    MOST_FAULTS,
    MOST_NUMBERS,
    PLACE_COUNT,
    PLACE_FAULTS,
    PLACE_NUMBER_END,
    PLACE_NUMBER_KIND,
    PLACE_NUMBER_START,
    PLACE_PLAIN,
    PLACE_STATE,
    STATE_SIZE,
    Memory,
)

TOWNS, COMMUNITIES, NATURALS, ZONES, ROADS, COMPOUNDS = range(6)
"""Named parts of a place."""
SLOT_OF_LEVEL = np.array([-1, -1, -1, TOWNS, COMMUNITIES, NATURALS, ZONES, ROADS, -1, -1, COMPOUNDS, -1, -1, -1, -1], np.int64)

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
    IS_OUTSIDE,
    NOTES,
    TOWN_START,
    TOWN_ENDS_AT,
    UNKNOWN_ROAD_START,
    UNKNOWN_ROAD_END,
    SHORT_VILLAGE,
    HINTED,
    RELATIVE_TO,
) = range(30)
"""Entries of a place's state: flags, positions in the text, counts."""

LAST_NOTHING, LAST_NAME, LAST_NUMBER, LAST_WORD, LAST_GAP = range(5)


@compiled
def clear(memory: Memory) -> None:
    for part in range(6):
        memory.work[PLACE_COUNT + part] = 0
    for entry in range(STATE_SIZE):
        memory.work[PLACE_STATE + entry] = 0
    memory.work[PLACE_PLAIN + 0] = SEED


@compiled
def forget_names(memory: Memory) -> None:
    """The words so far were the name of a firm; what they named says nothing about the place."""
    division, joined, notes = memory.work[PLACE_STATE + DIVISION], memory.work[PLACE_STATE + JOINED], memory.work[PLACE_STATE + NOTES]
    has_day, day = memory.work[PLACE_STATE + HAS_DAY], memory.work[PLACE_STATE + DAY]
    clear(memory)
    memory.work[PLACE_STATE + DIVISION] = division
    memory.work[PLACE_STATE + JOINED] = joined
    memory.work[PLACE_STATE + NOTES] = notes
    memory.work[PLACE_STATE + HAS_DAY] = has_day
    memory.work[PLACE_STATE + DAY] = day
    memory.work[PLACE_STATE + LAST_KIND] = LAST_GAP
    add_fault(memory, NOISE_IGNORED)


@compiled
def note_plain(memory: Memory, start: int, end: int) -> None:
    """Add memory.text[start:end] to what the text says below the town."""
    for at in range(start, end):
        memory.work[PLACE_PLAIN + 0] = mix(memory.work[PLACE_PLAIN + 0], memory.text[at])


@compiled
def add_fault(memory: Memory, fault: int) -> None:
    """Add a fault unless it is there already or the place is full of them."""
    count = memory.work[PLACE_STATE + FAULT_COUNT]
    for at in range(count):
        if memory.work[PLACE_FAULTS + at] == fault:
            return
    if fault > 0 and count < MOST_FAULTS:
        memory.work[PLACE_FAULTS + count] = fault
        memory.work[PLACE_STATE + FAULT_COUNT] = count + 1


@compiled
def has_fault(memory: Memory, fault: int) -> bool:
    for at in range(memory.work[PLACE_STATE + FAULT_COUNT]):
        if memory.work[PLACE_FAULTS + at] == fault:
            return True
    return False


@compiled
def has_place(memory: Memory) -> bool:
    """Whether the text names something finer than a town."""
    for part in range(COMMUNITIES, COMPOUNDS + 1):
        if memory.work[PLACE_COUNT + part]:
            return True
    return bool(
        memory.work[PLACE_STATE + UNKNOWN_ROAD]
        or memory.work[PLACE_STATE + UNKNOWN_ZONE]
        or memory.work[PLACE_STATE + UNKNOWN_COMMUNITY]
        or memory.work[PLACE_STATE + UNKNOWN_COMPOUND]
    )


@compiled
def is_complete(memory: Memory) -> bool:
    """Whether a further name would begin another address."""
    named = (
        memory.work[PLACE_COUNT + ROADS]
        or memory.work[PLACE_COUNT + COMMUNITIES]
        or memory.work[PLACE_COUNT + NATURALS]
        or memory.work[PLACE_COUNT + ZONES]
        or memory.work[PLACE_STATE + UNKNOWN_ROAD]
    )
    return bool((named and memory.work[PLACE_STATE + BEFORE]) or memory.work[PLACE_COUNT + COMPOUNDS] or memory.work[PLACE_STATE + AFTER])


@compiled
def is_empty(memory: Memory) -> bool:
    state = PLACE_STATE
    return not (has_place(memory) or memory.work[PLACE_COUNT + TOWNS] or memory.work[state + DIVISION] or memory.work[state + IS_OUTSIDE])


@compiled
def add_number(memory: Memory, after: int, kind: int, start: int, end: int) -> bool:
    """Add a number before (0) or after (1) the compound; False if there is no room."""
    count = memory.work[PLACE_STATE + BEFORE + after]
    if count == MOST_NUMBERS:
        return False
    memory.work[PLACE_NUMBER_KIND + after * MOST_NUMBERS + count] = kind
    memory.work[PLACE_NUMBER_START + after * MOST_NUMBERS + count] = start
    memory.work[PLACE_NUMBER_END + after * MOST_NUMBERS + count] = end
    memory.work[PLACE_STATE + BEFORE + after] = count + 1
    return True
