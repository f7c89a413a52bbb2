"""From a place to the nodes it may be: the compiled counterpart of anchors.py, inside.py and look_up.py.

Look-ups return GIVE_UP where it takes the careful reader: where several addresses are possible, or a case is rare.
"""

from typing import NamedTuple

import numpy as np

from address_matching.compiled.codes import (
    ALIAS,
    ALIAS_OUT_OF_DATE,
    BUILDING_UNKNOWN,
    CHANGED,
    CHANGED_AT_PLATE,
    COMMUNITY_UNKNOWN,
    COMPOUND_UNKNOWN,
    DIRECTION_MISSING,
    FLOOR_UNKNOWN,
    GROUP_IGNORED,
    INFERRED_HOUSE,
    INFERRED_TOWN,
    INFERRED_UNIT,
    NO_FAULT,
    NUMBER_UNKNOWN,
    RENAMED,
    ROAD_UNKNOWN,
    ROOM_UNKNOWN,
    SEVERAL_TOWNS,
    STEM_ONLY,
    SUB_NUMBER_UNKNOWN,
    SUFFIX,
    TOWN_CONFLICT,
    TRUNCATED,
    UNIT_SURPLUS,
    UNIT_UNKNOWN,
    ZONE_UNKNOWN,
)
from address_matching.compiled.hashing import Characters, Ints, Keys
from address_matching.compiled.hits import COUNT, FAULTS, FOUND, GIVE_UP, NONE, NUMBERED, STOPPED, Hit, begin, copy, note, stop
from address_matching.compiled.kernel import compiled
from address_matching.compiled.misspelling import Spellings, difference
from address_matching.compiled.place import (
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
    Place,
)
from address_matching.compiled.readings import GUESS, Readings, has
from address_matching.compiled.tree import (
    Nodes,
    add_children,
    ancestor,
    first_child,
    has_children_at,
    is_under,
    label_of,
    label_place,
)
from address_matching.compiled.tree import LABEL_BITS
from address_matching.model import BUILDING, COMPOUND, FLOOR, HOUSE, LANE, NATURAL_VILLAGE, ROAD, ROOM, UNIT
from address_matching.tokens import LAST_DAY

_ZU = ord("组")
_HYPHEN = ord("-")


class Case(NamedTuple):
    """What the look-ups work with: the text with its values, the place, its readings, the library."""

    text: Characters
    place: Place
    readings: Readings
    nodes: Nodes
    spellings: Spellings
    label_stems: Ints


@compiled
def look_up(case: Case, count: int, best: Hit, other: Hit) -> int:
    """Follow all readings; the best hit is left in `best`."""
    answer = _follow(case, 0, best)
    if answer == GIVE_UP:
        return GIVE_UP
    for reading in range(1, count):
        if case.readings.start[reading, GUESS] and not best.state[STOPPED]:
            continue
        if _follow(case, reading, other) == GIVE_UP:
            return GIVE_UP
        if case.readings.start[reading, GUESS]:
            if other.state[COUNT] and not other.state[STOPPED]:
                return GIVE_UP
        elif _depth(other, case.nodes) > _depth(best, case.nodes):
            copy(other, best)
        elif _disagree(best, other, case.nodes):
            return GIVE_UP
    return FOUND


@compiled
def _depth(hit: Hit, nodes: Nodes) -> int:
    if hit.state[COUNT] == 0:
        return 0
    return 100 + (0 if hit.state[STOPPED] else 50) + np.int64(nodes.level[hit.node[0]])


@compiled
def _disagree(one: Hit, two: Hit, nodes: Nodes) -> bool:
    if one.state[COUNT] == 0 or two.state[COUNT] == 0 or one.state[STOPPED] or two.state[STOPPED]:
        return False
    if _depth(one, nodes) != _depth(two, nodes):
        return False
    return one.state[COUNT] > 1 or two.state[COUNT] > 1 or one.node[0] != two.node[0]


