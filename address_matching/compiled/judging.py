"""From a place to the nodes it may be: the compiled counterpart of anchors.py, inside.py and look_up.py.

Look-ups return GIVE_UP where it takes the careful reader: where several addresses are possible, or a case is rare.
"""

import numpy as np

from address_matching.compiled.codes import (
    ALIAS,
    ALIAS_OUT_OF_DATE,
    BUILDING_UNKNOWN,
    CHANGED,
    COMMUNITY_UNKNOWN,
    COMPOUND_UNKNOWN,
    DROPPED,
    EXTRA,
    FLOOR_UNKNOWN,
    GROUP_IGNORED,
    INFERRED_HOUSE,
    INFERRED_TOWN,
    INFERRED_UNIT,
    NO_FAULT,
    NUMBER_UNKNOWN,
    QUALIFIER_MISSING,
    RENAMED,
    ROAD_UNKNOWN,
    ROOM_UNKNOWN,
    SEVERAL_TOWNS,
    STEM_ONLY,
    SUB_NUMBER_UNKNOWN,
    SUFFIX,
    SWAPPED,
    TOWN_CONFLICT,
    TOWN_MISSPELT,
    TRUNCATED,
    UNIT_AMBIGUOUS,
    UNIT_SURPLUS,
    UNIT_UNKNOWN,
    ZONE_UNKNOWN,
)
from address_matching.compiled.hashing import find, hash_of, mix
from address_matching.compiled.hits import COUNT, FINER, FOUND, GIVE_UP, NONE, NUMBERED, STOPPED, begin, copy, note, noted, stop, take_spare
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    BEGINNING,
    BY_CORE,
    CHILD,
    CHILD_KEY,
    CHILD_START,
    COMMUNITY_OF,
    DISTINCTIVE,
    HIT_NODE,
    HIT_SPARE,
    HIT_STATE,
    MOST_CANDIDATES,
    MOST_NODES,
    MOST_NUMBERS,
    NODE_LEVEL,
    NODE_VALID_TO,
    OTHER,
    PARENT_OF,
    PLACE_COUNT,
    PLACE_FAULT,
    PLACE_NODE,
    PLACE_NUMBER_END,
    PLACE_NUMBER_KIND,
    PLACE_NUMBER_START,
    PLACE_STATE,
    READING,
    READING_END,
    READING_START,
    TOWN_OF,
    WRITTEN,
    Memory,
)
from address_matching.compiled.place import (
    AFTER,
    BEFORE,
    COMMUNITIES,
    COMPOUNDS,
    GROUP_END,
    GROUP_START,
    HAS_DAY,
    NATURALS,
    ROADS,
    TOWNS,
    UNKNOWN_COMMUNITY,
    UNKNOWN_COMPOUND,
    UNKNOWN_END,
    UNKNOWN_ROAD,
    UNKNOWN_START,
    UNKNOWN_ZONE,
    ZONES,
)
from address_matching.compiled.readings import GUESS, has
from address_matching.compiled.tree import LABEL_BITS, add_children, ancestor, first_child, has_children_at, is_under, label_of
from address_matching.model import BUILDING, COMPOUND, FLOOR, HOUSE, LANE, NATURAL_VILLAGE, ROAD, ROOM, UNIT
from address_matching.tokens import LAST_DAY

_ZU = ord("组")
_HYPHEN = ord("-")


@compiled
def look_up(memory: Memory, count: int, best: int, other: int) -> int:
    """Follow all readings; the best hit is left in `best`."""
    if _has_context(memory):
        return GIVE_UP
    answer = _follow(memory, 0, best)
    if answer == GIVE_UP:
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
def _has_context(memory: Memory) -> bool:
    """Whether a name that the library lacks, or has elsewhere only, may be taken for what its surroundings have."""
    state = PLACE_STATE
    unknown_road, before = memory.work[state + UNKNOWN_ROAD], memory.work[state + BEFORE]
    if memory.work[PLACE_COUNT + ROADS] or (before and not unknown_road):
        return False
    if memory.work[state + UNKNOWN_COMPOUND]:
        return _may_be_known(memory)
    if memory.work[PLACE_COUNT + COMPOUNDS]:
        return not _is_trusted_here(memory)
    return bool(unknown_road and memory.work[PLACE_COUNT + COMMUNITIES])


