"""What a change of a contract means for old files, batches that count and readers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from schemas.contract import Contract, source_contracts
from schemas.duration import Duration
from schemas.evolution.change import Change
from schemas.evolution.contracts import contract_changes, next_version
from schemas.snapshot import snapshot, snapshot_digest
from tests.schemas.shipped import Edited

HOUSES = source_contracts()["public_security.rental_house"]
OWNER = "{name: owner_name, physicalName: 房主姓名, logicalType: string,"
RENT = "{name: rent, physicalName: 租金（元/月）, logicalType: number,"


def changes(old: Contract, new: Contract) -> dict[str, Change]:
    """Changes between contracts by what they say, but for that of the version."""
    return {change.what: change for change in contract_changes(snapshot(old), snapshot(new)) if change.subject != "版本号"}


@pytest.mark.parametrize(
    ("old", "new", "what", "is_compatible", "remedy"),
    [
        (OWNER, "{name: note, physicalName: 备注, logicalType: string}\n      - " + OWNER, "新增可选列", True, "datapool replay"),
        (OWNER, "{name: note, physicalName: 备注, logicalType: string, required: true}\n      - " + OWNER, "新增必填列", False, "先设为可选"),
        (OWNER, "{name: note, physicalName: 备注, logicalType: string, customProperties: [{property: ignore, value: true}]}\n      - " + OWNER, "新增，只认不收", True, ""),
        (OWNER, OWNER.replace("房主姓名,", "产权人姓名, synonyms: [{synonym: 房主姓名}],"), "还认得表头“产权人姓名”", True, "datapool replay"),
        (OWNER, OWNER.replace("房主姓名", "产权人姓名"), "不再认得表头“房主姓名”", False, "synonyms"),
        (OWNER, OWNER.replace("string,", "string, required: true,"), "可选 → 必填", False, "先请来源补齐"),
        (OWNER, OWNER.replace("string,", "string, classification: L1,"), "敏感级别 L3 → L1", False, "数据安全责任人"),
        (RENT, RENT.replace("number,", "number, unique: true,"), "今后不得重复", False, ""),
        ("rental_house/*.csv", "rental_house/*.txt", "不再认得“public_security/rental_house/*.csv”", False, "保留旧位置"),
        ("encoding: gb18030", "encoding: utf-8", "gb18030 → utf-8", False, "auto"),
        ("encoding: gb18030", "encoding: auto", "gb18030 → auto", True, ""),
        ("value: full}", "value: incremental}", "full → incremental", False, "全部批次生效"),
        ("severity: reject", "severity: warn", "reject → warn", True, "datapool replay --dataset public_security.rental_house"),
        ("severity: warn", "severity: reject", "warn → reject", False, "先写 warn"),
        ("lease_end >= lease_start", "lease_end > lease_start", "条件变了", False, "先写 warn"),
        ("let_area <= area", "let_area < area", "条件变了", True, ""),
        (" rent: rent}", " rent: let_area}", "不再填“tenancy.rent ← rent”", False, "其他来源"),
        ("value: 36, unit: h", "value: 48, unit: h", "36.0 → 48.0", True, ""),
    ],
)  # fmt: skip
def test_change_is_told_with_its_consequence(edited: Edited, old: str, new: str, what: str, is_compatible: bool, remedy: str) -> None:
    found = changes(HOUSES, edited(old, new))
    assert what in found, list(found)
    assert found[what].is_compatible is is_compatible
    assert remedy in found[what].remedy
    assert found[what].why


def test_same_contract_has_no_changes() -> None:
    assert contract_changes(snapshot(HOUSES), snapshot(HOUSES)) == []
    assert contract_changes(snapshot(HOUSES), snapshot(replace(HOUSES, version="9.9.9"))) == []


def test_column_that_exports_call_the_same_is_known_under_its_new_name(edited: Edited) -> None:
    grown = replace(HOUSES, columns=tuple(replace(each, name="rent_a_month") if each.name == "rent" else each for each in HOUSES.columns))
    found = changes(HOUSES, grown)
    assert found.keys() == {"字段名 rent → rent_a_month"}
    assert "须重放" in found["字段名 rent → rent_a_month"].remedy


def test_key_of_other_columns_is_another_key() -> None:
    assert not changes(HOUSES, replace(HOUSES, key=("house_source_id",)))["letting_source_id → house_source_id"].is_compatible


@pytest.mark.parametrize(
    ("was", "is_now", "what", "is_compatible"),
    [
        ({"01": "01", "社团": "01"}, {"01": "01", "社团": "01", "02": "02"}, "增加“02”", True),
        ({"01": "01", "社团": "01"}, {"01": "01"}, "减少“社团”", False),
        ({"01": "01", "社团": "01"}, {"01": "01", "社团": "02"}, "中“社团”换了代码", False),
    ],
)
def test_code_list_may_grow_but_not_shrink(was: Mapping[str, str], is_now: Mapping[str, str], what: str, is_compatible: bool) -> None:
    content = snapshot(source_contracts()["civil_affairs.social_organisation"])
    kinds = "social_organisation_kind"
    old, new = ({**content, "codes": {**content["codes"], kinds: codes}} for codes in (was, is_now))
    [change] = [change for change in contract_changes(old, new) if change.subject != "版本号"]
    assert (change.what, change.is_compatible) == (f"代码表 {kinds} {what}", is_compatible)


@pytest.mark.parametrize(
    ("element", "was", "is_now", "is_compatible"),
    [
        ("count", {"minimum": 0}, {"minimum": 1}, False),
        ("count", {"minimum": 1}, {"minimum": None}, True),
        ("area", {"maximum": 10}, {"maximum": 20}, True),
        ("area", {"maximum": None}, {"maximum": 20}, False),
        ("area", {"scale": 1}, {"scale": 2}, True),
        ("area", {"scale": 2}, {"scale": 1}, False),
        ("phone", {"placeholders": []}, {"placeholders": ["0"]}, True),
        ("phone", {"placeholders": ["0"]}, {"placeholders": []}, False),
        ("certificate_number", {"pattern": "a"}, {"pattern": "b"}, False),
    ],
)
def test_wider_element_is_compatible_and_a_narrower_one_is_not(
    element: str, was: Mapping[str, Any], is_now: Mapping[str, Any], is_compatible: bool
) -> None:
    content = snapshot(HOUSES)
    old, new = ({**content, "elements": {**content["elements"], element: content["elements"][element] | facet}} for facet in (was, is_now))
    found = [change for change in contract_changes(old, new) if change.subject != "版本号"]
    assert found
    assert {change.is_compatible for change in found} == {is_compatible}


def test_what_older_software_did_not_note_counts_as_unchanged() -> None:
    content = snapshot(HOUSES)
    older = {name: value for name, value in content.items() if name != "retention"}
    older["columns"] = [{name: value for name, value in column.items() if name != "unique"} for column in content["columns"]]
    assert contract_changes(older, content) == []


@pytest.mark.parametrize(
    ("was", "is_now", "said", "is_compatible"),
    [
        (None, "P3Y", "一直保留 → 3 年", False),
        ("P3Y", "P18M", "3 年 → 18 个月", False),
        ("P18M", "P3Y", "18 个月 → 3 年", True),
        ("P3Y", None, "3 年 → 一直保留", True),
    ],
)
def test_shorter_retention_is_for_a_person_to_confirm(was: str | None, is_now: str | None, said: str, is_compatible: bool) -> None:
    old, new = (snapshot(replace(HOUSES, retention=Duration.parse(text) if text else None)) for text in (was, is_now))
    [change] = [change for change in contract_changes(old, new) if change.subject == "留存期限"]
    assert (change.what, change.is_compatible) == (said, is_compatible)


def test_next_version_follows_from_the_changes() -> None:
    small, great = Change("", "", True, ""), Change("", "", False, "")
    assert (next_version("1.2.3", [small]), next_version("1.2.3", [small, great]), next_version("1", [small])) == (
        "1.3.0",
        "2.0.0",
        "1.1.0",
    )


def test_snapshot_is_plain_and_says_everything_that_decides_a_row() -> None:
    content = json.loads(json.dumps(snapshot(HOUSES)))
    assert content == snapshot(HOUSES)
    assert content["elements"]["phone"]["placeholders"]
    assert content["codes"]["document_type"]["身份证"]
    others = [snapshot_digest(snapshot(contract)) for contract in source_contracts().values()]
    assert len(set(others)) == len(others)
