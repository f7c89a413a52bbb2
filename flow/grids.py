"""Grids: which one each address is in, and what that means for their sizes, their overlaps and the counts of every level."""

from collections.abc import Mapping
from importlib.resources import files

from duckdb import DuckDBPyConnection

from flow.history import create_empty
from schemas.contract import Contract
from transforms.grids import FIGURES, GRIDS, STEPS


def place_in_grids(connection: DuckDBPyConnection, tables: Mapping[str, Contract]) -> dict[str, int]:
    """Create the tables of the grids, empty where no grid was ever delivered; returns their figures.

    Needs the pool tables, `scope`, `threshold`, `deceased` and `ended_organisation` in the connection.
    """
    if not connection.execute("SELECT 1 FROM grid LIMIT 1").fetchall():
        for name in GRIDS:
            create_empty(connection, tables[name])
        return {}
    for name in STEPS:
        connection.execute(f"CREATE OR REPLACE TABLE {name} AS {grid_sql(name)}")
    return {name: int(connection.execute(sql).fetchall()[0][0]) for name, sql in FIGURES.items()}


def grid_sql(name: str) -> str:
    """The SELECT of a table."""
    return files("transforms.grids").joinpath(f"{name}.sql").read_text(encoding="utf-8")
