"""A person answers on Airflow's page: the release that waits is published, or its batches are kept out."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.airflow_settings import PROJECT
from pool import Pool
from tests.small_exports import ORGANISATIONS, organisations, write_export

pytestmark = pytest.mark.slow
BASIS = "2025-41 号件"
BUILD = """
import os, sys, threading, time
from pathlib import Path
from deploy.airflow_settings import DAGS, airflow_environment, data_home, prepare_database
os.environ.update(airflow_environment(data_home()), AIRFLOW__CORE__DEFAULT_TASK_RETRIES="0")
prepare_database()

from airflow.dag_processing.dagbag import DagBag
from airflow.models.hitl import HITLDetail
from airflow.models.taskinstance import TaskInstance
from airflow.models.trigger import handle_event_submit
from airflow.sdk.timezone import utcnow
from airflow.triggers.base import TriggerEvent
from airflow.utils.session import create_session
from sqlalchemy import select

from flow.check import check
from flow.context import open_context
from flow.match import match
from flow.receive import receive, waiting_batches

context = open_context()
receive(context, context.pool.paths.exports)
for batch in waiting_batches(context):
    check(context, batch)
    match(context, batch)

def answer(choice, reason, seen, seconds=500):
    "What the page does with an answer, once there is a question."
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with create_session() as session:
            for detail in session.scalars(select(HITLDetail)):
                asked = session.get(TaskInstance, detail.ti_id)
                if asked.state == "awaiting_input":
                    assert context.pool.releases.current() is None, "nobody sees it before"
                    detail.responded_by, detail.responded_at = {"id": "7", "name": "王科长"}, utcnow()
                    detail.chosen_options, detail.params_input = [choice], {"reason": reason}
                    session.add(detail)
                    handle_event_submit(TriggerEvent(detail.as_resume_event_payload()), task_instance=asked, session=session)
                    Path(seen).write_text(f"{detail.subject} {detail.options} {detail.body.splitlines()[0]}", encoding="utf-8")
                    return
        time.sleep(0.5)

asker = threading.Thread(target=answer, args=sys.argv[1:], daemon=True)
asker.start()
run = DagBag(str(DAGS)).dags["build_pool"].test()
print("states:", {each.task_id: each.state for each in run.get_task_instances()}, flush=True)
"""


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The city, whose civil affairs bureau wants to be asked."""
    city = Path(shutil.copytree(PROJECT / "cities" / "330381", tmp_path_factory.mktemp("cities") / "330381"))
    contract = city / "sources" / f"{ORGANISATIONS.replace('.', '/')}.yaml"
    contract.parent.mkdir(parents=True, exist_ok=True)
    shipped = (PROJECT / "schemas" / "sources" / contract.relative_to(city / "sources")).read_text(encoding="utf-8")
    delivery = "  - {property: delivery, value: full}\n"
    assert delivery in shipped
    contract.write_text(shipped.replace(delivery, f"{delivery}  - {{property: approval, value: true}}\n"), encoding="utf-8")
    return city


def built(home: Path, city: Path, choice: str) -> str:
    write_export(home / "exports", ORGANISATIONS, organisations(3))
    environment = {**os.environ, "DATAPOOL_HOME": str(home), "DATAPOOL_CITY": str(city)}
    seen = home.parent / "asked.txt"
    command = [sys.executable, "-c", BUILD, choice, BASIS, str(seen)]
    done = subprocess.run(command, cwd=PROJECT, env=environment, text=True, capture_output=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert seen.read_text(encoding="utf-8") == "发布 1 等待批准 ['批准', '不批准'] # 发布 1 等待批准"
    return done.stdout


def test_the_release_is_published_when_a_person_approves(tmp_path, city):
    said = built(tmp_path / "home", city, "批准")
    pool = Pool.open(tmp_path / "home")
    assert pool.releases.current() == 1, said
    approval = pool.ledger.approvals.of(1)["approved"]
    assert (approval.person, approval.reason, approval.channel) == ("王科长", BASIS, "Airflow")
    assert "'serve': 'skipped'" in said
    assert "'conclude': 'success'" in said


def test_nothing_is_published_when_a_person_refuses(tmp_path, city):
    said = built(tmp_path / "home", city, "不批准")
    pool = Pool.open(tmp_path / "home")
    assert pool.releases.current() is None
    assert pool.releases.waiting() == []
    [blocked] = pool.ledger.batches(status="blocked")
    assert blocked.reason == f"发布 1 未获批准（王科长）：{BASIS}"
    assert "'conclude': 'skipped'" in said
