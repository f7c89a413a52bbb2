"""From a plate, compound or village to what lies inside it: the compiled counterpart of inside.py."""

from address_matching.compiled.codes import (
    BUILDING_UNKNOWN,
    COMPOUND_UNKNOWN,
    FLOOR_UNKNOWN,
    INFERRED_UNIT,
    QUALIFIER_MISSING,
    ROOM_UNKNOWN,
    TRUNCATED,
    UNIT_AMBIGUOUS,
    UNIT_SURPLUS,
    UNIT_UNKNOWN,
)
from address_matching.compiled.hits import COUNT, FINER, FOUND, GIVE_UP, NUMBERED, note, stop, take_spare
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    CHILD,
    CHILD_KEY,
    CHILD_START,
    HIT_NODE,
    HIT_SPARE,
    HIT_STATE,
    MOST_CANDIDATES,
    MOST_NODES,
    MOST_NUMBERS,
    NODE_LEVEL,
    PARENT_OF,
    PLACE_COUNT,
    PLACE_FAULT,
    PLACE_NODE,
    PLACE_NUMBER_END,
    PLACE_NUMBER_KIND,
    PLACE_NUMBER_START,
    PLACE_STATE,
    TOWN_OF,
    Memory,
)
from address_matching.compiled.place import (
    AFTER,
    BEFORE,
    COMPOUND_END,
    COMPOUND_START,
    COMPOUNDS,
    UNKNOWN_COMPOUND,
    UNKNOWN_END,
    UNKNOWN_START,
)
from address_matching.compiled.readings import has, label_in
from address_matching.compiled.surroundings import is_near_child
from address_matching.compiled.towns import is_trusted, name_fault
from address_matching.compiled.tree import add_children, ancestor, first_child, has_children_at, level_start
from address_matching.model import BUILDING, COMPOUND, FLOOR, HOUSE, LANE, ROOM, UNIT


@compiled
def inside_plate(memory: Memory, reading: int, hit: int) -> int:
    """From the plates in the hit to what the text says inside them."""
    if memory.work[PLACE_COUNT + COMPOUNDS]:
        under = 0
        for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
            house = ancestor(memory, memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at], HOUSE)
            for plate in range(memory.work[hit + HIT_STATE + COUNT]):
                if memory.work[hit + HIT_NODE + plate] == house:
                    memory.work[hit + HIT_SPARE + under] = memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at]
                    under += 1
        if under == 0:
            return _without_compound(memory, hit)
        fault = name_fault(memory, COMPOUNDS, memory.work[hit + HIT_SPARE], COMPOUND)
        if memory.work[PLACE_STATE + UNKNOWN_COMPOUND] or fault == QUALIFIER_MISSING or _any_truncated(memory):
            return GIVE_UP
        note(memory, hit, fault)
        return descend_from(memory, reading, under, hit)
    if memory.work[PLACE_STATE + UNKNOWN_COMPOUND]:
        return _without_compound(memory, hit)
    return descend(memory, reading, hit)


@compiled
def _without_compound(memory: Memory, hit: int) -> int:
    """No more than the plates in the hit, where their compounds are not those of the text: an unknown one, or one that stands elsewhere."""
    unknown = memory.work[PLACE_STATE + UNKNOWN_COMPOUND]
    start = memory.work[PLACE_STATE + (UNKNOWN_START if unknown else COMPOUND_START)]
    end = memory.work[PLACE_STATE + (UNKNOWN_END if unknown else COMPOUND_END)]
    if _is_followed_before(memory):
        return GIVE_UP
    for at in range(memory.work[hit + HIT_STATE + COUNT]):
        if is_near_child(memory, start, end, memory.work[hit + HIT_NODE + at], COMPOUND):
            return GIVE_UP
    for at in range(0 if unknown else memory.work[PLACE_COUNT + COMPOUNDS]):
        node = memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at]
        if is_trusted(memory.work[PLACE_FAULT + COMPOUNDS * MOST_NODES + at]) or (
            ancestor(memory, node, HOUSE) < 0 and _is_in_town_of(memory, node, hit)
        ):
            return GIVE_UP
    stop(memory, hit, COMPOUND_UNKNOWN)
    memory.work[hit + HIT_STATE + NUMBERED] = 1
    return FOUND


@compiled
def _is_in_town_of(memory: Memory, node: int, hit: int) -> bool:
    """Whether a node lies in the town of a node of the hit."""
    for at in range(memory.work[hit + HIT_STATE + COUNT]):
        if memory.ints[memory.at[TOWN_OF] + node] == memory.ints[memory.at[TOWN_OF] + memory.work[hit + HIT_NODE + at]]:
            return True
    return False


@compiled
def _any_truncated(memory: Memory) -> bool:
    for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
        if memory.work[PLACE_FAULT + COMPOUNDS * MOST_NODES + at] == TRUNCATED:
            return True
    return False


@compiled
def _is_followed_before(memory: Memory) -> bool:
    """Whether numbers before an unknown name may lead on from the plate: one that is no plate, or one that is repeated behind the name."""
    for at in range(memory.work[PLACE_STATE + BEFORE]):
        kind = memory.work[PLACE_NUMBER_KIND + at]
        if kind != HOUSE and kind != LANE:
            return True
        for other in range(memory.work[PLACE_STATE + AFTER]):
            if _same_value(memory, PLACE_NUMBER_START + at, PLACE_NUMBER_START + MOST_NUMBERS + other):
                return True
    return False


