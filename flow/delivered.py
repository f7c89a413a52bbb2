"""The rows of the batches that count, in the order of their deliveries."""

from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.workspace import sql_path


@dataclass(frozen=True, slots=True)
class Delivered:
    """An accepted batch and its place among the deliveries of its dataset (by period, then by arrival)."""

    batch: str
    period: str
    sequence: int


def accepted_batches(context: Context, contract: str) -> list[Delivered]:
    """The batches of a contract that count, in the order of their deliveries."""
    entries = [entry for entry in context.pool.ledger.batches(status="accepted") if entry.contract == contract]
    entries.sort(key=lambda entry: (entry.period, entry.received_at, entry.batch))
    return [Delivered(entry.batch, entry.period, place) for place, entry in enumerate(entries)]


def create_delivered(connection: DuckDBPyConnection, context: Context, contract: str) -> str:
    """Create view `delivered_<dataset>` of all accepted rows of a contract with `batch`, `sequence`, `period`; returns its name."""
    name = f"delivered_{contract.split('.')[1]}"
    selects = [
        f"SELECT '{entry.batch}' AS batch, {entry.sequence} AS sequence, '{entry.period}' AS period, * "
        f"FROM read_parquet({sql_path(context.pool.batches.folder(entry.batch) / 'accepted.parquet')})"
        for entry in accepted_batches(context, contract)
    ]
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS " + (" UNION ALL BY NAME ".join(selects) or _nothing(context, contract)))
    return name


def _nothing(context: Context, contract: str) -> str:
    columns = ", ".join(f"NULL::{column.sql_type} AS {column.name}" for column in context.contracts[contract].columns if not column.ignored)
    return (
        "SELECT '' AS batch, 0 AS sequence, '' AS period, '' AS file_key, '' AS sheet, 0::BIGINT AS row, 0::UBIGINT AS row_hash, "
        f"{columns} WHERE FALSE"
    )
