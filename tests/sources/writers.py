"""Tables of every format, written as other software writes them, for tests that damage them or read them back."""

import csv
import gzip
import io
import json
import struct
import zipfile
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pyzipper
from hypothesis import strategies as st

from sources.readers import Layout

Table = tuple[tuple[str, ...], list[tuple[str, ...]]]
PLAIN = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"])
CHINESE = st.sampled_from("瑞安市安阳街道张李1234567890Xx，。 =+-@'<>&\"\\;")
TEXT = st.text(CHINESE | PLAIN, max_size=8).map(lambda text: text.strip() and text)
NAMES = ("编号", "姓名", "地址", "SELECT", 'a"b', "备 注")


def _tables(cell: st.SearchStrategy[str], names: Sequence[str] = NAMES) -> st.SearchStrategy[Table]:
    def of_width(width: int) -> st.SearchStrategy[Table]:
        rows = st.lists(st.tuples(st.from_regex(r"[a-z]\d{3}", fullmatch=True), *[cell] * (width - 1)), max_size=5)
        return st.tuples(st.just(tuple(names[:width])), rows)

    return st.integers(1, len(names)).flatmap(of_width)


def _delimited(encoding: str, delimiter: str, format: str) -> Callable[[Path, Table], Layout]:
    def write(path: Path, table: Table) -> Layout:
        with path.open("w", encoding=encoding, newline="") as file:
            csv.writer(file, delimiter=delimiter).writerows([table[0], *table[1]])
        return Layout(format, encoding)

    return write


def _workbook(path: Path, table: Table) -> Layout:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("数据")
    for row in (table[0], *table[1]):
        cells = [openpyxl.cell.WriteOnlyCell(sheet, value=text) for text in row]
        for cell in cells:
            cell.data_type = "s"
        sheet.append(cells)
    content = io.BytesIO()
    book.save(content)
    # Stored and not deflated, so that damage reaches what the archive holds; its checksums are left out of account by none.
    with zipfile.ZipFile(content) as packed, zipfile.ZipFile(path, "w") as stored:
        for name in packed.namelist():
            stored.writestr(name, packed.read(name))
    return Layout("xlsx")


def _json_lines(path: Path, table: Table) -> Layout:
    path.write_text(
        "".join(json.dumps(dict(zip(table[0], row, strict=True)), ensure_ascii=False) + "\n" for row in table[1]), encoding="utf-8"
    )
    return Layout("jsonl")


def _json(path: Path, table: Table) -> Layout:
    rows = [dict(zip(table[0], row, strict=True)) for row in table[1]]
    path.write_text(json.dumps({"code": 0, "data": {"rows": rows}}, ensure_ascii=False, indent=1), encoding="utf-8")
    return Layout("json", row_path="data.rows")


def _xml(path: Path, table: Table) -> Layout:
    rows = (
        "<row>" + "".join(f"<{name}>{escape(text)}</{name}>" for name, text in zip(table[0], row, strict=True)) + "</row>\n"
        for row in table[1]
    )
    path.write_text(f'<?xml version="1.0" encoding="GB18030"?>\n<data xmlns:x="urn:x">{"".join(rows)}</data>', encoding="gb18030")
    return Layout("xml", "auto")


def _parquet(path: Path, table: Table) -> Layout:
    columns = zip(*table[1], strict=True) if table[1] else [[]] * len(table[0])
    pq.write_table(pa.table({name: pa.array(column, pa.string()) for name, column in zip(table[0], columns, strict=True)}), path)
    return Layout("parquet")


def write_dbf(path: Path, table: Table, *, encoding: str = "gb18030", deleted: Sequence[int] = (), width: int = 40) -> Layout:
    """Write text columns of a width in bytes, with the records at these indices marked as deleted."""
    fields = b"".join(struct.pack("<11sc4xBB14x", name.encode(encoding)[:10], b"C", width, 0) for name in table[0])
    header = struct.pack("<BBBBIHH17xB2x", 3, 125, 7, 1, len(table[1]), 33 + len(fields), 1 + width * len(table[0]), 0x4D)
    records = [
        (b"*" if index in deleted else b" ") + b"".join(text.encode(encoding)[:width].ljust(width) for text in row)
        for index, row in enumerate(table[1])
    ]
    path.write_bytes(header + fields + b"\r" + b"".join(records) + b"\x1a")
    return Layout("dbf", "auto")


@cache
def zip_archive(password: str | None = None) -> bytes:
    """A ZIP archive with a table, a folder and an archive within it."""
    content, inner = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("c.csv", "a,b\n1,2\n")
    with pyzipper.AESZipFile(content, "w", compression=zipfile.ZIP_DEFLATED) as archive:
        if password:
            archive.setpassword(password.encode())
            archive.setencryption(pyzipper.WZ_AES)
        archive.writestr("出租房屋_20250630.csv", "编号,地址\n1,瑞安\n")
        archive.writestr("2025/b.csv", "a,b\n1,2\n" * 20)
        archive.writestr("d.zip", inner.getvalue())
    return content.getvalue()


UNMARKED = TEXT.filter(lambda text: not text.startswith("\ufeff"))
OF_ONE_LINE = UNMARKED.map(lambda text: "".join(text.split("\x85")))
WRITERS: dict[str, Callable[[Path, Table], Layout]] = {
    "csv": _delimited("utf-8", ",", "csv"),
    "csv-gb18030": _delimited("gb18030", ",", "csv"),
    "csv-utf-16": _delimited("utf-16", ",", "csv"),
    "tsv": _delimited("utf-8-sig", "\t", "tsv"),
    "xlsx": _workbook,
    "dbf": write_dbf,
    "json": _json,
    "jsonl": _json_lines,
    "xml": _xml,
    "parquet": _parquet,
}
SHORT = st.text(CHINESE, max_size=8).map(str.rstrip)
TRIMMED = st.text(CHINESE | PLAIN.filter(lambda sign: not sign.isspace()), max_size=8).map(str.strip)
XML_NAMES = ("编号", "姓名", "地址", "SELECT", "a-b")
TABLES: dict[str, st.SearchStrategy[Table]] = {
    kind: _tables(OF_ONE_LINE) for kind in WRITERS if kind not in ("dbf", "xml", "json", "jsonl")
} | {
    "dbf": _tables(SHORT),
    "xml": _tables(TRIMMED, XML_NAMES).filter(lambda table: bool(table[1])),
    "json": _tables(OF_ONE_LINE).filter(lambda table: bool(table[1])),
    "jsonl": _tables(OF_ONE_LINE).filter(lambda table: bool(table[1])),
}
ARCHIVES: dict[str, Callable[[], tuple[str, bytes]]] = {
    "zip": lambda: ("x.zip", zip_archive()),
    "zip-aes": lambda: ("y.zip", zip_archive("secret")),
    "gz": lambda: ("x.csv.gz", gzip.compress(b"a,b\n1,2\n" * 20)),
}
