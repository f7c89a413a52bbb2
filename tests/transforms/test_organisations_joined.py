"""Which organisation is meant by the mentions of several departments: each way to be joined, and each trap."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from samples.identifiers import credit_codes
from tests.transforms.sources import deliver, place_at, resolve, rows_of

FIRM = "market_regulation.market_entity"
FOOD = "market_regulation.food_licence"
HAZARD = "emergency_management.hazard_inspection"
AUTHORITY = {"organisation.*": [FIRM, FOOD, HAZARD]}
HERE, THERE = "安福路12号", "万松路8号"
ADDRESSES = {HERE: "A1", THERE: "A2"}
CODE, OTHER_CODE = credit_codes(["91", "91"], ["330381"] * 2, ["MA123456", "MA654321"])
REGISTRATION = "330381000000016"
NAME = "瑞安市鑫达机械有限公司"
Row = dict[str, Any]
A, A2 = "market_e:1", "market_e:2"
B, B2 = "hazard_i:1", "hazard_i:2"


@pytest.fixture
def connection() -> DuckDBPyConnection:
    return duckdb.connect(":memory:")


def firm(code: str | None, name: str = NAME, registration: str | None = None, address: str = HERE, **others: Any) -> Row:
    row = {"entity_source_id": f"{code}{registration}{name}", "uscc": code, "registration_number": registration, "name": name}
    return row | {"registered_address_text": address} | others


def hazard(name: str, code: str | None = None, *, claimed: str = "", address: str = THERE) -> Row:
    row = {"hazard_number": f"Z{name}{code}{claimed}{address}", "organisation_name": name, "uscc": code, "address_text": address}
    return row | {"description": "通道堵塞", "inspected_on": "2025-01-02", "unverified": json.dumps({"uscc": claimed}) if claimed else None}


def firms(connection: DuckDBPyConnection, sources: Mapping[str, Sequence[Row]]) -> list[set[str]]:
    """Resolve rows by contract; the mentions of each organisation as `dataset:row`, rows counted from 1."""
    current = {contract: deliver(connection, contract, rows) for contract, rows in sources.items()}
    place_at(connection, current, ADDRESSES)
    resolve(connection, current, AUTHORITY)
    found: dict[str, set[str]] = {}
    for key, file_key, row in rows_of(connection, "SELECT key, file_key, row FROM entity_link WHERE table_name = 'organisation'"):
        found.setdefault(key, set()).add(f"{file_key[:8]}:{row - 1}")
    return sorted(found.values(), key=sorted)


def doubts(connection: DuckDBPyConnection) -> list[str]:
    return [rule for (rule,) in rows_of(connection, "SELECT rule FROM entity_doubt WHERE table_name = 'organisation' ORDER BY rule")]


@pytest.mark.parametrize("written", ["瑞安市鑫达机械有限责任公司", "瑞安市鑫达机械有限公司（个人独资）", "瑞安市鑫达机械(有限公司)"])
def test_registered_name_written_otherwise_is_the_same_name(connection: DuckDBPyConnection, written: str) -> None:
    assert firms(connection, {FIRM: [firm(CODE)], HAZARD: [hazard(written)]}) == [{B, A}]


@pytest.mark.parametrize("written", ["鑫达机械有限公司", "浙江省瑞安市鑫达机械有限公司", "瑞安市鑫达机械"])
def test_name_without_place_or_legal_form_joins_at_the_same_address_and_is_asked_about_elsewhere(
    connection: DuckDBPyConnection, written: str
) -> None:
    assert firms(connection, {FIRM: [firm(CODE)], HAZARD: [hazard(written, address=HERE)]}) == [{B, A}]
    assert firms(connection, {FIRM: [firm(CODE)], HAZARD: [hazard(written)]}) == [{B}, {A}]
    assert doubts(connection) == ["core_name"]


@pytest.mark.parametrize("written", ["瑞安市新达机械有限公司", "瑞安市鑫达机诫有限公司", "瑞安市鑫達機械有限公司"])
def test_name_with_a_slip_joins_at_the_same_address_only(connection: DuckDBPyConnection, written: str) -> None:
    assert firms(connection, {FIRM: [firm(CODE)], HAZARD: [hazard(written, address=HERE)]}) == [{B, A}]


def test_name_with_a_slip_joins_nobody_elsewhere(connection: DuckDBPyConnection) -> None:
    assert firms(connection, {FIRM: [firm(CODE)], HAZARD: [hazard("瑞安市新达机械有限公司")]}) == [{B}, {A}]


@pytest.mark.parametrize(
    "other", ["瑞安市鑫达机械厂", "瑞安市鑫达第二机械有限公司", "瑞安市东鑫达机械有限公司", "瑞安市鑫达机械有限公司安阳分公司"]
)
def test_neighbour_with_another_name_is_another_organisation(connection: DuckDBPyConnection, other: str) -> None:
    assert firms(connection, {FIRM: [firm(CODE)], HAZARD: [hazard(other, address=HERE)]}) == [{B}, {A}]


@pytest.mark.parametrize(("one", "other"), [("瑞安市左岸餐饮有限公司", "瑞安市右岸餐饮有限公司"), ("瑞安市第三农机厂", "瑞安市第五农机厂")])
def test_words_that_tell_neighbours_apart_are_never_a_slip_though_they_look_alike(
    connection: DuckDBPyConnection, one: str, other: str
) -> None:
    assert firms(connection, {FIRM: [firm(CODE, one)], HAZARD: [hazard(other, address=HERE)]}) == [{B}, {A}]


def test_branch_and_company_stay_two_and_brackets_make_no_difference(connection: DuckDBPyConnection) -> None:
    registered = [firm(CODE), firm(OTHER_CODE, f"{NAME}安阳分公司")]
    assert firms(connection, {FIRM: registered, HAZARD: [hazard(f"{NAME}（安阳分公司）"), hazard(NAME)]}) == [{B, A2}, {B2, A}]


def test_code_with_a_slip_joins_where_name_or_address_confirm_it(connection: DuckDBPyConnection) -> None:
    wrong = CODE[:4] + ("1" if CODE[4] != "1" else "2") + CODE[5:]
    assert firms(connection, {FIRM: [firm(CODE)], HAZARD: [hazard("鑫达", claimed=wrong, address=HERE)]}) == [{B, A}]
    assert firms(connection, {FIRM: [firm(CODE)], HAZARD: [hazard("鑫达", claimed=wrong)]}) == [{B}, {A}]


def test_registration_number_where_the_code_belongs_leads_to_the_firm_under_its_new_name(connection: DuckDBPyConnection) -> None:
    rows = {FIRM: [firm(CODE, registration=REGISTRATION)], HAZARD: [hazard("瑞安市第一农机厂", claimed=REGISTRATION)]}
    assert firms(connection, rows) == [{B, A}]
    assert rows_of(connection, "SELECT name, uscc, registration_number FROM organisation") == [(NAME, CODE, REGISTRATION)]


def test_firm_known_by_registration_number_and_by_code_is_one_by_its_registered_name(connection: DuckDBPyConnection) -> None:
    rows = {FIRM: [firm(None, registration=REGISTRATION)], HAZARD: [hazard(NAME, CODE)]}
    assert firms(connection, rows) == [{B, A}]
    assert rows_of(connection, "SELECT uscc, registration_number FROM organisation") == [(CODE, REGISTRATION)]


def test_name_of_two_firms_goes_to_the_one_at_the_address_and_else_to_neither(connection: DuckDBPyConnection) -> None:
    two = [firm(CODE), firm(OTHER_CODE, address=THERE)]
    assert firms(connection, {FIRM: two, HAZARD: [hazard(NAME, address=THERE)]}) == [{B, A2}, {A}]
    assert firms(connection, {FIRM: two, HAZARD: [hazard(NAME, address="别处")]}) == [{B}, {A}, {A2}]
    assert doubts(connection) == ["organisation_name"] * 2


def test_shops_with_a_name_that_no_register_tells_apart_stay_apart(connection: DuckDBPyConnection) -> None:
    shops = [hazard("沙县小吃", address=HERE), hazard("沙县小吃", address=THERE), hazard("沙县小吃", claimed="1" * 15, address=HERE)]
    assert firms(connection, {HAZARD: shops}) == [{B, "hazard_i:3"}, {B2}]


def test_household_businesses_of_one_owner_at_one_address_stay_two(connection: DuckDBPyConnection) -> None:
    owner = {"representative_name": "张三"}
    rows = {
        FIRM: [firm(CODE, "瑞安市安阳张三饭店", **owner), firm(OTHER_CODE, "瑞安市安阳张三超市", **owner)],
        HAZARD: [hazard("瑞安市安阳张三酒店", address=HERE)],
    }
    assert firms(connection, rows) == [{B}, {A}, {A2}]


def test_code_beside_the_name_of_another_firm_is_split_and_asked_about(connection: DuckDBPyConnection) -> None:
    two = [firm(CODE), firm(OTHER_CODE, "瑞安市永兴鞋业有限公司")]
    assert firms(connection, {FIRM: two, HAZARD: [hazard("瑞安市永兴鞋业有限公司", CODE)]}) == [{B}, {A}, {A2}]
    assert doubts(connection) == ["number_of_another"] * 2
    assert rows_of(connection, "SELECT count(*) FROM organisation WHERE uscc IS NULL") == [(1,)]


def test_firm_that_changed_its_name_stays_one_by_its_code(connection: DuckDBPyConnection) -> None:
    assert firms(connection, {FIRM: [firm(CODE)], HAZARD: [hazard("瑞安市第一农机厂", CODE)]}) == [{B, A}]


def test_house_by_its_number_in_the_source_is_the_house_at_its_address(connection: DuckDBPyConnection) -> None:
    rental = "public_security.rental_house"
    rows = [{"letting_source_id": str(place), "house_source_id": house, "address_text": text} for place, (house, text) in enumerate(
        [("H1", HERE), ("H1", "说不清"), ("H2", "说不清"), ("H3", HERE), ("H3", THERE), ("H3", "说不清")]
    )]  # fmt: skip
    current = {rental: deliver(connection, rental, rows)}
    place_at(connection, current, ADDRESSES)
    resolve(connection, current)
    houses = rows_of(connection, "SELECT list(row - 2 ORDER BY row) FROM entity_link WHERE table_name = 'house' GROUP BY key ORDER BY 1")
    assert houses == [([0, 1, 3],), ([2],), ([4],), ([5],)]
    assert rows_of(connection, "SELECT new_id FROM entity_redirect WHERE table_name = 'house'") == [("A1",)]
