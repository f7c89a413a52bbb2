"""What all tests share: surroundings of their own, and no silent skip where everything is installed."""

import os
from collections.abc import Iterator

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
