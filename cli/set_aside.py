"""datapool withdraw, rollback: batches and releases that are to count no more."""

from typing import Annotated

import typer

from cli.console import Home, context_of, output
from flow.set_aside import roll_back, withdraw as take_back

Reason = Annotated[str, typer.Option(help="原因，记入审计日志")]


def withdraw(
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="批次号，见 datapool status 和质量报告")], reason: Reason, home: Home = None
) -> None:
    """撤回一个批次：下一次运行起不再计入，例如部门送错了文件。原始文件和回执保留，datapool replay 批次号 可重新采用。

    例：datapool withdraw civil_affairs.social_organisation-2025-07-01-c7b048d83286 --reason "送错了文件"
    """
    take_back(context_of(home), batch, reason)
    output.print(f"批次 {batch} 已撤回，下一次运行（datapool run）起不再计入。")


def rollback(release: Annotated[int, typer.Argument(metavar="RELEASE", help="回到哪一版")], reason: Reason, home: Home = None) -> None:
    """让较早的一版重新成为当前发布，并撤回它之后入池的批次；审计、人工决定和地址库的修改不受影响。

    以后的运行从它出发：有新的报送、重放、撤回或决定时才出新版本（编号接着往后排），不会把回退掉的内容原样再发布。

    例：datapool rollback 3 --reason "四号发布的社会组织有误"
    """
    done = roll_back(context_of(home), release, reason)
    output.print(f"当前发布已是 {release}，下一次运行从它出发。")
    if done.differences:
        output.print(
            f"{'、'.join(done.differences)}在它之后有过变化，没有随回退撤销：有误的请先撤销（datapool review undo、address undo，或换回软件、契约）。"
            "没有新的变化以前不出新版本；没有变化也要出，用 datapool run --after-rollback。"
        )
    for batches, said in (
        (done.withdrawn, "已撤回在它之后入池的批次（没有问题的，用 datapool replay 批次号 重新采用）："),
        (done.restored, "重新采用它所含的批次："),
        (done.judged_since, "这些批次在它之后重新检查过，出新版本时按新的结果："),
    ):
        if batches:
            output.print("\n  ".join([said, *batches]))
