"""Real registrations against the city's real divisions: nothing is invented, and town and village agree with certain labels or the label is wrong."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
import yaml

from address_matching import Scope, build_index, match
from tests.address_matching.support import PREFIX

ROOT = Path(__file__).resolve().parents[2]
CITY = ROOT / "cities" / "330381"
DATA = ROOT.parent / "shared" / "data" / "enterprises"
FIRMS, LABELS = DATA / "ruian.tsv", DATA / "ruian_autolabel.tsv"

pytestmark = pytest.mark.skipif(
    not (FIRMS.is_file() and LABELS.is_file()),
    reason=f"real addresses (shared/data) are not at {DATA}; they are measured where they are available",
)

# The labels follow the first town a text names. Rows of the file, counted from 0, where that is not the place, by the town that is:
LIES_IN_ANOTHER_TOWN = {
    "潘岱街道": {
        11,
        301,
        640,
        643,
        716,
        910,
        966,
        1009,
        1054,
        1206,
        1366,
        1434,
        1558,
        1656,
        1700,
    },  # out of 锦湖街道 in 2016; 白莲村, 下湾村, 林岙村
    "上望街道": {15, 156, 1269, 1320},  # written as part of 安阳镇; 林东村, 新桥头村
    "东山街道": {160, 656},  # written as part of 安阳镇; 车头村, 肖宅村
    "林川镇": {17, 186, 295, 311, 648, 795},  # out of 湖岭镇 in 2016; 溪坦村 and zones of the former 林溪乡
    "南滨街道": {109, 512, 1307},  # 阁巷 and 林垟 were towns before they were parts of 飞云镇
    "云周街道": {
        *(42, 375, 492, 493, 522, 543, 605, 615, 696, 775, 792, 833, 883, 939, 1019, 1050, 1289, 1330, 1344, 1354, 1361, 1450, 1452),
        *(1478, 1537, 1616, 1626, 1715, 1719),
    },  # out of 飞云街道 in 2016; 云周工业区, 繁荣村, 杏里村, 中洲村, 门台村, 上步村, 少埠村, 铁炉村, 下汇村
    "曹村镇": {265, 287, 530, 1658},  # out of 马屿镇 in 2016
    "桐浦镇": {565, 734, 954, 1292, 1654, 1690},  # out of 陶山镇 in 2016; 浦东村, 桐浦村, 塔山村, 岭南村
    "平阳坑镇": {133, 1577},  # out of 高楼镇 in 2016
    "北麂乡": {1678},  # out of 东山街道 in 2016
}
ANOTHER_VILLAGE = frozenset(
    [
        390,  # 上望新村 is 新村 of 上望, not 望新村
        *(515, 1555),  # 小横山村 was a village beside 横山社区
        539,  # a 下林村 of 海安镇, not the one of 仙降街道
        828,  # 小南山村 of 塘下镇 was a village of its own, not 南山村 of 曹村镇
    ]
)
UNDECIDED = frozenset([193, 1010, 1127, 1440, 1667])
"""飞云镇 with a road alone: three towns of today came of it, and the divisions do not tell where the road is."""
LESS_DEEP = frozenset([333])
"""海安镇东村标准厂房 is read as 海安镇 and a factory site, not as 海安 and 镇东村; the town is right."""


@dataclass(frozen=True)
class Answer:
    """The first part of an answer: status, level, address without the common beginning, its code; and of all candidates."""

    status: str
    level: str | None
    code: str | None
    address: str
    candidates: list[str]


def rows_of(path: Path, delimiter: str) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        yield from csv.DictReader(file, delimiter=delimiter)


def day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def divisions() -> pa.Table:
    """The city's divisions, former villages included, as a library."""
    rows = list(rows_of(CITY / "divisions.csv", ","))
    by_code = {row["区划代码"]: row for row in rows}

    def full_text(row: dict[str, str]) -> str:
        above = by_code.get(row["上级区划代码"])
        return (full_text(above) if above else "") + row["名称"]

    def named(row: dict[str, str], level: str) -> str | None:
        while row["级别"] != level and row["上级区划代码"]:
            row = by_code[row["上级区划代码"]]
        return row["名称"] if row["级别"] == level else None

    return pa.table(
        {
            "address_id": [row["区划代码"] for row in rows],
            "level": [row["级别"] for row in rows],
            "full_text": [full_text(row) for row in rows],
            **{level: [named(row, level) for row in rows] for level in ("province", "city", "county", "town", "community")},
            "valid_from": pa.array([day(row["生效日期"]) for row in rows], pa.date32()),
            "valid_to": pa.array([day(row["失效日期"]) for row in rows], pa.date32()),
        }
    )


