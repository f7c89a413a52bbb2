"""Roads and their plates in compiled code: the first part of anchors.py."""

from address_matching.compiled.codes import NUMBER_UNKNOWN, ROAD_UNKNOWN, SEVERAL_TOWNS, SUB_NUMBER_UNKNOWN, TOWN_CONFLICT
from address_matching.compiled.hits import COUNT, FOUND, GIVE_UP, NONE, NUMBERED, STOPPED, note, noted, take_spare
from address_matching.compiled.inside import descend, inside_plate
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    CHILD,
    CHILD_KEY,
    CHILD_START,
    COMMUNITY_OF,
    HIT_NODE,
    HIT_SPARE,
    HIT_STATE,
    MOST_NODES,
    OTHER,
    PLACE_COUNT,
    PLACE_FAULT,
    PLACE_NODE,
    PLACE_NUMBER_END,
    PLACE_NUMBER_START,
    PLACE_STATE,
    READING,
    READING_END,
    READING_START,
    TOWN_OF,
    Memory,
)
from address_matching.compiled.place import COMMUNITIES, COMPOUNDS, ROADS, TOWNS, UNKNOWN_COMPOUND
from address_matching.compiled.readings import has, label_in
from address_matching.compiled.towns import at_town, is_known_elsewhere, keep_in_towns, may_outvote, name_fault, note_town, town_fault
from address_matching.compiled.tree import LABEL_BITS, add_children, ancestor, first_child, label_of
from address_matching.model import BUILDING, HOUSE, LANE, ROAD, ROOM, UNIT

_HYPHEN = ord("-")


@compiled
def _plates(memory: Memory, reading: int, end: int, part: int, out: int) -> int:
    """Plates of the reading (its number up to `end`) on the nodes of a part, by way of its lane; returns how many, -1 for too many."""
    house = label_of(memory, memory.work[READING_START + reading * READING + HOUSE], end, HOUSE)
    if house < 0:
        return 0
    lane = -1
    if has(memory, reading, LANE):
        lane = label_in(memory, reading, LANE)
        if lane < 0:
            return 0
    count = 0
    for at in range(memory.work[PLACE_COUNT + part]):
        node = memory.work[PLACE_NODE + part * MOST_NODES + at]
        if lane < 0:
            count = add_children(memory, node, HOUSE, house, out, count)
        else:
            child = first_child(memory, node, LANE << LABEL_BITS | lane)
            while (
                child < memory.ints[memory.at[CHILD_START] + node + 1]
                and memory.ints[memory.at[CHILD_KEY] + child] == LANE << LABEL_BITS | lane
                and count >= 0
            ):
                count = add_children(memory, memory.ints[memory.at[CHILD] + child], HOUSE, house, out, count)
                child += 1
        if count < 0:
            return -1
    return count


@compiled
def at_plate(memory: Memory, reading: int, hit: int) -> int:
    """A plate on the road; one in another town outvotes the text's town if it is the only one and its name is trusted."""
    start, end = memory.work[READING_START + reading * READING + HOUSE], memory.work[READING_END + reading * READING + HOUSE]
    count = _plates(memory, reading, end, ROADS, hit + HIT_NODE)
    whole = True
    if count == 0:
        dash = start
        while dash < end and memory.text[dash] != _HYPHEN:
            dash += 1
        if dash < end:
            count = _plates(memory, reading, dash, ROADS, hit + HIT_NODE)
            whole = False
    if count < 0:
        return GIVE_UP
    if not whole:
        note(memory, hit, SUB_NUMBER_UNKNOWN)
    for at in range(count):
        memory.work[hit + HIT_SPARE + at] = memory.work[hit + HIT_NODE + at]
    chosen = keep_in_towns(memory, hit + HIT_NODE, count)
    if chosen > 1 and memory.work[PLACE_COUNT + COMMUNITIES]:
        return GIVE_UP
    rivals = _rivals(memory, hit, count, chosen)
    if rivals:
        chosen = rivals
        note(memory, hit, TOWN_CONFLICT)
    elif chosen == 0 and (not whole or _town_has_road(memory)):
        return NONE
    elif chosen == 0:
        chosen = _keep_trusted(memory, hit, count)
        note(memory, hit, TOWN_CONFLICT)
    if chosen > 1 and noted(memory, hit, TOWN_CONFLICT):
        return GIVE_UP
    if chosen == 0:
        return NONE
    memory.work[hit + HIT_STATE + COUNT] = chosen
    first = memory.work[hit + HIT_NODE]
    if memory.work[PLACE_COUNT + TOWNS] == 0 or town_fault(memory, memory.ints[memory.at[TOWN_OF] + first]) >= 0:
        note_town(memory, first, hit)
    note(memory, hit, name_fault(memory, ROADS, first, ROAD))
    if chosen == 1 and memory.work[PLACE_COUNT + TOWNS] == 0 and _lies_in_several_towns(memory):
        note(memory, hit, SEVERAL_TOWNS)
    if not whole:
        memory.work[hit + HIT_STATE + STOPPED] = 1
        memory.work[hit + HIT_STATE + NUMBERED] = 1
        return FOUND
    answer = inside_plate(memory, reading, hit)
    memory.work[hit + HIT_STATE + NUMBERED] = 1
    return answer


