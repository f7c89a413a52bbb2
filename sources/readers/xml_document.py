"""XML exports: elements that stand for rows, in a document without DOCTYPE."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from sources.limits import limits
from sources.readers.records import Record, RecordRows, flattened
from sources.readers.rows import Aside, Layout, ReadError
from sources.readers.text_stream import AUTO, BYTE_ORDER_MARKS, Utf8Stream

CHUNK_SIZE = 64 * 1024
DECLARED = re.compile(rb"""<\?xml[^>]*encoding\s*=\s*["']([\w.-]+)["']""")
ASIDES = 20


class XmlDocument(RecordRows):
    """Rows of the elements at `row_path` (data/row, from the top; empty: what stands right below it); `row` is the element, the first one 1.

    Columns are paths as holder.name, of attributes @id and holder.@id; of names the part behind a colon counts. Raises ReadError for what is no
    XML or damaged, a DOCTYPE (no entity is ever expanded), and elements that are too deep or too large.
    """

    def __init__(self, path: Path, layout: Layout) -> None:
        self._encoding = _declared_encoding(path) if layout.encoding == AUTO else layout.encoding
        super().__init__(path, layout)

    def _records(self) -> Iterator[tuple[int, Record]]:
        parser = _Parser(self.path, tuple(self.layout.row_path.strip("/").split("/")) if self.layout.row_path else ())
        number = 0
        with Utf8Stream(self.path, self._encoding) as stream:
            while True:
                chunk = stream.read(CHUNK_SIZE)
                for record in parser.feed(chunk):
                    number += 1
                    try:
                        flat = flattened(record)
                    except ValueError as error:
                        self._add_fault(number, "", f"第 {number} 个元素无法读取（{error}），请重新导出")
                        self._check_fault_limit()
                    else:
                        if flat:
                            yield number, flat
                if not chunk:
                    break
        self.asides += [Aside("", 0, f"没有读取的元素 {name}") for name in sorted(parser.others)[:ASIDES]]

    def _without_records(self) -> ReadError:
        where = f"路径 {self.layout.row_path} " if self.layout.row_path else "最外层之下"
        return ReadError(self.path, f"{where}没有元素", "请核对约定中的 rowPath（例如 data/row），或重新导出")


class _Parser:
    """Makes records of the elements at a path; `others` are the paths of elements beside it."""

    def __init__(self, path: Path, wanted: tuple[str, ...]) -> None:
        self._file = path
        self._wanted = wanted
        self._names: list[str] = []
        self._nodes: list[dict[str, object]] = []
        self._texts: list[list[str]] = []
        self._begin = 0
        self._done: list[Record] = []
        self.others: set[str] = set()
        # Whatever encoding a document declares, it has been decoded.
        self._expat = expat.ParserCreate("utf-8")
        self._expat.buffer_text = True
        self._expat.StartElementHandler = self._start
        self._expat.EndElementHandler = self._end
        self._expat.CharacterDataHandler = self._text
        self._expat.StartDoctypeDeclHandler = self._refuse_doctype

    def feed(self, chunk: bytes) -> list[Record]:
        """The records that end in the chunk, an empty one being the end of the document."""
        self._done = []
        try:
            self._expat.Parse(chunk, not chunk)
        except expat.ExpatError as error:
            cut = not chunk and error.code in (expat.errors.codes[expat.errors.XML_ERROR_NO_ELEMENTS], _UNCLOSED)
            cause = "文件在元素没有结束的地方结束，很可能没有传完" if cut else f"第 {error.offset + 1} 个字符处不是有效的 XML"
            raise ReadError(self._file, cause, "请核对文件大小并重新导出", row=error.lineno) from error
        if self._nodes and self._expat.CurrentByteIndex - self._begin > limits().record_bytes:
            self._refuse(f"一个元素超过 {limits().record_bytes >> 20} MB")
        return self._done

    def _is_row(self) -> bool:
        return tuple(self._names) == self._wanted if self._wanted else len(self._names) == 2

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._names.append(name.rpartition(":")[2])
        if len(self._names) > limits().nesting:
            self._refuse(f"元素嵌套超过 {limits().nesting} 层")
        if self._nodes or self._is_row():
            if not self._nodes:
                self._begin = self._expat.CurrentByteIndex
            own = {f"@{each.rpartition(':')[2]}": value for each, value in attributes.items() if not each.startswith("xmlns")}
            self._nodes.append(dict(own))
            self._texts.append([])
        elif self._wanted and self._wanted[: len(self._names)] != tuple(self._names) and len(self.others) <= ASIDES:
            self.others.add("/".join(self._names))

    def _end(self, name: str) -> None:
        own = self._names.pop()
        if not self._nodes:
            return
        node, text = self._nodes.pop(), "".join(self._texts.pop()).strip()
        if not self._nodes:
            self._done.append(node | ({"#text": text} if text else {}))
            return
        value: object = (node | ({"#text": text} if text else {})) if node else text
        around = self._nodes[-1]
        if own in around:
            before = around[own]
            if isinstance(before, _Several):
                before.append(value)
            else:
                around[own] = _Several([before, value])
        else:
            around[own] = value

    def _text(self, text: str) -> None:
        if self._texts:
            self._texts[-1].append(text)

    def _refuse_doctype(self, *_: object) -> None:
        self._refuse("含有 DOCTYPE 声明（可以引用外部内容，或把很小的文件展开得很大），不予读取")

    def _refuse(self, cause: str) -> NoReturn:
        raise ReadError(self._file, cause, "请重新导出", row=self._expat.CurrentLineNumber)


class _Several(list[object]):
    """The values of an element that occurs again."""


_UNCLOSED = expat.errors.codes[expat.errors.XML_ERROR_UNCLOSED_TOKEN]


def _declared_encoding(path: Path) -> str:
    """The encoding by byte order mark or declaration, UTF-8 where there is none."""
    try:
        with path.open("rb") as file:
            begin = file.read(1024)
    except OSError:
        return "utf-8"
    if begin.startswith(tuple(mark for mark, _ in BYTE_ORDER_MARKS)):
        return AUTO
    found = DECLARED.match(begin)
    # What is declared as GB2312 is GBK in fact, and GB18030 has all of both.
    name = found.group(1).decode().lower() if found else "utf-8"
    return "gb18030" if name in ("gb2312", "gbk") else name
