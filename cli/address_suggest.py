"""datapool address suggest: what the address library lacks, by the records; and the proposals that were ticked."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.address_options import confirmed
from cli.console import AsJson, Home, context_of, errors, output, print_json, progress, table, tell
from flow.context import Context
from flow.library_changes import Planned, plan_each, record
from flow.suggest import Proposal, Suggested, Thresholds, suggest as suggest_addresses
from flow.suggestion_workbook import KINDS, read_ticked, write_suggestions
from schemas.codes import code_list
from transforms.proposals import as_plain

ROWS_SHOWN = 30


def suggest(
    min_records: Annotated[int, typer.Option(min=1, help="至少多少条记录写到同一处")] = Thresholds.records,
    min_departments: Annotated[int, typer.Option(min=1, help="或者至少多少个部门写到同一处")] = Thresholds.departments,
    most: Annotated[int, typer.Option(min=1, help="最多列出多少条建议")] = Thresholds.most,
    out: Annotated[
        Path | None, typer.Option("--output", "-o", help="写成 Excel 工作簿，供打勾后用 add --ticked 采纳；已有的文件不会覆盖")
    ] = None,
    unmasked: Annotated[bool, typer.Option("--unmasked", help="原文举例不脱敏（记入审计日志）")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """找出标准地址库缺什么：多条记录、多个部门都写到，而库里没有的门牌、楼幢、户室、道路、小区，以及疑似的别名。

    同一处的不同写法（3幢与3栋、村与社区、个别错字）归在一起，号码从不猜测。证据越多排得越前。

    例：datapool address suggest -o 建议.xlsx，在“采纳”列选“是”，再 datapool address add --ticked 建议.xlsx
    """
    with progress() as tell_progress:
        found = suggest_addresses(
            context_of(home), Thresholds(min_records, min_departments, most), unmasked=unmasked, progress=tell_progress
        )
    if out is not None:
        write_suggestions(found.proposals, out)
    if as_json:
        print_json({"found": found.found, "left_out": found.left_out, "proposals": [_as_json(each) for each in found.proposals]})
        return
    _print(found, out)


def add_ticked(context: Context, file: Path, why: str, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Record every ticked proposal that the library still allows; the others are told with their rows."""
    ticked = read_ticked(file)
    with progress() as tell_progress:
        planned, refused = plan_each(context, ticked, progress=tell_progress)
    if not as_json:
        for each in planned:
            alias = f"{each.payload['alias']} → " if each.kind == "alias" else ""
            output.print(f"  {KINDS[each.kind]} {alias}{each.subject}")
        for row, cause in refused.items():
            tell(f"第 {row} 行", f"没有采纳：{cause}", "red")
        output.print(f"打勾 {len(ticked):,} 条，可采纳 {len(planned):,} 条，不能采纳 {len(refused):,} 条。")
    recorded = []
    if planned and confirmed(yes=yes, dry_run=dry_run):
        recorded = [record(context, each, why or f"采纳建议 {file.name}") for each in planned]
    if as_json:
        print_json({"recorded": [edit.number for edit in recorded], "refused": refused, "planned": [_subject(each) for each in planned]})
    elif recorded:
        tell("已记下", f"第 {recorded[0].number} 至 {recorded[-1].number} 号修改，下一次运行时生效", "green")
    if refused:
        raise typer.Exit(1)


def _subject(planned: Planned) -> dict[str, Any]:
    return {"kind": planned.kind, "subject": planned.subject, "payload": planned.payload}


def _print(found: Suggested, out: Path | None) -> None:
    labels = code_list("address_level")
    rows = [
        (
            KINDS[each.kind],
            f"{each.text} → {each.parent}" if each.kind == "alias" else each.text,
            labels[each.level],
            f"{each.evidence.total:,}",
            len(each.departments),
            f"{each.confidence:.2f}",
            each.note or "；".join(each.examples[:1]),
        )
        for each in found.proposals[:ROWS_SHOWN]
    ]
    if rows:
        table("地址库可能缺的", ["建议", "地址", "级别", "记录", "部门", "把握", "备注或举例"], rows, whole=2)
    for cause, records in found.left_out.items():
        output.print(f"未作建议：{cause}，{records:,} 条记录")
    if not rows:
        output.print("没有达到门槛的建议；门槛见 --min-records、--min-departments。")
    elif out is not None:
        tell("已写出", f"{out}：{len(found.proposals):,} 条建议；在“采纳”列选“是”，再运行 datapool address add --ticked {out}", "green")
    elif found.found > ROWS_SHOWN:
        errors.print(f"共 {found.found:,} 条建议，只显示前 {len(rows)} 条；全部请用 -o 写成工作簿，或用 --json。")


def _as_json(proposal: Proposal) -> dict[str, Any]:
    return {
        "kind": proposal.kind,
        "text": proposal.text,
        "level": proposal.level,
        "address_id": proposal.address_id,
        "parent": proposal.parent,
        "parent_is_new": proposal.parent_is_new,
        **as_plain(proposal.evidence),
        "departments": list(proposal.departments),
        "confidence": proposal.confidence,
        "examples": list(proposal.examples),
        "note": proposal.note,
    }
