"""Results at retired addresses: what was written before stays, what came after goes up."""

from datetime import date
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from address_matching.model import RESULT_SCHEMA
from transforms.in_force import create_unsettled, results_in_force

LIBRARY = """(VALUES
    ('T1', NULL, 'town', NULL::DATE), ('R1', 'T1', 'road', NULL), ('H1', 'R1', 'house', DATE '2019-01-01'), ('B1', 'H1', 'building', DATE '2019-01-01'),
    ('M1', 'B1', 'room', DATE '2019-01-01'), ('H2', 'R1', 'house', NULL), ('M2', 'H2', 'room', DATE '2019-01-01'), ('T0', NULL, 'town', DATE '2011-01-01'),
    ('H9', 'T0', 'house', DATE '2011-01-01')) AS library(address_id, parent_id, level, valid_to)"""


def matched(address: str, level: str, as_of: date | None, status: str = "matched") -> dict[str, Any]:
    result = {
        "record_id": "1",
        "part": 1,
        "address_id": address,
        "level": level,
        "status": status,
        "score": 0.99,
        "reason": "exact",
        "faults": "",
    }
    results = pa.Table.from_pylist([result | {"candidates": []}], schema=RESULT_SCHEMA)
    records = pa.table({"record_id": ["1"], "text": ["x"], "as_of": pa.array([as_of], pa.date32())})
    with duckdb.connect() as connection:
        [found] = results_in_force(connection, results, records, f"(SELECT * FROM {LIBRARY})").to_pylist()
    return found


@pytest.mark.parametrize("as_of", [date(2018, 12, 31), date(1990, 1, 1)])
def test_text_of_the_address_s_own_time_stays(as_of: date) -> None:
    assert matched("M1", "room", as_of)["address_id"] == "M1"


@pytest.mark.parametrize("as_of", [None, date(2019, 1, 1), date(2025, 1, 1)])
def test_later_and_undated_texts_go_up_to_what_stands(as_of: date | None) -> None:
    found = matched("M1", "room", as_of)
    assert (found["address_id"], found["level"], found["status"], found["reason"]) == ("R1", "road", "matched", "road_only")
    assert found["faults"] == "historical:2"
    assert [each["address_id"] for each in found["candidates"]] == ["M1"]
    found = matched("M2", "room", as_of)
    assert (found["address_id"], found["reason"]) == ("H2", "building_only")


def test_divisions_are_left_to_the_matcher_and_what_stands_is_left_alone() -> None:
    assert matched("T0", "town", None)["address_id"] == "T0"
    assert matched("H2", "house", None) == matched("H2", "house", None) | {"address_id": "H2", "reason": "exact", "faults": ""}


def test_nothing_standing_above_is_no_match_and_a_review_stays_one() -> None:
    found = matched("H9", "house", None)
    assert (found["address_id"], found["status"], found["reason"]) == (None, "unmatched", "not_in_library")
    assert matched("M1", "room", None, "review")["status"] == "review"


def unsettled(now: str) -> set[str]:
    with duckdb.connect() as connection:
        return {id for (id,) in connection.table(create_unsettled(connection, f"(SELECT * FROM {LIBRARY})", now)).fetchall()}


@pytest.mark.parametrize(
    ("change", "addresses"),
    [
        ("SELECT * FROM {library}", set()),
        ("SELECT * FROM {library} WHERE address_id <> 'M2'", {"M2"}),
        ("SELECT * FROM {library} UNION ALL SELECT 'H3', 'R1', 'house', NULL", {"H3"}),
        (
            "SELECT * REPLACE (CASE WHEN address_id = 'H2' THEN DATE '2020-01-01' ELSE valid_to END AS valid_to) FROM {library}",
            {"H2", "M2"},
        ),
        (
            "SELECT * REPLACE (CASE WHEN address_id = 'R1' THEN DATE '2020-01-01' ELSE valid_to END AS valid_to) FROM {library}",
            {"R1", "H1", "B1", "M1"},
        ),
        ("SELECT * REPLACE (CASE WHEN address_id = 'H1' THEN 'H2' ELSE parent_id END AS parent_id) FROM {library}", {"H1", "B1", "M1"}),
    ],
)
def test_results_are_unsettled_where_the_way_up_from_their_address_differs(change: str, addresses: set[str]) -> None:
    """H1 and what stands at it have ended, so that a result there goes on up to R1; M2 goes up to H2 only."""
    assert unsettled(f"({change.format(library=LIBRARY)})") == addresses
