"""The alias table: short and sold-as names of compounds, former road names, other spellings, former door numbers."""

from collections.abc import Sequence

import numpy as np

from benchmarks.matching.chance import words
from benchmarks.matching.library.draft import Alias, Draft, core
from benchmarks.matching.library.nodes import Library

SOLD_AS = ("壹号", "华府", "御景", "首府", "云邸", "公馆", "天玺")
PHASE_ENDINGS = ("一期", "二期", "三期", "东区", "西区", "南区", "北区", "A区", "B区")
NAMED = ("natural_village", "zone", "road", "compound")
SPELLINGS = {"垟": "洋", "埭": "代", "岙": "奥", "屿": "与", "坦": "垣", "塍": "胜"}


def make_aliases(draft: Draft, library: Library) -> list[Alias]:
    """All aliases, those of the city first; none is the name of another thing of its kind and town."""
    made = [
        *_compounds(draft, library),
        *_roads(draft, library),
        *_zones(library),
        *_hamlets(draft, library),
        *_old_numbers(draft, library),
    ]
    taken = {(level, library.value(node, "town"), library.own(node)) for level in NAMED for node in library.at(level).tolist()}
    return [*draft.aliases, *(alias for alias in dict.fromkeys(made) if (alias.kind, alias.within, alias.alias) not in taken)]


def stem_of(name: str, endings: Sequence[str]) -> str:
    """A name without the longest of the endings; empty where none fits or nothing is left."""
    for ending in sorted(endings, key=len, reverse=True):
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            return name[: -len(ending)]
    return ""


def compound_stem(name: str) -> str:
    """阳光花苑 → 阳光; empty for names with a phase or without a generic part."""
    table = words("names")
    return "" if name.endswith(PHASE_ENDINGS) else stem_of(name, [*table["compound_suffixes"], *table["tower_suffixes"]])


def _compounds(draft: Draft, library: Library) -> list[Alias]:
    rng = draft.random("compound aliases")
    share = draft.shape["aliases"]
    table = words("names")
    taken = {core(name) for town in draft.towns for name in (town.name, *town.communities)}
    heads, tails = table["compound_heads"], table["compound_tails"]
    made = []
    for node in library.at("compound").tolist():
        name, town = library.own(node), library.value(node, "town")
        stem = compound_stem(name)
        chance = rng.random(3)
        if stem and stem not in taken and chance[0] < float(share["compound_short"]):
            made.append(Alias("compound", town, name, stem))
        if stem and chance[1] < float(share["compound_sold_as"]):
            brand = heads[int(rng.integers(len(heads)))] + tails[int(rng.integers(len(tails)))]
            made.append(Alias("compound", town, name, brand + str(rng.choice(SOLD_AS))))
        short = place_short(name)
        if short and chance[2] < float(share["place_short"]):
            made.append(Alias("compound", town, name, short))
    return made


def place_short(name: str) -> str:
    """What people call a public place: 莘塍第一小学 → 莘塍一小; empty where there is no such custom."""
    for ending, short in (("小学", "小"), ("中学", "中"), ("幼儿园", "幼")):
        for order, brief in (("第一", "一"), ("第二", "二"), ("第三", "三"), ("实验", "实"), ("中心", "中心")):
            if name.endswith(order + ending) and len(name) > len(order + ending) + 1:
                return name[: -len(order + ending)] + brief + short
    return name.removesuffix("农贸市场") + "菜场" if name.endswith("农贸市场") else ""


def _roads(draft: Draft, library: Library) -> list[Alias]:
    rng = draft.random("road aliases")
    table = words("names")
    heads, tails = table["road_heads"], table["road_tails"]
    made = []
    for node in library.at("road").tolist():
        if rng.random() < float(draft.shape["aliases"]["road_former"]):
            name = library.own(node)
            former = heads[int(rng.integers(len(heads)))] + tails[int(rng.integers(len(tails)))] + str(rng.choice(["路", "街"]))
            made.append(Alias("road", library.value(node, "town"), name, former, "", "2012-01-01"))
    return made


def _zones(library: Library) -> list[Alias]:
    longer = {"产业园": "产业园区", "工业园": "工业园区", "工业区": "工业园区"}
    made = []
    for node in library.at("zone").tolist():
        name = library.own(node)
        for ending, other in longer.items():
            if name.endswith(ending):
                made.append(Alias("zone", library.value(node, "town"), name, name.removesuffix(ending) + other))
    return made


def _hamlets(draft: Draft, library: Library) -> list[Alias]:
    rng = draft.random("hamlet aliases")
    made = []
    for node in library.at("natural_village").tolist():
        name = library.own(node)
        for character, usual in SPELLINGS.items():
            if character in name and rng.random() < float(draft.shape["aliases"]["hamlet_spelling"]):
                made.append(Alias("natural_village", library.value(node, "town"), name, name.replace(character, usual)))
    return made


def _old_numbers(draft: Draft, library: Library) -> list[Alias]:
    """Former numbers of doors; none that another door of the road has today."""
    rng = draft.random("old numbers")
    doors = library.at("house")
    doors = doors[library.codes[7, doors] >= 0]
    chosen = doors[rng.random(len(doors)) < float(draft.shape["aliases"]["old_number"])]
    made = []
    for node, shift in zip(chosen.tolist(), rng.integers(1, 60, len(chosen)).tolist(), strict=True):
        road = int(library.parent[node])
        former = f"{shift + 300}号"
        if library.child(road, library.label_of("house", former)) < 0:
            text = "".join(library.value(node, level) for level in ("province", "city", "county", "town", "road", "lane"))
            made.append(Alias("address", "", address_id(node), text + former, "", "2012-07-01"))
    return made


def address_id(node: int) -> str:
    """Id of a node."""
    return f"330381{node:09d}"


def address_ids(nodes: Sequence[int]) -> list[str]:
    """Ids of nodes."""
    return [address_id(node) for node in np.asarray(nodes).tolist()]
