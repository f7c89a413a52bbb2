"""Random libraries full of names that resemble one another, changes of them, and records about what has changed, clean, noisy and arbitrary."""

from collections.abc import Callable
from datetime import date
from random import Random
from typing import Any

import pyarrow as pa

from address_matching import AddressIndex, build_index, match
from address_matching.fuzzy import plain_sound
from address_matching.model import ALIAS_SCHEMA, COMPONENTS, LEVELS, LIBRARY_SCHEMA, OF_ONE_ADDRESS
from tests.address_matching.support import SCOPE

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
    "compound": ("小区", "花园", "苑", "大厦", "公寓", "农贸市场", "便民服务中心", "中学", "机械有限公司", ""),
}
ALIKE = {
    "塍": "胜腾城", "莘": "辛幸新", "埭": "代逮", "祥": "详洋翔", "锦": "景绵", "湖": "胡和", "桂": "贵", "永": "水勇", "胜": "盛圣", "华": "花化",
    "阳": "洋垟羊", "云": "去匀", "山": "三", "江": "将汪", "桥": "侨乔", "仙": "先汕", "光": "广", "瑞": "端锐", "松": "宋", "路": "露", "区": "曲",
}  # fmt: skip
TRADITIONAL = str.maketrans("东华锦湖纪红乔罗阳绣区苑园镇业号单元层室", "東華錦湖紀紅喬羅陽繡區苑園鎮業號單元層室")
DAYS = (None, None, date(2010, 1, 1), date(2016, 1, 1), date(2022, 1, 1))
CODES = ("330381001", "330381001002", "330381001003", "330381002", "330381002001")
HINTS = {
    "as_of": pa.date32(),
    "division_code": pa.string(),
    "community": pa.string(),
    "source_address_id": pa.string(),
    "lon": pa.float64(),
    "lat": pa.float64(),
}
_DIVISIONS = ("province", "city", "county")


def text_of(row: Row) -> str:
    return "".join(row[component] for component in COMPONENTS if row[component])