def former_names() -> pa.Table:
    rows = list(rows_of(CITY / "aliases.csv", ","))
    return pa.table(
        {
            "kind": [row["类别"] for row in rows],
            "within": [row["所在区划"] for row in rows],
            "name": [row["标准名称"] for row in rows],
            "alias": [row["别名"] for row in rows],
            "valid_from": pa.array([day(row["生效日期"]) for row in rows], pa.date32()),
            "valid_to": pa.array([day(row["失效日期"]) for row in rows], pa.date32()),
        }
    )


@pytest.fixture(scope="module")
def answers() -> list[tuple[dict[str, str], Answer]]:
    """Label and answer of each registration, in the order of the file."""
    city = yaml.safe_load((CITY / "city.yaml").read_text(encoding="utf-8"))
    library = divisions()
    index = build_index(library, former_names(), scope=Scope(city["province"], city["city"], city["county"], tuple(city["neighbours"])))
    firms = list(rows_of(FIRMS, "\t"))
    records = pa.table(
        {
            "record_id": [str(row) for row in range(len(firms))],
            "text": [firm["address"] for firm in firms],
            "as_of": [day(firm["reg_date"]) for firm in firms],
        }
    )
    texts = dict(zip(library["address_id"].to_pylist(), library["full_text"].to_pylist(), strict=True))
    short = {code: text.removeprefix(PREFIX) for code, text in texts.items()}
    found = [
        Answer(
            row["status"],
            row["level"],
            row["address_id"],
            short.get(row["address_id"], ""),
            [short[candidate["address_id"]] for candidate in row["candidates"]],
        )
        for row in match(index, records).to_pylist()
        if row["part"] == 1
    ]
    return list(zip(rows_of(LABELS, "\t"), found, strict=True))


def test_nothing_finer_than_a_village_is_invented(answers) -> None:
    assert {answer.level for _, answer in answers if answer.status == "matched"} == {"town", "community"}


def test_town_and_village_agree_with_certain_labels_or_the_label_is_wrong(answers) -> None:
    other_town = {
        row for row, (label, answer) in enumerate(answers) if label["street_2023"] and not answer.address.startswith(label["street_2023"])
    }
    other_village = {
        row for row, (label, answer) in enumerate(answers) if label["village2023_code"] and answer.code != label["village2023_code"]
    }
    assert other_town == set().union(*LIES_IN_ANOTHER_TOWN.values()) | UNDECIDED
    assert other_village - other_town == ANOTHER_VILLAGE | LESS_DEEP
    for town, rows in LIES_IN_ANOTHER_TOWN.items():
        assert {answers[row][1].address[: len(town)] for row in rows} == {town}


def test_what_is_not_decided_lists_the_town_of_the_label(answers) -> None:
    for row in UNDECIDED:
        label, answer = answers[row]
        assert answer.status == "review"
        assert label["street_2023"] in answer.candidates


def test_former_villages_are_found(answers) -> None:
    former = [
        (label["village2016_code"], answer.code) for label, answer in answers if label["village2016_code"] and not label["village2023_code"]
    ]
    assert len(former) > 100
    assert all(code == answer for code, answer in former)


def test_few_are_left_open(answers) -> None:
    """Of all registrations: at most 1 % for a person to decide, 8 % without an answer (most name only a road or zone, or lie outside)."""
    statuses = [answer.status for _, answer in answers]
    assert statuses.count("review") <= 0.01 * len(statuses)
    assert statuses.count("unmatched") <= 0.08 * len(statuses)
