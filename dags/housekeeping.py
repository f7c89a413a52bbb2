"""The DAG that keeps the house in order: what need not be kept goes, what is left is noted, and the audit log of past days is closed."""

import logging

import pendulum
from airflow.sdk import dag, task

from dags.assets import OWNER, PUBLISHER_POOL
from dags.steps import step

EVERY_MORNING = "30 4 * * *"


@dag(
    dag_id="datapool_housekeeping",
    dag_display_name="清退与空间",
    schedule=EVERY_MORNING,
    start_date=pendulum.datetime(2025, 1, 1, tz="Asia/Shanghai"),
    catchup=False,
    tags=["维护"],
    max_active_runs=1,
    default_args={"pool": PUBLISHER_POOL, "owner": OWNER},
    doc_md="""
### 清退与空间（`datapool_housekeeping`）

每天 4:30 运行，与“汇总成库”共用一个位置，不会同时进行。

1. **清退**：旧的发布按城市目录的 `retention`，到期的批次按各契约的 `retention`；正有人读的留到下次；
2. **空间**：各部分占用和磁盘剩余记入台账；
3. **日摘要**：审计日志中已过去而还没有摘要的各天，作日摘要记入日志；日志不完整时本任务失败。

先看会清退什么：`datapool retire --dry-run`。
""",
)
def datapool_housekeeping() -> None:
    """Retire, note the space, close the days of the audit log."""

    @task(task_display_name="清退")
    def retire() -> None:
        from flow.upkeep.retire import retire

        with step("retire") as context:
            done = retire(context)
        log = logging.getLogger("airflow.task")
        log.info("清退发布 %s，批次 %s，原始文件 %s 个", done.releases, done.batches, done.raw_files)
        for each in done.in_use:
            log.warning("%s", each)

    @task(task_display_name="空间")
    def space() -> None:
        from flow.upkeep.space import note_space

        with step("space") as context:
            noted = note_space(context)
        logging.getLogger("airflow.task").info("占用 %s 字节，磁盘剩余 %s 字节", noted.total, noted.free)

    @task(task_display_name="日摘要")
    def digest() -> None:
        from flow.audit import digest_days

        with step("digest") as context:
            days = digest_days(context)
        logging.getLogger("airflow.task").info("作日摘要：%s", "、".join(f"{each.day}" for each in days) or "没有缺的")

    retire() >> space() >> digest()


datapool_housekeeping()
