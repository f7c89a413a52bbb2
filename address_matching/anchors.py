"""Where a place hangs in the library: its plate, compound, road, village or zone, else its town."""

from address_matching.index import AddressIndex
from address_matching.inside import OUTVOTING, Hit, before_unknown, descend, inside_plate, name_faults
from address_matching.model import COMMUNITY, COMPOUND, HOUSE, LANE, NATURAL_VILLAGE, ROAD
from address_matching.place import Place, Slots
from address_matching.tokens import LAST_DAY, OUT_OF_DATE, Name
from address_matching.words import word_roles

_UNSURE = frozenset(("swapped", "dropped", "extra", "changed"))


def in_towns(index: AddressIndex, place: Place, nodes: list[int]) -> list[int]:
    """Return the nodes in the town of the text; of several, with no date to tell, those in the town that bears the name today."""
    if place.towns is None:
        return nodes
    towns = place.towns.nodes
    inside = [node for node in nodes if index.town[node] in towns]
    inside = [node for node in inside if towns[index.town[node]] != OUT_OF_DATE] or inside
    if len(inside) > 1 and not place.dated:
        return [node for node in inside if towns[index.town[node]] == ""] or inside
    return inside


def town_faults(index: AddressIndex, place: Place, node: int) -> list[str]:
    """Return how the text's town differs from the node's."""
    if place.towns is None:
        return ["inferred_town"]
    fault = place.towns.nodes.get(index.town[node], "")
    return ["town_misspelt" if fault in _UNSURE else fault] if fault else []


def at_plate(index: AddressIndex, place: Place, slots: Slots) -> Hit | None:
    """A plate on the road; in another town it outvotes the text's town if that lacks the road, or the compound or village is there."""
    road = place.roads[0]
    houses = _plates(index, road, slots, slots["house"])
    faults: list[str] = []
    if not houses and "-" in slots["house"]:
        houses = _plates(index, road, slots, slots["house"].split("-")[0])
        faults.append("sub_number_unknown")
    chosen = _in_village(index, place, in_towns(index, place, houses))
    trusted = [house for house in houses if road.nodes[index.ancestor(house, ROAD)] in OUTVOTING]
    named = _with_compound(index, place, trusted) or ([] if chosen else _with_village(index, place, trusted))
    if named and not set(named) & set(chosen):
        chosen = named
        faults.append("town_conflict")
    elif not chosen and (in_towns(index, place, list(road.nodes)) or "sub_number_unknown" in faults):
        return None  # the town has the road, or the number is not equal: what is unknown is the number
    elif not chosen:
        chosen = trusted
        faults.append("town_conflict")
    if len(chosen) > 1 and "town_conflict" in faults:
        safe = index.common([*(place.towns.nodes if place.towns else ()), *chosen])
        return Hit(chosen, faults, finer=chosen, numbered=True, doubtful=True, safe=safe)
    if not chosen:
        return None
    faults += town_faults(index, place, chosen[0])
    faults += name_faults(index, road, chosen[0], ROAD)
    if len(chosen) == 1 and place.towns is None and len({index.town[node] for node in road.nodes}) > 1:
        faults.append("several_towns")
    if "sub_number_unknown" in faults:
        return Hit(chosen, faults, "house", numbered=True)
    hit = inside_plate(index, place, chosen, slots, faults)
    hit.numbered = True
    return hit


def _with_compound(index: AddressIndex, place: Place, houses: list[int]) -> list[int]:
    """The plates at which the text's compound stands."""
    if place.compound is None:
        return []
    plates = {index.ancestor(node, HOUSE) for node, manner in place.compound.nodes.items() if manner in OUTVOTING}
    return [house for house in houses if house in plates]


def _in_village(index: AddressIndex, place: Place, nodes: list[int]) -> list[int]:
    """Of several nodes those in the text's village, if any."""
    return (_with_village(index, place, nodes) or nodes) if len(nodes) > 1 else nodes


def _with_village(index: AddressIndex, place: Place, nodes: list[int]) -> list[int]:
    return [node for node in nodes if place.communities is not None and index.community[node] in place.communities.nodes]


