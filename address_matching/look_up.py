"""Graded exact look-ups: from a place to the nodes it may be, level by level, as deep as text and library agree."""

from dataclasses import dataclass, field

from address_matching.fuzzy import difference
from address_matching.index import AddressIndex
from address_matching.model import BUILDING, COMPOUND, FLOOR, HOUSE, LANE, LEVEL_NUMBER, ROAD, ROOM, TOWN, UNIT
from address_matching.place import Place, Slots, readings
from address_matching.tokens import Name

_INNER = ("building", "unit", "floor", "room")
_TRUSTED = frozenset(("", "alias", "renamed", "suffix"))


@dataclass(slots=True)
class Hit:
    """Nodes a reading leads to. `stopped` names the part that could not be followed, "" if all were; `finer` lists what lies below."""

    nodes: list[int]
    faults: list[str]
    stopped: str = ""
    finer: list[int] = field(default_factory=list)
    numbered: bool = False
    doubtful: bool = False


def look_up(index: AddressIndex, place: Place) -> Hit:
    """Follow every reading of a place and return the best hit; readings that lead to different addresses make it doubtful.

    A guess (210-5号 as 210弄5号) is never more than a candidate beside the plain reading.
    """
    best: Hit | None = None
    for slots in readings(place):
        guess = slots.pop("guess", "")
        hit = _follow(index, place, slots)
        if best is None:
            best = hit
        elif guess:
            if not hit.stopped and hit.nodes and best.stopped:
                finer = sorted({*hit.nodes, *(best.nodes if best.numbered else ())})
                best = Hit(hit.nodes, [*hit.faults, "several_readings"], finer=finer, doubtful=True, numbered=True)
        elif _depth(index, hit) > _depth(index, best):
            best = hit
        elif _disagree(index, hit, best):
            finer = sorted({*best.nodes, *hit.nodes})
            best = Hit(best.nodes, [*best.faults, "several_readings"], finer=finer, doubtful=True, numbered=True)
    return best if best is not None else Hit([], [])


def _disagree(index: AddressIndex, one: Hit, other: Hit) -> bool:
    both = bool(one.nodes) and not one.stopped and not other.stopped
    return both and set(one.nodes) != set(other.nodes) and _depth(index, one) == _depth(index, other)


def _depth(index: AddressIndex, hit: Hit) -> tuple[bool, bool, int]:
    if not hit.nodes:
        return (False, False, 0)
    return (True, not hit.stopped and not hit.doubtful, index.level[hit.nodes[0]])


def _follow(index: AddressIndex, place: Place, slots: Slots) -> Hit:
    if "floor_conflict" in slots:
        outer = {kind: value for kind, value in slots.items() if kind in ("lane", "house", "building", "unit")}
        hit = _follow(index, place, outer)
        if not hit.nodes or index.level[hit.nodes[0]] < HOUSE:
            return hit
        inner = _follow(index, place, {kind: value for kind, value in slots.items() if kind != "floor_conflict"})
        finer = inner.nodes if not inner.stopped else []
        return Hit(hit.nodes, [*hit.faults, "floor_conflict"], "room", finer=finer, doubtful=True)
    on_plate = bool(place.roads) and "house" in slots
    found = _plate(index, place, slots) if on_plate else None
    if found is None and place.compound and not on_plate:
        found = _compound(index, place, slots)
    if found is None and place.roads:
        found = _road(index, place, slots)
    if found is None and place.unknown_road:
        area = _followed_area(index, place, {}, stems=False)
        return Hit(area.nodes, [*area.faults, "road_unknown"], "road")
    return found or _followed_area(index, place, slots)


