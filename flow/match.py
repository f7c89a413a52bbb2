"""Match: every address text of a batch gets its standard address, by the library that stands."""

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from address_matching import RULE_VERSION, match as match_records
from flow.context import Context
from flow.delivered import create_held, holders, own_content
from flow.library import Library
from flow.reference import current_library
from flow.workspace import sql_path, workspace
from schemas.contract import AddressUse, Contract
from transforms.claims import address_input_key
from transforms.in_force import results_in_force


def match(context: Context, batch: str) -> int:
    """Match the address texts of one batch that have no result yet; returns how many texts were matched.

    Results rest in matches/<library>/<rules>/<batch>-<content>.parquet with `input_key`, the digest of the whole input row.
    """
    contract = context.contracts[context.pool.receipts.read(batch).contract]
    return match_by(context, current_library(context), batch) if contract.addresses else 0


def match_by(context: Context, library: Library, batch: str) -> int:
    """`match` by a given library."""
    contract = context.contracts[context.pool.receipts.read(batch).contract]
    if not contract.addresses:
        return 0
    # Whether the batches that hold its unchanged rows count is another matter.
    return sum(_match_rows_of(context, library, contract, holding) for holding in (*holders(context, batch), batch))


def _match_rows_of(context: Context, library: Library, contract: Contract, batch: str) -> int:
    name = f"{batch}-{own_content(context, batch)}"
    if context.pool.matches.holds(library.version, RULE_VERSION, name):
        return 0
    with workspace(context.pool) as connection:
        records = _unmatched_inputs(connection, context, contract, batch, library)
        results = match_records(library.index(), records)
        results = results_in_force(connection, results, records, f"read_parquet({sql_path(library.addresses)})")
    results = results.rename_columns(["input_key", *results.column_names[1:]])
    with context.pool.matches.adding(library.version, RULE_VERSION, name) as path:
        pq.write_table(results, path, compression="zstd")
    return int(records.num_rows)


def create_address_results(connection: DuckDBPyConnection, context: Context, library: Library) -> str:
    """Create view `address_result` over all results of a library version: the matcher's columns, `input_key` and `is_leaf`."""
    files = context.pool.matches.files(library.version, RULE_VERSION)
    columns = "input_key, part, address_id, level, status, score, reason, faults, candidates"
    if not files:
        connection.execute(f"""
            CREATE OR REPLACE VIEW address_result AS
            SELECT {columns.replace("part", "1 AS part").replace("input_key", "'' AS input_key")}, FALSE AS is_leaf
            FROM (SELECT ''::VARCHAR AS address_id, '' AS level, '' AS status, 0.0 AS score, '' AS reason, '' AS faults, '' AS candidates) WHERE FALSE""")
        return "address_result"
    listed = ", ".join(sql_path(path) for path in files)
    connection.execute(f"""
        CREATE OR REPLACE TABLE address_result AS
        WITH parents AS (SELECT DISTINCT parent_id FROM read_parquet({sql_path(library.addresses)}) WHERE parent_id IS NOT NULL)
        SELECT results.*, results.address_id IS NOT NULL AND parents.parent_id IS NULL AS is_leaf
        FROM (SELECT {columns} FROM read_parquet([{listed}]) QUALIFY row_number() OVER (PARTITION BY input_key, part ORDER BY 1) = 1) AS results
        LEFT JOIN parents ON results.address_id = parents.parent_id""")
    return "address_result"


def _unmatched_inputs(connection: DuckDBPyConnection, context: Context, contract: Contract, batch: str, library: Library) -> pa.Table:
    """Distinct inputs of the matcher in the rows that a batch itself holds, without a result: record_id (the input key), text, as_of, hints."""
    source = create_held(connection, context, contract, batch)
    union = " UNION ".join(_input_select(use, source) for use in contract.addresses)
    files = ", ".join(sql_path(path) for path in context.pool.matches.files(library.version, RULE_VERSION))
    unknown = f"ANTI JOIN read_parquet([{files}]) AS known ON inputs.record_id = known.input_key" if files else ""
    return connection.sql(f"SELECT inputs.* FROM ({union}) AS inputs {unknown} ORDER BY record_id").to_arrow_table()


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
