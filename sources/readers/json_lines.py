"""JSON lines exports: one object a line."""

import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa

from sources.readers.rows import Layout, ReadError
from sources.readers.text_stream import Utf8Stream, text_lines
from sources.readers.values import ROWS_PER_BATCH, ValueRows


class JsonLines(ValueRows):
    """Rows of a JSON lines file; `row` is the line, the first one 1.

    The header is the union of all keys in order of appearance; to know it the file is parsed once before the rows are.
    Raises ReadError if no line is an object. Memory is constant but for the longest line.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        super().__init__(path, layout)
        keys: dict[str, None] = {}
        for _, record in self._records():
            if not record.keys() <= keys.keys():
                keys.update(dict.fromkeys(record))
        self.faults.clear()
        if not keys:
            cause = "没有一行是 JSON 对象，而约定的格式是 jsonl（每行一个 JSON 对象）"
            raise ReadError(path, cause, "请核对格式或重新导出")
        self._refuse_unwritable(keys)
        self.header = tuple(keys)

    def _read(self) -> Iterator[pa.RecordBatch]:
        records = self._records()
        while chunk := list(itertools.islice(records, ROWS_PER_BATCH)):
            columns = ([record.get(key) for _, record in chunk] for key in self.header)
            yield self._value_batch([number for number, _ in chunk], columns)

    def _records(self) -> Iterator[tuple[int, dict[str, object]]]:
        """Yield line numbers and objects; lines that are none become faults."""
        with Utf8Stream(self.path, self.layout.encoding) as stream:
            for number, line in enumerate(text_lines(stream), 1):
                text = line.strip()
                try:
                    record, end = DECODER.raw_decode(text)
                    if end < len(text):
                        raise json.JSONDecodeError("more than one value", text, end)
                except (ValueError, RecursionError) as error:
                    self._set_aside(number, line, error)
                    continue
                if isinstance(record, dict):
                    yield number, record
                else:
                    self._set_aside(number, line, TypeError("不是对象"))

    def _set_aside(self, number: int, line: str, error: Exception) -> None:
        text = line.rstrip("\r\n")
        if not text.strip():
            return
        where = f"第 {error.colno} 个字符处" if isinstance(error, json.JSONDecodeError) else str(error)
        if text == line and isinstance(error, json.JSONDecodeError):
            cause = f"最后一行不完整（{where}），后面也没有换行，文件很可能没有传完"
            raise ReadError(self.path, cause, "请核对文件大小并重新导出", row=number)
        self._add_fault(number, text, f"不是有效的 JSON 对象（{where}），请重新导出这一行")
        self._check_fault_limit()

    def _refuse_unwritable(self, keys: Iterable[str]) -> None:
        for key in keys:
            if "\0" in key or key.encode(errors="replace").decode() != key:
                raise ReadError(self.path, f"字段名 {key!r} 含有无效字符", "请改名后重新导出")


def _constant(name: str) -> None:
    """Read NaN, which programs write for an absent number, as null, and refuse infinities."""
    if name != "NaN":
        raise ValueError(f"数值 {name} 无效")


DECODER = json.JSONDecoder(parse_constant=_constant)