def _followed_area(index: AddressIndex, place: Place, slots: Slots, *, stems: bool = True) -> Hit:
    """Without road or compound: the zone, hamlet or community, else only the town.

    Before an unknown road a stem may as well belong to the road or to an old town (篁社双鹤路), so `stems` leaves them out.
    """
    for name, level in ((place.zones, "zone"), (place.naturals, "natural_village"), (place.communities, "community")):
        firm = name is not None and (stems or any(fault != "stem" for fault in name.nodes.values()))
        found = _area(index, place, name, slots, level) if name is not None and firm else None
        if found is not None:
            return found
    for unknown, fault in (
        (place.unknown_zone, "zone_unknown"),
        (place.unknown_community or place.communities, "community_unknown"),
        (place.unknown_compound or place.compound, "compound_unknown"),
    ):
        if unknown:
            return _town(index, place, fault)
    return _town(index, place, "number_unknown" if slots else "")


# -- anchors


def _plate(index: AddressIndex, place: Place, slots: Slots) -> Hit | None:
    road = place.roads[0]
    houses = _numbered(index, road.nodes, slots, slots["house"])
    faults: list[str] = []
    if not houses and "-" in slots["house"]:
        houses = _numbered(index, road.nodes, slots, slots["house"].split("-")[0])
        faults.append("sub_number_unknown")
    if not houses:
        return None
    chosen, more = _in_town(index, place, houses, road)
    if not chosen:
        return None
    faults += more
    faults += _name_faults(index, road, chosen, ROAD)
    if len(chosen) == 1 and place.towns is None and len(_towns(index, road.nodes)) > 1:
        faults.append("several_towns")
    if "sub_number_unknown" in faults:
        return Hit(chosen, faults, "house", numbered=True)
    return _inside(index, place, chosen, slots, faults)


def _numbered(index: AddressIndex, roads: dict[int, str], slots: Slots, house: str) -> list[int]:
    found: list[int] = []
    for road in roads:
        starts = index.children(road, LANE, slots["lane"]) if "lane" in slots else [road]
        for start in starts:
            found += index.children(start, HOUSE, house)
    return found


def _in_town(index: AddressIndex, place: Place, nodes: list[int], name: Name) -> tuple[list[int], list[str]]:
    """Keep nodes in the town of the text. A single node elsewhere outvotes the town if its name is trusted."""
    if place.towns is None:
        return nodes, ["inferred_town"]
    towns = place.towns.nodes
    inside = [node for node in nodes if index.town[node] in towns]
    if inside:
        fault = min((towns[index.town[node]] for node in inside), key=len)
        return inside, [fault] if fault else []
    if len(nodes) == 1 and name.nodes.get(index.ancestor(nodes[0], index.level[next(iter(name.nodes))]), "?") in _TRUSTED:
        return nodes, ["town_conflict"]
    return [], []


def _towns(index: AddressIndex, nodes: dict[int, str]) -> set[int]:
    return {index.town[node] for node in nodes}


def _name_faults(index: AddressIndex, name: Name, nodes: list[int], level: int) -> list[str]:
    fault = name.nodes.get(index.ancestor(nodes[0], level), "")
    return [fault] if fault else []


def _inside(index: AddressIndex, place: Place, houses: list[int], slots: Slots, faults: list[str]) -> Hit:
    """From plates to what the text says inside them."""
    if place.compound is not None:
        return _named_inside(index, place, houses, slots, faults)
    if place.unknown_compound:
        found = _misspelt_inside(index, houses, place.unknown_compound)
        if len(found) == 1:
            return _descend(index, [found[0][0]], slots, [*faults, found[0][1]])
        return Hit(houses, [*faults, "compound_unknown"], "compound", numbered=True)
    return _descend(index, houses, slots, faults)


def _named_inside(index: AddressIndex, place: Place, houses: list[int], slots: Slots, faults: list[str]) -> Hit:
    assert place.compound is not None
    known = place.compound.nodes
    under = [node for node in known if index.ancestor(node, HOUSE) in houses]
    if under:
        return _descend(index, under, slots, faults + _name_faults(index, place.compound, under, COMPOUND))
    plain = [house for house in houses if not index.children_at(house, COMPOUND)]
    standing_alone = [node for node in known if index.ancestor(node, HOUSE) < 0]
    if plain and standing_alone:
        hit = _descend(index, standing_alone, slots, faults)
        return hit if not hit.stopped else _descend(index, plain, slots, faults)
    return Hit(houses, [*faults, "compound_conflict"], "compound", finer=sorted(known), numbered=True, doubtful=True)


