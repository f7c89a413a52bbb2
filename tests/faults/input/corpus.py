"""Files that a person or a program may send and that must do no harm: each with what is to become of it.

All are exports of one dataset, made of the same good rows; large ones are made here and lie in no repository.
"""

import csv
import gzip
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from tests.sources.writers import write_dbf, zip_archive

Rows = Sequence[Sequence[str]]
"""The header and 20 good rows: code, name, address, day."""
SECRET = "Zebra-7714-of-another-file"
"""Stands in a file outside the drop that hostile input points at."""
PASSWORD = "瑞安-2025"


@dataclass(frozen=True, slots=True)
class Case:
    """One hostile or broken file.

    status: of its batch, or `not_received`, `unknown_file`. says: parts of the message or of the reasons of its quarantined rows.
    quarantined: how many rows. beside: kinds of what is none of its rows.
    """

    file: str
    write: Callable[[Path, Rows], object]
    status: str
    says: tuple[str, ...] = ()
    quarantined: int = 0
    beside: tuple[str, ...] = ()
    accepted: int | None = None


def _text(rows: Rows, delimiter: str = ",") -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue()


def _csv(path: Path, rows: Rows, *, encoding: str = "gb18030") -> None:
    path.write_bytes(_text(rows).encode(encoding))


def _xlsx(path: Path, rows: Rows, *, options: dict[str, object] | None = None) -> None:
    with xlsxwriter.Workbook(path, options or {}) as book:
        sheet = book.add_worksheet("数据")
        for line, row in enumerate(rows):
            for column, text in enumerate(row):
                sheet.write_string(line, column, text)


def _with(rows: Rows, place: int, column: int, text: str) -> list[list[str]]:
    changed = [list(row) for row in rows]
    changed[place][column] = text
    return changed


def _content(write: Callable[[Path, Rows], object], path: Path, rows: Rows, change: Callable[[bytes], bytes]) -> None:
    write(path, rows)
    path.write_bytes(change(path.read_bytes()))


def _half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _zip(path: Path, members: dict[str, bytes | str], *, mode: int = 0) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = zipfile.ZipInfo(name)
            info.external_attr = mode << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)


def _nested(depth: int) -> bytes:
    content = b"a,b\n1,2\n"
    for level in range(depth):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr(f"{level}.zip" if level else "x.csv", content)
        content = buffer.getvalue()
    return content


def _zip_bomb(path: Path, _: Rows) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("x.csv", "w", force_zip64=True) as member:
        for _block in range(200):
            member.write(bytes(1 << 20))


def _gz_bomb(path: Path, _: Rows) -> None:
    with gzip.open(path, "wb", compresslevel=1) as file:
        for _block in range(200):
            file.write(bytes(1 << 20))


def _external_entities(path: Path, rows: Rows) -> None:
    """A workbook whose shared strings ask for a file, and whose sheets link to another."""
    _xlsx(path, rows)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    secret = path.parents[3] / "secret.txt"
    declared = f'<!DOCTYPE sst [<!ENTITY secret SYSTEM "{secret.as_uri()}">]>\n<sst '.encode()
    members["xl/sharedStrings.xml"] = (
        members["xl/sharedStrings.xml"].replace(b"<sst ", declared, 1).replace("瑞安市第3".encode(), b"&secret;", 1)
    )
    _zip(path, members)