@compiled
def _follow(case: Case, reading: int, hit: Hit) -> int:
    begin(hit)
    place = case.place
    on_plate = place.count[ROADS] > 0 and has(case.readings, reading, HOUSE)
    if on_plate:
        answer = _at_plate(case, reading, hit)
        if answer != NONE:
            return answer
        begin(hit)
    elif place.count[COMPOUNDS]:
        answer = _at_compound(case, reading, hit)
        if answer != NONE:
            return answer
        begin(hit)
    if place.count[ROADS]:
        return _on_road(case, reading, hit)
    if place.state[UNKNOWN_ROAD]:
        answer = _area(case, reading, False, hit)
        stop(hit, ROAD_UNKNOWN)
        hit.state[NUMBERED] = 0
        return answer
    return _area(case, reading, True, hit)


# -- towns


@compiled
def _town_fault(place: Place, town: int) -> int:
    """Fault by which the text names a town, -1 if it does not mean it."""
    for at in range(place.count[TOWNS]):
        if place.node[TOWNS, at] == town:
            return int(place.fault[TOWNS, at])
    return -1


@compiled
def _keep_in_towns(case: Case, found: Keys, count: int) -> int:
    """Keep the nodes in the town of the text, of several those in the town that bears the name today; returns how many."""
    place, town = case.place, case.nodes.town
    if place.count[TOWNS] == 0 or count == 0:
        return count
    least = 3
    for at in range(count):
        least = min(least, _town_rank(place, np.int64(town[found[at]])))
    inside, in_date, exact = 0, 0, 0
    for at in range(count):
        rank = _town_rank(place, np.int64(town[found[at]]))
        inside += rank < 3
        in_date += rank < 2
        exact += rank < 1
    limit = 2 if in_date == 0 else 1
    left = inside if in_date == 0 else in_date
    if left > 1 and not place.state[HAS_DAY] and exact:
        limit = 0
    kept = 0
    for at in range(count):
        if _town_rank(place, np.int64(town[found[at]])) <= limit:
            found[kept] = found[at]
            kept += 1
    return kept


@compiled
def _town_rank(place: Place, town: int) -> int:
    fault = _town_fault(place, town)
    if fault < 0:
        return 3
    if fault == NO_FAULT:
        return 0
    return 2 if fault == ALIAS_OUT_OF_DATE else 1


@compiled
def _note_town(case: Case, node: int, hit: Hit) -> None:
    if case.place.count[TOWNS] == 0:
        note(hit, INFERRED_TOWN)
    else:
        note(hit, max(0, _town_fault(case.place, np.int64(case.nodes.town[node]))))


@compiled
def _name_fault(case: Case, part: int, node: int, level: int) -> int:
    above = ancestor(node, level, case.nodes)
    for at in range(case.place.count[part]):
        if case.place.node[part, at] == above:
            return int(case.place.fault[part, at])
    return NO_FAULT


@compiled
def _is_trusted(fault: int) -> bool:
    return fault == NO_FAULT or fault == ALIAS or fault == RENAMED or fault == SUFFIX


# -- plates


@compiled
def _plates(case: Case, reading: int, end: int, part: int, out: Keys) -> int:
    """Plates of the reading (its number up to `end`) on the nodes of a part, by way of its lane; returns how many, -1 for too many."""
    readings, nodes = case.readings, case.nodes
    house = label_of(case.text, readings.start[reading, HOUSE], end, HOUSE, nodes)
    if house < 0:
        return 0
    lane = -1
    if has(readings, reading, LANE):
        lane = label_of(case.text, readings.start[reading, LANE], readings.end[reading, LANE], LANE, nodes)
        if lane < 0:
            return 0
    count = 0
    for at in range(case.place.count[part]):
        node = case.place.node[part, at]
        if lane < 0:
            count = add_children(node, HOUSE, house, nodes, out, count)
        else:
            child = first_child(node, LANE << LABEL_BITS | lane, nodes)
            while child < nodes.start[node + 1] and nodes.key[child] == LANE << LABEL_BITS | lane and count >= 0:
                count = add_children(np.int64(nodes.child[child]), HOUSE, house, nodes, out, count)
                child += 1
        if count < 0:
            return -1
    return count


