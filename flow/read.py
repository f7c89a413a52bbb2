"""Read: a raw file becomes a stream of rows of text under the contract's column names, what must not be kept left out."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flow.certificates import ShortenedRows
from flow.context import Context
from flow.erase.rows import Cuts, ErasedRows
from pool import Receipt
from pool.machine import fault_of
from schemas.contract import Contract
from schemas.refused import UNDECLARED_CITIZENS, refused_by_content, split_citizens, undeclared_citizens
from sources.readers import Aside, Layout, ReadError, RowFault, TextRows, open_rows
from transforms.conform import conform
from transforms.erase import CAUSE, ELEMENTS_OF_NUMBERS

FAULT = "fault"
"""Third column of a redacted raw file: the cause why a row, or from there on the file, could not be read."""
ASIDE = "beside: "
"""Begins the cause where it is no fault but what stands beside the rows."""
BROKEN_OFF = -1
"""Row number that stands for the rest of a file which could not be read to its end."""
WITHHELD = "（文件含不得保留的内容，原文不保留）"
SEPARATOR = "\x1f"
SAMPLED_CELLS = 1000
"""Cells of each column kept to look for content that is refused, evenly from the whole file; when there are more, every second one goes."""


class Export:
    """One export being read: its columns against the contract, and its rows."""

    def __init__(self, rows: TextRows, contract: Contract) -> None:
        self._rows = rows
        self.conformity = conform(rows.header, contract)
        self._taken = {place: name for place, name in self.conformity.mapping.items() if place not in self.conformity.ignored}
        self._cells: dict[int, list[str]] = {}
        self._step, self._seen = 1, 0
        self._filled: Counter[int] = Counter()
        found = {*self.conformity.mapping.values()}
        self._lacks_numbers = any(
            column.element and column.element.name in ELEMENTS_OF_NUMBERS and column.name not in found for column in contract.columns
        )
        self._sheets: dict[str, None] = {}
        self.machine_fault: Exception | None = None
        """The machine's error that ended the batches early: the engine that reads them wraps it in one of its own."""

    @property
    def schema(self) -> pa.Schema:
        """sheet, row and one text column a contract column."""
        fields = [pa.field("sheet", pa.string()), pa.field("row", pa.int64())]
        return pa.schema(fields + [pa.field(name, pa.string()) for name in self._taken.values()])

    def batches(self) -> Iterator[pa.RecordBatch]:
        """The rows under the contract's names. Raises ReadError, OSError, also after some batches."""
        self._cells = {place: [] for place in range(len(self._rows.header))}
        self._step, self._seen = 1, 0
        self._filled.clear()
        self._sheets.clear()
        try:
            for batch in self._rows.batches():
                self._sample(batch)
                columns = [batch.column(0), batch.column(1), *(_without_separator(batch.column(place + 2)) for place in self._taken)]
                yield pa.RecordBatch.from_arrays(columns, schema=self.schema)
        except Exception as error:
            self.machine_fault = fault_of(error)
            raise

    def reader(self) -> pa.RecordBatchReader:
        """The rows to be read once, as they are needed; none of a file that is blocked, for without its columns no row can be judged."""
        batches = self.batches()
        if self.conformity.blocks:
            self.skim()
            batches = iter(())
        return pa.RecordBatchReader.from_batches(self.schema, batches)

    def skim(self) -> None:
        """Read the rows, as far as that goes, only to know what is in the columns."""
        with suppress(ReadError):
            for _ in self.batches():
                pass

    @property
    def error(self) -> ReadError | None:
        """What ended the batches early."""
        return self._rows.error

    def faults(self, *, withheld: bool) -> list[RowFault]:
        """Rows that could not be read, known when the batches are exhausted; their text only where it may be kept."""
        hidden = {True: WITHHELD, False: ""}  # of an erased row nothing is left to withhold
        return [
            RowFault(each.sheet, each.row, hidden[each.cause != CAUSE] if withheld else each.text, each.cause) for each in self._rows.faults
        ]

    @property
    def asides(self) -> list[Aside]:
        """What stands in the file and is none of its rows, known when the batches are exhausted."""
        return self._rows.asides

    @property
    def cuts(self) -> Cuts:
        """What names erased persons and was left out."""
        return self._rows.cuts if isinstance(self._rows, ErasedRows) else Cuts()

    @property
    def sheets(self) -> tuple[str, ...]:
        """The names of the sheets that had rows, known when the batches are exhausted; none for formats without sheets."""
        return tuple(self._sheets)

    def cells(self, place: int) -> list[str]:
        """Some cells of the column at a place in the header, evenly from the whole file."""
        return self._cells.get(place, [])

    def filled(self, place: int) -> int:
        """How many cells of the column at a place in the header have a value."""
        return self._filled[place]

    def refused(self, judged: Mapping[str, str] | None) -> dict[int, str]:
        """Place in the header to reason of every column that must not be kept, by its header or by its cells.

        judged: the contract's columns that the check of the rows refused; None when it did not come to judge them.
        """
        reasons = self._undeclared() | {
            place: refused_by_content(cells) if judged is None else judged.get(self._taken.get(place, ""))
            for place, cells in self._cells.items()
            if place in self._taken
        }
        return {place: reason for place, reason in reasons.items() if reason} | dict(self.conformity.refused)

    def _undeclared(self) -> dict[int, str | None]:
        """Why columns that the contract does not take must not rest in the raw file either, by place.

        Where it misses a column of numbers of persons, one that holds some may be that under another name, and waits for the contract to know it.
        """
        cells = {place: texts for place, texts in self._cells.items() if place not in self._taken}
        reasons = {place: refused_by_content(texts) for place, texts in cells.items()}
        if self._lacks_numbers:
            return reasons
        open_places = [place for place in sorted(cells) if not reasons[place]]
        reasons |= {place: undeclared_citizens(cells[place]) for place in open_places}
        for place in open_places:
            if place + 1 in open_places and split_citizens([cells[place], cells[place + 1]]):
                reasons |= dict.fromkeys((place, place + 1), UNDECLARED_CITIZENS)
        return reasons

    def _sample(self, batch: pa.RecordBatch) -> None:
        self._sheets |= dict.fromkeys(sheet for sheet in pc.unique(batch.column(0)).to_pylist() if sheet)
        for place, column in enumerate(batch.columns[2:]):
            self._filled[place] += _filled(column)
        first = -self._seen % self._step
        self._seen += batch.num_rows
        if first >= batch.num_rows:
            return
        chosen = batch.take(pa.arange(first, batch.num_rows, self._step))
        for place, column in enumerate(chosen.columns[2:]):
            self._cells[place] += column.to_pylist()
        while len(self._cells[0]) > SAMPLED_CELLS:
            self._cells = {place: cells[::2] for place, cells in self._cells.items()}
            self._step *= 2


