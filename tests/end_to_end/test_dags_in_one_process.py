"""`make run`: the real DAGs, one after another in one process, from export files to a release."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.airflow_settings import PROJECT
from pool import Pool
from tests.small_exports import ORGANISATIONS, RESIDENTS, organisations, residents, write_export

pytestmark = pytest.mark.slow


def run_dags(home: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATAPOOL_HOME": str(home), "DATAPOOL_CITY": "330381", "COLUMNS": "200"}
    command = [sys.executable, "-m", "deploy.run_dags"]
    return subprocess.run(command, cwd=PROJECT, env=environment, text=True, capture_output=True, check=False, timeout=300)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home whose exports are there already, so that no samples are made."""
    home = tmp_path_factory.mktemp("home")
    write_export(home / "exports", ORGANISATIONS, organisations(3))
    write_export(home / "exports", RESIDENTS, residents(4))
    return home


def releases(home: Path) -> tuple[int | None, list[str]]:
    pool = Pool.open(home)
    current = pool.releases.current()
    return current, sorted(path.name for path in (home / "releases").iterdir() if path.is_dir())


def test_a_newcomer_gets_a_release_and_a_summary(home):
    done = run_dags(home)
    log = (home / "airflow" / "logs" / "run.log").read_text(encoding="utf-8")
    assert done.returncode == 0, done.stdout + log[-4000:]
    assert releases(home) == (1, ["1"])
    assert Pool.open(home).releases.manifest(1)["tables"]["person"]["rows"] == 4
    for said in (
        "[1/4]",
        "个没有文件，略过",
        "常住人口（public_security.resident_population）… 完成",
        "汇总成库（build_pool）… 完成",
        "质量报告",
        "datapool.duckdb",
    ):
        assert said in done.stdout
    assert done.stderr == ""


def test_a_second_run_adds_nothing(home):
    done = run_dags(home)
    assert done.returncode == 0, done.stdout
    assert "没有新的内容" in done.stdout
    assert releases(home) == (1, ["1"])


def test_a_batch_that_fails_is_named_and_keeps_nothing_else_back(home):
    write_export(home / "inbox", RESIDENTS, residents(4), period="20250831", without="name")
    write_export(home / "inbox", ORGANISATIONS, organisations(5), period="20250831")
    done = run_dags(home)
    assert done.returncode == 1, done.stdout
    assert "常住人口（public_security.resident_population）… 没有完成：检查" in done.stdout
    assert "resident_population_20250831.csv" in done.stdout
    current, _ = releases(home)
    assert current == 2
    assert Pool.open(home).releases.manifest(2)["tables"]["organisation"]["rows"] == 5


KEEP_HOUSE = """
import os
from deploy.airflow_settings import DAGS, airflow_environment, data_home
os.environ.update(airflow_environment(data_home()))
from airflow.dag_processing.dagbag import DagBag
from deploy.run_dags import run_dag
assert run_dag(DagBag(str(DAGS)).dags["datapool_housekeeping"], print)
"""


def test_housekeeping_notes_the_space_and_takes_nothing_that_is_needed(home):
    environment = {**os.environ, "DATAPOOL_HOME": str(home), "DATAPOOL_CITY": "330381"}
    before = releases(home)
    done = subprocess.run(
        [sys.executable, "-c", KEEP_HOUSE], cwd=PROJECT, env=environment, text=True, capture_output=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert releases(home) == before
    [noted] = Pool.open(home).ledger.upkeep.space_notes()
    assert noted.detail["parts"]["releases"] > 0
    stages = Pool.open(home).ledger.stages(Pool.open(home).ledger.runs(limit=1)[0].run)
    assert [(stage.stage, stage.status) for stage in stages] == [("retire", "succeeded"), ("space", "succeeded"), ("digest", "succeeded")]