@compiled
def _is_trusted_here(memory: Memory) -> bool:
    """Whether a compound of the name, spelt well, lies in the towns of the text."""
    for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
        town = memory.ints[memory.at[TOWN_OF] + memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at]]
        here = memory.work[PLACE_COUNT + TOWNS] == 0 or _town_fault(memory, town) == NO_FAULT
        if here and _is_trusted(memory.work[PLACE_FAULT + COMPOUNDS * MOST_NODES + at]):
            return True
    return False


@compiled
def _may_be_known(memory: Memory) -> bool:
    """Whether an unknown name may be short for a compound of the text's towns, or stand for what its villages have.

    A compound's core begins, or its name ends, with the same characters; short names are always looked into.
    """
    for at in range(memory.work[PLACE_COUNT + COMMUNITIES]):
        village = memory.work[PLACE_NODE + COMMUNITIES * MOST_NODES + at]
        if has_children_at(memory, village, NATURAL_VILLAGE) or has_children_at(memory, village, COMPOUND):
            return True
    start, end = memory.work[PLACE_STATE + UNKNOWN_START], memory.work[PLACE_STATE + UNKNOWN_END]
    if memory.work[PLACE_COUNT + TOWNS] == 0:
        return True
    if end - start < DISTINCTIVE:
        return True
    short = end - 2 if memory.text[end - 1] == ord("区") and memory.text[end - 2] == ord("小") else end
    begins = mix(hash_of(memory.text, start, min(short, start + BEGINNING)), min(short - start, BEGINNING))
    ends = mix(hash_of(memory.text, end - DISTINCTIVE, end), DISTINCTIVE)
    for at in range(memory.work[PLACE_COUNT + TOWNS]):
        town = memory.work[PLACE_NODE + TOWNS * MOST_NODES + at]
        if find(memory, BY_CORE, mix(begins, town)) >= 0 or find(memory, BY_CORE, mix(ends, town)) >= 0:
            return True
    return False


@compiled
def _depth(memory: Memory, hit: int) -> int:
    if memory.work[hit + HIT_STATE + COUNT] == 0:
        return 0
    return (
        100
        + (0 if memory.work[hit + HIT_STATE + STOPPED] else 50)
        + np.int64(memory.small[memory.at[NODE_LEVEL] + memory.work[hit + HIT_NODE]])
    )


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
        answer = _at_plate(memory, reading, hit)
        if answer != NONE:
            return answer
        begin(memory, hit)
    elif memory.work[PLACE_COUNT + COMPOUNDS]:
        answer = _at_compound(memory, reading, hit)
        if answer != NONE:
            return answer
        begin(memory, hit)
    if memory.work[PLACE_COUNT + ROADS]:
        return _on_road(memory, reading, hit)
    if memory.work[PLACE_STATE + UNKNOWN_ROAD]:
        answer = _area(memory, reading, False, hit)
        stop(memory, hit, ROAD_UNKNOWN)
        memory.work[hit + HIT_STATE + NUMBERED] = 0
        return answer
    return _area(memory, reading, True, hit)


# -- towns


@compiled
def _town_fault(memory: Memory, town: int) -> int:
    """Fault by which the text names a town, -1 if it does not mean it."""
    for at in range(memory.work[PLACE_COUNT + TOWNS]):
        if memory.work[PLACE_NODE + TOWNS * MOST_NODES + at] == town:
            return int(memory.work[PLACE_FAULT + TOWNS * MOST_NODES + at])
    return -1


@compiled
def _keep_in_towns(memory: Memory, found: int, count: int) -> int:
    """Keep the nodes in the town of the text, of several those in the town that bears the name today; returns how many."""
    if memory.work[PLACE_COUNT + TOWNS] == 0 or count == 0:
        return count
    least = 3
    for at in range(count):
        least = min(least, _town_rank(memory, np.int64(memory.ints[memory.at[TOWN_OF] + memory.work[found + at]])))
    inside, in_date, exact = 0, 0, 0
    for at in range(count):
        rank = _town_rank(memory, np.int64(memory.ints[memory.at[TOWN_OF] + memory.work[found + at]]))
        inside += rank < 3
        in_date += rank < 2
        exact += rank < 1
    limit = 2 if in_date == 0 else 1
    left = inside if in_date == 0 else in_date
    if left > 1 and not memory.work[PLACE_STATE + HAS_DAY] and exact:
        limit = 0
    kept = 0
    for at in range(count):
        if _town_rank(memory, np.int64(memory.ints[memory.at[TOWN_OF] + memory.work[found + at]])) <= limit:
            memory.work[found + kept] = memory.work[found + at]
            kept += 1
    return kept


