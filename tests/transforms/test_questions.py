"""The questions a bureau asks first, on tables made by hand."""

from datetime import date

import pytest

from tests.transforms.question_pool import Pool, actual, stay, tenants


@pytest.fixture
def pool() -> Pool:
    return Pool()


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("room1", None),
        ("room2", None),
        ("building", None),
        ("house", None),
        ("coarse", None),
        ("door", "within_community"),
        ("village", "within_town"),
        ("town", "within_county"),
        ("county", "within_city"),
        ("浙江省温州市平阳县昆阳镇1号", "within_city"),
        ("温州市平阳县昆阳镇1号", "within_city"),
        ("浙江省杭州市西湖区1号", "within_province"),
        ("福建省福鼎市1号", "between_provinces"),
        ("六安市霍邱县1号", "outside"),
        ("不知何处", None),
    ],
)
def test_a_separation_is_of_the_finest_division_that_still_differs(pool, place, kind):
    pool.outside = ["浙江省温州市平阳县昆阳镇1号", "温州市平阳县昆阳镇1号", "浙江省杭州市西湖区1号", "福建省福鼎市1号", "六安市霍邱县1号"]
    pool.lives("P", "room1", actual(place))
    assert [row["kind"] for row in pool.ask("separated_residence")] == ([kind] if kind else [])


def test_only_what_holds_on_the_day_of_the_data_and_is_still_said_counts(pool):
    pool.lives("left", "room1", actual("town", until="2025-12-31"))
    pool.lives("coming", "room1", actual("town", since="2026-01-01"))
    pool.lives("withdrawn", "room1", actual("town", until="2027-01-01", seen_to="2025-06-30"))
    pool.lives("moved", "room1", actual("town"), until="2025-06-30")
    pool.lives("doubtful", "room1", actual("town", match_status="review"))
    pool.lives("dead", "room1", actual("town"))
    pool.connection.execute("UPDATE person SET death_date = DATE '2025-01-01' WHERE person_id = 'dead'")
    pool.lives("last day", "room1", actual("town", since="2025-12-31", until="2026-01-01"))
    assert [row["person_id"] for row in pool.ask("separated_residence")] == ["last day"]


def test_a_person_is_one_row_by_the_letting_before_a_mere_address_and_the_newest_of_them(pool):
    pool.lives("P", "room1", actual("village"), actual("town", "2020-01-01", kind="rented"), actual("door", "2024-01-01", kind="rented"))
    (row,) = pool.ask("separated_residence")
    assert (row["kind"], row["staying_kind"], str(row["since"]), row["is_contradicted"]) == (
        "within_community",
        "rented",
        "2024-01-01",
        False,
    )
    assert pool.evidence("separated_residence") == [("户籍地", "residence", "P-registered-room1"), ("现住地", "residence", "rented-door")]


def test_another_source_that_has_them_at_home_is_told(pool):
    pool.lives("P", "room1", actual("room1"), actual("town", "2020-01-01", kind="rented"))
    (row,) = pool.ask("separated_residence")
    assert (row["kind"], row["is_contradicted"]) == ("within_county", True)


def test_since_when_is_the_later_of_both_and_unknown_where_the_stay_is(pool):
    pool.lives("registered later", "room1", actual("town", "2020-01-01"), since="2025-10-01")
    pool.lives("stays later", "room1", actual("town", "2025-07-01"), since="2020-01-01")
    pool.lives("unknown", "room1", actual("town"), since="2020-01-01")
    found = {row["person_id"]: (row["since"], row["is_long"]) for row in pool.ask("separated_residence")}
    assert found == {
        "registered later": (date(2025, 10, 1), False),
        "stays later": (date(2025, 7, 1), True),
        "unknown": (None, None),
    }


def test_a_letting_is_measured_against_the_limits_of_area_and_of_rooms(pool):
    houses = [("tight", 19.99, 5, 10), ("wide", 20, 5, 10), ("few rooms", 100, 5, 2), ("unmeasured", None, 5, None), ("empty", 5, 0, 1)]
    for house, area, count, rooms in houses:
        pool.add("house", [{"house_id": house, "let_area": area, "area": 200, "let_room_count": rooms, "room_count": 9}])
        pool.add("tenancy_history", tenants(house, count))
    pool.connection.execute("UPDATE house SET area = NULL, room_count = NULL WHERE house_id = 'unmeasured'")
    found = {row["house_id"]: (row["tenants"], row["is_crowded"]) for row in pool.ask("letting_density")}
    assert found == {"tight": (5, True), "wide": (5, False), "few rooms": (5, True), "unmeasured": (5, None)}
    (row,) = [row for row in pool.ask("letting_density") if row["house_id"] == "few rooms"]
    assert (row["area_basis"], row["square_metres_limit"], row["tenants_each_room"], row["tenants_each_room_limit"]) == (
        "let_area",
        4,
        2.5,
        2,
    )


