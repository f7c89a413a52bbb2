"""Query: SQL on a share, read only, without access to any file but the share's own."""

from pathlib import Path

import duckdb
import pyarrow as pa

from flow.context import Context
from flow.serve import ANALYST, DATABASE
from flow.workspace import sql_path
from pool import PoolError


def share_database(context: Context, share: str = ANALYST, release: int | None = None) -> Path:
    """The datapool.duckdb of a share; raises PoolError when there is none."""
    number = release or context.pool.shares.current(share)
    if number is None:
        raise PoolError(f"共享 {share} 还没有发布。请先运行 datapool run。")
    path = context.pool.shares.folder(share, number) / DATABASE
    if not path.is_file():
        raise PoolError(f"共享 {share} 中没有发布 {number}。现有发布：{context.pool.releases.numbers()}。")
    return path


def query(database: Path, sql: str) -> pa.Table:
    """The result of one statement; tables of the pool may be named with or without their schema. Raises duckdb.Error."""
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH {sql_path(database)} AS datapool (READ_ONLY)")
        connection.execute("USE datapool")
        connection.execute("SET search_path = 'datapool.pool,datapool.mart'")
        connection.execute("SET enable_external_access = FALSE")
        connection.execute("SET lock_configuration = TRUE")
        return connection.sql(sql).to_arrow_table()
