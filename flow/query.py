"""Query: SQL on a share, read only, without access to any file but the share's own."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from flow.workspace import sql_path
from pool import Pool, PoolError

ANALYST = "analyst"
DATABASE = "datapool.duckdb"
READING = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)


@contextmanager
def reading_share(pool: Pool, share: str = ANALYST, release: int | None = None) -> Iterator[Path]:
    """The datapool.duckdb of a share, which is not retired while the body runs; raises PoolError when there is none."""
    database = share_database(pool, share, release)
    with ExitStack() as held:
        try:
            held.enter_context(pool.shares.reading(share, int(database.parent.name)))
        except FileNotFoundError:
            raise PoolError(pool.releases.absence(int(database.parent.name))) from None
        yield database


def share_database(pool: Pool, share: str = ANALYST, release: int | None = None) -> Path:
    """The datapool.duckdb of a share; raises PoolError when there is none."""
    number = pool.shares.current(share) if release is None else release
    if number is None:
        raise PoolError(f"共享 {share} 还没有发布。现有的共享：{'、'.join(pool.shares.names()) or '无'}。请先运行 datapool run。")
    path = pool.shares.folder(share, number) / DATABASE
    if not path.is_file():
        raise PoolError(f"共享 {share} 中没有发布 {number}。{pool.releases.absence(number)}")
    return path


def query(database: Path, sql: str) -> pa.Table:
    """The result of one statement that reads; tables of the pool may be named with or without their schema.

    Raises duckdb.Error, PoolError when the text is another kind of statement or several.
    """
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"ATTACH {sql_path(database)} AS datapool (READ_ONLY)")
        connection.execute("USE datapool")
        connection.execute("SET search_path = 'datapool.pool,datapool.mart'")
        connection.execute("SET enable_external_access = FALSE")
        connection.execute("SET lock_configuration = TRUE")
        statements = connection.extract_statements(sql)
        if len(statements) != 1 or statements[0].type not in READING:
            raise PoolError("只能执行一条查询语句（SELECT、SHOW、DESCRIBE、SUMMARIZE、EXPLAIN）；共享库是只读的。")
        return connection.execute(statements[0]).to_arrow_table()
