"""The one form in which a component is compared, whether it comes from the library or from a text."""

import re
from functools import lru_cache

from address_matching.model import BUILDING, FLOOR, HOUSE, LANE, NATURAL_VILLAGE, ROOM, UNIT
from address_matching.normalise import normalise
from address_matching.numbers import building_value, floor_value, group_value, house_value, lane_value, read_number, room_value

_BRACKETS = re.compile(r"[()]")
_HOUSE = re.compile(r"[甲乙丙丁]?[0-9]+(?:-[0-9]+)*[A-Z]?$")
_GROUP = re.compile(r"第?[0-9]+(?:村民小组|生产队|小组|组|队)")
_UNIT = re.compile(r"第?([A-Z0-9]+)(?:单元|梯|门)?$")


@lru_cache(maxsize=200_000)
def canonical(level: int, value: str | None) -> str:
    """Return the comparable form of a component's value, "" for none: names normalised, numbers without their unit words."""
    if not value:
        return ""
    text = _BRACKETS.sub("", normalise(value))
    if level == NATURAL_VILLAGE and _GROUP.fullmatch(text):
        return group_value(text)
    if level < LANE:
        return text
    return _NUMBERED[level](text) if level in _NUMBERED else text


def _house(text: str) -> str:
    if _HOUSE.match(text):
        return text
    number = read_number(text, 0)
    return house_value(text) if number and number.kind == "house" and number.end == len(text) else text


def _unit(text: str) -> str:
    match = _UNIT.match(text)
    return match[1] if match else text


_NUMBERED = {LANE: lane_value, HOUSE: _house, BUILDING: building_value, UNIT: _unit, FLOOR: floor_value, ROOM: room_value}