def _far_cells(path: Path, rows: Rows) -> None:
    """A workbook of a few cells, the last in the last row and column there are."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
        sheet.write_string(1_048_575, 16_383, "x")


def _large_cell(path: Path, rows: Rows) -> None:
    _xlsx(path, rows)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["xl/sharedStrings.xml"] = members["xl/sharedStrings.xml"].replace("瑞安市第3".encode(), b"x" * (100 << 20), 1)
    _zip(path, members)


def _scientific(path: Path, rows: Rows) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
        sheet.write_number(3, 0, 330381199001011234)
        sheet.write_formula(4, 3, "=1+1", value="2015-03-02")


def _titled(path: Path, rows: Rows) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("社会组织")
        for line, row in enumerate([*rows, [], ["合计", "20 家"], ["注：数据截至 2025 年 6 月"], ["制表人：张某", "", "审核人：李某"]]):
            sheet.write_row(line, 0, row)
        book.add_worksheet("说明").write_string(0, 0, "填报要求")


def _json(path: Path, rows: Rows) -> None:
    path.write_text(json.dumps([dict(zip(rows[0], row, strict=True)) for row in rows[1:]], ensure_ascii=False), encoding="gb18030")


def _xml(path: Path, rows: Rows, *, head: str = "", name: str | None = None) -> None:
    elements = ("".join(f"<{key}>{name or text}</{key}>" for key, text in zip(rows[0], row, strict=True)) for row in rows[1:])
    text = "".join(f"<row>{each}</row>" for each in elements)
    path.write_text(f'<?xml version="1.0" encoding="GBK"?>{head}<data>{text}</data>', encoding="gb18030")


def _parquet(path: Path, rows: Rows) -> None:
    pq.write_table(pa.table({name: list(column) for name, column in zip(rows[0], zip(*rows[1:], strict=True), strict=True)}), path)


LAUGHS = (
    '<!DOCTYPE d [<!ENTITY a "xxxxxxxxxx">'
    + "".join(f'<!ENTITY {chr(98 + level)} "{f"&{chr(97 + level)};" * 10}">' for level in range(9))
    + "]>"
)
HOSTILE_HEADERS = ("SELECT", "a\"b'; DROP TABLE rows;--", "=cmd()", "<script>alert(1)</script>", "sheet", "row")
VALUES = tuple(
    f"{text}协会"
    for text in (
        "'; DROP TABLE accepted; --",
        "<img src=x onerror=alert(1)>",
        "=cmd|' /C calc'!A0",
        "+1-1",
        "-2+3",
        "@SUM(A1)",
        "{{ 7*7 }}",
        "${7*7}",
        "%s%n",
    )
)


def _hostile_values(path: Path, rows: Rows) -> None:
    changed = [list(row) for row in rows]
    for place, value in enumerate(VALUES, start=1):
        changed[place][1] = value
    _csv(path, changed)


CASES: dict[str, Case] = {
    "empty": Case("empty.csv", lambda path, rows: path.write_bytes(b""), "failed", ("空",)),
    "header only": Case("header.csv", lambda path, rows: _csv(path, rows[:1]), "blocked", ("没有",)),
    "one giant line": Case("line.csv", lambda path, rows: path.write_bytes(b"x" * (30 << 20)), "failed", ("超过 131,072 个字符",)),
    "a hundred thousand columns": Case(
        "columns.csv", lambda path, rows: _csv(path, [[f"c{n}" for n in range(100_000)]]), "failed", ("100,000 列",)
    ),
    "NUL bytes": Case("nul.csv", lambda path, rows: _csv(path, _with(rows, 3, 1, "甲\0乙")), "accepted", ("空字符",), 1),
    "cut in half": Case("half.csv", lambda path, rows: _content(_csv, path, rows, _half), "failed", ("没有传完",)),
    "workbook named csv": Case("workbook.csv", _xlsx, "failed", ("Excel 工作簿", "csv")),
    "csv named xlsx": Case("text.xlsx", _csv, "failed", ("不是工作簿",)),
    "web page named xls": Case("page.xls", lambda path, rows: path.write_text("<html><table><tr><td>1"), "failed", ("网页",)),
    "pdf named csv": Case("print.csv", lambda path, rows: path.write_bytes(b"%PDF-1.7\n%\xe2\xe3"), "failed", ("PDF",)),
    "archive named csv": Case("archive.csv", lambda path, rows: path.write_bytes(zip_archive()), "failed", ("ZIP 压缩包",)),
    "gz named csv": Case("gz.csv", lambda path, rows: path.write_bytes(gzip.compress(_text(rows).encode())), "failed", ("gz",)),
    "archives five deep": Case("nested.zip", lambda path, rows: path.write_bytes(_nested(5)), "not_received", ("套压缩包超过 3 层",)),
    "zip bomb": Case("bomb.zip", _zip_bomb, "not_received", ("炸弹",)),
    "gz bomb": Case("bomb.csv.gz", _gz_bomb, "not_received", ("炸弹",)),
    "archive of too many files": Case(
        "many.zip", lambda path, rows: _zip(path, {f"{n}.csv": "" for n in range(10_001)}), "not_received", ("超过 10,000 个文件",)
    ),
    "climbing path": Case(
        "climb.zip", lambda path, rows: _zip(path, {"../../climbed.csv": _text(rows)}), "not_received", ("以外", "climbed.csv")
    ),
    "climbing path of Windows": Case(
        "climb2.zip", lambda path, rows: _zip(path, {"..\\climbed.csv": _text(rows)}), "not_received", ("以外",)
    ),
    "absolute path": Case("root.zip", lambda path, rows: _zip(path, {"/tmp/climbed.csv": _text(rows)}), "not_received", ("以外",)),
    "symbolic link": Case(
        "link.zip", lambda path, rows: _zip(path, {"x.csv": "/etc/passwd"}, mode=0o120777), "not_received", ("符号链接",)
    ),
    "archive cut in half": Case(
        "half.zip",
        lambda path, rows: _content(lambda path, rows: _zip(path, {"x.csv": _text(rows)}), path, rows, _half),
        "not_received",
        ("损坏",),
    ),
    "gz cut in half": Case(
        "half.csv.gz", lambda path, rows: path.write_bytes(_half(gzip.compress(_text(rows).encode()))), "not_received", ("损坏",)
    ),
    "password that nobody knows": Case(
        "locked.zip", lambda path, rows: path.write_bytes(zip_archive("another")), "not_received", ("密码",)
    ),
    "workbook with external entities": Case("entities.xlsx", _external_entities, "failed", ("工作簿",)),
    "workbook of a far cell": Case("far.xlsx", _far_cells, "failed", ("内存超过 3 GB",)),
    "cell of 100 MB": Case("cell.xlsx", _large_cell, "failed", ("单元格超过 4 MB", "第 5 行", "名称")),
    "cell of 100 MB in text": Case(
        "cell.csv", lambda path, rows: _csv(path, _with(rows, 4, 1, "x" * (100 << 20))), "failed", ("超过 4 MB",)
    ),
    "identifier that Excel rewrote": Case("scientific.xlsx", _scientific, "accepted", ("3.30381E+17", "末尾数字已丢失"), 1),
    "totals and notes": Case(
        "footers.xlsx", _titled, "accepted", beside=("表后合计", "表后说明", "表后说明", "没有读取的工作表"), accepted=20
    ),
    "totals in text": Case(
        "footers.csv",
        lambda path, rows: path.write_bytes((_text(rows) + "合计,20\n填表人：张某").encode("gb18030")),
        "accepted",
        beside=("表后合计", "表后说明"),
        accepted=20,
    ),
    "wrong field counts": Case(
        "fields.csv", lambda path, rows: _csv(path, [*rows[:5], [*rows[5], "x", "y"], *rows[6:]]), "accepted", ("6 个字段",), 1
    ),
    "open quote": Case(
        "quote.csv",
        lambda path, rows: _csv(path, rows) or path.write_bytes(_text(rows).replace("瑞安市第3", '"瑞安市第3', 1).encode("gb18030")),
        "failed",
        ("引号",),
    ),
    "invalid encoding": Case(
        "invalid.csv",
        lambda path, rows: _content(_csv, path, rows, lambda text: text.replace("第3".encode("gb18030"), b"\xff\xff")),
        "failed",
        ("编码", "第 2 行"),
    ),
    "mixed encodings": Case(
        "mixed.csv",
        lambda path, rows: path.write_bytes(_text(rows[:10]).encode("gb18030") + _text(rows[10:]).encode()),
        "failed",
        ("编码",),
    ),
    "undeclared encoding": Case("utf8.csv", lambda path, rows: _csv(path, rows, encoding="utf-8"), "failed", ("utf-8",)),
    "digits of other scripts": Case(
        "digits.csv",
        lambda path, rows: _csv(path, _with(rows, 2, 0, rows[2][0].translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")))),
        "accepted",
        ("统一社会信用代码",),
        1,
    ),
    "duplicate headers": Case("twice.csv", lambda path, rows: _csv(path, [[*row, row[1]] for row in rows]), "failed", ("重名", "名称")),
    "headers that are SQL": Case(
        "keywords.csv",
        lambda path, rows: _csv(path, [[*rows[0], *HOSTILE_HEADERS], *([*row, *"123456"] for row in rows[1:])]),
        "accepted",
        accepted=20,
    ),
    "values that are SQL, HTML and formulas": Case("values.csv", _hostile_values, "accepted", accepted=20),
    "xml with entities": Case("laughs.xml", lambda path, rows: _xml(path, rows, head=LAUGHS, name="&i;"), "failed", ("DOCTYPE",)),
    "xml cut in half": Case("half.xml", lambda path, rows: _content(_xml, path, rows, _half), "failed", ("没有传完",)),
    "json cut in half": Case("half.json", lambda path, rows: _content(_json, path, rows, _half), "failed", ("没有传完",)),
    "json of brackets": Case("deep.json", lambda path, rows: path.write_bytes(b"[" * 1_000_000), "failed", ("嵌套超过 100 层",)),
    "dbf cut in half": Case("half.dbf", lambda path, rows: _content(write_dbf_of, path, rows, _half), "failed", ("没有传完",)),
    "dbf with deleted records": Case(
        "deleted.dbf",
        lambda path, rows: write_dbf_of(path, rows, deleted=(1, 2)),
        "accepted",
        beside=("已打删除标记的记录 2 条",),
        accepted=18,
    ),
    "parquet cut in half": Case("half.parquet", lambda path, rows: _content(_parquet, path, rows, _half), "failed", ("Parquet",)),
    "good archive": Case(
        "good.zip", lambda path, rows: _zip(path, {"2025/x_20250630.csv": _text(rows).encode("gb18030")}), "accepted", accepted=20
    ),
    "good gz": Case(
        "y_20250630.csv.gz", lambda path, rows: path.write_bytes(gzip.compress(_text(rows).encode("gb18030"))), "accepted", accepted=20
    ),
    "good archive with a password": Case("good_locked.zip", lambda path, rows: path.write_bytes(_locked(rows)), "accepted", accepted=20),
    "good xml": Case("good.xml", _xml, "accepted", accepted=20),
    "good json": Case("good.json", _json, "accepted", accepted=20),
    "good parquet": Case("good.parquet", _parquet, "accepted", accepted=20),
    "good csv": Case("good.csv", _csv, "accepted", accepted=20),
}


def write_dbf_of(path: Path, rows: Rows, *, deleted: Sequence[int] = ()) -> None:
    """The rows as DBF: its names of columns have ten bytes, so that contracts list them as synonyms."""
    write_dbf(path, (SHORT_HEADERS, [tuple(row) for row in rows[1:]]), deleted=deleted, width=60)


SHORT_HEADERS = ("USCC", "NAME", "ADDRESS", "APPROVED")


def _locked(rows: Rows) -> bytes:
    import pyzipper

    content = io.BytesIO()
    with pyzipper.AESZipFile(content, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(PASSWORD.encode())
        archive.writestr("z_20250630.csv", _text(rows).encode("gb18030"))
    return content.getvalue()
