"""Which rows keep their contract: typed rows on one side, quarantined rows with their reasons on the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

import pyarrow as pa
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from schemas.contract import Contract
from transforms.check_plain import PLAIN, arrived_sql, original, other_rows, plain_sql
from transforms.check_profile import Profile, accepted_rows, profile
from transforms.check_sql import CELLS, REASONS, accepted_sql, checked_sql, digests_sql, quarantined_sql, values_hash
from transforms.conform import refused_columns
from transforms.drift.shape import ColumnShape, file_shape
from transforms.elements_sql import identifier, literal
from transforms.standardise import ORIGINAL, kept_columns, standardise
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
    text: DuckDBPyRelation,
    contract: Contract,
    *,
    load_date: date,
    objections: Objections | None = None,
    known: Known | None = None,
    period: date | None = None,
) -> Checked:
    """Parse, check and divide the rows of one file; `text` is scanned once.

    text: `sheet`, `row` and one VARCHAR column per contract column that the file has (of `connection`), without `FIELD_SEPARATOR`. A row is quarantined if a required
    value is missing or faulty, a rule of severity `reject` is broken, its primary key occurs again, or `objections` are made to it; a
    faulty value of an optional column becomes NULL and is counted as a warning. known: what rows of the same text came to before; the
    outcome is the same without it. period: the day the file speaks of, for the shapes of its columns.
    """
    table, columns = identifier(f"checked {contract.id}"), kept_columns(contract)
    if known is None:
        arrived, refused = _check_all(connection, text, contract, table, load_date)
    else:
        arrived, refused = _check_others(connection, text, contract, table, load_date, known)
    _mark_duplicates(connection, table, contract)
    _mark_objections(connection, table, contract, objections)
    takes_over = known is not None and not refused
    unchanged = unchanged_rows(known) if known and takes_over else None
    accepted = accepted_rows(table, contract, unchanged)
    return Checked(
        accepted=connection.sql(accepted_sql(table, columns, refused)),
        quarantined=connection.sql(f"""
            SELECT * EXCLUDE objection REPLACE (CASE WHEN objection.rule IS NULL THEN reasons ELSE [objection] END AS reasons)
            FROM ({quarantined_sql(table, contract, columns, refused)})
            LEFT JOIN (SELECT sheet, row, {{'column': "column", 'rule': rule, 'message': message}} AS objection FROM objections) USING (sheet, row)"""),
        unchanged=connection.sql(f"SELECT sheet, row, holder, position FROM {UNCHANGED} ORDER BY id") if takes_over else None,
        digests=connection.sql(f"SELECT * FROM ({digests_sql(table, contract)}) WHERE {'FALSE' if refused else 'TRUE'}"),
        profile=profile(connection, table, contract, refused, unchanged),
        shapes=file_shape(connection, arrived, accepted, contract, refused, period) if period else {},
    )


def _check_all(
    connection: DuckDBPyConnection, text: DuckDBPyRelation, contract: Contract, table: str, load_date: date
) -> tuple[str, Mapping[str, str]]:
    """Create the view of checked rows; returns the rows as they arrived, in their order with `ORIGINAL`, and the columns refused for their content."""
    source, texts, present = identifier(f"text {contract.id}"), identifier(f"arrived {contract.id}"), text.columns
    text.create_view(source.strip('"'), replace=True)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {texts} AS {arrived_sql(contract, source, load_date, present)}")
    # In a table of their own the others stand close together: the engine takes as long for a few rows at a time as for many.
    sampled = _is_sampled(connection, texts)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE others AS SELECT *, {sampled} AS sampled FROM {texts} WHERE NOT {PLAIN} OR {sampled}")
    packed = original(contract, present)
    refused = refused_columns(
        connection, f"(SELECT {CELLS} FROM (SELECT {packed} AS {ORIGINAL} FROM others WHERE sampled))", kept_columns(contract)
    )
    others = f"({other_rows(contract, 'others', present)})"
    with_care = checked_sql(contract, standardise(contract, others, load_date, present), load_date)
    _create_checked(connection, contract, table, with_care, plain_sql(contract, texts, load_date, present))
    connection.execute("DROP TABLE others")
    return f"(SELECT rowid, {packed} AS {ORIGINAL} FROM {texts})", refused


def _check_others(
    connection: DuckDBPyConnection, text: DuckDBPyRelation, contract: Contract, table: str, load_date: date, known: Known
) -> tuple[str, Mapping[str, str]]:
    """`_check_all` but for rows that are known, which stay in the table `UNCHANGED`; nothing is known of a file that must not keep all columns."""
    columns = kept_columns(contract)
    others = take_over(connection, text, contract, known)
    sampled = f"(SELECT {CELLS} FROM {ARRIVED} WHERE {_is_sampled(connection, ARRIVED)})"
    refused = refused_columns(connection, sampled, columns)
    names = [column.name for column in columns]

    def checked(rows: str) -> str:
        return checked_sql(contract, standardise(contract, f"({rows})", load_date, names), load_date)

    with_care = _create_checked(connection, contract, table, checked(arrived_text(contract) if refused else others))
    if not refused:
        if shared := give_back_shared_keys(connection, with_care, contract):
            connection.execute(f"INSERT INTO {with_care} BY NAME {checked(shared)}")
        add_still_bad(connection, with_care)
    return ARRIVED, refused


def _create_checked(connection: DuckDBPyConnection, contract: Contract, table: str, with_care: str, plain: str | None = None) -> str:
    """Create the view `table` of all checked rows, each with an `id` and the reasons that are found later; returns the table of those checked with care.

    A row gets its later reasons by an entry of the table `later`: to change the row itself would write it anew.
    """
    careful, later = identifier(f"careful {contract.id}"), _later(contract)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {careful} AS {with_care}")
    connection.execute(f'CREATE OR REPLACE TEMP TABLE {later} (id BIGINT, later STRUCT("column" VARCHAR, "rule" VARCHAR)[])')
    rows = f"SELECT -1 - rowid AS id, * FROM {careful}" + (f" UNION ALL BY NAME {plain}" if plain else "")
    connection.execute(f"""
        CREATE OR REPLACE TEMP VIEW {table} AS
        SELECT * EXCLUDE later REPLACE (coalesce(later, {REASONS}) AS {REASONS}) FROM ({rows}) LEFT JOIN {later} USING (id)""")
    return careful


def _later(contract: Contract) -> str:
    return identifier(f"later {contract.id}")


def _mark_duplicates(connection: DuckDBPyConnection, table: str, contract: Contract) -> None:
    """Give good rows whose primary key occurs again their reason: of equal rows the first stays, of different ones the last."""
    if not contract.key:
        return
    key = ", ".join(identifier(name) for name in contract.key)
    rows = f"{table} WHERE {REASONS} IS NULL AND concat_ws('', {key}) <> ''"  # rows without any part of a key are not each other's copies
    repeated = f"SELECT hash({key}) FROM {rows} GROUP BY ALL HAVING count(*) > 1"
    connection.execute(f"""
        INSERT INTO {_later(contract)}
        WITH candidates AS (
            SELECT id, sheet, row, {values_hash(kept_columns(contract))} AS said, {key} FROM {rows} AND hash({key}) IN ({repeated})),
        ordered AS (
            SELECT id, row_number() OVER (PARTITION BY {key}, said ORDER BY sheet, row) AS copy,
                   said = last_value(said) OVER (PARTITION BY {key} ORDER BY sheet, row ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS is_last
            FROM candidates)
        SELECT id, [{{'column': {literal(contract.key[0])}, 'rule': CASE WHEN copy > 1 THEN 'duplicate_row' ELSE 'duplicate_key' END}}]
        FROM ordered WHERE copy > 1 OR NOT is_last""")


def _mark_objections(connection: DuckDBPyConnection, table: str, contract: Contract, objections: Objections | None) -> None:
    """Give good rows to which there are objections their reason; the temporary table `objections` keeps what is said of each."""
    accepted = accepted_sql(table, kept_columns(contract), {})
    made = objections(connection.sql(accepted).to_arrow_table()) if objections else OBJECTIONS.empty_table()
    connection.register("objections made", made)
    connection.execute('CREATE OR REPLACE TEMP TABLE objections AS SELECT * FROM "objections made"')
    connection.unregister("objections made")
    if made.num_rows:
        connection.execute(f"""
            INSERT INTO {_later(contract)}
            SELECT id, [{{'column': objections."column", 'rule': objections.rule}}] FROM {table} JOIN objections USING (sheet, row)""")


def _is_sampled(connection: DuckDBPyConnection, table: str) -> str:
    """SQL test of about `SAMPLE_ROWS` rows of a table, evenly from the whole file."""
    [(received,)] = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
    return f"rowid % {max(1, received // SAMPLE_ROWS)} = 0"
