"""datapool status: what ran, what is late, what waits, how much disk."""

import shutil
from dataclasses import asdict

from cli.console import AsJson, Home, context_of, output, print_json, table, tell
from cli.summary import NOT_TAKEN, print_contacts, print_drift, print_rollback, print_waiting
from flow.context import Context
from flow.corrections.state import LABELS
from flow.summary import Summary, summarise
from flow.upkeep.retire import going

MEGABYTE = 1 << 20


def status(home: Home = None, as_json: AsJson = False) -> None:
    """看一眼现状：上次运行、当前发布、各来源是否按时、被拦下的批次、隔离与待确认的积压、磁盘、上次核对。"""
    context = context_of(home)
    summary = summarise(context)
    if as_json:
        waits = summary.waiting.as_dict() if summary.waiting else None
        print_json(asdict(summary) | {"manifest": {"inputs": summary.manifest.get("inputs")}, "waiting": waits})
        return
    _print_run(summary)
    rows = [
        (
            source.department,
            source.name,
            source.newest_period or "从未收到",
            "逾期" if source.is_late else "",
            source.received,
            source.quarantined,
        )
        for source in summary.sources
    ]
    table("来源", ["部门", "数据集", "最新期次", "按时", "接收", "隔离"], rows, numbers_from=4)
    for source in summary.sources:
        for kept_out in source.kept_out:
            tell("未入池", f"{source.name}：{kept_out}")
        for withdrawn in source.withdrawn:
            tell("已撤回", f"{source.name}：{withdrawn}")
        print_drift(source)
        for file in source.corrected:
            tell("已更正", f"{source.name}：{file} 已由同一期次后到的文件更正，以后到的为准", "dim")
    for problem in summary.problems:
        if problem.kind in NOT_TAKEN:
            tell(NOT_TAKEN[problem.kind], f"{problem.cause}（{problem.at:%Y-%m-%d}）")
    print_contacts(summary)
    free = shutil.disk_usage(summary.home).free // MEGABYTE
    decided = f"，有效的人工决定 {summary.decisions:,} 个" if summary.decisions else ""
    pairs = f"，人员和单位 {summary.pairs:,} 对" if summary.pairs else ""
    output.print(f"待人工确认的地址 {summary.review:,} 条{pairs}（datapool review list）{decided}")
    if summary.corrections:
        states = "、".join(f"{label} {summary.corrections.get(state, 0):,} 项" for state, label in LABELS.items())
        output.print(f"返还来源更正：{states}（datapool corrections list）")
    if summary.waiting is not None:
        print_waiting(summary.waiting)
    if summary.rolled_back is not None:
        print_rollback(summary.rolled_back)
    output.print(f"磁盘剩余 {free:,} MB（datapool space）{_may_go(context)}；上次核对 {_last_verification(summary)}")
    output.print(f"日志 {summary.home}/airflow/logs；审计 {summary.home}/audit")


def _may_go(context: Context) -> str:
    """How much could be retired, if anything."""
    releases, batches = going(context)
    return f"，可清退发布 {releases:,} 版、批次 {batches:,} 个（datapool retire --dry-run）" if releases or batches else ""


def _last_verification(summary: Summary) -> str:
    if summary.verified is None:
        return "还没有（datapool verify）"
    return f"{summary.verified.at[:16].replace('T', ' ')} UTC，{'全部完好' if summary.verified.result == 'whole' else '发现问题'}"


def _print_run(summary: Summary) -> None:
    run = summary.last_run
    if run is None:
        output.print("还没有运行过。试试：datapool run 目录，或 make run")
        return
    states = {"running": "运行中或已中断", "succeeded": "成功", "blocked": "被关卡拦下", "failed": "失败"}
    output.print(f"上次运行 {run.run}：{states[run.status]}，{run.actor}，开始于 {run.started_at:%Y-%m-%d %H:%M} UTC")
    output.print(f"当前发布 {summary.release if summary.release is not None else '无'}，数据目录 {summary.home}")
    if (quality := summary.manifest.get("quality")) and quality["score"] is not None:
        rules = quality["rules"]
        output.print(
            f"质量评分 {quality['score']:.1f}（{quality['band']}）；质量规则符合 {rules.get('met', 0)} 条，有不符 {rules.get('broken', 0)} 条，"
            f"未能检查 {rules.get('error', 0)} 条（datapool report）"
        )
    output.print()
