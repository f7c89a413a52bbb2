"""Which rows keep their contract: typed rows on one side, quarantined rows with their reasons on the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection, DuckDBPyRelation

from schemas.contract import Column, Contract
from transforms.check_sql import CELLS, REASONS, WARNINGS, accepted_sql, checked_sql, messages, quarantined_sql
from transforms.conform import refused_columns
from transforms.elements_sql import identifier, literal
from transforms.standardise import standardise

Objections = Callable[[pa.Table], pa.Table]
"""What the rows say against what is known beside them: from rows that keep their contract (as `Checked.accepted`) to `OBJECTIONS`."""

OBJECTIONS = pa.schema(
    [("sheet", pa.string()), ("row", pa.int64()), ("column", pa.string()), ("rule", pa.string()), ("message", pa.string())]
)
"""At most one a row; `rule` is a key of transforms.objections.MESSAGES, `message` says it of this row."""

SAMPLE_ROWS = 1000
"""Rows looked at for content that is refused: enough to see a tenth, few enough to cost a fraction of a second."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows one rule met in one column (`column` empty: the row as a whole)."""

    column: str
    rule: str
    message: str
    rows: int


@dataclass(frozen=True, slots=True)
class Profile:
    """What was found in a file: received = accepted + quarantined.

    ``reasons`` count quarantined rows by reason (a row may have several), ``warnings`` accepted rows whose cell was emptied, repaired or
    doubtful. ``nulls`` counts empty values per column in accepted rows, ``distinct_keys`` the different primary keys among them (None
    without a key). ``refused`` tells per column why its values were dropped, ``blocks`` in Chinese why the batch must not be used.
    """

    received: int
    accepted: int
    quarantined: int
    reasons: tuple[Count, ...]
    warnings: tuple[Count, ...]
    nulls: Mapping[str, int]
    distinct_keys: int | None
    refused: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """As plain values for JSON, the three row counts under `rows`."""
        content = asdict(self)
        rows = {name: content.pop(name) for name in ("received", "accepted", "quarantined")}
        return {"rows": rows, **content}


@dataclass(frozen=True, slots=True)
class Checked:
    """The outcome of a check; the relations read a temporary table that lives as long as the connection or the next check of the contract.

    accepted: sheet, row, one typed column per contract column, unverified (JSON object of identifiers that are faulty or have no check digit,
    column to text, NULL if none), row_hash UBIGINT. quarantined: sheet, row, reasons
    LIST(STRUCT(column, rule, message)), original (JSON object of header to text). Every received row is in exactly one of them.
    """

    accepted: DuckDBPyRelation
    quarantined: DuckDBPyRelation
    profile: Profile


def check_rows(
    connection: DuckDBPyConnection, text: DuckDBPyRelation, contract: Contract, *, load_date: date, objections: Objections | None = None
) -> Checked:
    """Parse, check and divide the rows of one file; `text` is scanned once.

    text: `sheet`, `row` and one VARCHAR column per contract column that the file has (of `connection`). A row is quarantined if a required
    value is missing or faulty, a rule of severity `reject` is broken, its primary key occurs again, or `objections` are made to it; a
    faulty value of an optional column becomes NULL and is counted as a warning.
    """
    table = identifier(f"checked {contract.id}")
    source = identifier(f"text {contract.id}")
    text.create_view(source.strip('"'), replace=True)
    standard = standardise(contract, source, load_date, text.columns)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {checked_sql(contract, standard)}")
    _mark_duplicates(connection, table, contract)
    _mark_objections(connection, table, standard.columns, objections)
    refused = refused_columns(connection, _sampled_cells(connection, table), standard.columns)
    shown = tuple(column for column in standard.columns if column.name not in refused)
    return Checked(
        accepted=connection.sql(accepted_sql(table, standard.columns, refused)),
        quarantined=connection.sql(f"""
            SELECT sheet, row, CASE WHEN objection.rule IS NULL THEN reasons ELSE [objection] END AS reasons, original
            FROM ({quarantined_sql(table, contract, standard.columns, refused)})
            LEFT JOIN (SELECT sheet, row, {{'column': "column", 'rule': rule, 'message': message}} AS objection FROM objections) USING (sheet, row)"""),
        profile=_profile(connection, table, contract, shown, refused),
    )


