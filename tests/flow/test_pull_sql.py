"""Rows of a real PostgreSQL server: all of them or those that are new, from one state, and again where they were not received."""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import psycopg
import pyarrow.parquet as pq
import pytest

from flow.context import Context
from flow.pull import pull
from schemas.pull import SqlPull, Watermark
from sources.connection import Connection
from sources.pull.errors import PullError
from sources.pull.sql import SqlRows
from tests.flow.pulling import FOLDER, PASSWORD, Waits, inbox, pull_once, pulling, take_in
from tests.flow.searching import places_of
from tests.pool.postgres_server import PostgresServer, find_binaries

QUERY = "SELECT 统一社会信用代码, 名称, 更新时间, 注册资金, '12:30 :x 100%' AS 备注 FROM 社会组织"
COUNT = 25_000


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    binaries = find_binaries()
    if binaries is None:
        reason = "PostgreSQL is not installed (looked for /usr/lib/postgresql/*/bin/pg_ctl and pg_ctl on the path)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with PostgresServer(binaries) as server:
        yield server


class Source:
    """A table of organisations in a database of its own."""

    def __init__(self, server: PostgresServer) -> None:
        url = server.new_database()
        self.name, self.folder = url.partition("@/")[2].partition("?")[0], url.partition("host=")[2]
        self.run("CREATE TABLE 社会组织 (统一社会信用代码 text, 名称 text, 更新时间 timestamp, 注册资金 numeric(12,2))")

    def run(self, statement: str) -> None:
        with psycopg.connect(host=self.folder, user="datapool", dbname=self.name, autocommit=True) as session:
            session.execute(statement.encode())

    def add(self, first: int, last: int, at: str = "2025-06-01 08:00:00") -> None:
        self.run(
            f"INSERT INTO 社会组织 SELECT 'C' || lpad(n::text, 6, '0'), '书画协会' || n, timestamp '{at}' + n * interval '1 second', n + 0.5 "
            f"FROM generate_series({first}, {last}) n"
        )

    def pull(self, **changes: object) -> SqlPull:
        pull = SqlPull("registry", "postgresql+psycopg", self.folder, 5432, self.name, "registry", QUERY, namespace="public")
        return replace(pull, **changes)  # type: ignore[arg-type]


@pytest.fixture
def source(postgres: PostgresServer) -> Source:
    return Source(postgres)


ACCOUNT = {"AIRFLOW_CONN_REGISTRY": json.dumps({"login": "datapool", "password": PASSWORD})}
MARK = Watermark("更新时间", 10)


def later(context: Context, seconds: int) -> Context:
    return replace(context, now=context.now + timedelta(seconds=seconds), run=f"run-{seconds}")


def rows_of(home: Path, name: str) -> list[dict[str, str]]:
    return list(pq.read_table(home / "inbox" / FOLDER / name).to_pylist())


def test_all_rows_come_as_text_in_the_order_of_their_key(source, tmp_path):
    source.add(1, COUNT)
    context = pulling(tmp_path, source.pull(), formats=("parquet",))
    told: list[int] = []
    (outcome,) = pull(context, resolve=lambda name: Connection(name, "datapool"), progress=lambda _step, done, _all: told.append(done))
    assert outcome.files == ("social_organisation_20250701.parquet",)
    rows = rows_of(tmp_path, outcome.files[0])
    assert len(rows) == COUNT
    assert rows[0] == {
        "统一社会信用代码": "C000001", "名称": "书画协会1", "更新时间": "2025-06-01 08:00:01", "注册资金": "1.50", "备注": "12:30 :x 100%"
    }  # fmt: skip
    assert told == [0, 10_000, 20_000, COUNT], "they come as a stream"
    assert context.pool.ledger.pulls.of("civil_affairs.social_organisation")[0].rows == COUNT
    (batch,) = take_in(context)
    assert context.pool.receipts.read(batch).origin.startswith("postgresql://")
    assert pull_once(context, environment=ACCOUNT).files == (), "the same rows on the same day say nothing new"


def test_new_rows_come_once_from_the_watermark_that_was_received(source, tmp_path):
    source.add(1, 100)
    context = pulling(tmp_path, source.pull(watermark=MARK), formats=("parquet",), delivery="incremental")
    (first,) = pull_once(context, environment=ACCOUNT).files
    assert "接收以后再取新的" in pull_once(later(context, 1), environment=ACCOUNT).waiting[0]
    take_in(context)
    assert pull_once(later(context, 2), environment=ACCOUNT).files == (), "the overlap alone is nothing new"
    source.add(101, 103)
    source.add(95, 95, "2025-06-01 08:00:00")  # one that was committed late, within the overlap
    (second,) = pull_once(later(context, 3), environment=ACCOUNT).files
    names = [row["统一社会信用代码"] for row in rows_of(tmp_path, second)]
    assert {"C000101", "C000102", "C000103"} <= {*names}
    assert names.count("C000095") == 2
    assert "C000089" not in names
    assert len(take_in(later(context, 4))) == 1
    assert first != second