@compiled
def _at_plate(case: Case, reading: int, hit: Hit) -> int:
    """A plate on the road; one in another town outvotes the text's town if it is the only one and its name is trusted."""
    place, nodes = case.place, case.nodes
    start, end = case.readings.start[reading, HOUSE], case.readings.end[reading, HOUSE]
    count = _plates(case, reading, end, ROADS, hit.node)
    whole = True
    if count == 0:
        dash = start
        while dash < end and case.text[dash] != _HYPHEN:
            dash += 1
        if dash < end:
            count = _plates(case, reading, dash, ROADS, hit.node)
            whole = False
    if count < 0:
        return GIVE_UP
    if not whole:
        note(hit, SUB_NUMBER_UNKNOWN)
    only = hit.node[0]
    chosen = _keep_in_towns(case, hit.node, count)
    if chosen == 0 and count == 1 and _is_trusted(_name_fault(case, ROADS, only, ROAD)):
        hit.node[0] = only
        chosen = 1
        note(hit, TOWN_CONFLICT)
    if chosen == 0:
        return NONE
    hit.state[COUNT] = chosen
    first = hit.node[0]
    if place.count[TOWNS] == 0 or _town_fault(place, np.int64(nodes.town[first])) >= 0:
        _note_town(case, first, hit)
    note(hit, _name_fault(case, ROADS, first, ROAD))
    if chosen == 1 and place.count[TOWNS] == 0 and _lies_in_several_towns(case):
        note(hit, SEVERAL_TOWNS)
    if not whole:
        hit.state[STOPPED] = 1
        hit.state[NUMBERED] = 1
        return FOUND
    return _inside_plate(case, reading, hit)


@compiled
def is_plate(case: Case) -> bool:
    """Whether the first number is, dash included, a plate of the road."""
    place = case.place
    house = label_of(case.text, place.start[0, 0], place.end[0, 0], HOUSE, case.nodes)
    for at in range(place.count[ROADS]):
        if house >= 0 and add_children(place.node[ROADS, at], HOUSE, house, case.nodes, case.readings.spare_end[0], 0):
            return True
    return False


@compiled
def _lies_in_several_towns(case: Case) -> bool:
    place = case.place
    for at in range(1, place.count[ROADS]):
        if case.nodes.town[place.node[ROADS, at]] != case.nodes.town[place.node[ROADS, 0]]:
            return True
    return False


@compiled
def _inside_plate(case: Case, reading: int, hit: Hit) -> int:
    """From the plates in the hit to what the text says inside them."""
    place, nodes = case.place, case.nodes
    if place.count[COMPOUNDS]:
        under = 0
        for at in range(place.count[COMPOUNDS]):
            house = ancestor(place.node[COMPOUNDS, at], HOUSE, nodes)
            for plate in range(hit.state[COUNT]):
                if hit.node[plate] == house:
                    hit.spare[under] = place.node[COMPOUNDS, at]
                    under += 1
        if under == 0:
            return GIVE_UP
        note(hit, _name_fault(case, COMPOUNDS, hit.spare[0], COMPOUND))
        return _descend_from(case, reading, under, hit)
    if place.state[UNKNOWN_COMPOUND]:
        found, fault = _misspelt_inside(case, hit)
        if found == 1:
            note(hit, fault)
            return _descend_from(case, reading, 1, hit)
        stop(hit, COMPOUND_UNKNOWN)
        hit.state[NUMBERED] = 1
        return FOUND
    return _descend(case, reading, hit)


@compiled
def _misspelt_inside(case: Case, hit: Hit) -> tuple[int, int]:
    """Compounds at the plates whose name the text cuts short or spells with one fault: how many, the fault of the last; into `spare`."""
    nodes, text = case.nodes, case.text
    start, end = case.place.state[UNKNOWN_START], case.place.state[UNKNOWN_END]
    found, kept = 0, NO_FAULT
    for plate in range(hit.state[COUNT]):
        house = hit.node[plate]
        at = first_child(house, COMPOUND << LABEL_BITS, nodes)
        while at < nodes.start[house + 1] and nodes.key[at] < (COMPOUND + 1) << LABEL_BITS:
            node = np.int64(nodes.child[at])
            first, last = label_place(node, nodes)
            fault = NO_FAULT
            if end - start > 1 and _begins_with(nodes.text, first, last, text, start, end):
                fault = TRUNCATED
            else:
                stem = np.int64(case.label_stems[nodes.label[node]])
                fault = difference(text, start, end, nodes.text, first, last, stem, case.spellings)
            if fault != NO_FAULT and fault != DIRECTION_MISSING:
                kept = CHANGED_AT_PLATE if fault == CHANGED else fault
                if found < len(hit.spare):
                    hit.spare[found] = node
                found += 1
            at += 1
    return found, kept