def _plates(index: AddressIndex, road: Name, slots: Slots, house: str) -> list[int]:
    found: list[int] = []
    for node in road.nodes:
        starts = index.children(node, LANE, slots["lane"]) if "lane" in slots else [node]
        for start in starts:
            found += index.children(start, HOUSE, house)
    return found


def at_compound(index: AddressIndex, place: Place, compound: Name, slots: Slots) -> Hit | None:
    """A compound named without its plate, on the road if there is one."""
    nodes = _in_villages(index, place, compound)
    if not nodes:
        return None
    if place.roads:
        nodes = [node for node in nodes if index.ancestor(node, ROAD) in place.roads[0].nodes]
        if not nodes:
            return None
    if place.unknown_compound:
        return at_town(index, place, "compound_unknown")
    spelled_out = place.roads or (place.towns and index.ancestor(min(nodes), HOUSE) < 0)
    faults: list[str] = [] if spelled_out else ["inferred_house"]
    if place.unknown_road:
        faults.append("road_unknown")
    inside = in_towns(index, place, nodes)
    if inside:
        more = town_faults(index, place, inside[0]) if place.towns else []
        hit = descend(index, inside, slots, [*faults, *more, *name_faults(index, compound, inside[0], COMPOUND)])
        villages = place.communities
        sure = hit.numbered and not hit.stopped
        if villages is not None and not sure and all(_elsewhere_lies(index, villages, node) for node in inside):
            safe = index.common([*inside, *villages.nodes])
            return Hit(inside, hit.faults, finer=inside, doubtful=True, safe=safe)
        return hit
    hit = descend(index, nodes, slots, [*faults, "town_conflict", *name_faults(index, compound, nodes[0], COMPOUND)])
    trusted = all(fault in OUTVOTING for fault in compound.nodes.values())
    if hit.numbered and not hit.stopped and len(hit.nodes) == 1 and trusted:
        return hit
    return _elsewhere(index, place, compound, "compound_unknown")


def _in_villages(index: AddressIndex, place: Place, compound: Name) -> list[int]:
    """Those compounds of a name that lie in the text's village, if any do; what every village has counts only there."""
    villages = place.communities
    own = [node for node in compound.nodes if villages is not None and index.community[node] in villages.nodes]
    return own or ([] if word_roles().get(compound.text) == "drop" else list(compound.nodes))


def _elsewhere_lies(index: AddressIndex, villages: Name, node: int) -> bool:
    return 0 <= index.community[node] not in villages.nodes


def _elsewhere(index: AddressIndex, place: Place, name: Name, fault: str) -> Hit:
    """A road or compound known in other towns only, and no number to outvote the town: neither is safe."""
    exact = [node for node, manner in name.nodes.items() if manner in ("", "alias")]
    if not exact:
        return at_town(index, place, fault)
    above = at_town(index, place, "")
    return Hit(exact, ["town_conflict"], "town", finer=exact, doubtful=True, safe=index.common([*above.nodes, *exact]))


def on_road(index: AddressIndex, place: Place, slots: Slots) -> Hit:
    """A road, or a lane of it, where the plate is not given or not in the library."""
    road = place.roads[0]
    nodes = in_towns(index, place, list(road.nodes))
    if not nodes:
        return _elsewhere(index, place, road, "road_unknown")
    faults = ["number_unknown"] if "house" in slots else []
    faults += town_faults(index, place, nodes[0])
    faults += [road.nodes[nodes[0]]] if road.nodes[nodes[0]] else []
    if "lane" in slots:
        nodes = [lane for node in nodes for lane in index.children(node, LANE, slots["lane"])] or nodes
    named = bool(place.unknown_compound or place.compound)
    if not slots.keys() - {"lane", "floor"}:
        return Hit(nodes, faults, "compound" if named else "")
    if "house" not in slots and not named:
        hit = descend(index, nodes, slots, faults)
        if not hit.stopped:
            return hit
    return Hit(nodes, faults, "house")


def in_area(index: AddressIndex, place: Place, name: Name, slots: Slots, level: int) -> Hit | None:
    """A village, community or zone, and the house or building in it; None if it lies in another town or too little says that it is meant."""
    hit = _in_area(index, place, name, slots, level)
    if hit is None or (not hit.numbered and _is_vague(place, hit, level)):
        return None
    if level == NATURAL_VILLAGE and place.unknown_community:
        return Hit(hit.nodes, [*hit.faults, "community_unknown"], finer=hit.nodes, numbered=True, doubtful=True)
    return hit


