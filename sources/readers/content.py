"""What a file is by its first bytes, whatever its name says."""

import struct
import zipfile
from dataclasses import dataclass
from pathlib import Path

from sources.readers.rows import ReadError

SAMPLE_SIZE = 4096
OLE_MARK = bytes.fromhex("D0CF11E0A1B11AE1")
ZIP_MARK = b"PK\x03\x04"
GZIP_MARK = b"\x1f\x8b\x08"
DBF_VERSIONS = frozenset((0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x83, 0x8B, 0xF5))
BLANKS = b"\xef\xbb\xbf \t\r\n"


@dataclass(frozen=True, slots=True)
class Content:
    """A kind of content: its Chinese name and the formats that are read from it."""

    label: str
    formats: tuple[str, ...] = ()


WORKBOOKS = ("xlsx", "xls")
WORKBOOK = Content("Excel 工作簿", WORKBOOKS)
ZIP_ARCHIVE = Content("ZIP 压缩包")
MARKS = (
    (OLE_MARK, Content("旧式 Office 文件（如 xls 工作簿）", WORKBOOKS)),
    (b"PAR1", Content("Parquet 文件", ("parquet",))),
    (GZIP_MARK, Content("gz 压缩文件")),
    (b"Rar!\x1a\x07", Content("RAR 压缩包")),
    (b"7z\xbc\xaf\x27\x1c", Content("7z 压缩包")),
    (b"BZh", Content("bz2 压缩文件")),
    (b"\xfd7zXZ\0", Content("xz 压缩文件")),
    (b"%PDF-", Content("PDF 文件")),
    (b"SQLite format 3\0", Content("SQLite 数据库")),
    (b"\x7fELF", Content("程序")),
    (b"MZ\x90\0", Content("程序")),
    (b"\x89PNG\r\n", Content("图片")),
    (b"\xff\xd8\xff", Content("图片")),
)
DBF = Content("DBF 文件", ("dbf",))
WEB_PAGE = Content("网页（HTML）表格")
XML = Content("XML 文件", ("xml",))
JSON = Content("JSON 文件", ("json", "jsonl"))
WEB_MARKS = (b"<html", b"<!doctype html", b"<table", b"<meta", b"<head", b"<style")
TEXT_FORMATS = ("csv", "tsv", "json", "jsonl", "xml")


def refuse_other_content(path: Path, format: str) -> None:
    """Raise ReadError for a file that is plainly something else than its contract says."""
    content = content_of(path)
    if content is None or format in content.formats:
        return
    cause = f"内容其实是{content.label}，而约定的格式是 {format}，扩展名与内容不符"
    known = f"把约定中的 format 改为 {content.formats[0]}" if content.formats else "不要只改扩展名"
    raise ReadError(path, cause, f"请按 {format} 格式重新导出；{known}")


def content_of(path: Path) -> Content | None:
    """What a file plainly is; None for other text and what is not known, also for a file that cannot be opened."""
    try:
        with path.open("rb") as file:
            sample = file.read(SAMPLE_SIZE)
            size = path.stat().st_size
    except OSError:
        return None
    if sample.startswith(ZIP_MARK):
        return _zipped(path)
    for mark, content in MARKS:
        if sample.startswith(mark):
            return content
    return DBF if _is_dbf(sample, size) else _text(sample)


def _zipped(path: Path) -> Content | None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = {name.lower() for name in archive.namelist()}
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, struct.error):
        return Content("损坏或没有传完的 ZIP 压缩包或工作簿", WORKBOOKS)
    if names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
        return WORKBOOK
    return Content("Office 文档", ()) if "[content_types].xml" in names and "word/document.xml" in names else ZIP_ARCHIVE


def _is_dbf(sample: bytes, size: int) -> bool:
    """A DBF file says how many records of what length follow its header, so that its size is known."""
    if len(sample) < 33 or sample[0] not in DBF_VERSIONS:
        return False
    month, day = sample[2:4]
    records, header, length = struct.unpack_from("<IHH", sample, 4)
    return (
        month <= 12 and day <= 31 and header >= 33 and length > 1 and header <= size and (records == 0 or header + length <= size + length)
    )


def _text(sample: bytes) -> Content | None:
    begin = sample.lstrip(BLANKS).lower()
    if begin.startswith(WEB_MARKS):
        return WEB_PAGE
    if begin.startswith(b"<?xml"):
        return WEB_PAGE if b"<html" in begin else XML
    if begin.startswith((b'{"', b'[{"', b"[\n", b"[\r\n")):
        return JSON
    return None