def _misspelt_inside(index: AddressIndex, houses: list[int], text: str) -> list[tuple[int, str]]:
    """Compounds at the plates themselves whose name the text cuts short or spells with one fault."""
    found = []
    for house in houses:
        for node in index.children_at(house, COMPOUND):
            label = index.label(node)
            cut = len(text) > 1 and label.startswith(text)
            fault = "truncated" if cut else difference(text, label)
            if fault and fault != "direction_missing":
                found.append((node, "changed_at_plate" if fault == "changed" else fault))
    return found


def _compound(index: AddressIndex, place: Place, slots: Slots) -> Hit | None:
    compound = place.compound
    assert compound is not None
    nodes = list(compound.nodes)
    if place.roads:
        on_road = [node for node in nodes if index.ancestor(node, ROAD) in place.roads[0].nodes]
        if not on_road:
            return None
        nodes = on_road
    faults: list[str] = [] if place.roads else ["inferred_house"]
    if place.unknown_road:
        faults.append("road_unknown")
    towns = place.towns
    inside = nodes if towns is None else [node for node in nodes if index.town[node] in towns.nodes]
    if place.unknown_compound:
        return Hit(inside, [*faults, "compound_unknown"], "compound") if not inside else _town(index, place, "compound_unknown")
    if inside:
        if towns is not None and towns.nodes[index.town[inside[0]]]:
            faults.append(towns.nodes[index.town[inside[0]]])
        return _descend(index, inside, slots, faults + _name_faults(index, compound, inside, COMPOUND))
    hit = _descend(index, nodes, slots, [*faults, "town_conflict", *_name_faults(index, compound, nodes, COMPOUND)])
    trusted = all(fault in _TRUSTED for fault in compound.nodes.values())
    if hit.numbered and not hit.stopped and len(hit.nodes) == 1 and trusted:
        return hit
    return _elsewhere(index, place, compound, "compound_unknown")


def _elsewhere(index: AddressIndex, place: Place, name: Name, fault: str) -> Hit:
    """A road or compound known in other towns only, and no number to outvote the town: neither is safe."""
    exact = [node for node, manner in name.nodes.items() if manner in ("", "alias")]
    if not exact:
        return _town(index, place, fault)
    return Hit(exact, ["town_conflict"], "town", finer=exact, doubtful=True)


def _road(index: AddressIndex, place: Place, slots: Slots) -> Hit:
    road = place.roads[0]
    faults = ["number_unknown"] if "house" in slots else []
    nodes = list(road.nodes)
    if place.towns is not None:
        nodes = [node for node in nodes if index.town[node] in place.towns.nodes]
        if not nodes:
            return _elsewhere(index, place, road, "road_unknown")
        fault = place.towns.nodes[index.town[nodes[0]]]
        faults += [fault] if fault else []
    else:
        faults.append("inferred_town")
    faults += [road.nodes[nodes[0]]] if road.nodes[nodes[0]] else []
    if "lane" in slots:
        lanes = [lane for node in nodes for lane in index.children(node, LANE, slots["lane"])]
        nodes = lanes or nodes
    if not slots.keys() - {"lane", "floor"}:
        return Hit(nodes, faults, "compound" if place.unknown_compound or place.compound else "")
    if "house" not in slots and not place.unknown_compound and not place.compound:
        hit = _descend(index, nodes, slots, faults)
        if not hit.stopped:
            return hit
    return Hit(nodes, faults, "house")


