"""Which delivered row counts today: newer rows supersede older ones, a later full export withdraws what it no longer holds."""

from duckdb import DuckDBPyConnection

from schemas.contract import Contract


def create_current(connection: DuckDBPyConnection, contract: Contract, delivered: str, current: str, *, deliveries: int) -> None:
    """Create table `current`: every row of `delivered` with `row_key` and `state`.

    delivered: accepted rows of all counting batches with `batch`, `sequence` (order of the deliveries of this dataset), `period`,
    `file_key`, `sheet`, `row` and the contract's columns; keys are unique within a batch.
    row_key: the contract's primary key as one text; a row without any part of it is told by its place.
    state: `current`, `withdrawn` (the last full export has no row of this key) or `superseded` (a later delivery has one).
    deliveries: how many batches `delivered` holds; a single one needs no comparison.
    """
    is_keyed = f"coalesce({', '.join(f'{name}::VARCHAR' for name in contract.key)}) IS NOT NULL"
    key = "concat_ws(chr(31), " + ", ".join(f"coalesce({name}::VARCHAR, '')" for name in contract.key) + ")"
    row_key = f"CASE WHEN {is_keyed} THEN {key} ELSE concat_ws(chr(31), '', file_key, sheet, row) END"
    state = "'current'" if deliveries == 1 else _state_among_deliveries(contract)
    connection.execute(f"""
        CREATE OR REPLACE TABLE {current} AS
        WITH keyed AS (SELECT {row_key} AS row_key, * FROM {delivered}),
             newest AS (SELECT max(sequence) AS sequence FROM {delivered})
        SELECT keyed.*, {state} AS state FROM keyed, newest""")


def _state_among_deliveries(contract: Contract) -> str:
    is_full = "TRUE" if contract.delivery == "full" else "FALSE"
    return f"""CASE
        WHEN {is_full} AND max(keyed.sequence) OVER (PARTITION BY row_key) < newest.sequence THEN 'withdrawn'
        WHEN keyed.sequence < max(keyed.sequence) OVER (PARTITION BY row_key) THEN 'superseded'
        ELSE 'current' END"""
