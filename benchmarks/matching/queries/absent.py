"""Texts without a right answer in the library."""

from collections.abc import Callable
from random import Random

from benchmarks.matching.chance import choose, words
from benchmarks.matching.library.draft import core
from benchmarks.matching.queries.world import World


def _tail(world: World, rng: Random) -> str:
    """Road (one the library may well have), number, and maybe more."""
    road = choose(rng, world.names["road"])
    number = f"{rng.randint(1, 300)}号"
    compound = choose(rng, world.names["compound"]) if rng.random() < 0.3 else ""
    room = f"{rng.randint(1, 20)}幢{rng.randint(1, 17)}0{rng.randint(1, 4)}室" if compound else ""
    return road + number + compound + room


def _name(
    world: World, rng: Random, heads: str, tails: str, endings: dict[str, int] | list[str], levels: tuple[str, ...], towns: list[int]
) -> str:
    """A name that no thing of the library is called, or could be called with one typing error, in the town."""
    for _ in range(200):
        table = words("names")
        name = choose(rng, table[heads]) + choose(rng, table[tails]) + choose(rng, endings)
        near = [node for level in levels for look in (world.exact, world.sounding, world.beginning) for node in look(level, name)]
        near += [node for level in levels for node in world.near(level, name, "any")]
        if not world.within(near, towns):
            return name
    raise ValueError("every such name is taken")


def _opening(rng: Random) -> str:
    return choose(rng, ["浙江省温州市瑞安市", "浙江省瑞安市", "瑞安市", "瑞安市", "瑞安", "", ""])


def _town(world: World, rng: Random) -> tuple[str, list[int]]:
    """A town's name and the towns it may mean: some were part of it once."""
    name = choose(rng, world.names["town"])
    return name, world.exact("town", name)


def unknown_road(world: World, rng: Random) -> str:
    town, towns = _town(world, rng)
    name = _name(world, rng, "road_heads", "road_tails", ["路", "街", "东路", "大道", "巷"], ("road",), towns)
    return f"{_opening(rng)}{town}{name}{rng.randint(1, 400)}号{choose(rng, ['', '', f'{rng.randint(1, 6)}0{rng.randint(1, 4)}室'])}"


def unknown_compound(world: World, rng: Random) -> str:
    town, towns = _town(world, rng)
    name = _name(world, rng, "compound_heads", "compound_tails", words("names")["compound_suffixes"], ("compound", "road"), towns)
    return f"{_opening(rng)}{town}{name}{rng.randint(1, 20)}{choose(rng, ['幢', '号楼', '#'])}{choose(rng, ['', f'{rng.randint(1, 3)}单元'])}{rng.randint(1, 17)}0{rng.randint(1, 4)}室"


def unknown_village(world: World, rng: Random) -> str:
    town, towns = _town(world, rng)
    name = _name(world, rng, "hamlet_heads", "hamlet_tails", ["村"], ("community", "natural_village"), towns)
    return f"{_opening(rng)}{town}{name}{choose(rng, ['', f'{rng.randint(1, 200)}号'])}"


def other_county(world: World, rng: Random) -> str:
    counties = words("elsewhere")["counties"]
    county = choose(rng, counties)
    opening = choose(rng, ["浙江省温州市", "浙江省", "温州市", "温州", ""])
    return opening + county + choose(rng, [*counties[county], *counties[county], ""]) + _tail(world, rng)


def other_city(world: World, rng: Random) -> str:
    cities = words("elsewhere")["cities"]
    city = choose(rng, cities)
    return choose(rng, ["浙江省", "浙江", ""]) + city + choose(rng, cities[city]) + _tail(world, rng)


def other_province(world: World, rng: Random) -> str:
    provinces = words("elsewhere")["provinces"]
    province = choose(rng, provinces)
    return province + choose(rng, provinces[province]) + _tail(world, rng)


def truncated_vague(world: World, rng: Random) -> str:
    """Cut off so early that what is left says nothing below the town: 浙江省温州市瑞安市塘下镇塘."""
    town, (node, *_) = _town(world, rng)
    roads = [world.library.own(road) for road in world.library.children(node, "road")]
    opening = choose(rng, ["浙江省温州市瑞安市", "瑞安市"])
    if rng.random() < 0.4:
        return opening + core(town)[:1]
    return opening + town + choose(rng, roads)[:1]


def placeholder(world: World, rng: Random) -> str:
    table = words("elsewhere")
    return choose(rng, table["placeholders"]) + choose(rng, table["placeholder_tails"])


def virtual(world: World, rng: Random) -> str:
    heads, tails = words("names")["compound_heads"], words("names")["compound_tails"]
    latin = "".join(choose(rng, "abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(4, 8)))
    return choose(rng, words("elsewhere")["virtual"]).format(
        number=rng.randint(100, 99999), name=choose(rng, heads) + choose(rng, tails), latin=latin
    )


def insufficient(world: World, rng: Random) -> str:
    return choose(rng, ["浙江省温州市", "温州市瑞安市", "瑞安市", "浙江瑞安", "浙江省", "瑞安"]) + choose(
        rng,
        [
            "",
            "某地",
            "境内",
            "市区",
            f"{rng.randint(1, 300)}号",
            f"{rng.randint(1, 30)}幢{rng.randint(1, 9)}0{rng.randint(1, 4)}室",
            "城区",
            f"{rng.randint(1, 12)}楼",
        ],
    )


def firm_only(world: World, rng: Random) -> str:
    table = words("names")
    brand = choose(rng, table["compound_heads"]) + choose(rng, table["road_tails"]) + choose(rng, table["road_heads"])
    return choose(rng, ["瑞安市", "温州", "浙江"]) + brand + choose(rng, table["firm_trades"]) + choose(rng, table["firm_forms"])


def vague(world: World, rng: Random) -> str:
    table = words("elsewhere")
    return (
        choose(rng, ["", "瑞安", "瑞安市", ""])
        + choose(rng, table["vague"])
        + choose(rng, table["vague_tails"]).format(number=rng.randint(1, 30))
    )


ABSENT: dict[str, Callable[[World, Random], str]] = {
    function.__name__: function
    for function in (
        unknown_road, unknown_compound, unknown_village, other_county, other_city, other_province, truncated_vague, placeholder, virtual, insufficient,
        firm_only, vague,
    )
}  # fmt: skip
