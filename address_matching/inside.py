"""From a plate, compound or village to what lies inside it: building, unit, floor, room."""

from dataclasses import dataclass, field

from address_matching.context import among
from address_matching.index import AddressIndex
from address_matching.model import BUILDING, COMPOUND, FLOOR, HOUSE, LEVEL_NUMBER, ROOM, UNIT
from address_matching.place import Place, Slots
from address_matching.tokens import Name

TRUSTED = frozenset(("", "alias", "renamed", "suffix"))
"""Manners of names that may speak against another part of a text."""
OUTVOTING = TRUSTED - {"suffix"}
"""Manners of names that may outvote the town of a text."""
_AT_PLATE = {"qualifier_missing": "qualifier_at_plate", "changed": "changed_at_plate"}
_INNER = ("building", "unit", "floor", "room")
_NUMBERED = frozenset((HOUSE, BUILDING, UNIT, FLOOR, ROOM))


@dataclass(slots=True)
class Hit:
    """Nodes a reading leads to.

    `stopped` names the part that could not be followed, "" if all were; `finer` lists what lies below the nodes or beside them;
    `numbered` says that a number agreed; `doubtful` that a person must decide, with `safe` the node above all doubt if known.
    """

    nodes: list[int]
    faults: list[str]
    stopped: str = ""
    finer: list[int] = field(default_factory=list)
    numbered: bool = False
    doubtful: bool = False
    safe: int | None = None


def inside_plate(index: AddressIndex, place: Place, houses: list[int], slots: Slots, faults: list[str]) -> Hit:
    """From plates to what the text says inside them."""
    if place.compound is not None:
        found = _named_inside(index, place, place.compound, houses, slots, faults)
        if found is not None:
            return found
    elif not place.unknown_compound:
        return descend(index, houses, slots, faults)
    text = place.unknown_compound or (place.compound.text if place.compound else "")
    return _misspelt(index, text, houses, slots, faults) or before_unknown(index, place, houses, slots, faults)


def before_unknown(index: AddressIndex, place: Place, nodes: list[int], slots: Slots, faults: list[str]) -> Hit:
    """Follow the numbers that stand before a name the library lacks; behind a room that name is a firm's or a person's."""
    written = {number.value for number in place.before}
    hit = descend(index, nodes, {kind: value for kind, value in slots.items() if value in written}, faults)
    if hit.stopped or index.level[hit.nodes[0]] == ROOM:
        return hit
    return Hit(hit.nodes, [*hit.faults, "compound_unknown"], "compound", finer=hit.finer, numbered=hit.numbered)


def name_faults(index: AddressIndex, name: Name, node: int, level: int) -> list[str]:
    """Return the fault by which a name differs from that of the node's ancestor at a level, if any."""
    fault = name.nodes.get(index.ancestor(node, level), "")
    return [fault] if fault else []


def _named_inside(index: AddressIndex, place: Place, compound: Name, houses: list[int], slots: Slots, faults: list[str]) -> Hit | None:
    """A compound of the library named beside a plate; None where the name is another's and says nothing about this plate."""
    under = [node for node in compound.nodes if index.ancestor(node, HOUSE) in houses]
    if not under and place.unknown_compound:
        return None
    if under and place.unknown_compound:  # the name goes on, and may be the beginning of a longer one: 紫岸佳苑南 of 紫岸佳苑南区
        longer = _misspelt(index, place.unknown_compound, houses, slots, faults)
        if longer is not None or compound.nodes[under[0]] == "qualifier_missing":
            return longer
    if under and "truncated" not in compound.nodes.values():
        fault = compound.nodes[under[0]]
        if len(under) == 1:
            fault = _AT_PLATE.get(fault, fault)
        return descend(index, under, slots, [*faults, fault] if fault else faults)
    if all(compound.nodes.values()):
        misspelt = _misspelt(index, compound.text, houses, slots, faults)
        if misspelt is not None:
            return misspelt
    plain = [house for house in houses if not index.children_at(house, COMPOUND)]
    towns = {index.town[house] for house in houses}
    standing_alone = [node for node in compound.nodes if index.ancestor(node, HOUSE) < 0 and index.town[node] in towns]
    if standing_alone:
        hit = descend(index, standing_alone, slots, [*faults, "plate_unlinked"])
        return hit if not hit.stopped or not plain else descend(index, plain, slots, faults)
    rivals = sorted(node for node, manner in compound.nodes.items() if manner in TRUSTED)
    hit = descend(index, rivals, slots, []) if rivals else Hit([], [])
    likely = place.towns is None or (hit.numbered and not hit.stopped)
    elsewhere = [node for node in hit.nodes if likely or index.town[node] in towns]
    if not elsewhere:
        return None
    safe = index.common([*houses, *elsewhere])
    return Hit(houses, [*faults, "compound_conflict"], "compound", finer=[*houses, *elsewhere], numbered=True, doubtful=True, safe=safe)


