"""Variations that registers add: notes, several addresses, firms, people and parcels in the same field."""

from random import Random

from samples.noise.place import REVIEW, UNMATCHED, Place, Written
from samples.noise.registry import EVERY, NUMBERED, ROOMS, VILLAGE, variation
from samples.words import words
from samples.world.library import Kind

FIRM_ROLES = ("firm", "shop", "hazard", "society")


@variation("市场监管-自主申报", EVERY, roles=FIRM_ROLES)
def self_declared(place: Place, rng: Random) -> Written | None:
    return Written(place.opening + place.tail + rng.choice(["(自主申报)", "（自主申报）"]), place.node)


def _another(place: Place, rng: Random) -> int:
    """A public place elsewhere in the city."""
    return rng.choice([node for node in place.gazetteer.public_places if node != place.node])


@variation("一照多址", EVERY, roles=FIRM_ROLES)
def more_premises(place: Place, rng: Random) -> Written | None:
    other = _another(place, rng)
    second = place.gazetteer.library.full_text[other].removeprefix(place.head)
    text = f"{place.opening}{place.tail};另设经营场所:{second}"
    return Written(text, place.node, more=(other,))


@variation("多地址同字段")
def several_addresses(place: Place, rng: Random) -> Written | None:
    if not place.number:
        return None
    other = _another(place, rng)
    second = place.gazetteer.library.full_text[other].removeprefix(place.head)
    return Written(f"{place.opening}{place.tail}{rng.choice(['; ', '；', '及'])}{second}", place.node, more=(other,))


@variation("括号注释-方位", [*NUMBERED, *VILLAGE])
def position_noted(place: Place, rng: Random) -> Written | None:
    near = place.gazetteer.library.value("compound", _another(place, rng))
    note = rng.choice([f"({near}对面)", f"（{near}旁）", "(桥头)", "(村口)"])
    return Written(place.opening + place.tail + note, place.node)


@variation("不动产坐落", ROOMS, roles=["letting", "home", "registered_home"])
def real_estate(place: Place, rng: Random) -> Written | None:
    extra = rng.choice([f"地下车位B-{rng.randrange(1, 90)}", f"储藏室{rng.randrange(1, 40)}号", f"车棚间{rng.randrange(1, 40)}"])
    return Written(f"{place.opening}{place.tail}及{extra}", place.node)


@variation("快递式含人名电话", NUMBERED, roles=["welfare", "home", "letting"])
def like_a_parcel(place: Place, rng: Random) -> Written | None:
    table = words("names")
    person = rng.choice(list(table["surnames"])) + rng.choice(table["shared"])
    station = rng.choice(["", "菜鸟驿站", "代收"])
    text = f"{person} 138****{rng.randrange(10**4):04d} {place.town}{place.tail}{station}"
    return Written(text, place.node)


@variation("单位名+地址粘连", [*NUMBERED, Kind.ZONE_BUILDING], roles=FIRM_ROLES)
def glued_to_firm(place: Place, rng: Random) -> Written | None:
    word = rng.choice(words("firms")["name_words"])
    text = f"{place.county}{word}机械有限公司{place.town}{place.tail}"
    return Written(text, place.node)


@variation("空值/占位")
def placeholder(place: Place, rng: Random) -> Written | None:
    return Written(rng.choice(["无", "不详", "详见营业执照", "1", "-", "暂无"]), -1, "placeholder", UNMATCHED)


@variation("同上/同户籍", roles=["home", "welfare"])
def reference(place: Place, rng: Random) -> Written | None:
    return Written(rng.choice(["同户籍地址", "同户籍地", "与户籍一致", "同上"]), -1, "reference", REVIEW)


@variation("虚拟/网络地址", EVERY, roles=["firm", "shop"])
def on_the_net(place: Place, rng: Random) -> Written | None:
    text = rng.choice([f"https://shop{rng.randrange(10**7)}.example.com", "淘宝店铺", "网络经营（拼多多店铺）"])
    return Written(text, -1, "virtual", UNMATCHED)


@variation("外地地址")
def out_of_town(place: Place, rng: Random) -> Written | None:
    table = words("elsewhere")
    _, province, city, county, _ = rng.choice(table["places"])
    text = f"{province}{city}{county}{rng.choice(table['towns'])}{rng.choice(table['villages'])}{rng.randrange(1, 200)}号"
    return Written(text, -1, "out_of_area", UNMATCHED)


@variation("外地同名路", NUMBERED)
def same_road_elsewhere(place: Place, rng: Random) -> Written | None:
    _, province, city, county, _ = rng.choice(words("elsewhere")["places"])
    head = rng.choice([province + city + county, city + county])
    return Written(head + place.road + place.number, -1, "out_of_area", UNMATCHED)
