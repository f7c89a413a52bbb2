"""JSON exports: one document with an array of objects."""

from collections.abc import Iterator
from typing import Any

import ijson

from sources.limits import limits
from sources.readers.records import Record, RecordRows, flattened, plain
from sources.readers.rows import ReadError, json_text
from sources.readers.text_stream import Utf8Stream

CHUNK_SIZE = 64 * 1024
STARTS = {"start_map": dict, "start_array": list}
ENDS = ("end_map", "end_array")
Event = tuple[str, Any]


class JsonDocument(RecordRows):
    """Rows of the array at `row_path` (data.rows; empty: the document itself); `row` is the element, the first one 1.

    Raises ReadError for what is no JSON, ends in the middle, is nested too deep, or has an element that is too large.
    """

    def _records(self) -> Iterator[tuple[int, Record]]:
        number = 0
        with Utf8Stream(self.path, self.layout.encoding) as stream:
            source = _Guarded(stream)
            # Of its events only the plain ones cost the same however deep they lie.
            events = ijson.basic_parse(source, buf_size=CHUNK_SIZE)
            try:
                for number, (element, repeated) in enumerate(_elements(events, self._path()), 1):
                    source.since_record = 0
                    if record := self._record(number, element, repeated):
                        yield number, record
                for _ in events:  # what follows may be cut off
                    pass
            except ijson.IncompleteJSONError as error:
                raise self._broken(number, "文件在中途结束或有语法错误，可能没有传完") from error
            except (ijson.JSONError, UnicodeDecodeError, ArithmeticError) as error:
                raise self._broken(number, "不是有效的 JSON") from error
            except _TooDeep as error:
                raise self._broken(number, f"嵌套超过 {limits().nesting} 层") from error
            except _TooLarge as error:
                cause = f"此后有一条记录超过 {limits().record_bytes >> 20} MB，或不在约定的位置"
                raise ReadError(self.path, cause, "请核对格式和约定中的 rowPath", row=number + 1) from error

    def _path(self) -> list[str]:
        return self.layout.row_path.split(".") if self.layout.row_path else []

    def _record(self, number: int, element: object, repeated: str) -> Record | None:
        try:
            if not isinstance(element, dict):
                raise TypeError("不是对象")
            if repeated:
                raise ValueError(f"字段“{repeated}”出现了两次")
            return flattened(element)
        except (ValueError, TypeError) as error:
            self._add_fault(number, json_text(plain(element)), f"不是有效的 JSON 对象（{error}），请重新导出这一条")
            self._check_fault_limit()
            return None

    def _broken(self, number: int, cause: str) -> ReadError:
        return ReadError(self.path, f"{cause}，在第 {number + 1} 条记录或其后", "请核对文件大小并重新导出", row=number + 1)

    def _without_records(self) -> ReadError:
        where = f"路径 {self.layout.row_path} " if self.layout.row_path else "顶层"
        cause = f"{where}没有由 JSON 对象组成的数组"
        return ReadError(self.path, cause, "请核对约定中的 rowPath（例如 data.rows），或重新导出；每行一个对象的，format 应为 jsonl")


def _elements(events: Iterator[Event], path: list[str]) -> Iterator[tuple[object, str]]:
    """The elements of the arrays at a path, each with the name of a field that occurs twice in an object of it."""
    around: list[str] = []
    key = ""
    for event, value in events:
        if event == "start_array" and [*around, key][1:] == path:
            for first, content in events:
                if first == "end_array":
                    break
                yield _element(events, first, content)
        elif event in STARTS:
            around.append(key)
            key = "[]" if event == "start_array" else ""
            if len(around) > limits().nesting:
                raise _TooDeep
        elif event in ENDS:
            around.pop()
            key = ""
        elif event == "map_key":
            key = value


def _element(events: Iterator[Event], event: str, value: Any) -> tuple[object, str]:
    """The value that an event begins, and the name of a field that occurs twice in one of its objects."""
    if event not in STARTS:
        return value, ""
    whole: Any = STARTS[event]()
    opened, keys, repeated = [whole], [""], ""
    while opened:
        event, value = next(events)
        if event == "map_key":
            repeated = value if value in opened[-1] else repeated
            keys[-1] = value
            continue
        if event in ENDS:
            opened.pop()
            keys.pop()
            continue
        inner = STARTS[event]() if event in STARTS else value
        if isinstance(opened[-1], dict):
            opened[-1][keys[-1]] = inner
        else:
            opened[-1].append(inner)
        if event in STARTS:
            opened.append(inner)
            keys.append("")
            if len(opened) > limits().nesting:
                raise _TooDeep
    return whole, repeated


class _TooDeep(Exception):
    """Brackets within brackets without end."""


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
