"""Rows as they arrive: all are kept as text, and of those in which something may be found a copy to be read with care."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
from duckdb import DuckDBPyConnection
from numpy.typing import NDArray

from schemas.contract import Contract
from schemas.drift import drift_facts
from transforms.automaton import REJECTED, VALUE
from transforms.check_plain import MATCHED, PLAIN, soundness, wanted_cells
from transforms.elements_sql import Names, identifier
from transforms.plain_cells import verdicts

ARRIVING, OTHERS, SAMPLE = "arriving", "others", "sample"
BYTES_AT_ONCE = 8 << 20
"""Of text that is looked at together: enough that what a statement costs by itself does not count."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """Where the rows of a file wait, as temporary tables.

    rows: all: sheet, row, the texts under `Names(column).text`, `PLAIN`. others: those that are not plain, with the texts under the names of their
    columns. sample: as others, rows evenly from the whole file, all of a short one. filled: how many plain rows have a value, by column.
    """

    rows: str
    others: str
    sample: str
    filled: Counter[str]


def take_in(connection: DuckDBPyConnection, text: pa.RecordBatchReader, contract: Contract, load_date: date) -> Arrived:
    """Keep the rows of a file, for which see transforms.check; the tables last until the next file of the contract is taken in."""
    arrived = Arrived(identifier(f"arrived {contract.id}"), OTHERS, SAMPLE, Counter())
    present = text.schema.names[2:]
    texts = "".join(f", {Names(name).text} VARCHAR" for name in present)
    columns = "".join(f", {identifier(name)} VARCHAR" for name in present)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {arrived.rows} (sheet VARCHAR, row BIGINT{texts}, {PLAIN} BOOLEAN)")
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {OTHERS} (sheet VARCHAR, row BIGINT{columns})")
    judge, sample = _Judge(connection, contract, load_date, present), _Sample(text.schema)
    # What one transaction adds is moved into the table as it is; of many small ones it would be copied.
    connection.execute("BEGIN")
    try:
        for rows in _pieces(text):
            plain = judge.plain(rows, arrived.filled)
            for batch in rows.to_batches():
                sample.look_at(batch)
            _insert(connection, arrived.rows, rows.append_column(MATCHED, pa.array(plain)))
            _insert(connection, OTHERS, rows.filter(pa.array(~plain)))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {SAMPLE} AS SELECT * FROM {OTHERS} LIMIT 0")
    _insert(connection, SAMPLE, sample.rows)
    return arrived


class _Judge:
    """Tells the plain rows of a file whose columns are `present`."""

    def __init__(self, connection: DuckDBPyConnection, contract: Contract, load_date: date, present: list[str]) -> None:
        self._connection = connection
        self._wanted = wanted_cells(contract, load_date, present)
        self._sound = soundness(contract, ARRIVING, load_date, present)

    def plain(self, rows: pa.Table, filled: Counter[str]) -> NDArray[np.bool_]:
        """Whether each row is plain; adds to `filled` how many plain ones have a value."""
        if not self._wanted:
            return np.zeros(rows.num_rows, np.bool_)
        cells = [
            verdicts([batch.column(name) for name in self._wanted], [*self._wanted.values()])
            for batch in rows.to_batches()
            if batch.num_rows
        ]
        found = np.concatenate(cells, axis=1)
        plain: NDArray[np.bool_] = (found != REJECTED).all(axis=0)
        if self._sound:
            _give(self._connection, rows.select(self._sound.columns).append_column(MATCHED, pa.array(plain)))
            plain = self._connection.sql(self._sound.sql).to_arrow_table().column(0).to_numpy()
        counted = np.count_nonzero((found == VALUE) & plain, axis=1)
        filled.update(dict(zip(self._wanted, counted.tolist(), strict=True)))
        return plain


class _Sample:
    """Every so many rows of a file, fewer of a longer one."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._parts: list[pa.RecordBatch] = []
        self._step, self._seen, self._taken = 1, 0, 0

    @property
    def rows(self) -> pa.Table:
        """What was taken so far."""
        return pa.Table.from_batches(self._parts, self._schema)

    def look_at(self, rows: pa.RecordBatch) -> None:
        """Take rows of the next part of the file."""
        first = -self._seen % self._step
        self._seen += rows.num_rows
        if first >= rows.num_rows:
            return
        self._parts.append(rows.take(pa.arange(first, rows.num_rows, self._step)))
        self._taken += self._parts[-1].num_rows
        while self._taken > 2 * drift_facts().sampled_rows:
            self._parts = self.rows.take(pa.arange(0, self._taken, 2)).combine_chunks().to_batches()
            self._taken = -(-self._taken // 2)
            self._step *= 2


def _pieces(text: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """The rows in pieces of about `BYTES_AT_ONCE`, without nulls."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in text:
        if batch.num_rows:
            held.append(_without_nulls(batch))
            size += batch.nbytes
        if size >= BYTES_AT_ONCE:
            yield pa.Table.from_batches(held)
            held, size = [], 0
    if held:
        yield pa.Table.from_batches(held)


def _without_nulls(batch: pa.RecordBatch) -> pa.RecordBatch:
    columns = [column.fill_null("") if column.null_count and place > 1 else column for place, column in enumerate(batch.columns)]
    return pa.RecordBatch.from_arrays(columns, schema=batch.schema)


def _insert(connection: DuckDBPyConnection, table: str, rows: pa.Table) -> None:
    if rows.num_rows:
        _give(connection, rows)
        connection.execute(f"INSERT INTO {table} SELECT * FROM {ARRIVING}")


def _give(connection: DuckDBPyConnection, rows: pa.Table) -> None:
    """Create the view `ARRIVING` of rows that can be read once."""
    connection.from_arrow(rows.to_reader().__arrow_c_stream__()).create_view(ARRIVING, replace=True)
