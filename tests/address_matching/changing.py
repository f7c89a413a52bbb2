"""Random libraries, changes of them, and texts clean and noisy, for tests of what a change can touch."""

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import pyarrow as pa

from address_matching import AddressIndex, build_index, match
from address_matching.model import ALIAS_SCHEMA, COMPONENTS, LEVELS, LIBRARY_SCHEMA
from tests.address_matching.support import PREFIX, SCOPE

Row = dict[str, Any]
TOWNS = ("安阳街道", "塘下镇", "莘塍街道", "马屿镇")
STEMS = (
    "万松", "隆山", "瑞祥", "祥瑞", "锦湖", "金湖", "锦绣", "丹桂", "永胜", "永盛", "新华", "兴华", "塘下", "莘塍", "沿江", "滨江", "飞云", "镇前",
    "罗阳", "解放", "人民", "仙桥", "河埭", "和岱", "董三", "九一", "经二", "新纪元", "新世纪", "东方明珠", "虹桥", "红乔", "安心", "天瑞", "阳光",
)  # fmt: skip
DIRECTIONS = ("", "", "", "东", "西", "南", "北", "中", "一", "二")
ENDS = {
    "community": ("社区", "村"),
    "natural_village": ("", "自然村", "底"),
    "zone": ("工业区", "产业园", "工业园区"),
    "road": ("路", "街", "大道", "巷"),
    "compound": ("小区", "花园", "苑", "大厦", "公寓", "农贸市场", "中学", "机械有限公司", ""),
}
ALIKE = {
    "塍": "胜腾城", "莘": "辛幸新", "埭": "代逮", "祥": "详洋翔", "锦": "景绵", "湖": "胡和", "桂": "贵", "永": "水勇", "胜": "盛圣", "华": "花化",
    "阳": "洋垟羊", "云": "去匀", "山": "三", "江": "将汪", "桥": "侨乔", "仙": "先汕", "光": "广", "瑞": "端锐", "松": "宋", "路": "露", "区": "曲",
}  # fmt: skip
TRADITIONAL = str.maketrans("东华锦湖纪红乔罗阳绣区苑园镇业号单元层室", "東華錦湖紀紅喬羅陽繡區苑園鎮業號單元層室")
PINYIN = {"安": "an", "阳": "yang", "塘": "tang", "山": "shan", "松": "song", "华": "hua", "湖": "hu", "路": "lu"}


def name(random: Random, level: str) -> str:
    direction = random.choice(DIRECTIONS) if level == "road" else ""
    phase = random.choice(("", "", "", "一期", "二期", "(二期)", "东区")) if level == "compound" else ""
    return random.choice(STEMS) + direction + random.choice(ENDS[level]) + phase


def text_of(row: Row) -> str:
    return "".join(row[component] for component in COMPONENTS if row[component])


def row(parent: Row | None, address_id: str, level: str, value: str, **others: Any) -> Row:
    """A row below another, with the components of that one."""
    made = dict.fromkeys(LIBRARY_SCHEMA.names) | {component: (parent or {}).get(component) for component in COMPONENTS}
    made |= {"address_id": address_id, "level": level, COMPONENTS[LEVELS.index(level)]: value} | others
    return made | {"full_text": text_of(made)}


