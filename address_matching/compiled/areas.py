"""Compounds, villages and zones in compiled code: the second part of anchors.py."""

from address_matching.compiled.codes import (
    COMMUNITY_UNKNOWN,
    COMPOUND_UNKNOWN,
    GROUP_IGNORED,
    INFERRED_HOUSE,
    NO_FAULT,
    NUMBER_UNKNOWN,
    ROAD_UNKNOWN,
    STEM_ONLY,
    TOWN_CONFLICT,
    ZONE_UNKNOWN,
)
from address_matching.compiled.hits import COUNT, FOUND, GIVE_UP, NONE, NUMBERED, STOPPED, begin, note, stop, take_spare
from address_matching.compiled.inside import descend, descend_from, inside_plate
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    CHILD,
    COMMUNITY_OF,
    HIT_NODE,
    HIT_SPARE,
    HIT_STATE,
    MOST_NODES,
    PLACE_COUNT,
    PLACE_FAULT,
    PLACE_NODE,
    PLACE_STATE,
    WRITTEN,
    Memory,
)
from address_matching.compiled.place import (
    BEFORE,
    COMMUNITIES,
    COMPOUNDS,
    GROUP_END,
    GROUP_START,
    NATURALS,
    ROADS,
    SHORT_VILLAGE,
    TOWNS,
    UNKNOWN_COMMUNITY,
    UNKNOWN_COMPOUND,
    UNKNOWN_ROAD,
    UNKNOWN_ZONE,
    ZONES,
)
from address_matching.compiled.plates import is_in_village, lanes
from address_matching.compiled.readings import has, label_in
from address_matching.compiled.towns import at_town, is_known_elsewhere, keep_in_towns, may_outvote, name_fault, note_town
from address_matching.compiled.tree import add_children, ancestor, is_under, label_of, level_start
from address_matching.model import COMPOUND, HOUSE, LANE, NATURAL_VILLAGE, ROAD, ROOM

_ZU = ord("组")


@compiled
def at_compound(memory: Memory, reading: int, hit: int) -> int:
    """A compound named without its plate, on the road if there is one, in the village if any of the name is."""
    own = 0
    for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
        own += is_in_village(memory, memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at])
    count = 0
    first = 0
    for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
        node = memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at]
        if (memory.work[PLACE_COUNT + ROADS] == 0 or _is_on_road(memory, ancestor(memory, node, ROAD))) and (
            own == 0 or is_in_village(memory, node)
        ):
            memory.work[hit + HIT_NODE + count] = node
            first = node if count == 0 else min(first, node)
            count += 1
    if count == 0:
        return NONE
    if memory.work[PLACE_STATE + UNKNOWN_COMPOUND]:
        return at_town(memory, COMPOUND_UNKNOWN, hit)
    standing_alone = ancestor(memory, first, HOUSE) < 0
    if memory.work[PLACE_COUNT + ROADS] == 0 and not (memory.work[PLACE_COUNT + TOWNS] and standing_alone):
        note(memory, hit, INFERRED_HOUSE)
    if memory.work[PLACE_STATE + UNKNOWN_ROAD]:
        note(memory, hit, ROAD_UNKNOWN)
    all_nodes = count
    for at in range(count):
        memory.work[hit + HIT_SPARE + at] = memory.work[hit + HIT_NODE + at]
    count = keep_in_towns(memory, hit + HIT_NODE, count)
    if count:
        memory.work[hit + HIT_STATE + COUNT] = count
        if memory.work[PLACE_COUNT + TOWNS]:
            note_town(memory, memory.work[hit + HIT_NODE], hit)
        note(memory, hit, name_fault(memory, COMPOUNDS, memory.work[hit + HIT_NODE], COMPOUND))
        contradicted = _lies_elsewhere(memory, hit)
        answer = descend(memory, reading, hit)
        sure = memory.work[hit + HIT_STATE + NUMBERED] and not memory.work[hit + HIT_STATE + STOPPED]
        return answer if sure or not contradicted else GIVE_UP
    if not is_known_elsewhere(memory, COMPOUNDS):
        return at_town(memory, COMPOUND_UNKNOWN, hit)
    for at in range(memory.work[PLACE_COUNT + COMPOUNDS]):
        if not may_outvote(memory.work[PLACE_FAULT + COMPOUNDS * MOST_NODES + at]):
            return GIVE_UP
    note(memory, hit, TOWN_CONFLICT)
    note(memory, hit, name_fault(memory, COMPOUNDS, memory.work[hit + HIT_SPARE], COMPOUND))
    answer = descend_from(memory, reading, all_nodes, hit)
    decided = (
        answer == FOUND
        and memory.work[hit + HIT_STATE + NUMBERED]
        and not memory.work[hit + HIT_STATE + STOPPED]
        and memory.work[hit + HIT_STATE + COUNT] == 1
    )
    return FOUND if decided else GIVE_UP


