"""datapool trace: a record back to the rows of the source files."""

from dataclasses import asdict
from typing import Annotated

import typer

from cli.address import print_events
from cli.console import AsJson, Home, context_of, output, print_json, table, tell
from flow.delivered import file_key
from flow.trace import SourceRow, Trace, trace as trace_record

ROLES = {"survivor": "采用", "agreement": "一致", "conflict": "未采用"}


def trace(
    table_name: Annotated[str, typer.Argument(metavar="TABLE", help="表名，如 person、house、organisation、event")],
    key: Annotated[str, typer.Argument(metavar="KEY", help="记录编号；也可用公民身份号码、统一社会信用代码、许可证编号等")],
    release: Annotated[int | None, typer.Option(help="哪一版发布（默认当前）")] = None,
    unmasked: Annotated[bool, typer.Option("--unmasked", help="不脱敏显示（记入审计日志）")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """追溯一条记录：由哪些文件的哪些行得来，采用了谁的值，哪些值没有采用，用的是什么版本。

    例：datapool trace person 编号；datapool trace organisation 统一社会信用代码
    """
    found = trace_record(context_of(home), table_name, key, release=release, unmasked=unmasked)
    if as_json:
        print_json(_as_json(found))
        return
    _print(found)


def _as_json(found: Trace) -> dict[str, object]:
    rows = [asdict(row) for row in found.rows]
    return {
        "table": found.table.dataset,
        "key": found.key,
        "release": found.release,
        "record": found.record,
        "evidence": [asdict(each) for each in found.evidence],
        "rows": rows,
        "conflicts": list(found.conflicts),
        "address": found.address,
        "history": [event.as_dict() for event in found.history],
    }


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
        place = f"{row.receipt.file_name}{f'，工作表 {row.sheet}' if row.sheet else ''}，第 {row.row} 行"
        tell(ROLES[row.role], f"{place}（批次 {row.receipt.batch}，{row.receipt.received_at:%Y-%m-%d %H:%M} UTC 接收）", "cyan")
        if row.attributes:
            output.print(f"      采用其值的列：{'、'.join(found.table.column(name).label for name in row.attributes)}")
        for link in row.links:
            named = f"（在该行的“{link.label}”一栏）" if link.label else ""
            output.print(f"      归并依据：{link.reason}{named}，把握 {link.score:.1%}", style="green")
        output.print("      " + "  ".join(f"{header}={text}" for header, text in row.cells.items()))
    if found.address:
        output.print(f"\n地址匹配\n{found.address}", markup=False)
    if found.history:
        print_events("\n地址来历", found.history)
    if found.conflicts:
        files = {(file_key(row.receipt.sha256), row.sheet, row.row): row for row in found.rows}
        rows = [
            (
                found.table.column(each["column_name"]).label,
                each["surviving_value"],
                each["losing_value"],
                _place(files.get((each["file_key"], each["sheet"], each["row"]))),
            )
            for each in found.conflicts
        ]
        table("\n未采用的值", ["字段", "采用", "未采用", "谁说的"], rows)


def _place(row: SourceRow | None) -> str:
    return f"{row.receipt.file_name} 第 {row.row} 行" if row else "（未列出的行）"
