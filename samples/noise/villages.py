"""Variations of village addresses: natural villages, village and road together, the village alone, islands."""

from random import Random

from samples.noise.place import REVIEW, Place, Written
from samples.noise.registry import DOORS, VILLAGE, variation
from samples.words import words
from samples.world.library import Kind


@variation("自然村/角落名", VILLAGE)
def natural_village(place: Place, rng: Random) -> Written | None:
    if not place.natural_village or place.natural_village.endswith("组"):
        return None
    text = f"{place.opening}{place.village}{place.natural_village}自然村{place.number}"
    return Written(text, place.node, "suffix_or_spelling")


@variation("行政村+路并存", [*DOORS, Kind.GATE])
def village_and_road(place: Place, rng: Random) -> Written | None:
    if not place.community or not place.road:
        return None
    return Written(place.opening + place.community + place.tail, place.node)


def _community_only(place: Place, text: str) -> Written:
    """The community; where two of its name are meant and no town says which, nobody can tell."""
    nodes = place.gazetteer.communities[place.community]
    if len(nodes) > 1 and place.town not in text:
        return Written(text, place.gazetteer.county, "ambiguous", REVIEW, tuple(nodes))
    return Written(text, place.ancestor("community"), "village_only")


@variation("只有村名", VILLAGE)
def village_only(place: Place, rng: Random) -> Written | None:
    return _community_only(place, place.town + place.community)


@variation("村改居写法", VILLAGE)
def village_as_community(place: Place, rng: Random) -> Written | None:
    core = place.community.removesuffix("社区").removesuffix("村")
    if not core:
        return None
    name = core + rng.choice(["村", "社区", "居", "居委会", "村委会"])
    if name != place.community and name in place.gazetteer.communities:
        return None
    return _community_only(place, place.county + place.town + name)


@variation("老人协会等公共点", VILLAGE)
def in_the_village_hall(place: Place, rng: Random) -> Written | None:
    hall = rng.choice(["老人协会内", "文化礼堂院内", "村部里面", "综合楼"])
    return _community_only(place, place.county + place.town + place.community + hall)


@variation("括号注释-原名", VILLAGE)
def former_name_noted(place: Place, rng: Random) -> Written | None:
    old = place.former_towns(rng)
    if not old:
        return None
    text = f"{place.opening}{place.community}(原{rng.choice(old)}){place.natural_village}{place.number}"
    return Written(text, place.node)


@variation("海岛/乡", VILLAGE)
def island(place: Place, rng: Random) -> Written | None:
    """Villages of townships; the rare character for a bay is replaced now and then."""
    if not place.town.endswith("乡"):
        return None
    village = place.village
    for rare, usual in words("characters")["rare"].items():
        if rare in village and rng.random() < 0.4:
            village = village.replace(rare, usual)
    reason = "exact" if village == place.village else "typo"
    if village != place.village and village in place.gazetteer.communities:
        return None
    return Written(place.county + place.town + village + place.natural_village + place.number, place.node, reason)
