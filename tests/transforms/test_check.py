"""Every received row is either accepted with typed values or quarantined with reasons and its original text."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from duckdb import DuckDBPyConnection
from hypothesis import given, settings, strategies as st

from schemas.contract import Contract, Rule, source_contracts
from tests.transforms.algorithms import citizen_check
from transforms.check import Checked, check_rows

RESIDENTS = source_contracts()["public_security.resident_population"]
HOUSES = source_contracts()["public_security.rental_house"]
LOAD_DATE = date(2026, 1, 1)
NUMBER = "33038119900307001" + citizen_check("33038119900307001")
OTHER = "33038119900307003" + citizen_check("33038119900307003")
Row = Mapping[str, str | None]


@pytest.fixture
def connection() -> Iterator[DuckDBPyConnection]:
    with duckdb.connect() as connection:
        yield connection


def resident(**cells: str | None) -> dict[str, str | None]:
    return {"citizen_number": NUMBER, "name": "张三", "registered_address_text": "安阳街道罗阳大道1号", **cells}


def check(connection: DuckDBPyConnection, rows: Sequence[Row], contract: Contract = RESIDENTS) -> Checked:
    """Check rows as they stream from a reader, which can be read once only."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {"sheet": pa.array([""] * len(rows)), "row": pa.array(range(2, len(rows) + 2), pa.int64())}
    columns |= {name: pa.array([row.get(name) for row in rows], pa.string()) for name in names}
    return check_rows(connection, pa.table(columns).to_reader(), contract, load_date=LOAD_DATE)


def accepted(checked: Checked) -> list[dict[str, Any]]:
    return checked.accepted.to_arrow_table().to_pylist()


def quarantined(checked: Checked) -> list[dict[str, Any]]:
    return sorted(checked.quarantined.to_arrow_table().to_pylist(), key=lambda row: row["row"])


def test_good_rows_come_out_typed_and_in_one_spelling(connection: DuckDBPyConnection) -> None:
    row = resident(
        name="张 三", birth_date="1990年3月7日", sex_code="男", phone="+86 138-1234-5678", actual_longitude="120.65", moved_in_on="2020.5.1"
    )
    (found,) = accepted(check(connection, [row]))
    assert found["citizen_number"] == NUMBER
    assert (found["name"], found["sex_code"], found["phone"], found["actual_longitude"]) == ("张三", "1", "13812345678", 120.65)
    assert (found["birth_date"], found["moved_in_on"]) == (date(1990, 3, 7), date(2020, 5, 1))
    assert (found["sheet"], found["row"]) == ("", 2)


def test_accepted_columns_have_the_types_of_the_contract(connection: DuckDBPyConnection) -> None:
    for contract in source_contracts().values():
        found = check(connection, [{contract.columns[0].name: None}], contract).accepted
        types = dict(zip(found.columns, map(str, found.types), strict=True))
        kept = {column.name: column.sql_type.replace(", ", ",") for column in contract.columns if not column.ignored}
        expected = {"sheet": "VARCHAR", "row": "BIGINT", **kept, "unverified": "VARCHAR"}
        assert types == expected | {"warnings": 'STRUCT("column" VARCHAR, "rule" VARCHAR)[]'}, contract.id


def test_a_missing_required_value_quarantines_the_row_with_its_original_text(connection: DuckDBPyConnection) -> None:
    checked = check(connection, [resident(name=" ", occupation="教师 ")])
    (found,) = quarantined(checked)
    assert found["reasons"] == [{"column": "name", "rule": "required", "message": "姓名 必填项为空"}]
    original = json.loads(found["original"])
    assert original == {"公民身份号码": NUMBER, "姓名": " ", "户籍地_地址详址": "安阳街道罗阳大道1号", "职业": "教师 "}


def test_a_faulty_required_value_quarantines_the_row_and_says_why(connection: DuckDBPyConnection) -> None:
    (found,) = quarantined(check(connection, [resident(citizen_number="330381199003070019")]))
    assert [reason["message"] for reason in found["reasons"]] == ["公民身份号码 校验码不符"]


def test_a_faulty_optional_value_is_emptied_and_counted(connection: DuckDBPyConnection) -> None:
    checked = check(connection, [resident(phone="123", nation_code="99")])
    (found,) = accepted(checked)
    assert (found["phone"], found["nation_code"]) == (None, None)
    counted = {(count.column, count.rule): (count.message, count.rows) for count in checked.profile.warnings}
    assert counted == {("phone", "phone_form"): ("联系电话 不是电话号码", 1), ("nation_code", "not_in_list"): ("民族代码 不在代码表内", 1)}