def test_a_watermark_does_not_advance_before_the_rows_are_received(source, tmp_path):
    source.add(1, 50)
    context = pulling(tmp_path, source.pull(watermark=MARK), formats=("parquet",), delivery="incremental")
    (first,) = pull_once(context, environment=ACCOUNT).files
    content = inbox(context)[first]
    (tmp_path / "inbox" / FOLDER / first).unlink()  # as if killed between the note and the file
    (again,) = pull_once(context, environment=ACCOUNT).files
    assert inbox(context) == {again: content}, "the same rows, the same bytes"
    assert len(take_in(context)) == 1


def test_rows_without_a_watermark_always_come(source, tmp_path):
    source.add(1, 50)
    context = pulling(tmp_path, source.pull(watermark=MARK), formats=("parquet",), delivery="incremental")
    pull_once(context, environment=ACCOUNT)
    take_in(context)
    source.run("INSERT INTO 社会组织 VALUES ('CX', '无时间', NULL, 1)")
    (second,) = pull_once(later(context, 1), environment=ACCOUNT).files
    assert "CX" in [row["统一社会信用代码"] for row in rows_of(tmp_path, second)]
    take_in(context)
    assert pull_once(later(context, 2), environment=ACCOUNT).files == ()


def test_a_connection_cut_in_the_middle_leaves_nothing_half_and_is_tried_again(source, tmp_path):
    source.add(1, COUNT)
    context, waits, cut = pulling(tmp_path, source.pull(), formats=("parquet",)), Waits(), []

    def cutting(_step: str, done: int, _all: int) -> None:
        assert inbox(context) == {}
        if done == 10_000 and not cut:
            cut.append(done)
            source.run(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()"
            )

    (outcome,) = pull(context, resolve=lambda name: Connection(name, "datapool"), patience=waits.patience, progress=cutting)
    assert (outcome.fault, waits.slept, cut) == ("", [1.0], [10_000])
    assert len(rows_of(tmp_path, outcome.files[0])) == COUNT
    assert [path.name for path in (tmp_path / "inbox" / FOLDER).iterdir()] == [*outcome.files]


def test_rows_that_change_meanwhile_do_not_mix(source, tmp_path):
    source.add(1, COUNT)
    context = pulling(tmp_path, source.pull(), formats=("parquet",))

    def meddling(_step: str, done: int, _all: int) -> None:
        if done == 0:
            source.run("UPDATE 社会组织 SET 名称 = 'changed'")

    (outcome,) = pull(context, resolve=lambda name: Connection(name, "datapool"), progress=meddling)
    assert "changed" not in {row["名称"] for row in rows_of(tmp_path, outcome.files[0])}


def test_no_row_at_all_is_no_full_delivery(source, tmp_path):
    outcome = pull_once(pulling(tmp_path, source.pull(), formats=("parquet",)), environment=ACCOUNT)
    assert "没有返回任何行" in outcome.fault
    assert list((tmp_path / "inbox" / FOLDER).iterdir()) == []


def test_a_table_that_changed_and_a_missing_watermark_are_told(source, tmp_path):
    source.add(1, 5)
    source.run("ALTER TABLE 社会组织 RENAME COLUMN 名称 TO 机构名称")
    context = pulling(tmp_path, source.pull(), formats=("parquet",))
    waits = Waits()
    fault = pull_once(context, environment=ACCOUNT, waits=waits).fault
    assert "名称" in fault
    assert "请核对契约里的 query" in fault
    assert waits.slept == []
    without = source.pull(query="SELECT 统一社会信用代码 FROM 社会组织", watermark=MARK)
    context = pulling(tmp_path, without, formats=("parquet",), delivery="incremental")
    assert "没有水位列“更新时间”" in pull_once(context, environment=ACCOUNT).fault


def test_values_are_not_quoted_when_a_query_stumbles_over_one(source, tmp_path):
    source.add(1, 5)
    context = pulling(tmp_path, source.pull(query="SELECT 统一社会信用代码::int AS 数 FROM 社会组织"), formats=("parquet",))
    fault = pull_once(context, environment=ACCOUNT).fault
    assert "不能执行查询" in fault
    assert "C00000" not in fault


def test_the_dialect_of_kingbase_speaks_what_postgresql_understands(source, tmp_path):
    source.add(1, 5)
    context = pulling(tmp_path, source.pull(driver="kingbase"), formats=("parquet",))
    assert pull_once(context, environment=ACCOUNT).fault == ""


def test_a_driver_that_is_not_installed_says_how_to_get_it_offline():
    for driver, package in (("mysql+pymysql", "pymysql"), ("oracle+oracledb", "oracledb"), ("dm+dmPython", "dmPython dmSQLAlchemy")):
        with pytest.raises(PullError, match=f"pip download -d wheels {package}"):
            SqlRows(SqlPull("s", driver, "db", 1, "d", "c", "SELECT 1"), Connection("c"))


def test_a_password_goes_to_no_host_but_the_contracts():
    with pytest.raises(PullError, match="密码只送给契约写明的主机"):
        SqlRows(SqlPull("s", "postgresql+psycopg", "db", 5432, "d", "c", "SELECT 1"), Connection("c", "a", PASSWORD, host="elsewhere"))


def test_the_password_stands_nowhere(source, tmp_path):
    source.add(1, 5)
    context = pulling(tmp_path, source.pull(), formats=("parquet",))
    pull_once(context, environment=ACCOUNT)
    take_in(context)
    assert places_of(context.pool.home, [PASSWORD]) == []