def _mark_duplicates(connection: DuckDBPyConnection, table: str, contract: Contract) -> None:
    """Give good rows whose primary key occurs again their reason: of equal rows the first stays, of different ones the last."""
    if not contract.key:
        return
    key = ", ".join(identifier(name) for name in contract.key)
    rows = f"{table} WHERE {REASONS} IS NULL AND concat_ws('', {key}) <> ''"  # rows without any part of a key are not each other's copies
    repeated = f"SELECT hash({key}) FROM {rows} GROUP BY ALL HAVING count(*) > 1"
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE repeated AS
        WITH candidates AS (
            SELECT rowid AS id, sheet, row, row_hash, {key} FROM {rows} AND hash({key}) IN ({repeated})),
        ordered AS (
            SELECT id, row_number() OVER (PARTITION BY {key}, row_hash ORDER BY sheet, row) AS copy,
                   row_hash = last_value(row_hash) OVER (PARTITION BY {key} ORDER BY sheet, row ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS is_last
            FROM candidates)
        SELECT id, CASE WHEN copy > 1 THEN 'duplicate_row' ELSE 'duplicate_key' END AS rule FROM ordered WHERE copy > 1 OR NOT is_last""")
    connection.execute(f"""
        UPDATE {table} SET {REASONS} = [{{'column': {literal(contract.key[0])}, 'rule': repeated.rule}}]
        FROM repeated WHERE {table}.rowid = repeated.id""")
    connection.execute("DROP TABLE repeated")


def _mark_objections(connection: DuckDBPyConnection, table: str, columns: Sequence[Column], objections: Objections | None) -> None:
    """Give good rows to which there are objections their reason; the temporary table `objections` keeps what is said of each."""
    made = objections(connection.sql(accepted_sql(table, columns, {})).to_arrow_table()) if objections else OBJECTIONS.empty_table()
    connection.register("objections made", made)
    connection.execute('CREATE OR REPLACE TEMP TABLE objections AS SELECT * FROM "objections made"')
    connection.unregister("objections made")
    connection.execute(f"""
        UPDATE {table} SET {REASONS} = [{{'column': objections."column", 'rule': objections.rule}}]
        FROM objections WHERE {table}.sheet = objections.sheet AND {table}.row = objections.row""")


def _sampled_cells(connection: DuckDBPyConnection, table: str) -> str:
    """SQL of about `SAMPLE_ROWS` rows, evenly from the whole file, as lists of their cells' texts."""
    (received,) = _one(connection, f"SELECT count(*) FROM {table}")
    return f"(SELECT {CELLS} FROM {table} WHERE rowid % {max(1, received // SAMPLE_ROWS)} = 0)"


def _profile(
    connection: DuckDBPyConnection, table: str, contract: Contract, columns: Sequence[Column], refused: Mapping[str, str]
) -> Profile:
    good = f"{REASONS} IS NULL"
    key = f"count(DISTINCT hash({', '.join(identifier(name) for name in contract.key)})) FILTER ({good})" if contract.key else "NULL"
    filled = ", ".join(f"count({identifier(column.name)}) FILTER ({good})" for column in columns)
    received, accepted, distinct_keys, *counts = _one(
        connection, f"SELECT count(*), count(*) FILTER ({good}), {key}, {filled} FROM {table}"
    )
    warnings = _counts(connection, table, contract, columns, WARNINGS, good)
    return Profile(
        received=received,
        accepted=accepted,
        quarantined=received - accepted,
        reasons=_counts(connection, table, contract, columns, REASONS, "TRUE"),
        warnings=warnings,
        nulls={column.name: accepted - count for column, count in zip(columns, counts, strict=True)},
        distinct_keys=distinct_keys,
        refused=dict(refused),
        blocks=_blocks(contract, columns, warnings, refused),
    )


def _counts(
    connection: DuckDBPyConnection, table: str, contract: Contract, columns: Sequence[Column], which: str, condition: str
) -> tuple[Count, ...]:
    labels = {column.name: column.label for column in columns}
    explained = messages(contract)
    found = connection.execute(f"""
        SELECT entry."column", entry."rule", count(*) FROM (SELECT unnest({which}) AS entry FROM {table} WHERE {condition})
        GROUP BY ALL ORDER BY 3 DESC, 1, 2""").fetchall()
    return tuple(
        Count(name, rule, " ".join(part for part in (labels.get(name), explained[rule]) if part), rows) for name, rule, rows in found
    )


def _blocks(contract: Contract, columns: Sequence[Column], warnings: Sequence[Count], refused: Mapping[str, str]) -> tuple[str, ...]:
    blocking = {rule.name for rule in contract.rules if rule.severity == "block"}
    broken = [f"有 {count.rows} 行{count.message}" for count in warnings if count.rule in blocking]
    missing = [
        f"必填列“{contract.column(name).physical_name}”的内容属于不接收的数据（{reason}）"
        for name, reason in refused.items()
        if contract.column(name).required
    ]
    return tuple(broken + missing)


def _one(connection: DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    found = connection.execute(sql).fetchone()
    assert found is not None
    return tuple(found)
