"""Stays that overlap, come back, are corrected or told by rows that count no more."""

from typing import Any

import pytest
from duckdb import DuckDBPyConnection

from tests.transforms.sources import rows_of
from tests.transforms.telling import (
    ALLOWANCE,
    ENTERPRISE,
    FIRM,
    FOOD,
    OTHER,
    PERSON,
    RENTAL,
    RESIDENT,
    SOCIETY,
    A,
    B,
    C,
    history_database,
    lease,
    resident,
    stays,
    tell,
)


@pytest.fixture
def connection() -> DuckDBPyConnection:
    return history_database()


def person_of(connection: DuckDBPyConnection, place: str) -> str:
    return str(rows_of(connection, f"SELECT person_id FROM residence_history WHERE address_text = '{place}'")[0][0])


def test_overlapping_leases_at_one_place_are_one_stay_from_the_first_to_the_last(connection):
    old = lease("L1", lease_start="2020-01-01", lease_end="2025-06-30")
    new = lease("L2", lease_start="2025-06-01", lease_end="2026-06-30")
    tell(connection, {RENTAL: [[old], [old, new]]})
    assert stays(connection, "rented") == [(A, "2020-01-01", "stated", "2026-06-30", "stated")]


@pytest.mark.parametrize("keys", [("L1", "L2"), ("L2", "L1")])
def test_of_rows_that_end_a_stay_on_the_same_day_the_one_that_states_it_tells_why(connection, keys):
    dead = resident(B, death_date="2024-05-01")
    ended, unended = keys
    stated = lease(ended, lease_start="2020-01-01", lease_end="2024-05-01")
    tell(connection, {RESIDENT: [[dead], [dead]], RENTAL: [[stated, lease(unended, lease_start="2020-01-01")]] * 2})
    assert stays(connection, "rented") == [(A, "2020-01-01", "stated", "2024-05-01", "stated")]


def test_premises_that_one_department_still_reports_stay_open_when_the_licence_of_another_expires(connection):
    firm = {
        "entity_source_id": "1",
        "uscc": "913303810000000001",
        "name": "甲店",
        "registered_address_text": B,
        "operating_address_text": A,
    }
    licence = {"licence_number": "JY1", "organisation_name": "甲店", "uscc": "913303810000000001"}
    licence |= {"issued_on": "2020-01-01", "valid_to": "2025-01-01", "operating_address_text": A, "registered_address_text": B}
    tell(connection, {FIRM: [[firm]], FOOD: [[licence]]})
    assert stays(connection, "operating", "premises_history") == [(A, "2020-01-01", "stated", None, None)]


def test_a_stay_seen_before_the_beginning_that_another_row_gives_has_no_known_beginning(connection):
    undated, dated = lease("L1"), lease("L2", lease_start="2025-02-10")
    tell(connection, {RENTAL: [[undated], [undated, dated]]})
    assert stays(connection, "rented") == [(A, None, None, None, None)]


def test_the_dead_stay_dead_when_their_register_drops_them(connection):
    dead, other = resident(A, moved_in_on="2010-01-01", death_date="2024-05-01"), resident(C, OTHER)
    tell(connection, {RESIDENT: [[dead, other], [other]]})
    assert stays(connection)[0] == (C, None, None, None, None)
    assert stays(connection)[1] == (A, "2010-01-01", "stated", "2024-05-01", "death")
    assert rows_of(connection, "SELECT death_date::VARCHAR FROM deceased") == [("2024-05-01",)]


def test_a_death_taken_back_by_the_last_word_of_the_row_is_none(connection):
    other = resident(C, OTHER)
    tell(connection, {RESIDENT: [[resident(A, death_date="2024-05-01"), other], [resident(A), other], [other]]})
    assert rows_of(connection, "SELECT * FROM deceased") == []


def test_what_its_source_corrects_away_ends_no_other_stay(connection):
    tell(connection, {RESIDENT: [[resident(B, moved_in_on="2024-05-01")], [resident(A, moved_in_on="2010-01-01")]]})
    assert stays(connection) == [(A, "2010-01-01", "stated", None, None)]


def test_what_its_source_corrected_away_ends_no_stay_that_is_over_either(connection):
    gone = resident(C, OTHER)
    first, corrected = resident(B, moved_in_on="2024-05-01"), resident(A, moved_in_on="2010-01-01")
    tell(connection, {RESIDENT: [[first, gone], [corrected, gone], [gone]]})
    assert [stay for stay in stays(connection) if stay[0] != C] == [(A, "2010-01-01", "stated", "2025-03-31", "withdrawn")]


def test_a_place_written_in_between_and_taken_back_leaves_the_stay_whole(connection):
    here, there = resident(A, moved_in_on="2010-01-01"), resident(B, moved_in_on="2024-05-01")
    tell(connection, {RESIDENT: [[here], [there], [here]]})
    assert stays(connection) == [(A, "2010-01-01", "stated", None, None)]


