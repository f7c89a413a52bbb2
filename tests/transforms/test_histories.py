"""Who lived where and which firm sat where: what several deliveries of several departments say of it, hand-made."""

import pytest
from duckdb import DuckDBPyConnection

from schemas.contract import source_contracts
from tests.transforms.sources import (
    count_rows,
    deliver,
    placed_deliveries,
    rows_of,
)
from tests.transforms.telling import (
    ALLOWANCE,
    ENTERPRISE,
    FIRM,
    FOOD,
    OTHER,
    PERIODS,
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
from transforms.histories import HISTORIES, TABLES, _create_successions
from transforms.spoken import create_spoken


@pytest.fixture
def connection() -> DuckDBPyConnection:
    return history_database()


def test_one_delivery_tells_what_it_says_and_nothing_more(connection):
    tell(connection, {RESIDENT: [[resident(A, moved_in_on="2010-01-01", actual_address_text=B)]]})
    assert stays(connection) == [(A, "2010-01-01", "stated", None, None)]
    assert stays(connection, "actual") == [(B, None, None, None, None)]


def test_an_older_residence_ends_when_a_newer_one_of_its_kind_begins(connection):
    tell(connection, {RESIDENT: [[resident(A, moved_in_on="2010-01-01")], [resident(B, moved_in_on="2025-02-10")]]})
    assert stays(connection) == [(A, "2010-01-01", "stated", "2025-02-10", "succeeded"), (B, "2025-02-10", "stated", None, None)]
    assert rows_of(connection, "SELECT valid_to FROM residence_history WHERE valid_to IS NOT NULL") == []


def test_without_any_date_the_delivery_that_says_otherwise_is_the_day(connection):
    tell(connection, {RESIDENT: [[resident(A)], [resident(A)], [resident(B)]]})
    assert stays(connection) == [(A, None, None, "2025-03-31", "succeeded"), (B, "2025-03-31", "changed", None, None)]


def test_an_end_that_the_source_gives_stands_even_where_it_overlaps(connection):
    rows = [resident(A, moved_in_on="2010-01-01", moved_out_on="2026-01-01")], [resident(B, moved_in_on="2025-02-10")]
    tell(connection, {RESIDENT: rows})
    assert stays(connection)[0] == (A, "2010-01-01", "stated", "2026-01-01", "stated")


def test_who_is_missing_from_a_later_full_export_lived_there_until_then(connection):
    tell(connection, {RESIDENT: [[resident(A), resident(C, OTHER)], [resident(C, OTHER)], [resident(C, OTHER)]]})
    assert stays(connection) == [(A, None, None, "2025-02-28", "withdrawn"), (C, None, None, None, None)]


def test_who_comes_back_after_a_gap_has_two_stays(connection):
    gone = [resident(C, OTHER)]
    tell(connection, {RESIDENT: [[resident(A), *gone], gone, [resident(A), *gone]]})
    assert [stay for stay in stays(connection) if stay[0] == A] == [
        (A, None, None, "2025-02-28", "withdrawn"),
        (A, "2025-03-31", "changed", None, None),
    ]


def test_going_away_and_returning_are_three_stays(connection):
    tell(connection, {RESIDENT: [[resident(A)], [resident(B)], [resident(A)]]})
    assert [(place, since, until) for place, since, _, until, _ in stays(connection)] == [
        (A, None, "2025-02-28"),
        (B, "2025-02-28", "2025-03-31"),
        (A, "2025-03-31", None),
    ]


def test_a_bad_row_in_between_ends_no_stay_and_the_export_that_lacks_it_does(connection):
    contract = source_contracts()[RESIDENT]
    current = deliver(connection, RESIDENT, [resident(A), resident(C, OTHER)], [resident(C, OTHER)], [resident(C, OTHER)])
    count_rows(connection, contract, "delivered_resident_population", current, 3, [(1, PERSON)])
    create_spoken(connection, contract, current, "spoken", placed_deliveries(contract, PERIODS[:3]), TABLES)
    said = rows_of(connection, f"SELECT seen_from::VARCHAR, seen_to::VARCHAR FROM spoken WHERE citizen_number = '{PERSON}'")
    assert said == [("2025-01-31", "2025-03-31")]


def test_an_increment_that_lacks_a_row_says_nothing_of_it(connection):
    allowance = {
        "certificate_number": "D1",
        "paid_month": "2025-01-01",
        "member_number": PERSON,
        "member_name": "张茂",
        "head_number": PERSON,
    }
    first = allowance | {"head_name": "张茂", "address_text": A}
    other = first | {"certificate_number": "D2", "member_number": OTHER, "head_number": OTHER}
    tell(connection, {ALLOWANCE: [[first], [other], [first | {"address_text": B}]]})
    [(person,)] = rows_of(connection, f"SELECT person_id FROM residence_history WHERE address_text = '{B}'")
    told = rows_of(
        connection, f"SELECT address_text, effective_to::VARCHAR FROM residence_history WHERE person_id = '{person}' ORDER BY seen_from"
    )
    assert told == [(A, "2025-03-31"), (B, None)]


def test_what_is_corrected_for_the_same_period_never_was(connection):
    tell(connection, {RESIDENT: [[resident(A)], [resident(B)]]}, ("2025-01-31", "2025-01-31"))
    assert stays(connection) == [(B, None, None, None, None)]


def test_a_place_corrected_from_its_beginning_never_was(connection):
    tell(connection, {RESIDENT: [[resident(A, moved_in_on="2010-01-01")], [resident(B, moved_in_on="2010-01-01")]]})
    assert stays(connection) == [(B, "2010-01-01", "stated", None, None)]


def test_corrected_dates_are_the_sources_last_word_and_the_place_keeps_its_first_sight(connection):
    tell(connection, {RESIDENT: [[resident(A, moved_in_on="2010-01-01")], [resident(A, moved_in_on="2011-01-01")]]})
    assert stays(connection) == [(A, "2011-01-01", "stated", None, None)]
    assert rows_of(connection, "SELECT seen_from::VARCHAR, seen_to FROM residence_history") == [("2025-01-31", None)]


def test_other_columns_of_a_row_may_change_without_a_trace(connection):
    tell(connection, {RESIDENT: [[resident(A)], [resident(A, phone="13900000001", occupation="教师")], [resident(A, name="张茂盛")]]})
    assert rows_of(connection, "SELECT seen_from::VARCHAR, row, file_key FROM residence_history") == [("2025-01-31", 2, "resident00000000")]


def test_the_dead_live_nowhere(connection):
    tell(connection, {RESIDENT: [[resident(A, moved_in_on="2010-01-01", death_date="2024-05-01")]]})
    assert stays(connection) == [(A, "2010-01-01", "stated", "2024-05-01", "death")]


def test_a_registration_that_another_source_dates_later_ends_the_older_one(connection):
    known = {"uscc": "913303810000000001", "name": "甲厂"}
    founded = known | {"address_text": A, "founded_on": "2015-01-01"}
    approved = known | {"registered_address_text": B, "approved_on": "2021-01-01"}
    licence = {"licence_number": "JY1", "organisation_name": "甲厂", "uscc": known["uscc"], "issued_on": "2020-01-01"}
    food = licence | {"operating_address_text": C, "registered_address_text": C}
    tell(connection, {ENTERPRISE: [[founded]], SOCIETY: [[approved]], FOOD: [[food]]})
    assert stays(connection, table="premises_history") == [
        (C, None, None, None, None),  # without a date nobody can say whether it is older
        (A, "2015-01-01", "stated", "2021-01-01", "succeeded"),
        (B, "2021-01-01", "stated", None, None),
    ]


def test_a_room_in_the_building_does_not_end_the_stay_in_the_building(connection):
    connection.execute("INSERT INTO address VALUES ('R', 'B'), ('B', 'H'), ('H', NULL)")
    connection.execute("""
        CREATE TABLE stays AS SELECT * FROM (VALUES ('P', 'B', DATE '2010-01-01'), ('P', 'R', DATE '2015-01-01'), ('Q', 'B', DATE '2010-01-01'),
        ('Q', 'X', DATE '2015-01-01')) AS given(person_id, address_id, valid_from)""")
    tell(connection, {RESIDENT: [[resident(A)]]})
    connection.execute("""
        CREATE TABLE followed AS SELECT row_number() OVER (ORDER BY person_id, valid_from) AS number, *, 'registered' AS kind, '' AS address_text,
        NULL::DATE AS valid_to, NULL::DATE AS follows, NULL::DATE AS seen_to, TRUE AS was FROM stays""")
    _create_successions(connection, HISTORIES[0])
    assert rows_of(connection, "SELECT number, begins::VARCHAR FROM rival") == [(3, "2015-01-01")]


def test_two_departments_that_agree_on_a_place_tell_one_stay_by_the_word_of_the_authority(connection):
    allowance = {
        "certificate_number": "D1",
        "paid_month": "2025-01-01",
        "member_number": PERSON,
        "member_name": "张茂",
        "head_number": PERSON,
    }
    household = allowance | {"head_name": "张茂", "address_text": B, "approved_on": "2020-01-01"}
    tell(connection, {ALLOWANCE: [[household]], RESIDENT: [[resident(A, actual_address_text=B)]]})
    assert rows_of(connection, "SELECT dataset FROM residence_history WHERE kind = 'actual'") == [(RESIDENT,)]


def test_renewed_leases_are_stays_of_their_own_and_an_open_one_ends_with_the_next(connection):
    leases = [lease("L1", lease_start="2023-01-01"), lease("L2", lease_start="2024-01-01", lease_end="2025-01-01")]
    tell(connection, {RENTAL: [leases]})
    told = rows_of(connection, "SELECT effective_from::VARCHAR, effective_to::VARCHAR, effective_to_basis FROM tenancy_history ORDER BY 1")
    assert told == [("2023-01-01", "2024-01-01", "succeeded"), ("2024-01-01", "2025-01-01", "stated")]


def test_a_lease_renewed_in_the_same_row_leaves_the_one_before(connection):
    first, second = (lease("L1", lease_start=f"{year}-01-01", lease_end=f"{year + 1}-01-01") for year in (2023, 2024))
    tell(connection, {RENTAL: [[first], [second]]})
    told = rows_of(connection, "SELECT effective_from::VARCHAR, effective_to::VARCHAR FROM tenancy_history ORDER BY 1")
    assert told == [("2023-01-01", "2024-01-01"), ("2024-01-01", "2025-01-01")]


def test_a_lease_that_its_source_takes_back_before_its_end_is_over(connection):
    other = lease("L2", OTHER, lease_start="2023-01-01")
    tell(connection, {RENTAL: [[lease("L1", lease_start="2023-01-01", lease_end="2030-01-01"), other], [other]]})
    told = rows_of(
        connection, "SELECT valid_to::VARCHAR, effective_to::VARCHAR, effective_to_basis FROM tenancy_history WHERE valid_to IS NOT NULL"
    )
    assert told == [("2030-01-01", "2025-02-28", "withdrawn")]


def test_another_tenant_in_the_same_row_ends_the_one_before(connection):
    tell(connection, {RENTAL: [[lease("L1", lease_start="2023-01-01")], [lease("L1", OTHER, lease_start="2025-02-01")]]})
    told = rows_of(connection, "SELECT effective_from::VARCHAR, effective_to::VARCHAR, effective_to_basis FROM tenancy_history ORDER BY 1")
    assert told == [("2023-01-01", "2025-02-28", "withdrawn"), ("2025-02-01", None, None)]
    assert rows_of(connection, "SELECT count(DISTINCT person_id) FROM tenancy_history") == [(2,)]


def test_a_person_only_the_past_names_has_the_id_of_then(connection):
    tell(connection, {RESIDENT: [[resident(A), resident(C, OTHER)]]})
    [(then,)] = rows_of(connection, f"SELECT person_id FROM residence_history WHERE address_text = '{A}'")
    connection.execute("DROP VIEW identity_ever")
    tell(connection, {RESIDENT: [[resident(A), resident(C, OTHER)], [resident(C, OTHER)]]})
    assert rows_of(connection, f"SELECT person_id FROM residence_history WHERE address_text = '{A}'") == [(then,)]
    assert rows_of(connection, f"SELECT count(*) FROM person WHERE person_id = '{then}'") == [(0,)]


def test_names_and_states_of_a_firm_follow_one_another(connection):
    firm = {"entity_source_id": "1", "uscc": "913303810000000001", "name": "甲厂", "registered_address_text": A, "state_code": "1"}
    tell(connection, {FIRM: [[firm], [firm | {"name": "乙厂"}], [firm | {"name": "乙厂", "state_code": "4"}]]})
    told = rows_of(
        connection,
        "SELECT name, status_code, effective_from::VARCHAR, effective_to::VARCHAR FROM organisation_history ORDER BY 3 NULLS FIRST",
    )
    assert told == [("甲厂", "1", None, "2025-02-28"), ("乙厂", "1", "2025-02-28", "2025-03-31"), ("乙厂", "4", "2025-03-31", None)]


def test_when_the_authority_falls_silent_the_next_best_source_is_heard(connection):
    firm = {"entity_source_id": "1", "uscc": "913303810000000001", "name": "甲厂", "registered_address_text": A, "state_code": "1"}
    food = {"licence_number": "JY1", "organisation_name": "甲小吃", "uscc": "913303810000000001", "issued_on": "2020-01-01"}
    other = firm | {"entity_source_id": "2", "uscc": "913303810000000002", "name": "丙厂"}
    licensed = [food | {"operating_address_text": A}]
    tell(connection, {FIRM: [[firm, other], [other]], FOOD: [licensed, licensed]})
    told = rows_of(
        connection,
        "SELECT name, effective_from::VARCHAR, effective_to::VARCHAR, effective_from_basis FROM organisation_history WHERE name <> '丙厂' ORDER BY 2 NULLS FIRST",
    )
    assert told == [("甲厂", None, "2025-02-28", None), ("甲小吃", "2025-02-28", None, "withdrawn")]


def test_every_residence_of_today_is_in_the_history(connection):
    rows = [
        resident(A, actual_address_text=B, death_date="2020-01-01", moved_in_on="2021-01-01"),
        resident(C, OTHER, moved_out_on="2001-01-01"),
    ]
    tell(connection, {RESIDENT: [[resident(B), resident(A, OTHER)], rows], RENTAL: [[lease("L1", OTHER, C)]]})
    assert rows_of(connection, "SELECT count(*) FROM residence ANTI JOIN residence_history USING (residence_id)") == [(0,)]
    assert rows_of(connection, "SELECT count(*) FROM tenancy ANTI JOIN tenancy_history USING (tenancy_id)") == [(0,)]
