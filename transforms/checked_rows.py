"""The rows of a file with what was found in them: those read with care in a table, plain ones made of their texts when they are asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from schemas.contract import Contract
from transforms.check_sql import REASONS
from transforms.elements_sql import identifier
from transforms.standardise import kept_columns


@dataclass(frozen=True, slots=True)
class PlainRows:
    """The plain rows of a file. select: SELECT of those for which a condition on their rowid holds, with the columns of `checked_sql` and the rowid as `id`."""

    select: Callable[[str], str]
    filled: Counter[str]


class CheckedRows:
    """The view `name` of all rows of a file, with the columns of `checked_sql` and an `id`.

    A plain row of which something is to be told joins those read with care: only of these anything can be told. Their ids are below 0.
    filled: how many of the plain rows have a value, by contract column.
    """

    def __init__(self, connection: DuckDBPyConnection, contract: Contract, with_care: str, plain: PlainRows | None = None) -> None:
        """with_care: SELECT of rows."""
        self._connection, self._contract, self._plain = connection, contract, plain
        self.name, self.careful, self._later, self._moved = (
            identifier(f"{kind} {contract.id}") for kind in ("checked", "careful", "later", "moved")
        )
        self.filled = plain.filled if plain else Counter()
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {self.careful} AS {with_care}")
        connection.execute(f'CREATE OR REPLACE TEMP TABLE {self._later} (id BIGINT, later STRUCT("column" VARCHAR, "rule" VARCHAR)[])')
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {self._moved} (id BIGINT)")
        rest = f"UNION ALL BY NAME {plain.select(f'rowid NOT IN (SELECT id FROM {self._moved})')}" if plain else ""
        connection.execute(f"""
            CREATE OR REPLACE TEMP VIEW {self.name} AS
            SELECT * EXCLUDE later REPLACE (coalesce(later, {REASONS}) AS {REASONS})
            FROM (SELECT -1 - rowid AS id, * FROM {self.careful}) LEFT JOIN {self._later} USING (id)
            {rest}""")

    def tell(self, rows: str, reasons: str) -> None:
        """Give rows without reasons such as are found by a look at all of them.

        rows: SQL of the `id` of every row that has to do with it. reasons: SELECT of `id` and reasons over the view, where these rows have got new ids.
        """
        if self._plain:
            self._move(rows, self._plain)
        self._connection.execute(f"INSERT INTO {self._later} {reasons}")

    def _move(self, rows: str, plain: PlainRows) -> None:
        connection, columns = self._connection, kept_columns(self._contract)
        connection.execute(f"CREATE OR REPLACE TEMP TABLE moving AS SELECT id FROM ({rows}) WHERE id >= 0")
        connection.execute(f"CREATE OR REPLACE TEMP TABLE moving_rows AS {plain.select('rowid IN (SELECT id FROM moving)')}")
        counts = ", ".join(f"count({identifier(column.name)})" for column in columns)
        [found] = connection.execute(f"SELECT {counts} FROM moving_rows").fetchall()
        self.filled.subtract(dict(zip((column.name for column in columns), found, strict=True)))
        connection.execute(f"INSERT INTO {self.careful} BY NAME SELECT * EXCLUDE id FROM moving_rows")
        connection.execute(f"INSERT INTO {self._moved} SELECT id FROM moving")
