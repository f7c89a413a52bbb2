"""Variations of what stands before the road: province, city, county, postcode, repetition."""

from random import Random

from samples.noise.place import Place, Written
from samples.noise.registry import variation


@variation("缺省省市前缀")
def without_head(place: Place, rng: Random) -> Written | None:
    return Written(place.town + place.tail, place.node) if place.town else None


@variation("省市简写")
def short_head(place: Place, rng: Random) -> Written | None:
    county = place.gazetteer.city.short
    head = rng.choice([place.province[:-1] + county, county, place.city[:-1] + county, place.province[:-1] + place.city[:-1] + county])
    return Written(head + place.town + place.tail, place.node, "suffix_or_spelling")


@variation("缺市级(省直写县)")
def without_city(place: Place, rng: Random) -> Written | None:
    return Written(place.province + place.county + place.town + place.tail, place.node)


@variation("省市重复书写")
def repeated_head(place: Place, rng: Random) -> Written | None:
    twice = rng.choice([place.county, place.head, place.city + place.county])
    return Written(place.head + twice + place.town + place.tail, place.node, "suffix_or_spelling")


@variation("带中国/邮编前缀")
def with_postcode(place: Place, rng: Random) -> Written | None:
    city = place.gazetteer.city
    head = f"中国{place.province[:-1]}{place.city[:-1]}{city.short}"
    if city.postcode and rng.random() < 0.7:
        head = f"{head}({city.postcode})"
    return Written(head + place.town + place.tail, place.node, "suffix_or_spelling")


@variation("街道办事处/村委会冗余")
def with_offices(place: Place, rng: Random) -> Written | None:
    if not place.community or not place.town:
        return None
    community = place.community + ("居委会" if place.community.endswith("社区") else "民委员会")
    town = place.town + ("办事处" if place.town.endswith("街道") else "人民政府")
    street = place.street if not place.village else place.street.removeprefix(place.village)
    text = f"{place.county}{town}{community}{street}{place.number}{place.inside}"
    return Written(text, place.node, "suffix_or_spelling")


@variation("语序颠倒")
def reversed_order(place: Place, rng: Random) -> Written | None:
    if not place.number or not place.street:
        return None
    return Written(f"{place.inside}{place.number}{place.street}{place.town}{place.county}", place.node, "suffix_or_spelling")


@variation("截断")
def cut_off(place: Place, rng: Random) -> Written | None:
    name = place.compound.split("(")[0]
    if len(name) < 4 or not place.number:
        return None
    node = place.ancestor("compound")
    cut = name[: rng.randrange(2, len(name))]
    return Written(place.head + place.town + place.street + place.number + cut, node, "typo")


@variation("缺户室")
def without_room(place: Place, rng: Random) -> Written | None:
    """Only as far as the building or the compound."""
    if not place.room:
        return None
    node = place.ancestor("building" if place.building else "compound")
    return Written(place.behind(place.compound + place.building), node, "building_only")
