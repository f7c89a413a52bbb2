"""Another, invented city: another province, no counties, departments of its own; nothing but its folder tells the code of it."""

import csv
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import duckdb
import numpy as np
import pytest

from samples.identifiers import citizen_numbers, credit_codes
from schemas.city import load_city
from schemas.contract import contracts_of, source_contracts
from tests.cli.command import Answer, datapool
from tests.flow.searching import texts_in
from tests.transforms.algorithms import gcj02

CITY = Path(__file__).parent / "other_city"
ELSEWHERE = ("Ruian", "瑞安", "330381", "浙江", "温州")
STREET = "广东省云澜市石鼓镇榕树路"
HOME = (113.7518, 23.0207)
ROAD = {"乡镇街道": "石鼓镇", "社区村": "", "道路": "榕树路"}
LIBRARY = [
    ("R1", "road", STREET, ROAD | {"门牌号": ""}),
    *((f"H{number}", "house", f"{STREET}{number}号", ROAD | {"门牌号": f"{number}号"}) for number in range(1, 31)),
    ("F1", "house", "广东省云澜市红棉农场红旗村8号", {"乡镇街道": "红棉农场", "社区村": "红旗村", "道路": "", "门牌号": "8号"}),
]
"""Every second one is its text alone, and every third begins with the town."""
PEOPLE = 30


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home of the other city; its commands find the city by the environment."""
    with patch.dict(os.environ, {"DATAPOOL_CITY": str(CITY), "DATAPOOL_HOME": str(tmp_path_factory.mktemp("other") / "home")}):
        yield Path(os.environ["DATAPOOL_HOME"])


@pytest.fixture(scope="module")
def answer(home: Path) -> Answer:
    """What `datapool run` says of the exports of that city."""
    exports = home.parent / "exports"
    numbers = citizen_numbers(np.full(PEOPLE, 442200), np.full(PEOPLE, 19850101), np.arange(100, 100 + PEOPLE))
    lon, lat = gcj02(HOME)
    people = [
        {
            "身份证": number,
            "姓名": f"黎{chr(0x4E00 + 50 * place)}",
            "手机": f"1390000{place:04d}",
            "现住址": address,
            "高德经度": f"{lon}",
            "高德纬度": f"{lat}",
        }
        for place, (number, address) in enumerate(zip(numbers, _addresses(), strict=True))
    ]
    _write(exports / "ga" / "people_20250630.tsv", people, "utf-8", "\t")
    codes = credit_codes(["91", "92"], ["442200", "442200"], ["MA500001", "MA500002"])
    owner = {"经营者": people[0]["姓名"], "经营者证件": people[0]["身份证"]}
    firm = {"信用代码": codes[0], "商事主体名称": "云澜市石鼓五金有限公司", "经营地址": "石鼓镇榕树路3号"} | owner
    stall = {"信用代码": codes[1], "商事主体名称": "红棉农场阿黎茶摊", "经营地址": "红棉农场红旗村8号"} | owner
    _write(exports / "shangshi" / "商事主体_20250630.csv", [firm], "gb18030")
    _write(exports / "tandian" / "摊点_20250630.csv", [stall], "gb18030")
    addresses = [
        {"地址编码": id, "级别": level, "标准地址全称": text.removeprefix("广东省云澜市" if place % 3 == 2 else "")}
        | ({"省": "", "市": ""} | dict.fromkeys(parts, "") if place % 2 else {"省": "广东省", "市": "云澜市"} | parts)
        for place, (id, level, text, parts) in enumerate(LIBRARY)
    ]
    _write(exports / "reference" / "standard_address" / "地址_20250630.csv", addresses, "utf-8-sig")
    return datapool("run", exports)


def _addresses() -> list[str]:
    spellings = ["广东省云澜市石鼓镇榕树路{}号", "云澜市石鼓镇榕树路{}号", "石鼓镇榕树路{}号", "云澜石鼓榕树路{}号"]
    told = [spellings[place % 4].format(place + 1) for place in range(PEOPLE - 4)]
    return [*told, "云澜市红棉农场红旗村8号", "榕江镇榕湖社区", "云澜市榕江街道榕湖社区", "深圳市福田区深南大道1号"]


def _write(path: Path, rows: Sequence[Mapping[str, str]], encoding: str, delimiter: str = ",") -> None:
    path.parent.mkdir(parents=True)
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def _query(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        for path in (home / "releases" / "1" / "pool").glob("*.parquet"):
            connection.execute(f"CREATE VIEW {path.stem} AS FROM read_parquet('{path}')")
        return connection.execute(sql).fetchall()


def test_the_city_has_the_common_contracts_of_its_systems_but_where_it_has_its_own() -> None:
    contracts = contracts_of(load_city(str(CITY)))
    assert {contract.system for contract in contracts.values()} == {"public_security", "market_regulation", "reference"}
    assert contracts["public_security.resident_population"].department == "云澜市公安局"
    assert contracts["reference.division"] is source_contracts()["reference.division"]
    assert {contracts[f"market_regulation.{name}"].department for name in ("business_register", "farm_stall")} == {
        "云澜市政务服务和数据管理局",
        "云澜市农业农村局",
    }


def test_a_run_of_its_exports_publishes_a_release_and_names_its_departments(answer: Answer) -> None:
    assert answer.code == 0, answer.output + answer.errors
    for name in ("云澜市公安局", "云澜市农业农村局", "实有人口", "商事主体", "农场摊点"):
        assert name in answer.output
    assert "民政局" not in answer.output.replace("市民政局", ""), "only the common contracts of reference data are its"


def test_persons_and_organisations_of_all_its_departments_are_one(answer: Answer, home: Path) -> None:
    assert _query(home, "SELECT count(*) FROM person") == [(PEOPLE,)]
    assert _query(home, "SELECT name FROM organisation ORDER BY ALL") == [("云澜市石鼓五金有限公司",), ("红棉农场阿黎茶摊",)]
    assert _query(home, "SELECT count(DISTINCT legal_representative), count(DISTINCT representative_id) FROM organisation") == [(1, 1)]


def test_addresses_are_matched_in_towns_that_lie_directly_below_the_city(answer: Answer, home: Path) -> None:
    found = _query(home, "SELECT address_level, count(*) FROM residence WHERE match_status = 'matched' GROUP BY ALL ORDER BY ALL")
    assert found == [("community", 2), ("house", PEOPLE - 3)]
    assert _query(
        home, "SELECT DISTINCT level, province, city, county FROM address WHERE level IN ('province', 'city', 'town') ORDER BY ALL"
    ) == [
        ("city", "广东省", "云澜市", None),
        ("province", "广东省", None, None),
        ("town", "广东省", "云澜市", None),
    ]
    assert _query(home, "SELECT count(*) FROM premises WHERE match_status = 'matched' AND address_level = 'house'") == [(2,)]


def test_the_report_speaks_of_this_city(answer: Answer, home: Path) -> None:
    page = (home / "releases" / "1" / "report" / "index.html").read_text(encoding="utf-8")
    assert "云澜市" in page
    assert "云澜市公安局" in page


def test_nothing_that_it_writes_names_the_city_the_code_was_first_used_in(answer: Answer, home: Path) -> None:
    found = {path.relative_to(home).as_posix() for path, text in texts_in(home) if any(word in text for word in ELSEWHERE)}
    assert found == set()
    assert not any(word in answer.output + answer.errors for word in ELSEWHERE)