def _filled(column: pa.Array) -> int:
    """How many texts of a column are not empty."""
    ends = np.frombuffer(column.buffers()[1], np.int32)[column.offset : column.offset + len(column) + 1]
    return int(np.count_nonzero(ends[1:] != ends[:-1]))


def _without_separator(column: pa.Array) -> pa.Array:
    """A column of text without the control character that the check puts between cells; no value keeps it in any case."""
    data = column.buffers()[-1]
    return pc.replace_substring(column, SEPARATOR, "") if data is not None and SEPARATOR.encode() in data.to_pybytes() else column


class RedactedRows(TextRows):
    """A raw file after a redaction: its rows as text in Parquet; of a row that could not be read only number and cause."""

    def __init__(self, path: Path, layout: Layout) -> None:
        super().__init__(path, layout)
        self._file = pq.ParquetFile(path)
        self.header = tuple(self._file.schema_arrow.names[3:])

    def _read(self) -> Iterator[pa.RecordBatch]:
        for batch in self._file.iter_batches():
            faulty = batch.column(2).is_valid()
            for sheet, row, cause in zip(*(column.to_pylist() for column in batch.filter(faulty).columns[:3]), strict=True):
                if row == BROKEN_OFF:
                    raise ReadError(self.path, cause, "请重新导出并报送", sheet)
                if cause.startswith(ASIDE):
                    self.asides.append(Aside(sheet, row, cause.removeprefix(ASIDE)))
                    continue
                self.faults.append(RowFault(sheet, row, "" if cause == CAUSE else WITHHELD, cause))
            rows = batch.filter(pc.invert(faulty))
            yield pa.RecordBatch.from_arrays([*rows.columns[:2], *rows.columns[3:]], schema=self.schema)


