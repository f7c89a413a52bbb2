"""Address results and libraries that only an erased person's rows, or decisions on their texts, had a part in."""

import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.delivered import create_held
from flow.progress import Progress
from flow.workspace import sql_path, workspace
from transforms.claims import address_input_key

INPUTS = "standing_input"


def erase_from_matches(context: Context, progress: Progress) -> int:
    """Remove results whose input stands in no row of any batch: a guess could be held against their key. Returns how many. May be repeated."""
    removed = 0
    files = context.pool.matches.files()
    with workspace(context.pool) as connection:
        _create_inputs(connection, context)
        for done, path in enumerate(files):
            progress("清理地址结果", done, len(files))
            rows = pq.read_table(path)
            connection.register("results", rows)
            left = connection.sql(f"SELECT results.* FROM results SEMI JOIN {INPUTS} USING (input_key)").to_arrow_table()
            connection.unregister("results")
            if left.num_rows < rows.num_rows:
                context.pool.matches.replace(path, left.cast(rows.schema))
                removed += rows.num_rows - left.num_rows
    progress("清理地址结果", len(files), len(files))
    return removed


def erase_from_libraries(context: Context) -> int:
    """Remove versions of the library in which a decision stands that is no more; they are made again where they are needed. May be repeated."""
    texts = sorted({each.text for each, _ in context.pool.ledger.review.history()})
    removed = 0
    for version in context.pool.library.names():
        path = context.pool.library.folder(version) / "aliases.parquet"
        with workspace(context.pool) as connection:
            connection.execute("CREATE TABLE decided AS SELECT unnest($1::VARCHAR[]) AS alias", [texts])
            stale = connection.execute(
                f"SELECT 1 FROM read_parquet({sql_path(path)}) WHERE kind = 'text' AND alias NOT IN (SELECT alias FROM decided) LIMIT 1"
            ).fetchall()
        if stale:
            context.pool.library.remove(version)
            removed += 1
    return removed


def _create_inputs(connection: DuckDBPyConnection, context: Context) -> None:
    """Create the table of the keys of all inputs that stand in a row which a batch holds."""
    connection.execute(f"CREATE TABLE {INPUTS} (input_key VARCHAR)")
    for entry in context.pool.ledger.batches():
        contract = context.contracts.get(entry.contract)
        if contract is None or not contract.addresses or not context.pool.batches.is_sealed(entry.batch):
            continue
        held = create_held(connection, context, contract, entry.batch)
        for use in contract.addresses:
            connection.execute(f"INSERT INTO {INPUTS} SELECT DISTINCT {address_input_key(use, 'source')} FROM {held} AS source")