@compiled
def _lies_elsewhere(memory: Memory, hit: int) -> bool:
    """Whether the text names a village, and all nodes of the hit lie in others."""
    if memory.work[PLACE_COUNT + COMMUNITIES] == 0:
        return False
    for at in range(memory.work[hit + HIT_STATE + COUNT]):
        node = memory.work[hit + HIT_NODE + at]
        if memory.ints[memory.at[COMMUNITY_OF] + node] < 0 or is_in_village(memory, node):
            return False
    return True


@compiled
def _is_on_road(memory: Memory, road: int) -> bool:
    for at in range(memory.work[PLACE_COUNT + ROADS]):
        if memory.work[PLACE_NODE + ROADS * MOST_NODES + at] == road:
            return True
    return False


@compiled
def area(memory: Memory, reading: int, stems: bool, hit: int) -> int:
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
        return at_town(memory, ZONE_UNKNOWN, hit)
    if memory.work[PLACE_STATE + UNKNOWN_COMMUNITY] or memory.work[PLACE_COUNT + COMMUNITIES] or memory.work[PLACE_COUNT + NATURALS]:
        return at_town(memory, COMMUNITY_UNKNOWN, hit)
    if memory.work[PLACE_STATE + UNKNOWN_COMPOUND] or memory.work[PLACE_COUNT + COMPOUNDS]:
        return at_town(memory, COMPOUND_UNKNOWN, hit)
    numbers = stems and _has_numbers(memory, reading)
    return at_town(memory, NUMBER_UNKNOWN if numbers else NO_FAULT, hit)


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
    count = keep_in_towns(memory, hit + HIT_NODE, count)
    if count == 0:
        return NONE
    first = memory.work[hit + HIT_NODE]
    memory.work[hit + HIT_STATE + COUNT] = count
    if memory.work[PLACE_COUNT + TOWNS]:
        note_town(memory, first, hit)
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
    return part == COMMUNITIES and nowhere and memory.work[PLACE_STATE + SHORT_VILLAGE] > 0


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
        return inside_plate(memory, reading, hit)
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
            note(memory, hit, name_fault(memory, COMPOUNDS, memory.work[hit + HIT_SPARE], COMPOUND))
            return descend_from(memory, reading, within, hit)
    if memory.work[PLACE_STATE + UNKNOWN_COMPOUND]:
        return GIVE_UP
    return descend(memory, reading, hit) if numbers else FOUND


@compiled
def _hamlet_has_house(memory: Memory, reading: int, hit: int) -> bool:
    """Whether a hamlet of the villages in the hit has the house."""
    if has(memory, reading, LANE):
        return True
    house = label_in(memory, reading, HOUSE)
    for at in range(memory.work[hit + HIT_STATE + COUNT]):
        village = memory.work[hit + HIT_NODE + at]
        for child in range(level_start(memory, village, NATURAL_VILLAGE), level_start(memory, village, NATURAL_VILLAGE + 1)):
            if house >= 0 and add_children(memory, memory.ints[memory.at[CHILD] + child], HOUSE, house, hit + HIT_SPARE, 0):
                return True
    return False


@compiled
def _houses_of(memory: Memory, reading: int, hit: int) -> int:
    """Houses of the reading in the hit's nodes, into `spare`."""
    house = label_in(memory, reading, HOUSE)
    if house < 0:
        return 0
    starts = memory.work[hit + HIT_STATE + COUNT]
    if has(memory, reading, LANE):
        starts = lanes(memory, reading, starts, hit)
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
    first = memory.work[WRITTEN]
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
    return True
