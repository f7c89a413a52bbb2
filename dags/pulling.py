"""The task that pulls a dataset from where its contract says, with the connections that Airflow keeps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.sdk import Connection, task
from airflow.sdk.exceptions import AirflowFailException, AirflowNotFoundException

from dags.steps import step

if TYPE_CHECKING:
    from sources.connection import Connection as Account


def pull_task(contract: str) -> Any:
    """The task `pull` of a dataset. What could be fetched is received whatever became of the rest, and the run fails all the same."""

    @task(task_display_name="拉取")
    def pull() -> None:
        from flow.pull import pull

        with step("pull") as context:
            outcomes = pull(context, contract=contract, resolve=airflow_connection)
        if faults := [outcome.fault for outcome in outcomes if outcome.fault]:
            raise AirflowFailException("\n".join(faults))

    @task(task_display_name="拉取有失败", trigger_rule="one_failed", retries=0)
    def pull_failed() -> None:
        # A run is judged by its last tasks, and what was fetched goes on to them without the rest.
        raise AirflowFailException("没有全部取到，原因见“拉取”的日志和 datapool status；取到的已照常接收。")

    pulled = pull()
    pulled >> pull_failed()
    return pulled


def airflow_connection(name: str) -> Account:
    """A connection of Airflow, whatever keeps it: its pages, environment or a secrets backend. Raises PullError."""
    from sources.connection import connection_from
    from sources.pull.errors import PullError

    try:
        found = Connection.get(name)
    except AirflowNotFoundException:
        raise PullError(f"Airflow 里没有名为“{name}”的连接", "请在“管理 → 连接”里添加；写法见 docs/connections.md") from None
    return connection_from(name, found.as_json())