def test_a_tenant_counts_once_and_only_while_the_lease_runs(pool):
    pool.add("house", [{"house_id": "H", "area": 30}])
    pool.add("tenancy_history", [*tenants("H", 2), tenants("H", 1)[0] | {"tenancy_id": "again"}])
    pool.add("tenancy_history", [row | {"person_id": f"former{row['person_id']}"} for row in tenants("H", 3, effective_to="2025-12-31")])
    pool.add("tenancy_history", [row | {"person_id": f"gone{row['person_id']}"} for row in tenants("H", 3, seen_to="2025-06-30")])
    (row,) = pool.ask("letting_density")
    assert (row["tenants"], row["square_metres_each"], row["area_basis"]) == (2, 15, "area")
    assert pool.evidence("letting_density") == [
        ("房屋", "house", "H"),
        ("租赁", "tenancy", "H0"),
        ("租赁", "tenancy", "H1"),
        ("租赁", "tenancy", "again"),
    ]


def test_premises_elsewhere_are_told_to_the_room_and_those_at_home_or_of_ended_firms_are_not(pool):
    pool.works("apart", "room1", actual("town", kind="operating"), actual("room2", kind="operating"), actual("room1", kind="operating"))
    pool.works("home", "building", actual("room2", kind="operating"))
    pool.works("ended", "room1", actual("town", kind="operating"), status_code="4")
    pool.works("two seats", "room1", stay("", "registered", "town"), actual("town", kind="operating"))
    found = [(row["organisation_id"], row["kind"], row["name"]) for row in pool.ask("separated_premises")]
    assert found == [("apart", "within_building", "apart厂"), ("apart", "within_county", "apart厂")]
    assert ("登记住所", "premises", "apart-registered-room1") in pool.evidence("separated_premises")


def test_a_room_with_as_many_living_firms_as_the_limit_is_listed_and_a_building_is_not(pool):
    for number in range(5):
        pool.works(f"room{number}", "room1")
        pool.works(f"building{number}", "building")
    for number in range(4):
        pool.works(f"few{number}", "room2")
    pool.works("ended", "room2", status_code="4")
    (row,) = pool.ask("shared_room")
    assert (row["address_id"], row["organisations"], row["organisations_limit"]) == ("room1", 5, 5)
    assert len(pool.evidence("shared_room")) == 5


@pytest.mark.parametrize(("kind", "state", "is_ended"), [
    ("enterprise", "4", True), ("enterprise", "3", True), ("enterprise", "2", False), ("enterprise", "1", False),
    ("social_organisation", "5", True), ("social_organisation", "1", False), (None, "4", True), ("enterprise", None, False),
])  # fmt: skip
def test_open_events_of_ended_organisations_are_listed_by_what_each_register_calls_ended(pool, kind, state, is_ended):
    pool.works("O", "room1", kind=kind, status_code=state)
    pool.add(
        "organisation_history",
        [{"organisation_id": "O", "name": "O厂", "status_code": state, "effective_from": "2025-03-31", "known_from": 1}],
    )
    events = [
        ("open", "1", None),
        ("refused", "3", "2025-01-01"),
        ("done", "4", "2025-01-01"),
        ("no state", None, None),
        ("closed", None, "2025-01-01"),
    ]
    for event, status, closed in events:
        pool.add("event", [{"event_id": event, "kind": "hazard", "source_key": event, "status_code": status, "closed_on": closed}])
        pool.add("event_party", [{"event_party_id": event, "event_id": event, "role": "responsible", "organisation_id": "O"}])
    found = pool.ask("open_event_of_ended_organisation")
    assert [row["event_id"] for row in found] == (["no state", "open", "refused"] if is_ended else [])
    assert {str(row["ended_since"]) for row in found} <= {"2025-03-31"}
    assert len(pool.evidence("open_event_of_ended_organisation")) == 2 * len(found)


