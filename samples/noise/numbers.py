"""Variations of the door number: forms of digits, sub-numbers, ranges, former numbers, none at all, another one."""

from random import Random

from samples.noise.numerals import FULL_WIDTH, chinese, digit_by_digit
from samples.noise.place import Place, Written
from samples.noise.registry import DOORS, INSIDE, NUMBERED, VILLAGE, variation
from samples.words import words
from samples.world.library import Kind

WITH_DIGITS = (*NUMBERED, *VILLAGE)
ON_ROAD = (Kind.ROAD_DOOR, Kind.GATE)


@variation("全角数字字母", WITH_DIGITS)
def full_width(place: Place, rng: Random) -> Written | None:
    return Written(place.opening + place.tail.translate(FULL_WIDTH), place.node, "suffix_or_spelling")


@variation("中文数字门牌", WITH_DIGITS)
def chinese_number(place: Place, rng: Random) -> Written | None:
    if not place.digits or int(place.digits) > 99:
        return None
    return Written(place.at_door(chinese(int(place.digits)) + "号"), place.node, "suffix_or_spelling")


@variation("中文数字位值与逐位", WITH_DIGITS)
def chinese_digits(place: Place, rng: Random) -> Written | None:
    if len(place.digits) != 3:
        return None
    written = rng.choice([digit_by_digit(place.digits), chinese(int(place.digits))])
    return Written(place.at_door(written + "号"), place.node, "suffix_or_spelling")


@variation("专名数字不可转", NUMBERED)
def numeral_in_name(place: Place, rng: Random) -> Written | None:
    if place.road not in words("places")["numeral_roads"] or not place.number:
        return None
    return Written(place.county + place.town + place.tail, place.node)


@variation("号字省略", [*INSIDE, Kind.PUBLIC_PLACE])
def without_number_word(place: Place, rng: Random) -> Written | None:
    return Written(place.at_door(place.digits), place.node, "suffix_or_spelling") if place.digits and place.compound else None


def _sub_number(place: Place) -> tuple[str, str] | None:
    """Main and sub-number of a door that has both."""
    body = place.number
    if "附" in body:
        main, sub = body.split("号附")
        return main, sub
    if "-" in body and place.kind == Kind.ROAD_DOOR:
        main, sub = body.removesuffix("号").split("-")
        return main, sub
    return None


@variation("门牌附号-之", [Kind.ROAD_DOOR])
def sub_number_of(place: Place, rng: Random) -> Written | None:
    parts = _sub_number(place)
    if parts is None:
        return None
    written = f"{parts[0]}号之{rng.choice([parts[1], chinese(int(parts[1]))])}"
    return Written(place.at_door(written), place.node, "suffix_or_spelling")


@variation("门牌附号-横杠", [Kind.ROAD_DOOR])
def sub_number_dash(place: Place, rng: Random) -> Written | None:
    parts = _sub_number(place)
    if parts is None or "附" not in place.number:
        return None
    return Written(place.at_door(f"{parts[0]}-{parts[1]}号"), place.node, "suffix_or_spelling")


@variation("门牌附号-附", [Kind.ROAD_DOOR])
def sub_number_attached(place: Place, rng: Random) -> Written | None:
    parts = _sub_number(place)
    if parts is None or "附" in place.number:
        return None
    return Written(place.at_door(f"{parts[0]}号附{parts[1]}号"), place.node, "suffix_or_spelling")


def _neighbours(place: Place, gap: int, most: int) -> list[int]:
    """Doors with the next numbers on the same side of the road, this one first."""
    road, found = int(place.gazetteer.library.parent[place.node]), [place.node]
    number = int(place.digits)
    for _ in range(most):
        number += gap
        door = place.gazetteer.door(road, f"{number}号")
        if door is None:
            break
        found.append(door)
    return found


@variation("门牌区间", [Kind.ROAD_DOOR])
def number_range(place: Place, rng: Random) -> Written | None:
    if not place.digits:
        return None
    doors = _neighbours(place, 2, 3)
    if len(doors) < 2:
        return None
    last = int(place.digits) + 2 * (len(doors) - 1)
    return Written(place.at_door(f"{place.digits}-{last}号"), place.node, "range", more=tuple(doors[1:]))


@variation("门牌列举", [Kind.ROAD_DOOR])
def number_list(place: Place, rng: Random) -> Written | None:
    if not place.digits:
        return None
    doors = _neighbours(place, rng.choice([1, 2]), 2)
    if len(doors) < 2:
        return None
    value = place.gazetteer.library.value
    listed = "、".join(value("house_number", door).removesuffix("号") for door in doors)
    return Written(place.at_door(listed + "号"), place.node, "range", more=tuple(doors[1:]))


@variation("连续间号", ON_ROAD)
def shop_bays(place: Place, rng: Random) -> Written | None:
    first = rng.randrange(1, 6)
    return Written(place.at_door(f"{place.number}第{first}-{first + rng.randrange(1, 4)}间"), place.node)


@variation("旧门牌新门牌括注", [Kind.ROAD_DOOR])
def former_number_noted(place: Place, rng: Random) -> Written | None:
    former = place.gazetteer.library.former_number.get(place.node)
    return Written(place.at_door(f"{place.number}(旧门牌{former})"), place.node) if former else None


@variation("旧门牌单独出现", [Kind.ROAD_DOOR])
def former_number_only(place: Place, rng: Random) -> Written | None:
    former = place.gazetteer.library.former_number.get(place.node)
    if not former:
        return None
    return Written(place.at_door(rng.choice(["旧" + former, f"{former}(旧)", former])), place.node, "old_number")


@variation("临时/无号", ON_ROAD)
def no_number(place: Place, rng: Random) -> Written | None:
    door = rng.choice(["无号", f"临{place.digits or '8'}号", f"暂{place.digits or '8'}号"])
    return Written(place.opening + place.road + door, place.ancestor("road"), "road_only")


@variation("数字近形误写", [Kind.ROAD_DOOR])
def swapped_digits(place: Place, rng: Random) -> Written | None:
    """The text names another number: where a door has it, that one is meant as far as anyone can tell."""
    digits = place.digits
    if len(digits) < 2 or digits[-1] == digits[-2] or digits[-1] == "0" or not place.road_is_unique:
        return None
    other = digits[:-2] + digits[-1] + digits[-2]
    road = int(place.gazetteer.library.parent[place.node])
    door = place.gazetteer.door(road, other + "号")
    if other.startswith("0"):
        return None
    if door is None:
        return Written(place.at_door(other + "号"), road, "road_only")
    return Written(place.at_door(other + "号"), door)


@variation("东首西首间", DOORS)
def bay_at_the_end(place: Place, rng: Random) -> Written | None:
    bay = f"{rng.choice('东西南北')}{rng.choice(['首', '头', '边'])}第{rng.choice('一二三')}间"
    return Written(place.at_door(place.number + bay), place.node)
