"""JSON lines exports: one object a line."""

import json
from collections.abc import Iterator

from sources.readers.records import Record, RecordRows, flattened
from sources.readers.rows import ReadError
from sources.readers.text_stream import Utf8Stream, text_lines


class JsonLines(RecordRows):
    """Rows of a JSON lines file; `row` is the line, the first one 1."""

    def _records(self) -> Iterator[tuple[int, Record]]:
        with Utf8Stream(self.path, self.layout.encoding) as stream:
            for number, line in enumerate(text_lines(stream), 1):
                text = line.strip()
                try:
                    record, end = DECODER.raw_decode(text)
                    if end < len(text):
                        raise json.JSONDecodeError("more than one value", text, end)
                    if not isinstance(record, dict):
                        raise TypeError("不是对象")
                    record = flattened(record)
                except (ValueError, TypeError, RecursionError) as error:
                    self._set_aside(number, line, error)
                else:
                    yield number, record

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

    def _without_records(self) -> ReadError:
        cause = "没有一行是 JSON 对象，而约定的格式是 jsonl（每行一个 JSON 对象）"
        return ReadError(self.path, cause, "请核对格式或重新导出")


def _constant(name: str) -> None:
    """Read NaN, which programs write for an absent number, as null, and refuse infinities."""
    if name != "NaN":
        raise ValueError(f"数值 {name} 无效")


def _without_repeated(pairs: list[tuple[str, object]]) -> dict[str, object]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"字段“{next(name for name in names if names.count(name) > 1)}”出现了两次")
    return record


DECODER = json.JSONDecoder(parse_constant=_constant, object_pairs_hook=_without_repeated)