def test_benefits_paid_for_a_month_after_death_or_after_moving_away_are_doubtful(pool):
    pool.lives("dead", "room1")
    pool.connection.execute("UPDATE person SET death_date = DATE '2025-11-30' WHERE person_id = 'dead'")
    pool.lives("moved", "room1", effective_to="2025-11-15", effective_to_basis="stated")
    pool.lives("back", "room1", stay("back", "registered", "town", "2025-11-15"), until="2025-11-15", effective_to_basis="stated")
    pool.lives("gone from the register", "room1", until="2025-11-15", effective_to_basis="withdrawn", seen_to="2025-11-15")
    pool.lives("here", "room1")
    for person in ("dead", "moved", "back", "gone from the register", "here"):
        pool.add(
            "benefit",
            [
                {"benefit_id": f"{person} {month}", "person_id": person, "kind": "subsistence_allowance", "month": f"2025-{month}-01"}
                for month in (11, 12)
            ],
        )
    found = [(row["benefit_id"], row["doubt"], row["died_on"] or row["moved_out_on"]) for row in pool.ask("doubtful_benefit")]
    assert found == [("dead 12", "deceased", date(2025, 11, 30)), ("moved 12", "moved_out", date(2025, 11, 15))]
    assert pool.evidence("doubtful_benefit") == [
        ("待遇", "benefit", "dead 12"),
        ("待遇", "benefit", "moved 12"),
        ("死亡", "person", "dead"),
        ("迁出", "residence", "moved-registered-room1"),
    ]


def test_who_and_what_nobody_spoke_of_for_a_year_is_listed_from_the_day_of_the_data(pool):
    for person in ("old", "new", "both", "dead"):
        pool.lives(person, "room1")
    pool.connection.execute("UPDATE person SET death_date = DATE '2020-01-01' WHERE person_id = 'dead'")
    register, allowance = "public_security.resident_population", "civil_affairs.subsistence_allowance"
    told = [
        ("old", allowance, "2024-12-31"),
        ("old", register, "2024-12-31"),
        ("new", register, "2025-12-31"),
        ("both", register, "2025-12-31"),
    ]
    told += [("both", allowance, "2024-12-31"), ("dead", register, "2024-12-31")]
    pool.claim("person", [{"person_id": person, "dataset": dataset, "period": period} for person, dataset, period in told])
    pool.claim("house", [{"house_id": "H", "dataset": "public_security.rental_house", "period": "2024-12-31"}])
    assert pool.ask("unconfirmed_record") == []
    pool.connection.execute(
        "UPDATE claim_house SET period = '2024-12-30'; UPDATE claim_person SET period = '2023-12-31' WHERE period <> '2025-12-31'"
    )
    assert pool.ask("unconfirmed_record", ("2024-12-30", "2023-12-31", "2025-12-31")) == [
        {"table_name": "house", "key": "H", "last_confirmed_on": date(2024, 12, 30), "dataset": "public_security.rental_house"},
        {"table_name": "person", "key": "old", "last_confirmed_on": date(2023, 12, 31), "dataset": register},
    ]
    assert pool.evidence("unconfirmed_record") == [("记录", "house", "H"), ("记录", "person", "old")]


def test_an_address_that_one_department_alone_speaks_of_is_listed_however_many_of_its_records_do(pool):
    row = {"match_status": "matched", "period": "2025-12-31"}
    register, letting, allowance = (
        "public_security.resident_population", "public_security.rental_house", "civil_affairs.subsistence_allowance"
    )  # fmt: skip
    said = [("room1", register), ("room1", letting), ("room2", register), ("room2", allowance), ("coarse", register), ("door", allowance)]
    pool.claim(
        "residence", [row | {"residence_id": f"R{n}", "address_id": place, "dataset": dataset} for n, (place, dataset) in enumerate(said)]
    )
    pool.claim("house", [row | {"house_id": "H", "address_id": "door", "dataset": letting}])
    pool.claim(
        "event",
        [row | {"event_id": "E", "address_id": "town", "dataset": "emergency_management.hazard_inspection", "match_status": "review"}],
    )
    (found,) = pool.ask("single_source_address")
    assert (found["address_id"], found["system"], found["records"]) == ("room1", "public_security", 2)
    assert pool.evidence("single_source_address") == [("提到它的一条记录", "residence", "R0")]
