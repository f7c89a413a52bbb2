"""Marriages, deaths, subsidies, fires and key units on their way into the pool, from rows of the real contracts."""

from itertools import permutations

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from schemas.city import load_city
from schemas.contract import source_contracts
from tests.transforms.sources import create_address_results, deliver, resolve, rows_of

HUSBAND, WIFE, FORMER_WIFE = "330381199001010011", "330381199001010062", "330381199001010089"
RESIDENT = "public_security.resident_population"
MARRIAGE, DEATH = "civil_affairs.marriage", "civil_affairs.death"
SUBSIDY = "civil_affairs.disability_subsidy"
FIRE, KEY_UNIT = "emergency_management.fire", "emergency_management.fire_key_unit"
INSPECTION = "emergency_management.work_safety_inspection"
AUTHORITY = load_city("330381").authority
LIFE = (("J1", "20", "2010-05-01", FORMER_WIFE), ("L1", "40", "2018-03-02", FORMER_WIFE), ("J2", "20", "2020-10-01", WIFE))


@pytest.fixture
def connection() -> DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    create_address_results(connection)
    return connection


def _resident(number: str = HUSBAND, **others: str) -> dict[str, str]:
    return {"citizen_number": number, "name": "张某", "registered_address_text": "安福路12号", **others}


def _registered(number: str, business: str, day: str, wife: str) -> dict[str, str]:
    return {
        "certificate_number": number,
        "business": business,
        "registered_on": day,
        "first_name": "张某",
        "first_number": HUSBAND,
        "second_name": "李某" if wife == WIFE else "王某",
        "second_number": wife,
    }


def _marital(connection: DuckDBPyConnection) -> list[tuple[object, ...]]:
    return rows_of(connection, "SELECT citizen_number, marital_code, marital_on::VARCHAR FROM person ORDER BY citizen_number")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_last_registration_tells_the_state_whatever_the_order_of_rows(connection: DuckDBPyConnection, order: tuple[int, ...]) -> None:
    rows = [_registered(*LIFE[place]) for place in order]
    resolve(connection, {MARRIAGE: deliver(connection, MARRIAGE, rows)}, AUTHORITY)
    assert _marital(connection) == [(HUSBAND, "20", "2020-10-01"), (WIFE, "20", "2020-10-01"), (FORMER_WIFE, "40", "2018-03-02")]
    assert rows_of(connection, "SELECT * FROM conflict_person") == [], "what was true before is no contradiction"


def test_a_registration_delivered_late_does_not_undo_a_later_one(connection: DuckDBPyConnection) -> None:
    deliveries = [[_registered(*LIFE[2])], [_registered(*LIFE[0]), _registered(*LIFE[1])]]
    resolve(connection, {MARRIAGE: deliver(connection, MARRIAGE, *deliveries)}, AUTHORITY)
    assert _marital(connection)[0] == (HUSBAND, "20", "2020-10-01")


def test_the_marriage_register_outvotes_the_police_whose_word_is_kept_as_a_conflict(connection: DuckDBPyConnection) -> None:
    current = {
        RESIDENT: deliver(connection, RESIDENT, [_resident(marital_code="40")]),
        MARRIAGE: deliver(connection, MARRIAGE, [_registered(*LIFE[2])]),
    }
    resolve(connection, current, AUTHORITY)
    assert _marital(connection)[0] == (HUSBAND, "20", "2020-10-01")
    assert rows_of(connection, "SELECT column_name, surviving_value, losing_value FROM conflict_person") == [("marital_code", "20", "40")]


def test_no_fact_of_a_marriage_speaks_of_both_and_no_shared_table_ties_them() -> None:
    facts = source_contracts()[MARRIAGE].facts
    assert {fact.table for fact in facts} == {"person"}
    for fact in facts:
        assert len({str(column).split("_")[0] for column in fact.columns.values()} & {"first", "second"}) == 1
        assert "certificate_number" not in fact.columns.values()


