"""Rows stream through the check: what is read is not piled up in front of it."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from flow.read import Export
from schemas.contract import source_contracts
from sources.readers import Layout
from sources.readers.rows import TextRows

CONTRACT = source_contracts()["civil_affairs.social_organisation"]
ROWS, BATCHES = 300, 30


class Long(TextRows):
    """Batches of one another's size, and how many bytes of them are held when the next is asked for."""

    def __init__(self) -> None:
        super().__init__(Path("long.csv"), Layout("csv"))
        self.header = tuple(column.physical_name for column in CONTRACT.columns)
        self.size = 0
        self.held: list[int] = []

    def _read(self) -> Iterator[pa.RecordBatch]:
        before = pa.total_allocated_bytes()
        for _ in range(BATCHES):
            self.held.append(pa.total_allocated_bytes() - before)
            columns = [pa.array([f"{row}{name}" * 4 for row in range(ROWS)], pa.string()) for name in self.header]
            batch = self._batch(pa.array(range(ROWS), pa.int64()), columns)
            self.size = batch.nbytes
            yield batch


def test_no_more_than_a_few_batches_wait_for_the_engine() -> None:
    rows = Long()
    export = Export(rows, CONTRACT)
    with duckdb.connect() as connection:
        connection.execute("SET threads = 1")
        connection.from_arrow(export.reader().__arrow_c_stream__()).create_view("arrived")
        slow = "md5(regexp_replace(COLUMNS(* EXCLUDE (sheet, row)), '[0-9]', '-', 'g'))"
        connection.execute(f"CREATE TEMP TABLE z AS SELECT {slow} FROM arrived")
    assert len(rows.held) == BATCHES
    assert max(rows.held) < 5 * rows.size
