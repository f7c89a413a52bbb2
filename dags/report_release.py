"""The DAG that tells, after each release, what it holds and where its report is."""

import logging

from airflow.sdk import dag, task

from dags.assets import OWNER, RELEASE
from dags.steps import step


@dag(
    dag_id="report_release",
    dag_display_name="版本报告",
    schedule=RELEASE,
    tags=["报告"],
    max_active_runs=1,
    default_args={"owner": OWNER},
    doc_md="""
### 版本报告（`report_release`）

每发布一个新版本就运行：在任务日志里列出各数据集接收、采纳、隔离的行数和各表的记录数，返回值是质量报告的位置。
""",
)
def report_release() -> None:
    """Tell what the release holds."""

    @task(task_display_name="报告")
    def report() -> str:
        from flow.summary import summarise

        with step("report") as context:
            summary = summarise(context)
        log = logging.getLogger("airflow.task")
        log.info("版本 %s", summary.release)
        for source in summary.sources:
            log.info("%s：接收 %s 行，采纳 %s 行，隔离 %s 行", source.name, source.received, source.accepted, source.quarantined)
            for cause in source.kept_out:
                log.warning("%s 未入池：%s", source.name, cause)
        for _, name, rows in summary.entities:
            log.info("%s：%s 条", name, rows)
        return str(summary.report or "")

    report()


report_release()
