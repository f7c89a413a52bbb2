"""Counts by town and community: right, and telling nobody's secrets."""

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from tests.transforms.sources import rows_of
from transforms.mart import MARTS, mart_select


@pytest.fixture
def connection() -> DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    connection.execute(
        "CREATE TABLE address AS SELECT 'A' || i AS address_id, '镇' || i AS town, '村' || i AS community FROM range(2) AS t(i)"
    )
    connection.execute("""
        CREATE TABLE residence AS
        SELECT 'P' || i AS person_id, CASE WHEN i < 20 THEN 'A0' ELSE 'A1' END AS address_id, 'registered' AS kind FROM range(23) AS t(i)""")
    connection.execute("CREATE TABLE house AS SELECT 'H1' AS house_id, 'A1' AS address_id, TRUE AS is_let")
    connection.execute("CREATE TABLE premises AS SELECT 'O1' AS organisation_id, NULL::VARCHAR AS address_id")
    connection.execute("CREATE TABLE event AS SELECT 'E1' AS event_id, 'A0' AS address_id")
    return connection


def test_counts_stand_by_town_and_small_groups_of_persons_are_left_empty(connection: DuckDBPyConnection) -> None:
    town = next(mart for mart in MARTS if mart.name == "town_count")
    rows = rows_of(connection, f"SELECT town, registered_persons, let_houses, organisations, events FROM ({mart_select(town)})")
    assert rows == [("镇0", 20, 0, 0, 1), ("镇1", None, 1, 0, 0), (None, 0, 0, 1, 0)]