def _misspelt(index: AddressIndex, text: str, houses: list[int], slots: Slots, faults: list[str]) -> Hit | None:
    """The compound at the plates that a misspelt or shortened name means; where it may mean several, all are candidates."""
    found = among(index, houses, COMPOUND, text)
    if len(found) == 1:
        return descend(index, [found[0][0]], slots, [*faults, found[0][1]])
    if not found:
        return None
    nodes = sorted(node for node, _ in found)
    return Hit(nodes, [*faults, found[0][1]], finer=nodes, numbered=True, doubtful=True, safe=index.common(nodes))


def descend(index: AddressIndex, nodes: list[int], slots: Slots, faults: list[str]) -> Hit:
    """Follow building, unit, floor and room as far as the library has them."""
    current, faults = nodes, list(faults)
    for kind in _INNER:
        value = slots.get(kind)
        if value is None or (kind == "floor" and "room" in slots):
            continue
        below = _below(index, current, LEVEL_NUMBER[kind], value)
        if kind == "room" and below:
            return _room(index, current, below, slots, faults)
        if below:
            current = below
        elif kind == "unit" and not any(index.children_at(node, UNIT) for node in current):
            faults.append("unit_surplus")
        elif kind == "floor":
            faults.append("floor_unknown")
        else:
            return Hit(current, [*faults, f"{kind}_unknown"], kind, numbered=index.level[current[0]] in _NUMBERED)
    return Hit(current, faults, numbered=index.level[current[0]] in _NUMBERED)


def _below(index: AddressIndex, nodes: list[int], level: int, value: str) -> list[int]:
    if len(nodes) == 1:
        return index.children(nodes[0], level, value)
    return sorted({child for node in nodes for child in index.children(node, level, value)})


def _room(index: AddressIndex, above: list[int], rooms: list[int], slots: Slots, faults: list[str]) -> Hit:
    """A room; if the text names no unit, one that is found in a single unit of a building that numbers all rooms differently."""
    direct = [room for room in rooms if index.parent[room] in above]
    if len(direct) == 1:
        rooms = direct
    if len(rooms) > 1 and (len(above) > 1 or index.level[above[0]] < COMPOUND):
        return Hit(rooms, faults, numbered=True)
    unit_left_out = "unit" not in slots and index.level[index.parent[rooms[0]]] == UNIT
    if len(rooms) > 1 or (unit_left_out and _numbers_repeat(index, above[0])):
        return Hit(above, [*faults, "unit_ambiguous"], "unit", finer=rooms, numbered=True)
    return Hit(rooms, [*faults, "inferred_unit"] if unit_left_out else faults, numbered=True)


def _numbers_repeat(index: AddressIndex, building: int) -> bool:
    """Whether the units of a building number their rooms alike; a room found in one may then be missing from another."""
    seen: set[str] = set()
    for unit in index.children_at(building, UNIT):
        rooms = {index.label(room) for room in index.children_at(unit, ROOM)}
        if seen & rooms:
            return True
        seen |= rooms
    return False
