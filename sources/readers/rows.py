"""What every reader gives: rows of text in Arrow batches, rows that could not be read, and the error for a whole file."""

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sources.limits import limits

FAULT_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class Layout:
    """How an export is laid out: `format` is a key of READERS, encoding `auto` is told from the file.

    sheet: None is the first one, `*` all of them. row_path: where the records of a JSON or XML document stand, empty: right below its top.
    """

    format: str
    encoding: str = "utf-8"
    title_rows: int = 0
    header_rows: int = 1
    sheet: str | None = None
    row_path: str = ""


@dataclass(frozen=True, slots=True)
class RowFault:
    """A row that is in no batch, with its number as a spreadsheet shows it and the cause in Chinese.

    text is a JSON object from header to value where the values could be told apart, else the record as received.
    """

    sheet: str
    row: int
    text: str
    cause: str


@dataclass(frozen=True, slots=True)
class Aside:
    """What stands in a file and is no row of it, with its kind in Chinese; row 0 where it has no number."""

    sheet: str
    row: int
    kind: str


class ReadError(Exception):
    """A file (or folder) that cannot be read; its message is Chinese and says where, why and what to do."""

    def __init__(
        self,
        file: Path,
        cause: str,
        advice: str,
        sheet: str = "",
        row: int | None = None,
        column: str | None = None,
    ) -> None:
        # All fields are positional arguments of Exception so that the error survives pickling between processes.
        super().__init__(file, cause, advice, sheet, row, column)
        self.file = file
        self.cause = cause
        self.advice = advice
        self.sheet = sheet
        self.row = row
        self.column = column

    def __str__(self) -> str:
        place = [f"文件 {self.file}"]
        if self.sheet:
            place.append(f"工作表“{self.sheet}”")
        if self.row is not None:
            place.append(f"第 {self.row} 行")
        if self.column is not None:
            place.append(f"列“{self.column}”")
        return f"{'，'.join(place)}：{self.cause}。{self.advice}。"


class TextRows(ABC):
    """The rows of one export as text.

    header: names of the columns, unique. faults: rows that are in no batch, by number, complete once batches() is
    exhausted; every record that is not blank is in a batch, a fault or, where it is none of the table (a total, a note),
    an aside. error: what ended batches(), for callers such as DuckDB that read the batches and wrap it in an error of
    their own.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self.path = path
        self.layout = layout
        self.sheet = ""
        self.header: tuple[str, ...] = ()
        self.faults: list[RowFault] = []
        self.asides: list[Aside] = []
        self.error: ReadError | None = None

    @property
    def schema(self) -> pa.Schema:
        """Schema of every batch: sheet (string), row (int64), then one string column a header cell, in its order."""
        leading = [pa.field("sheet", pa.string()), pa.field("row", pa.int64())]
        return pa.schema(leading + [pa.field(name, pa.string()) for name in self.header])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """Read the file from its start and yield batches of `schema`; an empty cell is an empty text, never null.

        May be called again. Raises ReadError, also after some batches: then none of them may be used.
        """
        self.faults.clear()
        self.asides.clear()
        self.error = None
        try:
            for batch in self._read():
                self._check_fault_limit()
                yield batch
            self._check_fault_limit()
        except ReadError as error:
            self.error = error
            raise
        self.faults.sort(key=lambda fault: (fault.sheet, fault.row))

    @abstractmethod
    def _read(self) -> Iterator[pa.RecordBatch]: ...

    def _batch(self, numbers: pa.Array, columns: Sequence[pa.Array]) -> pa.RecordBatch:
        """Join row numbers and text columns into a batch without its blank rows. Raises ReadError for a cell that is too large."""
        for name, column in zip(self.header, columns, strict=True):
            self._refuse_large(name, numbers, column)
        sheets = pa.repeat(pa.scalar(self.sheet, pa.string()), len(numbers))
        batch = pa.RecordBatch.from_arrays([sheets, numbers, *columns], schema=self.schema)
        blank = _blank_rows(columns)
        return batch if blank is None else batch.filter(pc.invert(blank))

    def _refuse_large(self, name: str, numbers: pa.Array, column: pa.Array) -> None:
        allowed = limits().record_bytes
        text = column.buffers()[-1]
        if text is None or text.size <= allowed:
            return
        lengths = pc.binary_length(column)
        if pc.max(lengths).as_py() > allowed:
            row = numbers[pc.index(pc.greater(lengths, allowed), True).as_py()].as_py()
            raise ReadError(self.path, f"一个单元格超过 {allowed >> 20} MB", "请核对内容后重新导出", self.sheet, row, name)

    def _without_nul(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        """Move the rows that hold NUL characters from the batch to the faults."""
        causes: dict[int, str] = {}
        for column in batch.columns[2:]:
            for row in batch.column(1).filter(pc.match_substring(column, "\0")).to_pylist():
                causes[row] = "含有空字符（NUL），文件可能损坏或并非文本，请重新导出"
        return self._without(batch, causes)

    def _without(self, batch: pa.RecordBatch, causes: Mapping[int, str]) -> pa.RecordBatch:
        """Move the rows with these numbers from the batch to the faults."""
        if not causes:
            return batch
        numbers = batch.column(1)
        bad = pc.is_in(numbers, pa.array(list(causes), pa.int64()))
        for index in pc.indices_nonzero(bad).to_pylist():
            values = [column[index].as_py() for column in batch.columns[2:]]
            number = numbers[index].as_py()
            self._add_fault(number, json_text(dict(zip(self.header, values, strict=True))), causes[number])
        return batch.filter(pc.invert(bad))

    def _add_fault(self, row: int, text: str, cause: str) -> None:
        self.faults.append(RowFault(self.sheet, row, text.replace("\0", "␀"), cause))

    def _check_fault_limit(self) -> None:
        if len(self.faults) <= FAULT_LIMIT:
            return
        first = self.faults[0]
        cause = f"超过 {FAULT_LIMIT} 行无法读取，第一处在第 {first.row} 行（{first.cause}）"
        raise ReadError(self.path, cause, "请核对格式、分隔符和表头行数是否与约定一致，再重新导出", self.sheet)


def json_text(record: object) -> str:
    """Write a value as compact JSON with its Chinese readable."""
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def _blank_rows(columns: Sequence[pa.Array]) -> pa.Array | None:
    """Mask of the rows whose cells are all empty, or None if there is no such row."""
    blank: pa.Array | None = None
    for column in columns:
        empty = pc.equal(column, "")
        blank = empty if blank is None else pc.and_(blank, empty)
        if blank.true_count == 0:
            return None
    return blank