def test_a_broken_rule_rejects_warns_or_blocks_by_its_severity(connection: DuckDBPyConnection) -> None:
    rule = Rule("short_name", "姓名不超过两个字", "conformity", "reject", "length(name) <= 2", ("name",))
    long_name, short_name = resident(name="欧阳修文"), resident(citizen_number=OTHER)
    outcomes = {}
    for severity in ("reject", "warn", "block"):
        checked = check(connection, [long_name, short_name], replace(RESIDENTS, rules=(replace(rule, severity=severity),)))
        outcomes[severity] = (checked.profile.accepted, len(checked.profile.warnings), checked.profile.blocks)
    assert outcomes == {"reject": (1, 0, ()), "warn": (2, 1, ()), "block": (2, 1, ("有 1 行不符合规则“姓名不超过两个字”",))}


def test_a_row_rejected_for_what_it_lacks_says_which_fault_emptied_the_column(connection: DuckDBPyConnection) -> None:
    entities = source_contracts()["market_regulation.market_entity"]
    row = {"entity_source_id": "1", "name": "某公司", "registered_address_text": "罗阳大道1号", "registration_number": "330381000000000"}
    (found,) = quarantined(check(connection, [row], entities))
    assert [(reason["column"], reason["message"]) for reason in found["reasons"]] == [
        ("", "不符合规则“统一社会信用代码与注册号至少有一个”"),
        ("registration_number", "注册号 校验码不符"),
    ]


def test_a_rule_over_missing_values_is_not_broken(connection: DuckDBPyConnection) -> None:
    rule = Rule("grown", "迁入晚于出生", "consistency", "reject", "moved_in_on > birth_date", ("moved_in_on", "birth_date"))
    assert check(connection, [resident()], replace(RESIDENTS, rules=(rule,))).profile.accepted == 1


def test_sex_and_birth_that_disagree_with_the_number_are_noted(connection: DuckDBPyConnection) -> None:
    checked = check(connection, [resident(sex_code="2", birth_date="19900308")])
    assert {(count.column, count.rule) for count in checked.profile.warnings} == {
        ("sex_code", "sex_against_number"),
        ("birth_date", "birth_against_number"),
    }
    assert check(connection, [resident(sex_code="1", birth_date="19900307")]).profile.warnings == ()


def test_of_equal_rows_the_first_is_kept(connection: DuckDBPyConnection) -> None:
    checked = check(connection, [resident(name="张三"), resident(name="张 三"), resident(citizen_number=NUMBER.lower())])
    assert [row["row"] for row in accepted(checked)] == [2]
    assert [(row["row"], row["reasons"][0]["rule"]) for row in quarantined(checked)] == [(3, "duplicate_row"), (4, "duplicate_row")]


def test_of_different_rows_with_one_key_the_last_is_kept(connection: DuckDBPyConnection) -> None:
    checked = check(connection, [resident(name="张三"), resident(name="李四"), resident(name="王五")])
    assert [row["name"] for row in accepted(checked)] == ["王五"]
    assert [row["reasons"][0]["message"] for row in quarantined(checked)] == ["公民身份号码 主键与后面的行重复，以最后一行为准"] * 2


def test_a_faulty_row_does_not_push_a_good_one_out(connection: DuckDBPyConnection) -> None:
    checked = check(connection, [resident(name="张三"), resident(name=None)])
    assert [row["row"] for row in accepted(checked)] == [2]


def test_the_document_type_decides_how_a_number_is_checked(connection: DuckDBPyConnection) -> None:
    house = {"letting_source_id": "1", "house_source_id": "H1", "address_text": "罗阳大道1号", "owner_number": "H0123456700"}
    rows = [
        house | {"owner_document_type_code": kind, "letting_source_id": str(place)} for place, kind in enumerate(["身份证", "回乡证", None])
    ]
    assert [row["owner_number"] for row in accepted(check(connection, rows, HOUSES))] == [None, "H0123456700", "H0123456700"]


def test_an_identifier_that_fails_its_check_is_kept_aside_for_whoever_finds_another_witness(connection: DuckDBPyConnection) -> None:
    house = {"letting_source_id": "1", "house_source_id": "H1", "address_text": "罗阳大道1号"}
    rows = [
        house | {"owner_number": NUMBER[:-1] + ("1" if NUMBER[-1] != "1" else "2"), "tenant_number": NUMBER},
        house | {"letting_source_id": "2", "owner_number": f" {NUMBER[:6]}{NUMBER[8:17]}"},
        house | {"letting_source_id": "3", "owner_number": "6230000000000000017"},
        house | {"letting_source_id": "4", "owner_number": NUMBER},
    ]
    kept = [(row["owner_number"], row["unverified"]) for row in accepted(check(connection, rows, HOUSES))]
    wrong, old, long, right = kept
    assert wrong == (None, json.dumps({"owner_number": rows[0]["owner_number"]}, separators=(",", ":")))
    assert old == (NUMBER, json.dumps({"owner_number": NUMBER[:6] + NUMBER[8:17]}, separators=(",", ":")))
    assert (long[1], right[1]) == (None, None), "what has another length is no typing error, and may be an account"