@compiled
def _begins_with(name: Characters, first: int, last: int, text: Characters, start: int, end: int) -> bool:
    if last - first < end - start:
        return False
    for at in range(end - start):
        if name[first + at] != text[start + at]:
            return False
    return True


# -- inside


@compiled
def _descend_from(case: Case, reading: int, count: int, hit: Hit) -> int:
    """Descend from the nodes in `spare`."""
    if count > len(hit.node):
        return GIVE_UP
    hit.node[:count] = hit.spare[:count]
    hit.state[COUNT] = count
    return _descend(case, reading, hit)


@compiled
def _descend(case: Case, reading: int, hit: Hit) -> int:
    """Follow building, unit, floor and room as far as the library has them."""
    readings, nodes = case.readings, case.nodes
    for kind in range(BUILDING, ROOM + 1):
        if not has(readings, reading, kind) or (kind == FLOOR and has(readings, reading, ROOM)):
            continue
        below = _below(case, reading, kind, hit)
        if below < 0:
            return GIVE_UP
        if kind == ROOM and below:
            return _room(case, reading, below, hit)
        if below:
            hit.node[:below] = hit.spare[:below]
            hit.state[COUNT] = below
        elif kind == UNIT and not _any_children_at(hit, UNIT, nodes):
            note(hit, UNIT_SURPLUS)
        elif kind == FLOOR:
            note(hit, FLOOR_UNKNOWN)
        else:
            stop(hit, BUILDING_UNKNOWN if kind == BUILDING else UNIT_UNKNOWN if kind == UNIT else ROOM_UNKNOWN)
            hit.state[NUMBERED] = nodes.level[hit.node[0]] >= HOUSE
            return FOUND
    level = nodes.level[hit.node[0]]
    always = level == HOUSE or (level >= BUILDING)
    hit.state[NUMBERED] = always or has(readings, reading, BUILDING) or has(readings, reading, UNIT)
    return FOUND


@compiled
def _below(case: Case, reading: int, kind: int, hit: Hit) -> int:
    """Children of the hit's nodes with the value of the reading, each once, into `spare`; returns how many, -1 for too many."""
    readings, nodes = case.readings, case.nodes
    label = label_of(case.text, readings.start[reading, kind], readings.end[reading, kind], kind, nodes)
    if label < 0:
        return 0
    count = 0
    for at in range(hit.state[COUNT]):
        count = add_children(hit.node[at], kind, label, nodes, hit.spare, count)
        if count < 0:
            return -1
    kept = 0
    for at in range(count):
        known = False
        for other in range(kept):
            known = known or hit.spare[other] == hit.spare[at]
        if not known:
            hit.spare[kept] = hit.spare[at]
            kept += 1
    return kept


@compiled
def _any_children_at(hit: Hit, level: int, nodes: Nodes) -> bool:
    for at in range(hit.state[COUNT]):
        if has_children_at(hit.node[at], level, nodes):
            return True
    return False


@compiled
def _room(case: Case, reading: int, rooms: int, hit: Hit) -> int:
    """A room; if the text names no unit, one that is found in a single unit of a building that numbers all rooms differently."""
    nodes = case.nodes
    direct, room = 0, hit.spare[0]
    for at in range(rooms):
        for above in range(hit.state[COUNT]):
            if nodes.parent[hit.spare[at]] == hit.node[above]:
                direct += 1
                room = hit.spare[at]
    if direct != 1:
        if rooms > 1:
            return GIVE_UP
        room = hit.spare[0]
    unit_left_out = not has(case.readings, reading, UNIT) and nodes.level[nodes.parent[room]] == UNIT
    if unit_left_out and _numbers_repeat(hit.node[0], nodes):
        return GIVE_UP
    if unit_left_out:
        note(hit, INFERRED_UNIT)
    hit.node[0] = room
    hit.state[COUNT] = 1
    hit.state[NUMBERED] = 1
    return FOUND


