"""Graded exact look-ups: from a place to the nodes it may be, level by level, as deep as text and library agree."""

from address_matching.anchors import at_compound, at_plate, at_town, in_area, in_towns, on_road
from address_matching.context import towns_of, with_context
from address_matching.index import AddressIndex
from address_matching.inside import TRUSTED, Hit
from address_matching.model import COMMUNITY, HOUSE, NATURAL_VILLAGE, ROAD, ZONE
from address_matching.place import Place, Slots, readings

_OUTER = ("lane", "house", "building", "unit")


def look_up(index: AddressIndex, place: Place) -> Hit:
    """Follow every reading of a place and return the best hit; readings that lead to different addresses make it doubtful.

    A guess (210-5号 as 210弄5号) is never more than a candidate beside the plain reading; a reading marked `else` (603-173 as room 603)
    counts where the plain ones lead no further.
    """
    own = _best(index, place)
    taken = _in_context(index, place)
    if taken is None:
        return own
    hit = _best(index, taken)
    if not hit.nodes or (hit.stopped and len(hit.nodes) > 1):
        return own
    if own.numbered and not own.stopped and own.nodes and not own.doubtful and "changed" not in own.faults:
        return _rivals(index, own, hit) if hit.numbered and not hit.stopped else own
    return hit


def _in_context(index: AddressIndex, place: Place) -> Place | None:
    """The place with a name that the library lacks, or has elsewhere only, taken for what its surroundings have; None if there is none."""
    if place.roads or (place.before and not place.unknown_road):
        return None
    text = place.unknown_compound or (place.unknown_road if place.communities else "")
    if place.compound is not None and not text:
        here = in_towns(index, place, list(place.compound.nodes))
        if any(place.compound.nodes[node] in TRUSTED for node in here):
            return None
        text = place.compound.text
    if not text:
        return None
    villages = in_towns(index, place, list(place.communities.nodes)) if place.communities else []
    return with_context(index, place, text, villages, place.towns.nodes if place.towns else towns_of(index))


def _rivals(index: AddressIndex, one: Hit, other: Hit) -> Hit:
    """Two names that lead to different addresses with numbers that agree."""
    finer = sorted({*one.nodes, *other.nodes})
    if len(finer) == 1:
        return one
    return Hit(other.nodes, other.faults, finer=finer, numbered=True, doubtful=True, safe=index.common(finer))


def _best(index: AddressIndex, place: Place) -> Hit:
    first, *others = readings(place)
    best = _follow(index, place, first)
    for slots in others:
        ignored = slots.pop("else", "")
        if ignored and not best.stopped:
            continue
        guess = slots.pop("guess", "")
        hit = _follow(index, place, slots)
        if ignored:
            hit.faults.append(ignored)
        if guess:
            if not hit.stopped and hit.nodes and best.stopped:
                best = _guessed(index, hit, best)
        elif _depth(index, hit) > _depth(index, best):
            best = hit
        elif _disagree(index, hit, best):
            finer = sorted({*best.nodes, *hit.nodes})
            best = Hit(best.nodes, [*best.faults, "several_readings"], finer=finer, doubtful=True, numbered=True)
    return best


def _guessed(index: AddressIndex, guess: Hit, plain: Hit) -> Hit:
    finer = sorted({*guess.nodes, *(plain.nodes if plain.numbered else ())})
    road = index.ancestor(guess.nodes[0], ROAD)
    return Hit(guess.nodes, [*guess.faults, "several_readings"], finer=finer, doubtful=True, numbered=True, safe=road)


def _disagree(index: AddressIndex, one: Hit, other: Hit) -> bool:
    both = bool(one.nodes) and not one.stopped and not other.stopped
    return both and set(one.nodes) != set(other.nodes) and _depth(index, one) == _depth(index, other)


def _depth(index: AddressIndex, hit: Hit) -> tuple[bool, bool, int]:
    if not hit.nodes:
        return (False, False, 0)
    followed = not hit.stopped and (not hit.doubtful or "several_readings" in hit.faults)
    return (True, followed, index.level[hit.nodes[0]])


def _follow(index: AddressIndex, place: Place, slots: Slots) -> Hit:
    if "floor_conflict" in slots:
        return _contradicted_floor(index, place, slots)
    on_plate = bool(place.roads) and "house" in slots
    found = at_plate(index, place, slots) if on_plate else None
    if found is None and place.compound and not on_plate:
        found = at_compound(index, place, place.compound, slots)
    if found is None and place.roads:
        found = on_road(index, place, slots)
    if found is None and place.unknown_road:
        area = _area(index, place, {}, stems=False)
        return Hit(area.nodes, [*area.faults, "road_unknown"], "road")
    return found or _area(index, place, slots)


def _contradicted_floor(index: AddressIndex, place: Place, slots: Slots) -> Hit:
    """11层1203室: the building is safe, the room a candidate."""
    outer = _follow(index, place, {kind: value for kind, value in slots.items() if kind in _OUTER})
    if not outer.nodes or index.level[outer.nodes[0]] < HOUSE:
        return outer
    inner = _follow(index, place, {kind: value for kind, value in slots.items() if kind != "floor_conflict"})
    finer = inner.nodes if not inner.stopped else []
    return Hit(outer.nodes, [*outer.faults, "floor_conflict"], "room", finer=finer, doubtful=True)


def _area(index: AddressIndex, place: Place, slots: Slots, *, stems: bool = True) -> Hit:
    """Without road or compound: the zone, hamlet or community, else only the town.

    Before an unknown road a stem may as well belong to the road or to an old town (篁社双鹤路), so `stems` leaves them out.
    """
    for name, level in ((place.zones, ZONE), (place.naturals, NATURAL_VILLAGE), (place.communities, COMMUNITY)):
        if name is None or (not stems and all(fault == "stem" for fault in name.nodes.values())):
            continue
        found = in_area(index, place, name, slots, level)
        if found is not None:
            return found
    for unknown, fault in (
        (place.unknown_zone or place.zones, "zone_unknown"),
        (place.unknown_community or place.communities or place.naturals, "community_unknown"),
        (place.unknown_compound or place.compound, "compound_unknown"),
    ):
        if unknown:
            return at_town(index, place, fault)
    return at_town(index, place, "number_unknown" if slots else "")
