"""Which of several deliveries of a row counts."""

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from schemas.contract import source_contracts
from tests.transforms.sources import count_rows, deliver, rows_of

ENTERPRISES = "market_regulation.registered_enterprise"
State = tuple[int, str, str]


@pytest.fixture
def connection() -> DuckDBPyConnection:
    return duckdb.connect(":memory:")


def _firm(key: str, name: str = "厂") -> dict[str, str]:
    return {"uscc": key, "name": name, "address_text": "安阳街道"}


def _states(connection: DuckDBPyConnection, table: str) -> list[State]:
    return rows_of(connection, f"SELECT sequence, row_key, state FROM {table}_state ORDER BY row_key, sequence")


def test_newer_delivery_supersedes_the_row_of_the_same_key(connection: DuckDBPyConnection) -> None:
    table = deliver(connection, ENTERPRISES, [_firm("A", "旧名")], [_firm("A", "新名")])
    assert _states(connection, table) == [(0, "A", "superseded"), (1, "A", "current")]
    assert rows_of(connection, f"SELECT name, state FROM {table}") == [("新名", "current")]


def test_row_missing_from_the_next_full_export_is_withdrawn(connection: DuckDBPyConnection) -> None:
    table = deliver(connection, ENTERPRISES, [_firm("A"), _firm("B")], [_firm("A")])
    assert _states(connection, table) == [(0, "A", "superseded"), (1, "A", "current"), (0, "B", "withdrawn")]


def test_what_became_of_a_row_is_not_changed_by_what_comes_after(connection: DuckDBPyConnection) -> None:
    with_a, without_a = [_firm("A"), _firm("B")], [_firm("B")]
    table = deliver(connection, ENTERPRISES, with_a, with_a, without_a, with_a)
    states = [state for state in _states(connection, table) if state[1] == "A"]
    assert states == [(0, "A", "superseded"), (1, "A", "withdrawn"), (3, "A", "current")]


def test_row_missing_from_a_later_incremental_export_still_counts(connection: DuckDBPyConnection) -> None:
    old, new = ({"certificate_number": key, "member_number": "M", "member_name": "某"} for key in ("D1", "D2"))
    table = deliver(connection, "civil_affairs.subsistence_allowance", [old], [new])
    assert [state for _, _, state in _states(connection, table)] == ["current", "current"]


def test_single_delivery_counts_whole(connection: DuckDBPyConnection) -> None:
    table = deliver(connection, ENTERPRISES, [_firm("A"), _firm("B")])
    assert _states(connection, table) == [(0, "A", "current"), (0, "B", "current")]
    assert rows_of(connection, f"SELECT count(*) FROM {table} WHERE state = 'current'") == [(2,)]


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ("A-", [1], ["current"]),
        ("A--", [1, 2], ["current"]),
        ("A--", [1], ["withdrawn"]),
        ("A-A", [1], ["superseded", "current"]),
        ("A--", [2], ["withdrawn"]),
        ("AA-", [2], ["superseded", "current"]),
    ],
)
def test_last_good_version_counts_as_long_as_the_exports_still_name_the_row(
    connection: DuckDBPyConnection, good: str, bad: list[int], expected: list[str]
) -> None:
    """Each delivery has a good A where the letter stands, a quarantined one where `bad` says so; B is in all of them."""
    deliver(connection, ENTERPRISES, *([_firm("B"), *([_firm("A")] if has == "A" else [])] for has in good))
    contract = source_contracts()[ENTERPRISES]
    count_rows(connection, contract, "delivered_registered_enterprise", "kept", len(good), [(sequence, "A") for sequence in bad])
    assert [state for _, key, state in _states(connection, "kept") if key == "A"] == expected


def test_rows_without_any_part_of_a_key_do_not_supersede_one_another(connection: DuckDBPyConnection) -> None:
    deliver(connection, ENTERPRISES, [_firm("A", "甲厂")], [_firm("A", "甲厂"), _firm("B", "乙厂")])
    delivered = "SELECT * REPLACE (NULL AS uscc) FROM delivered_registered_enterprise WHERE sequence = 1"
    connection.execute(f"CREATE TABLE nameless AS {delivered}")
    count_rows(connection, source_contracts()[ENTERPRISES], "nameless", "kept", 2)
    assert rows_of(connection, "SELECT name, state FROM kept ORDER BY name") == [("乙厂", "current"), ("甲厂", "current")]
    assert rows_of(connection, "SELECT count(DISTINCT row_key) FROM kept") == [(2,)]
