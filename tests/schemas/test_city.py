"""The folder of a city: what is published about Ruian, and faults named."""

import csv
import shutil
from collections import Counter
from pathlib import Path

import pytest

from schemas.city import FOLDER, City, load_city
from schemas.contract import ContractError, pool_contracts, source_contracts


@pytest.fixture(scope="module")
def ruian() -> City:
    return load_city("330381")


@pytest.fixture(scope="module")
def divisions(ruian: City) -> list[dict[str, str]]:
    return _rows(ruian.divisions)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_department_that_delivers_has_a_name_and_authority_is_over_what_exists(ruian: City) -> None:
    assert {contract.system for contract in source_contracts().values()} <= set(ruian.departments)
    datasets = {*source_contracts(), *ruian.departments}
    for attribute, order in ruian.authority.items():
        table, _, column = attribute.partition(".")
        assert column == "*" or pool_contracts()[table].column(column)
        assert set(order) <= datasets


def test_the_scope_names_the_area_and_no_neighbour_is_the_city_itself(ruian: City) -> None:
    assert ruian.scope["county"] == "瑞安市"
    assert not {ruian.province, ruian.city, ruian.county} & set(ruian.neighbours)


def test_lists_have_the_headers_of_their_contracts(ruian: City) -> None:
    for path, contract in ((ruian.divisions, "reference.division"), (ruian.aliases, "reference.address_alias")):
        assert set(_rows(path)[0]) == {column.physical_name for column in source_contracts()[contract].columns}


def test_divisions_are_those_published_with_both_authorities_codes(divisions: list[dict[str, str]]) -> None:
    now = [row for row in divisions if not row["失效日期"]]
    towns = [row for row in now if row["级别"] == "town"]
    communities = [row for row in now if row["级别"] == "community"]
    assert (len(towns), len(communities)) == (23, 515)
    assert sum(row["民政代码"] != row["区划代码"] + "000" for row in towns) == 19
    assert len(divisions) - len(now) == 645


def test_every_division_lies_in_a_living_one_and_codes_are_never_used_twice(divisions: list[dict[str, str]]) -> None:
    living = {row["区划代码"] for row in divisions if not row["失效日期"]}
    assert all(row["上级区划代码"] in living for row in divisions if row["级别"] != "province")
    assert max(Counter(row["区划代码"] for row in divisions).values()) == 1


def test_four_village_names_occur_in_two_towns_each(divisions: list[dict[str, str]]) -> None:
    names = Counter(row["名称"] for row in divisions if row["级别"] == "community" and not row["失效日期"])
    assert sorted(Counter(names.values()).items())[1:] == [(2, 4)]


def test_aliases_stand_for_divisions_that_exist(ruian: City, divisions: list[dict[str, str]]) -> None:
    towns = {row["区划代码"]: row["名称"] for row in divisions if row["级别"] == "town"}
    communities = {(towns[row["上级区划代码"]], row["名称"]) for row in divisions if row["级别"] == "community" and not row["失效日期"]}
    for row in _rows(ruian.aliases):
        if row["类别"] == "town":
            assert (row["所在区划"], row["标准名称"] in towns.values()) == ("瑞安市", True)
        elif row["类别"] == "community":
            assert (row["所在区划"], row["标准名称"]) in communities
        assert row["别名"] != row["标准名称"]


@pytest.mark.parametrize(
    ("alias", "names"),
    [
        ("莘塍镇", {"莘塍街道"}),
        ("鲍田镇", {"塘下镇"}),
        ("林溪乡", {"林川镇"}),
        ("飞云镇", {"飞云街道", "南滨街道", "云周街道"}),
        ("城关镇", {"玉海街道", "安阳街道", "锦湖街道"}),
        ("瑞安县", {"瑞安市"}),
    ],
)
def test_old_names_lead_to_all_that_they_became(ruian: City, alias: str, names: set[str]) -> None:
    assert {row["标准名称"] for row in _rows(ruian.aliases) if row["别名"] == alias} == names


@pytest.mark.parametrize(
    ("old", "new", "cause"),
    [
        ("postcode:", "postcod:", "不认识的键“postcod”"),
        ("quarantined_share: 0.2", "quarantined_share: 20%", "限值“quarantined_share”应是 0 到 1 之间的数"),
        ('code: "330381"', "code: 330381", "与目录名不同"),
        ("Asia/Shanghai", "Asia/Ruian", "没有时区“Asia/Ruian”"),
        ("name: 瑞安市\n", "", "缺少“name”"),
        ("keep_last: 7", "keep_last: 0", "“keep_last”应是不小于 1 的整数"),
        ("keep_daily: 14", "keep_daily: 两周", "“keep_daily”应是不小于 0 的整数"),
        ("grace_hours: 48", "grace_hour: 48", "不认识的“grace_hour”"),
        ("west: 120.0, east: 121.4", "west: 27.5, east: 28.1", "extent 应写明 west、east、south、north（度），中心在其中"),
    ],
)
def test_a_fault_in_a_citys_file_is_named(tmp_path: Path, old: str, new: str, cause: str) -> None:
    home = shutil.copytree(FOLDER / "330381", tmp_path / "330381")
    text = (home / "city.yaml").read_text(encoding="utf-8")
    (home / "city.yaml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContractError, match=cause):
        load_city("330381", tmp_path)


def test_a_city_without_a_folder_is_answered_with_those_that_have_one() -> None:
    with pytest.raises(ContractError, match="没有代码为“999999”的城市，已有：330381"):
        load_city("999999")
