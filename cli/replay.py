"""datapool replay: batches judged again, or a whole pool made anew from what was received."""

from pathlib import Path
from typing import Annotated

import typer

from cli.console import Home, context_of, errors, output, progress
from cli.run import finish
from flow.drift import accept_drift
from flow.rebuild import rebuild
from flow.replay import choose, replay as forget
from flow.run import advance
from pool import PoolError


def replay(
    batch: Annotated[str | None, typer.Argument(metavar="[BATCH]", help="批次号，见 datapool status 和质量报告")] = None,
    dataset: Annotated[str | None, typer.Option(help="一个数据集的全部批次，如 public_security.rental_house")] = None,
    period: Annotated[str, typer.Option(help="一个期次的批次：2025-06-30，或 2025-06、2025")] = "",
    everything: Annotated[bool, typer.Option("--all", help="全部批次")] = False,
    into: Annotated[
        Path | None, typer.Option("--into", help="不动现有数据池，用收到的原始文件在这个空目录里重建一个", file_okay=False)
    ] = None,
    reason: Annotated[str, typer.Option(help="为何重放，记入审计日志")] = "",
    accepted: Annotated[
        str | None,
        typer.Option(
            "--accept-drift", metavar="REASON", help="接受这个批次与以往的不同，作为新的常态；写明原因，连同操作人记入台账和审计日志"
        ),
    ] = None,
    home: Home = None,
) -> None:
    """按原始文件重新检查批次，并接着走完后面的步骤：用于改正契约、上限、地址库或软件之后。

    被拦下、读不了或已入池的批次都可以重放，隔离的行随之重新处理；已有的发布不变，内容有变化时出新版本。
    人撤回的、发布关卡拦下的批次要逐个点名，成批重放不含它们。退出码与 datapool run 相同。

    例：datapool replay --dataset public_security.rental_house --period 2025-06 --reason "契约登记了新代码"

    因与以往不同（漂移）被拦下的批次，与部门核实无误后：datapool replay 批次号 --accept-drift "低保标准 7 月起调整，民政局已核实"
    """
    several = bool(dataset or period or everything)
    if sum((batch is not None, several, into is not None)) != 1:
        raise typer.BadParameter("请写一个批次号，或用 --dataset、--period、--all 选一批，或用 --into 重建到别处。")
    if accepted is not None and batch is None:
        raise typer.BadParameter("--accept-drift 要写一个批次号：一次接受一个批次。")
    context = context_of(home)
    if accepted is not None and batch is not None:
        accept_drift(context, batch, accepted)
        reason = reason or accepted
    with progress() as tell:
        if into is not None:
            context, number = rebuild(context, into, progress=tell)
        else:
            chosen = choose(context, dataset=dataset, period=period) if batch is None else None
            if chosen and not chosen.batches:
                raise PoolError("没有符合条件的批次。")
            forgotten = forget(context, chosen.batches if chosen else [batch or ""], reason)
            errors.print(f"重新检查 {len(forgotten)} 个批次。")
            if chosen and chosen.set_aside:
                errors.print(
                    f"未含人撤回或发布关卡拦下的 {len(chosen.set_aside)} 个批次：{'、'.join(chosen.set_aside)}。要重放请逐个写批次号。"
                )
            number = advance(context, progress=tell)
    if into is not None:
        output.print(f"已在 {into} 重建，现有数据池没有改动。")
    finish(context, number)
