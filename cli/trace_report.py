"""datapool trace report: a figure of the quality report down to the rows it counts."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli.console import AsJson, Home, context_of, errors, output, print_json, progress, table, tell
from cli.trace_options import Release
from flow.context import Context
from flow.table_file import write_table
from flow.trace.figures import LABELS, FigureRows, check_figures, figures, rows_of_figure, trace_figure

DIFFERS = "与报告不符：发布之后有批次按原始文件重新检查过、依申请删除过，或已清退。见 datapool audit list 和 datapool verify。"


def report(
    figure: Annotated[
        str,
        typer.Argument(
            metavar="[FIGURE]", help="数字的编号，如 dataset/civil_affairs.death/quarantined；不写则列出全部", show_default=False
        ),
    ] = "",
    release: Release = None,
    limit: Annotated[int, typer.Option(min=1, help="最多显示多少行")] = 20,
    out: Annotated[Path | None, typer.Option("--output", "-o", help="全部的行写到新文件，.csv 或 .xlsx", show_default=False)] = None,
    check: Annotated[bool, typer.Option("--check", help="核对全部数字，只列出与行数不符的")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """追溯质量报告里的一个数字：由哪些文件的哪些行、哪些记录构成。行数与报告必须相等。

    编号写在报告“数字编号”一节，也是网页上每个数字的提示。只有位置和原因，没有个人信息；某一行的内容用 datapool trace row 看。

    退出码：0 行数与报告相等，1 不等，2 无法执行。

    例：datapool trace report addresses/安阳街道/unmatched -o 未匹配.xlsx
        datapool trace report --check
    """
    if check and (figure or out):
        raise typer.BadParameter("--check 核对全部数字，不能同时指明一个数字或 --output")
    context = context_of(home)
    if check:
        _check(context, release, as_json)
        return
    if not figure:
        _list(context, release, as_json)
        return
    found = _written(context, figure, release, out) if out else trace_figure(context, figure, release=release, limit=limit)
    if as_json:
        print_json(found.as_dict())
    else:
        _print(found, out)
    if not found.agrees:
        raise typer.Exit(1)


def _list(context: Context, release: int | None, as_json: bool) -> None:
    number, known = figures(context, release)
    if as_json:
        print_json([asdict(each) | {"release": number} for each in known])
    else:
        table(
            f"发布 {number} 报告中的数字",
            ["编号", "数的是什么", "数"],
            [(each.name, each.label, each.rows) for each in known],
            numbers_from=2,
            whole=1,
        )


def _check(context: Context, release: int | None, as_json: bool) -> None:
    with progress() as shown:
        found = check_figures(context, release=release, progress=shown)
    differing = [each for each in found if not each.agrees]
    if as_json:
        print_json({"checked": len(found), "differing": [each.as_dict() for each in differing]})
    else:
        for each in differing:
            _print(each, None)
        output.print(f"核对了 {len(found):,} 个数字，{len(found) - len(differing):,} 个与行数相等，{len(differing):,} 个不符。")
    if differing:
        raise typer.Exit(1)


def _written(context: Context, figure: str, release: int | None, out: Path) -> FigureRows:
    with rows_of_figure(context, figure, release=release) as (whole, rows):
        written = write_table(out, LABELS, rows)
    assert written == whole.places
    return whole


def _print(found: FigureRows, out: Path | None) -> None:
    places = f"，分在 {found.places:,} 行" if found.places != found.found else ""
    tell(
        found.figure.name, f"{found.figure.label}；发布 {found.release} 报告为 {found.figure.rows:,}，找到 {found.found:,}{places}", "bold"
    )
    if out is not None:
        output.print(f"全部 {found.places:,} 行已写到 {out}")
    elif found.rows:
        table("", LABELS, [["" if cell is None else cell for cell in row] for row in found.rows])
        if found.places > len(found.rows):
            errors.print(f"只显示前 {len(found.rows):,} 行；更多用 --limit，全部用 --output。")
    if not found.agrees:
        tell("不符", DIFFERS, "red", errors)
