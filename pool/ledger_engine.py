"""How the ledger's database is reached: SQLite or PostgreSQL, with patience while it is busy or briefly gone."""

import itertools
import sqlite3
import time
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import NullPool

from pool.errors import PoolBusy, PoolError
from pool.machine import AGAIN, remedy_for

PATIENCE_SECONDS = 60.0
"""A server that is started again is back within this time, and who writes to SQLite holds it for less."""
OPENING_SECONDS = 1.0
"""For a server that does not answer at all: an address that is wrong should be told soon."""
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0

Result = TypeVar("Result")


def make_engine(url: str) -> Engine:
    """The engine for a database URL; nothing is connected yet."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    # Without a connection pool none survives a fork, and the file is whole when nobody works.
    engine = create_engine(url, poolclass=NullPool, connect_args={"timeout": PATIENCE_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")  # what is removed or replaced is overwritten


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads first and then writes fails at once when another wrote meanwhile: writers queue from their first word.
    reads = connection.get_execution_options().get("ledger_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def transact(engine: Engine, work: Callable[[Connection], Result], *, patience: float | None = None) -> Result:
    """Do the work in one transaction, again while the database is busy or gone, for `patience` seconds (default `PATIENCE_SECONDS`).

    Raises PoolBusy when it still is, PoolError when the machine or the database is broken.
    """
    deadline = time.monotonic() + (PATIENCE_SECONDS if patience is None else patience)
    for attempt in itertools.count():
        try:
            with engine.begin() as connection:
                return work(connection)
        except OperationalError as cause:
            if remedy := remedy_for(cause):
                raise PoolError(f"台账无法读写：{remedy}。{AGAIN}") from cause
            pause = min(FIRST_PAUSE * 2**attempt, LONGEST_PAUSE)
            if time.monotonic() + pause > deadline:
                raise PoolBusy(_out_of_patience(cause)) from cause
            time.sleep(pause)
        except DatabaseError as cause:
            if isinstance(cause.orig, sqlite3.DatabaseError) and type(cause) is DatabaseError:
                raise PoolError(
                    f"台账数据库无法打开，文件已损坏：{first_line(cause)}。请从备份恢复 ledger.sqlite，再运行 datapool verify。"
                ) from cause
            raise
    raise AssertionError("unreachable")


def _out_of_patience(cause: OperationalError) -> str:
    if "locked" in str(cause):
        return f"台账被别的程序占用了 {PATIENCE_SECONDS:.0f} 秒以上。请等它结束后重试，并检查谁打开了 ledger.sqlite。{AGAIN}"
    return f"台账数据库无法访问：{first_line(cause)}。请检查数据库服务是否在运行，恢复后重试。{AGAIN}"


def first_line(error: BaseException) -> str:
    """The first line of an error's text: what follows quotes SQL."""
    return str(error).partition("\n")[0]