def test_the_day_of_death_is_that_of_civil_affairs_and_the_other_is_kept(connection: DuckDBPyConnection) -> None:
    buried = {"cremation_number": "H1", "name": "张某", "citizen_number": HUSBAND, "death_date": "2025-03-01", "address_text": "虹桥路5号"}
    current = {
        RESIDENT: deliver(connection, RESIDENT, [_resident(death_date="2025-03-03")]),
        DEATH: deliver(connection, DEATH, [buried]),
    }
    resolve(connection, current, AUTHORITY)
    assert rows_of(connection, "SELECT death_date::VARCHAR FROM person") == [("2025-03-01",)]
    assert rows_of(connection, "SELECT surviving_value, losing_value FROM conflict_person") == [("2025-03-01", "2025-03-03")]
    assert ("虹桥路5号", "2025-03-01") in rows_of(connection, "SELECT address_text, valid_to::VARCHAR FROM residence")


def test_two_subsidies_of_one_person_are_two_benefits_with_amount_and_status(connection: DuckDBPyConnection) -> None:
    row = {"name": "张某", "citizen_number": HUSBAND, "paid_month": "2025-12-01", "status": "在发"}
    rows = [{**row, "approval_number": "BT1", "amount": "442"}, {**row, "approval_number": "BT2", "amount": "250"}]
    resolve(connection, {SUBSIDY: deliver(connection, SUBSIDY, rows)}, AUTHORITY)
    assert rows_of(connection, "SELECT kind, amount::INTEGER, status, category FROM benefit ORDER BY ALL") == [
        ("disability_subsidy", 250, "在发", None),
        ("disability_subsidy", 442, "在发", None),
    ]


def test_a_fire_has_the_stages_and_parties_that_its_row_tells_of(connection: DuckDBPyConnection) -> None:
    home = {"fire_number": "F1", "ignited_at": "2025-03-01 02:00", "arrived_at": "2025-03-01 02:20", "householder_name": "张某"}
    firm = {"fire_number": "F2", "ignited_at": "2025-03-02 02:00", "organisation_name": "瑞安市鑫达鞋业有限公司"}
    rows = [{**row, "address_text": "安福路12号"} for row in (home, firm)]
    resolve(connection, {FIRE: deliver(connection, FIRE, rows)}, AUTHORITY)
    assert rows_of(connection, "SELECT event.source_key, stage FROM event_stage JOIN event USING (event_id) ORDER BY ALL") == [
        ("F1", "arrived"),
        ("F1", "occurred"),
        ("F2", "occurred"),
    ]
    sides = "source_key, name, person_id IS NOT NULL, organisation_id IS NOT NULL"
    assert rows_of(connection, f"SELECT {sides} FROM event_party JOIN event USING (event_id) ORDER BY ALL") == [
        ("F1", "张某", True, False),
        ("F2", "瑞安市鑫达鞋业有限公司", False, True),
    ]


def test_an_inspection_is_decided_only_where_there_is_a_decision(connection: DuckDBPyConnection) -> None:
    row = {"organisation_name": "瑞安市鑫达鞋业有限公司", "inspected_on": "2025-03-01", "office": "瑞安市应急管理局"}
    fined = {**row, "inspection_number": "2", "decided_on": "2025-04-01", "document_number": "罚1号", "fine": "20000"}
    resolve(connection, {INSPECTION: deliver(connection, INSPECTION, [{**row, "inspection_number": "1"}, fined])}, AUTHORITY)
    assert rows_of(connection, "SELECT source_key, amount::INTEGER FROM event ORDER BY ALL") == [("1", None), ("2", 20000)]
    assert rows_of(connection, "SELECT stage, source_key FROM event_stage ORDER BY ALL") == [
        ("decided", "罚1号"),
        ("occurred", None),
        ("occurred", None),
    ]


def test_a_key_unit_names_who_answers_for_it_and_who_manages_it(connection: DuckDBPyConnection) -> None:
    unit = {
        "organisation_name": "瑞安市鑫达鞋业有限公司",
        "uscc": "91330381MA2XXXXX0X",
        "address_text": "安福路12号",
        "principal_name": "张某",
        "principal_phone": "13900000001",
        "manager_name": "李某",
    }
    resolve(connection, {KEY_UNIT: deliver(connection, KEY_UNIT, [unit])}, AUTHORITY)
    names = rows_of(
        connection,
        """SELECT responsible.name, manager.name FROM facility
           JOIN person AS responsible ON responsible_id = responsible.person_id JOIN person AS manager ON manager_id = manager.person_id""",
    )
    assert names == [("张某", "李某")]
