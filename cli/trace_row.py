"""datapool trace row: a row of a source file up to everything it became."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.console import AsJson, Home, context_of, output, print_json, table, tell
from cli.trace_options import Reason, Release, Unmasked, print_found
from cli.trace_record import ROLES, print_broken, print_decisions
from flow.context import Context
from flow.trace.row import RowTrace, trace_row
from schemas.codes import code_list


def row(
    file: Annotated[str, typer.Argument(metavar="FILE", help="收到时的文件名、文件路径、SHA-256 的前几位，或批次号")],
    number: Annotated[int, typer.Argument(metavar="ROW", min=1, help="行号，与用表格软件打开原文件看到的一致")],
    sheet: Annotated[str | None, typer.Option(help="工作表名；只有一个工作表有这一行时不必写", show_default=False)] = None,
    release: Release = None,
    unmasked: Unmasked = False,
    reason: Reason = "",
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """追溯文件的一行：去向、隔离原因、地址匹配、变成了哪些记录和关系、不符合哪些质量规则、被哪一行更新、计入报告的哪些数字。

    例：datapool trace row 常住人口_20251231.csv 588
    """
    context = context_of(home)
    found = trace_row(context, file, number, sheet=sheet, release=release, unmasked=unmasked, reason=reason)
    if as_json:
        print_json(_as_json(found))
    else:
        _print(context, found)


def _as_json(found: RowTrace) -> dict[str, Any]:
    return {
        "receipt": asdict(found.receipt),
        "sheet": found.sheet,
        "row": found.row,
        "state": found.state,
        "cells": found.cells,
        "found": asdict(found.found) if found.found else None,
        "release": found.release,
        "outcome": found.outcome,
        "followed_by": found.followed_by,
        "records": [asdict(each) for each in found.records],
        "broken": [asdict(each) for each in found.broken],
        "figures": list(found.figures),
        "decisions": [each.as_dict() for each in found.decisions],
    }


def _print(context: Context, found: RowTrace) -> None:
    receipt, contract = found.receipt, found.contract
    place = f"{receipt.file_name}{f'，工作表 {found.sheet}' if found.sheet else ''}，第 {found.row} 行"
    tell(place, f"{contract.department} {contract.name}，业务期 {receipt.period}，批次 {receipt.batch}（{found.state}）", "bold")
    output.print(f"{receipt.received_at:%Y-%m-%d %H:%M} UTC 接收，SHA-256 {receipt.sha256}")
    if found.cells:
        output.print("      " + "  ".join(f"{header}={text}" for header, text in found.cells.items()))
    if found.found:
        print_found(found.found)
    if not found.outcome:
        output.print("没有计入任何发布。" if found.release is None else f"发布 {found.release} 没有用到这一批次。", style="yellow")
        return
    followed = f"，更新它的是 {found.followed_by}" if found.followed_by else ""
    tell("去向", f"{code_list('row_outcome')[found.outcome]}{followed}（发布 {found.release}）", "cyan")
    if found.records:
        rows = [
            (
                each.name,
                each.table,
                each.key,
                ROLES[each.role],
                "、".join(context.tables[each.table].column(name).label for name in each.attributes),
                "、".join(context.tables[each.table].column(name).label for name in each.outvoted),
                "、".join(f"{link.reason} {link.score:.1%}" for link in each.links),
            )
            for each in found.records
        ]
        table("变成的记录", ["", "表名", "记录编号", "作用", "采用其值的列", "未采用的列", "归并依据"], rows)
    print_broken(found.broken)
    print_decisions(found.decisions)
    table("计入报告的数字（datapool trace report 编号）", ["编号"], [(name,) for name in found.figures])
