"""CSV and TSV exports: decoded in Python, parsed by pyarrow."""

import csv
import io
import itertools
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.csv

from sources.readers.footers import is_footer, set_footers_aside
from sources.readers.header import carried_right, column_names
from sources.readers.rows import FAULT_LIMIT, Layout, ReadError, TextRows
from sources.readers.text_stream import BLOCK_SIZE, SAMPLE_SIZE, Utf8Stream, text_lines

DELIMITERS = {"csv": ",", "tsv": "\t"}
HEADER_LIMIT = 16 * 1024 * 1024
SENTINEL = "\0end of file\0"


class DelimitedRows(TextRows):
    """Rows of a CSV or TSV file; `row` counts records, so a line break inside quotes does not raise it.

    Raises ReadError for a header that is missing, empty or repeated. Memory is constant; a record may have up to 4 MB.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        super().__init__(path, layout)
        self._delimiter = DELIMITERS[layout.format]
        self._first_row = layout.title_rows + layout.header_rows + 1
        with Utf8Stream(path, layout.encoding) as stream:
            rows = self._take_header(stream)[layout.title_rows :]
        self.header = column_names(carried_right(rows), path, "", self._first_row - 1)

    def _read(self) -> Iterator[pa.RecordBatch]:
        with Utf8Stream(self.path, self.layout.encoding) as stream:
            self._take_header(stream)
            first = stream.read()
            if first:
                stream.push_back(first)
                yield from set_footers_aside(self, self._parse(stream), self._delimiter)
            odd_quotes = stream.quotes % 2 == 1
        if odd_quotes:
            self._refuse_open_quote()

    def _take_header(self, stream: Utf8Stream) -> list[list[str]]:
        """Take title and header rows from the stream, which goes on with the first row of data."""
        wanted = self._first_row - 1
        head = b""
        while len(head) <= HEADER_LIMIT:
            block = stream.read(SAMPLE_SIZE)
            head += block
            # A block may end inside a character; the stream itself holds nothing invalid.
            text = head.decode(errors="ignore")
            rows, taken = self._parse_head(text, wanted)
            if len(rows) == wanted and (taken < len(text) or not block):
                stream.push_back(head[len(text[:taken].encode()) :])
                return rows
            if not block:
                cause = f"文件只有 {len(rows)} 行，应有标题 {self.layout.title_rows} 行和表头 {self.layout.header_rows} 行"
                raise ReadError(self.path, cause, "请核对是否选错了文件，或重新导出")
        raise ReadError(self.path, f"表头超过 {HEADER_LIMIT >> 20} MB", "请核对表头中是否有没闭合的引号", row=wanted)

    def _parse_head(self, text: str, wanted: int) -> tuple[list[list[str]], int]:
        """Return up to `wanted` records of the text and the number of characters they take."""
        lines = _Counted(io.StringIO(text, newline=""))
        try:
            return list(itertools.islice(csv.reader(lines, delimiter=self._delimiter), wanted)), lines.characters
        except csv.Error as error:
            too_long = "field limit" in str(error)
            cause = f"表头中有一个名称超过 {csv.field_size_limit():,} 个字符" if too_long else f"表头无法解析（{error}）"
            raise ReadError(self.path, cause, "请核对表头中是否有没闭合的引号，换行是否丢失", row=wanted) from error

    def _parse(self, stream: Utf8Stream) -> Iterator[pa.RecordBatch]:
        numbers = _RowNumbers(self._first_row)
        last_is_short = False

        def set_aside(row: pa.csv.InvalidRow) -> str:
            nonlocal last_is_short
            last_is_short = row.actual_columns < row.expected_columns
            number = self._first_row + row.number - 1
            numbers.skip(number)
            cause = f"有 {row.actual_columns} 个字段，表头有 {row.expected_columns} 个，请核对引号和分隔符"
            self._add_fault(number, row.text, cause)
            return "skip" if len(self.faults) <= FAULT_LIMIT else "error"

        try:
            for batch in self._open(stream, set_aside):
                rows = self._batch(numbers.take(batch.num_rows), batch.columns)
                yield self._without_nul(rows) if stream.has_nul else rows
        except pa.ArrowInvalid as error:
            self._check_fault_limit()
            self._refuse_open_quote()
            raise self._unparsable(numbers, error) from error
        if numbers.ends_with_skipped and last_is_short and not stream.ends_with_newline:
            last = self.faults[-1]
            if is_footer(last.text, len(self.header), self._delimiter):
                return
            cause = f"最后一行不完整（{last.cause}），后面也没有换行，文件很可能没有传完"
            raise ReadError(self.path, cause, "请核对文件大小并重新导出", row=last.row)

    def _open(self, stream: Utf8Stream, set_aside: Callable[[pa.csv.InvalidRow], str]) -> pa.csv.CSVStreamingReader:
        names = [str(index) for index in range(len(self.header))]
        return pa.csv.open_csv(
            stream,
            # Only without threads does pyarrow tell the numbers of invalid rows.
            read_options=pa.csv.ReadOptions(use_threads=False, block_size=BLOCK_SIZE, column_names=names),
            parse_options=pa.csv.ParseOptions(
                delimiter=self._delimiter, newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=set_aside
            ),
            convert_options=pa.csv.ConvertOptions(
                # The stream is valid UTF-8 because we decoded it.
                check_utf8=False,
                column_types={name: pa.string() for name in names},
                strings_can_be_null=False,
            ),
        )

    def _unparsable(self, numbers: "_RowNumbers", error: pa.ArrowInvalid) -> ReadError:
        too_long = "straddling" in str(error)
        cause = f"此后有一条记录超过 {BLOCK_SIZE >> 20} MB" if too_long else f"无法解析（{error}）"
        return ReadError(self.path, cause, "请核对引号和分隔符后重新导出", row=numbers.next)

    def _refuse_open_quote(self) -> None:
        """Raise if a quote is never closed. An odd number of quotes alone may also come from `5"钢管` without quoting."""
        with Utf8Stream(self.path, self.layout.encoding) as stream:
            records = csv.reader(itertools.chain(text_lines(stream), [SENTINEL]), delimiter=self._delimiter)
            number, closed = 0, False
            try:
                for record in records:
                    number += 1
                    closed = record == [SENTINEL]
            except csv.Error:
                # The quoted text has grown longer than the module allows.
                number, closed = number + 1, False
        if not closed:
            cause = "从这一行起有一个引号没有闭合，其后内容都被它吞掉；也可能是文件没有传完"
            raise ReadError(self.path, cause, "请补上引号或重新导出", row=number)


class _RowNumbers:
    """Numbers of the rows that parse, given those that do not; both arrive in the order of the file."""

    def __init__(self, first: int) -> None:
        self.next = first
        self._skipped: deque[int] = deque()

    @property
    def ends_with_skipped(self) -> bool:
        return bool(self._skipped)

    def skip(self, number: int) -> None:
        self._skipped.append(number)

    def take(self, count: int) -> pa.Array:
        """Return the next `count` numbers (int64)."""
        pieces = [pa.array([], pa.int64())]
        while count:
            while self._skipped and self._skipped[0] == self.next:
                self._skipped.popleft()
                self.next += 1
            length = min(count, self._skipped[0] - self.next) if self._skipped else count
            pieces.append(pa.arange(self.next, self.next + length))
            self.next += length
            count -= length
        return pa.concat_arrays(pieces)


class _Counted(Iterator[str]):
    """Lines with a count of the characters handed out."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.characters = 0

    def __next__(self) -> str:
        line = next(self._lines)
        self.characters += len(line)
        return line
