"""What a text says about one place, in the library's terms: named parts as nodes, numbered parts in their order."""

import re
from dataclasses import dataclass, field

from address_matching.numbers import Number, split_dashes
from address_matching.tokens import Name


@dataclass(slots=True)
class Place:
    """One address of a text. `before` and `after` hold the numbers before and after a compound's name.

    `hints` are short names of villages and towns that begin names the library lacks (云周 in 云周工业区): they tell towns apart, no more.
    """

    outside: str = ""
    division: bool = False
    towns: Name | None = None
    communities: Name | None = None
    naturals: Name | None = None
    zones: Name | None = None
    roads: list[Name] = field(default_factory=list)
    compound: Name | None = None
    unknown_road: str = ""
    unknown_zone: str = ""
    unknown_community: str = ""
    unknown_compound: str = ""
    unknown_town: str = ""
    before: list[Number] = field(default_factory=list)
    after: list[Number] = field(default_factory=list)
    others: list[Number] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    relative: bool = False
    junction: bool = False
    parcel: bool = False
    no_number: bool = False
    old_number: str = ""
    open_end: bool = False
    group: str = ""
    hints: list[Name] = field(default_factory=list)
    short_village: bool = False
    dated: bool = False
    inherited: bool = False
    plain: list[str] = field(default_factory=list)

    def is_empty(self) -> bool:
        own = not self.inherited and (self.towns or self.division)
        return not (self.has_place() or own or self.outside or self.parcel or self.unknown_town)

    def has_place(self) -> bool:
        """Whether the text names something finer than a town."""
        return bool(
            self.roads
            or self.compound
            or self.communities
            or self.naturals
            or self.zones
            or self.unknown_road
            or self.unknown_zone
            or self.unknown_compound
            or self.unknown_community
        )

    def is_complete(self) -> bool:
        """Whether a further name would begin another address."""
        return bool((self.roads or self.communities or self.naturals or self.zones or self.unknown_road) and self.before) or bool(
            self.compound or self.after
        )


Slots = dict[str, str]


def readings(place: Place) -> list[Slots]:
    """Return the ways to read a place's numbers as lane, house, building, unit, floor and room, the likeliest first."""
    plain = _plain_slots(place)
    if plain is not None:
        return [plain]
    found: list[Slots] = [{}]
    for number in place.before:
        found = [slots | option for slots in found for option in _options(number, slots, plate=True)]
    for number in place.after:
        found = [slots | option for slots in found for option in _options(number, slots, plate=False)]
    return [_join_floor(slots) for slots in found[:12]]


_PLAIN_KINDS = frozenset(("lane", "house", "building", "unit", "room"))


def _plain_slots(place: Place) -> Slots | None:
    """The common case: every number says what it is, and none can be read otherwise."""
    slots: Slots = {}
    for number in place.before:
        if number.kind not in _PLAIN_KINDS or number.kind in slots or "-" in number.value or (number.kind == "house" and slots):
            return None
        slots[number.kind] = number.value
    for number in place.after:
        if number.kind not in _PLAIN_KINDS or number.kind in slots or "-" in number.value or number.kind == "house":
            return None
        slots[number.kind] = number.value
    return slots


_SHOP_WORD = re.compile("^[^A-Z0-9]+")


def _options(number: Number, slots: Slots, *, plate: bool) -> list[Slots]:
    kind, value = number.kind, number.value
    if kind == "lane":
        return [{"lane": value}]
    if kind == "house":
        return _house_options(value, slots, plate)
    if kind == "dash":
        return _dash_options(value, slots, plate)
    if kind == "bare":
        return _bare_options(value, slots, plate)
    if kind == "shop":  # 101号店面 on a road is the shop at its plate, in a compound the shop of that number
        return [{"house": _SHOP_WORD.sub("", value)}] if plate and "house" not in slots else [{"room": value}]
    if kind == "room" and "-" in value and value[0] != "店":
        return [*_dash_options(value, slots, plate=False), {"room": value}]
    return [{kind: value}]


