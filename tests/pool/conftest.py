"""Fixtures of the pool's tests: a published pool to copy and damage, a forker of processes, a PostgreSQL server."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pool import Pool
from tests.pool.forker import Forker
from tests.pool.postgres_server import PostgresServer, find_binaries
from tests.pool.small_pool import run_path, write_export


@pytest.fixture(scope="session")
def forker(pytestconfig: pytest.Config) -> Iterator[Forker]:
    with Forker(pytestconfig.rootpath) as forker:
        yield forker


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    binaries = find_binaries()
    if binaries is None:
        reason = "PostgreSQL is not installed (looked for /usr/lib/postgresql/*/bin/pg_ctl and pg_ctl on the path)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with PostgresServer(binaries) as server:
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger_url(request: pytest.FixtureRequest) -> str | None:
    """Where the ledger rests: None for the SQLite file of the home, else a fresh database of a real server."""
    if request.param == "sqlite":
        return None
    server: PostgresServer = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture(scope="session")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home with release 1, for copying only."""
    folder = tmp_path_factory.mktemp("published")
    run_path(folder / "home", write_export(folder, "2025-10"))
    return folder / "home"


@pytest.fixture
def home(published_home: Path, tmp_path: Path) -> Path:
    """A data home with release 1."""
    return Path(shutil.copytree(published_home, tmp_path / "home"))


@pytest.fixture
def swift_folder(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory where there is one: a killed process loses nothing there either, and flushing costs nothing."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def pool(home: Path) -> Pool:
    return Pool.open(home)


@pytest.fixture
def empty_pool(tmp_path: Path) -> Pool:
    return Pool.open(tmp_path / "empty")
