"""What all tests share: surroundings of their own, real servers, and no silent skip where everything is installed."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ON_CI = os.environ.get("CI") == "true"
MAY_BE_SKIPPED_ON_CI = "shared/data"
"""Reason of tests that read real data, which are not part of the repository."""

skipped: list[str] = []


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if (
        report.skipped
        and not hasattr(report, "wasxfail")
        and isinstance(report.longrepr, tuple)
        and MAY_BE_SKIPPED_ON_CI not in report.longrepr[2]
    ):
        skipped.append(f"{report.nodeid}: {report.longrepr[2]}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if ON_CI and skipped:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if ON_CI and skipped:
        terminalreporter.section("skipped where everything should be installed", red=True)
        for line in skipped:
            terminalreporter.line(line)


@pytest.fixture(scope="session", autouse=True)
def surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No test sees or leaves anything of the user's: home, city and key are the tests' own."""
    kept = dict(os.environ)
    for name in list(os.environ):
        if name.startswith(("DATAPOOL_", "AIRFLOW")):
            del os.environ[name]
    os.environ["DATAPOOL_KEY_FILE"] = str(tmp_path_factory.mktemp("secret") / "pseudonym.key")
    yield
    os.environ.clear()
    os.environ.update(kept)


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A real PostgreSQL server of the tests' own; the address of its maintenance database. PostgreSQL refuses root: then user postgres runs it."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which("initdb", path=os.pathsep.join([os.environ.get("PATH", ""), *map(str, programs)]))
    if not found:
        pytest.skip("没有安装 PostgreSQL 服务器（apt-get install postgresql）")
    user = "postgres" if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="datapool-postgresql-"))
    if user:
        shutil.chown(folder, user, user)
    port = free_port()
    as_user = {"user": user, "group": user, "extra_groups": []} if user else {}
    subprocess.run(
        [found, "-D", folder / "data", "-U", "datapool", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"],
        check=True, capture_output=True, cwd=folder, **as_user,
    )  # fmt: skip
    control = [str(Path(found).with_name("pg_ctl")), "-D", str(folder / "data"), "-w", "-s"]
    options = f"-F -p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    log = folder / "server.log"
    subprocess.run([*control, "-l", str(log), "-o", options, "start"], check=True, cwd=folder, stdout=subprocess.DEVNULL, **as_user)
    try:
        yield f"postgresql+psycopg://datapool@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, cwd=folder, capture_output=True, **as_user)
        shutil.rmtree(folder)


@pytest.fixture
def postgresql_url(postgresql_server: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty PostgreSQL database for one test, as an SQLAlchemy address."""
    import psycopg

    name = f"test_{abs(hash(request.node.nodeid))}"
    with psycopg.connect(postgresql_server.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield postgresql_server.rpartition("/")[0] + f"/{name}"
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
