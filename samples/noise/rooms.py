"""Variations of rooms in towers: floor and room repeated, split or mixed; stalls in markets."""

from random import Random

from samples.noise.numerals import chinese
from samples.noise.place import Place, Written
from samples.noise.registry import variation
from samples.world.library import Kind

TOWER = (Kind.TOWER_ROOM,)
HIGH = (Kind.TOWER_ROOM, Kind.FLAT)


def _before_floor(place: Place) -> str:
    return place.compound + place.building + place.unit


@variation("层+室复写", HIGH)
def floor_and_room(place: Place, rng: Random) -> Written | None:
    if not place.floor:
        return None
    floor = rng.choice([place.floor, place.floor.replace("层", "楼")])
    return Written(place.behind(_before_floor(place) + floor + place.room), place.node, "suffix_or_spelling")


@variation("层室拆分", HIGH)
def floor_then_room(place: Place, rng: Random) -> Written | None:
    digits, floor = place.room_digits, place.floor.removesuffix("层")
    if not digits or not floor or not digits.startswith(floor):
        return None
    words = rng.choice([f"{floor}层", f"{chinese(int(floor))}层"])
    return Written(place.behind(f"{_before_floor(place)}{words}{digits.removeprefix(floor)}室"), place.node, "suffix_or_spelling")


@variation("楼的二义(层vs栋)", TOWER)
def storey_or_building(place: Place, rng: Random) -> Written | None:
    if place.building or not place.room_digits:
        return None
    text = place.behind(f"{place.compound}{place.floor.replace('层', '楼')}{place.room_digits}")
    return Written(text, place.node, "suffix_or_spelling")


@variation("字母座室混排", TOWER)
def letters_mixed(place: Place, rng: Random) -> Written | None:
    if not place.building:
        return None
    wing, room = place.building.removesuffix("座"), place.room.removesuffix("室")
    written = rng.choice([f"{wing}{room.lower()}", f"{wing}座{room.lower()}室", f"{wing}{room}"])
    return Written(place.behind(place.compound + written), place.node, "suffix_or_spelling")


@variation("桥/市场/批发城摊位", [Kind.PUBLIC_PLACE])
def market_stall(place: Place, rng: Random) -> Written | None:
    if not place.compound.endswith(("市场", "商城")):
        return None
    stall = f"{rng.choice('一二三')}楼{rng.choice('ABC')}区{rng.randrange(1, 300)}号{rng.choice(['摊位', '铺位', '柜台'])}"
    before = place.county if place.compound_is_unique else place.opening
    return Written(before + place.compound + stall, place.node, "poi")


@variation("单位名代地址", [Kind.PUBLIC_PLACE])
def place_for_address(place: Place, rng: Random) -> Written | None:
    if not place.compound_is_unique:
        return None
    inside = rng.choice(["一楼大厅", "内", "院内", "西门"])
    return Written(place.county + place.compound + inside, place.node, "poi")


@variation("户籍集体户", [Kind.DORMITORY_ROOM, Kind.PUBLIC_PLACE], roles=["registered_home"])
def collective_household(place: Place, rng: Random) -> Written | None:
    node = place.ancestor("compound")
    return Written(place.county + place.road + place.number + place.compound + "集体户", node)


@variation("市场监管-托管地址", [Kind.FLAT, Kind.TOWER_ROOM], roles=["firm", "shop"])
def entrusted_address(place: Place, rng: Random) -> Written | None:
    text = f"{place.opening}{place.tail}-{rng.randrange(1, 300):03d}(托管地址)"
    return Written(text, place.node)


@variation("市场监管-集群登记工位", [Kind.TOWER_ROOM], roles=["firm", "shop"])
def work_place(place: Place, rng: Random) -> Written | None:
    desk = f"{rng.choice('ABC')}-{rng.randrange(1, 60)}{rng.choice(['工位', '卡座', '号位'])}"
    return Written(place.opening + place.tail + desk, place.node)
