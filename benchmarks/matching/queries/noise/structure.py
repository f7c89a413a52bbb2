"""Parts of an address that are left out, put in, or put in another order."""

from benchmarks.matching.chance import words
from benchmarks.matching.library.nodes import LEVEL
from benchmarks.matching.queries.noise.registry import noise
from benchmarks.matching.queries.writing import Writing, readings


@noise("compound_missing")
def compound_missing(writing: Writing) -> bool:
    """万松东路128号3幢502室."""
    if not writing.has("road", "house", "compound") or not writing.has("building") or "house" in writing.forms:
        return False
    writing.drop("compound")
    return True


@noise("house_missing")
def house_missing(writing: Writing) -> bool:
    """阳光花苑3幢502室."""
    if not writing.has("road", "house", "compound"):
        return False
    writing.drop("road", "lane", "house")
    return True


@noise("hamlet_words")
def hamlet_words(writing: Writing) -> bool:
    """上垟自然村, 2组 as 二组, 第2村民小组."""
    name = writing.parts.get("natural_village", "")
    if not name or writing.forms.get("natural_village") or "natural_village" in writing.typos:
        return False
    if name.endswith("组"):
        number = name.removesuffix("组")
        writing.forms["natural_village"] = writing.rng.choice([f"第{number}组", f"{number}小组", f"第{number}村民小组"])
    else:
        writing.forms["natural_village"] = name + "自然村"
    return True


@noise("village_group")
def village_group(writing: Writing) -> bool:
    """A group that the library does not have in that village."""
    if not writing.has("community", "house") or writing.has("natural_village"):
        return False
    library = writing.world.library
    if library.value(library.ancestor(writing.node, "community"), "community").endswith("社区"):
        return False
    if any(library.own(node).endswith("组") for node in library.children(int(library.parent[writing.node]), "natural_village")):
        return False
    number = writing.rng.randint(1, 9)
    writing.forms["house"] = (
        writing.rng.choice([f"{number}组", f"第{number}组", f"{'一二三四五六七八九'[number - 1]}组", f"第{number}村民小组"])
        + writing.parts["house"]
    )
    return True


@noise("village_and_road")
def village_and_road(writing: Writing) -> bool:
    """飞云街道宋家埭村兴飞路88号."""
    if not writing.has("road", "house") or writing.forms.get("road"):
        return False
    name = writing.world.library.value(writing.node, "community")
    if not name:
        return False
    writing.forms["road"] = name + writing.parts["road"]
    return True


@noise("overlay_zone")
def overlay_zone(writing: Writing) -> bool:
    """瑞安经济开发区 or a zone of the town before the road, or instead of the town."""
    if not writing.has("town", "road", "house") or writing.forms.get("town") or writing.forms.get("road"):
        return False
    town = writing.parts["town"]
    overlays = [name for name, towns in words("names")["overlays"].items() if town in towns]
    if overlays and writing.rng.random() < 0.5:
        name = writing.rng.choice(overlays)
        if writing.rng.random() < 0.5:
            writing.forms["road"] = name + writing.parts["road"]
        else:
            writing.drop("town")
            writing.before = name
        return True
    zones = list(writing.world.within(writing.world.library.at("zone").tolist()[:400], writing.towns))
    if not zones:
        return False
    writing.forms["road"] = writing.world.library.own(writing.rng.choice(zones)) + writing.parts["road"]
    return True


@noise("new_compound")
def new_compound(writing: Writing) -> bool:
    """A compound the library does not have yet, at a door that it has without any: the door is right."""
    library = writing.world.library
    if writing.deepest() != "house" or not writing.has("road") or writing.forms.get("house") or library.children(writing.node):
        return False
    table = words("names")
    rng = writing.rng
    name = rng.choice(table["compound_heads"]) + rng.choice(table["compound_tails"]) + rng.choice(list(table["compound_suffixes"]))
    if writing.world.exact("compound", name):
        return False
    writing.after = (
        name
        + rng.choice(["", f"{rng.randint(1, 12)}幢", f"{rng.randint(1, 12)}幢{rng.randint(1, 17)}0{rng.randint(1, 4)}室"])
        + writing.after
    )
    return True


