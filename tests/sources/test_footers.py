"""Totals and notes at the end of a table are told as such wherever the batches of its rows end."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from sources.readers import Layout
from sources.readers.footers import LONGEST, set_footers_aside
from sources.readers.rows import TextRows

HEADER = ("名称", "住所", "负责人", "电话")
RECORD = ("协会", "安阳街道", "张三", "13812345678")
END = [("合计", "60", "", ""), ("注：截至年底", "", "", ""), ("填表人：李四", "", "", "")]


class InBatches(TextRows):
    """Rows in batches of given sizes, the last of which are no records."""

    def __init__(self, sizes: list[int]) -> None:
        super().__init__(Path("a.csv"), Layout("csv"))
        self.header = HEADER
        self._sizes = sizes
        self.given = 0

    def _read(self) -> Iterator[pa.RecordBatch]:
        yield from set_footers_aside(self, self._given())

    def _given(self) -> Iterator[pa.RecordBatch]:
        rows, first = [RECORD] * (sum(self._sizes) - len(END)) + END, 0
        for size in self._sizes:
            self.given += size
            columns = [pa.array(column) for column in zip(*rows[first : first + size], strict=True)]
            yield self._batch(pa.array(range(2 + first, 2 + first + size)), columns)
            first += size


@pytest.mark.parametrize("sizes", [[63], [1] * 63, [62, 1], [61, 2], [30, 30, 3], [43 - LONGEST, LONGEST - 1, LONGEST, 1]])
def test_rows_below_the_table_are_told_wherever_batches_end(sizes: list[int]) -> None:
    rows = InBatches(sizes)
    read = [row for batch in rows.batches() for row in batch.column("row").to_pylist()]
    assert read == list(range(2, 2 + sum(sizes) - len(END)))
    assert [each.row for each in rows.asides] == list(range(2 + len(read), 2 + sum(sizes)))


def test_few_rows_wait_for_the_end() -> None:
    rows = InBatches([1] * 63)
    assert next(rows.batches()).num_rows == 1
    assert rows.given == LONGEST + 1
