"""The task that pulls a dataset from where its contract says, with the connections that Airflow keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import Connection, task
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException

from dags.steps import step

if TYPE_CHECKING:
    from sources.connection import Connection as Account


def pull_task(contract: str) -> Any:
    """The task `pull` of a dataset. What could be fetched is received whatever became of the rest."""

    @task(task_display_name="拉取")
    def pull() -> None:
        from flow.pull import pull

        with step("pull") as context:
            outcomes = pull(context, contract=contract, resolve=airflow_connection)
        if faults := [outcome.fault for outcome in outcomes if outcome.fault]:
            raise AirflowFailException("\n".join(faults))

    return pull()


def airflow_connection(name: str) -> Account:
    """A connection of Airflow, whatever keeps it: its pages, environment or a secrets backend. Raises PullError."""
    from sources.connection import connection_from
    from sources.pull.errors import PullError

    try:
        found = Connection.get(name)
    except AirflowNotFoundException:
        raise PullError(f"Airflow 里没有名为“{name}”的连接", "请在“管理 → 连接”里添加；写法见 docs/connections.md") from None
    return connection_from(name, found.as_json())
