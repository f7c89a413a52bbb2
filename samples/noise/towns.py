"""Variations of the town: left out, old, neighbouring, renamed, merged, split, under another suffix or overlay."""

from collections.abc import Callable
from random import Random

from samples.noise.place import REVIEW, Place, Written
from samples.noise.registry import NUMBERED, variation
from samples.world.city import without_ending
from samples.world.library import Kind


@variation("缺街道镇", [*NUMBERED, Kind.VILLAGE_DOOR, Kind.ZONE_BUILDING])
def without_town(place: Place, rng: Random) -> Written | None:
    if not place.road_is_unique:
        return None
    return Written(rng.choice([place.county, place.head]) + place.tail, place.node)


@variation("同名路跨镇歧义", [Kind.ROAD_DOOR])
def road_in_two_towns(place: Place, rng: Random) -> Written | None:
    gazetteer = place.gazetteer
    others = [road for road in gazetteer.roads[place.road] if road != gazetteer.library.parent[place.node]]
    twins = [door for road in others if (door := gazetteer.door(road, place.number)) is not None]
    if not twins:
        return None
    text = place.county + place.road + place.number
    return Written(text, gazetteer.county, "ambiguous", REVIEW, (place.node, *twins))


@variation("街道误写为邻街道", NUMBERED)
def wrong_town(place: Place, rng: Random) -> Written | None:
    if not place.road_is_unique or not place.number:
        return None
    town = rng.choice([name for name in place.gazetteer.towns if name != place.town])
    return Written(place.county + town + place.tail, place.node, "town_conflict")


def _with_old_town(place: Place, rng: Random, fits: Callable[[str], bool]) -> Written | None:
    """The address under a former name of its town for which `fits` holds, where the rest tells the town."""
    found = [old for old in place.former_towns(rng) if fits(old)]
    if not found:
        return None
    old = rng.choice(found)
    tells_the_town = len(place.gazetteer.successors[old]) == 1 and old not in place.gazetteer.towns
    if not (place.road_is_unique or tells_the_town):
        return None
    return Written(place.county + old + place.tail, place.node, "renamed_division")


@variation("撤镇设街道")
def town_became_street(place: Place, rng: Random) -> Written | None:
    core = without_ending(place.town)
    return _with_old_town(place, rng, lambda old: place.town.endswith("街道") and old == core + "镇")


@variation("乡镇合并(旧镇并入新镇)")
def merged_town(place: Place, rng: Random) -> Written | None:
    core, present = without_ending(place.town), place.gazetteer.towns
    return _with_old_town(place, rng, lambda old: old.endswith("镇") and old not in present and without_ending(old) != core)


@variation("一镇拆多街道")
def split_town(place: Place, rng: Random) -> Written | None:
    successors, core = place.gazetteer.successors, without_ending(place.town)
    return _with_old_town(place, rng, lambda old: len(successors[old]) > 1 and without_ending(old) != core)


@variation("合并后再析置(回拆)")
def split_off_again(place: Place, rng: Random) -> Written | None:
    present = {without_ending(town) for town in place.gazetteer.towns}
    core = without_ending(place.town)
    return _with_old_town(place, rng, lambda old: without_ending(old) in present and without_ending(old) != core)


@variation("撤乡并镇(旧乡名)")
def former_township(place: Place, rng: Random) -> Written | None:
    return _with_old_town(place, rng, lambda old: old.endswith("乡"))


@variation("县改市旧称")
def former_county(place: Place, rng: Random) -> Written | None:
    old = [alias.alias for alias in place.gazetteer.old_names[("county", place.county)] if alias.alias.endswith("县")]
    if not old or not place.road_is_unique:
        return None
    town = rng.choice([place.town, *place.former_towns(rng)])
    return Written(place.province + old[0] + town + place.tail, place.node, "renamed_division")


@variation("镇街后缀写错")
def wrong_suffix(place: Place, rng: Random) -> Written | None:
    core = without_ending(place.town)
    if core == place.town:
        return None
    wrong = core + ("镇" if place.town.endswith("街道") else "街道")
    return Written(place.county + wrong + place.tail, place.node, "suffix_or_spelling")


@variation("街道后缀省略", NUMBERED)
def without_suffix(place: Place, rng: Random) -> Written | None:
    core = without_ending(place.town)
    if core == place.town or not place.number:
        return None
    return Written(place.gazetteer.city.short + core + place.tail, place.node, "suffix_or_spelling")


@variation("行政村合并/撤村建居")
def former_village(place: Place, rng: Random) -> Written | None:
    names = place.gazetteer.old_names[("community", place.community)]
    old = [alias.alias for alias in names if alias.within in ("", place.town) and alias.alias != place.community]
    old = [name for name in old if place.gazetteer.alias_texts[name] == 1 and name not in place.gazetteer.communities]
    if not old or len(place.gazetteer.communities[place.community]) > 1:
        return None
    rest = place.tail.removeprefix(place.village)
    return Written(place.opening + rng.choice(old) + rest, place.node, "renamed_division")


@variation("开发区叠加区划", [*NUMBERED])
def development_area(place: Place, rng: Random) -> Written | None:
    overlay = _overlay(place)
    if "开发区" not in overlay or not place.road_is_unique:
        return None
    return Written(overlay + rng.choice([place.town, ""]) + place.tail, place.node)


@variation("片区/管委会叠加", [*NUMBERED])
def new_area(place: Place, rng: Random) -> Written | None:
    overlay = _overlay(place)
    if not overlay or "开发区" in overlay or not place.road_is_unique:
        return None
    part = rng.choice([without_ending(place.town) + "片区", "管委会"])
    return Written(place.county + overlay + part + place.tail, place.node)


def _overlay(place: Place) -> str:
    number = int(place.gazetteer.library.overlay[place.node])
    return place.gazetteer.library.overlay_names[number] if number >= 0 else ""


@variation("园区+地块", [Kind.ZONE_BUILDING])
def zone_suffix(place: Place, rng: Random) -> Written | None:
    other = {"产业园": "产业园区", "工业园": "工业园区", "工业区": "工业园区", "工业小区": "工业区"}
    ending = next((ending for ending in other if place.zone.endswith(ending)), "")
    if not ending:
        return None
    zone = place.zone.removesuffix(ending) + other[ending]
    building = place.building.replace("幢", rng.choice(["号楼", "幢", "栋"]))
    return Written(place.county + rng.choice([place.town, ""]) + zone + building, place.node, "suffix_or_spelling")


@variation("身份证式户籍地址", NUMBERED, roles=["registered_home", "home"])
def as_on_identity_card(place: Place, rng: Random) -> Written | None:
    """Town of the day of registration and a road without its direction, where only one road can be meant."""
    town = rng.choice(place.former_towns(rng) or [without_ending(place.town) + "镇"])
    road = place.road
    if len(road) > 3 and road[-2] in "东西南北" and _only_direction(place, road):
        road = road[:-2] + road[-1]
    if not place.road_is_unique:
        return None
    text = place.province + place.county + town + road + place.lane + place.number + place.inside
    return Written(text, place.node, "renamed_division")


def _only_direction(place: Place, road: str) -> bool:
    bare = road[:-2] + road[-1]
    others = [road[:-2] + direction + road[-1] for direction in "东西南北中" if direction != road[-2]]
    return not any(name in place.gazetteer.roads for name in [bare, *others])
