"""The questions a bureau asks first: their tables, made with each release from its own tables, as of the day the data are of."""

from collections.abc import Mapping
from importlib.resources import files

from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.delivered import Deliveries
from flow.grids import place_in_grids
from flow.history import create_empty, data_date, write_part
from pool import ReleaseBuild
from transforms.questions import (
    EVIDENCE,
    HELPERS,
    QUESTIONS,
    create_confirmations,
    create_ended_states,
    create_mentions,
    create_outside_texts,
    create_scope,
    create_thresholds,
)


def answer_questions(
    connection: DuckDBPyConnection, context: Context, build: ReleaseBuild, current: Mapping[str, str], deliveries: Deliveries
) -> dict[str, int]:
    """Write the tables of the mart; returns the figures of the grids. Needs all that resolve and the histories made in this connection.

    current: tables of current rows by contract id.
    """
    existing = {name for (name,) in connection.execute("SELECT table_name FROM information_schema.tables").fetchall()}
    for table in context.tables.values():
        if table.system == "pool" and table.dataset not in existing:
            create_empty(connection, table)
    claimed = {name for name in context.tables if f"claim_{name}" in existing}
    city = context.city
    create_scope(connection, data_date(deliveries), city.province, city.city, city.county)
    create_thresholds(connection, ((name, each.value, each.unit, each.basis) for name, each in city.thresholds.items()))
    create_ended_states(connection)
    create_confirmations(connection, context.tables, claimed, (entry.period for entries in deliveries.values() for entry in entries))
    create_mentions(connection, context.tables, claimed, {name: contract.department for name, contract in context.contracts.items()})
    create_outside_texts(connection, [context.contracts[name] for name in current], current)
    for name in (*HELPERS, *QUESTIONS, EVIDENCE):
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS {question_sql(name)}")
    figures = place_in_grids(connection, context.tables)
    for table in context.tables.values():
        if table.system == "mart":
            write_part(connection, f"FROM {table.dataset}", table, build.tables / f"{table.dataset}.parquet")
    return figures


def question_sql(name: str) -> str:
    """The SELECT that answers a question."""
    return files("transforms.questions").joinpath(f"{name}.sql").read_text(encoding="utf-8")
