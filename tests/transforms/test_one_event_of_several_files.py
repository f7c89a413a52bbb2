"""The call, the dispatch and the feedback of the police come in files of their own and are one event."""

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from tests.transforms.sources import create_address_results, deliver, resolve, rows_of

CALL = {
    "alarm_number": "J1",
    "reported_at": "2025-03-01 08:00:00",
    "received_at": "2025-03-01 08:00:09",
    "content": "家中被盗",
    "place_text": "安福路12号",
}
SENT = {
    "dispatch_number": "C1",
    "alarm_number": "J1",
    "unit_name": "安阳派出所",
    "received_at": "2025-03-01 08:02:00",
    "arrived_at": "2025-03-01 08:15:00",
}
TOLD = {
    "feedback_number": "F1", "alarm_number": "J1", "unit_name": "安阳派出所", "arrived_at": "2025-03-01 08:15:00", "handled_at": "2025-03-01 09:30:00",
    "fed_back_at": "2025-03-01 09:40:00", "result": "受理为治安案件", "injured_count": 1,
}  # fmt: skip


@pytest.fixture
def connection() -> DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    create_address_results(connection)
    return connection


def _resolve(connection: DuckDBPyConnection, **rows: list[dict[str, object]]) -> None:
    resolve(
        connection,
        {f"public_security.{dataset}": deliver(connection, f"public_security.{dataset}", given) for dataset, given in rows.items()},
    )


def test_a_call_its_dispatch_and_its_feedback_are_one_event_with_what_each_says(connection: DuckDBPyConnection) -> None:
    _resolve(connection, alarm=[CALL], alarm_dispatch=[SENT], alarm_feedback=[TOLD])
    found = rows_of(
        connection, "SELECT system, source_key, description, outcome, injured_count, address_text, closed_on::VARCHAR FROM event"
    )
    assert found == [("public_security", "J1", "家中被盗", "受理为治安案件", 1, "安福路12号", "2025-03-01")]


def test_the_stages_of_all_files_are_in_order_and_the_same_arrival_is_one(connection: DuckDBPyConnection) -> None:
    _resolve(connection, alarm=[CALL], alarm_dispatch=[SENT], alarm_feedback=[TOLD])
    stages = rows_of(
        connection,
        "SELECT stage, strftime(happened_at, '%H:%M:%S'), department FROM event_stage SEMI JOIN event USING (event_id) ORDER BY happened_at",
    )
    assert stages == [
        ("reported", "08:00:00", None),
        ("accepted", "08:00:09", None),
        ("dispatched", "08:02:00", "安阳派出所"),
        ("arrived", "08:15:00", "安阳派出所"),
        ("handled", "09:30:00", "安阳派出所"),
        ("feedback", "09:40:00", "安阳派出所"),
    ]  # fmt: skip


def test_what_has_not_happened_is_no_stage(connection: DuckDBPyConnection) -> None:
    _resolve(connection, alarm_dispatch=[SENT | {"arrived_at": None}])
    assert rows_of(connection, "SELECT stage FROM event_stage") == [("dispatched",)]


def test_a_feedback_without_its_call_stands_as_an_event_and_joins_the_call_when_it_comes(connection: DuckDBPyConnection) -> None:
    _resolve(connection, alarm_feedback=[TOLD])
    [(alone,)] = rows_of(connection, "SELECT event_id FROM event WHERE source_key = 'J1' AND kind = 'alarm' AND description IS NULL")
    assert rows_of(connection, "SELECT count(*) FROM event_stage") == [(3,)]
    _resolve(connection, alarm=[CALL], alarm_feedback=[TOLD])
    assert rows_of(connection, "SELECT event_id, description FROM event") == [(alone, "家中被盗")]


def test_calls_of_other_numbers_stay_apart(connection: DuckDBPyConnection) -> None:
    _resolve(
        connection,
        alarm=[CALL, CALL | {"alarm_number": "J2"}],
        alarm_feedback=[TOLD, TOLD | {"feedback_number": "F2", "alarm_number": "J2"}],
    )
    assert rows_of(connection, "SELECT source_key FROM event ORDER BY ALL") == [("J1",), ("J2",)]


def test_a_repeated_call_names_the_first_and_a_related_one_the_other(connection: DuckDBPyConnection) -> None:
    rows = [CALL, CALL | {"alarm_number": "J2", "repeated_number": "J1"}, CALL | {"alarm_number": "J3", "related_number": "J2"}]
    _resolve(connection, alarm=rows)
    assert rows_of(connection, "SELECT source_key, related_key FROM event ORDER BY ALL") == [("J1", None), ("J2", "J1"), ("J3", "J2")]


def test_the_house_of_a_letting_is_the_registered_house_of_the_same_number(connection: DuckDBPyConnection) -> None:
    house = {"house_source_id": "H1", "address_text": "安福路12号", "area": 90}
    letting = {"letting_source_id": "L1", "house_source_id": "H1", "address_text": "安福路", "let_area": 30}
    _resolve(connection, actual_house=[house], rental_house=[letting])
    assert rows_of(connection, "SELECT area::INTEGER, let_area::INTEGER FROM house") == [(90, 30)]


def test_two_parked_cars_of_one_accident_are_two_parties(connection: DuckDBPyConnection) -> None:
    accident = {
        "accident_number": "S1", "happened_at": "2025-03-01 08:00:00", "place_text": "安福路12号", "party_a_role": "party", "party_a_plate": "浙CA1234",
        "party_b_role": "party", "party_b_plate": "浙CB5678",
    }  # fmt: skip
    _resolve(connection, traffic_accident=[accident])
    assert rows_of(connection, "SELECT plate_number FROM event_party ORDER BY ALL") == [("浙CA1234",), ("浙CB5678",)]
