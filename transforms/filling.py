"""Tables that several SELECTs fill: one after the other, for at once each would hold what it joins in memory."""

from collections.abc import Sequence

from duckdb import DuckDBPyConnection


def create_filled(connection: DuckDBPyConnection, table: str, selects: Sequence[str]) -> None:
    """Create a table with the rows of at least one SELECT, the others matched to the columns of the first by name, in their order."""
    first, *others = selects
    connection.execute(f"CREATE OR REPLACE TABLE {table} AS {first}")
    for select in others:
        connection.execute(f"INSERT INTO {table} BY NAME {select}")