@compiled
def _numbers_repeat(building: int, nodes: Nodes) -> bool:
    """Whether the units of a building number their rooms alike; a room found in one may then be missing from another."""
    first = first_child(building, UNIT << LABEL_BITS, nodes)
    last = first_child(building, (UNIT + 1) << LABEL_BITS, nodes)
    for one in range(first, last):
        unit = np.int64(nodes.child[one])
        for room in range(first_child(unit, ROOM << LABEL_BITS, nodes), nodes.start[unit + 1]):
            for other in range(one + 1, last):
                beside = np.int64(nodes.child[other])
                at = first_child(beside, np.int64(nodes.key[room]), nodes)
                if at < nodes.start[beside + 1] and nodes.key[at] == nodes.key[room]:
                    return True
    return False


# -- compounds, roads, areas


@compiled
def _at_compound(case: Case, reading: int, hit: Hit) -> int:
    """A compound named without its plate, on the road if there is one."""
    place, nodes = case.place, case.nodes
    count = 0
    for at in range(place.count[COMPOUNDS]):
        node = place.node[COMPOUNDS, at]
        if place.count[ROADS] == 0 or _is_on_road(place, ancestor(node, ROAD, nodes)):
            hit.node[count] = node
            count += 1
    if count == 0:
        return NONE
    if place.state[UNKNOWN_COMPOUND]:
        return _at_town(case, COMPOUND_UNKNOWN, hit)
    if place.count[ROADS] == 0:
        note(hit, INFERRED_HOUSE)
    if place.state[UNKNOWN_ROAD]:
        note(hit, ROAD_UNKNOWN)
    all_nodes = count
    hit.spare[:count] = hit.node[:count]
    count = _keep_in_towns(case, hit.node, count)
    if count:
        hit.state[COUNT] = count
        if place.count[TOWNS]:
            _note_town(case, hit.node[0], hit)
        note(hit, _name_fault(case, COMPOUNDS, hit.node[0], COMPOUND))
        return _descend(case, reading, hit)
    for at in range(place.count[COMPOUNDS]):
        if not _is_trusted(place.fault[COMPOUNDS, at]):
            return GIVE_UP
    note(hit, TOWN_CONFLICT)
    note(hit, _name_fault(case, COMPOUNDS, hit.spare[0], COMPOUND))
    answer = _descend_from(case, reading, all_nodes, hit)
    decided = answer == FOUND and hit.state[NUMBERED] and not hit.state[STOPPED] and hit.state[COUNT] == 1
    return FOUND if decided else GIVE_UP


@compiled
def _is_on_road(place: Place, road: int) -> bool:
    for at in range(place.count[ROADS]):
        if place.node[ROADS, at] == road:
            return True
    return False


@compiled
def _on_road(case: Case, reading: int, hit: Hit) -> int:
    """A road, or a lane of it, where the plate is not given or not in the library."""
    place, readings, nodes = case.place, case.readings, case.nodes
    count = place.count[ROADS]
    hit.node[:count] = place.node[ROADS, :count]
    count = _keep_in_towns(case, hit.node, count)
    if count == 0:
        return GIVE_UP
    if has(readings, reading, HOUSE):
        note(hit, NUMBER_UNKNOWN)
    first = hit.node[0]
    _note_town(case, first, hit)
    note(hit, _name_fault(case, ROADS, first, ROAD))
    if has(readings, reading, LANE):
        lanes = _lanes(case, reading, count, hit)
        if lanes < 0:
            return GIVE_UP
        if lanes:
            hit.node[:lanes] = hit.spare[:lanes]
            count = lanes
    hit.state[COUNT] = count
    named = place.state[UNKNOWN_COMPOUND] or place.count[COMPOUNDS]
    inner = has(readings, reading, BUILDING) or has(readings, reading, UNIT) or has(readings, reading, ROOM)
    if not inner and not has(readings, reading, HOUSE):
        hit.state[STOPPED] = 1 if named else 0
        return FOUND
    if not has(readings, reading, HOUSE) and not named:
        hit.spare[:count] = hit.node[:count]
        kept = hit.state[FAULTS]
        if _descend(case, reading, hit) == GIVE_UP:
            return GIVE_UP
        if not hit.state[STOPPED]:
            return FOUND
        hit.state[FAULTS] = kept
        return GIVE_UP
    hit.state[STOPPED] = 1
    return FOUND


