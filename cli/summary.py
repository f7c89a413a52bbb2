"""The summary after a run, for somebody who sees the software for the first time."""

from cli.console import output, table, tell
from flow.approval.waiting import Waiting
from flow.receive import DAMAGED_FILE, NOT_RECEIVED, UNKNOWN_FILE, WAITING_FILE
from flow.run import MATCHED
from flow.summary import SourceSummary, Summary
from pool import Rollback

DEPTHS = {
    "户室": ("room", "floor", "unit"),
    "楼幢": ("building",),
    "门牌": ("house",),
    "小区道路": ("compound", "lane", "road", "zone"),
    "社区村": ("natural_village", "community"),
    "乡镇以上": ("town", "county", "city", "province"),
    "待确认": ("review",),
    "未匹配": ("unmatched",),
}
"""How deep an address was matched, in the steps people ask for."""
DRIFT_SHOWN = 3
NOT_TAKEN = {UNKNOWN_FILE: "未识别", NOT_RECEIVED: "未接收", DAMAGED_FILE: "已损坏"}
"""Files of which no row was taken."""


def print_summary(summary: Summary, *, new_release: int | None) -> None:
    """Sources, entities, match rates, release, where things are and what to type next."""
    _print_sources(summary)
    if summary.entities:
        table("数据池", ["表", "名称", "记录数"], summary.entities, numbers_from=2)
    if summary.answers:
        table("线索（说明见 docs/analyst.md，示例见 docs/queries）", ["表", "名称", "行数"], summary.answers, numbers_from=2)
    _print_addresses(summary)
    _print_grids(summary)
    _print_faults(summary)
    _print_release(summary, new_release)


def _print_sources(summary: Summary) -> None:
    rows = [
        (source.department, source.name, source.newest_period, source.received, source.accepted, source.quarantined)
        for source in summary.sources
        if source.batches
    ]
    table("来源", ["部门", "数据集", "最新期次", "接收", "采纳", "隔离"], rows, numbers_from=3)


def _print_addresses(summary: Summary) -> None:
    rows = []
    for name, levels in summary.addresses.items():
        total = sum(levels.values())
        shares = [sum(levels.get(level, 0) for level in depth) / total for depth in DEPTHS.values()]
        rows.append((name, total, *(f"{share:.1%}" if share else "" for share in shares)))
    if rows:
        table("地址匹配（最细匹配到哪一级）", ["数据集", "地址数", *DEPTHS], rows, numbers_from=1)
    matched = summary.last_run.summary.get(MATCHED, {}) if summary.last_run is not None else {}
    if matched.get("kept"):
        tell("地址库有变化", f"沿用 {matched['kept']:,} 条结果，重新匹配 {matched['anew']:,} 条。\n", style="bold")


def _print_grids(summary: Summary) -> None:
    figures = summary.manifest.get("grids")
    if figures:
        placed = f"在用综治网格 {figures['grids']:,} 个；地址归一个网格的 {figures['in_one']:,} 个，不在任何网格的 {figures['none']:,} 个，几个网格相争的 {figures['several']:,} 个（mart.grid_gap）"
        rest = f"基础网格户数过少 {figures['few']:,} 个、过多 {figures['many']:,} 个（mart.grid_count）；部门网格与对照不符 {figures['conflicts']:,} 处（mart.grid_overlap）"
        tell("网格", f"{placed}。{rest}。\n", style="bold")


def _print_faults(summary: Summary) -> None:
    for source in summary.sources:
        for reason in source.kept_out:
            tell("未入池", f"{source.name}：{reason}")
        print_drift(source)
    labels = {**NOT_TAKEN, WAITING_FILE: "未传完"}
    for problem in summary.problems:
        if problem.kind in labels and summary.last_run is not None and problem.run == summary.last_run.run:
            tell(labels[problem.kind], problem.cause)
    print_contacts(summary)


def print_contacts(summary: Summary) -> None:
    """The sources that could not be pulled from last time, and why."""
    for contact in summary.contacts:
        tell("拉取失败", f"{contact.contract}（{contact.server}，{contact.at:%Y-%m-%d %H:%M} UTC）：{contact.fault}")


def print_drift(source: SourceSummary) -> None:
    """What is not as usual in the newest batch of a dataset, the gravest first."""
    for told in source.drift[:DRIFT_SHOWN]:
        tell("与以往不同", f"{source.name}：{told}")
    if len(source.drift) > DRIFT_SHOWN:
        tell("与以往不同", f"{source.name}：另有 {len(source.drift) - DRIFT_SHOWN} 处，见质量报告", "dim")


def print_rollback(rollback: Rollback) -> None:
    """That the pool stands where it was rolled back to, and what brings the next release."""
    output.print(
        f"没有新的内容，当前仍是发布 {rollback.release_to}：{rollback.at:%Y-%m-%d %H:%M} UTC 由发布 {rollback.release_from} 回退而来"
        f"（{rollback.reason}）。有新的报送、重放、撤回或决定时再出新版本；没有变化也要出，用 datapool run --after-rollback。",
        style="bold",
    )


def print_waiting(waits: Waiting) -> None:
    """That a release waits for a person's approval, and since when."""
    said = f"发布 {waits.release} 自 {waits.since:%Y-%m-%d %H:%M} UTC 起等待批准，在此以前"
    still = f"仍是发布 {waits.previous}" if waits.previous is not None else "还没有发布"
    output.print(f"{said}{still}。看审批单、批准或不批准：datapool release show", style="bold yellow")


def _print_release(summary: Summary, new_release: int | None) -> None:
    if new_release is not None:
        output.print(f"已发布：发布 {new_release}", style="bold green")
    elif summary.waiting is not None:
        print_waiting(summary.waiting)
    elif summary.rolled_back is not None:
        print_rollback(summary.rolled_back)
    elif summary.release is not None:
        output.print(f"没有新的内容，当前仍是发布 {summary.release}。", style="bold")
    if summary.release is None:
        return
    if summary.review or summary.pairs:
        output.print(f"  待人确认  地址 {summary.review:,} 条，可能是同一个的人员、单位 {summary.pairs:,} 对（datapool review list）")
    output.print(f"  质量报告  {summary.report}")
    output.print(f"  共享库    {summary.share}/datapool.duckdb（脱敏，可用 DBeaver、Python、R 打开）")
    output.print('  接下来    datapool status · datapool query "SELECT * FROM town_count" · datapool trace person <编号> · make up')
