"""Which dataset was outvoted by which: the values in `conflict`, with the row whose value stands."""

from collections.abc import Mapping
from pathlib import Path

from duckdb import DuckDBPyConnection

from flow.delivered import file_key
from flow.workspace import sql_path
from pool import Receipt
from transforms.identity import sql_literal


def conflict_rows(connection: DuckDBPyConnection, tables: Path, receipts: Mapping[str, Receipt]) -> str:
    """SQL of the conflicts of a release: loser and winner (datasets), table_name, column_name, key, and file_key, sheet, row of the value that lost, losing_value, surviving_value;
    standing_place: a struct of dataset, file_key, sheet, row of a row that supplied the one that stands.

    tables: the folder of its tables. receipts: of its batches. Creates table `sender(file_key, dataset)`. The winner is empty where nobody's value stands.
    """
    connection.execute("CREATE OR REPLACE TEMP TABLE sender (file_key VARCHAR, dataset VARCHAR)")
    senders = {file_key(each.sha256): each.contract for _, each in sorted(receipts.items(), reverse=True)}
    if senders:
        listed = ", ".join(f"({sql_literal(key)}, {sql_literal(dataset)})" for key, dataset in senders.items())
        connection.execute(f"INSERT INTO sender VALUES {listed}")
    lineage, conflict = (f"read_parquet({sql_path(tables / f'{name}.parquet')})" for name in ("lineage", "conflict"))
    return f"""
        WITH doubted AS (SELECT DISTINCT table_name, key FROM {conflict}),
        standing AS (
            SELECT table_name, key, column_name, min(dataset) AS dataset,
                   min({{dataset: dataset, file_key: file_key, sheet: sheet, row: row}}) AS place FROM (
                SELECT table_name, key, file_key, sheet, row, unnest(string_split(attributes, ' ')) AS column_name
                FROM {lineage} SEMI JOIN doubted USING (table_name, key) WHERE role = 'survivor') JOIN sender USING (file_key)
            GROUP BY ALL)
        SELECT coalesce(loser.dataset, '') AS loser, coalesce(standing.dataset, '') AS winner, lost.table_name, lost.column_name, lost.key,
               lost.file_key, lost.sheet, lost.row, lost.losing_value, lost.surviving_value,
               standing.place AS standing_place
        FROM {conflict} AS lost LEFT JOIN sender AS loser USING (file_key) LEFT JOIN standing USING (table_name, key, column_name)"""
