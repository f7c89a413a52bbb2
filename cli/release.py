"""datapool release show, approve, refuse: the release that waits for a person's approval."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.address_options import Yes, confirmed
from cli.console import AsJson, Home, context_of, output, print_json, tell
from flow.approval.decide import Decision, approve as approve_now, fate, refuse as refuse_now
from flow.approval.waiting import COMMAND_LINE, Waiting, waiting
from flow.context import Context
from pool import PoolError

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="等待批准的版本：看审批单，批准，不批准。契约写有 approval: true 的数据集，新的批次须经批准才发布；在此以前读者看到的仍是上一版。",
)
Number = Annotated[int, typer.Argument(metavar="RELEASE", help="等待批准的版本号，见 datapool status")]
Reason = Annotated[str, typer.Option(help="依据或原因，如文号；长期保留，请不要写个人信息")]
Who = Annotated[str | None, typer.Option(help="决定人（默认 DATAPOOL_ACTOR，否则操作系统用户）", show_default=False)]
Seen = Annotated[str, typer.Option(help="所见审批单的摘要（至少前 8 位），由 release show 给出；不写则显示审批单再问", show_default=False)]


@app.command()
def show(
    release: Annotated[int | None, typer.Argument(metavar="[RELEASE]", help="版本号（默认正在等待的）", show_default=False)] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """看审批单：为何要批准、关卡、质量规则、记录的变化、报告和各表的摘要。已经决定的，连同谁、何时、凭什么，都还查得到。

    退出码：0 没有等待批准的，或已经决定；1 正在等待；2 无法执行。

    例：datapool release show
    """
    context = context_of(home)
    waits = waiting(context)
    number = release if release is not None else waits.release if waits else None
    if number is None:
        output.print("没有等待批准的版本。")
        return
    is_open = waits is not None and waits.release == number
    if as_json:
        _print_as_json(context, number)
    elif waits is not None and is_open:
        _print_sheet(context, waits)
    else:
        said = fate(context, number)
        output.print(context.pool.ledger.approvals.of(number)["asked"].sheet)
        output.print(f"{said}。", style="bold")
    if is_open:
        raise typer.Exit(1)


@app.command()
def approve(release: Number, reason: Reason, seen: Seen = "", who: Who = None, yes: Yes = False, home: Home = None) -> None:
    """批准：照所见的内容发布，读者随即看到新版本。谁、何时、凭什么、看到的审批单，记入台账和审计日志。

    等待期间内容被改动、其中的批次被撤回或重新检查过的，不能批准，请重新运行。

    例：datapool release approve 5 --reason "科长已核对 2025-41 号件" --seen 3f2a91c07b5e
    """
    context = context_of(home)
    decision = _decision(context, release, reason, seen, who, yes=yes, what="批准并发布")
    if decision is not None:
        number = approve_now(context, release, decision)
        output.print(f"已批准并发布：发布 {number}。", style="bold green")


@app.command()
def refuse(release: Number, reason: Reason, seen: Seen = "", who: Who = None, yes: Yes = False, home: Home = None) -> None:
    """不批准：这一版不发布，须经批准的新批次拦下，上一版保持不变；下一次运行用其余的出新版本。

    拦下的批次改正后请部门重新报送；核实无误的，用 datapool replay 批次号 重新检查，再请求批准。

    例：datapool release refuse 5 --reason "低保人数与民政局月报不符" --seen 3f2a91c07b5e
    """
    context = context_of(home)
    decision = _decision(context, release, reason, seen, who, yes=yes, what="不批准")
    if decision is not None:
        kept_out = refuse_now(context, release, decision)
        output.print("\n  ".join([f"发布 {release} 未获批准，上一版保持不变。已拦下：", *kept_out]))
        output.print("下一次运行（datapool run）用其余的出新版本。")


def _decision(context: Context, number: int, reason: str, seen: str, who: str | None, *, yes: bool, what: str) -> Decision | None:
    """What a person decides, None where they think better of it; without a digest they are shown the sheet first."""
    if not seen:
        if yes:
            raise PoolError(f"请用 --seen 写明所见审批单的摘要，由 datapool release show {number} 给出。")
        waits = waiting(context)
        if waits is None or waits.release != number:
            raise PoolError(f"{fate(context, number)}。等待批准的版本见 datapool status。")
        _print_sheet(context, waits)
        if not confirmed(yes=False, dry_run=False, what=what):
            return None
        seen = waits.digest
    return Decision(who or context.actor, reason, COMMAND_LINE, seen)


def _print_sheet(context: Context, waits: Waiting) -> None:
    output.print(waits.sheet)
    tell("质量报告", context.pool.releases.waiting_folder(waits.release) / "report" / "index.html", "bold")
    tell("审批单摘要", waits.digest, "bold")
    output.print(
        f"批准：datapool release approve {waits.release} --reason 依据 --seen {waits.digest[:12]}；不批准：把 approve 换成 refuse。"
    )


def _print_as_json(context: Context, number: int) -> None:
    said, steps = fate(context, number), context.pool.ledger.approvals.of(number)
    print_json({"release": number, "waiting": not said, "steps": {state: asdict(step) for state, step in steps.items()}})
