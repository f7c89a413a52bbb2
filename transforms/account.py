"""What became of every row received: exactly one outcome each, so that the sums equal the rows received."""

from collections.abc import Mapping, Sequence
from typing import Any

from duckdb import DuckDBPyConnection

from schemas.contract import Contract
from transforms.current import placed
from transforms.filling import create_filled
from transforms.identity import sql_literal
from transforms.survive import record_key

OUTCOMES = ("quarantined", "withdrawn", "superseded", "published", "merged")


def create_row_outcomes(
    connection: DuckDBPyConnection, current: Mapping[str, str], subjects: Mapping[str, Contract], quarantined: str, tables: Sequence[str]
) -> None:
    """Create table `row_outcome(batch, file_key, sheet, row, outcome, reason, table_name, key)`.

    current: name by contract id of the table of current rows, beside which `<name>_state` stands (see transforms.current). subjects: pool
    table that the first fact of each contract fills.
    quarantined: table with batch, file_key, sheet, row, reason. tables: pool tables whose `lineage_<table>` stands.
    A row is published where it supplies at least one surviving value or link, merged where it only agrees or loses.
    """
    edges = " UNION ALL ".join(f"SELECT file_key, sheet, row, role FROM lineage_{table}" for table in tables)
    connection.execute(f"""
        CREATE OR REPLACE TABLE contribution AS SELECT DISTINCT file_key, sheet, row, TRUE AS supplies FROM ({edges}) WHERE role = 'survivor'""")
    connection.execute(
        "CREATE OR REPLACE TABLE subject AS " + " UNION ALL ".join(_subject_select(contract, table) for contract, table in subjects.items())
    )
    states = " UNION ALL ".join(
        f"SELECT '{contract}' AS dataset, batch, file_key, sheet, row, state FROM {table}_state" for contract, table in current.items()
    )
    # Subjects are told apart by dataset, for another may have received the same file.
    decided = f"""
        SELECT batch, file_key, sheet, row,
               CASE WHEN state <> 'current' THEN state WHEN supplies THEN 'published' ELSE 'merged' END AS outcome,
               NULL::VARCHAR AS reason,
               CASE WHEN state = 'current' THEN table_name END AS table_name, CASE WHEN state = 'current' THEN key END AS key
        FROM ({states}) LEFT JOIN contribution USING (file_key, sheet, row) LEFT JOIN subject USING (dataset, file_key, sheet, row)"""
    kept_out = f"""
        SELECT batch, file_key, sheet, row, 'quarantined' AS outcome, reason, NULL::VARCHAR AS table_name, NULL::VARCHAR AS key
        FROM {quarantined}"""
    create_filled(connection, "row_outcome", [decided, kept_out])


def create_address_counts(connection: DuckDBPyConnection, contracts: Sequence[Contract], current: Mapping[str, str]) -> None:
    """Create temporary table `counted_address(dataset, input_key, address_id, full_text, town, level, status, reason, rows)`.

    It counts every address text of every current row with its result, level and town empty where unmatched. Needs the tables `address_result` and `address`.
    """
    selects = ["SELECT '' AS dataset, '' AS input_key WHERE FALSE"] + [
        f"SELECT '{contract.id}' AS dataset, {use.text}_result.input_key AS input_key FROM {placed(current[contract.id])} "
        f"WHERE state = 'current' AND {use.text} IS NOT NULL"
        for contract in contracts
        for use in contract.addresses
    ]
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE counted_address AS
        WITH asked AS (SELECT dataset, input_key, count(*) AS rows FROM ({" UNION ALL ".join(selects)}) GROUP BY ALL)
        SELECT asked.dataset, asked.input_key, result.address_id, address.full_text, coalesce(address.town, '') AS town,
               coalesce(result.level, '') AS level, coalesce(result.status, 'unmatched') AS status, coalesce(result.reason, '') AS reason, rows
        FROM asked LEFT JOIN address_result AS result ON asked.input_key = result.input_key AND result.part = 1
        LEFT JOIN address ON result.address_id = address.address_id""")


def address_rates(connection: DuckDBPyConnection) -> list[tuple[str, str, str, str, int]]:
    """From `counted_address` how deep the addresses of each dataset were matched: dataset, town, level, status, rows."""
    return _counted(connection, "dataset, town, level, status, sum(rows)::BIGINT", "TRUE")


def address_reasons(connection: DuckDBPyConnection) -> list[tuple[str, str, int, int]]:
    """From `counted_address` how those addresses came to their result: status, reason, rows, distinct texts."""
    return _counted(connection, "status, reason, sum(rows)::BIGINT, count(DISTINCT input_key)", "TRUE")


def address_stops(connection: DuckDBPyConnection, reasons: Sequence[str], most: int) -> list[tuple[str, str, str, str, int, int]]:
    """From `counted_address` the standard addresses beyond which most texts could not be followed: address_id, full_text, level, town, rows, distinct texts.

    reasons: those that tell it. Addresses of single flats are left out.
    """
    columns = "address_id, full_text, level, town, sum(rows)::BIGINT, count(DISTINCT input_key)"
    condition = f"status = 'matched' AND reason IN ({', '.join(map(sql_literal, reasons))}) AND level NOT IN ('unit', 'floor', 'room')"
    return sorted(_counted(connection, columns, condition), key=lambda stop: (-stop[4], stop[0]))[:most]


def _counted(connection: DuckDBPyConnection, columns: str, condition: str) -> list[Any]:
    return connection.execute(f"SELECT {columns} FROM counted_address WHERE {condition} GROUP BY ALL ORDER BY ALL").fetchall()


def _subject_select(contract: str, table: Contract) -> str:
    """The record that each row of the contract is about."""
    return f"""
        SELECT '{contract}' AS dataset, file_key, sheet, row, '{table.dataset}' AS table_name, min({record_key(table, "claims")}) AS key
        FROM claim_{table.dataset} AS claims WHERE dataset = '{contract}' AND subject GROUP BY file_key, sheet, row"""
