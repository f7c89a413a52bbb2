"""datapool erase: a person goes from all that the pool keeps."""

import sys
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from cli.console import AsJson, Home, context_of, errors, output, print_json, progress, table, tell
from flow.context import Context
from flow.erase.erase import Done, erase as erase_from_pool, prepare
from flow.erase.plan import Plan, Shown, show
from flow.run import advance
from pool import PoolError

NOT_REACHED = (
    "数据池之外的副本没有动：导出的工作簿、隔离清单、查询结果、备份、样例目录 exports/、读者自己下载的共享。请按登记一并处理。"
    "备份恢复之后，请再执行一次本命令。"
)


def erase(
    reason: Annotated[str, typer.Option(help="依据，长期保留，如申请的文号；不要写姓名、号码")],
    person: Annotated[str | None, typer.Option(metavar="PERSON_ID", help="人员编号（person_id）；不写则从键盘或标准输入读证件号码")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="执行删除；不写则只列出会删去什么")] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """依申请删除一个人：从原始文件、批次、隔离区、各版发布和共享、匹配结果、人工决定中删去，以后再来也不收。

    不写 --yes 只列出会删去什么。证件号码从键盘或标准输入读，不写在命令行上，以免留在命令历史里。删除不能撤销。

    关于此人的行整行删去；别人的行里提到此人的（房主、法定代表人等），只清空那几格。中途中断的，再执行一次或下一次 datapool run 会接着做完。

    退出码：0 已列出或已删除，1 没有找到此人，或删除后有需要处理的，2 无法执行。

    例：datapool erase --reason "2025 年第 8 号申请" < 号码.txt
    """
    context = context_of(home)
    identifier = "" if person else _read_identifier()
    with progress() as told:
        plan = prepare(context, told, person_id=person or "", identifier=identifier, take_in=yes)
        shown = show(context, plan)
        done = erase_from_pool(context, plan, reason, progress=told) if yes and not plan.is_empty else None
        if done is not None:
            advance(context, progress=told)
    if as_json:
        print_json(_content(context, plan, shown, done))
    else:
        _print(context, plan, shown, done)
    if plan.is_empty or (done is not None and (done.blocked or done.left)):
        raise typer.Exit(1)


def _read_identifier() -> str:
    is_typed = sys.stdin.isatty()
    text = typer.prompt("证件号码（不显示）", hide_input=True, err=True) if is_typed else sys.stdin.readline()
    if not text.strip():
        raise PoolError("没有读到证件号码。请从键盘或标准输入给出，或用 --person 写人员编号。")
    return str(text.strip())


def _by_dataset(context: Context, shown: Shown) -> dict[str, Counter[str]]:
    counted: dict[str, Counter[str]] = {}
    for batch, (whole, part) in shown.batches.items():
        contract = context.pool.receipts.read(batch).contract
        counted.setdefault(contract, Counter()).update(rows=whole, rows_in_part=part, batches=1)
    return counted


def _content(context: Context, plan: Plan, shown: Shown, done: Done | None) -> Mapping[str, Any]:
    return {
        "found": not plan.is_empty,
        "done": done is not None,
        "number": done.number if done else None,
        "datasets": {contract: dict(counts) for contract, counts in _by_dataset(context, shown).items()},
        "batches": {batch: {"rows": whole, "rows_in_part": part} for batch, (whole, part) in shown.batches.items()},
        "releases": shown.releases,
        "decisions": shown.decisions,
        "counts": done.counts if done else None,
        "blocked": list(done.blocked) if done else [],
        "left": [str(path) for path in done.left] if done else [],
    }


def _print(context: Context, plan: Plan, shown: Shown, done: Done | None) -> None:
    if plan.is_empty:
        output.print("没有找到此人，什么也没有改动。")
        return
    output.print(f"此人：{'、'.join(_masked(each) for each in sorted(plan.needles.names)) or '（姓名不详）'}，{len(plan.ids)} 个人员编号")
    rows = [
        (context.contracts[contract].name, counts["batches"], counts["rows"], counts["rows_in_part"])
        for contract, counts in _by_dataset(context, shown).items()
    ]
    table("收到的数据", ("数据集", "批次", "整行删去", "清空部分单元格的行"), rows, numbers_from=1)
    records = [(str(number), name, count) for number, tables in shown.releases.items() for name, count in tables.items()]
    table("保留的发布", ("发布", "表", "涉及的行"), records, numbers_from=2)
    output.print(f"人工决定：{shown.decisions} 条")
    if done is None:
        output.print("以上尚未删除。确认后加 --yes 执行；删除不能撤销。")
        return
    output.print(f"已删除（第 {done.number} 号），审计日志有记录。")
    for batch in done.blocked:
        tell("注意：", f"批次 {batch} 重新检查后没有通过，原因见 datapool status。", to=errors)
    for path in done.left:
        tell("注意：", f"{path} 仍含有此人的号码，数据池不认得这个文件，没有接收。请自行处理。", to=errors)
    output.print(NOT_REACHED)


def _masked(name: str) -> str:
    return name[:1] + "*" * (len(name) - 1)
