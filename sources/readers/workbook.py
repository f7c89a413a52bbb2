"""Workbooks (XLSX, and old XLS) through calamine, in a process of its own."""

import itertools
import pickle
import signal
import subprocess
import sys
import weakref
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from sources.limits import limits
from sources.readers.content import OLE_MARK, ZIP_MARK
from sources.readers.footers import set_footers_aside
from sources.readers.header import carried_right, column_names
from sources.readers.rows import Aside, Layout, ReadError
from sources.readers.values import ValueRows, value_text
from sources.readers.workbook_process import EVERY, FIRST

# An encrypted workbook is an OLE container with a stream of this name; calamine only says that it knows no such format.
ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
SAMPLE_SIZE = 1024
PROGRAM = Path(__file__).with_name("workbook_process.py")
Column = Sequence[Any] | bytes
"""Values, or texts in UTF-8 with NUL between."""


class Workbook(ValueRows):
    """Rows of one sheet, or of all that have the same header (sheet `*`); `row` is the number that the spreadsheet shows.

    Raises ReadError for a file that is no workbook, is damaged or protected, a missing sheet, a missing or repeated
    header, a workbook that takes too much memory or time. Formulas give their stored values. Sheets that are not read are asides.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        super().__init__(path, layout)
        self._opened: _Sheets | None = _Sheets(path, layout.sheet)
        self._opened.next_sheet()
        self.sheet = self._opened.name
        self.header = self._take_header(self._opened)

    def _take_header(self, sheets: "_Sheets") -> tuple[str, ...]:
        title, last = self.layout.title_rows, self.layout.title_rows + self.layout.header_rows
        rows = [[value_text(cell) for cell in cells] for cells in sheets.take(last)]
        if len(rows) < last:
            cause = f"只有 {len(rows)} 行，应有标题 {title} 行和表头 {self.layout.header_rows} 行"
            raise ReadError(self.path, cause, "请核对是否选错了文件或工作表", self.sheet)
        return column_names(_carry_merged(rows, title, last - 1, sheets)[title:], self.path, self.sheet, last)

    def _read(self) -> Iterator[pa.RecordBatch]:
        sheets, self._opened = self._opened, None  # read once, it is read again from the start
        if sheets is None:
            sheets = _Sheets(self.path, self.layout.sheet)
            sheets.next_sheet()
            self._take_header(sheets)
        self.sheet = sheets.name
        yield from set_footers_aside(self, self._rows(sheets))
        while sheets.next_sheet():
            self.sheet = sheets.name
            if sheets.is_empty():
                continue
            if (header := self._take_header(sheets)) != self.header:
                name = next((each for each in header if each not in self.header), "")
                cause = f"表头与第一个工作表不同{f'：多了“{name}”' if name else ''}"
                raise ReadError(self.path, cause, "约定要读全部工作表，它们的表头应当一样", self.sheet, column=name or None)
            yield from set_footers_aside(self, self._rows(sheets))
        if self.layout.sheet != EVERY:
            self.asides += [Aside(name, 0, "没有读取的工作表") for name in sheets.names if name != self.sheet]

    def _rows(self, sheets: "_Sheets") -> Iterator[pa.RecordBatch]:
        first = self.layout.title_rows + self.layout.header_rows + 1
        for count, columns in sheets.chunks():
            arrays = (_texts(column, count) if isinstance(column, bytes) else column for column in columns)
            yield self._value_batch(range(first, first + count), arrays)
            first += count


def _texts(column: bytes, count: int) -> pa.Array:
    offsets = np.zeros(count + 1, np.int32)
    offsets[1:-1] = np.flatnonzero(np.frombuffer(column, np.uint8) == 0) - np.arange(count - 1)
    offsets[-1] = len(column) - (count - 1)
    return pa.Array.from_buffers(pa.string(), count, [None, pa.py_buffer(offsets), pa.py_buffer(column.replace(b"\0", b""))])


def _values(column: Column) -> Sequence[Any]:
    return column.decode().split("\0") if isinstance(column, bytes) else column


def _carry_merged(rows: list[list[str]], title: int, upper: int, sheets: "_Sheets") -> list[list[str]]:
    """Repeat names of upper header rows over the cells merged with them, or over empty ones if nothing is merged."""
    ranges = [area for area in sheets.merged if title <= area[0][0] < upper]
    if not ranges:
        return [*rows[:title], *carried_right(rows[title:])]
    for (row, left), (_, right) in ranges:
        start, end = max(0, left - sheets.first_column), min(right - sheets.first_column + 1, len(rows[row]))
        if start < end:
            rows[row][start:end] = [rows[row][start]] * (end - start)
    return rows


class _Sheets:
    """The sheets of a workbook one after the other, as the process that reads it sends them."""

    def __init__(self, path: Path, sheet: str | None) -> None:
        self._path = path
        self._wanted = sheet
        self.name = ""
        self.names: list[str] = []
        self.first_column = 0
        self.merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
        self._pending: tuple[int, list[Column]] | None = None
        self._next: tuple[Any, ...] = ()
        command = [sys.executable, "-I", str(PROGRAM), str(limits().workbook_memory), str(limits().workbook_seconds), sheet or FIRST]
        try:
            with path.open("rb") as file:
                if not path.stat().st_size:
                    raise ReadError(path, "文件是空的（0 字节）", "请重新导出")
                self._process = subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        except OSError as error:
            raise ReadError(path, f"无法打开（{error.strerror}）", "请核对文件是否存在以及读取权限") from error
        weakref.finalize(self, _end, self._process)

    def next_sheet(self) -> bool:
        """Go to the next sheet, past the rows of this one."""
        message = self._next or self._receive()
        while message[0] == "rows":
            message = self._receive()
        self._pending, self._next = None, ()
        if message[0] == "end":
            _end(self._process)
            if not self.name:
                raise ReadError(self._path, "工作簿里没有工作表", "请重新导出")
            return False
        _, self.name, self.first_column, self.merged, self.names = message
        return True

    def take(self, count: int) -> list[Sequence[Any]]:
        """The first rows of the sheet, fewer if it (or what is sent at once) has not so many."""
        for length, columns in self.chunks():
            values = [_values(column) for column in columns]
            if length > count:
                self._pending = (length - count, [column[count:] for column in values])
            return list(itertools.islice(zip(*values, strict=True), count))
        return []

    def is_empty(self) -> bool:
        """Whether the sheet has no more rows."""
        self._pending = next(self.chunks(), None)
        return self._pending is None

    def chunks(self) -> Iterator[tuple[int, list[Column]]]:
        """The rows of the sheet that were not taken: how many, and their columns."""
        if self._pending:
            pending, self._pending = self._pending, None
            yield pending
        while not self._next:
            message = self._receive()
            if message[0] == "rows":
                yield message[1:]
            else:
                self._next = message

    def _receive(self) -> tuple[Any, ...]:
        assert self._process.stdout is not None
        try:
            message: tuple[Any, ...] = pickle.load(self._process.stdout)
        except (EOFError, pickle.UnpicklingError) as error:
            raise self._broken_down() from error
        if message[0] == "error":
            _end(self._process)
            raise self._refused(*message[1:])
        return message

    def _broken_down(self) -> ReadError:
        code = self._process.wait()
        if code == -signal.SIGXCPU:
            cause = f"工作簿读了 {limits().workbook_seconds:,} 秒还没有读完"
        elif code in (-signal.SIGABRT, -signal.SIGKILL, -signal.SIGSEGV):
            cause = f"读取工作簿所需内存超过 {limits().workbook_memory >> 30} GB（展开后太大，或内容被人做过手脚）"
        else:
            cause = "工作簿已损坏，读取时出错"
        return ReadError(self._path, cause, "请核对文件，删去多余的空白行列后另存，或拆成几个文件重新导出", self.name)

    def _refused(self, kind: str, text: str, names: list[str]) -> ReadError:
        match kind:
            case "password":
                return _protected(self._path)
            case "no_sheet":
                return ReadError(self._path, f"没有工作表“{self._wanted}”，只有：{'、'.join(names)}", "请核对工作表名称")
        return _not_a_workbook(self._path, text)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    if process.stdout:
        process.stdout.close()
    process.wait()


def _not_a_workbook(path: Path, error: str) -> ReadError:
    content = path.read_bytes()
    if content.startswith(OLE_MARK) and ENCRYPTED_STREAM in content:
        return _protected(path)
    if content.startswith((ZIP_MARK, OLE_MARK)):
        return ReadError(path, f"工作簿已损坏或没有传完（{error}）", "请核对文件大小并重新导出")
    if content[:SAMPLE_SIZE].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        cause = "内容其实是网页（HTML 或 XML）表格，只是用了工作簿的扩展名"
        return ReadError(path, cause, "请用 Excel 或 WPS 打开，另存为 xlsx 后重新报送")
    return ReadError(path, "内容不是工作簿，可能是文本文件改了扩展名", "请核对格式，另存为 xlsx 后重新报送")


def _protected(path: Path) -> ReadError:
    return ReadError(path, "工作簿有打开密码", "请去掉密码后重新导出")
