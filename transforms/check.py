"""Which rows keep their contract: typed rows on one side, quarantined rows with their reasons on the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

from duckdb import DuckDBPyConnection, DuckDBPyRelation

from schemas.contract import Column, Contract, Rule
from transforms.conform import refused_columns
from transforms.elements_faults import MESSAGES
from transforms.elements_sql import identifier, literal
from transforms.standardise import FIELD_SEPARATOR, ORIGINAL, Standardised, standardise

REASONS = identifier(":reasons")
WARNINGS = identifier(":warnings")
RULES = identifier(":rules")
FULL_NUMBER = "[0-9]{17}[0-9X]"
SAMPLE_ROWS = 1000
"""Rows looked at for content that is refused: enough to see a tenth, few enough to cost a fraction of a second."""

_CELLS = f"string_split({ORIGINAL}, {FIELD_SEPARATOR}) AS cells"


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

    accepted: sheet, row, one typed column per contract column, row_hash UBIGINT. quarantined: sheet, row, reasons
    LIST(STRUCT(column, rule, message)), original (JSON object of header to text). Every received row is in exactly one of them.
    """

    accepted: DuckDBPyRelation
    quarantined: DuckDBPyRelation
    profile: Profile


def check_rows(connection: DuckDBPyConnection, text: DuckDBPyRelation, contract: Contract, *, load_date: date) -> Checked:
    """Parse, check and divide the rows of one file; `text` is scanned once.

    text: `sheet`, `row` and one VARCHAR column per contract column that the file has (of `connection`). A row is quarantined if a required
    value is missing or faulty, a rule of severity `reject` is broken, or its primary key occurs again; a faulty value of an optional
    column becomes NULL and is counted as a warning.
    """
    table = identifier(f"checked {contract.id}")
    source = identifier(f"text {contract.id}")
    text.create_view(source.strip('"'), replace=True)
    standard = standardise(contract, source, load_date, text.columns)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {_checked_sql(contract, standard)}")
    _mark_duplicates(connection, table, contract)
    refused = refused_columns(connection, _sampled_cells(connection, table), standard.columns)
    shown = tuple(column for column in standard.columns if column.name not in refused)
    return Checked(
        accepted=connection.sql(_accepted_sql(table, standard.columns, refused)),
        quarantined=connection.sql(_quarantined_sql(table, contract, standard.columns, refused)),
        profile=_profile(connection, table, contract, shown, refused),
    )


def _checked_sql(contract: Contract, standard: Standardised) -> str:
    columns = standard.columns
    broken = {rule.name: f"(({rule.sql}) IS FALSE)" for rule in contract.rules}
    crossed = _cross_checks(contract)
    reject = [rule.name for rule in contract.rules if rule.severity == "reject"]
    warn = [rule.name for rule in contract.rules if rule.severity != "reject"]
    required = [column for column in columns if column.required]
    optional = [column for column in columns if not column.required]
    reasons = [
        (f"{identifier(column.name)} IS NULL", column.name, f"coalesce({standard.faults.get(column.name, 'NULL')}, 'required')")
        for column in required
    ]
    reasons += [(broken[name], "", literal(name)) for name in reject]
    warnings = [(f"{standard.faults[c.name]} IS NOT NULL", c.name, standard.faults[c.name]) for c in optional if c.name in standard.faults]
    unfaulted = {name: f" AND {fault} IS NULL" for name, fault in standard.faults.items()}
    warnings += [(f"({note} IS NOT NULL{unfaulted.get(name, '')})", name, note) for name, note in standard.notes.items()]
    warnings += [(test, column, literal(rule)) for rule, column, test in crossed]
    warnings += [(broken[name], "", literal(name)) for name in warn]
    names = ", ".join(identifier(column.name) for column in columns)
    return f"""
        SELECT sheet, row, {ORIGINAL}, {names}, {_row_hash(columns)} AS row_hash,
               {_list_of(reasons)} AS {REASONS}, {_list_of(warnings)} AS {WARNINGS}
        FROM ({standard.sql})"""


def _list_of(entries: Sequence[tuple[str, str, str]]) -> str:
    """SQL of LIST(STRUCT(column, rule)) of the entries (test, column, rule) whose test holds; NULL if none does, which costs next to nothing."""
    if not entries:
        return 'NULL::STRUCT("column" VARCHAR, "rule" VARCHAR)[]'
    structs = ", ".join(f"""CASE WHEN {test} THEN {{'column': {literal(column)}, 'rule': {rule}}} END""" for test, column, rule in entries)
    return f"CASE WHEN {' OR '.join(test for test, _, _ in entries)} THEN list_filter([{structs}], lambda entry: entry IS NOT NULL) END"


