"""Variations of compounds and buildings: names left out, short, old or promotional, units missing, joined by dashes."""

from random import Random

from samples.noise.numerals import chinese
from samples.noise.place import Place, Written
from samples.noise.registry import FLATS, INSIDE, ROOMS, VILLAGE, variation
from samples.world.library import LEVEL, Kind

IN_BUILDING = (Kind.FLAT, Kind.DORMITORY_ROOM)


def _inside(place: Place) -> str:
    """Building, unit and room."""
    return place.building + place.unit + place.room


def _numbered_building(place: Place) -> str:
    body = place.building.removesuffix("幢")
    return body if body.isdigit() and place.kind == Kind.FLAT else ""


@variation("幢栋号楼座", FLATS)
def building_words(place: Place, rng: Random) -> Written | None:
    number = _numbered_building(place)
    if not number:
        return None
    building = number + rng.choice(["栋", "号楼", "座"])
    return Written(place.behind(place.compound + building + place.unit + place.room), place.node, "suffix_or_spelling")


@variation("小区名缺门牌", [*INSIDE, Kind.PUBLIC_PLACE])
def without_door(place: Place, rng: Random) -> Written | None:
    if not place.compound_is_unique:
        return None
    opening = rng.choice([place.county, place.opening])
    return Written(opening + place.inside, place.node, "poi")


@variation("门牌有小区无", FLATS)
def without_compound(place: Place, rng: Random) -> Written | None:
    gate = place.gazetteer.library.parent[place.ancestor("compound")]
    if len(place.gazetteer.children(int(gate), "compound")) != 1:
        return None
    return Written(place.behind(_inside(place)), place.node)


def _renamed(place: Place, rng: Random, promotional: bool) -> Written | None:
    """The compound under an alias: its short name, or the name under which its flats were sold."""
    short = {a.alias for a in place.gazetteer.old_names[("compound", place.compound)] if place.compound.startswith(a.alias)}
    names = {
        alias.alias
        for alias in place.gazetteer.old_names[("compound", place.compound)]
        if alias.within in ("", place.town) and (alias.alias in short) != promotional
    }
    if not names or not place.compound_is_unique:
        return None
    name = rng.choice(sorted(names))
    if place.gazetteer.alias_texts[name] > 1 or name in place.gazetteer.compounds:
        return None
    opening = rng.choice([place.opening, place.opening + place.street + place.number])
    return Written(opening + name + place.inside.removeprefix(place.compound), place.node, "alias")


@variation("小区别名/俗称", [*INSIDE, Kind.PUBLIC_PLACE])
def short_compound(place: Place, rng: Random) -> Written | None:
    return _renamed(place, rng, promotional=False)


@variation("小区改名/楼盘推广名", INSIDE)
def promotional_name(place: Place, rng: Random) -> Written | None:
    return _renamed(place, rng, promotional=True)


@variation("小区分期/组团", INSIDE)
def phase(place: Place, rng: Random) -> Written | None:
    if not place.compound.endswith("期)"):
        return None
    name, part = place.compound.removesuffix(")").split("(")
    text = place.opening + rng.choice(["", place.street + place.number]) + name + part + _inside(place)
    if not place.compound_is_unique:
        return None
    return Written(text, place.node, "suffix_or_spelling")


@variation("单元缺失", FLATS)
def without_unit(place: Place, rng: Random) -> Written | None:
    if not place.unit:
        return None
    building = place.ancestor("building")
    library = place.gazetteer.library
    same = [
        room
        for stair in place.gazetteer.children(building, "unit")
        for room in library.children(stair).tolist()
        if library.value("room", room) == place.room
    ]
    text = place.behind(place.compound + place.building + place.room)
    if len(same) == 1:
        return Written(text, place.node, "unit_missing")
    return Written(text, building, "unit_missing", candidates=tuple(same))