class Drawing:
    """A library as rows, and its aliases; drawn at random of few stems and changed at random below its towns."""

    def __init__(self, random: Random, size: int) -> None:
        self.random = random
        self.made = 0
        self.stems = random.sample(STEMS, random.choice((4, 8, 16)))
        self.rows: list[Row] = []
        self.aliases: list[Row] = []
        county = dict.fromkeys(COMPONENTS) | {"province": "浙江省", "city": "温州市", "county": "瑞安市"}
        self.towns = [self._add(county, "town", town) for town in TOWNS]
        while len(self.rows) < size:
            self._add_some()
        for _ in range(size // 15):
            self._add_alias()

    def copy(self) -> "Drawing":
        other = object.__new__(Drawing)
        other.__dict__ |= self.__dict__
        other.rows, other.aliases = [dict(row) for row in self.rows], [dict(alias) for alias in self.aliases]
        return other

    def index(self) -> AddressIndex:
        schema = LIBRARY_SCHEMA.append(pa.field("division_code", pa.string()))
        addresses = pa.Table.from_pylist(self.rows, schema=schema)
        return build_index(addresses, pa.Table.from_pylist(self.aliases, schema=ALIAS_SCHEMA), scope=SCOPE)

    def change(self) -> str:
        """Make one random change; returns which."""
        changes: tuple[Callable[[], None], ...] = (
            self._add_some, self._add_some, self._drop, self._drop_with_all_below, self._rename, self._add_alias, self._drop_alias,
            self._move_id, self._place, self._set_community, self._set_validity, self._set_code,
        )  # fmt: skip
        change = self.random.choice(changes)
        change()
        return change.__name__.strip("_")

    def differing(self, other: "Drawing") -> list[Row]:
        """Rows that are not in both libraries, and rows under the names of the aliases that are not."""
        rows = [row for row in self.rows if row not in other.rows] + [row for row in other.rows if row not in self.rows]
        aliases = [each for each in self.aliases if each not in other.aliases] + [
            each for each in other.aliases if each not in self.aliases
        ]
        for alias in aliases:
            of_one = alias["kind"] in OF_ONE_ADDRESS
            named = [row for row in self.rows if row["address_id" if of_one else alias["kind"]] == alias["name"]]
            other = {"road": None, "compound": alias["alias"]} if of_one else {alias["kind"]: alias["alias"]}
            rows += named + [row | other for row in named]
        return rows

    # -- changes

    def _id(self) -> str:
        self.made += 1
        return f"A{self.random.randrange(10**6):06d}{self.made:05d}"

    def _some(self, *levels: str) -> Row | None:
        found = [row for row in self.rows if row["level"] in levels]
        return self.random.choice(found) if found else None

    def _number(self) -> str:
        return str(self.random.choice((self.random.randint(1, 6), self.random.randint(1, 20), self.random.randint(1, 300))))

    def _name(self, level: str) -> str:
        random = self.random
        stem = random.choice(self.stems if random.random() < 0.9 else STEMS)
        direction = random.choice(DIRECTIONS) if level == "road" else ""
        phase = random.choice(("", "", "", "一期", "二期", "(二期)", "东区")) if level == "compound" else ""
        return stem + direction + random.choice(ENDS[level]) + phase

    def _add(self, parent: Row, level: str, value: str, **others: Any) -> Row:
        row = dict.fromkeys((*LIBRARY_SCHEMA.names, "division_code")) | {component: parent[component] for component in COMPONENTS}
        row |= {"address_id": self._id(), "level": level, COMPONENTS[LEVELS.index(level)]: value} | others
        row["full_text"] = text_of(row)
        self.rows.append(row)
        return row

    def _add_some(self) -> None:
        random, town = self.random, self.random.choice(self.towns)
        kind = random.choice(
            ("community", "natural_village", "zone", "road", "twins", "plate", "plate", "village plate", "compound", "alone")
        )
        if kind in ("community", "zone", "road"):
            self._add(town, kind, self._name(kind))
        elif kind == "natural_village" and (community := self._some("community")):
            self._add(community, kind, random.choice((self._name(kind), f"{random.randint(1, 9)}组")))
        elif kind == "twins":  # one road and plate in several towns
            name, number = self._name("road"), self._number()
            for each in random.sample(self.towns, 2):
                self._add(each, "road", name)
                self._add(self.rows[-1], "house", f"{number}号", lon=random.choice((None, 120.6, 120.7)), lat=27.8)
        elif kind == "plate" and (road := self._some("road")):
            number = f"{self._number()}{random.choice(('', '', '', '-1'))}号"
            self._add(road, "house", number, lane=random.choice((None, None, None, f"{random.randint(1, 40)}弄")))
        elif kind == "village plate" and (village := self._some("community", "natural_village", "zone")):
            self._add(village, "house", f"{self._number()}号")
        elif kind == "compound" and (house := self._some("house")):
            self._fill(self._add(house, "compound", self._name("compound")))
        elif kind == "alone" and (area := self._some("community", "road", "zone", "town", "town")):
            self._fill(self._add(area, "compound", self._name("compound")))

    def _fill(self, compound: Row) -> None:
        for building in self.random.sample(("1幢", "2幢", "3幢", "12幢", "A幢"), self.random.randint(0, 2)):
            below = self._add(compound, "building", building)
            units = self.random.sample(("1单元", "2单元"), self.random.choice((0, 0, 2)))
            for inside in [self._add(below, "unit", unit) for unit in units] or [below]:
                for room in self.random.sample(("101室", "102室", "201室", "1203室", "502室"), self.random.randint(0, 3)):
                    self._add(inside, "room", room)

    def _drop(self) -> None:
        if found := self._some("house", "room", "building", "compound", "natural_village", "unit"):
            self.rows.remove(found)

    def _drop_with_all_below(self) -> None:
        if found := self._some("compound", "road", "house", "zone", "community"):
            self.rows = [row for row in self.rows if any(row[each] != found[each] for each in COMPONENTS if found[each])]

    def _rename(self) -> None:
        level = self.random.choice(("road", "community", "compound", "zone"))
        if found := self._some(level):
            old, new = found[level], self._name(level)
            for row in self.rows:
                if row["town"] == found["town"] and row[level] == old:
                    row[level] = new
                    row["full_text"] = text_of(row)

    def _add_alias(self) -> None:
        random = self.random
        level = random.choice(("road", "community", "compound", "zone", "natural_village", *OF_ONE_ADDRESS))
        found = self._some("house", "compound") if level in OF_ONE_ADDRESS else self._some(level)
        if found is None:
            return
        alias = dict.fromkeys(ALIAS_SCHEMA.names) | {
            "kind": level,
            "name": found["address_id"] if level in OF_ONE_ADDRESS else found[level],
        }
        if level == "text":
            alias["alias"] = self._text(found, found)
        elif level == "address":
            place = found["road"] or found["community"] or self._name("road")
            alias["alias"] = random.choice(("", found["town"] or "")) + random.choice((place, self._name("road"))) + f"{self._number()}号"
        else:
            alias["alias"] = random.choice((found[level][:2], self._name(level)))
            alias |= {"within": random.choice((None, found["town"])), "valid_to": random.choice((None, None, date(2018, 1, 1)))}
        self.aliases.append(alias)

    def _drop_alias(self) -> None:
        if self.aliases:
            self.aliases.remove(self.random.choice(self.aliases))

    def _move_id(self) -> None:
        if found := self._some("house", "compound", "road", "community", "building"):
            found["address_id"] = self._id()

    def _place(self) -> None:
        if found := self._some("house", "compound", "road"):
            found.update(lon=self.random.choice((120.6, 120.7)), lat=27.8)

    def _set_community(self) -> None:
        house, community = self._some("house"), self._some("community")
        if house and community:
            house["community"] = community["community"]

    def _set_validity(self) -> None:
        if found := self._some("house", "compound", "community", "road", "room"):
            found.update(self.random.choice(({"valid_to": date(2018, 1, 1)}, {"valid_from": date(2018, 1, 1)}, {"valid_to": None})))

    def _set_code(self) -> None:
        if found := self._some("community", "community", "house", "road"):
            found["division_code"] = self.random.choice(CODES)

    # -- records

    def records(self, about: list[Row], count: int) -> pa.Table:
        """Records of the matcher, most of them about some rows, the others about any row of the library."""
        drawn = [self._record(about) for _ in range(count)]
        columns = {name: pa.array([record.get(name) for record in drawn], kind) for name, kind in ({"text": pa.string()} | HINTS).items()}
        return pa.table({"record_id": [str(number) for number in range(count)], **columns})

    def _record(self, about: list[Row]) -> Row:
        random, row = self.random, self.random.choice(about if about and self.random.random() < 0.6 else self.rows)
        other = random.choice(about or self.rows)
        record: Row = {"text": self._text(row, other), "as_of": random.choice(DAYS)}
        if random.random() < 0.1:
            record["source_address_id"] = random.choice((row, other))["address_id"]
        if random.random() < 0.2:
            record["community"] = random.choice((row, other))["community"]
        if random.random() < 0.1:
            record["division_code"] = random.choice(CODES)
        if random.random() < 0.1:
            record |= {"lon": random.choice((120.6, 120.7)), "lat": 27.8}
        return record

    def _text(self, row: Row, other: Row) -> str:
        random = self.random
        style = random.random()
        if style < 0.07:
            return "".join(random.choice(text_of(random.choice((row, other)))) for _ in range(random.randint(1, 14)))
        if style < 0.14:
            pieces = [each[component] for each in (row, other) for component in COMPONENTS[3:] if each[component]]
            return random.choice(("", "和", "、", ";")).join(
                random.choice(pieces)[: random.choice((1, 2, 3, 9))] for _ in range(random.randint(1, 6))
            )
        if style < 0.2 and row["road"]:
            return romanised(random, row)
        if style < 0.25 and self.aliases:
            return str(random.choice(self.aliases)["alias"])
        text = self._written(row)
        for _ in range(random.choice((0, 0, 1, 1, 2))):
            text = random.choice(NOISE)(random, text)
        return text

    def _written(self, row: Row) -> str:
        """The address with parts left out, short of parts, or with a part of another."""
        random = self.random
        parts = {component: row[component] for component in COMPONENTS if row[component]}
        for component in list(parts):
            if random.random() < (0.6 if component in _DIVISIONS else 0.2):
                del parts[component]
        if random.random() < 0.15:
            parts["town"] = random.choice((*TOWNS, "塘下", "安阳"))
        if "compound" in parts and random.random() < 0.4:
            name = parts["compound"]
            parts["compound"] = random.choice((name[:2], name[:3], name[-4:], f"{name[:2]}小区", name[: random.randint(2, 9)]))
        if random.random() < 0.15:
            level = random.choice(("road", "compound", "community"))
            parts[level] = self._name(level)
        if "road" in parts and "house_number" not in parts and random.random() < 0.3:
            parts["house_number"] = f"{self._number()}号"
        return "".join(parts[component] for component in COMPONENTS if component in parts)


def romanised(random: Random, row: Row) -> str:
    words = {"东": " East", "西": " West", "南": " South", "北": " North", "路": " Road", "街": " Street", "大道": " Avenue", "巷": " Lane"}
    name = row["road"]
    spelled = "".join(words.get(character, plain_sound(character)) for character in name)
    return f"No.{random.randint(1, 20)} {spelled.title()}, Ruian"


def _at(random: Random, text: str) -> int:
    return random.randrange(len(text)) if text else 0


def _replace(random: Random, text: str, new: str) -> str:
    at = _at(random, text)
    return text[:at] + new + text[at + 1 :]


def _insert(random: Random, text: str, new: str) -> str:
    at = _at(random, text)
    return text[:at] + new + text[at:]


def _alike(random: Random, text: str) -> str:
    found = [character for character in text if character in ALIKE]
    return text.replace(wrong, random.choice(ALIKE[wrong])) if found and (wrong := random.choice(found)) else text


def _swapped(random: Random, text: str) -> str:
    at = _at(random, text)
    return text[:at] + text[at + 1 : at + 2] + text[at : at + 1] + text[at + 2 :]


def _spelled(random: Random, text: str) -> str:
    at = _at(random, text)
    return text[:at] + plain_sound(text[at]) + text[at + 1 :] if text and not text[at].isascii() else text


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
    lambda random, text: _insert(random, text, random.choice(("及", "和", "、", "旁", "(", ")", "-", " ", "路", "村"))),
    lambda random, text: text.translate(TRADITIONAL),
    lambda random, text: " ".join(text),
    lambda random, text: text[: max(2, _at(random, text))],
    lambda random, text: text[_at(random, text) :],
    lambda random, text: text.replace("号", "").replace("幢", "-").replace("单元", "-").replace("室", ""),
    lambda random, text: text.replace("号", f"-{random.randint(2, 30)}号"),
    lambda random, text: text.replace("1", "一").replace("2", "二").replace("3", "三"),
    lambda random, text: text + random.choice(("旁", "对面", "(原址)", "店面3号", "、6号", ";安阳街道万松路8号", "张三收", "3楼", "有限公司")),
    lambda random, text: random.choice(("瑞安", "浙江", "中国", "(临时)", "原")) + text,
)  # fmt: skip


def results(index: AddressIndex, records: pa.Table) -> dict[int, list[Row]]:
    """Results of a full run by record number."""
    found: dict[int, list[Row]] = {}
    for result in match(index, records).to_pylist():
        found.setdefault(int(result.pop("record_id")), []).append(result)
    return found