@compiled
def _lanes(case: Case, reading: int, count: int, hit: Hit) -> int:
    """Lanes of the reading on the hit's first nodes, into `spare`."""
    readings, nodes = case.readings, case.nodes
    lane = label_of(case.text, readings.start[reading, LANE], readings.end[reading, LANE], LANE, nodes)
    found = 0
    for at in range(count):
        if lane >= 0 and found >= 0:
            found = add_children(hit.node[at], LANE, lane, nodes, hit.spare, found)
    return found


@compiled
def _area(case: Case, reading: int, stems: bool, hit: Hit) -> int:
    """Without road or compound: the zone, hamlet or community, else only the town; `stems` as in look_up.py.

    Before an unknown road (not stems) the numbers belong to that road.
    """
    place, state = case.place, case.place.state
    for part in (ZONES, NATURALS, COMMUNITIES):
        if place.count[part] == 0 or (not stems and _all_stems(place, part)):
            continue
        begin(hit)
        answer = _in_area(case, reading, part, stems, hit)
        if answer != NONE:
            return answer
    begin(hit)
    if state[UNKNOWN_ZONE] or place.count[ZONES]:
        return _at_town(case, ZONE_UNKNOWN, hit)
    if state[UNKNOWN_COMMUNITY] or place.count[COMMUNITIES] or place.count[NATURALS]:
        return _at_town(case, COMMUNITY_UNKNOWN, hit)
    if state[UNKNOWN_COMPOUND] or place.count[COMPOUNDS]:
        return _at_town(case, COMPOUND_UNKNOWN, hit)
    numbers = stems and _has_numbers(case.readings, reading)
    return _at_town(case, NUMBER_UNKNOWN if numbers else NO_FAULT, hit)


@compiled
def _has_numbers(readings: Readings, reading: int) -> bool:
    for level in range(LANE, ROOM + 1):
        if has(readings, reading, level):
            return True
    return False


@compiled
def _all_stems(place: Place, part: int) -> bool:
    for at in range(place.count[part]):
        if place.fault[part, at] != STEM_ONLY:
            return False
    return True


@compiled
def _in_area(case: Case, reading: int, part: int, numbers: bool, hit: Hit) -> int:
    """A village, community or zone, and the house or building in it (if its numbers count); NONE if it lies in another town."""
    place, readings, nodes = case.place, case.readings, case.nodes
    count = place.count[part]
    hit.node[:count] = place.node[part, :count]
    if part == NATURALS and place.count[COMMUNITIES]:
        count = _keep_in_communities(case, hit.node, count)
    count = _keep_in_towns(case, hit.node, count)
    if count == 0:
        return NONE
    first = hit.node[0]
    hit.state[COUNT] = count
    if place.count[TOWNS]:
        _note_town(case, first, hit)
    for at in range(place.count[part]):
        if place.node[part, at] == first:
            note(hit, place.fault[part, at])
    if place.state[UNKNOWN_ZONE] or place.state[UNKNOWN_COMMUNITY]:
        stop(hit, ZONE_UNKNOWN if place.state[UNKNOWN_ZONE] else COMMUNITY_UNKNOWN)
        return FOUND
    if place.state[GROUP_END]:
        return GIVE_UP if not _enter_group(case, hit) else _in_village(case, reading, numbers, hit)
    return _in_village(case, reading, numbers, hit)


@compiled
def _in_village(case: Case, reading: int, numbers: bool, hit: Hit) -> int:
    place, readings = case.place, case.readings
    if place.state[UNKNOWN_COMPOUND]:
        stop(hit, COMPOUND_UNKNOWN)
        return FOUND
    if numbers and has(readings, reading, HOUSE):
        houses = _houses_of(case, reading, hit)
        if houses < 0:
            return GIVE_UP
        if houses == 0:
            stop(hit, NUMBER_UNKNOWN)
            return FOUND
        hit.node[:houses] = hit.spare[:houses]
        hit.state[COUNT] = houses
        return _inside_plate(case, reading, hit)
    if place.count[COMPOUNDS]:
        within = 0
        for at in range(place.count[COMPOUNDS]):
            for area in range(hit.state[COUNT]):
                if is_under(place.node[COMPOUNDS, at], hit.node[area], case.nodes) and within < len(hit.spare):
                    hit.spare[within] = place.node[COMPOUNDS, at]
                    within += 1
                    break
        if within:
            note(hit, _name_fault(case, COMPOUNDS, hit.spare[0], COMPOUND))
            return _descend_from(case, reading, within, hit)
    return _descend(case, reading, hit) if numbers else FOUND