def test_a_registration_that_another_source_took_back_ends_none_that_is_still_said(connection):
    known, other = {"uscc": "913303810000000001", "name": "甲厂"}, {"uscc": "913303810000000002", "name": "乙社"}
    founded = known | {"address_text": A, "founded_on": "2010-01-01"}
    approved = known | {"registered_address_text": B, "approved_on": "2021-01-01"}
    rest = other | {"registered_address_text": C, "approved_on": "2021-01-01"}
    tell(connection, {ENTERPRISE: [[founded]], SOCIETY: [[approved, rest], [rest]]})
    told = [stay for stay in stays(connection, table="premises_history") if stay[0] != C]
    assert told == [(A, "2010-01-01", "stated", None, None), (B, "2021-01-01", "stated", "2025-02-28", "withdrawn")]


def test_who_was_not_in_an_earlier_full_export_appeared_with_the_first_that_has_them(connection):
    tell(connection, {RESIDENT: [[resident(A)], [resident(A), resident(C, OTHER)]]})
    assert stays(connection) == [(A, None, None, None, None), (C, "2025-02-28", "appeared", None, None)]


def test_a_correction_of_the_first_export_makes_nobody_appear(connection):
    tell(connection, {RESIDENT: [[resident(A)], [resident(A), resident(C, OTHER)]]}, ("2025-01-31", "2025-01-31"))
    assert all(basis is None for _, _, basis, _, _ in stays(connection))


def test_a_later_month_of_an_allowance_takes_the_place_of_the_month_before(connection):
    months = [
        {
            "certificate_number": "D1",
            "paid_month": f"2025-0{month}-01",
            "member_number": PERSON,
            "member_name": "张茂",
            "head_number": PERSON,
            "head_name": "张茂",
            "address_text": place,
        }
        for month, place in ((1, A), (2, A), (3, B))
    ]
    tell(connection, {ALLOWANCE: [[each] for each in months]})
    assert stays(connection, "actual") == [(A, None, None, "2025-03-31", "succeeded"), (B, "2025-03-31", "changed", None, None)]


def test_where_the_authority_is_silent_for_a_while_the_next_best_source_is_heard_meanwhile(connection):
    firm = {"entity_source_id": "1", "uscc": "913303810000000001", "name": "甲厂", "registered_address_text": A, "state_code": "1"}
    food = {"licence_number": "JY1", "organisation_name": "甲小吃", "uscc": "913303810000000001", "issued_on": "2020-01-01"}
    other, licensed = firm | {"entity_source_id": "2", "uscc": "913303810000000002", "name": "丙厂"}, [food | {"operating_address_text": A}]
    tell(connection, {FIRM: [[firm, other], [other], [firm, other]], FOOD: [licensed, licensed, licensed]})
    told = rows_of(
        connection,
        "SELECT name, effective_from::VARCHAR, effective_to::VARCHAR FROM organisation_history WHERE name <> '丙厂' ORDER BY 2 NULLS FIRST",
    )
    assert told == [("甲厂", None, "2025-02-28"), ("甲小吃", "2025-02-28", "2025-03-31"), ("甲厂", "2025-03-31", None)]


def test_of_many_organisations_with_several_rows_each_the_authority_names_every_one(connection):
    codes = [f"9133038100000{number:05d}" for number in range(300)]
    firms = [
        {"entity_source_id": code, "uscc": code, "name": f"甲{code}厂", "registered_address_text": A, "state_code": "1"} for code in codes
    ]
    foods = [
        {"licence_number": f"JY{code}{copy}", "organisation_name": f"甲{code}厂", "uscc": code, "operating_address_text": A}
        for code in codes
        for copy in range(3)
    ]
    tell(connection, {FOOD: [foods], FIRM: [firms]})
    assert rows_of(connection, "SELECT dataset, count(*) FROM organisation_history GROUP BY ALL") == [(FIRM, 300)]


def test_a_tenant_with_the_number_of_another_is_not_that_other_after_the_lease_is_dropped(connection):
    tenant: dict[str, Any] = lease("L1", place=B) | {"tenant_name": "王五六"}
    kept = lease("L2", OTHER, C)
    holder = resident(A) | {"name": "张三丰"}
    tell(connection, {RESIDENT: [[holder], [holder]], RENTAL: [[tenant, kept], [kept]]})
    assert person_of(connection, B) != person_of(connection, A)


def test_a_tenant_whose_name_was_mistyped_is_still_the_one_with_the_number_after_the_lease_is_dropped(connection):
    tenant = lease("L1", place=B) | {"tenant_name": "张三风"}
    kept = lease("L2", OTHER, C)
    holder = resident(A) | {"name": "张三丰"}
    tell(connection, {RESIDENT: [[holder], [holder]], RENTAL: [[tenant, kept], [kept]]})
    assert person_of(connection, B) == person_of(connection, A)


def test_a_tenant_without_a_number_is_still_who_has_the_name_and_the_phone_after_the_lease_is_dropped(connection):
    tenant = lease("L1", place=B) | {"tenant_name": "张三丰", "tenant_phone": "13800000001"}
    del tenant["tenant_number"]
    kept = lease("L2", OTHER, C)
    holder = resident(A) | {"name": "张三丰", "phone": "13800000001"}
    tell(connection, {RESIDENT: [[holder], [holder]], RENTAL: [[tenant, kept], [kept]]})
    assert person_of(connection, B) == person_of(connection, A)
