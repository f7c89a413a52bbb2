"""The library as the matcher takes it: standard addresses, and the divisions that are not among them."""

import duckdb
import pytest
from duckdb import DuckDBPyConnection

from tests.transforms.sources import deliver
from transforms.library import create_changed, library_addresses

DIVISIONS = (
    {"division_code": "330000", "name": "浙江省", "level": "province"},
    {"division_code": "330300", "name": "温州市", "level": "city", "parent_code": "330000"},
    {"division_code": "330381", "name": "瑞安市", "level": "county", "parent_code": "330300"},
    {"division_code": "330381001", "name": "安阳街道", "level": "town", "parent_code": "330381"},
    {"division_code": "330381001001", "name": "兴隆社区", "level": "community", "parent_code": "330381001"},
    {"division_code": "330381001001", "name": "老兴隆村", "level": "community", "parent_code": "330381001", "valid_to": "2019-05-01"},
)


@pytest.fixture
def connection() -> DuckDBPyConnection:
    return duckdb.connect(":memory:")


def _addresses(connection: DuckDBPyConnection, *standard: dict[str, str]) -> dict[str, dict[str, object]]:
    divisions = deliver(connection, "reference.division", DIVISIONS)
    addresses = deliver(connection, "reference.standard_address", standard or [{"address_id": "none", "level": "room", "full_text": "x"}])
    return {row["address_id"]: row for row in library_addresses(connection, addresses, divisions).to_pylist()}


def test_division_gets_the_names_of_all_its_parents(connection: DuckDBPyConnection) -> None:
    community = _addresses(connection)["330381001001"]
    assert community["full_text"] == "浙江省温州市瑞安市安阳街道兴隆社区"
    assert (community["county"], community["town"], community["parent_id"]) == ("瑞安市", "安阳街道", "330381001")


def test_retired_division_keeps_its_own_id_and_end(connection: DuckDBPyConnection) -> None:
    retired = _addresses(connection)["330381001001@20190501"]
    assert (retired["community"], retired["status"]) == ("老兴隆村", "停用")


def test_division_that_stands_among_the_standard_addresses_is_not_repeated(connection: DuckDBPyConnection) -> None:
    town = {"address_id": "T1", "level": "town", "town": "安阳街道", "full_text": "浙江省温州市瑞安市安阳街道"}
    addresses = _addresses(connection, town)
    assert "T1" in addresses
    assert "330381001" not in addresses


def test_division_below_a_standard_address_names_it_as_its_parent(connection: DuckDBPyConnection) -> None:
    town = {"address_id": "T1", "level": "town", "town": "安阳街道", "full_text": "浙江省温州市瑞安市安阳街道"}
    assert _addresses(connection, town)["330381001001"]["parent_id"] == "T1"


def test_changes_take_the_place_of_what_was_delivered_and_keep_what_they_leave_out(connection: DuckDBPyConnection) -> None:
    old = {"address_id": "A1", "level": "house", "full_text": "旧", "community": "甲社区", "lon": "120.5", "valid_to": "2020-01-01"}
    whole = deliver(connection, "reference.standard_address", [old, {"address_id": "A2", "level": "house", "full_text": "不变"}])
    new = {"address_id": "A1", "level": "house", "full_text": "新"}
    changes = deliver(connection, "reference.standard_address_change", [new, {"address_id": "A3", "level": "house", "full_text": "增"}])
    view = create_changed(connection, whole, changes, ("address_id",), ("lon",))
    rows = connection.sql(f"SELECT address_id, full_text, community, lon, valid_to FROM {view} ORDER BY 1").fetchall()
    assert rows == [("A1", "新", None, 120.5, None), ("A2", "不变", None, None, None), ("A3", "增", None, None, None)]


def test_status_that_nobody_gives_follows_from_the_validity(connection: DuckDBPyConnection) -> None:
    ended = {"address_id": "A1", "level": "house", "full_text": "甲", "valid_to": "2020-01-01"}
    addresses = _addresses(connection, ended, {"address_id": "A2", "level": "house", "full_text": "乙"})
    assert (addresses["A1"]["status"], addresses["A2"]["status"]) == ("停用", "在用")