@noise("reversed")
def reversed_order(writing: Writing) -> bool:
    """558号隆山东路安阳街道瑞安市."""
    if writing.deepest() != "house" or not writing.has("road") or writing.has("lane") or not writing.has("town"):
        return False
    road, house = (writing.forms.get(level) or writing.parts[level] for level in ("road", "house"))
    town = writing.forms.get("town") or writing.parts["town"]
    county = writing.world.library.value(writing.node, "county")
    writing.text = writing.rng.choice([f"{house}{road}{town}{county}", f"{house},{road},{town},{county}", f"{road}{house}{town}{county}"])
    return True


@noise("relative_position")
def relative_position(writing: Writing) -> bool:
    if writing.deepest() not in ("house", "compound") or writing.forms.get("house"):
        return False
    rng = writing.rng
    writing.after = rng.choice(
        ["旁", "对面", "附近", "隔壁", "旁边", "斜对面", f"往{rng.choice('东西南北')}{rng.choice([20, 50, 100, 200])}米", "门口"]
    )
    return writing.deepest() == "compound" or writing.has("road")


@noise("intersection")
def intersection(writing: Writing) -> bool:
    """Two roads of one town that meet; either is right."""
    library = writing.world.library
    road = library.ancestor(writing.node, "road")
    if not writing.has("road", "town") or writing.typos or writing.forms.get("road") or road < 0:
        return False
    rng = writing.rng
    others = [node for node in library.children(int(library.parent[road]), "road") if node != road]
    others = [node for node in others if len(writing.world.exact("road", library.own(node))) == 1 or writing.has("town")]
    if not others:
        return False
    other = rng.choice(others)
    writing.drop("lane", "house", "compound", "building", "unit", "floor", "room")
    first, second = writing.parts["road"], library.own(other)
    writing.forms["road"] = rng.choice(
        [
            f"{first}与{second}交叉口",
            f"{first}和{second}交叉口{rng.choice('东西南北')}侧",
            f"{first}{second}路口",
            f"{first}与{second}交汇处",
            f"{first}、{second}路口",
        ]
    )
    writing.truth = road
    writing.also = [other]
    return True


@noise("parcel")
def parcel(writing: Writing) -> bool:
    if not writing.has("town") or writing.style not in ("market_regulation", "emergency_management"):
        return False
    rng = writing.rng
    town = writing.world.library.ancestor(writing.node, "town")
    name = writing.forms.get("town") or writing.parts["town"]
    if writing.towns != [town]:
        return False
    lot = f"{rng.choice('ABCDE')}-{rng.randint(1, 30):02d}"
    writing.text = (
        writing.opening
        + name
        + rng.choice(
            [
                f"{lot}地块",
                f"北部新区{lot}地块",
                f"{rng.randint(1, 30)}-{rng.randint(1, 20)}号地块",
                f"滨海单元{lot}-{rng.randint(1, 9)}地块",
            ]
        )
    )
    writing.truth, writing.sealed = town, True
    return True


@noise("milestone")
def milestone(writing: Writing) -> bool:
    library = writing.world.library
    roads = [
        node for node in library.children(library.ancestor(writing.node, "town"), "road") if library.own(node).endswith(("国道", "省道"))
    ]
    if not roads or not writing.has("town") or writing.typos or writing.forms.get("town"):
        return False
    road = writing.rng.choice(roads)
    writing.text = f"{writing.opening}{writing.parts['town']}{library.own(road)}{writing.rng.randint(1800, 2000)}公里{writing.rng.choice(['处', '+500米处', ''])}"
    if writing.towns != [library.ancestor(road, "town")]:
        return False
    writing.truth, writing.sealed = road, True
    return True


@noise("several_addresses")
def several_addresses(writing: Writing) -> bool:
    """Two addresses in one field; the first is the main one."""
    library = writing.world.library
    if int(library.level[writing.node]) < LEVEL["house"] or not writing.has("house") or readings(writing) != [writing.truth]:
        return False
    rng = writing.rng
    doors = library.at("house")
    other = int(doors[rng.randrange(len(doors))])
    if not library.value(other, "road"):
        return False
    text = "".join(library.value(other, level) for level in ("town", "road", "lane", "house"))
    writing.after += rng.choice([";", "；", "、", "，另设:", ";另设经营场所:", "/"]) + text
    return True
