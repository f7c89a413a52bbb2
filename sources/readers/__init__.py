"""Readers of exports, one module a format: path to a stream of Arrow batches of text with row numbers."""

from pathlib import Path

from sources.readers.columnar import ParquetRows
from sources.readers.content import refuse_other_content
from sources.readers.dbf import DbfRows
from sources.readers.delimited import DelimitedRows
from sources.readers.json_document import JsonDocument
from sources.readers.json_lines import JsonLines
from sources.readers.rows import Aside, Layout, ReadError, RowFault, TextRows
from sources.readers.workbook import Workbook
from sources.readers.xml_document import XmlDocument

__all__ = ["Aside", "Layout", "ReadError", "RowFault", "TextRows", "open_rows"]

READERS: dict[str, type[TextRows]] = {
    "csv": DelimitedRows,
    "tsv": DelimitedRows,
    "xlsx": Workbook,
    "xls": Workbook,
    "dbf": DbfRows,
    "json": JsonDocument,
    "jsonl": JsonLines,
    "xml": XmlDocument,
    "parquet": ParquetRows,
}


def open_rows(path: Path, layout: Layout) -> TextRows:
    """Open an export and read its header.

    Raises ReadError if the file as a whole cannot be read.
    """
    reader = READERS.get(layout.format)
    if reader is None:
        raise ReadError(path, f"不支持的格式 {layout.format}", f"请改正约定中的 format，可用：{'、'.join(READERS)}")
    refuse_other_content(path, layout.format)
    return reader(path, layout)