def open_raw(context: Context, receipt: Receipt, contract: Contract) -> ShortenedRows:
    """The rows of a delivery as received but for certificates cut short, or what a redaction left of them.

    Raises ReadError when the file as a whole cannot be read.
    """
    path = context.pool.raw.path(receipt.sha256)
    layout = layout_of(contract, receipt.file_name)
    rows = RedactedRows(path, layout) if context.pool.raw.is_redacted(receipt.sha256) else open_rows(path, layout)
    return ShortenedRows(rows, contract)


def layout_of(contract: Contract, file_name: str) -> Layout:
    """How a file of the contract is laid out."""
    format = contract.format_of(file_name)
    return Layout(format, contract.encoding or "utf-8", contract.title_rows, contract.header_rows, contract.sheet, contract.row_path)


def rows_without(rows: TextRows, refused: Mapping[int, str]) -> Iterator[pa.RecordBatch]:
    """What takes the place of a raw file: its rows as text without the columns at the refused places."""
    kept = [place for place in range(len(rows.header)) if place not in refused]
    leading = [pa.field("sheet", pa.string()), pa.field("row", pa.int64()), pa.field(FAULT, pa.string())]
    schema = pa.schema(leading + [pa.field(rows.header[place], pa.string()) for place in kept])
    yield pa.RecordBatch.from_arrays([pa.array([], each.type) for each in schema], schema=schema)  # the header stays where there is no row
    broken_off = []
    try:
        for batch in rows.batches():
            columns = [
                batch.column(0),
                batch.column(1),
                pa.nulls(batch.num_rows, pa.string()),
                *(batch.column(place + 2) for place in kept),
            ]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)
    except ReadError as error:
        broken_off = [RowFault(error.sheet, BROKEN_OFF, "", error.cause)]
    beside = [RowFault(each.sheet, each.row, "", ASIDE + each.kind) for each in rows.asides]
    faults = [*rows.faults, *broken_off, *beside]
    notes = ([each.sheet for each in faults], [each.row for each in faults], [each.cause for each in faults])
    columns = [pa.array(values, each.type) for values, each in zip(notes, leading, strict=True)]
    yield pa.RecordBatch.from_arrays(columns + [pa.nulls(len(faults), pa.string()) for _ in kept], schema=schema)


def raw_rows(
    context: Context, receipt: Receipt, contract: Contract, wanted: set[tuple[str, int]]
) -> Iterator[tuple[str, int, dict[str, str]]]:
    """Single rows of a raw file as received: sheet, row, header to text."""
    rows = open_raw(context, receipt, contract)
    numbers = pa.array(sorted({row for _, row in wanted}), pa.int64())
    found = 0
    for batch in rows.batches():
        chosen = batch.filter(pc.is_in(batch.column(1), numbers))
        for sheet, row, *cells in zip(*(column.to_pylist() for column in chosen.columns), strict=True):
            if (sheet, row) in wanted:
                found += 1
                yield sheet, row, {header: text for header, text in zip(rows.header, cells, strict=True) if text}
        if found == len(wanted):
            return
