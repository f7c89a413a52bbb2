"""datapool trace person|house|...: a record back to the rows of the source files."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.address import print_events
from cli.console import AsJson, Home, context_of, output, print_json, table, tell
from cli.trace_options import Reason, Release, Unmasked, print_found, read_key
from flow.context import Context
from flow.trace.broken import BrokenRule
from flow.trace.decisions import Decided
from flow.trace.record import Trace, trace
from flow.trace.rows import SourceRow

ROLES = {"survivor": "采用", "agreement": "一致", "conflict": "未采用"}


def record(
    table_name: Annotated[str, typer.Argument(metavar="TABLE", help="表名，如 person、house、organisation、event、address")],
    key: Annotated[
        str,
        typer.Argument(
            metavar="KEY",
            help="记录编号；也可用公民身份号码、统一社会信用代码、许可证编号、来源系统编号等；写 - 则从键盘或标准输入读，不留在命令历史里",
        ),
    ],
    release: Release = None,
    unmasked: Unmasked = False,
    reason: Reason = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """追溯一条记录：由哪些文件的哪些行得来，各行怎样检查、怎样匹配，凭什么归在一起，采用了谁的值、为什么，不符合哪些质量规则，人作过什么决定，用的是什么版本。

    例：datapool trace person - < 号码.txt；datapool trace organisation 统一社会信用代码 --unmasked --reason "核查 2025-17 号件"
    """
    context = context_of(home)
    found = trace(context, table_name, read_key(key), release=release, unmasked=unmasked, reason=reason)
    if as_json:
        print_json(_as_json(context, found))
    else:
        _print(found)


def _as_json(context: Context, found: Trace) -> dict[str, Any]:
    inputs = found.manifest["inputs"]
    return {
        "table": found.table.dataset,
        "key": found.key,
        "release": found.release,
        "run": found.manifest["run"],
        "published_by": found.manifest["actor"],
        "versions": {name: inputs[name] for name in ("software", "library", "rules")},
        "record": found.record,
        "evidence": [asdict(each) for each in found.evidence],
        "rows": [_row_as_json(row) for row in found.rows],
        "rows_in_all": found.rows_in_all,
        "conflicts": [asdict(each) for each in found.conflicts],
        "broken": [asdict(each) for each in found.broken],
        "address": found.address,
        "history": [event.as_dict() for event in found.history],
        "decisions": [each.as_dict() for each in found.decisions],
    }


def _row_as_json(row: SourceRow) -> dict[str, Any]:
    content = asdict(row)
    for link, each in zip(content["links"], row.links, strict=True):
        link["reason"] = each.reason
    if row.found:
        content["found"]["sentences"] = [match.sentence() for match in row.found.addresses]
    return content


def _print(found: Trace) -> None:
    inputs = found.manifest["inputs"]
    tell(
        f"{found.table.name} {found.key}", f"发布 {found.release}，运行 {found.manifest['run']}，由 {found.manifest['actor']} 发布", "bold"
    )
    output.print(f"软件 {inputs['software']}，地址库 {inputs['library']}，匹配规则 {inputs['rules']}\n")
    table(
        "记录",
        ["字段", "值"],
        [(column.label, found.record[column.name]) for column in found.table.columns if found.record[column.name] not in ("", None)],
    )
    if found.evidence:
        rows_of_evidence = [(each.role, each.table, each.key) for each in found.evidence]
        table("依据（可用 datapool trace 表名 记录编号 继续追溯）", ["作用", "表名", "记录编号"], rows_of_evidence)
    more = f"，显示前 {len(found.rows)} 行" if len(found.rows) < found.rows_in_all else ""
    output.print(f"来源行（共 {found.rows_in_all} 行{more}）", style="bold")
    for row in found.rows:
        _print_row(found, row)
    if found.address:
        output.print(f"\n地址匹配\n{found.address}", markup=False)
    if found.history:
        print_events("\n地址来历", found.history)
    if found.conflicts:
        rows = [
            (found.table.column(each.column).label, each.surviving_value, each.losing_value, each.lost_from or "（未列出的行）", each.why)
            for each in found.conflicts
        ]
        table("\n未采用的值", ["字段", "采用", "未采用", "谁说的", "为何"], rows)
    print_broken(found.broken)
    print_decisions(found.decisions)


def _print_row(found: Trace, row: SourceRow) -> None:
    place = f"{row.receipt.file_name}{f'，工作表 {row.sheet}' if row.sheet else ''}，第 {row.row} 行"
    tell(ROLES[row.role], f"{place}（批次 {row.receipt.batch}，{row.receipt.received_at:%Y-%m-%d %H:%M} UTC 接收）", "cyan")
    if row.attributes:
        output.print(f"      采用其值的列：{'、'.join(found.table.column(name).label for name in row.attributes)}")
    for link in row.links:
        named = f"（在该行的“{link.label}”一栏）" if link.label else ""
        output.print(f"      归并依据：{link.reason}{named}，把握 {link.score:.1%}", style="green")
    if row.found:
        print_found(row.found)
    output.print("      " + "  ".join(f"{header}={text}" for header, text in row.cells.items()))


def print_broken(broken: Sequence[BrokenRule]) -> None:
    """The quality rules that are broken, if any."""
    if broken:
        rows = [(each.rule, each.sentence, each.table, each.key, each.detail) for each in broken]
        table("\n不符合的质量规则", ["规则", "应当", "表名", "记录编号", "说明"], rows)


def print_decisions(decisions: Sequence[Decided]) -> None:
    """What people decided, if anything."""
    if decisions:
        rows = [
            (
                each.decision,
                each.on,
                each.choice,
                each.decided_by,
                f"{each.decided_at:%Y-%m-%d %H:%M}",
                each.reason,
                each.recorded_by,
                each.undone or "有效",
            )
            for each in decisions
        ]
        table("\n人的决定", ["编号", "对什么", "决定", "决定人", "时间 (UTC)", "依据", "录入", "状态"], rows)
