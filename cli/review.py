"""datapool review: what matching and resolving leave open goes out to people, and their decisions come back."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.console import AsJson, Home, context_of, output, print_json, progress, table, tell
from cli.review_pairs import print_pair_decisions, print_pairs, state_of
from flow.context import Context
from flow.review.case import Case
from flow.review.cases import Cases, find_cases
from flow.review.check import check_decisions, write_regression_cases
from flow.review.decide import import_decisions, undo_decision
from flow.review.export import export_cases, select_cases
from flow.review.listing import list_cases, list_decisions, list_pair_decisions, list_pairs
from flow.review.pairs import Pairs, find_pairs, select_pairs
from schemas.codes import code_list


class ReviewKind(StrEnum):
    """What is decided on."""

    ADDRESS = "address"
    PERSON = "person"
    ORGANISATION = "organisation"


app = typer.Typer(
    help="待确认的地址，可能是同一个的人员、单位：列出，导出给人决定，收回决定，撤销，核对。",
    epilog="通常的顺序：list 看有多少；export 写出工作簿，交给熟悉当地的人填写；import 收回决定；datapool run 按决定重新匹配；check 核对。",
    no_args_is_help=True,
    add_completion=False,
)

Unmatched = Annotated[bool, typer.Option("--unmatched", help="连同完全没有对上的写法")]
Town = Annotated[str | None, typer.Option(help="只要可能在这个乡镇街道的，如 安阳街道", show_default=False)]
Dataset = Annotated[str | None, typer.Option(help="只要这个数据集里有的，如 public_security.rental_house", show_default=False)]
Kind = Annotated[ReviewKind | None, typer.Option(help="只要这一类（默认全部）", show_default=False)]
Unmasked = Annotated[bool, typer.Option("--unmasked", help="地址不脱敏显示（记入审计日志）")]


@app.command("list")
def list_(
    decided: Annotated[bool, typer.Option("--decided", help="改为列出已作的决定，含已撤销的")] = False,
    kind: Kind = None,
    unmatched: Unmatched = False,
    town: Town = None,
    dataset: Dataset = None,
    limit: Annotated[int, typer.Option(min=1, help="最多显示多少行")] = 20,
    unmasked: Unmasked = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """列出待确认的写法（牵涉记录多的在前），和可能是同一个的人员、单位；--decided 列出已作的决定，撤销时要用它的编号。

    案例取自当前发布。地址默认只显示到楼幢，姓名、号码默认脱敏。
    """
    context = context_of(home)
    if decided:
        _list_decisions(context, unmasked, as_json)
        return
    shown: dict[str, Any] = {}
    if kind in (None, ReviewKind.ADDRESS):
        shown |= _list_addresses(context, unmatched, town, dataset, limit, unmasked, as_json)
    if kind != ReviewKind.ADDRESS:
        shown |= _list_pairs(context, kind, town, dataset, limit, unmasked, as_json)
    if as_json:
        print_json(shown)


def _list_addresses(
    context: Context, unmatched: bool, town: str | None, dataset: str | None, limit: int, unmasked: bool, as_json: bool
) -> dict[str, Any]:
    with progress() as tell_progress:
        cases = find_cases(context, unmatched=unmatched, progress=tell_progress)
    selected = select_cases(context, cases.waiting, town=town, dataset=dataset)
    listed = list_cases(context, selected if as_json else selected[:limit], unmasked=unmasked)
    if not as_json:
        _print_cases(context, listed)
        if len(selected) > limit:
            output.print(f"共 {len(selected):,} 种写法，只显示前 {limit} 种；用 --limit 多看一些，或用 datapool review export 写成工作簿。")
        _print_sums(cases, selected)
    return {
        "release": cases.release,
        "library": cases.library.version,
        "waiting": listed,
        "settled": {"cases": len(cases.settled), "records": _records(cases.settled)},
        "references": cases.references,
    }


def _list_pairs(
    context: Context, kind: ReviewKind | None, town: str | None, dataset: str | None, limit: int, unmasked: bool, as_json: bool
) -> dict[str, Any]:
    pairs = find_pairs(context)
    selected = select_pairs(pairs.waiting, kind=kind, town=town, dataset=dataset)
    listed = list_pairs(context, selected if as_json else selected[:limit], unmasked=unmasked)
    if not as_json and (selected or kind):
        print_pairs(listed)
        more = f"，只显示前 {limit} 对" if len(selected) > limit else ""
        settled = f"；另有已决定、不再询问 {len(pairs.settled):,} 对" if pairs.settled else ""
        output.print(f"发布 {pairs.release}：待确认的人员、单位 {len(selected):,} 对{more}{settled}")
    return {"release": pairs.release, "pairs": listed, "settled_pairs": len(pairs.settled)}


@app.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="写到哪个工作簿；已有的文件不会覆盖", dir_okay=False)],
    kind: Kind = None,
    unmatched: Unmatched = False,
    town: Town = None,
    dataset: Dataset = None,
    limit: Annotated[int | None, typer.Option(min=1, help="只要牵涉记录最多的多少种（默认全部）", show_default=False)] = None,
    home: Home = None,
) -> None:
    """把待确认的写法，和可能是同一个的人员、单位，写成 Excel 工作簿，给熟悉当地的人填写；怎样填写在工作簿的“填写说明”。

    例：datapool review export 安阳街道.xlsx --town 安阳街道
    """
    context = context_of(home)
    with progress() as tell_progress:
        cases = find_cases(context, unmatched=unmatched, progress=tell_progress)
        wanted = kind in (None, ReviewKind.ADDRESS)
        selected = select_cases(context, cases.waiting, town=town, dataset=dataset)[:limit] if wanted else []
        pairs = Pairs(cases.release, (), ()) if kind == ReviewKind.ADDRESS else find_pairs(context)
        chosen = select_pairs(pairs.waiting, kind=kind, town=town, dataset=dataset)[:limit]
        export_cases(context, cases, selected, file, pairs=chosen, progress=tell_progress)
    on_pairs = f"；人员、单位 {len(chosen):,} 对" if chosen else ""
    tell("已写出", f"{file}：{len(selected):,} 种写法，牵涉 {_records(selected):,} 条记录{on_pairs}", "green")
    output.print("地址可能涉及个人住处：文件权限已设为只有您自己能读（0600），请勿转发给无关的人。")


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.xlsx...", help="填好的工作簿，可以一次给几个", exists=True, dir_okay=False)],
    only_check: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入")] = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """收回填好的工作簿：逐行检查，有问题的行指明位置和原因，其余记为决定，下一次 datapool run 生效。

    同一个文件可以再导入，已有的决定不会重复。退出码：0 全部收下，1 有的行没有收下，2 文件读不了。
    """
    context = context_of(home)
    with progress() as tell_progress:
        imported = import_decisions(context, files, only_check=only_check, progress=tell_progress)
    if as_json:
        decisions = [{"decision": each.decision, "case": each.case_id, "choice": each.choice} for each in imported.accepted]
        decisions += [{"decision": each.decision, "case": each.case_id, "choice": each.choice} for each in imported.pairs]
        refused = [{"file": each.file, "row": each.row, "column": each.column, "cause": each.cause} for each in imported.refused]
        print_json({"accepted": decisions, "refused": refused, "unchanged": imported.unchanged, "blank": imported.blank})
    else:
        for refusal in imported.refused:
            tell("没有收下", str(refusal), "red")
        counted = (
            f"新决定 {len(imported.accepted) + len(imported.pairs):,} 个，原已决定 {imported.unchanged:,} 个，未填 {imported.blank:,} 行"
        )
        tell("只检查，没有写入" if only_check else "已导入", f"{counted}，没有收下 {len(imported.refused):,} 处", "green")
        if (imported.accepted or imported.pairs) and not only_check:
            output.print("下一次 datapool run 按这些决定重新匹配、归并；查看和撤销见 datapool review list --decided。")
    if imported.refused:
        raise typer.Exit(1)


@app.command()
def undo(
    name: Annotated[str, typer.Argument(metavar="DECISION", help="决定或案例的编号，见 datapool review list --decided")],
    reason: Annotated[str, typer.Option(help="为何撤销，记入台账和审计日志")],
    by: Annotated[str | None, typer.Option(help="谁决定撤销（默认当前操作者）", show_default=False)] = None,
    home: Home = None,
) -> None:
    """撤销一个决定：记录仍保留，下一次 datapool run 起不再按它匹配、归并，这个案例重新待确认。

    例：datapool review undo 3f9a0c12de45-1 --reason "实地核实有误"
    """
    context = context_of(home)
    decision = undo_decision(context, name, reason, by or context.actor)
    tell("已撤销", f"决定 {decision.decision}（{decision.decided_by}，{_choice(decision.choice)}）；下一次 datapool run 生效", "green")


@app.command()
def check(
    out: Annotated[
        Path | None, typer.Option("--output", "-o", help="同时把有效的决定写成匹配的回归用例（CSV，新文件）", show_default=False)
    ] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """用现在的地址库重新匹配所有决定过的写法，列出结果与决定不同的。

    地址库、匹配规则或软件更新之后运行一次。退出码：0 都与决定相符，1 有不符的。
    """
    context = context_of(home)
    with progress() as tell_progress:
        checked = check_decisions(context, progress=tell_progress)
    if out is not None:
        write_regression_cases(checked.decisions, out)
    if as_json:
        deviations = [{"decision": each.decision.decision, "found": each.found, "cause": each.cause} for each in checked.deviations]
        print_json({"library": checked.library.version, "decisions": len(checked.decisions), "deviations": deviations})
    else:
        for each in checked.deviations:
            decided = f"{each.decision.decided_by} 决定“{_choice(each.decision.choice)}”"
            tell("不符", f"{each.decision.decision}：{decided}，现在{each.cause}（{each.found}）", "red")
        said = f"{len(checked.deviations)} 个与现在的匹配结果不符" if checked.deviations else "都与现在的匹配结果相符"
        output.print(f"有效的决定 {len(checked.decisions):,} 个（“无法判断”的不核对），{said}。地址库 {checked.library.version}。")
        if out is not None:
            output.print(f"回归用例在 {out}（权限 0600，含地址原文）。")
    if checked.deviations:
        raise typer.Exit(1)


def _list_decisions(context: Context, unmasked: bool, as_json: bool) -> None:
    listed = list_decisions(context, context.pool.ledger.review.history(), unmasked=unmasked)
    on_pairs = list_pair_decisions(context.pool.ledger.pairs.history())
    if as_json:
        print_json([*listed, *on_pairs])
        return
    rows = [
        (
            each["decision"],
            f"{context.local_time(each['decided_at']):%Y-%m-%d %H:%M}",
            each["decided_by"],
            each["text"],
            _choice(each["choice"]),
            each["full_text"],
            each["reason"],
            state_of(each),
        )
        for each in listed
    ]
    if rows or not on_pairs:
        table("决定", ["编号", "时间", "决定人", "原文", "决定", "标准地址", "理由", "状态"], rows, whole=3)
    print_pair_decisions(context, on_pairs)


def _print_cases(context: Context, listed: list[dict[str, Any]]) -> None:
    rows = [
        (
            each["case"],
            each["records"],
            each["text"],
            each["safe_answer"]["full_text"] if each["safe_answer"] else "没有",
            each["doubt"],
            "、".join(context.contracts[name].name for name in each["datasets"]),
        )
        for each in listed
    ]
    table("待确认的写法", ["案例", "记录数", "原文", "安全答案", "为何存疑", "来源"], rows, whole=2)


def _print_sums(cases: Cases, selected: list[Case]) -> None:
    """How the cases add up to what datapool status counts."""
    output.print(f"发布 {cases.release}：待确认 {len(cases.waiting):,} 种写法，牵涉 {_records(cases.waiting):,} 条记录")
    if len(selected) != len(cases.waiting):
        output.print(f"  其中符合条件 {len(selected):,} 种，{_records(selected):,} 条")
    if cases.settled:
        output.print(f"  另有已决定、不再询问 {len(cases.settled):,} 种，{_records(cases.settled):,} 条（datapool review list --decided）")
    if cases.references:
        output.print(f"  另有 {cases.references:,} 条写的是“同户籍地址”一类，指向别的栏目，不能按文字决定")


def _records(cases: Any) -> int:
    return sum(case.records for case in cases)


def _choice(choice: str) -> str:
    return {**code_list("pair_choice"), **code_list("review_choice")}[choice]
