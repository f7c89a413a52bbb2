"""One DAG a dataset, made from its contract: pull where it says from where, receive, then check and match every delivery by itself."""

from airflow.sdk import DAG, dag, task, task_group
from airflow.sdk.exceptions import AirflowFailException

from dags.assets import dataset_asset
from dags.pulling import pull_task
from dags.steps import step, touches
from schemas.city import city_of_environment
from schemas.contract import Contract, contracts_of

EXPLANATION = """
### {contract.name}（`{contract.id}`）

{contract.department}。文件放到 `inbox/{contract.system}/{contract.dataset}/`，然后触发本任务；契约写明来源的，先从那里**拉取**，拉取失败也照样接收已有的。

1. **接收**：收件箱里的文件原样入库、记下回执，同一份文件只收一次；
2. **检查**：逐行对照数据契约，不合格的行进隔离区并写明原因；整批不合格时本任务失败，其他批次照常；
3. **匹配**：地址对到标准地址库。

完成后，汇总任务 `build_pool` 会自动开始。
"""


def dataset_dag(contract: Contract) -> DAG:
    """The DAG that takes in one dataset; its id is the contract's."""

    @task(task_display_name="接收", trigger_rule="all_done")
    def receive() -> list[str]:
        from flow.receive import receive, waiting_batches

        with step("receive") as context:
            receive(context, context.pool.paths.inbox, contract=contract.id)
            touches("receive", context, contract.id)
            return waiting_batches(context, contract.id)

    @task(task_display_name="检查", map_index_template="{{ batch }}")
    def check(batch: str) -> str:
        from flow.check import check

        with step("check", batch) as context:
            status = check(context, batch)
            touches("check", context, batch)
        if status != "accepted":
            raise AirflowFailException(f"批次 {batch} 没有通过检查（{status}），原因见 datapool status 和质量报告。")
        return batch

    @task(task_display_name="匹配", outlets=[dataset_asset(contract)])
    def match(batch: str) -> None:
        from flow.match import match

        with step("match", batch) as context:
            match(context, batch)
            touches("match", context, batch)

    @task_group(group_id="delivery", group_display_name="每份文件", prefix_group_id=False)
    def delivery(batch: str) -> None:
        match(check(batch))

    @dag(
        dag_id=contract.id,
        dag_display_name=contract.name,
        doc_md=EXPLANATION.format(contract=contract),
        schedule=None,
        default_args={"owner": contract.department},
        tags=["数据集", contract.department],
        max_active_runs=1,
    )
    def dataset() -> None:
        received = receive()
        if contract.pulls:
            pull_task(contract.id) >> received
        delivery.expand(batch=received)

    return dataset()


for each in contracts_of(city_of_environment()).values():
    globals()[each.id] = dataset_dag(each)