@compiled
def _rivals(memory: Memory, hit: int, count: int, chosen: int) -> int:
    """Make the plates (of those in `spare`) that have the text's compound, else lie in its village, the hit's, unless one is chosen; how many."""
    named = 0
    for at in range(count):
        plate = memory.work[hit + HIT_SPARE + at]
        if may_outvote(name_fault(memory, ROADS, plate, ROAD)) and _has_compound(memory, plate):
            for other in range(chosen):
                if memory.work[hit + HIT_NODE + other] == plate:
                    return 0
            named += 1
    in_village = named == 0
    if in_village and (chosen or memory.work[PLACE_COUNT + COMMUNITIES] == 0):
        return 0
    kept = 0
    for at in range(count):
        plate = memory.work[hit + HIT_SPARE + at]
        meant = is_in_village(memory, plate) if in_village else _has_compound(memory, plate)
        if meant and may_outvote(name_fault(memory, ROADS, plate, ROAD)):
            memory.work[hit + HIT_NODE + kept] = plate
            kept += 1
    return kept


@compiled
def _has_compound(memory: Memory, plate: int) -> bool:
    """Whether a compound the text names, its name being trusted, stands at a plate."""
    for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
        trusted = may_outvote(memory.work[PLACE_FAULT + COMPOUNDS * MOST_NODES + at])
        if trusted and ancestor(memory, memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at], HOUSE) == plate:
            return True
    return False


@compiled
def _town_has_road(memory: Memory) -> bool:
    """Whether the road named lies in a town named."""
    for at in range(memory.work[PLACE_COUNT + ROADS]):
        if town_fault(memory, memory.ints[memory.at[TOWN_OF] + memory.work[PLACE_NODE + ROADS * MOST_NODES + at]]) >= 0:
            return True
    return memory.work[PLACE_COUNT + TOWNS] == 0


@compiled
def _keep_trusted(memory: Memory, hit: int, count: int) -> int:
    """Keep of the plates in `spare` those whose road's name is trusted."""
    kept = 0
    for at in range(count):
        plate = memory.work[hit + HIT_SPARE + at]
        if may_outvote(name_fault(memory, ROADS, plate, ROAD)):
            memory.work[hit + HIT_NODE + kept] = plate
            kept += 1
    return kept


@compiled
def is_plate(memory: Memory) -> bool:
    """Whether the first number is, dash included, a plate of the road."""
    house = label_of(memory, memory.work[PLACE_NUMBER_START], memory.work[PLACE_NUMBER_END], HOUSE)
    for at in range(memory.work[PLACE_COUNT + ROADS]):
        if house >= 0 and add_children(memory, memory.work[PLACE_NODE + ROADS * MOST_NODES + at], HOUSE, house, OTHER + HIT_SPARE, 0):
            return True
    return False


@compiled
def _lies_in_several_towns(memory: Memory) -> bool:
    for at in range(1, memory.work[PLACE_COUNT + ROADS]):
        if (
            memory.ints[memory.at[TOWN_OF] + memory.work[PLACE_NODE + ROADS * MOST_NODES + at]]
            != memory.ints[memory.at[TOWN_OF] + memory.work[PLACE_NODE + ROADS * MOST_NODES]]
        ):
            return True
    return False


@compiled
def is_in_village(memory: Memory, node: int) -> bool:
    """Whether a node lies in a village the text names."""
    own = memory.ints[memory.at[COMMUNITY_OF] + node]
    for at in range(memory.work[PLACE_COUNT + COMMUNITIES]):
        if memory.work[PLACE_NODE + COMMUNITIES * MOST_NODES + at] == own:
            return True
    return False


@compiled
def on_road(memory: Memory, reading: int, hit: int) -> int:
    """A road, or a lane of it, where the plate is not given or not in the library."""
    count = memory.work[PLACE_COUNT + ROADS]
    for at in range(count):
        memory.work[hit + HIT_NODE + at] = memory.work[PLACE_NODE + ROADS * MOST_NODES + at]
    count = keep_in_towns(memory, hit + HIT_NODE, count)
    if count == 0:
        return GIVE_UP if is_known_elsewhere(memory, ROADS) else at_town(memory, ROAD_UNKNOWN, hit)
    if has(memory, reading, HOUSE):
        note(memory, hit, NUMBER_UNKNOWN)
    first = memory.work[hit + HIT_NODE]
    note_town(memory, first, hit)
    note(memory, hit, name_fault(memory, ROADS, first, ROAD))
    if has(memory, reading, LANE):
        found = lanes(memory, reading, count, hit)
        if found < 0:
            return GIVE_UP
        if found:
            take_spare(memory, hit, found)
            count = found
    memory.work[hit + HIT_STATE + COUNT] = count
    named = memory.work[PLACE_STATE + UNKNOWN_COMPOUND] or memory.work[PLACE_COUNT + COMPOUNDS]
    inner = has(memory, reading, BUILDING) or has(memory, reading, UNIT) or has(memory, reading, ROOM)
    if not inner and not has(memory, reading, HOUSE):
        memory.work[hit + HIT_STATE + STOPPED] = 1 if named else 0
        return FOUND
    if not has(memory, reading, HOUSE) and not named:
        answer = descend(memory, reading, hit)
        return GIVE_UP if memory.work[hit + HIT_STATE + STOPPED] else answer
    memory.work[hit + HIT_STATE + STOPPED] = 1
    return FOUND


@compiled
def lanes(memory: Memory, reading: int, count: int, hit: int) -> int:
    """Lanes of the reading on the hit's first nodes, into `spare`."""
    lane = label_in(memory, reading, LANE)
    found = 0
    for at in range(count):
        if lane >= 0 and found >= 0:
            found = add_children(memory, memory.work[hit + HIT_NODE + at], LANE, lane, hit + HIT_SPARE, found)
    return found
