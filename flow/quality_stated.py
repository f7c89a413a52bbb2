"""Which division code and which position the rows that count state for their addresses: the pool keeps the matched address, the rules look at what was stated."""

from duckdb import DuckDBPyConnection

from expectations.pool_rules import SURROUNDINGS
from flow.build import Build
from flow.context import Context
from flow.delivered import create_delivered, deliveries_of
from schemas.contract import Contract
from schemas.model import AddressUse
from transforms.identity import sql_literal

STATED = "stated_place"


def create_stated_places(connection: DuckDBPyConnection, context: Context, build: Build) -> None:
    """Create view `stated_place` (see `pool_rules.SURROUNDINGS`) of the batches of a release; needs `row_outcome`."""
    used = set(build.facts["inputs"]["batches"])
    columns = SURROUNDINGS[STATED]
    selects = [f"SELECT {', '.join(f'NULL::{kind} AS {name}' for name, kind in columns.items())} WHERE FALSE"]
    for contract in context.contracts.values():
        uses = [use for use in contract.addresses if use.division_code or use.lon]
        entries = [entry for entry in context.pool.ledger.batches(contract=contract.id) if entry.batch in used] if uses else []
        if entries:
            deliveries = deliveries_of(context, contract, entries)
            delivered = create_delivered(connection, context, contract, deliveries, prefix="stating")
            selects += [_stated(contract, use, delivered) for use in uses]
    connection.execute(f"CREATE VIEW {STATED} AS {' UNION ALL '.join(selects)}")


def _stated(contract: Contract, use: AddressUse, delivered: str) -> str:
    given = " OR ".join(f"rows.{name} IS NOT NULL" for name in (use.division_code, use.lon) if name)
    return f"""
        SELECT concat_ws('/', counting.key, {sql_literal(contract.id)}, {sql_literal(use.text)}) AS key, {sql_literal(contract.id)} AS dataset,
               rows.file_key, rows.sheet, rows.row, counting.table_name AS subject_table, counting.key AS subject_key,
               {_column(use.division_code, "VARCHAR")}, {_column(use.as_of, "DATE")}, {_column(use.lon, "DOUBLE")}, {_column(use.lat, "DOUBLE")}
        FROM {delivered} AS rows JOIN row_outcome AS counting USING (batch, sheet, row)
        WHERE counting.outcome IN ('published', 'merged') AND ({given})"""


def _column(name: str | None, kind: str) -> str:
    return f"rows.{name}::{kind}" if name else f"NULL::{kind}"
