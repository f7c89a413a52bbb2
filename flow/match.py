"""Match: every address text of a batch gets its standard address, by the library that stands."""

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from address_matching import RULE_VERSION, AddressIndex, Scope, build_index, complete_library, match as match_records
from flow.context import Context
from flow.delivered import Delivered, Deliveries, accepted_deliveries, batch_content, create_delivered
from flow.reference import ensure_city_reference
from flow.review.decided import decided_aliases
from flow.workspace import sql_path, workspace
from pool import AlreadySealed
from schemas.contract import AddressUse, Contract
from transforms.claims import address_input_key
from transforms.current import create_current
from transforms.library import library_addresses, library_aliases

LIBRARY_SECONDS = 3600.0
"""How long a worker waits for another that builds the same library."""
REFERENCE = ("reference.standard_address", "reference.division", "reference.address_alias")


@dataclass(frozen=True, slots=True)
class Library:
    """A version of the standard address library on disk."""

    version: str
    folder: Path

    @property
    def addresses(self) -> Path:
        return self.folder / "addresses.parquet"


def current_library(context: Context) -> Library:
    """The library of the reference batches that count, the city's own where there are none."""
    ensure_city_reference(context)
    return library_of(context, accepted_deliveries(context))


def library_of(context: Context, deliveries: Deliveries) -> Library:
    """The library of these deliveries and of people's decisions in force; built once a version, which is a digest of them and the rules."""
    content = {contract: [(entry.batch, batch_content(context, entry.batch)) for entry in deliveries[contract]] for contract in REFERENCE}
    decided = decided_aliases(context)
    parts = [content, RULE_VERSION, context.city.code, decided.to_pylist()]
    version = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]
    library = Library(version, context.pool.library.folder(version))
    if not context.pool.library.is_sealed(version):
        with suppress(AlreadySealed):  # another worker finished the same library
            _build_library(context, version, deliveries, decided)
    return library


def match(context: Context, batch: str) -> int:
    """Match the address texts of one batch that have no result yet; returns how many texts were matched.

    Results rest in matches/<library>/<rules>/<batch>-<content>.parquet with `input_key`, the digest of the whole input row.
    """
    contract = context.contracts[context.pool.receipts.read(batch).contract]
    return match_by(context, current_library(context), batch) if contract.addresses else 0


def match_by(context: Context, library: Library, batch: str) -> int:
    """`match` by a given library."""
    contract = context.contracts[context.pool.receipts.read(batch).contract]
    name = f"{batch}-{batch_content(context, batch)}"
    if not contract.addresses or context.pool.matches.holds(library.version, RULE_VERSION, name):
        return 0
    with workspace(context.pool) as connection:
        records = _unmatched_inputs(connection, context, contract, batch, library)
    results = match_records(AddressIndex.open(library.folder / "index"), records)
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


def _build_library(context: Context, version: str, deliveries: Deliveries, decided: pa.Table) -> None:
    with workspace(context.pool) as connection:
        for contract in (context.contracts[name] for name in REFERENCE):
            counting = deliveries[contract.id]
            delivered = create_delivered(connection, context, contract, counting)
            create_current(connection, contract, delivered, contract.dataset, deliveries=len(counting))
        addresses = complete_library(library_addresses(connection, "standard_address", "division"))
        aliases = pa.concat_tables([library_aliases(connection, "address_alias"), decided])
    with context.pool.library.building(version, timeout=LIBRARY_SECONDS) as folder:
        pq.write_table(addresses, folder / "addresses.parquet", compression="zstd")
        pq.write_table(aliases, folder / "aliases.parquet", compression="zstd")
        build_index(addresses, aliases, scope=Scope(**context.city.scope)).save(folder / "index")


def _unmatched_inputs(connection: DuckDBPyConnection, context: Context, contract: Contract, batch: str, library: Library) -> pa.Table:
    """Distinct inputs of the matcher in one batch without a result: record_id (the input key), text, as_of, hints."""
    source = create_delivered(connection, context, contract, [Delivered(batch, "", 0)])
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