class Drawing:
    """A library as rows, and its aliases; drawn at random and changed at random."""

    def __init__(self, random: Random, size: int) -> None:
        self.random = random
        self.made = 0
        self.rows: list[Row] = []
        self.aliases: list[Row] = []
        county = {"province": "浙江省", "city": "温州市", "county": "瑞安市"}
        self.towns = [row(county, self._id(), "town", town) for town in TOWNS]
        self.rows += self.towns
        while len(self.rows) < size:
            self._add_some()
        for _ in range(size // 20):
            self._add_alias()

    def copy(self) -> "Drawing":
        other = object.__new__(Drawing)
        other.random, other.made, other.towns = self.random, self.made, self.towns
        other.rows, other.aliases = [dict(row) for row in self.rows], [dict(alias) for alias in self.aliases]
        return other

    def index(self) -> AddressIndex:
        addresses = pa.Table.from_pylist(self.rows, schema=LIBRARY_SCHEMA)
        return build_index(addresses, pa.Table.from_pylist(self.aliases, schema=ALIAS_SCHEMA), scope=SCOPE)

    def change(self) -> str:
        """Make one random change below the towns; returns which."""
        changes: tuple[Callable[[], None], ...] = (
            self._add_some, self._drop, self._drop_with_all_below, self._rename, self._add_alias, self._drop_alias,
            self._move_id, self._place, self._set_community, self._end,
        )  # fmt: skip
        change = self.random.choice(changes)
        change()
        return change.__name__

    def _id(self) -> str:
        self.made += 1
        return f"A{self.made:05d}"

    def _some(self, *levels: str) -> Row | None:
        found = [row for row in self.rows if row["level"] in levels]
        return self.random.choice(found) if found else None

    def _number(self) -> str:
        return str(self.random.choice((self.random.randint(1, 20), self.random.randint(1, 300))))

    def _add(self, parent: Row, level: str, value: str, **others: Any) -> Row:
        added = row(parent, self._id(), level, value, **others)
        self.rows.append(added)
        return added

    def _add_some(self) -> None:
        random, town = self.random, self.random.choice(self.towns)
        kind = random.choice(
            ("community", "natural_village", "zone", "road", "plate", "plate", "village plate", "compound", "compound", "alone")
        )
        if kind in ENDS and kind not in ("compound", "natural_village"):
            self._add(town, kind, name(random, kind))
        elif kind == "natural_village" and (community := self._some("community")):
            self._add(community, kind, random.choice((name(random, kind), f"{random.randint(1, 9)}组")))
        elif kind == "plate" and (road := self._some("road")):
            number = (random.choice(("", "", "", "-1")) and f"{self._number()}-1号") or f"{self._number()}号"
            self._add(road, "house", number, lane=random.choice((None, None, None, f"{random.randint(1, 40)}弄")))
        elif kind == "village plate" and (village := self._some("community", "natural_village", "zone")):
            self._add(village, "house", f"{self._number()}号")
        elif kind == "compound" and (house := self._some("house")):
            self._fill(self._add(house, "compound", name(random, "compound")))
        elif kind == "alone" and (area := self._some("community", "road", "zone", "town")):
            self._fill(self._add(area, "compound", name(random, "compound")))

    def _fill(self, compound: Row) -> None:
        for building in self.random.sample(("1幢", "2幢", "3幢", "12幢", "A幢"), self.random.randint(0, 2)):
            below = self._add(compound, "building", building)
            units = self.random.sample(("1单元", "2单元"), self.random.choice((0, 0, 2)))
            for inside in [self._add(below, "unit", unit) for unit in units] or [below]:
                for room in self.random.sample(("101室", "102室", "201室", "1203室", "502室"), self.random.randint(0, 3)):
                    self._add(inside, "room", room)

    def add_compound(self) -> None:
        """Add a compound of a name of its own at some plate."""
        house = self._some("house")
        assert house is not None
        self._fill(self._add(house, "compound", "翡翠湾花苑"))

    def _drop(self) -> None:
        if found := self._some("house", "room", "building", "compound", "natural_village", "unit"):
            self.rows.remove(found)

    def _drop_with_all_below(self) -> None:
        if found := self._some("compound", "road", "house", "zone", "community"):
            self.rows = [row for row in self.rows if not self._is_below(row, found)]

    def _is_below(self, row: Row, above: Row) -> bool:
        return all(row[component] == above[component] for component in COMPONENTS if above[component])

    def _rename(self) -> None:
        level = self.random.choice(("road", "community", "compound", "zone"))
        if found := self._some(level):
            new = name(self.random, level)
            for below in [row for row in self.rows if row["town"] == found["town"] and row[level] == found[level]]:
                below[level] = new
                below["full_text"] = text_of(below)

    def _add_alias(self) -> None:
        level = self.random.choice(("road", "community", "compound", "zone", "natural_village", "address"))
        found = self._some("house", "compound") if level == "address" else self._some(level)
        if found is None:
            return
        alias = dict.fromkeys(ALIAS_SCHEMA.names) | {"kind": level, "name": found["address_id"] if level == "address" else found[level]}
        if level == "address":
            place = found["road"] or found["community"] or name(self.random, "road")
            alias["alias"] = self.random.choice(("", PREFIX + found["town"])) + place + f"{self._number()}号"
        else:
            alias["alias"] = self.random.choice((found[level][:2], name(self.random, level)))
            alias["within"] = self.random.choice((None, found["town"]))
        self.aliases.append(alias)

    def _drop_alias(self) -> None:
        if self.aliases:
            self.aliases.remove(self.random.choice(self.aliases))

    def _move_id(self) -> None:
        if found := self._some("house", "compound", "road", "community", "building"):
            found["address_id"] = self._id()

    def _place(self) -> None:
        if found := self._some("house", "compound", "road"):
            found.update(lon=120.6 + self.random.random() / 100, lat=27.8)

    def _set_community(self) -> None:
        house, community = self._some("house"), self._some("community")
        if house and community and house["road"]:
            house["community"] = community["community"]

    def _end(self) -> None:
        if found := self._some("house", "compound", "community", "road"):
            found["valid_to"] = date(2020, 1, 1)

    # -- texts

    def text(self) -> str:
        """A text about some row, or about what the library does not have, in one of many spellings."""
        random = self.random
        about = random.choice(self.rows)
        if random.random() < 0.2:
            about = row(random.choice(self.towns), "", "road", name(random, "road")) | {"house_number": f"{self._number()}号"}
        parts = {component: about[component] for component in COMPONENTS if about[component]}
        for component in ("province", "city", "county", "town", "community", "natural_village", "road", "compound", "unit", "house_number"):
            if component in parts and random.random() < (0.5 if component in ("province", "city", "community") else 0.12):
                del parts[component]
        if "town" in parts and random.random() < 0.2:
            parts["town"] = random.choice((random.choice(TOWNS), parts["town"].rstrip("街道镇")))
        if "road" in parts and "house_number" not in parts and random.random() < 0.5:
            parts["house_number"] = f"{self._number()}号"
        text = "".join(parts[component] for component in COMPONENTS if component in parts)
        for _ in range(random.choice((0, 0, 1, 1, 2))):
            text = random.choice(NOISE)(random, text)
        return text

    def record(self) -> Row:
        """A text with, at times, hints."""
        random, about = self.random, self.random.choice(self.rows)
        hints: Row = {"source_address_id": None, "community": None, "lon": None, "lat": None}
        if random.random() < 0.15:
            hints["source_address_id"] = about["address_id"]
        if random.random() < 0.15:
            hints["community"] = about["community"]
        if random.random() < 0.1:
            hints |= {"lon": 120.605, "lat": 27.8}
        return {"text": self.text()} | hints


def _at(random: Random, text: str) -> int:
    return random.randrange(len(text)) if text else 0


def _replace(random: Random, text: str, new: str) -> str:
    at = _at(random, text)
    return text[:at] + new + text[at + 1 :]


def _alike(random: Random, text: str) -> str:
    found = [character for character in text if character in ALIKE]
    return text.replace(wrong, random.choice(ALIKE[wrong])) if found and (wrong := random.choice(found)) else text


def _swapped(random: Random, text: str) -> str:
    at = _at(random, text)
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def _spelled(random: Random, text: str) -> str:
    found = [character for character in text if character in PINYIN]
    return text.replace(chosen, PINYIN[chosen], 1) if found and (chosen := random.choice(found)) else text


def _ended(random: Random, text: str) -> str:
    found = next((end for end in ("大道", "路", "街", "巷", "小区", "花园", "社区", "村") if end in text), "")
    return text.replace(found, random.choice(("", "路", "街", "大道", "小区", "苑")), 1) if found else text


NOISE: tuple[Callable[[Random, str], str], ...] = (
    _alike,
    _alike,
    _swapped,
    _spelled,
    _ended,
    lambda random, text: _replace(random, text, ""),
    lambda random, text: _replace(random, text, "?"),
    lambda random, text: _replace(random, text, random.choice("天大新一口东")),
    lambda random, text: _replace(random, text, text[_at(random, text)] * 2 if text else ""),
    lambda random, text: text.translate(TRADITIONAL),
    lambda random, text: " ".join(text),
    lambda random, text: text[: max(2, _at(random, text))],
    lambda random, text: text.replace("号", "").replace("幢", "-").replace("单元", "-").replace("室", ""),
    lambda random, text: text.replace("号", f"-{random.randint(2, 30)}号"),
    lambda random, text: text.replace("1", "一").replace("2", "二").replace("3", "三"),
    lambda random, text: (
        text + random.choice(("旁", "对面", "(原址)", "店面3号", "、6号", ";安阳街道万松路8号", "张三收", "3楼", "有限公司"))
    ),
    lambda random, text: random.choice(("瑞安", "浙江", "中国", "(临时)", "原")) + text,
    lambda random, text: (
        "No." + str(random.randint(1, 30)) + random.choice((" Wansong Rd", " Longshan East Road", " Xinhua Street, Ruian"))
    ),
)


def records_table(records: list[Row]) -> pa.Table:
    kinds = {"text": pa.string(), "source_address_id": pa.string(), "community": pa.string(), "lon": pa.float64(), "lat": pa.float64()}
    columns = {name: pa.array([record[name] for record in records], kind) for name, kind in kinds.items()}
    return pa.table({"record_id": [str(number) for number in range(len(records))], **columns})


def results(index: AddressIndex, records: pa.Table) -> dict[int, list[Row]]:
    """Results of a full run by record number."""
    found: dict[int, list[Row]] = {}
    for result in match(index, records).to_pylist():
        found.setdefault(int(result.pop("record_id")), []).append(result)
    return found
