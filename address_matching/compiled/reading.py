"""From tokens to a place: the compiled counterpart of reader.py for texts with one address in the usual order."""

from address_matching.compiled.codes import (
    BARE,
    BAY,
    BAY_IGNORED,
    DASH,
    DROP,
    GROUP,
    OTHER_ROLE,
    OVERLAY,
    OVERLAY_IGNORED,
    RELATIVE_WORD,
    ZONE_WORD,
)
from address_matching.compiled.gaps import gap
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    CLASSES,
    MOST_NUMBERS,
    PLACE_COUNT,
    PLACE_NUMBER_KIND,
    PLACE_STATE,
    TOKEN_END,
    TOKEN_KIND,
    TOKEN_NUMBER,
    TOKEN_START,
    TOKEN_VALUE_END,
    TOKEN_VALUE_START,
    TOKEN_WORD,
    WORD_LEVEL,
    WORD_ROLE,
    Memory,
)
from address_matching.compiled.lexicon import IS_JOINT, ORGANISATION_END
from address_matching.compiled.names import name
from address_matching.compiled.place import (
    AFTER,
    BEFORE,
    COMPOUNDS,
    GROUP_END,
    GROUP_START,
    IS_OUTSIDE,
    JOINED,
    LAST_KIND,
    LAST_NUMBER,
    LAST_WORD,
    OPEN_END,
    RELATIVE_TO,
    ROADS,
    UNKNOWN_COMPOUND,
    UNKNOWN_ZONE,
    add_fault,
    add_number,
    note_plain,
)
from address_matching.compiled.scanning import ends_with
from address_matching.model import ROAD, ROOM
from address_matching.tokens import GAP, MARK, NAME, NUMBER, WORD_TOKEN

SHORTEST_FIELD = 20


@compiled
def read(memory: Memory, count: int) -> bool:
    """Fill the place from the tokens; False where it takes the careful reader."""
    at = 0
    while at < count:
        kind = memory.work[TOKEN_KIND + at]
        if kind == NAME:
            step = name(memory, at, count)
        elif kind == NUMBER:
            step = 1 if _number(memory, at, count) else -1
        elif kind == GAP:
            step = gap(memory, at, count)
        elif kind == WORD_TOKEN:
            step = 1 if _word(memory, (memory.ints[memory.at[WORD_ROLE] + memory.work[TOKEN_WORD + at]])) else -1
        elif kind == MARK:
            mark = memory.text[memory.work[TOKEN_START + at]]
            if memory.small[memory.at[CLASSES] + mark] & IS_JOINT or mark == ord(":"):
                memory.work[PLACE_STATE + JOINED] = 1
            step = 1
        else:
            step = -1
        if memory.work[PLACE_STATE + IS_OUTSIDE]:
            return _is_one_place(memory, at + 1, count)
        if step < 0:
            return False
        at += step
    if count and memory.work[TOKEN_KIND + count - 1] == NUMBER and memory.work[TOKEN_NUMBER + count - 1] == BARE:
        memory.work[PLACE_STATE + OPEN_END] = memory.work[TOKEN_END + count - 1] >= SHORTEST_FIELD
    return True


@compiled
def _is_one_place(memory: Memory, first: int, count: int) -> bool:
    """Whether the tokens from `first` on begin no other address, and are no firm's name before it."""
    for at in range(first, count):
        kind = memory.work[TOKEN_KIND + at]
        if kind == WORD_TOKEN and memory.ints[memory.at[WORD_ROLE] + memory.work[TOKEN_WORD + at]] >= OTHER_ROLE:
            return False
        if kind == MARK and (memory.small[memory.at[CLASSES] + memory.text[memory.work[TOKEN_START + at]]] & IS_JOINT):
            return False
        if kind == MARK and memory.text[memory.work[TOKEN_START + at]] == ord(":"):
            return False
        if (
            kind == GAP
            and at + 1 < count
            and ends_with(memory, memory.work[TOKEN_START + at], memory.work[TOKEN_END + at]) & ORGANISATION_END
        ):
            return False
        if (
            kind == NUMBER
            and at + 1 < count
            and memory.work[TOKEN_KIND + at + 1] == NAME
            and memory.ints[memory.at[WORD_LEVEL] + memory.work[TOKEN_WORD + at + 1]] == ROAD
        ):
            return False
    return True


@compiled
def _number(memory: Memory, at: int, count: int) -> bool:
    kind, start, end = memory.work[TOKEN_NUMBER + at], memory.work[TOKEN_VALUE_START + at], memory.work[TOKEN_VALUE_END + at]
    after = 1 if memory.work[PLACE_COUNT + COMPOUNDS] or memory.work[PLACE_STATE + UNKNOWN_COMPOUND] else 0
    if (
        memory.work[PLACE_STATE + JOINED]
        and memory.work[PLACE_STATE + BEFORE + after]
        and memory.work[PLACE_STATE + LAST_KIND] == LAST_NUMBER
    ):
        return False
    if kind == GROUP:
        memory.work[PLACE_STATE + GROUP_START] = start
        memory.work[PLACE_STATE + GROUP_END] = end
    elif kind == BAY:
        add_fault(memory, BAY_IGNORED)
    else:
        road_follows = (
            at + 1 < count
            and memory.work[TOKEN_KIND + at + 1] == NAME
            and memory.ints[memory.at[WORD_LEVEL] + memory.work[TOKEN_WORD + at + 1]] == ROAD
        )
        if road_follows and memory.work[PLACE_COUNT + ROADS] == 0 and memory.work[PLACE_STATE + BEFORE] == 0:
            return False
        if (
            kind == DASH
            and memory.work[PLACE_STATE + AFTER]
            and memory.work[PLACE_NUMBER_KIND + 1 * MOST_NUMBERS + memory.work[PLACE_STATE + AFTER] - 1] == ROOM
        ):
            add_fault(memory, BAY_IGNORED)
        elif not add_number(memory, after, kind, start, end):
            return False
    memory.work[PLACE_STATE + LAST_KIND] = LAST_NUMBER
    memory.work[PLACE_STATE + JOINED] = 0
    note_plain(memory, memory.work[TOKEN_START + at], memory.work[TOKEN_END + at])
    return True


@compiled
def _word(memory: Memory, role: int) -> bool:
    if role == OVERLAY:
        add_fault(memory, OVERLAY_IGNORED)
    elif role == ZONE_WORD:
        memory.work[PLACE_STATE + UNKNOWN_ZONE] = 1
    elif role == RELATIVE_WORD:
        if (
            memory.work[PLACE_COUNT + ROADS]
            and memory.work[PLACE_STATE + BEFORE]
            and not memory.work[PLACE_STATE + AFTER]
            and (memory.work[PLACE_STATE + UNKNOWN_COMPOUND] or memory.work[PLACE_COUNT + COMPOUNDS])
        ):
            return False
        memory.work[PLACE_STATE + RELATIVE_TO] = 1
    elif role != DROP:
        return False
    memory.work[PLACE_STATE + LAST_KIND] = LAST_WORD
    return True
