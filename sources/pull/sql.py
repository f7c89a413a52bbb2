"""The rows of a query of any database that SQLAlchemy speaks to, as text, streamed from one consistent state."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pyarrow as pa
from sqlalchemy import Connection as Database, Engine, Select, column, create_engine, event, or_, select, text
from sqlalchemy.dialects import registry
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, InterfaceError, NoSuchModuleError, OperationalError, SQLAlchemyError

from schemas.pull import SqlPull
from sources.connection import Connection
from sources.pull.errors import BrokenOff, PullError
from sources.pull.watermark import Level
from sources.readers.values import value_text

ROWS_PER_BATCH = 10_000
CONNECT_SECONDS = 20
PACKAGES: Mapping[str, str] = {"dm": "dmPython dmSQLAlchemy", "mysql": "pymysql", "oracle": "oracledb"}
"""What brings the driver of a database, by its name in SQLAlchemy."""
SNAPSHOT: Mapping[str, Mapping[str, Any]] = {
    "postgresql": {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
    "mysql": {"isolation_level": "REPEATABLE READ"},
}
"""What makes a database answer several queries from one state; Oracle and its like do so for each query by itself."""
CONNECT_ARGUMENTS: Mapping[str, Mapping[str, Any]] = {
    "psycopg": {"connect_timeout": CONNECT_SECONDS},
    "pymysql": {"connect_timeout": CONNECT_SECONDS},
    "oracledb": {"tcp_connect_timeout": CONNECT_SECONDS},
}
"""What bounds the wait for a connection, by driver."""
REFUSED = re.compile("password|authentication|access denied|ORA-01017|ORA-28000|用户名|密码|口令", re.IGNORECASE)
"""How databases say that they do not accept an account. Trying again would lock it."""

registry.register("kingbase", "sources.pull.kingbase", "KingbaseDialect")


class SqlRows:
    """The rows of the query of a contract, in the order of its watermark and then of the columns `order`."""

    def __init__(self, pull: SqlPull, connection: Connection, order: Sequence[str] = ()) -> None:
        self._pull = pull
        self._connection = connection
        self._where = f"数据库 {pull.host}:{pull.port}/{pull.database}"
        self._order = order
        self._engine = self._make_engine()

    def check(self) -> None:
        """Connect, and let the database look at the query without answering it. Raises BrokenOff, PullError."""
        with self._connected() as database:
            self._column_names(database)

    def batches(self, above: Level | None = None) -> Iterator[tuple[pa.RecordBatch, Sequence[Level | None]]]:
        """The rows as batches of nullable text, the first one empty, each with the rows' values of the watermark (none without one).

        above: the first value of the watermark that is of interest; rows without a value come always. Raises BrokenOff, PullError.
        """
        mark = self._pull.watermark
        with self._connected() as database:
            names = self._column_names(database)
            place = names.index(mark.column) if mark else None
            yield _batch(names, []), []
            for rows in database.execute(self._query(names, above)).partitions(ROWS_PER_BATCH):
                yield _batch(names, rows), [] if place is None else [row[place] for row in rows]

    def _column_names(self, database: Database) -> list[str]:
        nothing = select(text("*")).select_from(text(f"({self._escaped()}) datapool_query")).where(text("1 = 0"))
        names = list(map(str, database.execute(nothing).keys()))
        if len({*names}) < len(names):
            raise PullError(f"{self._where}：查询有同名的列", "请用 AS 给它们不同的名称")
        mark = self._pull.watermark
        if mark and mark.column not in names:
            cure = f"请在 query 里选出它，或改正 watermark；现有的列：{'、'.join(names)}"
            raise PullError(f"{self._where}：查询没有水位列“{mark.column}”", cure)
        return names

    def _query(self, names: Sequence[str], above: Level | None) -> Select[Any]:
        rows = text(self._escaped()).columns(*(column(name) for name in names)).subquery("datapool_query")
        query = select(*(rows.c[name] for name in names))
        order = [name for name in self._order if name in names]
        if self._pull.watermark:
            mark = rows.c[self._pull.watermark.column]
            order = [mark.name, *order]
            if above is not None:
                query = query.where(or_(mark >= above, mark.is_(None)))
        return query.order_by(*(rows.c[name] for name in dict.fromkeys(order)))

    def _escaped(self) -> str:
        """The query, its colons no parameters."""
        return self._pull.query.replace(":", r"\:")

    def _make_engine(self) -> Engine:
        pull, account = self._pull, self._connection
        if account.host and (account.host, account.port or pull.port) != (pull.host, pull.port):
            cause = f"连接“{account.name}”写的主机 {account.host}:{account.port} 不是契约写的 {pull.host}:{pull.port}"
            raise PullError(cause, "请改正其一：密码只送给契约写明的主机")
        parameters = {str(key): str(value) for key, value in dict(account.extra.get("parameters") or {}).items()}
        database = None if pull.driver.startswith("oracle") else pull.database
        address = URL.create(
            pull.driver,
            username=account.login or None,
            password=account.password or None,
            host=pull.host or None,
            port=pull.port or None,
            database=database,
            query=parameters if database else {**parameters, "service_name": pull.database},
        )
        try:
            arguments = dict(CONNECT_ARGUMENTS.get(address.get_driver_name(), {}))
            engine = create_engine(address, connect_args=arguments, hide_parameters=True)
        except (NoSuchModuleError, ImportError) as error:
            raise _missing(pull.driver) from error
        if pull.namespace and engine.dialect.name == "postgresql":
            event.listen(engine, "connect", _looking_in(engine, pull.namespace))
        return engine

    @contextmanager
    def _connected(self) -> Iterator[Database]:
        """A connection for one consistent reading; errors of the database as ours, without a value of a row or a secret."""
        options = {"stream_results": True, "yield_per": ROWS_PER_BATCH, **SNAPSHOT.get(self._engine.dialect.name, {})}
        try:
            with self._engine.connect().execution_options(**options) as database:
                yield database
        except DBAPIError as error:
            raise self._fault(error) from None
        except SQLAlchemyError as error:
            raise PullError(f"{self._where} 出错（{type(error).__name__}）", "请核对契约里的 driver 和 query") from None
        finally:
            self._engine.dispose()

    def _fault(self, error: DBAPIError) -> PullError:
        lines = str(error.orig).strip().splitlines()
        said = type(error.orig).__name__ if isinstance(error, DataError) or not lines else self._connection.hide(lines[0])
        if REFUSED.search(said):
            cure = f"请核对连接“{self._connection.name}”的账号、密码，以及对方给它的权限"
            return PullError(f"{self._where} 不接受账号“{self._connection.login}”（{said}）", cure)
        if error.connection_invalidated or isinstance(error, OperationalError | InterfaceError):
            return BrokenOff(f"{self._where} 连不上或断开了（{said}）", "会自动再试；一直如此请核对地址、网络，以及对方的服务是否已启动")
        return PullError(f"{self._where} 不能执行查询（{said}）", "请核对契约里的 query：对方的表和列可能改了，或没有读取权限")


def _missing(driver: str) -> PullError:
    name = driver.partition("+")[0]
    packages = PACKAGES.get(name, driver.partition("+")[2] or name)
    cure = (
        f"请安装：.venv/bin/python -m pip install {packages}；离线时在联网的同类机器上 pip download -d wheels {packages}，"
        f"拷来后 .venv/bin/python -m pip install --no-index --find-links wheels {packages}"
    )
    return PullError(f"没有安装数据库驱动 {driver}", cure)


def _looking_in(engine: Engine, namespace: str) -> Callable[[Any, Any], None]:
    """Lets a fresh session look up names without a schema in this one."""
    name = engine.dialect.identifier_preparer.quote(namespace)

    def look(session: Any, _record: Any) -> None:
        session.execute(f"SET search_path TO {name}")
        session.commit()

    return look


def _batch(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    schema = pa.schema([(name, pa.string()) for name in names])
    return pa.record_batch([pa.array([_text(value) for value in values], pa.string()) for values in columns], schema=schema)


def _text(value: Any) -> str | None:
    """A value of a database as text, as the readers write it."""
    match value:
        case None | str():
            return value
        case Decimal():
            return f"{value:f}"
        case bytes() | bytearray() | memoryview():
            return bytes(value).hex()
        case bool() | int() | float() | dict() | list():
            return value_text(value)
        case _ if hasattr(value, "isoformat"):
            return value_text(value)
        case _:
            return str(value)
