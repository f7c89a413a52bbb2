"""The invented world is whole: addresses hang together, people and firms have valid numbers and live somewhere."""

from schemas.contract import source_contracts
from tests.samples.conftest import Made
from tests.samples.test_identifiers import has_good_citizen_check, has_good_credit_check, has_good_registration_check

PARTS = [
    "省",
    "市",
    "县市区",
    "乡镇街道",
    "社区村",
    "自然村组",
    "园区",
    "道路",
    "弄巷",
    "门牌号",
    "小区院落",
    "楼幢",
    "单元",
    "楼层",
    "户室",
]


def library(made: Made) -> list[dict[str, str]]:
    return made.rows(source_contracts()["reference.standard_address"])


def test_every_citizen_number_is_valid_and_unique(made: Made) -> None:
    persons = made.truth("persons")
    numbers = [person["citizen_number"] for person in persons]
    assert len(set(numbers)) == len(numbers) == 20_000
    assert all(map(has_good_citizen_check, numbers))
    assert all(person["citizen_number"][6:14] == person["birth_date"].replace("-", "") for person in persons)
    assert all(int(person["citizen_number"][16]) % 2 == int(person["sex_code"] == "1") for person in persons)


def test_every_organisation_has_valid_numbers_and_its_own_name(made: Made) -> None:
    organisations = made.truth("organisations")
    assert all(has_good_credit_check(entry["uscc"]) for entry in organisations)
    assert len({entry["uscc"] for entry in organisations}) == len(organisations)
    assert len({entry["name"] for entry in organisations}) == len(organisations)
    numbers = [entry["registration_number"] for entry in organisations if entry["registration_number"]]
    assert numbers
    assert all(map(has_good_registration_check, numbers))


def test_the_library_is_a_tree_without_twins(made: Made) -> None:
    rows = library(made)
    level = {row["地址编码"]: row["级别"] for row in rows}
    text = {row["地址编码"]: row["标准地址全称"] for row in rows}
    assert len(level) == len(rows) == len(set(text.values()))
    roots = [row for row in rows if not row["上级地址编码"]]
    assert [row["级别"] for row in roots] == ["province"]
    order = list(dict.fromkeys(["province", "city", "county", "town", "community", "natural_village", "zone", "road", "lane"]))
    order += ["house", "compound", "building", "unit", "floor", "room"]
    assert all(order.index(level[row["上级地址编码"]]) < order.index(row["级别"]) for row in rows if row["上级地址编码"])
    assert all(row["标准地址全称"].startswith(text[row["上级地址编码"]].split("村")[0][:6]) for row in rows if row["上级地址编码"])


def test_a_full_text_is_the_sum_of_its_parts(made: Made) -> None:
    for row in library(made):
        parts = {part: row[part] or "" for part in PARTS}
        if parts["道路"] or parts["园区"]:
            parts["社区村"] = ""
        if row["级别"] != "floor":
            parts["楼层"] = ""
        assert row["标准地址全称"] == "".join(parts.values())


def test_all_towns_and_communities_of_the_city_are_there(made: Made) -> None:
    divisions = made.rows(source_contracts()["reference.division"])
    present = {(row["级别"], row["名称"]) for row in divisions if not row["失效日期"] and row["级别"] in ("town", "community")}
    rows = library(made)
    there = {("town", row["乡镇街道"]) for row in rows} | {("community", row["社区村"]) for row in rows}
    assert present <= there


def test_nobody_lives_where_there_is_no_door(made: Made) -> None:
    known = {row["地址编码"]: row["状态"] for row in library(made)}
    persons = made.truth("persons")
    assert {person["registered_address_id"] for person in persons} <= {*known, None}
    assert all(known[person["actual_address_id"]] == "在用" for person in persons if person["actual_address_id"])
    moved = [person for person in persons if person["registered_address_id"] not in (None, person["actual_address_id"])]
    assert 0.1 < len(moved) / len(persons) < 0.4
