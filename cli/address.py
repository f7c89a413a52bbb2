"""datapool address: keep the standard address library: one address added, retired, renamed, given another name, each undone again."""

from collections.abc import Sequence
from datetime import date, datetime
from itertools import zip_longest
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import address_import, address_suggest
from cli.address_options import DRY_RUN, ISO_DATE, Who, Why, Yes, as_day, confirmed, context_as
from cli.console import AsJson, Home, context_of, output, print_json, table, tell
from flow.context import Context
from flow.library_changes import Planned, plan_add, plan_alias, plan_rename, plan_retire, record, undo as undo_edit, withdraw_import
from flow.library_history import Event, history_of_address, history_of_library
from pool import LibraryEdit
from schemas.codes import code_list

ROWS_SHOWN = 15
VERBS = {"add": "补充", "retire": "停用", "rename": "更名", "alias": "别名", "undo": "撤销", "import": "导入"}
Target = Annotated[str, typer.Argument(metavar="ID|TEXT", help="地址编号，或写完整的地址")]

app = typer.Typer(
    help="标准地址库：导入、补充、停用、更名、起别名，从匹配结果中找出缺的地址；每次修改都记下谁、何时、为何，都能撤销。",
    epilog="修改在下一次 datapool run 或 match 时生效。退出码：0 正常，1 有行或有修改没有采纳，2 无法执行。",
    no_args_is_help=True,
    add_completion=False,
)
app.command(name="import")(address_import.import_file)
app.command()(address_suggest.suggest)


