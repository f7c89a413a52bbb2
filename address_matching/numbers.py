"""Numbered parts of an address (弄, 号, 幢, 单元, 层, 室 and what merely looks like them): one pattern for each form."""

import re
from typing import NamedTuple

_VALUE = r"[A-Z]?[0-9]+[A-Z]?"
_SHOP_WORDS = "店面|车库|储藏室|商铺|门面|店铺|门市"

FORMS: tuple[tuple[str, str], ...] = (
    ("house", rf"[0-9]{{1,5}}号(?=$|[\u4e00-\u9fff])(?![楼幢宿厂车仓教工位摊铺柜档地之附间]|{_SHOP_WORDS})"),
    ("building", r"[0-9]{1,3}[幢栋]"),
    ("unit", r"[0-9]{1,2}单元"),
    ("room", r"[0-9]{3,4}室(?=$|[\u4e00-\u9fff])"),
    ("parcel", r"[0-9]{6,12}G[BX][0-9]{4,}|[A-Z]?-?[0-9]+(?:-[0-9]+)*号?(?:地块|宗地)"),
    ("milestone", r"[0-9]+(?:\.[0-9]+)?(?:公里|千米|KM)(?:\+?[0-9]+米?)?处?|K[0-9]+\+[0-9]+处?"),
    ("highway", r"[GS]?[0-9]{2,4}(?:国道|省道|县道)"),
    ("metres", r"[0-9]+(?:\.[0-9]+)?米处?"),
    ("old_number", r"[旧原老](?:门牌)?号?[0-9]+(?:-[0-9]+)?号"),
    ("no_number", r"[临暂](?:时|编)?[0-9]+号"),
    ("bay", r"第?[0-9]+(?:[-、][0-9]+)*间(?:店面|门面)?"),
    ("group", r"第?[0-9]+(?:村民小组|生产队|小组|组|队)"),
    ("bay", r"(?:[A-Z]区)?[A-Z]?-?[0-9]+(?:-[0-9]+)*号?(?:工位|卡座|号位|摊位|铺位|柜台|摊|档)"),
    ("shop", rf"[A-Z]?[0-9]+(?:-[0-9]+)?号(?:{_SHOP_WORDS})"),
    ("room", rf"(?:{_SHOP_WORDS})第?[A-Z]?-?[0-9]+(?:-[0-9]+)?号?"),
    ("lane", r"[0-9]+[弄巷](?:[0-9]+支[弄巷])?"),
    ("building", rf"(?:{_VALUE})号(?:宿舍楼|宿舍|厂房|车间|仓库|教学楼)"),
    ("building", rf"(?:{_VALUE}|[A-Z])(?:-[0-9]+)?(?:幢|栋|座|号楼|#楼|号幢|#)|[A-Z]楼"),
    ("unit", r"第?(?:[0-9]{1,2}|[A-Z])(?:单元|梯)|[0-9]门(?=[0-9]|$)|[0-9]{1,2}单元?$"),
    ("floor", r"(?:负|地下|-)?第?[0-9]+(?:-[0-9]+)?(?:层|楼|F(?![A-Z0-9]))|B[1-4](?:层|F|楼)|底层"),
    (
        "house",
        r"[甲乙丙丁]?[0-9]+(?:-[0-9]+)*[A-Z]?号(?:[之附][0-9]+号?|-[0-9]{1,2}(?![0-9幢栋室-])|[A-Z](?![A-Z0-9幢栋座区]))?|[0-9]+附[0-9]+号?",
    ),
    ("room", rf"{_VALUE}(?:-{_VALUE})*(?:室|房(?![产屋])|户|套)(?:-[0-9A-Z]+)?号?"),
    ("dash", rf"{_VALUE}(?:[-#]+{_VALUE})+"),
    ("bare", r"[A-Z]*[0-9]+[A-Z]?|[A-Z]+"),
)

NUMBER_PATTERN = re.compile("|".join(f"({pattern})" for _, pattern in FORMS))
_KINDS = ("", *(kind for kind, _ in FORMS))

STARTS = frozenset("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ第负地临暂旧原老店车储商门甲乙丙丁底-")

_PLAIN = re.compile(r"[A-Z0-9-]+")
_DIGITS = re.compile(r"[0-9]+")
_SHOP = re.compile(rf"({_SHOP_WORDS})第?([A-Z0-9-]+)")
_SHOPS = {"商铺": "店面", "门面": "店面", "店铺": "店面", "门市": "店面"}
_SUB_PLATE = re.compile(r"[号之附-]+")


class Number(NamedTuple):
    """One numbered part: its kind, the value that is compared, and where it ends in the text."""

    kind: str
    value: str
    end: int


def read_number(text: str, start: int) -> Number | None:
    """Read the numbered part at a position of a normalised text, the most specific form first."""
    match = NUMBER_PATTERN.match(text, start)
    if match is None:
        return None
    return Number(*number_of(match.lastindex or 0, match.group()), match.end())


def number_of(group: int, written: str) -> tuple[str, str]:
    """Return kind and compared value of what a group of NUMBER_PATTERN matched."""
    kind = _KINDS[group]
    return kind, _value(kind, written)


def _value(kind: str, written: str) -> str:
    if kind == "house":
        return house_value(written)
    if kind == "floor":
        return floor_value(written)
    if kind == "room":
        return room_value(written)
    if kind == "shop":
        number, _, word = written.partition("号")
        return room_value(word + number)
    if kind == "building":
        return building_value(written)
    if kind == "lane":
        return lane_value(written)
    if kind == "group":
        return group_value(written)
    if kind in ("unit", "old_number"):
        plain = _PLAIN.search(written)
        return plain.group() if plain else written
    return written


def house_value(written: str) -> str:
    """36号附1, 36附1号 and 36-1号 are one number: 36-1."""
    return _SUB_PLATE.sub("-", written).strip("-")


def lane_value(written: str) -> str:
    """A numbered 巷 is a 弄."""
    return written.replace("巷", "弄") if written[0].isdigit() else written


def group_value(written: str) -> str:
    """第二村民小组, 2小组 and 二组 are one group: 2组."""
    digits = re.search(r"[0-9]+", written)
    return f"{digits.group()}组" if digits else written


def floor_value(written: str) -> str:
    if written.startswith("底"):
        return "1"
    digits = written[written.find("第") + 1 :].lstrip("负地下-B")
    plain = re.match(r"[0-9]+(?:-[0-9]+)?", digits)
    below = written[0] in "负地-B"
    return ("-" if below else "") + (plain.group() if plain else digits)


def room_value(written: str) -> str:
    shop = _SHOP.match(written)
    if shop:
        return _SHOPS.get(shop[1], shop[1]) + shop[2].strip("-")
    plain = _PLAIN.match(written)
    return plain.group().strip("-") if plain else written


def building_value(written: str) -> str:
    plain = _PLAIN.match(written)
    if plain is None:
        return written
    value = plain.group().strip("-")
    special = written[plain.end() :].removeprefix("号")
    return value if special in ("幢", "栋", "座", "楼", "#", "#楼", "") else value + special


def split_dashes(value: str) -> list[str]:
    """Return the parts of 3-2-502 or 3#502."""
    return [part for part in re.split(r"[-#]+", value) if part]


def plate_range(value: str) -> tuple[int, int] | None:
    """Return the ends of 12-16 where it can be a range of plates; 36-1 and 12-160 are none."""
    parts = value.split("-")
    if len(parts) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts):
        return None
    low, high = int(parts[0]), int(parts[1])
    return (low, high) if low < high <= low + 60 else None