@compiled
def _town_rank(memory: Memory, town: int) -> int:
    fault = _town_fault(memory, town)
    if fault < 0:
        return 3
    if fault == NO_FAULT:
        return 0
    return 2 if fault == ALIAS_OUT_OF_DATE else 1


@compiled
def _note_town(memory: Memory, node: int, hit: int) -> None:
    if memory.work[PLACE_COUNT + TOWNS] == 0:
        note(memory, hit, INFERRED_TOWN)
    else:
        fault = _town_fault(memory, memory.ints[memory.at[TOWN_OF] + node])
        unsure = fault in (SWAPPED, DROPPED, EXTRA, CHANGED)
        note(memory, hit, TOWN_MISSPELT if unsure else max(0, fault))


@compiled
def _name_fault(memory: Memory, part: int, node: int, level: int) -> int:
    above = ancestor(memory, node, level)
    for at in range(memory.work[PLACE_COUNT + part]):
        if memory.work[PLACE_NODE + part * MOST_NODES + at] == above:
            return int(memory.work[PLACE_FAULT + part * MOST_NODES + at])
    return NO_FAULT


@compiled
def _is_trusted(fault: int) -> bool:
    return fault in (NO_FAULT, ALIAS, RENAMED, SUFFIX)


# -- plates


@compiled
def _plates(memory: Memory, reading: int, end: int, part: int, out: int) -> int:
    """Plates of the reading (its number up to `end`) on the nodes of a part, by way of its lane; returns how many, -1 for too many."""
    house = label_of(memory, memory.work[READING_START + reading * READING + HOUSE], end, HOUSE)
    if house < 0:
        return 0
    lane = -1
    if has(memory, reading, LANE):
        lane = label_of(
            memory, memory.work[READING_START + reading * READING + LANE], memory.work[READING_END + reading * READING + LANE], LANE
        )
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
                count = add_children(memory, np.int64(memory.ints[memory.at[CHILD] + child]), HOUSE, house, out, count)
                child += 1
        if count < 0:
            return -1
    return count


@compiled
def _at_plate(memory: Memory, reading: int, hit: int) -> int:
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
    chosen = _keep_in_towns(memory, hit + HIT_NODE, count)
    if _has_rival_plate(memory, hit, count, chosen):
        return GIVE_UP
    if chosen == 0 and (not whole or _town_has_road(memory)):
        return NONE
    if chosen == 0:
        chosen = _keep_trusted(memory, hit, count)
        note(memory, hit, TOWN_CONFLICT)
    if chosen > 1 and (memory.work[PLACE_COUNT + COMMUNITIES] or noted(memory, hit, TOWN_CONFLICT)):
        return GIVE_UP
    if chosen == 0:
        return NONE
    memory.work[hit + HIT_STATE + COUNT] = chosen
    first = memory.work[hit + HIT_NODE]
    if memory.work[PLACE_COUNT + TOWNS] == 0 or _town_fault(memory, np.int64(memory.ints[memory.at[TOWN_OF] + first])) >= 0:
        _note_town(memory, first, hit)
    note(memory, hit, _name_fault(memory, ROADS, first, ROAD))
    if chosen == 1 and memory.work[PLACE_COUNT + TOWNS] == 0 and _lies_in_several_towns(memory):
        note(memory, hit, SEVERAL_TOWNS)
    if not whole:
        memory.work[hit + HIT_STATE + STOPPED] = 1
        memory.work[hit + HIT_STATE + NUMBERED] = 1
        return FOUND
    answer = _inside_plate(memory, reading, hit)
    memory.work[hit + HIT_STATE + NUMBERED] = 1
    return answer


@compiled
def _has_rival_plate(memory: Memory, hit: int, count: int, chosen: int) -> bool:
    """Whether a plate (of those in `spare`) of another town has the text's compound, or lies in its village: it may outvote the town."""
    compound = memory.work[PLACE_COUNT + COMPOUNDS] > 0
    if memory.work[PLACE_COUNT + TOWNS] == 0 or not (compound or (chosen == 0 and memory.work[PLACE_COUNT + COMMUNITIES])):
        return False
    for at in range(count):
        plate = memory.work[hit + HIT_SPARE + at]
        elsewhere = _town_fault(memory, memory.ints[memory.at[TOWN_OF] + plate]) < 0
        if elsewhere and ((compound and _has_compound(memory, plate)) or (chosen == 0 and _is_in_village(memory, plate))):
            return True
    return False


@compiled
def _has_compound(memory: Memory, plate: int) -> bool:
    """Whether a compound the text names stands at a plate."""
    for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
        if ancestor(memory, memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at], HOUSE) == plate:
            return True
    return False


