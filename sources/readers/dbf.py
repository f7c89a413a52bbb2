"""DBF tables (dBASE, FoxPro), as older systems export them."""

import datetime
import itertools
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from sources.readers.header import column_names
from sources.readers.rows import Aside, Layout, ReadError, json_text
from sources.readers.text_stream import AUTO
from sources.readers.values import ROWS_PER_BATCH, ValueRows

HEADER_SIZE = 32
FIELD_SIZE = 32
FIELDS_END = 0x0D
DELETED = b"*"
CODE_PAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5", 0x03: "cp1252", 0x57: "cp1252", 0x01: "cp437", 0x02: "cp850"}
USUAL = "gb18030"
FOXPRO = (0x30, 0x31, 0x32)
KEPT_ELSEWHERE = "MGPW"
"""Types whose content stands in a file beside the table, which is not received."""
SYSTEM_FIELD = 0x01
JULIAN_OF_DAY_ONE = 1_721_425


@dataclass(frozen=True, slots=True)
class Field:
    """A column: `start` counts from the deletion mark of the record, `type` is the letter of the format."""

    name: str
    type: str
    start: int
    length: int


class DbfRows(ValueRows):
    """Rows of a DBF file; `row` is the record, the first one 1, those marked as deleted being counted and left out as an aside.

    Encoding `auto` is that of the file's code page, GB18030 where it has none. Raises ReadError for what is no DBF file, damaged or cut.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        super().__init__(path, layout)
        try:
            with path.open("rb") as file:
                begin = file.read(HEADER_SIZE)
                size = path.stat().st_size
                if len(begin) < HEADER_SIZE:
                    raise ReadError(path, "文件是空的（0 字节）" if not begin else "文件只有一个开头，没有传完", "请重新导出")
                self._count, self._header_size, self._record_size = struct.unpack_from("<IHH", begin, 4)
                described = file.read(max(0, self._header_size - HEADER_SIZE))
        except OSError as error:
            raise ReadError(path, f"无法打开（{error.strerror}）", "请核对文件是否存在以及读取权限") from error
        declared = layout.encoding.lower()
        self._encoding = CODE_PAGES.get(begin[29], USUAL) if declared == AUTO else USUAL if declared in ("gbk", "gb2312") else declared
        self._is_foxpro = begin[0] in FOXPRO
        self._fields = self._describe(described)
        self._check_size(size)
        self.header = column_names([[field.name for field in self._fields]], path, "", 0)

    def _describe(self, described: bytes) -> list[Field]:
        fields, start = [], 1
        for offset in range(0, len(described) - FIELD_SIZE + 1, FIELD_SIZE):
            if described[offset] == FIELDS_END:
                break
            name, letter, length, high, flags = struct.unpack_from("<11sc4xBBB", described, offset)
            kind = letter.decode("latin-1").upper()
            length += 256 * high if kind == "C" else 0
            if not (self._is_foxpro and flags & SYSTEM_FIELD):
                fields.append(Field(self._field_name(name), kind, start, length))
            start += length
        if not fields or start != self._record_size:
            raise ReadError(self.path, "不是 DBF 文件，或文件头已损坏（字段长度之和与记录长度不符）", "请核对格式并重新导出")
        return fields

    def _field_name(self, name: bytes) -> str:
        return name.partition(b"\0")[0].decode(self._encoding, errors="replace").strip()

    def _check_size(self, size: int) -> None:
        whole, rest = divmod(size - self._header_size, self._record_size)
        if whole < self._count:
            cause = f"文件头说有 {self._count:,} 条记录，实际只有 {max(0, whole):,} 条完整的，文件没有传完"
            raise ReadError(self.path, cause, "请核对文件大小并重新导出", row=max(0, whole) + 1)
        if whole > self._count or rest > self._record_size:
            cause = f"文件头说有 {self._count:,} 条记录，后面却还有内容，文件头可能已损坏"
            raise ReadError(self.path, cause, "请重新导出", row=self._count + 1)

    def _read(self) -> Iterator[pa.RecordBatch]:
        deleted = 0
        numbers = iter(range(1, self._count + 1))
        try:
            with self.path.open("rb") as file:
                file.seek(self._header_size)
                while chunk := list(itertools.islice(numbers, ROWS_PER_BATCH)):
                    content = file.read(len(chunk) * self._record_size)
                    records = [content[start : start + self._record_size] for start in range(0, len(content), self._record_size)]
                    kept = [(number, record) for number, record in zip(chunk, records, strict=False) if record[:1] != DELETED]
                    deleted += len(records) - len(kept)
                    yield self._values(kept)
        except OSError as error:
            raise ReadError(self.path, f"读到一半出错（{error.strerror}）", "请核对文件是否还在以及读取权限") from error
        if deleted:
            self.asides.append(Aside("", 0, f"已打删除标记的记录 {deleted:,} 条"))
        self.asides += [
            Aside("", 0, f"没有读取的备注字段 {each.name}（内容在另一个文件里）") for each in self._fields if each.type in KEPT_ELSEWHERE
        ]

    def _values(self, records: list[tuple[int, bytes]]) -> pa.RecordBatch:
        numbers, rows = [], []
        for number, record in records:
            try:
                rows.append([self._value(field, record[field.start : field.start + field.length]) for field in self._fields])
                numbers.append(number)
            except _Unreadable as error:
                self._add_fault(number, self._as_text(record), f"{error}，请重新导出")
        columns = zip(*rows, strict=True) if rows else [() for _ in self._fields]
        return self._value_batch(numbers, columns)

    def _value(self, field: Field, content: bytes) -> object:
        if field.type in KEPT_ELSEWHERE:
            return ""
        try:
            if field.type in BINARY and (field.type != "B" or self._is_foxpro):
                return BINARY[field.type](content)
            text = content.decode(self._encoding if field.type == "C" else "ascii").rstrip("\0 ")
        except UnicodeDecodeError as error:
            cut = error.end >= len(content.rstrip(b"\0 ")) and error.start >= len(content) - 4 and field.type == "C"
            cause = "末尾的字被字段宽度切成了半个" if cut else f"不是有效的 {self._encoding} 编码"
            raise _Unreadable(f"列“{field.name}”{cause}") from error
        except (struct.error, OverflowError, ValueError) as error:
            raise _Unreadable(f"列“{field.name}”的内容已损坏") from error
        return self._written(field, text)

    def _written(self, field: Field, text: str) -> str:
        if field.type == "C":
            return text
        text = text.strip("\0 ")
        match field.type:
            case "N" | "F" if text.startswith("*"):
                raise _Unreadable(f"列“{field.name}”的数放不进字段宽度，已被写成星号")
            case "D" if len(text) == 8 and text.isdigit():
                return f"{text[:4]}-{text[4:6]}-{text[6:]}"
            case "L":
                return {"T": "true", "Y": "true", "F": "false", "N": "false", "?": ""}.get(text.upper(), text)
        return text

    def _as_text(self, record: bytes) -> str:
        return json_text(
            {
                each.name: record[each.start : each.start + each.length].decode(self._encoding, errors="replace").strip("\0 ")
                for each in self._fields
            }
        )


class _Unreadable(Exception):
    """A record with a value that is not what was meant; the message says which, in Chinese."""


def _moment(content: bytes) -> str:
    day, milliseconds = struct.unpack("<ii", content)
    if not day:
        return ""
    moment = datetime.datetime.fromordinal(day - JULIAN_OF_DAY_ONE) + datetime.timedelta(milliseconds=milliseconds)
    return moment.isoformat(" ", "seconds").removesuffix(" 00:00:00")


BINARY = {
    "I": lambda content: struct.unpack("<i", content)[0],
    "B": lambda content: struct.unpack("<d", content)[0],
    "Y": lambda content: struct.unpack("<q", content)[0] / 10_000,
    "T": _moment,
}
"""Fields of Visual FoxPro that are not written as text."""
