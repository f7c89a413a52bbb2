"""datapool space, retire: what takes how much disk, and what may go."""

from collections import Counter
from dataclasses import asdict
from shutil import disk_usage

from cli.address_options import DRY_RUN, Yes, confirmed
from cli.console import AsJson, Home, context_of, output, print_json, progress, size_text, table
from flow.context import Context
from flow.upkeep.retire import BY_RULE, Plan, Retired, plan as plan_of, retire as retire_now
from pool.space import Growth, measure, measure_releases

PARTS = {
    "raw": "原始文件",
    "receipts": "回执",
    "batches": "批次",
    "matches": "地址匹配结果",
    "library": "标准地址库",
    "releases": "发布",
    "shares": "共享库",
    "ledger": "台账",
    "audit": "审计日志",
    "inbox": "收件箱",
    "exports": "样例文件",
    "parts": "运行中的临时文件",
    "others": "其他（日志等）",
}
LISTED = 20


def space(home: Home = None, as_json: AsJson = False) -> None:
    """什么占了多少磁盘：各部分、各数据集的批次、每一版发布（单独清退能腾出多少），增长的速度，磁盘还够用多久。

    几版共用的文件只算一次；台账在 PostgreSQL 里的，算数据库的大小。
    """
    context = context_of(home)
    found = measure(context.pool)
    if as_json:
        print_json(asdict(found))
        return
    rows = [(label, size_text(found.parts[name])) for name, label in PARTS.items() if found.parts[name]]
    table("各部分", ["内容", "占用"], [*rows, ("合计", size_text(found.total)), ("磁盘剩余", size_text(found.free))], numbers_from=1)
    datasets = sorted(found.datasets.items(), key=lambda each: -each[1])
    table("批次（检查后的数据）", ["数据集", "占用"], [(_name(context, id), size_text(size)) for id, size in datasets], numbers_from=1)
    releases = [(each.release, *map(size_text, (each.bytes, each.added, each.alone))) for each in found.releases]
    table("发布（连同共享库）", ["版本", "大小", "比上一版新增", "单独清退腾出"], releases, numbers_from=1)
    output.print(growth_text(found.growth))


def growth_text(growth: Growth | None) -> str:
    """How fast the pool grows and how long the disk lasts."""
    if growth is None:
        return "增长：至少要有两版发布才能估算。"
    said = f"增长：最近 {growth.releases} 版平均每版 {size_text(growth.bytes_per_release)}（含收到的文件）"
    if growth.bytes_per_day is None or growth.lasts is None:
        return f"{said}。"
    return f"{said}，每天 {size_text(growth.bytes_per_day)}；照此速度、不清退，磁盘还够用约 {growth.lasts.days:,} 天。"


def retire(yes: Yes = False, dry_run: DRY_RUN = False, home: Home = None, as_json: AsJson = False) -> None:
    """按规则清退旧的发布和到期的批次，先列出什么清退、什么留下、为什么，问过才动手。

    发布按城市目录 city.yaml 的 retention（与 restic forget 相同：最近几版，每日、每周、每月、每年各一版）；当前发布、与它相邻的、
    宽限时间内曾是当前的、正有人读的都不清退。批次按契约的 retention（如 P3Y），没有写的一直保留；到期而仍有行被采用的也留下。
    清退的发布和批次在台账、回执、审计日志里仍然查得到。退出码：0 完成（或没有可清退的），2 无法执行。

    例：datapool retire --dry-run，再 datapool retire --yes
    """
    context = context_of(home)
    found = plan_of(context)
    if not as_json:
        _print_plan(context, found)
    if found.is_empty or not confirmed(yes=yes, dry_run=dry_run, what="清退"):
        if as_json:
            print_json(_as_json(found, None))
        return
    with progress() as tell:
        done = retire_now(context, progress=tell)
    if as_json:
        print_json(_as_json(found, done))
    else:
        _print_done(context, done)


def _as_json(found: Plan, done: Retired | None) -> dict[str, object]:
    return {"plan": asdict(found), "done": asdict(done) if done else None}


def _print_plan(context: Context, found: Plan) -> None:
    alone = {each.release: each.alone for each in measure_releases(context.pool)}
    releases = [
        (
            fate.release,
            f"{context.local_time(fate.published_at):%Y-%m-%d %H:%M}",
            "保留" if fate.kept_by else "清退",
            "、".join(fate.kept_by) or BY_RULE,
            size_text(alone[fate.release]),
        )
        for fate in found.releases
    ]
    table("发布", ["版本", "时间", "", "依据", "单独占用"], releases)
    going = [(fate.batch, fate.reason) for fate in found.batches if fate.may_go]
    if going:
        table(f"清退的批次（{len(going)} 个）", ["批次", "原因"], going, whole=1)
    staying = [(fate.batch, fate.reason) for fate in found.batches if not fate.may_go]
    if staying:
        more = f"，列出前 {LISTED} 个" if len(staying) > LISTED else ""
        table(f"到期而留下的批次（{len(staying)} 个{more}）", ["批次", "原因"], staying[:LISTED], whole=1)
    output.print(f"没有到期的批次 {found.not_due:,} 个；契约没有写留存期限、一直保留的 {found.kept_for_ever:,} 个")
    results = found.results
    if results.libraries or results.files:
        output.print(f"不再用的地址库 {len(results.libraries):,} 个版本、匹配结果 {len(results.files):,} 个文件：清退")
    if results.kept_of_retired:
        output.print(f"已清退批次的匹配结果 {results.kept_of_retired:,} 个文件：别的批次可能沿用，随地址库版本清退（其中没有地址原文）")
    if found.unfinished:
        output.print(f"上次清退中断、还没有删完的批次 {found.unfinished:,} 个：接着删完")
    if found.is_empty:
        output.print("没有可清退的。", style="bold")


def _print_done(context: Context, done: Retired) -> None:
    counts = Counter({"版发布": len(done.releases), "个批次": len(done.batches), "个原始文件": done.raw_files})
    counts += Counter({"个地址库版本": done.libraries, "个匹配结果文件": done.result_files})
    said = "、".join(f"{count:,} {what}" for what, count in counts.items())
    output.print(f"已清退 {said or '0 项'}。磁盘剩余 {size_text(disk_usage(context.pool.home).free)}。", style="bold green")
    for each in done.in_use:
        output.print(each, style="yellow")
    if done.batches:
        output.print("下一次运行（datapool run）起，沿革里只由这些批次说过的内容随新版本结束。")


def _name(context: Context, id: str) -> str:
    contract = context.contracts.get(id)
    return contract.name if contract else id
