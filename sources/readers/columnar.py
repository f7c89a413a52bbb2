"""Parquet files, in which columns have types."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sources.readers.header import column_names
from sources.readers.rows import Layout, ReadError, TextRows
from sources.readers.values import ROWS_PER_BATCH, value_text

CAST_BY_ARROW = (pa.types.is_string, pa.types.is_large_string, pa.types.is_integer, pa.types.is_decimal, pa.types.is_date)
"""Types whose text in Arrow is the one that `value_text` would give."""


class ParquetRows(TextRows):
    """Rows of a Parquet file; `row` is the record, the first one 1.

    Raises ReadError for a file that is no Parquet file or damaged, and for columns without a name or with the same one.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        super().__init__(path, layout)
        try:
            self._file = pq.ParquetFile(path)
        except OSError as error:
            raise ReadError(path, f"无法打开（{error.strerror or error}）", "请核对文件是否存在以及读取权限") from error
        except (pa.ArrowException, UnicodeDecodeError) as error:
            raise ReadError(path, f"不是 Parquet 文件，或已损坏（{error}）", "请核对格式并重新导出") from error
        self.header = column_names([_flat(self._file.schema_arrow.empty_table()).column_names], path, "", 0)

    def _read(self) -> Iterator[pa.RecordBatch]:
        counted = itertools.count(1)
        try:
            for batch in self._file.iter_batches(ROWS_PER_BATCH):
                numbers = pa.array(itertools.islice(counted, batch.num_rows), pa.int64())
                columns = _flat(pa.Table.from_batches([batch])).combine_chunks().columns
                yield self._without_nul(self._batch(numbers, [_text(column) for column in columns]))
        except (OSError, pa.ArrowException, UnicodeDecodeError) as error:
            raise ReadError(self.path, f"读到一半出错，文件可能已损坏（{error}）", "请核对文件大小并重新导出") from error


def _flat(table: pa.Table) -> pa.Table:
    """A table with a column for each field of its structs, named by its path (holder.name)."""
    while any(pa.types.is_struct(field.type) for field in table.schema):
        table = table.flatten()
    return table


def _text(chunked: pa.ChunkedArray) -> pa.Array:
    """A column as text, nulls and what is not a number empty."""
    column = chunked.combine_chunks()
    column.validate(full=True)  # what claims to be text may be none
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if any(is_kind(column.type) for is_kind in CAST_BY_ARROW):
        return pc.fill_null(column.cast(pa.string()), "")
    return pa.array(["" if value != value else value_text(value) for value in column.to_pylist()], pa.string())