def test_the_digest_of_a_row_is_that_of_its_text_whatever_the_order_of_its_columns(connection: DuckDBPyConnection) -> None:
    def digest(row: Row) -> bytes:
        [found] = check(connection, [row]).digests.to_arrow_table().to_pylist()
        return int(found["digest_low"]).to_bytes(8, "little") + int(found["digest_high"]).to_bytes(8, "little")

    row = resident(phone="13812345678")
    assert digest(row) == digest(dict(reversed(row.items()))) != digest(row | {"phone": "13812345679"})
    texts = (row.get(column.name) or "" for column in RESIDENTS.columns if not column.ignored)
    assert digest(row) == hashlib.md5("\x1f".join(texts).encode()).digest()


def test_ignored_columns_are_neither_accepted_nor_kept_in_quarantine(connection: DuckDBPyConnection) -> None:
    contract = source_contracts()["civil_affairs.subsistence_allowance"]
    ignored = next(column for column in contract.columns if column.ignored)
    checked = check(connection, [{ignored.name: "某种疾病"}], contract)
    assert ignored.name not in checked.accepted.columns
    assert "疾病" not in quarantined(checked)[0]["original"]


def test_a_column_of_bank_cards_is_refused_by_its_content(connection: DuckDBPyConnection) -> None:
    cards = [luhn(f"62220212020{number:07d}") for number in range(20)]
    rows = [
        resident(household_number=card, citizen_number=None if card == cards[0] else f"3303811990030{number:04d}")
        for number, card in enumerate(cards)
    ]
    rows[1] |= {"citizen_number": NUMBER}
    checked = check(connection, rows)
    assert list(checked.profile.refused) == ["household_number"]
    assert {row["household_number"] for row in accepted(checked)} == {None}
    assert not any(card in row["original"] for row in quarantined(checked) for card in cards)


def test_disability_numbers_in_a_number_column_are_not_kept_in_quarantine_either(connection: DuckDBPyConnection) -> None:
    rows = [resident(citizen_number=f"{NUMBER}4{level}") for level in (1, 2, 3, 4)]
    checked = check(connection, rows)
    assert [row["reasons"][0]["rule"] for row in quarantined(checked)] == ["length"] * 4
    assert not any(NUMBER in row["original"] for row in quarantined(checked))
    assert checked.profile.blocks == ("必填列“公民身份号码”的内容属于不接收的数据（残疾信息，《个人信息保护法》第二十八条）",)


def luhn(body: str) -> str:
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(body)))
    return body + str(-total % 10)


def test_the_profile_adds_up_and_is_plain_json(connection: DuckDBPyConnection) -> None:
    rows = [resident(), resident(name="李四"), resident(citizen_number=OTHER, phone="0"), resident(citizen_number="1")]
    profile = json.loads(json.dumps(check(connection, rows).profile.to_dict(), ensure_ascii=False))
    assert profile["rows"] == {"received": 4, "accepted": 2, "quarantined": 2}
    assert profile["distinct_keys"] == 2
    assert profile["nulls"]["phone"] == 2
    assert profile["reasons"] == [
        {"column": "citizen_number", "rule": "duplicate_key", "message": "公民身份号码 主键与后面的行重复，以最后一行为准", "rows": 1},
        {"column": "citizen_number", "rule": "length", "message": "公民身份号码 位数不对", "rows": 1},
    ]


def test_an_empty_file_gives_empty_relations(connection: DuckDBPyConnection) -> None:
    text = connection.sql("SELECT '' AS sheet, 1::BIGINT AS row, NULL::VARCHAR AS name WHERE FALSE")
    checked = check_rows(connection, text.to_arrow_table().to_reader(), RESIDENTS, load_date=LOAD_DATE)
    assert (accepted(checked), quarantined(checked), checked.profile.received) == ([], [], 0)


def test_two_datasets_may_be_checked_on_one_connection(connection: DuckDBPyConnection) -> None:
    first = check(connection, [resident()])
    check(connection, [{"letting_source_id": "1"}], HOUSES)
    assert len(accepted(first)) == 1


CELLS = st.dictionaries(
    st.sampled_from([column.name for column in RESIDENTS.columns]),
    st.none() | st.sampled_from([NUMBER, OTHER, "张三", "1990-03-07", "1", "无", "", "13812345678", "\x1f"]) | st.text(max_size=8),
    max_size=12,
)


@settings(max_examples=8, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=20))
def test_no_row_is_lost_or_told_twice(rows: list[dict[str, str | None]]) -> None:
    plain = [{name: cell and cell.replace("\0", "") for name, cell in row.items()} for row in rows]
    with duckdb.connect() as connection:
        checked = check(connection, plain)
        numbers = [row["row"] for row in accepted(checked)] + [row["row"] for row in quarantined(checked)]
        assert sorted(numbers) == list(range(2, len(rows) + 2))
        assert all(row["reasons"] and json.loads(row["original"]) is not None for row in quarantined(checked))
        assert checked.profile.received == len(rows) == checked.profile.accepted + checked.profile.quarantined