@compiled
def _town_has_road(memory: Memory) -> bool:
    """Whether the road named lies in a town named."""
    for at in range(memory.work[PLACE_COUNT + ROADS]):
        if _town_fault(memory, memory.ints[memory.at[TOWN_OF] + memory.work[PLACE_NODE + ROADS * MOST_NODES + at]]) >= 0:
            return True
    return memory.work[PLACE_COUNT + TOWNS] == 0


@compiled
def _keep_trusted(memory: Memory, hit: int, count: int) -> int:
    """Keep of the plates in `spare` those whose road's name is trusted."""
    kept = 0
    for at in range(count):
        plate = memory.work[hit + HIT_SPARE + at]
        if _is_trusted(_name_fault(memory, ROADS, plate, ROAD)):
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
def _inside_plate(memory: Memory, reading: int, hit: int) -> int:
    """From the plates in the hit to what the text says inside them."""
    if memory.work[PLACE_COUNT + COMPOUNDS]:
        under = 0
        for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
            house = ancestor(memory, memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at], HOUSE)
            for plate in range(memory.work[hit + HIT_STATE + COUNT]):
                if memory.work[hit + HIT_NODE + plate] == house:
                    memory.work[hit + HIT_SPARE + under] = memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at]
                    under += 1
        fault = _name_fault(memory, COMPOUNDS, memory.work[hit + HIT_SPARE], COMPOUND)
        if under == 0 or memory.work[PLACE_STATE + UNKNOWN_COMPOUND] or fault == QUALIFIER_MISSING or _any_truncated(memory):
            return GIVE_UP
        note(memory, hit, fault)
        return _descend_from(memory, reading, under, hit)
    if memory.work[PLACE_STATE + UNKNOWN_COMPOUND]:
        if _has_compounds(memory, hit) or _is_followed_before(memory):
            return GIVE_UP
        stop(memory, hit, COMPOUND_UNKNOWN)
        memory.work[hit + HIT_STATE + NUMBERED] = 1
        return FOUND
    return _descend(memory, reading, hit)


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
def _has_compounds(memory: Memory, hit: int) -> bool:
    """Whether compounds stand at the plates, whose names the text may misspell."""
    for at in range(memory.work[hit + HIT_STATE + COUNT]):
        if has_children_at(memory, memory.work[hit + HIT_NODE + at], COMPOUND):
            return True
    return False


# -- inside


@compiled
def _descend_from(memory: Memory, reading: int, count: int, hit: int) -> int:
    """Descend from the nodes in `spare`."""
    if count > MOST_NODES:
        return GIVE_UP
    take_spare(memory, hit, count)
    memory.work[hit + HIT_STATE + COUNT] = count
    return _descend(memory, reading, hit)


@compiled
def _descend(memory: Memory, reading: int, hit: int) -> int:
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
            memory.work[hit + HIT_STATE + COUNT] = below
        elif kind == UNIT and not _any_children_at(memory, hit, UNIT):
            note(memory, hit, UNIT_SURPLUS)
        elif kind == FLOOR:
            note(memory, hit, FLOOR_UNKNOWN)
        else:
            stop(memory, hit, BUILDING_UNKNOWN if kind == BUILDING else UNIT_UNKNOWN if kind == UNIT else ROOM_UNKNOWN)
            memory.work[hit + HIT_STATE + NUMBERED] = memory.small[memory.at[NODE_LEVEL] + memory.work[hit + HIT_NODE]] >= HOUSE
            return FOUND
    level = memory.small[memory.at[NODE_LEVEL] + memory.work[hit + HIT_NODE]]
    always = level == HOUSE or (level >= BUILDING)
    memory.work[hit + HIT_STATE + NUMBERED] = always or has(memory, reading, BUILDING) or has(memory, reading, UNIT)
    return FOUND


@compiled
def _below(memory: Memory, reading: int, kind: int, hit: int) -> int:
    """Children of the hit's nodes with the value of the reading, each once, into `spare`; returns how many, -1 for too many."""
    label = label_of(
        memory, memory.work[READING_START + reading * READING + kind], memory.work[READING_END + reading * READING + kind], kind
    )
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
    first = first_child(memory, building, UNIT << LABEL_BITS)
    last = first_child(memory, building, (UNIT + 1) << LABEL_BITS)
    for one in range(first, last):
        unit = np.int64(memory.ints[memory.at[CHILD] + one])
        for room in range(first_child(memory, unit, ROOM << LABEL_BITS), memory.ints[memory.at[CHILD_START] + unit + 1]):
            for other in range(one + 1, last):
                beside = np.int64(memory.ints[memory.at[CHILD] + other])
                at = first_child(memory, beside, np.int64(memory.ints[memory.at[CHILD_KEY] + room]))
                if (
                    at < memory.ints[memory.at[CHILD_START] + beside + 1]
                    and memory.ints[memory.at[CHILD_KEY] + at] == memory.ints[memory.at[CHILD_KEY] + room]
                ):
                    return True
    return False


