"""Following the readings of a place to nodes of the library: the compiled counterpart of look_up.py.

Look-ups return GIVE_UP where it takes the careful reader: where several addresses are possible, or a case is rare.
"""

from address_matching.compiled.areas import area, at_compound
from address_matching.compiled.codes import ROAD_UNKNOWN
from address_matching.compiled.hits import COUNT, FOUND, GIVE_UP, NONE, NUMBERED, STOPPED, begin, copy, stop
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import HIT_NODE, HIT_STATE, NODE_LEVEL, PLACE_COUNT, PLACE_STATE, READING, READING_START, Memory
from address_matching.compiled.place import COMPOUNDS, ROADS, UNKNOWN_ROAD
from address_matching.compiled.plates import at_plate, on_road
from address_matching.compiled.readings import GUESS, has
from address_matching.compiled.surroundings import CAREFULLY, NOTHING, take_in_context
from address_matching.model import HOUSE


@compiled
def look_up(memory: Memory, count: int, best: int, other: int) -> int:
    """Follow all readings, with what a name is taken for by its surroundings before without; the best hit is left in `best`."""
    if _best(memory, count, best, other) == GIVE_UP:
        return GIVE_UP
    followed = memory.work[best + HIT_STATE + NUMBERED] and not memory.work[best + HIT_STATE + STOPPED]
    taken = take_in_context(memory)
    if taken == NOTHING:
        return FOUND
    if taken == CAREFULLY or followed or _best(memory, count, best, other) == GIVE_UP:
        return GIVE_UP
    nodes, stopped = memory.work[best + HIT_STATE + COUNT], memory.work[best + HIT_STATE + STOPPED]
    return GIVE_UP if nodes == 0 or (stopped and nodes > 1) else FOUND


@compiled
def _best(memory: Memory, count: int, best: int, other: int) -> int:
    if _follow(memory, 0, best) == GIVE_UP:
        return GIVE_UP
    for reading in range(1, count):
        if memory.work[READING_START + reading * READING + GUESS] and not memory.work[best + HIT_STATE + STOPPED]:
            continue
        if _follow(memory, reading, other) == GIVE_UP:
            return GIVE_UP
        if memory.work[READING_START + reading * READING + GUESS]:
            if memory.work[other + HIT_STATE + COUNT] and not memory.work[other + HIT_STATE + STOPPED]:
                return GIVE_UP
        elif _depth(memory, other) > _depth(memory, best):
            copy(memory, other, best)
        elif _disagree(memory, best, other):
            return GIVE_UP
    return FOUND


@compiled
def _depth(memory: Memory, hit: int) -> int:
    if memory.work[hit + HIT_STATE + COUNT] == 0:
        return 0
    return 100 + (0 if memory.work[hit + HIT_STATE + STOPPED] else 50) + (memory.small[memory.at[NODE_LEVEL] + memory.work[hit + HIT_NODE]])


@compiled
def _disagree(memory: Memory, one: int, two: int) -> bool:
    if (
        memory.work[one + HIT_STATE + COUNT] == 0
        or memory.work[two + HIT_STATE + COUNT] == 0
        or memory.work[one + HIT_STATE + STOPPED]
        or memory.work[two + HIT_STATE + STOPPED]
    ):
        return False
    if _depth(memory, one) != _depth(memory, two):
        return False
    return (
        memory.work[one + HIT_STATE + COUNT] > 1
        or memory.work[two + HIT_STATE + COUNT] > 1
        or memory.work[one + HIT_NODE] != memory.work[two + HIT_NODE]
    )


@compiled
def _follow(memory: Memory, reading: int, hit: int) -> int:
    begin(memory, hit)
    on_plate = memory.work[PLACE_COUNT + ROADS] > 0 and has(memory, reading, HOUSE)
    if on_plate:
        answer = at_plate(memory, reading, hit)
        if answer != NONE:
            return answer
        begin(memory, hit)
    elif memory.work[PLACE_COUNT + COMPOUNDS]:
        answer = at_compound(memory, reading, hit)
        if answer != NONE:
            return answer
        begin(memory, hit)
    if memory.work[PLACE_COUNT + ROADS]:
        return on_road(memory, reading, hit)
    if memory.work[PLACE_STATE + UNKNOWN_ROAD]:
        answer = area(memory, reading, False, hit)
        stop(memory, hit, ROAD_UNKNOWN)
        memory.work[hit + HIT_STATE + NUMBERED] = 0
        return answer
    return area(memory, reading, True, hit)
