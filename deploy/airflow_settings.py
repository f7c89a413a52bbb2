"""Airflow's surroundings on one machine: settings, secrets and metadata database below the data home."""

import base64
import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
DAGS = PROJECT / "dags"
DEFAULT_PORT = 8080
USER = "admin"


def data_home(environment: Mapping[str, str] = os.environ) -> Path:
    """The folder of the pool: DATAPOOL_HOME, or `var` in the project."""
    return Path(environment.get("DATAPOOL_HOME") or PROJECT / "var").absolute()


def airflow_home(home: Path) -> Path:
    """Where Airflow keeps its database and logs."""
    return home / "airflow"


def airflow_environment(home: Path, port: int = DEFAULT_PORT) -> dict[str, str]:
    """Every variable Airflow needs for the pool in `home`, its page on `port` of this machine alone; what the user set stands."""
    folder = airflow_home(home)
    settings = {
        **_read_settings(PROJECT / "deploy" / "airflow.env"),
        "AIRFLOW_HOME": str(folder),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(folder / "passwords.json"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{folder / 'airflow.db'}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__LOGGING__BASE_LOG_FOLDER": str(folder / "logs"),
        "DATAPOOL_HOME": str(home),
        **_read_secrets(folder),
    }
    return {name: os.environ.get(name, value) for name, value in settings.items()}


def prepare_database() -> None:
    """Make or upgrade Airflow's metadata database and its pool of one publisher; leftovers of killed runs count as failed.

    The environment must be set before; imports Airflow.
    """
    from airflow.models.pool import Pool
    from airflow.utils.db import initdb

    from dags.assets import PUBLISHER_POOL

    initdb()
    Pool.create_or_update_pool(PUBLISHER_POOL, slots=1, description="一次只有一个任务发布版本", include_deferred=False)
    _close_leftovers()


def password(home: Path) -> str:
    """The password of the user `admin`; known once the server has started."""
    return str(json.loads((airflow_home(home) / "passwords.json").read_text(encoding="utf-8"))[USER])


def _close_leftovers() -> None:
    """Fail what a killed `make run` left running: no scheduler may take it up, and it must not hold up the next run."""
    from airflow.models.dagrun import DagRun
    from airflow.models.taskinstance import TaskInstance
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState, TaskInstanceState
    from airflow.utils.types import DagRunTriggeredByType
    from sqlalchemy import select, update

    unfinished = select(DagRun.id, DagRun.dag_id, DagRun.run_id).where(
        DagRun.triggered_by == DagRunTriggeredByType.TEST, DagRun.state.in_([DagRunState.RUNNING, DagRunState.QUEUED])
    )
    with create_session() as session:
        for identity, dag_id, run_id in session.execute(unfinished).all():
            session.execute(update(DagRun).where(DagRun.id == identity).values(state=DagRunState.FAILED))
            session.execute(
                update(TaskInstance)
                .where(TaskInstance.dag_id == dag_id, TaskInstance.run_id == run_id, TaskInstance.state.is_distinct_from("success"))
                .values(state=TaskInstanceState.FAILED)
            )


def _read_settings(file: Path) -> dict[str, str]:
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: value for name, _, value in pairs}


def _read_secrets(folder: Path) -> dict[str, str]:
    """Keys that all of Airflow's processes share; made on first use, readable by the owner alone."""
    file = folder / "secrets.json"
    if not file.is_file():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = {
            "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(48),
            "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        }
        fresh = file.with_suffix(".part")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps(made, indent=2), encoding="utf-8")
        fresh.rename(file)
    return dict(json.loads(file.read_text(encoding="utf-8")))
