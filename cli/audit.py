"""datapool audit: who did what when, as a table; the digest of a day to print and sign."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.console import AsJson, Home, context_of, errors, json_text, output, print_json, table, tell
from expectations.report import render_digest
from flow.audit import RESULTS, Asked, action_label, audit_records, day_digest
from flow.context import Context
from flow.table_file import write_table
from pool.audit import AuditRecord
from pool.audit_days import DayDigest

DAY = ["%Y-%m-%d"]
HEADINGS = ("序号", "时间", "谁", "操作", "", "对象", "结果", "依据和细节")

app = typer.Typer(
    help="审计日志：谁、何时、对什么、凭什么做了什么，结果如何；每天的摘要可打印、签字。",
    epilog="日志只增不改，任何清退都不动它；有没有被增删、改动或调换，用 datapool verify 核对。",
    no_args_is_help=True,
    add_completion=False,
)


@app.command("list")
def list_(
    who: Annotated[str, typer.Option(help="只要这个人做的（名字的一部分）", show_default=False)] = "",
    action: Annotated[str, typer.Option(help="只要这种操作，如 release 或 release.publish", show_default=False)] = "",
    object: Annotated[str, typer.Option(help="只要对这个对象的（名称的一部分），如批次号、版本号", show_default=False)] = "",
    since: Annotated[datetime | None, typer.Option("--from", help="自哪一天起", formats=DAY, show_default=False)] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="到哪一天为止", formats=DAY, show_default=False)] = None,
    limit: Annotated[int, typer.Option(min=1, help="最多显示最近的多少条")] = 50,
    out: Annotated[Path | None, typer.Option("--output", "-o", help="全部写到新文件，.csv 或 .xlsx", show_default=False)] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """列出审计日志，可按人、操作、对象、日期筛选；时间按城市的钟。

    例：datapool audit list --action trace.unmasked --from 2025-12-01；datapool audit list -o 审计.xlsx
    """
    context = context_of(home)
    asked = Asked(who, action, object, since.date() if since else None, until.date() if until else None)
    records = list(audit_records(context, asked))
    if as_json:
        print_json([asdict(record) for record in records])
    elif out is not None:
        written = write_table(out, HEADINGS, (_row(context, record) for record in records))
        output.print(f"{written:,} 条已写到 {out}")
    else:
        table("审计日志", HEADINGS, [_row(context, record) for record in records[-limit:]])
        if len(records) > limit:
            errors.print(f"共 {len(records):,} 条，只显示最近 {limit} 条；全部用 --output 或 --json。")


def _row(context: Context, record: AuditRecord) -> Sequence[object]:
    at = context.local_time(datetime.fromisoformat(record.at))
    details = "；".join(f"{name}：{_short(value)}" for name, value in record.details.items() if value not in (None, "", [], {}))
    result = RESULTS.get(record.result, record.result)
    return (
        record.number,
        f"{at:%Y-%m-%d %H:%M:%S}",
        record.actor,
        action_label(record.action),
        record.action,
        record.object,
        result,
        details,
    )


def _short(value: object) -> str:
    if isinstance(value, (dict, list)) and len(value) > 5:
        return f"{'、'.join(list(map(str, value))[:5])} 等 {len(value)} 项"
    return value if isinstance(value, str) else json_text(value).replace("\n", " ")


@app.command()
def digest(
    day: Annotated[datetime | None, typer.Option("--date", help="哪一天（默认昨天，按城市的钟）", formats=DAY, show_default=False)] = None,
    out: Annotated[Path | None, typer.Option("--output", "-o", help="写成可打印、签字的网页", show_default=False)] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """一天的摘要：多少条、第几条到第几条、链尾的 SM3。打印签字后另存，日后任何改动都对不上。

    已过的一天，摘要也记入日志，verify 会核对；同一天再作，结果相同。当日的只供查看，不记入。

    例：datapool audit digest --date 2025-12-31 -o 日摘要.html
    """
    context = context_of(home)
    made, over = day_digest(context, day.date() if day else None)
    actions = [(action, action_label(action), count) for action, count in made.actions.items()]
    title = f"{context.city.name}基础数据池审计日志日摘要"
    if out is not None:
        out.write_text(render_digest(title, made.day.isoformat(), over, _facts(context, made), actions), encoding="utf-8")
    if as_json:
        print_json(asdict(made) | {"over": over})
        return
    tell(title, f"{made.day}{'' if over else '（当日尚未结束，仅供查看）'}", "bold")
    for label, value in _facts(context, made):
        output.print(f"{label}：{value}")
    output.print("".join(f"  {label} {count}\n" for _, label, count in actions), end="")
    if out is not None:
        output.print(f"已写到 {out}")


def _facts(context: Context, made: DayDigest) -> list[tuple[str, str]]:
    counted = f"{made.records:,} 条" + (f"（第 {made.first} 至 {made.last} 条）" if made.records else "")
    return [
        ("记录", counted),
        ("时区", context.city.time_zone.key),
        ("前一日链尾", f"第 {made.before.number} 条 {made.before.digest}"),
        ("当日链尾", f"第 {made.head.number} 条 {made.head.digest}"),
        ("算法", "每条记录的 SM3 含上一条的 SM3"),
    ]
