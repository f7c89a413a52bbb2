"""A dataset whose contract names an SFTP server: the real DAG fetches the file with an account that Airflow keeps, and takes it in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml

from deploy.airflow_settings import DAGS, PROJECT, airflow_environment
from pool import Pool
from schemas.contract import FOLDER
from tests.flow.pulling import PASSWORD
from tests.flow.sftp_server import Server, sftp_server
from tests.small_exports import ORGANISATIONS, organisations, write_export

RUN = """
import sys
from airflow.dag_processing.dagbag import DagBag
from deploy.airflow_settings import prepare_database
prepare_database()
bag = DagBag(sys.argv[1])
assert not bag.import_errors, bag.import_errors
state = bag.dags[sys.argv[2]].test().state
sys.exit(state != "success")
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "theirs").mkdir()
    with sftp_server(tmp_path / "theirs") as server:
        yield server


def city_that_pulls(folder: Path, server: Server) -> Path:
    """The first city, whose organisations lie on a server."""
    shutil.copytree(PROJECT / "cities" / "330381", folder)
    common = FOLDER / "sources" / "civil_affairs" / "social_organisation.yaml"
    contract = yaml.safe_load(common.read_text(encoding="utf-8"))
    properties = {"connection": "civil_affairs_sftp", "hostKey": server.fingerprint, "marker": ".ok"}
    theirs = {"server": "theirs", "type": "sftp", "location": f"sftp://127.0.0.1:{server.port}/*.csv"}
    contract["servers"].append(theirs | {"customProperties": [{"property": name, "value": value} for name, value in properties.items()]})
    own = folder / "sources" / "civil_affairs" / "social_organisation.yaml"
    own.parent.mkdir(parents=True)
    own.write_text(yaml.safe_dump(contract, allow_unicode=True), encoding="utf-8")
    return folder


def run_dag(home: Path, city: Path, account: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **airflow_environment(home), "DATAPOOL_CITY": str(city), "AIRFLOW_CONN_CIVIL_AFFAIRS_SFTP": account}
    environment["AIRFLOW__CORE__DEFAULT_TASK_RETRIES"] = "0"
    command = [sys.executable, "-c", RUN, str(DAGS), ORGANISATIONS]
    return subprocess.run(command, cwd=PROJECT, env=environment, text=True, capture_output=True, check=False, timeout=300)


def test_the_dag_of_a_dataset_fetches_its_file_once_and_a_wrong_password_is_told(server: Server, tmp_path: Path) -> None:
    city, home = city_that_pulls(tmp_path / "330381", server), tmp_path / "home"
    file = write_export(tmp_path / "made", ORGANISATIONS, organisations(3))
    server.put(file.name, file.read_bytes())
    server.put(f"{file.name}.ok", b"")
    done = run_dag(home, city, "sftp://reader:wrong@")
    assert done.returncode == 1
    [contact] = Pool.open(home).ledger.pulls.contacts()
    assert "不接受账号“reader”" in contact.fault
    assert Pool.open(home).ledger.batches() == []

    good = f"sftp://reader:{quote(PASSWORD, safe='')}@"
    for _ in range(2):
        done = run_dag(home, city, good)
        assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
        [batch] = Pool.open(home).ledger.batches(contract=ORGANISATIONS)
        assert batch.status == "accepted"
    receipt = Pool.open(home).receipts.read(batch.batch)
    assert receipt.origin == f"sftp://127.0.0.1:{server.port}/{file.name}"
    assert PASSWORD not in done.stdout + done.stderr
