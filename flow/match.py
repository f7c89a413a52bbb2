"""Match: every address text of a batch gets its standard address, by the library that stands."""

import logging
from typing import NamedTuple

import pyarrow as pa
from duckdb import DuckDBPyConnection

from address_matching import RULE_VERSION, match as match_records
from flow.context import Context
from flow.delivered import create_held, holders, own_content
from flow.library import Library
from flow.reference import current_library
from flow.rematch import keep_results, results_in
from flow.workspace import sql_path, workspace
from schemas.contract import AddressUse, Contract
from transforms.claims import address_input_key
from transforms.in_force import results_in_force

SLICE = 200_000
STOPPED_HIGHER = ("not_in_library", "building_only", "road_only", "village_only", "zone_only")
"""Reasons of the matcher that may mean that the library lacks something."""

log = logging.getLogger(__name__)


class Matched(NamedTuple):
    """How texts came by their results: matched, or kept from an earlier library whose change since cannot have touched them."""

    anew: int = 0
    kept: int = 0


def match(context: Context, batch: str) -> Matched:
    """Match the address texts of one batch that have no result yet, by the library that stands.

    Results rest in matches/<library>/<rules>/<batch>-<content>.parquet with `input_key`, the digest of the whole input row.
    """
    contract = context.contracts[context.pool.receipts.read(batch).contract]
    return match_by(context, current_library(context), batch) if contract.addresses else Matched()


def match_by(context: Context, library: Library, batch: str) -> Matched:
    """`match` by a given library."""
    contract = context.contracts[context.pool.receipts.read(batch).contract]
    if not contract.addresses:
        return Matched()
    with context.pool.reading():
        # Whether the batches that hold its unchanged rows count is another matter.
        done = [_match_held(context, library, contract, holding) for holding in (*holders(context, batch), batch)]
    return Matched(sum(each.anew for each in done), sum(each.kept for each in done))


def _match_held(context: Context, library: Library, contract: Contract, batch: str) -> Matched:
    """Match the texts of the rows that a batch itself holds."""
    name = f"{batch}-{own_content(context, batch)}"
    if context.pool.matches.holds(library.version, RULE_VERSION, name):
        return Matched()
    with workspace(context.pool) as connection:
        kept = keep_results(connection, context, library, name, _inputs(connection, context, contract, batch))
        results = _match_in_slices(library, kept.left)
        results = results_in_force(connection, results, kept.left, f"read_parquet({sql_path(library.addresses)})")
    results = pa.concat_tables([results, kept.rows])
    results = results.rename_columns(["input_key", *results.column_names[1:]])
    context.pool.matches.add(library.version, RULE_VERSION, name, results, below=kept.below)
    if kept.held:
        log.info("批次 %s：沿用 %s 条地址结果，匹配 %s 条", batch, f"{kept.held:,}", f"{kept.left.num_rows:,}")
    return Matched(kept.left.num_rows, kept.held)


def _match_in_slices(library: Library, records: pa.Table) -> pa.Table:
    """Match records so many at a time that what is in memory does not grow with their number."""
    starts = range(0, max(1, records.num_rows), SLICE)
    return pa.concat_tables([match_records(library.index(), records.slice(start, SLICE)) for start in starts]).combine_chunks()


def create_address_results(connection: DuckDBPyConnection, context: Context, library: Library, *, brief: bool = False) -> str:
    """Create `address_result` of all results of a library version: the matcher's columns, `input_key` and `is_leaf`.

    brief: without score, faults and candidates, which only people ask for.
    """
    layers = context.pool.matches.layers(library.version, RULE_VERSION)
    columns = "input_key, part, address_id, level, status, reason" + ("" if brief else ", score, faults, candidates")
    if not layers:
        connection.execute(f"""
            CREATE OR REPLACE VIEW address_result AS
            SELECT {columns.replace("part", "1 AS part").replace("input_key", "'' AS input_key")}, FALSE AS is_leaf
            FROM (SELECT ''::VARCHAR AS address_id, '' AS level, '' AS status, 0.0 AS score, '' AS reason, '' AS faults, '' AS candidates) WHERE FALSE""")
        return "address_result"
    connection.execute(f"""
        CREATE OR REPLACE TABLE address_result AS
        WITH parents AS (SELECT DISTINCT parent_id FROM read_parquet({sql_path(library.addresses)}) WHERE parent_id IS NOT NULL)
        SELECT results.*, results.address_id IS NOT NULL AND parents.parent_id IS NULL AS is_leaf
        FROM ({results_in(layers, columns=columns)}) AS results
        LEFT JOIN parents ON results.address_id = parents.parent_id""")
    return "address_result"


def _inputs(connection: DuckDBPyConnection, context: Context, contract: Contract, batch: str) -> pa.Table:
    """Distinct inputs of the matcher in the rows that a batch itself holds: record_id (the input key), text, as_of, hints."""
    source = create_held(connection, context, contract, batch)
    union = " UNION ".join(_input_select(use, source) for use in contract.addresses)
    return connection.sql(f"SELECT DISTINCT ON (record_id) * FROM ({union}) ORDER BY record_id").to_arrow_table()


def _input_select(use: AddressUse, source: str) -> str:
    hints = {
        "as_of": "DATE",
        "division_code": "VARCHAR",
        "community": "VARCHAR",
        "source_address_id": "VARCHAR",
        "lon": "DOUBLE",
        "lat": "DOUBLE",
    }
    columns = ", ".join(f"{getattr(use, name) or 'NULL'}::{kind} AS {name}" for name, kind in hints.items())
    return f"SELECT DISTINCT {address_input_key(use, 'source')} AS record_id, {use.text} AS text, {columns} FROM {source} AS source WHERE {use.text} IS NOT NULL"
