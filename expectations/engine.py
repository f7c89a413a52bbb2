"""Great Expectations on DuckDB: what has to be adapted, and one quiet run of a suite.

Importing Great Expectations costs ten seconds of CPU, so it is imported on the first run, never with this module.
"""

import logging
import os
import sys
from collections.abc import Callable, Sequence
from functools import cache
from importlib import import_module
from importlib.metadata import version
from types import ModuleType
from typing import Any

import duckdb

from expectations.suites import Expectation, Suite

ADAPTED_VERSION = "1.24.1"
"""The release of Great Expectations whose internals `_adapt` was written for; a test guards it."""

NOT_NEEDED = ("scipy.stats", "altair")
"""What Great Expectations imports for statements that no suite of ours makes: a quarter of the time that importing it costs."""
_SEVERITIES = {"block": "critical", "reject": "critical", "warn": "warning"}
_WITHOUT_VALUES = {"result_format": "BASIC", "partial_unexpected_count": 0}
_ROWS, _ROW_COUNT = "unexpected_rows_query.table", "unexpected_rows_query.row_count"
_METRICS = "great_expectations.expectations.metrics"
_REGEX_USERS = (
    f"{_METRICS}.column_map_metrics.column_values_match_regex",
    f"{_METRICS}.column_map_metrics.column_values_not_match_regex",
    f"{_METRICS}.column_map_metrics.column_values_match_regex_list",
    f"{_METRICS}.column_map_metrics.column_values_not_match_regex_list",
)


@cache
def great_expectations() -> ModuleType:
    """Great Expectations, imported once, without analytics and chatter, adapted to DuckDB.

    Raises RuntimeError when the installed release is not the one the adaptation was written for.
    """
    installed = version("great-expectations")
    if installed != ADAPTED_VERSION:
        raise RuntimeError(
            f"已安装的 great-expectations 为 {installed}，本软件只适配 {ADAPTED_VERSION}；请按 requirements.lock 重新安装依赖"
        )
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    logging.getLogger("great_expectations").setLevel(logging.ERROR)
    for name in NOT_NEEDED:
        _load_when_used(name)
    import great_expectations as gx

    _adapt()
    return gx


def run_suites(connection: duckdb.DuckDBPyConnection, suites: Sequence[Suite]) -> list[dict[str, Any]]:
    """Run each suite on its table of the connection.

    Returns one validation result a suite, as Great Expectations writes it to JSON. It holds counts but no values of
    the table. A statement that crashed has an `exception_info` that is not clean; it says nothing about the data.
    """
    gx = great_expectations()
    source = _data_source(gx, connection)
    return [_run(gx, source, suite) for suite in suites]


def _run(gx: ModuleType, source: Any, suite: Suite) -> dict[str, Any]:
    batch = source.add_table_asset(suite.table, table_name=suite.table).add_batch_definition_whole_table("all").get_batch()
    statements = [_statement(gx, expectation) for expectation in suite.expectations]
    result = batch.validate(gx.ExpectationSuite(name=suite.name, expectations=statements), result_format=_WITHOUT_VALUES)
    return dict(result.to_json_dict())


def _statement(gx: ModuleType, expectation: Expectation) -> Any:
    meta = {
        "name": expectation.name,
        "rule": expectation.rule,
        "description": expectation.description,
        "dimension": expectation.dimension,
        "severity": expectation.severity,
    }
    build = getattr(gx.expectations, expectation.type)
    return build(**expectation.arguments, meta=meta, severity=_SEVERITIES[expectation.severity])


def _data_source(gx: ModuleType, connection: duckdb.DuckDBPyConnection) -> Any:
    import duckdb_engine
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from sqlalchemy.pool import StaticPool

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    context._save_project_config = lambda: None  # it lives in memory only, and would be written out as YAML for every table
    # Great Expectations makes two engines of one source; both have to see the tables of this connection.
    shared = duckdb_engine.ConnectionWrapper(connection)
    return context.data_sources.add_sql(
        "pool",
        connection_string="duckdb:///:memory:",
        create_temp_table=False,
        kwargs={"poolclass": StaticPool, "creator": lambda: shared},
    )


