"""Everything that rests in a folder as text: bytes of plain files, cells of Parquet files and databases, parts of workbooks and archives."""

import gzip
import io
import sqlite3
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

ENCODINGS = ("utf-8", "gb18030", "utf-16-le")
"""Of exports. In arrays of numbers, any two Chinese characters stand by chance in the last two; what is text there is UTF-8."""


def texts_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file below a folder with what can be read in it, also inside compressed columns, and its name."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        yield path, path.name
        for text in _texts_of(path.read_bytes(), ENCODINGS if path.suffix != ".npy" else ENCODINGS[:1]):
            yield path, text
        if path.suffix == ".parquet":
            yield path, str(pq.read_table(path).to_pydict())
            yield path, str(pq.read_metadata(path).metadata)
        elif path.suffix == ".duckdb":
            yield path, _database_text(path)
        elif path.suffix == ".sqlite":
            yield path, _ledger_text(path)


def places_of(folder: Path, values: list[str]) -> list[str]:
    """The files below a folder in which any of the values can be read."""
    return sorted({path.relative_to(folder).as_posix() for path, text in texts_in(folder) if any(value in text for value in values)})


def _texts_of(content: bytes, encodings: Sequence[str]) -> Iterator[str]:
    """Bytes as text in these encodings, and the files packed in them."""
    for encoding in encodings:
        yield content.decode(encoding, errors="replace")
    if content.startswith(b"\x1f\x8b"):
        yield from _texts_of(gzip.decompress(content), encodings)
    elif zipfile.is_zipfile(io.BytesIO(content)):
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            for name in parts.namelist():
                yield name
                yield from _texts_of(parts.read(name), encodings)


def _ledger_text(path: Path) -> str:
    """All rows of a SQLite database: a long text lies in pieces on its pages."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return "\n".join(connection.iterdump())
    finally:
        connection.close()


def _database_text(path: Path) -> str:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        return "\n".join(str(connection.table(f"{schema}.{name}").to_arrow_table().to_pydict()) for schema, name in tables)