@variation("单元中文/梯/门", FLATS)
def unit_words(place: Place, rng: Random) -> Written | None:
    if not place.unit:
        return None
    number = place.unit.removesuffix("单元")
    unit = rng.choice([f"{chinese(int(number))}单元", f"{number}梯", f"{number}门", f"{chinese(int(number))}梯"])
    return Written(place.behind(place.compound + place.building + unit + place.room), place.node, "suffix_or_spelling")


@variation("短横连写", FLATS)
def joined_by_dashes(place: Place, rng: Random) -> Written | None:
    number = _numbered_building(place)
    if not number or not place.room_digits:
        return None
    unit = place.unit.removesuffix("单元")
    parts = [number, unit, place.room_digits] if unit else [number, place.room_digits]
    return Written(place.behind(place.compound + "-".join(parts)), place.node, "suffix_or_spelling")


@variation("斜杠井号连写", FLATS)
def joined_by_signs(place: Place, rng: Random) -> Written | None:
    number = _numbered_building(place)
    if not number or not place.room_digits or place.unit:
        return None
    joint = rng.choice(["#", "＃", "#楼/", "#-", "."])
    return Written(place.behind(f"{place.compound}{number}{joint}{place.room_digits}"), place.node, "suffix_or_spelling")


@variation("学校宿舍楼", [Kind.DORMITORY_ROOM])
def dormitory(place: Place, rng: Random) -> Written | None:
    if not place.compound_is_unique:
        return None
    text = place.county + place.compound + place.building + place.room_digits
    return Written(text, place.node, "poi")


@variation("室房户套", ROOMS)
def room_words(place: Place, rng: Random) -> Written | None:
    room = place.room.removesuffix("室") + rng.choice(["房", "户", "套"])
    return Written(place.behind(place.compound + place.building + place.unit + room), place.node, "suffix_or_spelling")


@variation("室字省略", ROOMS)
def without_room_word(place: Place, rng: Random) -> Written | None:
    return Written(place.behind(place.inside.removesuffix("室")), place.node, "suffix_or_spelling")


@variation("店面/车库/储藏室", [Kind.SHOP, Kind.GARAGE])
def shop_or_garage(place: Place, rng: Random) -> Written | None:
    along = rng.choice(["沿街", "临街", ""]) if place.kind == Kind.SHOP else ""
    return Written(place.behind(place.compound + place.building + along + place.room), place.node, "suffix_or_spelling")


@variation("层区间", [Kind.TOWER_ROOM])
def floor_range(place: Place, rng: Random) -> Written | None:
    first = int(place.floor.removesuffix("层"))
    node = place.ancestor("building") if place.building else place.ancestor("compound")
    text = place.behind(f"{place.compound}{place.building}{first}-{first + rng.randrange(1, 3)}层")
    return Written(text, node, "building_only")


@variation("地下层夹层", [Kind.BASEMENT])
def basement(place: Place, rng: Random) -> Written | None:
    floor = rng.choice(["负一层", "-1F", "B1", "地下室", "地下一层"])
    return Written(place.behind(place.compound + floor), place.node, "suffix_or_spelling")


@variation("村民组", VILLAGE)
def villagers_group(place: Place, rng: Random) -> Written | None:
    """Groups are compared where the library has them, else left out."""
    library = place.gazetteer.library
    village = place.gazetteer.communities[place.community]
    if len(village) != 1 or (place.natural_village and not place.natural_village.endswith("组")):
        return None
    if not place.natural_village:
        grouped = any(library.level[child] == LEVEL["natural_village"] for child in library.children(village[0]).tolist())
        if grouped:
            return None
        group = rng.randrange(1, 9)
    else:
        group = int(place.natural_village.removesuffix("组"))
    written = rng.choice([f"{chinese(group)}组", f"第{chinese(group)}村民小组", f"{group}小组", f"第{group}生产队"])
    return Written(place.opening + place.village + written + place.number, place.node, "suffix_or_spelling")
