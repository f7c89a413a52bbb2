"""What became of every row received: exactly one outcome each, so that the sums equal the rows received."""

from collections.abc import Mapping, Sequence

from duckdb import DuckDBPyConnection

from schemas.contract import Contract

OUTCOMES = ("quarantined", "withdrawn", "superseded", "published", "merged")


def create_row_outcomes(
    connection: DuckDBPyConnection, current: Mapping[str, str], subjects: Mapping[str, Contract], quarantined: str, tables: Sequence[str]
) -> None:
    """Create table `row_outcome(batch, file_key, sheet, row, outcome, reason, table_name, key)`.

    current: table of rows with `state` by contract id (see transforms.current). subjects: pool table that the first fact of each
    contract fills.
    quarantined: table with batch, file_key, sheet, row, reason. tables: pool tables whose `lineage_<table>` stands.
    A row is published where it supplies at least one surviving value or link, merged where it only agrees or loses.
    """
    edges = " UNION ALL ".join(f"SELECT * FROM lineage_{table}" for table in tables)
    connection.execute(f"""
        CREATE OR REPLACE TABLE contribution AS
        SELECT file_key, sheet, row, bool_or(role = 'survivor') AS supplies
        FROM ({edges}) GROUP BY file_key, sheet, row""")
    connection.execute("CREATE OR REPLACE TABLE subject AS " + " UNION ALL ".join(_subject_select(contract, table) for contract, table in subjects.items()))
    rows = [_current_select(table) for table in current.values()]
    rows.append(f"""
        SELECT batch, file_key, sheet, row, 'quarantined' AS outcome, reason, NULL::VARCHAR AS table_name, NULL::VARCHAR AS key
        FROM {quarantined}""")
    connection.execute("CREATE OR REPLACE TABLE row_outcome AS " + " UNION ALL ".join(rows))


def _subject_select(contract: str, table: Contract) -> str:
    """The record that each row of the contract is about."""
    return f"""
        SELECT file_key, sheet, row, '{table.dataset}' AS table_name, min({table.key[0]}::VARCHAR) AS key
        FROM claim_{table.dataset} WHERE dataset = '{contract}' AND subject GROUP BY file_key, sheet, row"""


def _current_select(current: str) -> str:
    return f"""
        SELECT batch, file_key, sheet, row,
               CASE WHEN state <> 'current' THEN state WHEN supplies THEN 'published' ELSE 'merged' END AS outcome,
               NULL::VARCHAR AS reason,
               CASE WHEN state = 'current' THEN table_name END AS table_name, CASE WHEN state = 'current' THEN key END AS key
        FROM {current} LEFT JOIN contribution USING (file_key, sheet, row) LEFT JOIN subject USING (file_key, sheet, row)"""
