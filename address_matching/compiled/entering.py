"""Names entered into a place: the compiled counterpart of the second half of reader.py."""

from address_matching.compiled.choosing import meaning_of_kind
from address_matching.compiled.codes import ALIAS, ALIAS_OUT_OF_DATE, NO_FAULT, NOISE_IGNORED, RENAMED, STEM_ONLY, SUFFIX, UNREAD_PREFIX
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    FOUND_FAULT,
    FOUND_WORD,
    MANNER,
    MEANING_NODE,
    MEANING_START,
    MOST_NODES,
    NODE_START,
    PLACE_COUNT,
    PLACE_FAULT,
    PLACE_NODE,
    PLACE_STATE,
    VALID_FROM,
    VALID_TO,
    Memory,
)
from address_matching.compiled.misspelling import can_be, recognise
from address_matching.compiled.place import (
    AFTER,
    BEFORE,
    COMMUNITIES,
    COMPOUND_END as COMPOUND_ENDS_AT,
    COMPOUND_START,
    COMPOUNDS,
    DAY,
    DIVISION,
    GAP_BEFORE,
    HAS_DAY,
    IS_OUTSIDE,
    JOINED,
    LAST_KIND,
    LAST_NAME,
    NATURALS,
    ROADS,
    SHORT_VILLAGE,
    SLOT_OF_LEVEL,
    TOWN_ENDS_AT,
    TOWN_START,
    TOWNS,
    UNKNOWN_COMMUNITY,
    UNKNOWN_COMPOUND,
    UNKNOWN_END,
    UNKNOWN_ROAD,
    UNKNOWN_ROAD_END,
    UNKNOWN_ROAD_START,
    UNKNOWN_START,
    ZONES,
    add_fault,
    has_place,
    is_complete,
    note_plain,
)
from address_matching.model import COMMUNITY, COMPOUND, NATURAL_VILLAGE, ROAD, TOWN, ZONE
from address_matching.tokens import OUTSIDE


@compiled
def take(memory: Memory, start: int, end: int, meaning: int, kind: int, stem: bool, fault: int) -> bool:
    """Enter a meaning into the place; False to give up."""
    if kind == OUTSIDE:
        if not (memory.work[PLACE_COUNT + TOWNS] or has_place(memory)):
            memory.work[PLACE_STATE + IS_OUTSIDE] = 1
    elif kind < TOWN:
        memory.work[PLACE_STATE + DIVISION] = 1
    else:
        if is_complete(memory) and not stem and _may_begin_another(memory, kind):
            return False
        if not _enter(memory, start, end, meaning, kind, stem, fault):
            return False
        if kind > TOWN:
            note_plain(memory, start, end)
        memory.work[PLACE_STATE + JOINED] = 0
    memory.work[PLACE_STATE + LAST_KIND] = LAST_NAME
    memory.work[PLACE_STATE + GAP_BEFORE] = 0
    return True


@compiled
def _may_begin_another(memory: Memory, kind: int) -> bool:
    count = PLACE_COUNT
    in_area = memory.work[count + COMMUNITIES] or memory.work[count + NATURALS] or memory.work[count + ZONES]
    if kind == ROAD and memory.work[PLACE_STATE + BEFORE] and (memory.work[count + ROADS] or in_area):
        return True
    if kind == COMPOUND and memory.work[PLACE_STATE + JOINED] and memory.work[PLACE_COUNT + COMPOUNDS] == 0:
        return True
    return bool(memory.work[PLACE_STATE + JOINED]) and not (kind == ROAD and memory.work[PLACE_COUNT + ROADS] == 0)