def _area(index: AddressIndex, place: Place, name: Name, slots: Slots, level: str) -> Hit | None:
    """A village, community or zone, and the house or building in it."""
    nodes = list(name.nodes)
    faults: list[str] = []
    if place.towns is not None:
        inside = [node for node in nodes if index.town[node] in place.towns.nodes]
        if not inside:
            return None
        fault = place.towns.nodes[index.town[inside[0]]]
        faults += [fault] if fault else []
        nodes = inside
    if place.naturals is not None and level == "natural_village" and place.communities is not None:
        within = [node for node in nodes if index.parent[node] in place.communities.nodes]
        nodes = within or nodes
    fault = name.nodes[nodes[0]]
    faults += [fault] if fault else []
    if place.unknown_zone or place.unknown_community or (place.unknown_compound and level != "zone"):
        return Hit(nodes, [*faults, "zone_unknown" if place.unknown_zone else "compound_unknown"], "compound")
    if "house" in slots:
        houses = [house for node in nodes for house in index.children(node, HOUSE, slots["house"])]
        if houses:
            return _inside(index, place, houses, slots, faults)
        return Hit(nodes, [*faults, "number_unknown"], "house")
    if place.unknown_compound:
        return Hit(nodes, [*faults, "compound_unknown"], "compound")
    return _descend(index, nodes, slots, faults)


def _town(index: AddressIndex, place: Place, fault: str) -> Hit:
    """Only the town is safe."""
    faults = [fault] if fault else []
    if place.towns is None:
        return Hit([], faults, "town")
    manner = min(place.towns.nodes.values(), key=len)
    found = [node for node, other in place.towns.nodes.items() if other == manner or manner]
    return Hit(sorted(found), faults + ([manner] if manner else []), fault)


# -- inside a compound, plate or village


def _descend(index: AddressIndex, nodes: list[int], slots: Slots, faults: list[str]) -> Hit:
    """Follow building, unit, floor and room as far as the library has them."""
    current, faults = nodes, list(faults)
    for kind in _INNER:
        value = slots.get(kind)
        if value is None or (kind == "floor" and "room" in slots):
            continue
        level = LEVEL_NUMBER[kind]
        below = index.children(current[0], level, value)
        if len(current) > 1:
            below = sorted({child for node in current for child in index.children(node, level, value)})
        if kind == "room" and len(below) > 1:
            return _several_rooms(index, current, below, faults)
        if below:
            if kind == "room" and index.level[index.parent[below[0]]] == UNIT and "unit" not in slots:
                if _numbers_repeat(index, current[0]):
                    return Hit(current, [*faults, "unit_ambiguous"], "unit", finer=below, numbered=True)
                faults.append("inferred_unit")
            current = below
        elif kind == "unit" and not any(index.children_at(node, UNIT) for node in current):
            faults.append("unit_surplus")
        elif kind == "floor":
            faults.append("floor_unknown")
        else:
            faults.append(f"{kind}_unknown")
            return Hit(current, faults, kind, numbered=index.level[current[0]] >= HOUSE)
    numbered = bool(slots.keys() & {"building", "unit", "room"}) or index.level[current[0]] in (HOUSE, BUILDING, UNIT, FLOOR, ROOM)
    return Hit(current, faults, numbered=numbered)


def _numbers_repeat(index: AddressIndex, building: int) -> bool:
    """Whether the units of a building number their rooms alike; a room found in one may then be missing from another."""
    seen: set[str] = set()
    for unit in index.children_at(building, UNIT):
        rooms = {index.label(room) for room in index.children_at(unit, ROOM)}
        if seen & rooms:
            return True
        seen |= rooms
    return False


def _several_rooms(index: AddressIndex, above: list[int], rooms: list[int], faults: list[str]) -> Hit:
    """Rooms of one number: in several units of one building the building is safe, else none is."""
    if len(above) == 1 and index.level[above[0]] >= COMPOUND:
        return Hit(above, [*faults, "unit_ambiguous"], "unit", finer=rooms, numbered=True)
    return Hit(rooms, faults, numbered=True)


__all__ = ["TOWN", "Hit", "look_up"]
