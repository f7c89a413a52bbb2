"""The tables of a release with five million records, made up, with a fault in one record of a thousand."""

from collections.abc import Mapping
from pathlib import Path

from duckdb import DuckDBPyConnection

from expectations.pool_rules import PREVIOUS, SURROUNDINGS, readable
from flow.history import relation_of
from flow.workspace import sql_path
from schemas.codes import code_list
from schemas.contract import pool_contracts

SHARES = {
    "person": 0.28,
    "residence": 0.28,
    "tenancy": 0.1,
    "house": 0.1,
    "organisation": 0.04,
    "event": 0.06,
    "event_party": 0.08,
    "address": 0.06,
}
"""Which share of the records each table has."""
WITH_LINEAGE = ("person", "residence", "tenancy", "house", "organisation", "event")
BEFORE = ("person", "organisation", "event")
"""Tables of the release before at which rules look."""
FAULTY = 1000
_DATE = "DATE '1950-01-01' + (i % 20000)::INTEGER"
_NUMBER = f"concat('330381', strftime({_DATE}, '%Y%m%d'), lpad((i % 1000)::VARCHAR, 3, '0'), 'X')"
_SEX = "CASE WHEN (i % 1000) % 2 = 1 THEN '1' ELSE '2' END"
_FILLED = {
    "VARCHAR": "concat('值', i % 997)",
    "BIGINT": "i % 9",
    "DOUBLE": "120.5",
    "BOOLEAN": "TRUE",
    "TIMESTAMP": "TIMESTAMP '2025-06-01'",
}
_OWN: Mapping[str, Mapping[str, str]] = {
    "person": {"citizen_number": _NUMBER, "sex_code": _SEX, "birth_date": f"{_DATE} + (i % {FAULTY} = 0)::INTEGER", "death_date": "NULL"},
    "residence": {"person_id": "'person' || i", "address_id": "'address' || i % {address}", "match_status": "'matched'", "valid_to": "NULL",
                  "kind": "'registered'", "valid_from": f"DATE '2020-01-01' - 30000 * (i % {FAULTY} = 0)::INTEGER"},
    "tenancy": {"person_id": "'person' || i", "house_id": "'house' || i % {house}", "valid_from": "DATE '2020-01-01'", "valid_to": f"CASE WHEN i % {FAULTY} = 0 THEN DATE '2019-01-01' END"},
    "house": {"address_id": "'address' || i % {address}", "match_status": "'matched'", "area": "100", "let_area": f"50 + 100 * (i % {FAULTY} = 0)::INTEGER", "owner_id": "'person' || i"},
    "organisation": {"founded_on": "DATE '2010-01-01'", "cancelled_on": f"CASE WHEN i % {FAULTY} = 0 THEN DATE '2009-01-01' END", "status_code": "'1'", "representative_id": "NULL"},
    "event": {"address_id": "'address' || i % {address}", "match_status": "'matched'", "closed_on": "DATE '2025-06-02'", "occurred_on": f"DATE '2025-06-01' + 300 * (i % {FAULTY} = 0)::INTEGER"},
    "event_party": {"event_id": "'event' || i % {event}", "person_id": "'person' || i", "organisation_id": "'organisation' || i % {organisation}"},
    "address": {"parent_id": "NULL", "level": "'house'", "town": "concat('镇', i % 23)", "status": "NULL", "valid_to": "NULL"},
}  # fmt: skip


def make_tables(connection: DuckDBPyConnection, folder: Path, records: int) -> None:
    """Write the tables of a release into a folder, those of the release before under `previous_<table>`."""
    counts = {table: int(records * share) for table, share in SHARES.items()}
    for name, rows in counts.items():
        select = _select(name, counts, rows)
        _write(connection, folder, name, select)
        if name in BEFORE:
            _write(connection, folder, PREVIOUS + name, select)
    edges = [
        f"SELECT '{name}' AS table_name, '{name}' || i AS key, 'file' AS file_key, '' AS sheet, i AS row, 'survivor' AS role, '{_supplied(name)}' AS attributes FROM range({counts[name]}) AS numbered(i)"
        for name in WITH_LINEAGE
    ]
    _write(connection, folder, "lineage", " UNION ALL ".join(edges))


def attach_tables(connection: DuckDBPyConnection, folder: Path) -> None:
    """Views of the tables that are there, empty ones of the others, and the surroundings of a release."""
    contracts = pool_contracts()
    for name in readable():
        if name not in SURROUNDINGS:
            file = folder / f"{name}.parquet"
            table = contracts[name.removeprefix(PREVIOUS)]
            connection.execute(f'CREATE VIEW "{name}" AS SELECT * FROM {relation_of(table, [file] if file.is_file() else [])}')
    for name, columns in SURROUNDINGS.items():
        connection.execute(f"CREATE TABLE {name} ({', '.join(f'{column} {kind}' for column, kind in columns.items())})")
    connection.execute("INSERT INTO scope VALUES (2, DATE '2025-12-31', TIMESTAMP '2026-01-01')")
    connection.execute("INSERT INTO source_file VALUES ('file', 'a.b')")
    for rank, level in enumerate(code_list("address_level")):
        connection.execute(f"INSERT INTO level_rank VALUES ('{level}', {rank})")


def _select(name: str, counts: Mapping[str, int], rows: int) -> str:
    table = pool_contracts()[name]
    own = {column: value.format(**counts) for column, value in _OWN[name].items()} | {table.key[0]: f"'{name}' || i"}
    columns = ", ".join(
        f"({own.get(column.name) or _FILLED.get(column.sql_type, 'NULL')})::{column.sql_type} AS {column.name}" for column in table.columns
    )
    return f"SELECT {columns} FROM range({rows}) AS numbered(i)"


def _supplied(name: str) -> str:
    return " ".join(column.name for column in pool_contracts()[name].columns)


def _write(connection: DuckDBPyConnection, folder: Path, name: str, select: str) -> None:
    connection.execute(
        f"COPY ({select}) TO {sql_path(folder / f'{name}.parquet')} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20480)"
    )