# -- compounds, roads, areas


@compiled
def _at_compound(memory: Memory, reading: int, hit: int) -> int:
    """A compound named without its plate, on the road if there is one, in the village if any of the name is."""
    own = 0
    for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
        own += _is_in_village(memory, memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at])
    count = 0
    for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
        node = memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at]
        if (memory.work[PLACE_COUNT + ROADS] == 0 or _is_on_road(memory, ancestor(memory, node, ROAD))) and (
            own == 0 or _is_in_village(memory, node)
        ):
            memory.work[hit + HIT_NODE + count] = node
            count += 1
    if count == 0:
        return NONE
    if memory.work[PLACE_STATE + UNKNOWN_COMPOUND]:
        return _at_town(memory, COMPOUND_UNKNOWN, hit)
    standing_alone = ancestor(memory, memory.work[hit + HIT_NODE], HOUSE) < 0
    if memory.work[PLACE_COUNT + ROADS] == 0 and not (memory.work[PLACE_COUNT + TOWNS] and standing_alone):
        note(memory, hit, INFERRED_HOUSE)
    if memory.work[PLACE_STATE + UNKNOWN_ROAD]:
        note(memory, hit, ROAD_UNKNOWN)
    all_nodes = count
    for at in range(count):
        memory.work[hit + HIT_SPARE + at] = memory.work[hit + HIT_NODE + at]
    count = _keep_in_towns(memory, hit + HIT_NODE, count)
    if count:
        memory.work[hit + HIT_STATE + COUNT] = count
        if memory.work[PLACE_COUNT + TOWNS]:
            _note_town(memory, memory.work[hit + HIT_NODE], hit)
        note(memory, hit, _name_fault(memory, COMPOUNDS, memory.work[hit + HIT_NODE], COMPOUND))
        contradicted = _lies_elsewhere(memory, hit)
        answer = _descend(memory, reading, hit)
        sure = memory.work[hit + HIT_STATE + NUMBERED] and not memory.work[hit + HIT_STATE + STOPPED]
        return answer if sure or not contradicted else GIVE_UP
    for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
        if not _is_trusted(memory.work[PLACE_FAULT + COMPOUNDS * MOST_NODES + at]):
            return GIVE_UP
    note(memory, hit, TOWN_CONFLICT)
    note(memory, hit, _name_fault(memory, COMPOUNDS, memory.work[hit + HIT_SPARE], COMPOUND))
    answer = _descend_from(memory, reading, all_nodes, hit)
    decided = (
        answer == FOUND
        and memory.work[hit + HIT_STATE + NUMBERED]
        and not memory.work[hit + HIT_STATE + STOPPED]
        and memory.work[hit + HIT_STATE + COUNT] == 1
    )
    return FOUND if decided else GIVE_UP


@compiled
def _is_in_village(memory: Memory, node: int) -> bool:
    """Whether a node lies in a village the text names."""
    own = memory.ints[memory.at[COMMUNITY_OF] + node]
    for at in range(memory.work[PLACE_COUNT + COMMUNITIES]):
        if memory.work[PLACE_NODE + COMMUNITIES * MOST_NODES + at] == own:
            return True
    return False


@compiled
def _lies_elsewhere(memory: Memory, hit: int) -> bool:
    """Whether the text names a village, and all nodes of the hit lie in others."""
    if memory.work[PLACE_COUNT + COMMUNITIES] == 0:
        return False
    for at in range(memory.work[hit + HIT_STATE + COUNT]):
        node = memory.work[hit + HIT_NODE + at]
        if memory.ints[memory.at[COMMUNITY_OF] + node] < 0 or _is_in_village(memory, node):
            return False
    return True


@compiled
def _is_on_road(memory: Memory, road: int) -> bool:
    for at in range(memory.work[PLACE_COUNT + ROADS]):
        if memory.work[PLACE_NODE + ROADS * MOST_NODES + at] == road:
            return True
    return False


