"""datapool replay: a batch judged again."""

from typing import Annotated

import typer

from cli.console import Home, context_of, progress
from cli.run import finish
from flow.replay import replay as forget
from flow.run import advance


def replay(
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="批次号，见 datapool status 和质量报告")],
    reason: Annotated[str, typer.Option(help="为何重放，记入审计日志")] = "",
    home: Home = None,
) -> None:
    """按原始文件重新检查一个批次，并接着走完后面的步骤：用于改正契约、上限或软件之后。

    被拦下、读不了或已入池的批次都可以重放；已有的发布不变，内容有变化时出新版本。退出码与 datapool run 相同。
    """
    context = context_of(home)
    forget(context, batch, reason)
    with progress() as tell:
        number = advance(context, progress=tell)
    finish(context, number)