@compiled
def _enter(memory: Memory, start: int, end: int, meaning: int, kind: int, stem: bool, fault: int) -> bool:
    part = SLOT_OF_LEVEL[kind]
    if kind == TOWN and memory.work[PLACE_COUNT + TOWNS]:
        return _narrow_towns(memory, meaning, fault)
    if kind == TOWN:
        memory.work[PLACE_STATE + TOWN_START] = start
        memory.work[PLACE_STATE + TOWN_ENDS_AT] = end
    if kind == COMMUNITY:
        if stem and (is_complete(memory) or memory.work[PLACE_COUNT + ROADS]):
            return True
        if memory.work[PLACE_STATE + GAP_BEFORE] and not has_place(memory):
            return _with_prefix(memory, end, kind)
        if memory.work[PLACE_COUNT + COMMUNITIES]:
            return stem
        memory.work[PLACE_STATE + SHORT_VILLAGE] = stem
    elif kind in (NATURAL_VILLAGE, ZONE):
        if kind == NATURAL_VILLAGE and memory.work[PLACE_STATE + GAP_BEFORE]:
            return False
        if memory.work[PLACE_COUNT + part]:
            return True
    elif kind == ROAD:
        if memory.work[PLACE_STATE + GAP_BEFORE]:
            return _with_prefix(memory, end, kind)
        if memory.work[PLACE_COUNT + ROADS]:
            if not (memory.work[PLACE_STATE + BEFORE] or memory.work[PLACE_COUNT + COMPOUNDS]):
                return False
            add_fault(memory, NOISE_IGNORED)
            return True
        if memory.work[PLACE_STATE + BEFORE] and not has_place(memory):
            return False
    elif kind == COMPOUND:
        if memory.work[PLACE_STATE + GAP_BEFORE] and memory.work[PLACE_STATE + BEFORE] == 0:
            return _with_prefix(memory, end, kind)
        if memory.work[PLACE_COUNT + COMPOUNDS] and memory.work[PLACE_STATE + AFTER]:
            add_fault(memory, NOISE_IGNORED)
            return True
        if memory.work[PLACE_STATE + UNKNOWN_COMPOUND] and memory.work[PLACE_STATE + UNKNOWN_END] == start:
            if memory.work[PLACE_COUNT + COMPOUNDS]:
                return False
            memory.work[PLACE_STATE + UNKNOWN_END] = end  # 华都 in 玉华都庭 is not the compound of that name
        memory.work[PLACE_STATE + COMPOUND_START] = start
        memory.work[PLACE_STATE + COMPOUND_ENDS_AT] = end
    memory.work[PLACE_COUNT + part] = 0
    return _put(memory, meaning, part, fault)


@compiled
def _with_prefix(memory: Memory, end: int, kind: int) -> bool:
    """A known name that ends at `end` with something unknown before it is another name; False where the whole may be a misspelt one."""
    start = memory.work[PLACE_STATE + GAP_BEFORE] - 1
    first, last, names = recognise(memory, start, end)
    if names and first == start and last == end:
        meant = common_kind(memory, names)
        memory.work[PLACE_STATE + GAP_BEFORE] = 0
        return meant in (TOWN, ROAD) and take_misspelt(memory, start, end, meant, names)
    if kind == COMMUNITY:
        memory.work[PLACE_STATE + UNKNOWN_COMMUNITY] = 1
        return True
    add_fault(memory, UNREAD_PREFIX)
    if kind == ROAD:
        memory.work[PLACE_STATE + UNKNOWN_ROAD] = 1
        memory.work[PLACE_STATE + UNKNOWN_ROAD_START] = start
        memory.work[PLACE_STATE + UNKNOWN_ROAD_END] = end
    else:
        memory.work[PLACE_STATE + UNKNOWN_COMPOUND] = 1
        memory.work[PLACE_STATE + UNKNOWN_START] = start
        memory.work[PLACE_STATE + UNKNOWN_END] = end
    return True


