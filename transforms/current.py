"""Which delivered row counts: newer rows supersede older ones, the next full export withdraws what it no longer holds."""

from collections.abc import Collection, Sequence

from duckdb import DuckDBPyConnection

from schemas.contract import Contract
from transforms.deliveries import Delivered
from transforms.elements_sql import identifier


def row_key(contract: Contract, without: Collection[str] = ()) -> str:
    """SQL of a row's primary key as one text, `without` some of its columns; NULL where it has no part of one."""
    parts = [f"{identifier(name)}::VARCHAR" for name in contract.key if name not in without]
    texts = ", ".join(f"coalesce({part}, '')" for part in parts)
    return f"CASE WHEN coalesce({', '.join(parts)}) IS NOT NULL THEN concat_ws(chr(31), {texts}) END"


def create_states(
    connection: DuckDBPyConnection, contract: Contract, delivered: str, quarantined: str, states: str, deliveries: Sequence[Delivered]
) -> list[int]:
    """Create `states(batch, sequence, file_key, sheet, row, row_key, state, run, first_snapshot, last_snapshot)` of every accepted row; returns the
    sequences that hold current ones.

    delivered: accepted rows of the deliveries with `batch`, `sequence`, `snapshot`, `previous` (see transforms.deliveries), `file_key`,
    `sheet`, `row` and the contract's key; keys are unique within a batch. quarantined: `sequence`, `snapshot`, `previous` and `row_key` of
    quarantined rows.
    row_key: the contract's primary key as one text; a row without any part of it is told by its place.
    state: `superseded` (a later delivery has a good row of this key), `withdrawn` (the next full export has none, not even a bad one), else
    `current`. What comes after that changes it no more: a row that was withdrawn and comes back is another one.
    run: rows of a key with no export without it between them; first_snapshot, last_snapshot: the first and last full export that had the run.
    """
    keyed = f"SELECT batch, sequence, snapshot, previous, file_key, sheet, row, {_key_or_place(contract)} AS row_key FROM {delivered}"
    if len(deliveries) < 2:
        connection.execute(
            f"CREATE OR REPLACE TEMP VIEW {states} AS SELECT * EXCLUDE (snapshot, previous), 'current' AS state, 0 AS run, snapshot AS first_snapshot, "
            f"snapshot AS last_snapshot FROM ({keyed})"
        )
        return [delivery.sequence for delivery in deliveries]
    last = max(delivery.snapshot for delivery in deliveries)
    # Of a run the last good row counts, unless another export follows the run.
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {states} AS
        WITH present AS (
            SELECT *, TRUE AS is_good FROM ({keyed})
            UNION ALL BY NAME
            SELECT sequence, snapshot, previous, row_key, FALSE AS is_good FROM {quarantined} WHERE {last} > 0 AND row_key IS NOT NULL),
        followed AS (SELECT *, previous > lag(snapshot) OVER (PARTITION BY row_key ORDER BY sequence) AS opens FROM present),
        numbered AS (SELECT *, count(*) FILTER (opens) OVER (PARTITION BY row_key ORDER BY sequence) AS run FROM followed)
        SELECT batch, sequence, file_key, sheet, row, row_key, state, run, first_snapshot, last_snapshot FROM (
            SELECT *, min(snapshot) OVER of_run AS first_snapshot, max(snapshot) OVER of_run AS last_snapshot,
                      CASE WHEN sequence < max(sequence) FILTER (is_good) OVER of_run THEN 'superseded'
                           WHEN max(snapshot) OVER of_run < {last} THEN 'withdrawn' ELSE 'current' END AS state
            FROM numbered WINDOW of_run AS (PARTITION BY row_key, run))
        WHERE is_good""")
    return [row[0] for row in connection.execute(f"SELECT DISTINCT sequence FROM {states} WHERE state = 'current' ORDER BY 1").fetchall()]


def create_current(
    connection: DuckDBPyConnection, contract: Contract, delivered: str, states: str, current: str, deliveries: Sequence[Delivered]
) -> None:
    """Create `current`: the rows of `delivered` that count by `states`, with `row_key` and `state`; a view where all count, else a table.

    deliveries: all of the dataset, also those of which `delivered` has no row.
    """
    if len(deliveries) < 2:
        connection.execute(
            f"CREATE OR REPLACE VIEW {current} AS SELECT *, {_key_or_place(contract)} AS row_key, 'current' AS state FROM {delivered}"
        )
        return
    connection.execute(f"""
        CREATE OR REPLACE TABLE {current} AS
        SELECT delivered.*, states.row_key, states.state
        FROM {delivered} AS delivered JOIN {states} AS states USING (sequence, sheet, row) WHERE states.state = 'current'""")


def create_ever(connection: DuckDBPyConnection, delivered: str, states: str, current: str, deliveries: Sequence[Delivered]) -> None:
    """Create view `<current>_ever`: the rows of all deliveries, also those that count no more, with what `states` says."""
    if len(deliveries) < 2:
        select = f"SELECT *, 0 AS run, snapshot AS first_snapshot, snapshot AS last_snapshot FROM {current}"
    else:
        columns = ", ".join(f"states.{name}" for name in ("row_key", "state", "run", "first_snapshot", "last_snapshot"))
        select = f"SELECT delivered.*, {columns} FROM {delivered} AS delivered JOIN {states} AS states USING (sequence, sheet, row)"
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {ever(current)} AS {select}")


def ever(current: str) -> str:
    """Name of the view of all rows ever delivered beside the table of those that count."""
    return f"{current}_ever"


def placed(current: str) -> str:
    """Name of the table beside that of the rows that count, which holds them with what follows from each alone (see transforms.placed)."""
    return f"{current}_placed"


def _key_or_place(contract: Contract) -> str:
    return f"coalesce({row_key(contract)}, concat_ws(chr(31), '', file_key, sheet, row))"
