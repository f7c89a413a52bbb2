"""What the rules find in the tables of a release: every broken record once, exact and complete, with the source that answers for it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
from duckdb import DuckDBPyConnection

from expectations.places import create_places
from expectations.pool_rules import PoolRule
from expectations.suites import Expectation, Suite
from expectations.validation import without_values

BROKEN = "broken"
BROKEN_RECORDS = "count(DISTINCT {'table_name': table_name, 'key': key})"
"""SQL over rows of `broken` of one rule: a record stands there once for each row that answers for it."""
FOUND_COLUMNS: Mapping[str, str] = {
    "table_name": "VARCHAR",
    "key": "VARCHAR",
    "detail": "VARCHAR",
    "dataset": "VARCHAR",
    "file_key": "VARCHAR",
    "sheet": "VARCHAR",
    "row": "BIGINT",
}
OF_THE_MACHINE = (duckdb.IOException, duckdb.OutOfMemoryException)
"""What no rule is to blame for."""
SUITE = "rules"


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What came of one rule: `checked` records of its table, `broken` ones among them, whatever number of rows answers for each; where it crashed the
    `cause`, and `broken` is None."""

    rule: PoolRule
    checked: int
    broken: int | None
    cause: str = ""

    @property
    def outcome(self) -> str:
        """`met`, `broken` or, where it could not be checked, `error`."""
        return "error" if self.broken is None else "broken" if self.broken else "met"


def evaluate(connection: DuckDBPyConnection, rules: Sequence[PoolRule], keys: Mapping[str, Sequence[str]]) -> list[RuleResult]:
    """Find all broken records; one result a rule, in order.

    The connection holds everything in `pool_rules.readable` under its name, the tables only those that are. keys: key columns by table.
    Creates table `broken(rule, table_name, key, dataset, department, town, detail, file_key, sheet, row)`, one row a rule, broken record and row that
    answers for it: every row that the rule itself blames, else the one that supplied the first of the rule's columns that anybody supplied. How many
    records are broken says `BROKEN_RECORDS`. Raises duckdb.Error of the machine.
    """
    columns = ", ".join(f"{name} {kind}" for name, kind in FOUND_COLUMNS.items())
    connection.execute(f"CREATE OR REPLACE TEMP TABLE found (rule VARCHAR, {columns})")
    causes = _find_row_by_row(connection, [rule for rule in rules if rule.holds], keys)
    for rule in rules:
        if rule.broken and (cause := _try(connection, _broken_sql(rule))):
            causes[rule.name] = cause
    _create_broken(connection, rules)
    counted = dict(connection.execute(f"SELECT rule, {BROKEN_RECORDS} FROM {BROKEN} GROUP BY rule").fetchall())
    checked = {table: _rows(connection, table) for table in {rule.table for rule in rules}}
    return [
        RuleResult(rule, checked[rule.table], None if rule.name in causes else counted.get(rule.name, 0), causes.get(rule.name, ""))
        for rule in rules
    ]


def rule_suite(results: Sequence[RuleResult]) -> Suite:
    """What Great Expectations is to state of the list of broken records: that no rule has any. Rules that crashed are not asked about."""
    return Suite(
        SUITE,
        "质量规则",
        BROKEN,
        tuple(
            Expectation(
                name=result.rule.name,
                type="UnexpectedRowsExpectation",
                rule=result.rule.name,
                description=result.rule.sentence,
                dimension=result.rule.dimension,
                severity=result.rule.severity,
                arguments={"unexpected_rows_query": f"SELECT DISTINCT table_name, key FROM {{batch}} WHERE rule = '{result.rule.name}'"},
            )
            for result in results
            if result.outcome != "error"
        ),
    )