@compiled
def _on_road(memory: Memory, reading: int, hit: int) -> int:
    """A road, or a lane of it, where the plate is not given or not in the library."""
    count = memory.work[PLACE_COUNT + ROADS]
    for at in range(count):
        memory.work[hit + HIT_NODE + at] = memory.work[PLACE_NODE + ROADS * MOST_NODES + at]
    count = _keep_in_towns(memory, hit + HIT_NODE, count)
    if count == 0:
        return GIVE_UP
    if has(memory, reading, HOUSE):
        note(memory, hit, NUMBER_UNKNOWN)
    first = memory.work[hit + HIT_NODE]
    _note_town(memory, first, hit)
    note(memory, hit, _name_fault(memory, ROADS, first, ROAD))
    if has(memory, reading, LANE):
        lanes = _lanes(memory, reading, count, hit)
        if lanes < 0:
            return GIVE_UP
        if lanes:
            take_spare(memory, hit, lanes)
            count = lanes
    memory.work[hit + HIT_STATE + COUNT] = count
    named = memory.work[PLACE_STATE + UNKNOWN_COMPOUND] or memory.work[PLACE_COUNT + COMPOUNDS]
    inner = has(memory, reading, BUILDING) or has(memory, reading, UNIT) or has(memory, reading, ROOM)
    if not inner and not has(memory, reading, HOUSE):
        memory.work[hit + HIT_STATE + STOPPED] = 1 if named else 0
        return FOUND
    if not has(memory, reading, HOUSE) and not named:
        answer = _descend(memory, reading, hit)
        return GIVE_UP if memory.work[hit + HIT_STATE + STOPPED] else answer
    memory.work[hit + HIT_STATE + STOPPED] = 1
    return FOUND


@compiled
def _lanes(memory: Memory, reading: int, count: int, hit: int) -> int:
    """Lanes of the reading on the hit's first nodes, into `spare`."""
    lane = label_of(
        memory, memory.work[READING_START + reading * READING + LANE], memory.work[READING_END + reading * READING + LANE], LANE
    )
    found = 0
    for at in range(count):
        if lane >= 0 and found >= 0:
            found = add_children(memory, memory.work[hit + HIT_NODE + at], LANE, lane, hit + HIT_SPARE, found)
    return found


@compiled
def _area(memory: Memory, reading: int, stems: bool, hit: int) -> int:
    """Without road or compound: the zone, hamlet or community, else only the town; `stems` as in look_up.py.

    Before an unknown road (not stems) the numbers belong to that road.
    """
    for part in (ZONES, NATURALS, COMMUNITIES):
        if memory.work[PLACE_COUNT + part] == 0 or (not stems and _all_stems(memory, part)):
            continue
        begin(memory, hit)
        answer = _in_area(memory, reading, part, stems, hit)
        if answer != NONE:
            return answer
    begin(memory, hit)
    if memory.work[PLACE_STATE + UNKNOWN_ZONE] or memory.work[PLACE_COUNT + ZONES]:
        return _at_town(memory, ZONE_UNKNOWN, hit)
    if memory.work[PLACE_STATE + UNKNOWN_COMMUNITY] or memory.work[PLACE_COUNT + COMMUNITIES] or memory.work[PLACE_COUNT + NATURALS]:
        return _at_town(memory, COMMUNITY_UNKNOWN, hit)
    if memory.work[PLACE_STATE + UNKNOWN_COMPOUND] or memory.work[PLACE_COUNT + COMPOUNDS]:
        return _at_town(memory, COMPOUND_UNKNOWN, hit)
    numbers = stems and _has_numbers(memory, reading)
    return _at_town(memory, NUMBER_UNKNOWN if numbers else NO_FAULT, hit)


@compiled
def _has_numbers(memory: Memory, reading: int) -> bool:
    for level in range(LANE, ROOM + 1):
        if has(memory, reading, level):
            return True
    return False


@compiled
def _all_stems(memory: Memory, part: int) -> bool:
    for at in range(memory.work[PLACE_COUNT + part]):
        if memory.work[PLACE_FAULT + part * MOST_NODES + at] != STEM_ONLY:
            return False
    return True


