"""Tables of a release made by hand, for the rules that look at them together."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

from expectations.pool_rules import OF_DATASETS, PoolRule, pool_rules, readable
from expectations.rule_engine import RuleResult, evaluate
from schemas.codes import code_list, ended_states
from schemas.contract import pool_contracts

RULES = {rule.name: rule for rule in pool_rules()}
SURROUNDING_ROWS: Mapping[str, list[dict[str, Any]]] = {
    "scope": [{"release": 2, "data_date": "2025-12-31", "now_local": "2026-01-02 10:00:00"}],
    "city_limit": [{"name": name, "value": 0.5} for name in ("volume_change", "match_rate", "match_rate_house")],
    "city_extent": [{"west": 120, "east": 121, "south": 27, "north": 28}],
    "level_rank": [{"level": level, "rank": rank} for rank, level in enumerate(code_list("address_level"))],
    "ended_state": [
        {"table_name": each.table_name, "kind": each.kind, "code_list": each.code_list, "code": each.code} for each in ended_states()
    ],
}


@cache
def _tables() -> str:
    tables = {name: ", ".join(f"{column} {kind}" for column, kind in columns.items()) for name, columns in readable().items()}
    return "; ".join(f'CREATE TABLE "{name}" ({columns})' for name, columns in tables.items())


def rule_pool(**tables: list[dict[str, Any]]) -> DuckDBPyConnection:
    """A connection with everything that rules may look at, empty but for the rows given and the scope, limits and levels."""
    connection = duckdb.connect(":memory:", config={"threads": 1})
    connection.execute(_tables())
    for name, rows in {**SURROUNDING_ROWS, **tables}.items():
        for row in rows:
            values = ", ".join(f"? AS {column}" for column in row)
            connection.execute(f'INSERT INTO "{name}" BY NAME SELECT {values}', list(row.values()))
    return connection


def evaluated(connection: DuckDBPyConnection, *rules: PoolRule) -> dict[str, RuleResult]:
    """The results of some rules, or of all, by name."""
    keys = {**{name: table.key for name, table in pool_contracts().items()}, **OF_DATASETS}
    return {result.rule.name: result for result in evaluate(connection, rules or pool_rules(), keys)}
