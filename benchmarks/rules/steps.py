"""What is measured, each in a process of its own."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from benchmarks.rules.rows import contract_of_rows
from benchmarks.rules.tables import attach_tables
from expectations.engine import great_expectations
from expectations.pool_rules import OF_DATASETS, pool_rules
from expectations.rule_engine import BROKEN, evaluate, rule_suite
from expectations.suites import suite_for, suite_for_release
from expectations.validation import validate, validate_tables
from flow.judge import COMPRESSION
from flow.workspace import DEFAULT_MEMORY, sql_path
from pool.stage_cost import peak_mebibytes
from schemas.contract import pool_contracts
from transforms.check import check_rows

ROWS_OF_A_BATCH = 8192
LOAD_DATE = date(2026, 1, 1)
TEXT, ACCEPTED, BROKEN_FILE = "text.parquet", "accepted.parquet", "broken.parquet"


def text(folder: Path) -> Mapping[str, Any]:
    """The baseline: DuckDB reads the CSV file as text and writes it as Parquet, on which the rows are then judged."""
    rows = f"SELECT '' AS sheet, row_number() OVER () + 1 AS row, * FROM read_csv({sql_path(folder / 'rows.csv')}, all_varchar = TRUE, header = TRUE)"
    with _connected(folder) as connection:
        begun = _cpu()
        connection.execute(f"COPY ({rows}) TO {sql_path(folder / TEXT)} (FORMAT parquet, COMPRESSION zstd)")
        return {"judged": _cpu() - begun}


def rows(folder: Path) -> Mapping[str, Any]:
    """Every check of the contract on every row; the accepted rows are written for the next step, which is told apart."""
    with _connected(folder) as connection:
        begun = _cpu()
        checked = check_rows(connection, _read(folder / TEXT), contract_of_rows(), load_date=LOAD_DATE)
        quarantined = len(checked.quarantined.fetchall())
        judged = _cpu() - begun
        checked.accepted.create_view("accepted")
        connection.execute(f"COPY accepted TO {sql_path(folder / ACCEPTED)} ({COMPRESSION})")
    return {"judged": judged, "received": checked.profile.received, "quarantined": quarantined}


def expectations(folder: Path) -> Mapping[str, Any]:
    """Great Expectations on the accepted rows; what importing it takes, once a process, is told apart."""
    imported = _imported()
    begun = _cpu()
    found = validate(folder / ACCEPTED, suite_for(contract_of_rows()))
    return {"judged": _cpu() - begun, "imported": imported, "expectations": len(found.results), "met": found.met}


def tables(folder: Path) -> Mapping[str, Any]:
    """Every rule about a release on its tables, and what Great Expectations states of the records found."""
    with _connected(folder) as connection:
        attach_tables(connection, folder)
        begun = _cpu()
        results = evaluate(connection, pool_rules(), {**{name: table.key for name, table in pool_contracts().items()}, **OF_DATASETS})
        connection.execute(f"COPY {BROKEN} TO {sql_path(folder / BROKEN_FILE)} (FORMAT parquet, COMPRESSION zstd)")
        judged = _cpu() - begun
    _imported()
    begun = _cpu()
    validate_tables({BROKEN: folder / BROKEN_FILE}, [rule_suite(results)])
    judged += _cpu() - begun
    broken = {result.rule.name: result.broken for result in results if result.broken}
    crashed = [result.rule.name for result in results if result.broken is None]
    return {"judged": judged, "rules": len(results), "broken": broken, "crashed": crashed}


def release(folder: Path) -> Mapping[str, Any]:
    """What Great Expectations states of the tables themselves: keys, references, codes, shapes."""
    contracts = pool_contracts()
    files = {name: path for name in contracts if (path := folder / f"{name}.parquet").is_file()}
    imported = _imported()
    begun = _cpu()
    found = validate_tables(files, suite_for_release({name: contracts[name] for name in files}))
    expectations = [result for each in found for result in each.results]
    return {
        "judged": _cpu() - begun,
        "imported": imported,
        "expectations": len(expectations),
        "crashed": sum(each.crashed for each in expectations),
    }


def _imported() -> float:
    begun = _cpu()
    great_expectations()
    return _cpu() - begun


def _read(path: Path) -> pa.RecordBatchReader:
    file = pq.ParquetFile(path, pre_buffer=False)
    return pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches(ROWS_OF_A_BATCH))


@contextmanager
def _connected(folder: Path) -> Iterator[DuckDBPyConnection]:
    """A connection as a step of the path has it."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"SET memory_limit = '{DEFAULT_MEMORY}'")
        connection.execute(f"SET temp_directory = {sql_path(folder / 'spill')}")
        connection.execute("SET enable_progress_bar = FALSE")
        yield connection


def _cpu() -> float:
    times = os.times()
    return times.user + times.system


if __name__ == "__main__":
    steps: dict[str, Callable[[Path], Mapping[str, Any]]] = {each.__name__: each for each in (text, rows, expectations, tables, release)}
    print(json.dumps({**steps[sys.argv[1]](Path(sys.argv[2])), "mebibytes": peak_mebibytes()}))