@compiled
def _in_area(memory: Memory, reading: int, part: int, numbers: bool, hit: int) -> int:
    """A village, community or zone, and the house or building in it (if its numbers count); NONE if it lies in another town."""
    count = memory.work[PLACE_COUNT + part]
    for at in range(count):
        memory.work[hit + HIT_NODE + at] = memory.work[PLACE_NODE + part * MOST_NODES + at]
    if part == NATURALS and memory.work[PLACE_COUNT + COMMUNITIES]:
        count = _keep_in_communities(memory, hit + HIT_NODE, count)
    count = _keep_in_towns(memory, hit + HIT_NODE, count)
    if count == 0:
        return NONE
    first = memory.work[hit + HIT_NODE]
    memory.work[hit + HIT_STATE + COUNT] = count
    if memory.work[PLACE_COUNT + TOWNS]:
        _note_town(memory, first, hit)
    for at in range(memory.work[PLACE_COUNT + part]):
        if memory.work[PLACE_NODE + part * MOST_NODES + at] == first:
            note(memory, hit, memory.work[PLACE_FAULT + part * MOST_NODES + at])
    if _is_vague(memory, part):
        return GIVE_UP
    if memory.work[PLACE_STATE + UNKNOWN_ZONE] or memory.work[PLACE_STATE + UNKNOWN_COMMUNITY]:
        stop(memory, hit, ZONE_UNKNOWN if memory.work[PLACE_STATE + UNKNOWN_ZONE] else COMMUNITY_UNKNOWN)
        return FOUND
    if memory.work[PLACE_STATE + GROUP_END]:
        return GIVE_UP if not _enter_group(memory, hit) else _in_village(memory, reading, numbers, hit)
    return _in_village(memory, reading, numbers, hit)


@compiled
def _is_vague(memory: Memory, part: int) -> bool:
    """Whether a hamlet's or short village's name may as well be another's or no name at all."""
    nowhere = memory.work[PLACE_COUNT + TOWNS] == 0
    if part == NATURALS:
        return bool(memory.work[PLACE_STATE + UNKNOWN_COMMUNITY] or (nowhere and memory.work[PLACE_COUNT + COMMUNITIES] == 0))
    return part == COMMUNITIES and nowhere and _all_stems(memory, part)


@compiled
def _in_village(memory: Memory, reading: int, numbers: bool, hit: int) -> int:
    if memory.work[PLACE_STATE + UNKNOWN_COMPOUND] and memory.work[PLACE_STATE + BEFORE] == 0:
        stop(memory, hit, COMPOUND_UNKNOWN)
        return FOUND
    if numbers and has(memory, reading, HOUSE):
        houses = _houses_of(memory, reading, hit)
        if houses < 0:
            return GIVE_UP
        if houses == 0 and _hamlet_has_house(memory, reading, hit):
            return GIVE_UP
        if houses == 0:
            stop(memory, hit, NUMBER_UNKNOWN)
            return FOUND
        take_spare(memory, hit, houses)
        memory.work[hit + HIT_STATE + COUNT] = houses
        return _inside_plate(memory, reading, hit)
    if memory.work[PLACE_COUNT + COMPOUNDS]:
        within = 0
        for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
            for area in range(memory.work[hit + HIT_STATE + COUNT]):
                if (
                    is_under(memory, memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at], memory.work[hit + HIT_NODE + area])
                    and within < MOST_NODES
                ):
                    memory.work[hit + HIT_SPARE + within] = memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at]
                    within += 1
                    break
        if within:
            note(memory, hit, _name_fault(memory, COMPOUNDS, memory.work[hit + HIT_SPARE], COMPOUND))
            return _descend_from(memory, reading, within, hit)
    if memory.work[PLACE_STATE + UNKNOWN_COMPOUND]:
        return GIVE_UP
    return _descend(memory, reading, hit) if numbers else FOUND


@compiled
def _hamlet_has_house(memory: Memory, reading: int, hit: int) -> bool:
    """Whether a hamlet of the villages in the hit has the house."""
    if has(memory, reading, LANE):
        return True
    house = label_of(
        memory, memory.work[READING_START + reading * READING + HOUSE], memory.work[READING_END + reading * READING + HOUSE], HOUSE
    )
    for at in range(memory.work[hit + HIT_STATE + COUNT]):
        village = memory.work[hit + HIT_NODE + at]
        child = first_child(memory, village, NATURAL_VILLAGE << LABEL_BITS)
        while (
            child < memory.ints[memory.at[CHILD_START] + village + 1]
            and memory.ints[memory.at[CHILD_KEY] + child] < (NATURAL_VILLAGE + 1) << LABEL_BITS
        ):
            if house >= 0 and add_children(memory, memory.ints[memory.at[CHILD] + child], HOUSE, house, hit + HIT_SPARE, 0):
                return True
            child += 1
    return False


