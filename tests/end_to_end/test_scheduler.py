"""`make up`: a file dropped into the inbox and one trigger lead to a new release without further hands."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from deploy.airflow_server import group_lives, log_in, request, running
from deploy.airflow_settings import PROJECT
from pool import Pool
from tests.small_exports import ORGANISATIONS, organisations, write_export

pytestmark = pytest.mark.slow
START_SECONDS = 300
RELEASE_SECONDS = 300


def control(home: Path, verb: str, port: int) -> str:
    environment = {**os.environ, "DATAPOOL_HOME": str(home), "DATAPOOL_CITY": "330381", "AIRFLOW_PORT": str(port)}
    command = [sys.executable, "-m", "deploy.airflow_server", verb]
    done = subprocess.run(command, cwd=PROJECT, env=environment, text=True, capture_output=True, check=False, timeout=START_SECONDS)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def wait_for(reached: Callable[[], Any], seconds: float = RELEASE_SECONDS) -> Any:
    """What the condition gives once it holds; asked every half second, for a bounded time. A page too busy to answer is asked again."""
    deadline = time.monotonic() + seconds
    while True:
        with suppress(TimeoutError):
            if value := reached():
                return value
        assert time.monotonic() < deadline, f"not reached within {seconds} s"
        time.sleep(0.5)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A data home under a running Airflow."""
    home = tmp_path / "home"
    control(home, "up", port=18080)
    yield home
    control(home, "down", port=18080)


class Page:
    """Airflow's REST interface, as its page uses it."""

    def __init__(self, home: Path) -> None:
        state = running(home)
        assert state
        self.base = f"http://127.0.0.1:{state['port']}"
        self.group = state["group"]
        self.token = log_in(home, state["port"])

    def ask(self, path: str, content: dict[str, Any] | None = None) -> dict[str, Any]:
        return request(f"{self.base}/api/v2/{path}", body=json.dumps(content).encode() if content is not None else None, token=self.token)

    def runs(self, dag: str) -> list[dict[str, Any]]:
        return list(self.ask(f"dags/{dag}/dagRuns")["dag_runs"])


def finished(run: dict[str, Any]) -> str:
    """The state of a run that has ended, or nothing."""
    return "" if run["state"] in {"queued", "running"} else str(run["state"])


def test_a_dropped_file_becomes_a_release_when_its_dag_is_triggered(home):
    page = Page(home)
    assert all(not dag["is_paused"] for dag in page.ask("dags?limit=100")["dags"])

    write_export(home / "inbox", ORGANISATIONS, organisations(3))
    started = page.ask(f"dags/{ORGANISATIONS}/dagRuns", {"logical_date": None, "conf": {}})
    assert wait_for(lambda: finished(page.ask(f"dags/{ORGANISATIONS}/dagRuns/{started['dag_run_id']}"))) == "success"

    def organisations_released() -> bool:
        with_them = Pool.open(home)
        number = with_them.releases.current()
        return number is not None and with_them.releases.manifest(number)["tables"].get("organisation", {}).get("rows") == 3

    wait_for(organisations_released)
    reported = wait_for(lambda: [run for run in page.runs("report_release") if run["state"] == "success"])
    assert reported[0]["run_type"] == "asset_triggered"
    assert any(run["run_type"] == "asset_triggered" for run in page.runs("build_pool"))
    assert not [run for run in page.runs("build_pool") if run["state"] == "failed"]

    group = page.group
    control(home, "down", port=18080)
    assert not group_lives(group)
    assert control(home, "down", port=18080) == "Airflow 没有在运行。\n"
