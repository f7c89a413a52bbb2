"""Small tables of delivered rows, as the contracts of real datasets shape them."""

from collections.abc import Mapping, Sequence
from typing import Any

from duckdb import DuckDBPyConnection

from address_matching.fuzzy import plain_sound
from address_matching.words import similar_characters, simplified_characters
from schemas.contract import Contract, pool_contracts, source_contracts
from transforms.claims import address_input_key, create_claims
from transforms.current import create_current, create_ever, create_states
from transforms.deliveries import Delivered
from transforms.identity import sql_literal
from transforms.resolving.entities import Setting, resolve_entities
from transforms.resolving.likeness import Characters
from transforms.survive import Authority, survive

KEY = b"a key for tests only"
CHARACTERS = Characters(plain_sound, similar_characters(), simplified_characters())
PLACES = ("浙江省", "浙江", "温州市", "温州", "瑞安市", "瑞安")
Row = Mapping[str, Any]


def deliver(connection: DuckDBPyConnection, contract_id: str, *deliveries: Sequence[Row]) -> str:
    """Create `current_<dataset>` from deliveries, oldest first; a row names only the columns it fills. Returns the table's name."""
    contract = source_contracts()[contract_id]
    selects = [
        _row(contract, row, sequence, number) for sequence, rows in enumerate(deliveries) for number, row in enumerate(rows, start=2)
    ]
    connection.execute(f"CREATE OR REPLACE TABLE delivered_{contract.dataset} AS " + " UNION ALL ".join(selects))
    name = f"current_{contract.dataset}"
    for made in (name, f"{name}_state"):
        for (kind,) in connection.execute("SELECT table_type FROM information_schema.tables WHERE table_name = ?", [made]).fetchall():
            connection.execute(f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {made}")
    count_rows(connection, contract, f"delivered_{contract.dataset}", name, len(deliveries))
    return name


def count_rows(
    connection: DuckDBPyConnection,
    contract: Contract,
    delivered: str,
    name: str,
    deliveries: int,
    quarantined: Sequence[tuple[int, str]] = (),
) -> None:
    """Create `<name>` and `<name>_state` of delivered rows; quarantined rows are (sequence, key)."""
    placed = placed_deliveries(contract, [""] * deliveries)
    rows = [
        f"SELECT {sequence} AS sequence, {snapshot_of(contract, sequence)} AS snapshot, {snapshot_of(contract, sequence - 1)} AS previous, '{key}' AS row_key"
        for sequence, key in quarantined
    ]
    empty = "SELECT 0 AS sequence, 0 AS snapshot, 0 AS previous, '' AS row_key WHERE FALSE"
    connection.execute("CREATE OR REPLACE TEMP TABLE quarantined_rows AS " + " UNION ALL ".join([empty, *rows]))
    create_states(connection, contract, delivered, "quarantined_rows", f"{name}_state", placed)
    create_current(connection, contract, delivered, f"{name}_state", name, placed)
    create_ever(connection, delivered, f"{name}_state", name, placed)


def placed_deliveries(contract: Contract, periods: Sequence[str]) -> list[Delivered]:
    """Deliveries for these periods, each an export of its own where the dataset is sent in full."""
    return [
        Delivered(f"batch-{place}", period, place, snapshot_of(contract, place), snapshot_of(contract, place - 1), "")
        for place, period in enumerate(periods)
    ]


def snapshot_of(contract: Contract, sequence: int) -> int:
    """Which export a delivery is: every one of a dataset that is sent in full."""
    return sequence + 1 if contract.delivery == "full" else 0


def resolve(connection: DuckDBPyConnection, current: Mapping[str, str], authority: Authority | None = None, **setting: Any) -> list[str]:
    """Take current rows by contract id to pool tables; returns the names of the tables that came of it."""
    contracts = [source_contracts()[contract] for contract in current]
    resolve_entities(connection, contracts, current, Setting(KEY, CHARACTERS, PLACES, authority or {}, **setting))
    claimed = [table for table in pool_contracts().values() if create_claims(connection, contracts, current, table)]
    for table in claimed:
        survive(connection, table, authority or {}, list(current))
    return [table.dataset for table in claimed]


def create_address_results(connection: DuckDBPyConnection, *results: tuple[str, str, str, str, bool]) -> None:
    """Create `address_result`: results are (input_key expression, address_id, level, status, is_leaf)."""
    rows = [
        f"SELECT {key} AS input_key, 1 AS part, {sql_literal(address)} AS address_id, {sql_literal(level)} AS level, "
        f"{sql_literal(status)} AS status, {sql_literal(leaf)} AS is_leaf"
        for key, address, level, status, leaf in results
    ]
    empty = "SELECT '' AS input_key, 1 AS part, '' AS address_id, '' AS level, '' AS status, FALSE AS is_leaf WHERE FALSE"
    connection.execute("CREATE OR REPLACE TABLE address_result AS " + " UNION ALL ".join([empty, *rows]))


def place_at(connection: DuckDBPyConnection, current: Mapping[str, str], addresses: Mapping[str, str]) -> None:
    """Let address texts of current rows be matched to rooms: text to address id."""
    results = []
    for contract_id, table in current.items():
        for use in source_contracts()[contract_id].addresses:
            rows = connection.execute(f"SELECT DISTINCT {address_input_key(use, 'source')}, {use.text} FROM {table} AS source").fetchall()
            results += [(f"'{key}'", addresses[text], "room", "matched", True) for key, text in rows if text in addresses]
    create_address_results(connection, *dict.fromkeys(results))


def rows_of(connection: DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return connection.execute(sql).fetchall()


def _row(contract: Contract, row: Row, sequence: int, number: int) -> str:
    values = ", ".join(
        f"{'NULL' if row.get(column.name) is None else sql_literal(row[column.name])}::{column.sql_type} AS {column.name}"
        for column in contract.columns
        if not column.ignored
    )
    values += f", {sql_literal(row['unverified']) if row.get('unverified') else 'NULL'}::VARCHAR AS unverified"
    batch = f"{contract.dataset}-{sequence}"
    file_key = f"{contract.dataset[:8]:x<8}{sequence:08d}"
    return (
        f"SELECT '{batch}' AS batch, {sequence} AS sequence, {snapshot_of(contract, sequence)} AS snapshot, {snapshot_of(contract, sequence - 1)} AS previous, '2025-0{sequence + 1}-01' AS period, "
        f"'{file_key}' AS file_key, "
        f"'' AS sheet, {number}::BIGINT AS row, {values}"
    )
