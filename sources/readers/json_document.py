"""JSON exports: one document with an array of objects."""

from collections.abc import Iterator

import ijson

from sources.limits import limits
from sources.readers.records import Record, RecordRows, flattened
from sources.readers.rows import ReadError, json_text
from sources.readers.text_stream import Utf8Stream

CHUNK_SIZE = 64 * 1024


class JsonDocument(RecordRows):
    """Rows of the array at `row_path` (data.rows; empty: the document itself); `row` is the element, the first one 1.

    Raises ReadError for what is no JSON, ends in the middle, or has an element that is too large.
    """

    def _records(self) -> Iterator[tuple[int, Record]]:
        prefix = f"{self.layout.row_path}.item" if self.layout.row_path else "item"
        number = 0
        with Utf8Stream(self.path, self.layout.encoding) as stream:
            source = _Guarded(stream)
            try:
                for number, element in enumerate(ijson.items(source, prefix, buf_size=CHUNK_SIZE, map_type=_Noting), 1):
                    source.since_record = 0
                    if record := self._record(number, element):
                        yield number, record
            except ijson.IncompleteJSONError as error:
                raise self._broken(number, "文件在中途结束或有语法错误，可能没有传完") from error
            except (ijson.JSONError, UnicodeDecodeError, ArithmeticError, ValueError) as error:
                raise self._broken(number, "不是有效的 JSON") from error
            except _TooLarge as error:
                cause = f"此后有一条记录超过 {limits().record_bytes >> 20} MB，或不在约定的位置"
                raise ReadError(self.path, cause, "请核对格式和约定中的 rowPath", row=number + 1) from error

    def _record(self, number: int, element: object) -> Record | None:
        try:
            if not isinstance(element, dict):
                raise TypeError("不是对象")
            _refuse_repeated(element)
            return flattened(element)
        except (ValueError, TypeError, RecursionError) as error:
            self._add_fault(number, _text(element), f"不是有效的 JSON 对象（{error}），请重新导出这一条")
            self._check_fault_limit()
            return None

    def _broken(self, number: int, cause: str) -> ReadError:
        return ReadError(self.path, f"{cause}，在第 {number + 1} 条记录或其后", "请核对文件大小并重新导出", row=number + 1)

    def _without_records(self) -> ReadError:
        where = f"路径 {self.layout.row_path}" if self.layout.row_path else "顶层"
        cause = f"{where}没有由 JSON 对象组成的数组"
        return ReadError(self.path, cause, "请核对约定中的 rowPath（例如 data.rows），或重新导出；每行一个对象的，format 应为 jsonl")


class _Noting(dict[str, object]):
    """An object that remembers which of its keys came twice."""

    repeated = ""

    def __setitem__(self, key: str, value: object) -> None:
        if key in self:
            self.repeated = key
        super().__setitem__(key, value)


def _refuse_repeated(value: object) -> None:
    if isinstance(value, _Noting) and value.repeated:
        raise ValueError(f"字段“{value.repeated}”出现了两次")
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _refuse_repeated(each)


def _text(element: object) -> str:
    try:
        return json_text(element)
    except (TypeError, RecursionError):
        return str(type(element).__name__) if isinstance(element, dict | list) else str(element)


class _TooLarge(Exception):
    """No element has ended for a long time."""


class _Guarded:
    """The bytes of a stream, until one record has taken too many."""

    def __init__(self, stream: Utf8Stream) -> None:
        self._stream = stream
        self.since_record = 0

    def read(self, size: int = CHUNK_SIZE) -> bytes:
        if self.since_record > limits().record_bytes:
            raise _TooLarge
        content = self._stream.read(size)
        self.since_record += len(content)
        return content