def _is_vague(place: Place, hit: Hit, level: int) -> bool:
    """Whether a hamlet's or village's name, without a number that agrees, may as well be another's or no name at all."""
    if level == NATURAL_VILLAGE:
        return bool(place.unknown_community) or (place.towns is None and place.communities is None)
    unread = place.unknown_compound or place.unknown_road or place.relative or hit.stopped
    return level == COMMUNITY and place.towns is None and place.short_village and bool(unread)


def _in_area(index: AddressIndex, place: Place, name: Name, slots: Slots, level: int) -> Hit | None:
    nodes = list(name.nodes)
    if level == NATURAL_VILLAGE and place.communities is not None:
        nodes = [node for node in nodes if index.community[node] < 0 or index.community[node] in place.communities.nodes]
        nodes = [node for node in nodes if index.community[node] >= 0] or nodes
    nodes = in_towns(index, place, nodes)
    if not nodes:
        return None
    faults = town_faults(index, place, nodes[0]) if place.towns else []
    faults += [name.nodes[nodes[0]]] if name.nodes[nodes[0]] else []
    if place.unknown_zone or (place.unknown_community and level != NATURAL_VILLAGE):
        return Hit(nodes, [*faults, "zone_unknown" if place.unknown_zone else "community_unknown"], "compound")
    if place.group:
        groups = [group for node in nodes for group in index.children(node, NATURAL_VILLAGE, place.group)]
        faults += [] if groups else ["group_ignored"]
        nodes = groups or nodes
    if place.unknown_compound and not place.before:
        return Hit(nodes, [*faults, "compound_unknown"], "compound")
    if "house" in slots:
        houses = _houses(index, nodes, slots)
        if not houses:
            houses = _in_hamlets(index, nodes, slots)
            faults += ["inferred_hamlet"] if houses else ["number_unknown"]
        return inside_plate(index, place, houses, slots, faults) if houses else Hit(nodes, faults, "house")
    if place.compound is not None:
        within = [node for node in place.compound.nodes if any(index.is_under(node, area) for area in nodes)]
        if within:
            return descend(index, within, slots, [*faults, *name_faults(index, place.compound, within[0], COMPOUND)])
    return before_unknown(index, place, nodes, slots, faults) if place.unknown_compound else descend(index, nodes, slots, faults)


def _houses(index: AddressIndex, areas: list[int], slots: Slots) -> list[int]:
    """Houses of a number in villages, hamlets or zones, or in a lane of theirs."""
    starts = [lane for area in areas for lane in index.children(area, LANE, slots["lane"])] if "lane" in slots else areas
    return [house for start in starts for house in index.children(start, HOUSE, slots["house"])]


def _in_hamlets(index: AddressIndex, villages: list[int], slots: Slots) -> list[int]:
    """Houses of a number in the hamlets and groups of villages whose houses all stand in such."""
    if any(index.children_at(village, HOUSE) for village in villages):
        return []
    return _houses(index, [hamlet for village in villages for hamlet in index.children_at(village, NATURAL_VILLAGE)], slots)


def at_town(index: AddressIndex, place: Place, fault: str) -> Hit:
    """Only the town is safe: of several the one in force, with the nearest name."""
    faults = [fault] if fault else []
    if place.towns is None:
        return Hit([], faults, "town")
    towns = _hinted(index, place, place.towns.nodes)
    in_force = [node for node in towns if index.valid_to[node] == LAST_DAY] or list(towns)
    in_force = [node for node in in_force if towns[node] != OUT_OF_DATE] or in_force
    exact = [] if place.dated else [node for node in in_force if towns[node] == ""]
    found = sorted(exact or in_force)
    manner = towns[found[0]]
    return Hit(found, faults + ([manner] if manner else []), fault)


def _hinted(index: AddressIndex, place: Place, towns: dict[int, str]) -> dict[int, str]:
    """Of several towns those in which the beginnings of unknown names are known."""
    for hint in place.hints if len(towns) > 1 else ():
        told = {index.town[node] for node in hint.nodes}
        towns = {town: manner for town, manner in towns.items() if town in told} or towns
    return towns