class _LoadedWhenUsed(ModuleType):
    """Stands for a module until somebody asks it for anything."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(import_module(self.__name__), name)


def _load_when_used(name: str) -> None:
    if name not in sys.modules:
        package, _, last = name.rpartition(".")
        if package:
            setattr(import_module(package), last, _LoadedWhenUsed(name))
        else:
            sys.modules[name] = _LoadedWhenUsed(name)


def _adapt() -> None:
    from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
    from great_expectations.expectations.core.unexpected_rows_expectation import UnexpectedRowsExpectation
    from great_expectations.expectations.expectation import ColumnMapExpectation, Expectation as Statement

    engine: Any = SqlAlchemyExecutionEngine
    engine.execute_query = _execute_query
    statement: Any = Statement
    statement._get_domain_kwargs = _domain_arguments
    statement._get_success_kwargs = _success_arguments
    statement._get_success_kwarg = _success_argument
    of_rows: Any = UnexpectedRowsExpectation
    of_rows.metric_dependencies = (_ROW_COUNT,)
    of_rows._validate = _with_no_rows(of_rows._validate)
    of_columns: Any = ColumnMapExpectation
    of_columns.get_validation_dependencies = _without_values(of_columns.get_validation_dependencies)
    for name in _REGEX_USERS:
        metric: Any = sys.modules[name]
        metric.get_dialect_regex_expression = _regex_expression


def _execute_query(engine: Any, query: Any) -> Any:
    """Run a query and keep its rows: the original hands out rows of a connection that it has closed, which DuckDB refuses."""
    with engine.get_connection() as connection:
        result = engine._execute_query_with_recovery(connection, query)
        return result.freeze()() if result.returns_rows else result


def _without_values(dependencies: Callable[..., Any]) -> Callable[..., Any]:
    """What a statement about a column needs, without a search for the values that break it: results hold counts, and each search is one more scan."""

    def counts_only(statement: Any, *arguments: Any, **more: Any) -> Any:
        needed = dependencies(statement, *arguments, **more)
        values = f"{statement.map_metric}.unexpected_values"
        if values in needed.get_metric_names():
            needed.remove_metric_configuration(values)
        return needed

    return counts_only


def _with_no_rows(validate: Callable[..., Any]) -> Callable[..., Any]:
    """What came of a query for rows, from their number alone: the original runs every query twice, once to fetch rows that no result holds."""
    return lambda statement, metrics, *more, **named: validate(statement, {_ROWS: [], **metrics}, *more, **named)


def _domain_arguments(statement: Any) -> dict[str, Any]:
    """As the original, which builds the configuration of the statement anew for each of them: a quarter of its time on small tables."""
    return _arguments(statement, statement.domain_keys)


def _success_arguments(statement: Any) -> dict[str, Any]:
    return _arguments(statement, (*statement.success_keys, *statement.domain_keys))


def _success_argument(statement: Any, key: str, default: Any = None) -> Any:
    given = statement.configuration.kwargs
    field = statement.__fields__.get(key)
    return given.get(key, field.default if field is not None and not field.required else default)


def _arguments(statement: Any, keys: Sequence[str]) -> dict[str, Any]:
    given = statement.configuration.kwargs
    return {key: given.get(key, statement._get_default_value(key)) for key in keys}


def _regex_expression(column: Any, regex: str, dialect: object, positive: bool = True) -> Any:
    """A search for a regular expression, which the original does not know how to write for DuckDB."""
    import sqlalchemy

    found = sqlalchemy.func.regexp_matches(column, sqlalchemy.literal(regex))
    return found if positive else sqlalchemy.not_(found)