@compiled
def _houses_of(case: Case, reading: int, hit: Hit) -> int:
    """Houses of the reading in the hit's nodes, into `spare`."""
    readings, nodes = case.readings, case.nodes
    house = label_of(case.text, readings.start[reading, HOUSE], readings.end[reading, HOUSE], HOUSE, nodes)
    if house < 0:
        return 0
    starts = hit.state[COUNT]
    if has(readings, reading, LANE):
        starts = _lanes(case, reading, starts, hit)
        if starts < 0:
            return -1
        hit.node[:starts] = hit.spare[:starts]
        if starts == 0:
            return -1
    count = 0
    for at in range(starts):
        count = add_children(hit.node[at], HOUSE, house, nodes, hit.spare, count)
        if count < 0:
            return -1
    return count


@compiled
def _keep_in_communities(case: Case, found: Keys, count: int) -> int:
    """Keep the hamlets of the communities named, those that tell their community before others."""
    place, community = case.place, case.nodes.community
    kept, known = 0, 0
    for at in range(count):
        own = community[found[at]]
        named = own < 0
        for other in range(place.count[COMMUNITIES]):
            named = named or place.node[COMMUNITIES, other] == own
        if named:
            found[kept] = found[at]
            kept += 1
            known += own >= 0
    if known == 0:
        return kept
    left = 0
    for at in range(kept):
        if community[found[at]] >= 0:
            found[left] = found[at]
            left += 1
    return left


@compiled
def _enter_group(case: Case, hit: Hit) -> bool:
    """From the villages in the hit to the group the text names, where the library has it; False for too many."""
    text, nodes, written = case.text, case.nodes, case.readings.written
    first = np.int64(written[0])
    at = first
    for position in range(case.place.state[GROUP_START], case.place.state[GROUP_END]):
        text[at] = text[position]
        at += 1
    text[at] = _ZU
    written[0] = at + 1
    label = label_of(text, first, at + 1, NATURAL_VILLAGE, nodes)
    count = 0
    for village in range(hit.state[COUNT]):
        if label >= 0 and count >= 0:
            count = add_children(hit.node[village], NATURAL_VILLAGE, label, nodes, hit.spare, count)
    if count < 0:
        return False
    if count == 0:
        note(hit, GROUP_IGNORED)
        return True
    hit.node[:count] = hit.spare[:count]
    hit.state[COUNT] = count
    return True


@compiled
def _at_town(case: Case, fault: int, hit: Hit) -> int:
    """Only the town is safe: of several the one in force, with the nearest name."""
    place, nodes = case.place, case.nodes
    begin(hit)
    if fault != NO_FAULT:
        stop(hit, fault)
    if place.count[TOWNS] == 0:
        hit.state[STOPPED] = 1
        return FOUND
    best = 9
    for at in range(place.count[TOWNS]):
        best = min(best, _force(case, at))
    count = 0
    for at in range(place.count[TOWNS]):
        if _force(case, at) == best:
            hit.node[count] = place.node[TOWNS, at]
            count += 1
    hit.state[COUNT] = count
    if count == 1:
        note(hit, max(0, _town_fault(place, hit.node[0])))
    return FOUND


@compiled
def _force(case: Case, at: int) -> int:
    """Rank of a town the text may mean: in force, in date, exact (where no date tells)."""
    node, fault = case.place.node[TOWNS, at], case.place.fault[TOWNS, at]
    rank = 0 if case.nodes.valid_to[node] == LAST_DAY else 4
    if fault == ALIAS_OUT_OF_DATE:
        rank += 2
    if fault != NO_FAULT and not case.place.state[HAS_DAY]:
        rank += 1
    return rank


__all__ = ["Case", "is_plate", "look_up"]
