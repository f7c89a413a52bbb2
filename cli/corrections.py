"""datapool corrections issue, list, show, take: what departments are to correct goes out, and what they answer comes back."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import AsJson, Home, context_of, output, print_json, table, tell
from flow.corrections.issue import department_of, issue as issue_now
from flow.corrections.listing import list_sheets, show_sheet
from flow.corrections.state import LABELS
from flow.corrections.take import take as take_now

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="返还来源更正：按部门写出更正单（隔离的行、与别的部门不一致的值、不符合质量规则的行），收回答复，看哪些待答复、已答复、逾期。数据只由来源更正后重新报送，答复不改动数据池。",
)
Department = Annotated[
    str | None, typer.Option("--department", help="只要这个部门：名称，或它的系统如 civil_affairs（默认各部门）", show_default=False)
]
CHOICES = {"corrected": "已更正", "kept": "维持原值", "explained": "另有说明"}
KINDS = {"rejected": "隔离", "conflict": "分歧", "broken": "规则"}


@app.command()
def issue(
    department: Department = None,
    out: Annotated[Path, typer.Option("--out", help="写到哪个目录", file_okay=False)] = Path(),
    due: Annotated[
        int | None, typer.Option("--due", min=1, help="几天以内答复（默认见城市的 correction_days）", show_default=False)
    ] = None,
    again: Annotated[bool, typer.Option("--again", help="连同以前发出、还没有答复的项，编号不变")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """发出更正单：每个部门一个工作簿，有回执号，逐项写明原值、问题、应为什么；以前发过的项不再发。

    本部门报送的值照原样，别的部门的值脱敏。谁、何时、期限记入台账和审计日志。

    例：datapool corrections issue --department civil_affairs --out 更正单
    """
    context = context_of(home)
    name = department_of(context, department) if department else None
    issued = issue_now(context, out, department=name, days=due, again=again)
    if as_json:
        print_json(
            [
                {"receipt": each.sheet.receipt, "file": each.path, "new": each.new, "again": each.again, "later": each.later}
                for each in issued
            ]
        )
        return
    for each in issued:
        before = f"，以前发出、尚未答复 {each.again:,} 项" if each.again else ""
        later = f"，同一条规则太多、留待下一张 {each.later:,} 项" if each.later else ""
        tell("已发出", f"{each.sheet.receipt}  {each.path}：新增 {each.new:,} 项{before}{later}；期限 {each.sheet.due:%Y-%m-%d}", "green")
    if issued:
        output.print("含部门报送的原值，可能涉及个人信息：文件权限已设为只有您自己能读（0600），请只交给该部门。")
    else:
        output.print("没有新的可更正内容。还没有答复的见 datapool corrections list；要再发一次，用 --again。")


@app.command("list")
def list_(department: Department = None, home: Home = None, as_json: AsJson = False) -> None:
    """列出更正单：各有几项待答复、逾期、已答复、已办结。来源送来没有这个问题的行，就自动办结。

    退出码：0 没有逾期，1 有逾期。
    """
    context = context_of(home)
    sheets = list_sheets(context, department_of(context, department) if department else None)
    if as_json:
        print_json(sheets)
    elif sheets:
        columns = ["回执号", "部门", "发出", "期限", "项数", *LABELS.values()]
        rows = [
            (
                each["receipt"],
                each["department"],
                f"{context.local_time(each['issued_at']):%Y-%m-%d}",
                f"{each['due']:%Y-%m-%d}",
                each["items"],
                *(each[state] for state in LABELS),
            )
            for each in sheets
        ]
        table("更正单", columns, rows, numbers_from=4, whole=1)
        _print_erased(sheets)
    else:
        output.print("还没有发出过更正单。发出：datapool corrections issue")
    if any(each["overdue"] for each in sheets):
        raise typer.Exit(1)


@app.command()
def show(
    receipt: Annotated[str, typer.Argument(metavar="RECEIPT", help="回执号，见 datapool corrections list")],
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """看一张更正单的各项：在哪个文件的哪一行，什么问题，答复了没有、谁答复的；不显示任何值。

    例：datapool corrections show GZ20250701-01
    """
    context = context_of(home)
    sheet = show_sheet(context, receipt)
    if as_json:
        print_json(sheet)
        return
    rows = [
        (
            each["item"],
            KINDS[each["kind"]],
            each["name"],
            f"{each['file']} {each['sheet']} 第 {each['row']} 行",
            each["column"],
            each["rule"],
            LABELS[each["state"]],
            f"{CHOICES[each['choice']]}（{each['answered_by']}）" if each["choice"] else "",
        )
        for each in sheet["detail"]
    ]
    title = f"{sheet['department']}更正单 {receipt}，发布 {sheet['release']}，{sheet['issued_by']} 发出，期限 {sheet['due']:%Y-%m-%d}"
    table(title, ["编号", "类", "数据集", "位置", "列", "规则", "状态", "答复"], rows, whole=1)
    _print_erased([sheet])


@app.command()
def take(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.xlsx...", help="填好的更正单，可以一次给几个", exists=True, dir_okay=False)],
    only_check: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """收回填好的更正单：逐行检查，有问题的行指明工作表、行和原因，其余的答复记入台账。

    答复不改动数据池：更正要在源系统做，随下一次报送送来。退出码：0 全部收下，1 有没有收下的。

    例：datapool corrections take 更正单_市民政局_GZ20250701-01.xlsx
    """
    context = context_of(home)
    taken = take_now(context, files, only_check=only_check)
    if as_json:
        refused = [
            {"file": each.file, "sheet": each.sheet, "row": each.row, "column": each.column, "cause": each.cause} for each in taken.refused
        ]
        accepted = [{"item": each.item, "choice": each.choice, "answered_by": each.answered_by} for each in taken.accepted]
        print_json({"accepted": accepted, "refused": refused, "unchanged": taken.unchanged, "blank": taken.blank})
    else:
        for refusal in taken.refused:
            tell("没有收下", str(refusal), "red")
        counted = f"新答复 {len(taken.accepted):,} 项，原已答复 {taken.unchanged:,} 项，未填 {taken.blank:,} 行"
        tell("只检查，没有写入" if only_check else "已收回", f"{counted}，没有收下 {len(taken.refused):,} 处", "green")
    if taken.refused:
        raise typer.Exit(1)


def _print_erased(sheets: list[dict[str, Any]]) -> None:
    if erased := sum(each["erased"] for each in sheets):
        output.print(f"另有 {erased:,} 项已依申请删除。")