@compiled
def _houses_of(memory: Memory, reading: int, hit: int) -> int:
    """Houses of the reading in the hit's nodes, into `spare`."""
    house = label_of(
        memory, memory.work[READING_START + reading * READING + HOUSE], memory.work[READING_END + reading * READING + HOUSE], HOUSE
    )
    if house < 0:
        return 0
    starts = memory.work[hit + HIT_STATE + COUNT]
    if has(memory, reading, LANE):
        starts = _lanes(memory, reading, starts, hit)
        if starts < 0:
            return -1
        take_spare(memory, hit, starts)
        if starts == 0:
            return -1
    count = 0
    for at in range(starts):
        count = add_children(memory, memory.work[hit + HIT_NODE + at], HOUSE, house, hit + HIT_SPARE, count)
        if count < 0:
            return -1
    return count


@compiled
def _keep_in_communities(memory: Memory, found: int, count: int) -> int:
    """Keep the hamlets of the communities named, those that tell their community before others."""
    kept, known = 0, 0
    for at in range(count):
        own = memory.ints[memory.at[COMMUNITY_OF] + memory.work[found + at]]
        named = own < 0
        for other in range(memory.work[PLACE_COUNT + COMMUNITIES]):
            named = named or memory.work[PLACE_NODE + COMMUNITIES * MOST_NODES + other] == own
        if named:
            memory.work[found + kept] = memory.work[found + at]
            kept += 1
            known += own >= 0
    if known == 0:
        return kept
    left = 0
    for at in range(kept):
        if memory.ints[memory.at[COMMUNITY_OF] + memory.work[found + at]] >= 0:
            memory.work[found + left] = memory.work[found + at]
            left += 1
    return left


@compiled
def _enter_group(memory: Memory, hit: int) -> bool:
    """From the villages in the hit to the group the text names, where the library has it; False for too many."""
    first = np.int64(memory.work[WRITTEN])
    at = first
    for position in range(memory.work[PLACE_STATE + GROUP_START], memory.work[PLACE_STATE + GROUP_END]):
        memory.text[at] = memory.text[position]
        at += 1
    memory.text[at] = _ZU
    memory.work[WRITTEN] = at + 1
    label = label_of(memory, first, at + 1, NATURAL_VILLAGE)
    count = 0
    for village in range(memory.work[hit + HIT_STATE + COUNT]):
        if label >= 0 and count >= 0:
            count = add_children(memory, memory.work[hit + HIT_NODE + village], NATURAL_VILLAGE, label, hit + HIT_SPARE, count)
    if count < 0:
        return False
    if count == 0:
        note(memory, hit, GROUP_IGNORED)
        return True
    take_spare(memory, hit, count)
    memory.work[hit + HIT_STATE + COUNT] = count
    return True


@compiled
def _at_town(memory: Memory, fault: int, hit: int) -> int:
    """Only the town is safe: of several the one in force, with the nearest name."""
    begin(memory, hit)
    if fault != NO_FAULT:
        stop(memory, hit, fault)
    if memory.work[PLACE_COUNT + TOWNS] == 0:
        memory.work[hit + HIT_STATE + STOPPED] = 1
        return FOUND
    if memory.work[PLACE_COUNT + TOWNS] > 1:
        return GIVE_UP
    best = 9
    for at in range(memory.work[PLACE_COUNT + TOWNS]):
        best = min(best, _force(memory, at))
    count = 0
    for at in range(memory.work[PLACE_COUNT + TOWNS]):
        if _force(memory, at) == best:
            memory.work[hit + HIT_NODE + count] = memory.work[PLACE_NODE + TOWNS * MOST_NODES + at]
            count += 1
    memory.work[hit + HIT_STATE + COUNT] = count
    if count == 1:
        note(memory, hit, max(0, _town_fault(memory, memory.work[hit + HIT_NODE])))
    return FOUND


@compiled
def _force(memory: Memory, at: int) -> int:
    """Rank of a town the text may mean: in force, in date, exact (where no date tells)."""
    node, fault = memory.work[PLACE_NODE + TOWNS * MOST_NODES + at], memory.work[PLACE_FAULT + TOWNS * MOST_NODES + at]
    rank = 0 if memory.ints[memory.at[NODE_VALID_TO] + node] == LAST_DAY else 4
    if fault == ALIAS_OUT_OF_DATE:
        rank += 2
    if fault != NO_FAULT and not memory.work[PLACE_STATE + HAS_DAY]:
        rank += 1
    return rank


__all__ = ["is_plate", "look_up"]
