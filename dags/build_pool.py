"""The DAG that makes a new release whenever any dataset has arrived; one run at a time."""

from airflow.sdk import AssetAny, dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from dags.approving import ASK, approving
from dags.assets import OWNER, PUBLISHER_POOL, RELEASE, dataset_assets
from dags.steps import step, touches


@dag(
    dag_id="build_pool",
    dag_display_name="汇总成库",
    schedule=AssetAny(*dataset_assets()),
    tags=["汇总"],
    max_active_runs=1,
    default_args={"pool": PUBLISHER_POOL, "owner": OWNER},
    doc_md="""
### 汇总成库（`build_pool`）

任何一个数据集有新的批次，本任务就开始；同一时间只运行一个。

1. **归并**：同一个人、同一处房屋、同一家单位的记录合成一条；没有变化就到此为止；
2. **发布**：生成新版本，经过质量关口后放在 `releases/` 下；记录骤减时拦下造成的批次，用其余的重新生成；
3. **提供**：写出脱敏共享库和质量报告，读者随即看到新版本，不会看到半成品；
4. **批准**：含有契约写明须经批准的新批次时，先写出质量报告和审批单，等人在网页上批准（写明依据）才提供；在此以前上一版保持不变。
""",
)
def build_pool() -> None:
    """Resolve, publish, serve."""

    @task(task_display_name="归并")
    def resolve() -> int:
        from flow.approval.decide import complete_approved
        from flow.erase.erase import complete_erasures
        from flow.resolve import resolve

        with step("resolve") as context:
            complete_erasures(context)
            complete_approved(context)
            number = resolve(context)
        if number is None:
            raise AirflowSkipException("没有新的内容，不出新版本。")
        touches("resolve", context, number)
        return number

    @task(task_display_name="发布")
    def publish(number: int) -> int:
        from flow.publish import ReleaseBlocked, publish

        try:
            with step("publish") as context:
                return publish(context, number)
        except ReleaseBlocked as error:
            raise AirflowFailException(str(error)) from error

    @task.branch(task_display_name="是否须经批准")
    def choose(number: int) -> str:
        from flow.approval.ask import needs_approval

        with step("choose") as context:
            return ASK if needs_approval(context, number) else "serve"

    @task(task_display_name="提供", outlets=[RELEASE])
    def serve(number: int) -> None:
        from flow.serve import serve

        with step("serve") as context:
            serve(context, number)
            touches("serve", context, number)

    number = publish(resolve())
    choose(number) >> [serve(number), approving(number)]


build_pool()