@app.command()
def add(
    text: Annotated[str | None, typer.Argument(metavar="[TEXT]", help="新地址，从乡镇街道写起")] = None,
    ticked: Annotated[
        Path | None, typer.Option(help="datapool address suggest 写出的工作簿：采纳其中打勾的各条", exists=True, dir_okay=False)
    ] = None,
    since: Annotated[datetime | None, typer.Option("--from", help="启用日期（默认不限）", formats=[ISO_DATE])] = None,
    with_parents: Annotated[bool, typer.Option("--with-parents", help="上级还不在库中时一并补充")] = False,
    why: Why = "",
    who: Who = None,
    yes: Yes = False,
    dry_run: DRY_RUN = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """补充一个标准地址：级别和各成分按现有的库读出，写入前先给您看。

    库中已有、与库矛盾、读得出几种意思的都不收；上级不在库中时，加 --with-parents 才一并补充。

    例：datapool address add "安阳街道中心街101号3幢" --why "新建，门牌证 2025-118 号"
    """
    if (text is None) == (ticked is None):
        raise typer.BadParameter("请写一个地址，或用 --ticked 指明打过勾的工作簿。")
    context = context_as(home, who)
    if ticked is not None:
        address_suggest.add_ticked(context, ticked, why, yes=yes, dry_run=dry_run, as_json=as_json)
    elif text is not None:
        _carry_out(context, [plan_add(context, text, valid_from=as_day(since), with_parents=with_parents)], why, yes, dry_run, as_json)


@app.command()
def retire(
    target: Target,
    on: Annotated[datetime, typer.Option(help="停用日期：从这一天起不再有效", formats=[ISO_DATE])],
    why: Why = "",
    who: Who = None,
    yes: Yes = False,
    dry_run: DRY_RUN = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """停用一个地址，连同它的下级；停用日期之前的记录照样能对上。

    例：datapool address retire "安阳街道中心街101号" --on 2025-12-01 --why "拆迁"
    """
    context = context_as(home, who)
    _carry_out(context, [plan_retire(context, target, on.date())], why, yes, dry_run, as_json)


@app.command()
def rename(
    target: Target,
    name: Annotated[str, typer.Argument(metavar="NAME", help="新名称：只写本级，如 瑞安大道、88号")],
    on: Annotated[datetime | None, typer.Option(help="更名日期（默认今天）", formats=[ISO_DATE])] = None,
    every: Annotated[bool, typer.Option("--all", help="TEXT 对应几处（如跨镇的路）时都更名")] = False,
    why: Why = "",
    who: Who = None,
    yes: Yes = False,
    dry_run: DRY_RUN = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """给乡镇、村社区、道路、小区或某个地址更名：编号不变，下级跟着改，旧名留作别名。

    例：datapool address rename "安阳街道中心街" 虹桥路 --on 2025-12-01 --why "瑞政地名〔2025〕12 号"
    """
    context = context_as(home, who)
    day = as_day(on) or context.local_date(context.now)
    _carry_out(context, plan_rename(context, target, name, day, every=every), why, yes, dry_run, as_json)


@app.command()
def alias(
    target: Target,
    other: Annotated[str, typer.Argument(metavar="ALIAS", help="别名、俗称或旧称")],
    since: Annotated[datetime | None, typer.Option("--from", help="从何时起这样叫", formats=[ISO_DATE])] = None,
    until: Annotated[datetime | None, typer.Option(help="到何时为止（不含）", formats=[ISO_DATE])] = None,
    why: Why = "",
    who: Who = None,
    yes: Yes = False,
    dry_run: DRY_RUN = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """给一个地址或名称加别名：道路、小区等在所在乡镇街道内按名称通用，其他级别只指这一个地址。

    例：datapool address alias "安阳街道滨江大道18号瑞安大厦" 老百货大楼 --why "居民俗称"
    """
    context = context_as(home, who)
    _carry_out(context, [plan_alias(context, target, other, valid_from=as_day(since), valid_to=as_day(until))], why, yes, dry_run, as_json)


@app.command()
def undo(
    what: Annotated[str, typer.Argument(metavar="NUMBER|BATCH", help="修改号，或导入的批次号（见 datapool address history）")],
    why: Annotated[str, typer.Option(help="为何撤销，记入台账")] = "",
    who: Who = None,
    home: Home = None,
) -> None:
    """撤销一次修改或一次导入；什么都不删，撤销本身也能撤销（导入的，用 datapool replay 恢复）。"""
    context = context_as(home, who)
    if what.isdecimal():
        done = undo_edit(context, int(what), why)
        output.print(f"已撤销第 {what} 号修改（本次记为第 {done.number} 号）；下一次运行时生效。")
    else:
        withdraw_import(context, what, why)
        output.print(f"批次 {what} 不再计入地址库；要恢复请运行 datapool replay {what}。")


@app.command()
def history(
    target: Annotated[str | None, typer.Argument(metavar="[ID|TEXT]", help="哪个地址（默认列出对库的全部修改和导入）")] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """一个地址的来历：何时由哪个文件收录，改过什么，由谁更名或停用，为何；不写地址时列出全部修改。"""
    context = context_of(home)
    events = history_of_library(context) if target is None else history_of_address(context, target)
    if as_json:
        print_json([event.as_dict() for event in events])
    elif events:
        print_events("地址库的修改" if target is None else f"{target} 的来历", events)
    else:
        output.print("还没有人修改过地址库。")


def print_events(title: str, events: Sequence[Event]) -> None:
    """A table of what became of the library or of one address, oldest first."""
    rows = [(event.day, event.reference, event.what, event.who, event.why, event.state) for event in events]
    table(title, ["日期", "编号", "内容", "经办", "原因", "状态"], rows, whole=2)


def _carry_out(context: Context, plans: list[Planned], why: str, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Show what is planned, and record it if it is wanted."""
    if not as_json:
        for planned in plans:
            _print_plan(planned)
    recorded = [record(context, planned, why) for planned in plans] if confirmed(yes=yes, dry_run=dry_run) else []
    if as_json:
        print_json([_as_json(planned, edit) for planned, edit in zip_longest(plans, recorded)])
        return
    for edit in recorded:
        tell("已记下", f"第 {edit.number} 号修改，下一次运行时生效；撤销：datapool address undo {edit.number}", "green")


def _print_plan(planned: Planned) -> None:
    tell(VERBS[planned.kind], planned.subject, "bold")
    labels = code_list("address_level")
    if planned.kind == "alias":
        payload = planned.payload
        output.print(f"  “{payload['alias']}” 指 {payload['within'] or ''} {payload['name']}")
    if planned.kind == "rename":
        output.print(
            f"  {labels[planned.payload['level']]}“{planned.payload['old']}” 改为 “{planned.payload['name']}”，自 {planned.payload['on']} 起"
        )
    if planned.kind == "retire":
        output.print(f"  自 {planned.payload['on']} 起停用")
    counted = "，".join(f"{labels[level]} {count:,}" for level, count in planned.levels.items())
    output.print(f"  涉及 {len(planned.rows):,} 个地址：{counted}")
    for row in planned.rows[:ROWS_SHOWN]:
        output.print(f"    {row['full_text']}（{labels[row['level']]}，编号 {row['address_id']}）")
    if len(planned.rows) > ROWS_SHOWN:
        output.print(f"    …… 其余 {len(planned.rows) - ROWS_SHOWN:,} 个用 --json 列出")
    for note in planned.notes:
        tell("  注意", note)


def _as_json(planned: Planned, edit: LibraryEdit | None) -> dict[str, Any]:
    return {
        "kind": planned.kind,
        "edit": edit.number if edit else None,
        "subject": planned.subject,
        "payload": planned.payload,
        "rows": [
            {name: _plain(row[name]) for name in ("address_id", "level", "full_text", "valid_from", "valid_to")} for row in planned.rows
        ],
        "notes": list(planned.notes),
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
