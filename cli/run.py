"""datapool run: the whole path once."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.console import Home, errors, progress
from cli.summary import print_summary
from flow.context import Context, open_context
from flow.receive import DAMAGED_FILE, NOT_RECEIVED
from flow.run import run as run_path
from flow.summary import summarise
from flow.upkeep.held import let_go_on


def run(
    exports: Annotated[
        Path | None,
        typer.Argument(
            metavar="[EXPORTS_DIR]",
            help="导出文件所在目录（默认数据目录下的 inbox，并先从契约写明的来源拉取）",
            exists=True,
            file_okay=False,
        ),
    ] = None,
    day: Annotated[datetime | None, typer.Option("--date", help="文件名没有写明日期时的数据日期", formats=["%Y-%m-%d"])] = None,
    after_rollback: Annotated[
        bool, typer.Option("--after-rollback", help="回退以后没有变化也出新版本：照现在的批次、决定、契约和软件")
    ] = False,
    home: Home = None,
) -> None:
    """完整跑一遍：拉取、接收、检查、匹配、归集、发布。

    重复执行不会重复入库；没有变化就不出新版本。契约写明须经批准的，新版本等人批准（datapool release show），上一版保持不变。
    退出码：0 有可用的发布（含有隔离行）或新版本等待批准，1 有批次被拦下、文件读不了或来源拉取不了，2 无法执行。
    """
    context = open_context(home)
    period: date | None = day.date() if day else None
    if after_rollback:
        let_go_on(context)
    with progress() as tell:
        number = run_path(context, exports, period=period, progress=tell)
    finish(context, number)


def finish(context: Context, number: int | None) -> None:
    """Print what a run came to, and leave with the exit code that fits it."""
    summary = summarise(context)
    print_summary(summary, new_release=number)
    not_taken = any(problem.kind in (NOT_RECEIVED, DAMAGED_FILE) for problem in context.pool.ledger.problems(run=context.run))
    not_pulled = any(contact.fault and contact.run == context.run for contact in context.pool.ledger.pulls.contacts())
    if not_taken or not_pulled or any(source.kept_out for source in summary.sources):
        errors.print("有文件没有进入数据池，原因和办法见上。其余数据照常发布。", style="yellow")
        raise typer.Exit(1)
    if summary.release is None and summary.waiting is None:
        errors.print("没有可发布的数据：请把导出文件放进目录，目录和文件名的约定见 datapool contracts show。")
        raise typer.Exit(2)
