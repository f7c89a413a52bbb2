"""Airflow finds one light DAG a dataset, and those that build and report."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from deploy.airflow_settings import PROJECT, airflow_environment
from schemas.contract import source_contracts

LOOK = """
import json, sys
from airflow.dag_processing.dagbag import DagBag
from schemas.contract import source_contracts
source_contracts()
bag = DagBag(sys.argv[1])
dags = {
    name: {
        "title": dag.dag_display_name,
        "documented": bool(dag.doc_md),
        "tags": sorted(dag.tags),
        "runs": dag.max_active_runs,
        "schedule": dag.schedule if isinstance(dag.schedule, str) else None,
        "zone": str(dag.timezone),
        "order": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
        "titles": sorted(task.task_display_name for task in dag.tasks),
        "pools": sorted({task.pool for task in dag.tasks}),
        "outlets": sorted({asset.name for task in dag.tasks for asset in task.outlets}),
        "waits_for": sorted(asset.name for asset in getattr(condition, "objects", [condition]) if asset),
    }
    for name, dag in bag.dags.items()
    for condition in [getattr(dag.timetable, "asset_condition", None)]
}
heavy = [name for name in ("duckdb", "pyarrow", "pandas", "great_expectations", "flow", "pool") if name in sys.modules]
print(json.dumps({"errors": bag.import_errors, "heavy": heavy, "dags": dags}))
"""


@pytest.fixture(scope="module")
def bag(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    environment = airflow_environment(tmp_path_factory.mktemp("home"))
    command = [sys.executable, "-c", LOOK, environment["AIRFLOW__CORE__DAGS_FOLDER"]]
    done = subprocess.run(command, cwd=PROJECT, env={**os_path(), **environment}, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def os_path() -> dict[str, str]:
    return {"PATH": str(Path(sys.executable).parent), "HOME": "/nonexistent"}


def test_every_file_is_read_without_error(bag):
    assert bag["errors"] == {}


def test_reading_the_dags_loads_no_heavy_library(bag):
    assert bag["heavy"] == []


def test_there_is_one_dag_a_contract_that_receives_checks_and_matches(bag):
    datasets = {name: dag for name, dag in bag["dags"].items() if "." in name}
    assert set(datasets) == set(source_contracts())
    for name, dag in datasets.items():
        assert dag["order"] == {"receive": ["check"], "check": ["match"], "match": []}
        assert dag["outlets"] == [name]
        assert dag["runs"] == 1


def test_the_pool_is_built_when_any_dataset_has_arrived_by_one_publisher_at_a_time(bag):
    build = bag["dags"]["build_pool"]
    asked = {"ask": ["approve", "conclude"], "approve": ["conclude"], "conclude": []}
    assert build["order"] == {
        "resolve": ["publish"],
        "publish": ["ask", "choose", "serve"],
        "choose": ["ask", "serve"],
        "serve": [],
        **asked,
    }
    assert build["waits_for"] == sorted(source_contracts())
    assert build["pools"] == ["default_pool", "publisher"], "who waits for a person keeps nobody else waiting"
    assert build["runs"] == 1
    assert build["outlets"] == ["release"]


def test_a_report_follows_every_release(bag):
    assert bag["dags"]["report_release"]["waits_for"] == ["release"]


def test_housekeeping_comes_daily_in_the_slot_of_the_publisher(bag):
    keeping = bag["dags"]["datapool_housekeeping"]
    assert keeping["order"] == {"retire": ["space"], "space": ["digest"], "digest": []}
    assert keeping["pools"] == ["publisher"]
    assert keeping["runs"] == 1
    assert keeping["schedule"] == "30 4 * * *"
    assert keeping["zone"] == "Asia/Shanghai"


def test_people_read_chinese_names_and_explanations(bag):
    for name, dag in bag["dags"].items():
        assert dag["title"] != name
        assert dag["documented"], name
        assert dag["tags"], name
        assert not set(dag["titles"]) & set(dag["order"]), name


PULLS = """
import json
from dataclasses import replace
from airflow.sdk.exceptions import AirflowException
from dags.datasets import dataset_dag
from dags.pulling import airflow_connection
from schemas.contract import source_contracts
from schemas.pull import Completeness, FilePull
from sources.pull.errors import PullError
pull = FilePull("drop", "folder", "/mnt/share/*.csv", "", Completeness())
dag = dataset_dag(replace(next(iter(source_contracts().values())), pulls=(pull,)))
found = airflow_connection("police")
try:
    missing = airflow_connection("nobody").name
except PullError as error:
    missing = str(error)
print(json.dumps({"order": {task.task_id: sorted(task.downstream_task_ids) for task in dag.tasks},
                  "rule": dag.get_task("receive").trigger_rule.value, "found": [found.login, found.password, found.port, dict(found.extra)], "missing": missing}))
"""


def test_a_dataset_that_says_from_where_is_pulled_before_it_is_received_with_connections_of_airflow(tmp_path):
    account = {"AIRFLOW_CONN_POLICE": "sftp://reader:p%40ss@police.example:22?region=north"}
    environment = {**os_path(), **airflow_environment(tmp_path), **account}
    done = subprocess.run([sys.executable, "-c", PULLS], cwd=PROJECT, env=environment, text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["order"] == {"pull": ["pull_failed", "receive"], "pull_failed": [], "receive": ["check"], "check": ["match"], "match": []}
    assert told["rule"] == "all_done"
    assert told["found"] == ["reader", "p@ss", 22, {"region": "north"}]
    assert "没有名为“nobody”的连接" in told["missing"]
