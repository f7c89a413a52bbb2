"""datapool pull: fetch what departments let us fetch, into the inbox."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.console import AsJson, Home, errors, output, print_json, progress, tell
from flow.context import Context, open_context
from flow.pull import pull as pull_sources
from flow.pull_job import Pulled
from schemas.documents import did_you_mean


def pull(
    dataset: Annotated[str | None, typer.Argument(metavar="[DATASET]", help="数据集，如 public_security.rental_house；不写则全部")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只连上看看有什么可取，什么也不写")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """从契约写明的来源（共享目录、SFTP、数据库、接口、对象存储）拉取新的数据，放进收件箱。

    没有变化的不重复取，断了的下次接着取，收件箱里不会出现半个文件。账号和密码取自环境变量 AIRFLOW_CONN_连接名称。
    接下来用 datapool run 收下并发布（datapool run 自己也会先拉取）。退出码：0 正常，1 有来源拉取失败，2 无法执行。
    """
    context = open_context(home)
    _check(context, dataset)
    with progress() as told:
        outcomes = pull_sources(context, contract=dataset, dry_run=dry_run, progress=told)
    if as_json:
        print_json([asdict(outcome) for outcome in outcomes])
    else:
        for outcome in outcomes:
            _tell(context, outcome, dry_run)
        if not outcomes:
            output.print("没有契约写明从哪里拉取。写法见 docs/connections.md。")
    if any(outcome.fault for outcome in outcomes):
        raise typer.Exit(1)


def _check(context: Context, dataset: str | None) -> None:
    if dataset is not None and not (dataset in context.contracts and context.contracts[dataset].pulls):
        known = [name for name, contract in context.contracts.items() if contract.pulls]
        errors.print(f"没有可以拉取的数据集“{dataset}”。{did_you_mean(dataset, known) if known else '还没有契约写明从哪里拉取'}。")
        raise typer.Exit(2)


def _tell(context: Context, outcome: Pulled, dry_run: bool) -> None:
    name = f"{context.contracts[outcome.contract].name}（{outcome.server}）"
    for file in outcome.files:
        tell("可拉取" if dry_run else "已拉取", f"{name}：{file}", "green")
    for reason in outcome.waiting:
        tell("等一等", f"{name}：{reason}")
    if outcome.fault:
        tell("失败", f"{name}：{outcome.fault}", "red")
    if not (outcome.files or outcome.waiting or outcome.fault):
        tell("无变化", name, "dim")
