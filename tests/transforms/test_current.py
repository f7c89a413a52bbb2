"""Which of several deliveries of a row counts."""

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from schemas.contract import source_contracts
from tests.transforms.sources import deliver, rows_of
from transforms.current import create_current


@pytest.fixture
def connection() -> DuckDBPyConnection:
    return duckdb.connect(":memory:")


def _firm(key: str, name: str) -> dict[str, str]:
    return {"uscc": key, "name": name, "address_text": "安阳街道"}


def _states(connection: DuckDBPyConnection, table: str, key: str, value: str) -> list[tuple[str, str, str]]:
    return rows_of(connection, f"SELECT {key}, {value}, state FROM {table} ORDER BY ALL")


def test_newer_delivery_supersedes_the_row_of_the_same_key(connection: DuckDBPyConnection) -> None:
    table = deliver(connection, "market_regulation.registered_enterprise", [_firm("A", "旧名")], [_firm("A", "新名")])
    assert _states(connection, table, "uscc", "name") == [("A", "新名", "current"), ("A", "旧名", "superseded")]


def test_row_missing_from_a_later_full_export_is_withdrawn(connection: DuckDBPyConnection) -> None:
    table = deliver(connection, "market_regulation.registered_enterprise", [_firm("A", "甲厂"), _firm("B", "乙厂")], [_firm("A", "甲厂")])
    assert _states(connection, table, "uscc", "name") == [
        ("A", "甲厂", "current"),
        ("A", "甲厂", "superseded"),
        ("B", "乙厂", "withdrawn"),
    ]


def test_all_deliveries_of_a_row_are_withdrawn_with_it(connection: DuckDBPyConnection) -> None:
    gone, stays = _firm("A", "甲厂"), _firm("B", "乙厂")
    table = deliver(connection, "market_regulation.registered_enterprise", [gone, stays], [gone, stays], [stays])
    assert rows_of(connection, f"SELECT sequence, state FROM {table} WHERE uscc = 'A' ORDER BY ALL") == [(0, "withdrawn"), (1, "withdrawn")]


def test_row_missing_from_a_later_incremental_export_still_counts(connection: DuckDBPyConnection) -> None:
    old, new = ({"certificate_number": key, "member_number": "M", "member_name": "某"} for key in ("D1", "D2"))
    table = deliver(connection, "civil_affairs.subsistence_allowance", [old], [new])
    assert _states(connection, table, "certificate_number", "member_number") == [("D1", "M", "current"), ("D2", "M", "current")]


def test_single_delivery_counts_whole(connection: DuckDBPyConnection) -> None:
    table = deliver(connection, "market_regulation.registered_enterprise", [_firm("A", "甲厂"), _firm("B", "乙厂")])
    assert {state for _, _, state in _states(connection, table, "uscc", "name")} == {"current"}


def test_rows_without_any_part_of_a_key_do_not_supersede_one_another(connection: DuckDBPyConnection) -> None:
    table = deliver(connection, "market_regulation.registered_enterprise", [_firm("A", "甲厂")], [_firm("A", "甲厂"), _firm("B", "乙厂")])
    connection.execute(f"CREATE TABLE nameless AS SELECT * EXCLUDE (row_key, state) REPLACE (NULL AS uscc) FROM {table} WHERE sequence = 1")
    contract = source_contracts()["market_regulation.registered_enterprise"]
    create_current(connection, contract, "nameless", "kept", deliveries=2)
    assert _states(connection, "kept", "uscc", "name") == [(None, "乙厂", "current"), (None, "甲厂", "current")]
    assert rows_of(connection, "SELECT count(DISTINCT row_key) FROM kept") == [(2,)]