def _find_row_by_row(connection: DuckDBPyConnection, rules: Sequence[PoolRule], keys: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """All conditions on one table in one scan; where one of them crashes, each for itself."""
    by_table: dict[str, list[PoolRule]] = defaultdict(list)
    for rule in rules:
        by_table[rule.table].append(rule)
    causes = {}
    for table, group in by_table.items():
        if _try(connection, _scan_sql(table, group, keys[table])):
            for rule in group:
                if cause := _try(connection, _scan_sql(table, [rule], keys[table])):
                    causes[rule.name] = cause
    return causes


def _scan_sql(table: str, rules: Sequence[PoolRule], key: Sequence[str]) -> str:
    broken = {rule.name: f"(({rule.holds}) IS FALSE)" for rule in rules}
    said = ", ".join(
        f"CASE WHEN {broken[rule.name]} THEN {{rule: '{rule.name}', detail: ({rule.detail or 'NULL'})::VARCHAR}} END" for rule in rules
    )
    keyed = ", ".join(f'"{name}"' for name in key)
    return f"""
        INSERT INTO found BY NAME
        SELECT told.rule AS rule, '{table}' AS table_name, key, told.detail AS detail FROM (
            SELECT key, unnest(said) AS told FROM (
                SELECT concat_ws('/', {keyed}) AS key, [{said}] AS said FROM "{table}" WHERE {" OR ".join(broken.values())}))
        WHERE told IS NOT NULL"""


def _broken_sql(rule: PoolRule) -> str:
    empty = ", ".join(f"NULL::{kind} AS {name}" for name, kind in FOUND_COLUMNS.items())
    return f"""
        INSERT INTO found BY NAME
        SELECT '{rule.name}' AS rule, coalesce(table_name, '{rule.table}') AS table_name, * EXCLUDE (table_name)
        FROM (SELECT {empty} WHERE FALSE UNION ALL BY NAME FROM ({rule.broken}))"""


def _try(connection: DuckDBPyConnection, sql: str) -> str:
    """Why a statement cannot be executed, without values of the tables; empty when it was."""
    try:
        connection.execute(sql)
    except OF_THE_MACHINE:
        raise
    except duckdb.Error as error:
        return without_values(str(error))
    return ""


def _create_broken(connection: DuckDBPyConnection, rules: Sequence[PoolRule]) -> None:
    """Give every broken record its source row, dataset, department and town."""
    asked = ", ".join(f"('{rule.name}', [{', '.join(repr(name) for name in rule.columns)}]::VARCHAR[])" for rule in rules)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE asked AS SELECT * FROM (VALUES {asked}) AS listed(rule, columns)")
    connection.execute("CREATE OR REPLACE TEMP TABLE record AS SELECT DISTINCT table_name, key FROM found")
    # Of the lineage, which is long, only the edges of broken records are kept, once for all rules.
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE supply AS
        SELECT table_name, key, string_split(attributes, ' ') AS supplied, {file_key: file_key, sheet: sheet, row: row} AS place
        FROM lineage SEMI JOIN record USING (table_name, key) WHERE role = 'survivor'""")
    create_places(connection)
    connection.execute(f"""
        CREATE OR REPLACE TABLE {BROKEN} AS
        WITH once AS (
            SELECT rule, table_name, key, min(detail) AS detail, min(dataset) AS dataset,
                   CASE WHEN file_key IS NOT NULL THEN {{file_key: file_key, sheet: sheet, row: row}} END AS place
            FROM found GROUP BY ALL),
        answering AS (
            SELECT once.rule, once.table_name, once.key, arg_min(supply.place, {{
                rank: coalesce(list_min(list_transform(columns, lambda name, position: if(list_contains(supplied, name), position, NULL))), 1000),
                place: supply.place}}) AS place
            FROM once JOIN asked USING (rule) JOIN supply USING (table_name, key) WHERE once.place IS NULL GROUP BY ALL),
        owner AS (SELECT file_key, min(dataset) AS dataset FROM source_file GROUP BY file_key),
        placed AS (
            SELECT once.* EXCLUDE (place, dataset), once.dataset AS dataset, coalesce(once.place, answering.place) AS place
            FROM once LEFT JOIN answering USING (rule, table_name, key))
        SELECT rule, table_name, key, coalesce(placed.dataset, owner.dataset) AS dataset, dataset.department, town_of.town, detail,
               place.file_key AS file_key, place.sheet AS sheet, place.row AS row
        FROM placed LEFT JOIN owner ON owner.file_key = placed.place.file_key
        LEFT JOIN dataset ON dataset.dataset = coalesce(placed.dataset, owner.dataset)
        LEFT JOIN town_of USING (table_name, key)
        ORDER BY rule, table_name, key, place""")


def _rows(connection: DuckDBPyConnection, table: str) -> int:
    [(rows,)] = connection.execute(f'SELECT count(*) FROM "{table}"').fetchall()
    return int(rows)