def _cross_checks(contract: Contract) -> list[tuple[str, str, str]]:
    """(rule, column, test) of sex and birth date that disagree with the citizen number in the same fact."""
    found = []
    for fact in contract.facts:
        number = fact.columns.get("citizen_number", fact.columns.get("document_number"))
        sex, birth = fact.columns.get("sex_code"), fact.columns.get("birth_date")
        if fact.table != "person" or not isinstance(number, str):
            continue
        full = f"regexp_full_match({identifier(number)}, '{FULL_NUMBER}')"
        if isinstance(sex, str):
            odd = f"CAST({identifier(number)}[17] AS INTEGER) % 2 = 1"
            found.append(
                (
                    "sex_against_number",
                    sex,
                    f"CASE WHEN {full} AND {identifier(sex)} IN ('1', '2') THEN ({odd}) <> ({identifier(sex)} = '1') ELSE FALSE END",
                )
            )
        if isinstance(birth, str):
            born = f"strftime({identifier(birth)}, '%Y%m%d')"
            found.append(
                (
                    "birth_against_number",
                    birth,
                    f"CASE WHEN {full} AND {identifier(birth)} IS NOT NULL THEN {identifier(number)}[7:14] <> {born} ELSE FALSE END",
                )
            )
    return found


def _row_hash(columns: Sequence[Column]) -> str:
    """SQL of the row's fingerprint: the last 64 bits (little-endian) of the MD5 of its values, which no release of the engine changes."""
    values = f", {FIELD_SEPARATOR}, ".join(identifier(column.name) for column in columns)
    return f"md5_number_lower(concat({values}))"


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


def _sampled_cells(connection: DuckDBPyConnection, table: str) -> str:
    """SQL of about `SAMPLE_ROWS` rows, evenly from the whole file, as lists of their cells' texts."""
    (received,) = _one(connection, f"SELECT count(*) FROM {table}")
    return f"(SELECT {_CELLS} FROM {table} WHERE rowid % {max(1, received // SAMPLE_ROWS)} = 0)"


def _accepted_sql(table: str, columns: Sequence[Column], refused: Mapping[str, str]) -> str:
    values = ", ".join(
        f"NULL::{column.sql_type} AS {identifier(column.name)}" if column.name in refused else identifier(column.name) for column in columns
    )
    return f"SELECT sheet, row, {values}, row_hash FROM {table} WHERE {REASONS} IS NULL"


def _quarantined_sql(table: str, contract: Contract, columns: Sequence[Column], refused: Mapping[str, str]) -> str:
    labels = {column.name: column.label for column in columns}
    messages = dict(MESSAGES) | {rule.name: rule.description for rule in contract.rules}
    message = f'concat_ws(\' \', {_map(labels)}[entry."column"], {_map(messages)}[entry."rule"])'
    reasons = f"list_transform({REASONS}, lambda entry: {{'column': entry.\"column\", 'rule': entry.\"rule\", 'message': {message}}})"
    cells = ", ".join(
        f"{literal(column.physical_name)}: nullif(cells[{place}], '')"
        for place, column in enumerate(columns, start=1)
        if column.name not in refused
    )
    # A cell that itself holds the separator leaves no way to tell which text was whose.
    undivided = "'{}'" if refused else f"to_json({{'原文': replace({ORIGINAL}, {FIELD_SEPARATOR}, ' ')}})"
    original = f"CASE WHEN len(cells) = {len(columns)} THEN json_merge_patch('{{}}', to_json({{{cells}}})) ELSE {undivided} END"
    return f"""
        SELECT sheet, row, {reasons} AS reasons, CAST({original} AS VARCHAR) AS original
        FROM (SELECT *, {_CELLS} FROM {table} WHERE {REASONS} IS NOT NULL)"""


def _map(entries: Mapping[str, str]) -> str:
    return "MAP {" + ", ".join(f"{literal(key)}: {literal(value)}" for key, value in entries.items()) + "}"


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
    messages = dict(MESSAGES) | {rule.name: rule.description for rule in contract.rules}
    found = connection.execute(f"""
        SELECT entry."column", entry."rule", count(*) FROM (SELECT unnest({which}) AS entry FROM {table} WHERE {condition})
        GROUP BY ALL ORDER BY 3 DESC, 1, 2""").fetchall()
    return tuple(
        Count(name, rule, " ".join(part for part in (labels.get(name), messages[rule]) if part), rows) for name, rule, rows in found
    )


def _blocks(contract: Contract, columns: Sequence[Column], warnings: Sequence[Count], refused: Mapping[str, str]) -> tuple[str, ...]:
    blocking = {rule.name: rule for rule in contract.rules if rule.severity == "block"}
    broken = [f"整批规则“{_describe(blocking[count.rule])}”有 {count.rows} 行不符合" for count in warnings if count.rule in blocking]
    missing = [
        f"必填列“{contract.column(name).physical_name}”的内容属于不接收的数据（{reason}）"
        for name, reason in refused.items()
        if contract.column(name).required
    ]
    return tuple(broken + missing)


def _describe(rule: Rule) -> str:
    return rule.description or rule.name


def _one(connection: DuckDBPyConnection, sql: str) -> tuple[Any, ...]:
    found = connection.execute(sql).fetchone()
    assert found is not None
    return tuple(found)
