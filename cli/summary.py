"""The summary after a run, for somebody who sees the software for the first time."""

from cli.console import output, table
from flow.summary import Summary

LEVELS = {
    "room": "户室",
    "floor": "楼层",
    "unit": "单元",
    "building": "楼幢",
    "compound": "小区院落",
    "house": "门牌",
    "lane": "弄巷",
    "road": "道路",
    "zone": "园区",
    "natural_village": "自然村",
    "community": "社区村",
    "town": "乡镇街道",
    "county": "县市区",
    "city": "市",
    "province": "省",
    "review": "待人工确认",
    "unmatched": "未匹配",
}


def print_summary(summary: Summary, *, new_release: int | None) -> None:
    """Sources, entities, match rates, release, where things are and what to type next."""
    _print_sources(summary)
    if summary.entities:
        table("数据池", ["表", "名称", "记录数"], summary.entities, numbers_from=2)
    _print_addresses(summary)
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
        deepest = [f"{label} {levels[level] / total:.1%}" for level, label in LEVELS.items() if levels.get(level)]
        rows.append((name, total, "  ".join(deepest)))
    if rows:
        table("地址匹配（匹配到的最细一级）", ["数据集", "地址数", "占比"], rows)


def _print_faults(summary: Summary) -> None:
    for source in summary.sources:
        for reason in source.kept_out:
            output.print(f"[yellow]未入池[/yellow] {source.name}：{reason}")
    for problem in summary.problems:
        if problem.kind == "unknown_file":
            output.print(f"[yellow]未识别[/yellow] {problem.cause}")


def _print_release(summary: Summary, new_release: int | None) -> None:
    if summary.release is None:
        return
    if new_release is None:
        output.print(f"没有新的内容，当前仍是[bold]发布 {summary.release}[/bold]。")
    else:
        output.print(f"[green]已发布：[bold]发布 {new_release}[/bold][/green]")
    output.print(f"  质量报告  {summary.report}")
    output.print(f"  共享库    {summary.share}/datapool.duckdb（脱敏，可用 DBeaver、Python、R 打开）")
    output.print('  接下来    datapool status · datapool query "SELECT * FROM town_count" · datapool trace person <编号> · make up')
