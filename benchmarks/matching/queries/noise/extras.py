"""Words that are no part of the address: remarks, persons, firms, desks."""

from benchmarks.matching.chance import choose, words
from benchmarks.matching.library.nodes import LEVEL
from benchmarks.matching.queries.noise.registry import noise
from benchmarks.matching.queries.writing import Writing


def _firm(writing: Writing) -> str:
    table, rng = words("names"), writing.rng
    brand = choose(rng, table["compound_heads"]) + choose(rng, table["road_tails"])
    return choose(rng, ["瑞安市", "瑞安市", "温州", "浙江"]) + brand + choose(rng, table["firm_trades"]) + choose(rng, table["firm_forms"])


@noise("declared")
def declared(writing: Writing) -> bool:
    """市场监管 remarks on how the address was declared."""
    if writing.style != "market_regulation":
        return False
    writing.after += writing.rng.choice(["(自主申报)", "（自主申报）", "(住所申报)", "(一照多址)", "（经营场所）", "(仅限办公)"])
    return True


@noise("desk")
def desk(writing: Writing) -> bool:
    """托管 and 工位 after a room."""
    if (
        writing.style != "market_regulation"
        or writing.deepest() != "room"
        or "room" in writing.forms
        or not writing.parts["room"].endswith("室")
    ):
        return False
    rng = writing.rng
    writing.after = rng.choice(
        [
            f"-{rng.randint(1, 200):03d}(托管地址)",
            f"{rng.choice('ABC')}-{rng.randint(1, 40)}工位",
            f"{rng.randint(1, 90)}号工位",
            f"{rng.choice('ABC')}{rng.randint(1, 40)}卡座",
        ]
    )
    return True


@noise("household")
def household(writing: Writing) -> bool:
    if writing.style != "public_security":
        return False
    writing.after += writing.rng.choice(["集体户", "(集体户)", "租房", "暂住", "(户籍地)", "出租房"])
    return True


@noise("brackets")
def brackets(writing: Writing) -> bool:
    rng = writing.rng
    library = writing.world.library
    notes = ["(原址)", "(老房子)", f"({rng.choice('东西南北')}首)", "（二手房）", "(近菜场)", "(沿街)", "(后门进)", "(电梯口)"]
    places = library.at("compound")
    notes += [f"({library.own(int(places[rng.randrange(len(places))]))}{rng.choice(['对面', '旁', '附近'])})"] * 3
    writing.after += rng.choice(notes)
    return True


@noise("redundant")
def redundant(writing: Writing) -> bool:
    rng = writing.rng
    chance = rng.random()
    if chance < 0.3:
        writing.after += rng.choice(["内", "院内", "里面", "住宅", "房屋", "民房", "住户"])
    elif chance < 0.5:
        writing.before = rng.choice(["现住", "地址:", "住址：", "经营地址:", "坐落:", "位于"])
        writing.before, writing.opening = "", writing.before + writing.opening
    elif chance < 0.75 and writing.opening.endswith("瑞安市"):
        writing.opening += "瑞安市"
    else:
        writing.after += rng.choice([",联系电话138****0000", "（手机号略）", " 收件人:某先生", ",靠近马路", " 325200"])
    return True


@noise("firm_glued")
def firm_glued(writing: Writing) -> bool:
    """A firm's name run into the address."""
    if writing.deepest() not in ("house", "building", "room", "floor", "zone"):
        return False
    if writing.rng.random() < 0.4 and writing.has("town") and not writing.opening.startswith("浙江"):
        writing.opening = _firm(writing) + writing.opening
    else:
        writing.after += _firm(writing)
    return True


@noise("shop_bay")
def shop_bay(writing: Writing) -> bool:
    """第3-5间, 东首第二间: no part of the standard address."""
    if writing.deepest() != "house" or not writing.has("road") or writing.forms.get("house"):
        return False
    rng = writing.rng
    writing.after = rng.choice(
        [
            f"第{rng.randint(1, 4)}-{rng.randint(5, 7)}间",
            f"{rng.choice('东西南北')}首第{rng.choice('一二三')}间",
            f"{rng.choice('东西')}边间",
            f"第{rng.randint(1, 6)}间店面",
        ]
    )
    return int(writing.world.library.level[writing.node]) == LEVEL["house"]


@noise("stall")
def stall(writing: Writing) -> bool:
    """A stall of a market."""
    if writing.deepest() != "compound" or not writing.parts["compound"].endswith(("市场", "商场", "超市")) or writing.forms.get("compound"):
        return False
    rng = writing.rng
    writing.after = rng.choice(
        [f"{rng.randint(1, 300)}号摊位", f"{rng.choice('ABC')}区{rng.randint(1, 300)}号摊位", f"二楼{rng.randint(1, 99)}号柜台"]
    )
    return True
