"""Variations of the road: directions, suffixes, lanes, crossings, positions near something."""

from random import Random

from samples.noise.place import REVIEW, Place, Written
from samples.noise.registry import DOORS, NUMBERED, variation
from samples.words import words
from samples.world.library import Kind

DIRECTIONS = "东西南北中"
SUFFIXES = {"路": "街", "街": "路", "大道": "路", "大街": "街", "巷": "弄"}


def _others_of_stem(place: Place) -> list[int]:
    """Roads that differ in the direction only."""
    road = place.road
    names = [road[:-2] + direction + road[-1] for direction in DIRECTIONS if direction != road[-2]]
    return [node for name in names for node in place.gazetteer.roads.get(name, [])]


def _directed(place: Place) -> bool:
    return len(place.road) > 3 and place.road[-2] in DIRECTIONS and place.road[-1] in "路街"


@variation("方向词差异", [Kind.ROAD_DOOR])
def without_direction(place: Place, rng: Random) -> Written | None:
    if not _directed(place) or place.road[:-2] + place.road[-1] in place.gazetteer.roads:
        return None
    twins = [door for road in _others_of_stem(place) if (door := place.gazetteer.door(road, place.number)) is not None]
    if not twins:
        return None
    text = place.opening + place.road[:-2] + place.road[-1] + place.number
    return Written(text, place.ancestor("town"), "ambiguous", REVIEW, (place.node, *twins))


@variation("方向词互换", [Kind.ROAD_DOOR])
def other_direction(place: Place, rng: Random) -> Written | None:
    """The other road has no such number: only that road can be concluded."""
    if not _directed(place):
        return None
    town = place.ancestor("town")
    for road in _others_of_stem(place):
        here = place.gazetteer.library.parent[road] == town
        if here and place.gazetteer.door(road, place.number) is None:
            name = place.gazetteer.library.value("road", road)
            return Written(place.opening + name + place.number, road, "road_only")
    return None


@variation("路名后缀混用", NUMBERED)
def other_suffix(place: Place, rng: Random) -> Written | None:
    ending = next((ending for ending in ("大道", "大街", "路", "街", "巷") if place.road.endswith(ending)), "")
    if not ending or not place.number:
        return None
    name = place.road.removesuffix(ending) + SUFFIXES[ending]
    if name in place.gazetteer.roads:
        return None
    return Written(place.opening + name + place.lane + place.number + place.inside, place.node, "suffix_or_spelling")


@variation("弄支弄巷", [Kind.LANE_DOOR])
def branch_lane(place: Place, rng: Random) -> Written | None:
    return Written(place.opening + place.tail, place.node) if "支弄" in place.lane else None


@variation("弄写作巷/弄字省略", [Kind.LANE_DOOR])
def lane_left_out(place: Place, rng: Random) -> Written | None:
    if "支弄" in place.lane:
        return None
    lane = place.lane.removesuffix("弄")
    if rng.random() < 0.5:
        return Written(f"{place.opening}{place.road}{lane}巷{place.number}", place.node, "suffix_or_spelling")
    text = f"{place.opening}{place.road}{lane}-{place.number}"
    return Written(text, place.ancestor("road"), "ambiguous", REVIEW, (place.node,))


@variation("里弄坊前缀", NUMBERED)
def alley_doubled(place: Place, rng: Random) -> Written | None:
    if not place.road.endswith(("里", "坊")) or not place.number:
        return None
    return Written(place.opening + place.road + "巷" + place.lane + place.number + place.inside, place.node, "suffix_or_spelling")


def _crossing(place: Place, rng: Random) -> int | None:
    """Another road of the same town."""
    town = place.ancestor("town")
    library = place.gazetteer.library
    roads = [road for road in place.gazetteer.children(town, "road") if library.value("road", road) != place.road]
    return rng.choice(roads) if roads else None


@variation("交叉口", [*DOORS, Kind.GATE])
def crossing(place: Place, rng: Random) -> Written | None:
    return _at_crossing(place, rng, "{a}与{b}交叉口" + rng.choice(["", "东北角", "西南角"]))


@variation("交叉口变体", [*DOORS, Kind.GATE])
def crossing_otherwise(place: Place, rng: Random) -> Written | None:
    form = rng.choice(["{a}、{b}路口往南50米", "{a}{b}交汇处", "{a}和{b}交界处"])
    return _at_crossing(place, rng, form)


@variation("在建/暂名", [*DOORS, Kind.GATE])
def building_site(place: Place, rng: Random) -> Written | None:
    return _at_crossing(place, rng, "{a}西侧、{b}北侧在建工地")


def _at_crossing(place: Place, rng: Random, form: str) -> Written | None:
    other = _crossing(place, rng)
    if other is None:
        return None
    road = place.ancestor("road")
    name = place.gazetteer.library.value("road", other)
    text = place.county + place.town + form.format(a=place.road, b=name)
    return Written(text, road, "intersection", candidates=(road, other))


@variation("四至描述", [*DOORS, Kind.GATE])
def bounds(place: Place, rng: Random) -> Written | None:
    other = _crossing(place, rng)
    if other is None:
        return None
    name = place.gazetteer.library.value("road", other)
    text = f"{place.town}东至{place.road},南至{name}"
    return Written(text, place.ancestor("town"), "parcel")


@variation("旁/对面/附近/隔壁", [Kind.PUBLIC_PLACE, *DOORS])
def beside(place: Place, rng: Random) -> Written | None:
    node = place.node
    if place.kind != Kind.PUBLIC_PLACE:
        value = place.gazetteer.library.value
        near = [node for node in place.gazetteer.public_places if value("town", node) == place.town]
        if not near:
            return None
        node = rng.choice(near)
    name = place.gazetteer.library.value("compound", node)
    return Written(place.county + name + rng.choice(["旁", "对面", "附近", "隔壁"]), node, "relative_position")


@variation("公里桩号", NUMBERED)
def milestone(place: Place, rng: Random) -> Written | None:
    if place.road not in words("places")["national_roads"]:
        return None
    text = f"{place.road}{place.gazetteer.city.short}段{rng.randrange(1800, 2000)}公里处"
    roads = place.gazetteer.roads[place.road]
    if len(roads) > 1:
        return Written(text, place.gazetteer.county, "ambiguous", REVIEW, tuple(roads))
    return Written(text, roads[0], "road_only")


@variation("地块/宗地", [Kind.ZONE_BUILDING, Kind.GATE, Kind.ROAD_DOOR])
def parcel(place: Place, rng: Random) -> Written | None:
    town = place.ancestor("town")
    part = rng.choice(["北部", "滨江", "中心"])
    text = f"{place.county}{place.town}{part}新区{rng.choice('ABCD')}-{rng.randrange(1, 30):02d}地块"
    return Written(text, town, "parcel")
