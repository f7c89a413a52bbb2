"""The tasks by which a person decides on a release that needs approval, on Airflow's page."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param, task
from airflow.sdk.exceptions import AirflowSkipException

from dags.assets import RELEASE
from dags.steps import step, touches

APPROVE, REFUSE = "批准", "不批准"
ASK = "ask"


def approving(number: Any) -> Any:
    """The tasks `ask`, `approve`, where a person answers, and `conclude`, for the number of a release that passed its gate; returns the first."""

    @task(task_display_name="请求批准")
    def ask(number: int) -> dict[str, Any]:
        from flow.approval.waiting import read_waiting
        from flow.serve import serve

        with step("ask") as context:
            serve(context, number)
            waits = read_waiting(context, number)
        return {"release": number, "sheet": waits.sheet, "digest": waits.digest}

    answer = HITLOperator(
        task_id="approve",
        task_display_name="人工批准",
        subject=f"发布 {{{{ ti.xcom_pull(task_ids='{ASK}')['release'] }}}} 等待批准",
        body=f"{{{{ ti.xcom_pull(task_ids='{ASK}')['sheet'] }}}}",
        options=[APPROVE, REFUSE],
        params={"reason": Param("", type="string", title="依据", description="依据或原因，如文号；请不要写个人信息")},
        pool="default_pool",  # who takes days to answer must not keep the place of the publisher
    )

    @task(task_display_name="照决定办理", outlets=[RELEASE])
    def conclude(asked: dict[str, Any], said: dict[str, Any]) -> None:
        from flow.approval.decide import Decision, approve, fate, refuse
        from flow.approval.waiting import AIRFLOW

        user = said["responded_by_user"] or {}
        reason = said["params_input"].get("reason", "")
        decision = Decision(user.get("name") or user.get("id") or "", reason, AIRFLOW, asked["digest"])
        with step("conclude") as context:
            if done := fate(context, asked["release"]):
                raise AirflowSkipException(done)
            if said["chosen_options"] == [APPROVE]:
                approve(context, asked["release"], decision)
                touches("serve", context, asked["release"])
                return
            kept_out = refuse(context, asked["release"], decision)
        raise AirflowSkipException(f"未获批准，已拦下：{'、'.join(kept_out)}")

    asked = ask(number)
    asked >> answer
    conclude(asked, answer.output)
    return asked
