"""Which rows keep their contract: typed rows on one side, quarantined rows with their reasons on the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial

import pyarrow as pa
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from schemas.contract import Contract
from transforms.arrived import take_in
from transforms.check_plain import plain_sql
from transforms.check_profile import Profile, accepted_rows, profile
from transforms.check_sql import CELLS, REASONS, accepted_sql, checked_sql, digests_sql, quarantined_sql, values_hash
from transforms.checked_rows import CheckedRows, PlainRows
from transforms.conform import refused_columns
from transforms.drift.shape import ColumnShape, file_shape
from transforms.elements_sql import identifier, literal
from transforms.standardise import ORIGINAL, kept_columns, packed, standardise
from transforms.take_over import ARRIVED, UNCHANGED, Known, add_still_bad, arrived_text, give_back_shared_keys, take_over, unchanged_rows

Objections = Callable[[pa.Table], pa.Table]
"""What the rows say against what is known beside them: from rows that keep their contract (as `Checked.accepted`) to `OBJECTIONS`."""

OBJECTIONS = pa.schema(
    [("sheet", pa.string()), ("row", pa.int64()), ("column", pa.string()), ("rule", pa.string()), ("message", pa.string())]
)
"""At most one a row; `rule` is a key of transforms.objections.MESSAGES, `message` says it of this row."""


SAMPLE_ROWS = 1000
"""Rows looked at for content that is refused: enough to see a tenth, few enough to cost a fraction of a second."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check; the relations read temporary tables that live as long as the connection or the next check of the contract.

    accepted: sheet, row, one typed column per contract column, unverified (JSON object of identifiers that are faulty or have no check digit,
    column to text, NULL if none), warnings LIST(STRUCT(column, rule)). quarantined: sheet, row, reasons
    LIST(STRUCT(column, rule, message)), original (JSON object of header to text), row_key (NULL where it cannot be told). unchanged: sheet,
    row, holder, position of accepted rows that are held elsewhere, None where nothing was known. Every received row is in exactly one of them.
    digests: sheet, row, digest_low, digest_high UBIGINT, of the text of rows whose verdict later files may take over. shapes: by contract
    column, empty where no period was given.
    """

    accepted: DuckDBPyRelation
    quarantined: DuckDBPyRelation
    unchanged: DuckDBPyRelation | None
    digests: DuckDBPyRelation
    profile: Profile
    shapes: Mapping[str, ColumnShape]


def check_rows(
    connection: DuckDBPyConnection,
    text: pa.RecordBatchReader,
    contract: Contract,
    *,
    load_date: date,
    objections: Objections | None = None,
    known: Known | None = None,
    period: date | None = None,
) -> Checked:
    """Parse, check and divide the rows of one file; `text` is read once, as it is needed.

    text: `sheet`, `row` and one column of texts per contract column that the file has, without `FIELD_SEPARATOR`. A row is quarantined if a required
    value is missing or faulty, a rule of severity `reject` is broken, its primary key occurs again, or `objections` are made to it; a
    faulty value of an optional column becomes NULL and is counted as a warning. known: what rows of the same text came to before; the
    outcome is the same without it. period: the day the file speaks of, for the shapes of its columns.
    """
    columns = kept_columns(contract)
    if known is None:
        rows, arrived, refused = _check_all(connection, text, contract, load_date)
    else:
        rows, arrived, refused = _check_others(connection, text, contract, load_date, known)
    _tell_duplicates(rows, contract)
    _tell_objections(connection, rows, contract, objections)
    takes_over = known is not None and not refused
    unchanged = unchanged_rows(known) if known and takes_over else None
    table, accepted = rows.name, accepted_rows(rows.name, contract, unchanged)
    return Checked(
        accepted=connection.sql(accepted_sql(table, columns, refused)),
        quarantined=connection.sql(f"""
            SELECT * EXCLUDE objection REPLACE (CASE WHEN objection.rule IS NULL THEN reasons ELSE [objection] END AS reasons)
            FROM ({quarantined_sql(table, contract, columns, refused)})
            LEFT JOIN (SELECT sheet, row, {{'column': "column", 'rule': rule, 'message': message}} AS objection FROM objections) USING (sheet, row)"""),
        unchanged=connection.sql(f"SELECT sheet, row, holder, position FROM {UNCHANGED} ORDER BY id") if takes_over else None,
        digests=connection.sql(f"SELECT * FROM ({digests_sql(table, contract)}) WHERE {'FALSE' if refused else 'TRUE'}"),
        profile=profile(connection, rows, contract, refused, unchanged),
        shapes=file_shape(connection, arrived, accepted, contract, refused, period) if period else {},
    )


def _check_all(
    connection: DuckDBPyConnection, text: pa.RecordBatchReader, contract: Contract, load_date: date
) -> tuple[CheckedRows, str, Mapping[str, str]]:
    """Check every row; returns them, rows as they arrived, evenly from the file, with `ORIGINAL`, and the columns refused for their content."""
    columns, present = kept_columns(contract), text.schema.names[2:]
    arrived = take_in(connection, text, contract, load_date)
    sample = f"(SELECT rowid, {packed(columns, present)} AS {ORIGINAL} FROM {arrived.sample})"
    refused = refused_columns(connection, f"(SELECT {CELLS} FROM {sample} WHERE {_is_sampled(connection, arrived.sample)})", columns)
    with_care = checked_sql(contract, standardise(contract, arrived.others, load_date, present), load_date)
    plain = PlainRows(partial(plain_sql, contract, arrived.rows, load_date, present), arrived.filled)
    rows = CheckedRows(connection, contract, with_care, plain)
    connection.execute(f"DROP TABLE {arrived.others}")
    return rows, sample, refused


def _check_others(
    connection: DuckDBPyConnection, text: pa.RecordBatchReader, contract: Contract, load_date: date, known: Known
) -> tuple[CheckedRows, str, Mapping[str, str]]:
    """`_check_all` but for rows that are known, which stay in the table `UNCHANGED`; nothing is known of a file that must not keep all columns."""
    columns = kept_columns(contract)
    others = take_over(connection, text, contract, known)
    sampled = f"(SELECT {CELLS} FROM {ARRIVED} WHERE {_is_sampled(connection, ARRIVED)})"
    refused = refused_columns(connection, sampled, columns)
    names = [column.name for column in columns]

    def checked(rows: str) -> str:
        return checked_sql(contract, standardise(contract, f"({rows})", load_date, names), load_date)

    rows = CheckedRows(connection, contract, checked(arrived_text(contract) if refused else others))
    if not refused:
        if shared := give_back_shared_keys(connection, rows.careful, contract):
            connection.execute(f"INSERT INTO {rows.careful} BY NAME {checked(shared)}")
        add_still_bad(connection, rows.careful)
    return rows, ARRIVED, refused


def _tell_duplicates(rows: CheckedRows, contract: Contract) -> None:
    """Give good rows whose primary key occurs again their reason: of equal rows the first stays, of different ones the last."""
    if not contract.key:
        return
    key = ", ".join(identifier(name) for name in contract.key)
    good = (
        f"{rows.name} WHERE {REASONS} IS NULL AND concat_ws('', {key}) <> ''"  # rows without any part of a key are not each other's copies
    )
    repeated = f"{good} AND hash({key}) IN (SELECT hash({key}) FROM {good} GROUP BY ALL HAVING count(*) > 1)"
    rows.tell(
        f"SELECT id FROM {repeated}",
        f"""
        WITH candidates AS (
            SELECT id, sheet, row, {values_hash(kept_columns(contract))} AS said, {key} FROM {repeated} AND id < 0),
        ordered AS (
            SELECT id, row_number() OVER (PARTITION BY {key}, said ORDER BY sheet, row) AS copy,
                   said = last_value(said) OVER (PARTITION BY {key} ORDER BY sheet, row ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS is_last
            FROM candidates)
        SELECT id, [{{'column': {literal(contract.key[0])}, 'rule': CASE WHEN copy > 1 THEN 'duplicate_row' ELSE 'duplicate_key' END}}]
        FROM ordered WHERE copy > 1 OR NOT is_last""",
    )


def _tell_objections(connection: DuckDBPyConnection, rows: CheckedRows, contract: Contract, objections: Objections | None) -> None:
    """Give good rows to which there are objections their reason; the temporary table `objections` keeps what is said of each."""
    accepted = accepted_sql(rows.name, kept_columns(contract), {})
    made = objections(connection.sql(accepted).to_arrow_table()) if objections else OBJECTIONS.empty_table()
    connection.register("objections made", made)
    connection.execute('CREATE OR REPLACE TEMP TABLE objections AS SELECT * FROM "objections made"')
    connection.unregister("objections made")
    if made.num_rows:
        objected = f"{rows.name} JOIN objections USING (sheet, row)"
        rows.tell(
            f"SELECT id FROM {objected}",
            f"""SELECT id, [{{'column': objections."column", 'rule': objections.rule}}] FROM {objected}""",
        )


def _is_sampled(connection: DuckDBPyConnection, table: str) -> str:
    """SQL test of about `SAMPLE_ROWS` rows of a table, evenly from the whole file."""
    [(received,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return f"rowid % {max(1, received // SAMPLE_ROWS)} = 0"
