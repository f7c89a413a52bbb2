"""Rows that an earlier delivery brought with the same text: what was found in them then holds still, and only the others are checked."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa
from duckdb import DuckDBPyConnection

from schemas.contract import Contract
from transforms.check_sql import KEY, REASONS, with_digests
from transforms.elements_sql import identifier
from transforms.standardise import FIELD_SEPARATOR, ORIGINAL, kept_columns, packed

ARRIVED, UNCHANGED, STILL_BAD = "arrived", "unchanged", "still_bad"


@dataclass(frozen=True, slots=True)
class Known:
    """What an earlier check of the same contract found, on a day not after this one, as SQL relations.

    accepted: `holder` and `position` (which place of which batch holds the row), `digest_low`, `digest_high`, `warnings` and the contract's
    columns; no digest twice. rejected: `digest_low`, `digest_high`, `reasons`, `row_key`. Rows without a digest are not taken over.
    """

    accepted: str
    rejected: str


def take_over(connection: DuckDBPyConnection, text: pa.RecordBatchReader, contract: Contract, known: Known) -> str:
    """Take the rows of a file that are known; returns the SQL of the text of the others, which must be checked.

    Leaves the temporary tables `arrived(sheet, row, ORIGINAL, digest_low, digest_high)` of all rows, `unchanged(id, sheet, row, holder,
    position, key_hash)` of accepted and `still_bad(id, reasons, row_key)` of rejected ones; id is their rowid in `arrived`.
    text: see transforms.check; its cells hold no `FIELD_SEPARATOR`.
    """
    # The bare stream is read as rows are needed; of the reader itself pyarrow would fetch up to 1 GB ahead.
    connection.from_arrow(text.__arrow_c_stream__()).create_view("text arriving", replace=True)
    original = f'(SELECT sheet, row, {packed(kept_columns(contract), text.schema.names[2:])} AS {ORIGINAL} FROM "text arriving")'
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {ARRIVED} AS {with_digests(original)}")
    key = ", ".join(identifier(name) for name in contract.key)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {UNCHANGED} AS
        SELECT arrived.rowid AS id, sheet, row, holder, position, key_hash
        FROM {ARRIVED} AS arrived
        JOIN (SELECT digest_low, digest_high, holder, position, hash({key}) AS key_hash FROM {known.accepted}) USING (digest_low, digest_high)""")
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE {STILL_BAD} AS
        SELECT arrived.rowid AS id, reasons, row_key
        FROM {ARRIVED} AS arrived JOIN (
            SELECT digest_low, digest_high, list_transform(any_value(reasons), lambda each: {{'column': each."column", 'rule': each."rule"}}) AS reasons,
                   any_value(row_key) AS row_key
            FROM {known.rejected} GROUP BY digest_low, digest_high) USING (digest_low, digest_high)""")
    return arrived_text(contract, f"rowid NOT IN (SELECT id FROM {UNCHANGED} UNION ALL SELECT id FROM {STILL_BAD})")


def arrived_text(contract: Contract, condition: str = "TRUE") -> str:
    """SELECT of the text of arrived rows, one column a contract column."""
    cells = ", ".join(f"cells[{place}] AS {identifier(column.name)}" for place, column in enumerate(kept_columns(contract), start=1))
    return f"""
        SELECT sheet, row, {cells}
        FROM (SELECT sheet, row, string_split({ORIGINAL}, {FIELD_SEPARATOR}) AS cells FROM {ARRIVED} WHERE {condition})"""


def give_back_shared_keys(connection: DuckDBPyConnection, table: str, contract: Contract) -> str | None:
    """Take no row over whose key another row of the file has too, for of these the check must choose; returns the SQL of their text, if any.

    table: the rows that were checked, with `REASONS`.
    """
    key = ", ".join(identifier(name) for name in contract.key)
    shared = f"""
        SELECT key_hash FROM (
            SELECT key_hash FROM {UNCHANGED}
            UNION ALL
            SELECT hash({key}) FROM {table} WHERE {REASONS} IS NULL)
        GROUP BY key_hash HAVING count(*) > 1"""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE given_back AS SELECT id FROM {UNCHANGED} WHERE key_hash IN ({shared})")
    if connection.execute("SELECT count(*) FROM given_back").fetchall() == [(0,)]:
        return None
    connection.execute(f"DELETE FROM {UNCHANGED} WHERE id IN (SELECT id FROM given_back)")
    return arrived_text(contract, "rowid IN (SELECT id FROM given_back)")


def add_still_bad(connection: DuckDBPyConnection, table: str) -> None:
    """Add the rows that stay rejected to the checked ones."""
    connection.execute(f"""
        INSERT INTO {table} BY NAME
        SELECT sheet, row, {ORIGINAL}, reasons AS {REASONS}, row_key AS {KEY}, FALSE AS ":dated"
        FROM {STILL_BAD} JOIN {ARRIVED} AS arrived ON arrived.rowid = id""")


def unchanged_rows(known: Known) -> str:
    """SQL of the accepted rows that were taken over, as they are held."""
    return f"(SELECT held.* FROM {known.accepted} AS held JOIN {UNCHANGED} AS unchanged USING (holder, position))"
