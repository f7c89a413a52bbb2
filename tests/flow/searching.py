"""Everything that rests in a folder as text: bytes of plain files, cells of Parquet files and databases, parts of workbooks."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow.parquet as pq


def texts_in(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file below a folder with what can be read in it, also inside compressed columns, and its name."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        yield path, path.name
        yield path, content.decode("utf-8", errors="replace")
        yield path, content.decode("gb18030", errors="replace")
        if path.suffix == ".parquet":
            yield path, str(pq.read_table(path).to_pydict())
            yield path, str(pq.read_metadata(path).metadata)
        elif path.suffix == ".duckdb":
            yield path, _database_text(path)
        elif zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as parts:
                yield path, "\n".join(parts.read(name).decode("utf-8", errors="replace") for name in parts.namelist())


def places_of(folder: Path, values: list[str]) -> list[str]:
    """The files below a folder in which any of the values can be read."""
    return sorted({path.relative_to(folder).as_posix() for path, text in texts_in(folder) if any(value in text for value in values)})


def _database_text(path: Path) -> str:
    with duckdb.connect(str(path), read_only=True) as connection:
        tables = connection.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        return "\n".join(str(connection.table(f"{schema}.{name}").to_arrow_table().to_pydict()) for schema, name in tables)
