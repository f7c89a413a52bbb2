"""OpenLineage is told what each task read and wrote: to a file and to a server, without a value of anybody."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from deploy.airflow_settings import PROJECT
from tests.small_exports import RESIDENTS, residents, write_export

pytestmark = pytest.mark.slow
RUN = """
import os, sys
from deploy.airflow_settings import DAGS, airflow_environment, data_home, prepare_database
os.environ.update(airflow_environment(data_home()), AIRFLOW__CORE__DEFAULT_TASK_RETRIES="0")
prepare_database()
from airflow.dag_processing.dagbag import DagBag
from deploy.run_dags import run_dag
bag = DagBag(str(DAGS))
assert all([run_dag(bag.dags[name], print) for name in sys.argv[1:]])
"""
Event = dict[str, Any]


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[Event]]]:
    """A server that keeps the events it gets."""
    received: list[Event] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            received.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(201)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{listening.server_port}", received
        listening.shutdown()


@pytest.fixture(scope="module")
def events(server: tuple[str, list[Event]], tmp_path_factory: pytest.TempPathFactory) -> list[Event]:
    """What was written to the file when a delivery became a release."""
    home = tmp_path_factory.mktemp("lineage") / "home"
    rows = residents(4)
    write_export(home / "inbox", RESIDENTS, [*rows, rows[0] | {"citizen_number": "330381199001019999"}])
    file = {"type": "file", "log_file_path": str(home / "events.jsonl"), "append": True}
    transport = {"type": "composite", "transports": {"file": file, "http": {"type": "http", "url": server[0]}}}
    environment = {
        **os.environ,
        "DATAPOOL_HOME": str(home),
        "DATAPOOL_CITY": "330381",
        "AIRFLOW__OPENLINEAGE__DISABLED": "False",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps(transport),
    }
    command = [sys.executable, "-c", RUN, RESIDENTS, "build_pool"]
    done = subprocess.run(command, cwd=PROJECT, env=environment, text=True, capture_output=True, check=False, timeout=600)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    return [json.loads(line) for line in (home / "events.jsonl").read_text(encoding="utf-8").splitlines()]


def completed(events: list[Event], job: str) -> Event:
    [event] = [each for each in events if each["eventType"] == "COMPLETE" and each["job"]["name"] == job]
    return event


def named(datasets: list[Event]) -> dict[str, Event]:
    assert {each["namespace"] for each in datasets} == {"datapool://330381"}
    return {each["name"]: each for each in datasets}


def test_check_reads_a_file_and_writes_its_rows_with_their_columns(events: list[Event]) -> None:
    event = completed(events, f"{RESIDENTS}.check")
    [(name, file)] = named(event["inputs"]).items()
    written = named(event["outputs"])
    assert (name, file["inputFacets"]["inputStatistics"]["rowCount"]) == (f"file/{RESIDENTS}", 5)
    assert {name: each["outputFacets"]["outputStatistics"]["rowCount"] for name, each in written.items()} == {
        RESIDENTS: 4,
        f"quarantine/{RESIDENTS}": 1,
    }
    fields = {each["name"]: each["description"] for each in written[RESIDENTS]["facets"]["schema"]["fields"]}
    assert fields["citizen_number"] == "公民身份号码"


def test_match_reads_rows_and_the_address_library(events: list[Event]) -> None:
    event = completed(events, f"{RESIDENTS}.match")
    assert named(event["inputs"]).keys() == {RESIDENTS, "address_library"}
    assert named(event["outputs"]).keys() == {f"match/{RESIDENTS}"}


def test_tables_name_the_columns_that_supply_theirs(events: list[Event]) -> None:
    event = completed(events, "build_pool.resolve")
    assert {RESIDENTS, f"match/{RESIDENTS}"} <= named(event["inputs"]).keys()
    origins = named(event["outputs"])["pool.person"]["facets"]["columnLineage"]["fields"]
    assert origins["citizen_number"]["inputFields"] == [
        {"namespace": "datapool://330381", "name": RESIDENTS, "field": "citizen_number", "transformations": []}
    ]


def test_a_release_is_served_from_its_tables(events: list[Event]) -> None:
    event = completed(events, "build_pool.serve")
    person = named(event["inputs"])["pool.person"]
    assert person["inputFacets"]["inputStatistics"]["rowCount"] == 4
    assert person["facets"]["version"]["datasetVersion"] == "1"
    assert named(event["outputs"]).keys() == {"share/analyst"}


def test_a_task_that_touches_no_dataset_repeats_none_of_the_one_before(events: list[Event]) -> None:
    assert (completed(events, "build_pool.publish")["inputs"], completed(events, "build_pool.publish")["outputs"]) == ([], [])


def test_the_server_gets_the_same_events(events: list[Event], server: tuple[str, list[Event]]) -> None:
    def told(each: Event) -> tuple[str, str, str]:
        return each["run"]["runId"], each["job"]["name"], each["eventType"]

    assert sorted(map(told, server[1])) == sorted(map(told, events))


def test_no_value_of_anybody_is_told(events: list[Event]) -> None:
    said = json.dumps(events, ensure_ascii=False)
    for row in residents(4):
        assert row["citizen_number"] not in said
        assert row["name"] not in said
        assert row["registered_address_text"] not in said