@compiled
def _put(memory: Memory, meaning: int, part: int, fault: int) -> bool:
    """Add the nodes of a meaning to a part; of several manners for one node the nearest counts. False if there are too many."""
    for at in range(memory.ints[memory.at[NODE_START] + meaning], memory.ints[memory.at[NODE_START] + meaning + 1]):
        node = memory.ints[memory.at[MEANING_NODE] + at]
        manner = _manner(memory, at, fault)
        count = memory.work[PLACE_COUNT + part]
        known = False
        for other in range(count):
            if memory.work[PLACE_NODE + part * MOST_NODES + other] == node:
                known = True
                if _nearness(manner) < _nearness(memory.work[PLACE_FAULT + part * MOST_NODES + other]):
                    memory.work[PLACE_FAULT + part * MOST_NODES + other] = manner
        if known:
            continue
        if count == MOST_NODES:
            return False
        memory.work[PLACE_NODE + part * MOST_NODES + count] = node
        memory.work[PLACE_FAULT + part * MOST_NODES + count] = manner
        memory.work[PLACE_COUNT + part] = count + 1
    return True


@compiled
def _manner(memory: Memory, at: int, fault: int) -> int:
    if (
        memory.work[PLACE_STATE + HAS_DAY]
        and not memory.ints[memory.at[VALID_FROM] + at] <= memory.work[PLACE_STATE + DAY] < memory.ints[memory.at[VALID_TO] + at]
    ):
        return ALIAS_OUT_OF_DATE
    return fault if fault else int(memory.ints[memory.at[MANNER] + at])


@compiled
def _nearness(manner: int) -> int:
    if manner == NO_FAULT:
        return 0
    if manner == RENAMED:
        return 1
    if manner == ALIAS:
        return 2
    if manner == SUFFIX:
        return 3
    return 4 if manner == STEM_ONLY else 9


@compiled
def _narrow_towns(memory: Memory, meaning: int, fault: int) -> bool:
    """A second town: what both names may mean, with the second's faults; False if they disagree."""
    common = 0
    for at in range(memory.work[PLACE_COUNT + TOWNS]):
        node = memory.work[PLACE_NODE + TOWNS * MOST_NODES + at]
        best = -1
        for other in range(memory.ints[memory.at[NODE_START] + meaning], memory.ints[memory.at[NODE_START] + meaning + 1]):
            if memory.ints[memory.at[MEANING_NODE] + other] == node:
                manner = _manner(memory, other, fault)
                if best < 0 or _nearness(manner) < _nearness(best):
                    best = manner
        if best >= 0:
            memory.work[PLACE_NODE + TOWNS * MOST_NODES + common] = node
            memory.work[PLACE_FAULT + TOWNS * MOST_NODES + common] = best
            common += 1
    if common == 0:
        return False
    memory.work[PLACE_COUNT + TOWNS] = common
    return True


@compiled
def common_kind(memory: Memory, names: int) -> int:
    """The level that all names found can mean, -1 if they can mean several."""
    kinds = 0
    for at in range(names):
        kinds |= can_be(memory, memory.work[FOUND_WORD + at])
    for kind in (TOWN, COMMUNITY, ZONE, ROAD, COMPOUND):
        if kinds == 1 << kind:
            return int(kind)
    return -1


@compiled
def take_misspelt(memory: Memory, start: int, end: int, kind: int, names: int) -> bool:
    part = SLOT_OF_LEVEL[kind]
    for at in range(names):
        word = memory.work[FOUND_WORD + at]
        meaning = meaning_of_kind(
            memory, memory.ints[memory.at[MEANING_START] + word], memory.ints[memory.at[MEANING_START] + word + 1], kind
        )
        if meaning < 0:
            return False
        if at == 0:
            if not take(memory, start, end, meaning, kind, False, memory.work[FOUND_FAULT + at]):
                return False
            if (
                memory.work[PLACE_COUNT + part]
                and memory.work[PLACE_NODE + part * MOST_NODES + 0]
                != memory.ints[memory.at[MEANING_NODE] + memory.ints[memory.at[NODE_START] + meaning]]
            ):
                return False
        elif kind == TOWN or not _put(memory, meaning, part, memory.work[FOUND_FAULT + at]):
            return False
    return True