def _house_options(value: str, slots: Slots, plate: bool) -> list[Slots]:
    if "room" in slots:
        return [{}]
    if slots.keys() & {"building", "unit", "floor"}:
        return [{"room": value}]
    if plate and "house" not in slots:
        parts = value.split("-")
        if len(parts) == 2 and "lane" not in slots:
            return [{"house": value}, {"lane": f"{parts[0]}弄", "house": parts[1], "guess": "lane"}]
        return [{"house": value}]
    return [{"building": value}, {"room": value}]


def _bare_options(value: str, slots: Slots, plate: bool) -> list[Slots]:
    if plate and "house" not in slots and not slots.keys() & {"building", "unit"}:
        return [{"house": value}]
    if "room" in slots:
        return [{}]
    letter = value[0].isalpha() and len(value) > 2 and value[1].isdigit() and "building" not in slots
    split = [{"building": value[0], "room": value[1:]}] if letter else []
    if slots.keys() & {"building", "unit", "floor"}:
        return [{"room": value}, *split]
    if value[0] == "B" and len(value) == 2 and value[1].isdigit():
        return [{"floor": f"-{value[1]}"}, {"building": value}, {"room": value}]
    if len(value) < 3 or value.isalpha():
        return [{"building": value}, {"room": value}]
    return [{"room": value}, *split, {"building": value}]


def _dash_options(value: str, slots: Slots, plate: bool) -> list[Slots]:
    parts = split_dashes(value)
    if plate and "house" not in slots and "building" not in slots:
        return _plate_dashes(value, parts, slots)
    if "unit" in slots:
        return [{"room": value}]
    if "building" in slots:
        if len(parts[0]) > 2:
            return [{"room": value}, {"room": parts[0], "else": "bay_ignored"}]
        return [{"unit": parts[0], "room": "-".join(parts[1:])}, {"room": value}]
    if len(parts) < 2:  # the 4 of 4、4-1
        return _bare_options(value, slots, plate)
    if len(parts) == 2:
        units = [{"building": parts[0], "unit": parts[1]}] if len(parts[1]) < 3 else []
        return [{"building": parts[0], "room": parts[1]}, {"unit": parts[0], "room": parts[1]}, {"room": value}, *units]
    if len(parts[1]) > 2:
        return [{"building": parts[0], "room": "-".join(parts[1:])}, {"building": parts[0], "room": parts[1], "else": "bay_ignored"}]
    return [{"building": parts[0], "unit": parts[1], "room": "-".join(parts[2:])}, {"building": value}]


def _plate_dashes(value: str, parts: list[str], slots: Slots) -> list[Slots]:
    options: list[Slots] = [{"house": value}]
    if len(parts) == 2:
        if "lane" not in slots:
            options.append({"lane": f"{parts[0]}弄", "house": parts[1], "guess": "lane"})
        options.append({"house": parts[0], "room": parts[1], "guess": "room"})
    elif len(parts) == 3:
        options.append({"house": parts[0], "building": parts[1], "room": parts[2]})
    elif len(parts) == 4:
        options.append({"house": parts[0], "building": parts[1], "unit": parts[2], "room": parts[3]})
    return options


def _join_floor(slots: Slots) -> Slots:
    """12层03室 is room 1203; 12层1203室 says the floor twice; 11层1203室 contradicts itself."""
    floor, room = slots.get("floor"), slots.get("room")
    if not floor or not room or "-" in floor:
        return slots
    digits = room.rstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    rest = {kind: value for kind, value in slots.items() if kind != "floor"}
    if not digits.isdigit():
        return rest
    if len(digits) <= 2:
        return rest | {"room": floor + room.zfill(2 + len(room) - len(digits))}
    return rest if digits.startswith(floor) else rest | {"floor_conflict": floor}
