"""Rows of an export for a closer look: all of a small one, evenly chosen ones of a large one, and what is counted over all of them."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

SAMPLE_ROWS = 50_000


class Sample:
    """Takes batches of text (sheet, row, one column a header cell) one by one and keeps at most `SAMPLE_ROWS` rows of them, evenly.

    ``rows`` counts all rows, ``filled`` per column the cells that are not blank.
    """

    def __init__(self, header: Sequence[str]) -> None:
        self.header = tuple(header)
        self.rows = 0
        self.filled = [0] * len(self.header)
        self._schema = pa.schema([(f"c{place}", pa.string()) for place in range(len(self.header))])
        self._kept: list[pa.RecordBatch] = []
        self._step = 1

    def add(self, batch: pa.RecordBatch) -> None:
        """Count the rows of a batch and keep every `step`th of the file."""
        cells = pa.RecordBatch.from_arrays(batch.columns[2:], schema=self._schema)
        for place, column in enumerate(cells.columns):
            self.filled[place] += pc.sum(pc.greater(pc.utf8_length(pc.utf8_trim_whitespace(column)), 0)).as_py() or 0
        self._kept.append(_every(cells, self._step, -self.rows % self._step))
        self.rows += batch.num_rows
        while sum(kept.num_rows for kept in self._kept) > SAMPLE_ROWS:
            self._kept = [_every(self.table().combine_chunks().to_batches()[0], 2, 0)]
            self._step *= 2

    def keep(self, rows: pa.Table) -> None:
        """Keep rows that were chosen and counted elsewhere, whatever their columns are called."""
        self._kept = rows.rename_columns(self._schema.names).combine_chunks().to_batches()

    @property
    def is_whole(self) -> bool:
        """Whether every row was kept."""
        return self._step == 1

    def table(self) -> pa.Table:
        """The rows kept: one text column a header cell, named c0, c1, ..."""
        return pa.Table.from_batches(self._kept, self._schema)


def _every(batch: pa.RecordBatch, step: int, first: int) -> pa.RecordBatch:
    if step == 1:
        return batch
    return batch.take(pa.array(range(first, batch.num_rows, step), pa.int64()))
