"""Does a table hold what its suite expects: the answer of Great Expectations, read with care."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias, cast

import duckdb
import pyarrow as pa

from expectations.engine import run_suites
from expectations.suites import Expectation, Suite

Table: TypeAlias = Path | pa.Table
"""A Parquet file, a folder of Parquet files, or an Arrow table."""


@dataclass(frozen=True, slots=True)
class ExpectationResult:
    """What came of one expectation.

    `success` is None when it could not be checked (`crashed`, the cause in `cause`): that is an error of ours or of the suite,
    never a statement about the data. `observed` is what was seen, in words; `unexpected` counts the values or rows that
    break the expectation, None where it is about the table as a whole.
    """

    name: str
    rule: str
    description: str
    dimension: str
    severity: str
    success: bool | None
    observed: str
    unexpected: int | None
    crashed: bool = False
    cause: str = ""


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """The results of one suite on one table; `raw` is what Great Expectations said, without values of the table."""

    suite: str
    title: str
    rows: int
    results: tuple[ExpectationResult, ...]
    raw: Mapping[str, Any]

    @property
    def met(self) -> int:
        """How many expectations are met."""
        return sum(result.success is True for result in self.results)

    @property
    def unmet(self) -> tuple[ExpectationResult, ...]:
        """The expectations that are not met or could not be checked."""
        return tuple(result for result in self.results if not result.success)

    @property
    def crashed(self) -> tuple[ExpectationResult, ...]:
        """The expectations that could not be checked."""
        return tuple(result for result in self.results if result.crashed)


def validate(table: Table, suite: Suite) -> ValidationResult:
    """Check one table against its suite. Raises duckdb.Error if the table cannot be opened."""
    return validate_tables({suite.table: table}, [suite])[0]


def validate_tables(tables: Mapping[str, Table], suites: Sequence[Suite]) -> list[ValidationResult]:
    """Check several tables, which may refer to one another by the names given.

    One result a suite, in order. Raises duckdb.Error if a table cannot be opened, KeyError if a suite's table is missing.
    """
    with closing(duckdb.connect()) as connection:
        for name, table in tables.items():
            _attach(connection, name, table)
        rows = [_row_count(connection, tables, suite) for suite in suites]
        raw = run_suites(connection, suites)
    return [_result(suite, count, answer) for suite, count, answer in zip(suites, rows, raw, strict=True)]


def extend_validation(suite: Suite, validation: ValidationResult | None, rows: int, broken: Mapping[str, int]) -> ValidationResult:
    """The results for a table of which some rows only were validated (None: not one), the others having been validated before.

    rows: of the whole table. broken: rule to the rows of the whole table that break it, as counted when they were checked; only rules that
    reject no row can be broken by rows that passed before.
    """
    before = {result.name: result for result in validation.results} if validation else {}
    results = tuple(
        _extended(expectation, before.get(expectation.name), broken.get(expectation.rule, 0)) for expectation in suite.expectations
    )
    return ValidationResult(suite.name, suite.title, rows, results, validation.raw if validation else {})


def _extended(expectation: Expectation, result: ExpectationResult | None, broken: int) -> ExpectationResult:
    if result is not None and not (result.success and broken):
        return result if not broken else replace(result, unexpected=broken, observed=_rows_in_words(broken))
    return ExpectationResult(
        name=expectation.name,
        rule=expectation.rule,
        description=expectation.description,
        dimension=expectation.dimension,
        severity=expectation.severity,
        success=not broken,
        observed=_rows_in_words(broken),
        unexpected=broken,
    )


def _attach(connection: duckdb.DuckDBPyConnection, name: str, table: Table) -> None:
    if isinstance(table, pa.Table):
        connection.register(name, table)
        return
    pattern = table / "**" / "*.parquet" if table.is_dir() else table
    connection.read_parquet(str(pattern)).create_view(name)


def _row_count(connection: duckdb.DuckDBPyConnection, tables: Mapping[str, Table], suite: Suite) -> int:
    if suite.table not in tables:
        raise KeyError(suite.table)
    counted = connection.table(suite.table).count("*").fetchall()
    return int(counted[0][0])


def _result(suite: Suite, rows: int, raw: dict[str, Any]) -> ValidationResult:
    answers = {answer["expectation_config"]["meta"]["name"]: answer for answer in raw["results"]}
    results = tuple(_read(expectation, answers.get(expectation.name)) for expectation in suite.expectations)
    return ValidationResult(suite.name, suite.title, rows, results, _without_tracebacks(raw))


def _read(expectation: Expectation, answer: dict[str, Any] | None) -> ExpectationResult:
    cause = _crash(answer)
    found = answer["result"] if answer and not cause else {}
    unexpected = _unexpected(expectation, found)
    return ExpectationResult(
        name=expectation.name,
        rule=expectation.rule,
        description=expectation.description,
        dimension=expectation.dimension,
        severity=expectation.severity,
        success=None if answer is None or cause else bool(answer["success"]),
        observed=_in_words(expectation, found, unexpected),
        unexpected=unexpected,
        crashed=bool(cause),
        cause=cause,
    )


def _crash(answer: dict[str, Any] | None) -> str:
    """Why an expectation could not be checked, empty if it could: an answer without a result is no answer."""
    if answer is None:
        return "Great Expectations 没有给出这条规则的结果"
    information = answer.get("exception_info") or {}
    single = "raised_exception" in information
    for one in [information] if single else information.values():
        if one.get("raised_exception"):
            return without_values(str(one.get("exception_message") or "未知错误"))
    return ""


def without_values(message: str) -> str:
    """The first line of an error with its quoted values left out: they may come from the rows."""
    return re.sub(r"'[^']*'", "'…'", message.strip().splitlines()[0])[:300]


def _unexpected(expectation: Expectation, found: Mapping[str, Any]) -> int | None:
    key = "observed_value" if expectation.type == "UnexpectedRowsExpectation" else "unexpected_count"
    count = found.get(key)
    return None if count is None else int(count)


def _in_words(expectation: Expectation, found: Mapping[str, Any], unexpected: int | None) -> str:
    if unexpected is not None:
        return _rows_in_words(unexpected)
    observed = found.get("observed_value")
    if expectation.rule == "columns" and isinstance(observed, list):
        missing = sorted(set(cast(Iterable[str], expectation.arguments["column_set"])) - set(observed))
        return f"缺少字段：{'、'.join(missing)}" if missing else f"{len(observed)} 个字段"
    return f"{observed:,} 行" if isinstance(observed, int) else ""


def _rows_in_words(unexpected: int) -> str:
    return f"{unexpected:,} 行不符合" if unexpected else "全部符合"


def _without_tracebacks(raw: dict[str, Any]) -> Mapping[str, Any]:
    """The answer with the cause of a crash in place of its traceback, which names our folders and may quote values."""
    results = [
        answer | {"exception_info": {"raised_exception": bool(_crash(answer)), "exception_message": _crash(answer)}}
        for answer in raw["results"]
    ]
    return raw | {"results": results}
