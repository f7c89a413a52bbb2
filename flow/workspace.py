"""A DuckDB connection for one step: its tables rest in a private folder that goes when the step ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pool import Pool, PoolError

DEFAULT_MEMORY = "1GB"
SCRATCH = "scratch"
"""The database of a workspace, on disk: there a table takes a fraction of the memory, and what is not needed now takes none."""

SLOW_COMPRESSION = ("dictionary", "fsst", "dict_fsst", "zstd", "roaring", "alp", "alprd", "chimp", "patas")
"""Tables are written once and read a few times: finding out which of these fits costs more than it saves. What is the same throughout is still held once."""

PARQUET = "(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 20480)"
"""How tables of a release are written. Keys and digests are most of them: a higher level takes a third longer and saves nothing."""


@contextmanager
def workspace(pool: Pool) -> Iterator[DuckDBPyConnection]:
    """A connection that installs nothing from outside; DATAPOOL_MEMORY limits its memory (default 1GB)."""
    with pool.spill() as folder, duckdb.connect(":memory:") as connection:
        _limit_memory(connection, os.environ.get("DATAPOOL_MEMORY", DEFAULT_MEMORY))
        connection.execute(f"SET temp_directory = {sql_path(folder)}")
        connection.execute("SET autoinstall_known_extensions = FALSE")
        connection.execute("SET enable_progress_bar = FALSE")
        # Nobody opens it a second time: a log to recover it from would only cost.
        connection.execute(f"ATTACH {sql_path(folder / f'{SCRATCH}.duckdb')} AS {SCRATCH} (RECOVERY_MODE 'NO_WAL_WRITES')")
        connection.execute(f"USE {SCRATCH}")
        connection.execute(f"SET disabled_compression_methods = '{','.join(SLOW_COMPRESSION)}'")
        yield connection


def rest(connection: DuckDBPyConnection) -> None:
    """Let the tables made so far rest on disk, so that they take no memory until they are read."""
    connection.execute(f"CHECKPOINT {SCRATCH}")


def _limit_memory(connection: DuckDBPyConnection, limit: str) -> None:
    try:
        connection.execute(f"SET memory_limit = {sql_path(limit)}")
    except duckdb.Error as cause:
        raise PoolError(f"环境变量 DATAPOOL_MEMORY 的值 {limit!r} 无效：应为内存大小，例如 {DEFAULT_MEMORY}、4GB。") from cause


def table_source(path: Path) -> str:
    """SQL of the rows of a table of a release: one Parquet file, or all those of a folder."""
    if path.is_dir():
        return f"read_parquet({sql_path(path / '*.parquet')}, union_by_name = TRUE)"
    return f"read_parquet({sql_path(path)})"


def sql_path(path: object) -> str:
    """A path as SQL literal."""
    return "'" + str(path).replace("'", "''") + "'"
