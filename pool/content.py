"""What a table says, whatever the order of its rows: one hash that is equal for equal content."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from duckdb import DuckDBPyConnection

# Numbers of releases and names of runs differ when the same content is built again.
VOLATILE_COLUMNS = frozenset({"known_from", "known_to", "release", "run"})


@dataclass(frozen=True, slots=True)
class TableContent:
    """Rows of a table and the hash of what they say."""

    rows: int
    content_hash: str


def content_hash(connection: DuckDBPyConnection, source: str, *, without: Collection[str] = VOLATILE_COLUMNS) -> TableContent:
    """Rows and order-free hash of `source`, anything that may follow FROM.

    Each row is written as JSON with its columns by name, so that neither the order of columns nor that of rows matters; a row that stands twice
    counts twice. The two halves of the rows' MD5 are summed apart. Columns named in `without` are left out. All rows count, but not all are
    hashed: what earlier releases held true (`known_to`) or did (`release`) depends on how the pool came to be, and is not what it says now.
    """
    described = connection.sql(f"SELECT * FROM {source} LIMIT 0")
    columns = {name: str(kind) for name, kind in zip(described.columns, described.types, strict=True) if name not in without}
    is_now = "known_to IS NULL" if "known_to" in described.columns else "FALSE" if "release" in described.columns else "TRUE"
    fields = ", ".join(f"{_quoted(name)} := {_stable(name, columns[name])}" for name in sorted(columns))
    row = connection.execute(
        f"""
        SELECT (SELECT count(*) FROM {source}), count(*),
               coalesce(sum((digest & 18446744073709551615)::UBIGINT), 0), coalesce(sum((digest >> 64)::UBIGINT), 0)
        FROM (SELECT md5_number(CAST(to_json(struct_pack({fields})) AS VARCHAR)) AS digest FROM {source} WHERE {is_now})
        """
    ).fetchone()
    assert row is not None
    rows, hashed, low, high = row
    digest = hashlib.sha256(f"{sorted(columns)} {hashed} {low} {high}".encode()).hexdigest()
    return TableContent(rows, digest)


def parquet_content(connection: DuckDBPyConnection, path: Path, *, without: Collection[str] = VOLATILE_COLUMNS) -> TableContent:
    """Rows and order-free hash of a Parquet file, or of all Parquet files below a folder."""
    pattern = str(path / "**" / "*.parquet") if path.is_dir() else str(path)
    escaped = pattern.replace("'", "''")
    return content_hash(connection, f"read_parquet('{escaped}', hive_partitioning = false)", without=without)


def tables_content(connection: DuckDBPyConnection, tables: Path, *, without: Collection[str] = VOLATILE_COLUMNS) -> dict[str, TableContent]:
    """The content of each table in the folder pool/ of a release, by table name."""
    return {path.name.removesuffix(".parquet"): parquet_content(connection, path, without=without) for path in sorted(tables.iterdir())}


def _stable(name: str, kind: str) -> str:
    # As text an instant would depend on the time zone of the session.
    return f"epoch_us({_quoted(name)})" if kind == "TIMESTAMP WITH TIME ZONE" else _quoted(name)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