@compiled
def _same_value(memory: Memory, one: int, other: int) -> bool:
    """Whether two numbers, given by where their beginnings are kept, have the same value."""
    past = PLACE_NUMBER_END - PLACE_NUMBER_START
    size = memory.work[one + past] - memory.work[one]
    if memory.work[other + past] - memory.work[other] != size:
        return False
    for at in range(size):
        if memory.text[memory.work[one] + at] != memory.text[memory.work[other] + at]:
            return False
    return True


@compiled
def descend_from(memory: Memory, reading: int, count: int, hit: int) -> int:
    """Descend from the nodes in `spare`."""
    if count > MOST_NODES:
        return GIVE_UP
    take_spare(memory, hit, count)
    return descend(memory, reading, hit)


@compiled
def descend(memory: Memory, reading: int, hit: int) -> int:
    """Follow building, unit, floor and room as far as the library has them."""
    for kind in range(BUILDING, ROOM + 1):
        if not has(memory, reading, kind) or (kind == FLOOR and has(memory, reading, ROOM)):
            continue
        below = _below(memory, reading, kind, hit)
        if below < 0:
            return GIVE_UP
        if kind == ROOM and below:
            return _room(memory, reading, below, hit)
        if below:
            take_spare(memory, hit, below)
        elif kind == UNIT and not _any_children_at(memory, hit, UNIT):
            note(memory, hit, UNIT_SURPLUS)
        elif kind == FLOOR:
            note(memory, hit, FLOOR_UNKNOWN)
        else:
            stop(memory, hit, BUILDING_UNKNOWN if kind == BUILDING else UNIT_UNKNOWN if kind == UNIT else ROOM_UNKNOWN)
            break
    level = memory.small[memory.at[NODE_LEVEL] + memory.work[hit + HIT_NODE]]
    memory.work[hit + HIT_STATE + NUMBERED] = level == HOUSE or level >= BUILDING
    return FOUND


@compiled
def _below(memory: Memory, reading: int, kind: int, hit: int) -> int:
    """Children of the hit's nodes with the value of the reading, each once, into `spare`; returns how many, -1 for too many."""
    label = label_in(memory, reading, kind)
    if label < 0:
        return 0
    count = 0
    for at in range(memory.work[hit + HIT_STATE + COUNT]):
        count = add_children(memory, memory.work[hit + HIT_NODE + at], kind, label, hit + HIT_SPARE, count)
        if count < 0:
            return -1
    kept = 0
    for at in range(count):
        known = False
        for other in range(kept):
            known = known or memory.work[hit + HIT_SPARE + other] == memory.work[hit + HIT_SPARE + at]
        if not known:
            memory.work[hit + HIT_SPARE + kept] = memory.work[hit + HIT_SPARE + at]
            kept += 1
    return kept


@compiled
def _any_children_at(memory: Memory, hit: int, level: int) -> bool:
    for at in range(memory.work[hit + HIT_STATE + COUNT]):
        if has_children_at(memory, memory.work[hit + HIT_NODE + at], level):
            return True
    return False


@compiled
def _room(memory: Memory, reading: int, rooms: int, hit: int) -> int:
    """A room; if the text names no unit, one that is found in a single unit of a building that numbers all rooms differently."""
    direct, room = 0, memory.work[hit + HIT_SPARE]
    for at in range(rooms):
        for above in range(memory.work[hit + HIT_STATE + COUNT]):
            if memory.ints[memory.at[PARENT_OF] + memory.work[hit + HIT_SPARE + at]] == memory.work[hit + HIT_NODE + above]:
                direct += 1
                room = memory.work[hit + HIT_SPARE + at]
    if direct != 1:
        if rooms > 1 and (
            memory.work[hit + HIT_STATE + COUNT] > 1 or memory.small[memory.at[NODE_LEVEL] + memory.work[hit + HIT_NODE]] < COMPOUND
        ):
            return GIVE_UP
        room = memory.work[hit + HIT_SPARE]
    unit_left_out = (
        not has(memory, reading, UNIT) and memory.small[memory.at[NODE_LEVEL] + memory.ints[memory.at[PARENT_OF] + room]] == UNIT
    )
    if (rooms > 1 and direct != 1) or (unit_left_out and _numbers_repeat(memory, memory.work[hit + HIT_NODE])):
        if memory.work[hit + HIT_STATE + COUNT] > 1 or rooms > MOST_CANDIDATES or direct == 1:
            return GIVE_UP
        stop(memory, hit, UNIT_AMBIGUOUS)
        memory.work[hit + HIT_STATE + NUMBERED] = 1
        memory.work[hit + HIT_STATE + FINER] = rooms
        return FOUND
    if unit_left_out:
        note(memory, hit, INFERRED_UNIT)
    memory.work[hit + HIT_NODE] = room
    memory.work[hit + HIT_STATE + COUNT] = 1
    memory.work[hit + HIT_STATE + NUMBERED] = 1
    return FOUND


@compiled
def _numbers_repeat(memory: Memory, building: int) -> bool:
    """Whether the units of a building number their rooms alike; a room found in one may then be missing from another."""
    first = level_start(memory, building, UNIT)
    last = level_start(memory, building, UNIT + 1)
    for one in range(first, last):
        unit = memory.ints[memory.at[CHILD] + one]
        for room in range(level_start(memory, unit, ROOM), memory.ints[memory.at[CHILD_START] + unit + 1]):
            for other in range(one + 1, last):
                beside = memory.ints[memory.at[CHILD] + other]
                at = first_child(memory, beside, memory.ints[memory.at[CHILD_KEY] + room])
                if (
                    at < memory.ints[memory.at[CHILD_START] + beside + 1]
                    and memory.ints[memory.at[CHILD_KEY] + at] == memory.ints[memory.at[CHILD_KEY] + room]
                ):
                    return True
    return False
