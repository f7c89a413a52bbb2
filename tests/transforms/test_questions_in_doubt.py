"""The questions a bureau asks first, where the records are in doubt: places too coarse to tell, rows that were withdrawn, days that nobody knows."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pytest

from schemas.codes import code_list, ended_states
from schemas.contract import pool_contracts, source_contracts
from tests.transforms.question_pool import Pool, actual, stay, tenants
from transforms.questions import EVIDENCE, QUESTIONS


@pytest.fixture
def pool() -> Pool:
    return Pool()


def paid(pool: Pool, person: str, *months: int) -> None:
    """Benefits of months of 2025."""
    rows = [{"benefit_id": f"{person} {month}", "person_id": person, "month": f"2025-{month:02}-01"} for month in months]
    pool.add("benefit", [row | {"kind": "subsistence_allowance"} for row in rows])


def test_a_stated_move_out_is_known_after_the_register_dropped_the_row(pool):
    dropped = {"effective_to": "2025-06-15", "effective_to_basis": "stated", "seen_to": "2025-08-31"}
    pool.lives("moved", "room1", **dropped)
    pool.lives("back", "room1", stay("back", "registered", "town", "2025-06-15"), **dropped)
    pool.lives("back since", "room1", stay("back since", "registered", "town", "2025-09-01"), **dropped)
    later = {"effective_to_basis": "withdrawn", "seen_to": "2025-11-30"}
    pool.lives("vanished since", "room1", stay("vanished since", "registered", "town", "2025-06-15", "2025-11-30", **later), **dropped)
    for person in ("moved", "back", "back since", "vanished since"):
        paid(pool, person, 6, 7, 12)
    found = [(row["benefit_id"], row["doubt"], row["moved_out_on"]) for row in pool.ask("doubtful_benefit")]
    assert found == [(f"moved {month}", "moved_out", date(2025, 6, 15)) for month in (12, 7)]
    assert ("迁出", "residence_history", "moved-registered-room1") in pool.evidence("doubtful_benefit")


@pytest.mark.parametrize(
    ("other", "is_contradicted"),
    [
        (actual("coarse"), False),
        (actual("六安市霍邱县1号"), False),
        (actual("house", address_text="中心街103号"), False),
        (actual("village"), False),
        (actual("room1", address_text="另一种写法"), True),
        (actual("room2"), True),
        (actual("building"), True),
    ],
    ids=["too coarse", "outside", "house of several buildings", "elsewhere too", "same room", "same building", "the building"],
)
def test_a_separation_is_contradicted_by_who_has_them_at_home_and_not_by_who_cannot_tell(pool, other, is_contradicted):
    pool.outside = ["六安市霍邱县1号"]
    pool.lives("P", "room1", other, actual("town", "2020-01-01", kind="rented"))
    (row,) = pool.ask("separated_residence")
    assert (row["kind"], row["is_contradicted"]) == ("within_county", is_contradicted)


@pytest.mark.parametrize(("text", "is_contradicted"), [("一村", True), ("一村某处", False)])
def test_the_same_coarse_text_is_the_same_place_and_another_one_may_not_be(pool, text, is_contradicted):
    pool.lives("P", "coarse", actual("coarse", address_text=text), actual("town", kind="rented"), address_text="一村")
    (row,) = pool.ask("separated_residence")
    assert (row["kind"], row["is_contradicted"]) == ("within_county", is_contradicted)


@pytest.mark.parametrize(
    ("registered", "operating", "kinds"),
    [
        (("room1", "coarse"), "room2", ["within_building"]),
        (("room1", "building"), "room2", ["within_building"]),
        (("room1", "house"), "town", ["within_county"]),
        (("room1", "coarse"), "coarse", []),
        (("coarse", "town"), "room2", ["within_county"]),
        (("room1", "town"), "room1", []),
        (("room1", "town"), "building", []),
        (("building", "town"), "room2", []),
    ],
)
def test_a_second_registered_text_hides_a_separation_only_where_it_tells_of_the_place_itself(pool, registered, operating, kinds):
    seats = [stay("", "registered", place, address_text=f"登记于{place}") for place in registered[1:]]
    pool.works("O", registered[0], *seats, actual(operating, kind="operating"))
    assert [row["kind"] for row in pool.ask("separated_premises")] == kinds


def test_of_undated_stays_the_one_that_came_up_last_is_told_first(pool):
    for person, (earlier, later) in {"P": ("a", "z"), "Q": ("z", "a")}.items():
        old = actual("village", seen_from="2024-12-31") | {"residence_id": f"{person}{earlier}"}
        new = actual("town", seen_from="2025-06-30") | {"residence_id": f"{person}{later}"}
        pool.lives(person, "room1", old, new, seen_from="2024-12-31")
    assert [row["staying_residence_id"] for row in pool.ask("separated_residence")] == ["Pz", "Qa"]


def test_of_undated_registrations_the_one_that_came_up_last_is_told(pool):
    for person, (earlier, later) in {"P": ("a", "z"), "Q": ("z", "a")}.items():
        old = stay(person, "registered", "village", seen_from="2024-12-31") | {"residence_id": f"{person}{earlier}"}
        new = stay(person, "registered", "door", seen_from="2025-06-30") | {"residence_id": f"{person}{later}"}
        pool.add("person", [{"person_id": person, "identity_basis": "citizen_number"}])
        pool.add("residence_history", [old, new, actual("town") | {"person_id": person}])
    assert [row["registered_residence_id"] for row in pool.ask("separated_residence")] == ["Pz", "Qa"]


@pytest.mark.parametrize(
    ("told", "since"),
    [
        ([(None, "4", "甲"), ("2025-06-30", "4", "乙")], None),
        ([(None, "1", "甲"), ("2024-12-31", "4", "甲"), ("2025-06-30", "4", "乙")], date(2024, 12, 31)),
        ([(None, "1", "甲"), ("2024-12-31", "5", "甲"), ("2025-06-30", "4", "甲")], date(2024, 12, 31)),
        ([(None, "4", "甲"), ("2024-12-31", "1", "甲"), ("2025-06-30", "4", "甲")], date(2025, 6, 30)),
        ([(None, "1", "甲"), ("2024-12-31", "4", "甲"), ("2025-03-31", None, "甲"), ("2025-06-30", "4", "甲")], date(2024, 12, 31)),
        ([("2024-12-31", "1", "甲")], None),
    ],
    ids=["ended when first seen", "representative changed since", "ended in two ways", "came back", "silent in between", "never told"],
)
def test_an_organisation_is_ended_since_its_last_run_of_ended_states_began(pool, told: Sequence[tuple[Any, ...]], since):
    pool.works("O", "room1", status_code="4")
    rows = [
        {"effective_from": day, "status_code": state, "legal_representative": representative, "organisation_id": "O", "name": "O厂"}
        for day, state, representative in told
    ]
    pool.add("organisation_history", rows)
    pool.add("event", [{"event_id": "E", "kind": "hazard", "source_key": "E", "status_code": "1"}])
    pool.add("event_party", [{"event_party_id": "E", "event_id": "E", "role": "responsible", "organisation_id": "O"}])
    (row,) = pool.ask("open_event_of_ended_organisation")
    assert row["ended_since"] == since


def test_a_dead_tenant_lives_in_no_let_house_whatever_the_lease_says(pool):
    pool.add("house", [{"house_id": house, "let_area": 30} for house in ("H", "left")])
    pool.add("tenancy_history", [*tenants("H", 3, effective_to="2027-01-01"), tenants("left", 1)[0]])
    pool.add("person", [{"person_id": "T0", "identity_basis": "citizen_number", "death_date": "2025-01-01"}])
    assert [(row["house_id"], row["tenants"], row["square_metres_each"]) for row in pool.ask("letting_density")] == [("H", 2, 15)]
    assert pool.evidence("letting_density") == [("房屋", "house", "H"), ("租赁", "tenancy", "H1"), ("租赁", "tenancy", "H2")]


def test_every_state_that_ends_is_a_code_of_the_list_it_is_said_to_be_of():
    for state in ended_states():
        assert code_list(state.code_list)[state.code] == state.name, state
        assert not state.kind or state.kind in code_list(f"{state.table_name}_kind"), state
    assert {state.table_name for state in ended_states()} == {"organisation", "event"}


def test_one_number_is_an_end_in_all_registers_of_organisations_that_have_it_or_in_none():
    """The pool keeps the number alone: were it another state elsewhere, two registers that disagree would seem to agree."""
    ends = {(state.code_list, state.code) for state in ended_states()}
    lists = {
        column.element.code_list
        for contract in source_contracts().values()
        for fact in contract.facts
        for column in contract.columns
        if fact.table == "organisation" and fact.columns.get("status_code") == column.name and column.element and column.element.code_list
    }
    assert len(lists) > 1
    for code in {code for name in lists for code in code_list(name)}:
        assert len({(name, code) in ends for name in lists if code in code_list(name)}) == 1, code


def test_two_systems_of_one_department_are_one_source(pool):
    row = {"match_status": "matched", "period": "2025-12-31"}
    datasets = {
        "room1": ("reference.place", "civil_affairs.subsistence_allowance"),
        "room2": ("reference.place", "public_security.rental_house"),
    }
    pool.departments = {
        "reference.place": "市民政局",
        "civil_affairs.subsistence_allowance": "市民政局",
        "public_security.rental_house": "市公安局",
    }
    said = [(place, dataset) for place, each in datasets.items() for dataset in each]
    pool.claim("event", [row | {"event_id": f"E{n}", "address_id": place, "dataset": dataset} for n, (place, dataset) in enumerate(said)])
    (found,) = pool.ask("single_source_address")
    assert (found["address_id"], found["department"], found["system"], found["records"]) == ("room1", "市民政局", "civil_affairs", 2)


def fill_all(pool: Pool) -> None:
    """Something for every question to answer."""
    pool.lives("P", "room1", actual("town"))
    pool.lives("moved", "room1", effective_to="2025-06-15", effective_to_basis="stated")
    pool.lives("dropped", "room1", effective_to="2025-06-15", effective_to_basis="stated", seen_to="2025-08-31")
    pool.lives("dead", "room1")
    pool.connection.execute("UPDATE person SET death_date = DATE '2025-06-15' WHERE person_id = 'dead'")
    for person in ("moved", "dropped", "dead"):
        paid(pool, person, 12)
    pool.works("O", "room1", actual("town", kind="operating"))
    for number in range(5):
        pool.works(f"shares{number}", "room2")
    pool.works("ended", "room1", status_code="4")
    pool.add("event", [{"event_id": "E", "kind": "hazard", "source_key": "E", "status_code": "1"}])
    pool.add("event_party", [{"event_party_id": "E", "event_id": "E", "role": "responsible", "organisation_id": "ended"}])
    pool.add("house", [{"house_id": "H", "let_area": 30}])
    pool.add("tenancy_history", tenants("H", 2))
    told = {"dataset": "public_security.rental_house", "period": "2024-12-30", "address_id": "room1", "match_status": "matched"}
    pool.claim("house", [told | {"house_id": "H"}])
    pool.claim("person", [{"person_id": "P", "dataset": "public_security.resident_population", "period": "2024-12-30"}])


ROLES: Mapping[str, set[str]] = {
    "separated_residence": {"户籍地", "现住地"},
    "letting_density": {"房屋", "租赁"},
    "separated_premises": {"登记住所", "经营场所"},
    "shared_room": {"登记住所"},
    "open_event_of_ended_organisation": {"事件", "单位"},
    "doubtful_benefit": {"待遇", "死亡", "迁出"},
    "unconfirmed_record": {"记录"},
    "single_source_address": {"提到它的一条记录"},
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_row_of_every_question_names_evidence_and_no_other(pool, question):
    fill_all(pool)
    assert pool.ask(question, ("2024-12-30", "2025-12-31")), "a question without answers proves nothing"
    key = " || '/' || ".join(pool_contracts()[question].key)
    keys = {key for (key,) in pool.connection.execute(f"SELECT {key} FROM {question}").fetchall()}
    told = pool.connection.execute(f"SELECT DISTINCT key, role, table_name FROM {EVIDENCE} WHERE question = '{question}'").fetchall()
    assert {key for key, _, _ in told} == keys
    assert {role for _, role, _ in told} == ROLES[question]
    tables = pool_contracts()
    assert {table for _, _, table in told} <= {name for name, table in tables.items() if table.system == "pool"}
