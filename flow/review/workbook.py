"""The workbook that goes out to people: one row a case, columns to fill in, what they need to know beside them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from flow.review.case import Address, Case
from flow.review.mark import Mark
from flow.review.pair import PairCase
from flow.review.pair_sheet import GUIDE_LINES as PAIR_GUIDE_LINES, PAIRS, write_pairs
from flow.review.sheet import fit_on_paper, height, make_formats, write_cell
from pool import ReviewDecision
from schemas.codes import code_list

CASES = "待确认"
GUIDE = "填写说明"
STEPS = "匹配过程"
OPTIONS = "选项"
CASE, TEXT, CHOICE, OTHER, WHO, WHY, MARK = "案例编号", "原文", "决定", "另指定的地址", "决定人", "理由", "标识（请勿改动）"
CANDIDATE = "候选"
OTHER_ADDRESS = "另指定地址"
TO_FILL = (CHOICE, OTHER, WHO, WHY)
REASONS_OFFERED = ("实地核实", "查阅档案", "社区（村）确认", "派出所确认", "来源部门确认")
_CREATED = datetime(2000, 1, 1, tzinfo=UTC)


GUIDE_LINES = (
    (
        "这是什么",
        "数据池没有把握自动对到标准地址的写法，一行一种写法，牵涉记录多的在前。您的决定对所有写成这样的记录都有效，包括以后送来的。",
    ),
    ("填哪里", f"只填橙色表头的四列：{'、'.join(TO_FILL)}。别的列请勿改动；可以排序、筛选、隐藏列，可以只填一部分，没有把握的留空。"),
    (f"{CANDIDATE} n", "原文就是第 n 个候选。只有这种写法在全市只可能指这一处时才选；只知道其中某一条记录是哪里，请选“安全答案即可”。"),
    (
        "安全答案即可",
        "不论哪个候选对，“安全答案”都成立（例如只到道路或乡镇街道）。原文说不清更细的，就停在这一级，以后不再询问。",
    ),
    ("库中没有", "原文说的是一处真实的地址，但标准地址库里没有。会列为增补标准地址的线索。"),
    ("无法判断", "查过了，仍说不清。候选不变就不再询问。"),
    (OTHER_ADDRESS, f"候选都不对，而您知道是库中哪一个：在“{OTHER}”里填标准地址的编号，或与库中一字不差的全称。"),
    (f"{WHO}、{WHY}", "每个决定都要有人负责、有据可查，两项必填。理由可从列表中选，也可自己写。"),
    (
        "怎样比较候选",
        "每个候选下面写明：它的哪一级原文没有这样写，哪一级与别的候选不同，离来源给的坐标多远。“其他线索”“来源”“地址日期”也能帮助判断；数据池怎样读这条地址，见“匹配过程”。",
    ),
    (
        "填好以后",
        "交给数据池管理员，用 datapool review import 导入。有问题的行会指明行、列和原因，其余照常生效；改正后可以再导入同一个文件。",
    ),
    ("注意保密", "地址可能涉及个人住处。请按敏感数据保管，不要转发，导入后删除。"),
)


def options_of(case: Case) -> tuple[str, ...]:
    """What may be decided on a case; a text with several addresses cannot be the other name of one."""
    names = code_list("review_choice")
    candidates = [candidate_label(number) for number in range(1, len(case.candidates) + 1)] if case.parts == 1 else []
    safe = [names["safe_answer"]] if case.safe else []
    other = [OTHER_ADDRESS] if case.parts == 1 else []
    return (*candidates, *safe, names["not_in_library"], names["undecidable"], *other)


def candidate_label(number: int) -> str:
    """How a candidate is called in the drop-down."""
    return f"{CANDIDATE} {number}"


def described(address: Address) -> str:
    """An address with its level in Chinese."""
    return f"{address.full_text}（{code_list('address_level')[address.level]}）"


def described_decision(decision: ReviewDecision) -> str:
    """A decision in one Chinese line, without its text."""
    chosen = f"：{decision.full_text}" if decision.full_text else ""
    return (
        f"{decision.decided_at:%Y-%m-%d} {decision.decided_by} {code_list('review_choice')[decision.choice]}{chosen}（{decision.reason}）"
    )


def write_workbook(
    path: Path,
    cases: Sequence[Case],
    explained: Callable[[Case], str],
    datasets: Mapping[str, str],
    about: str,
    pairs: Sequence[PairCase] = (),
) -> None:
    """Write the cases to an .xlsx file, pairs of persons and organisations on a sheet of their own.

    explained: how the matcher came to its answer, in Chinese. datasets: Chinese names by contract id. about: what the workbook was made from.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, options) as workbook:
        workbook.set_properties({"title": "待确认的地址", "created": _CREATED})
        formats = make_formats(workbook)
        sheets = {name: workbook.add_worksheet(name) for name in (CASES, *((PAIRS,) if pairs else ()), GUIDE, STEPS, OPTIONS)}
        offered = {offer: place for place, offer in enumerate(dict.fromkeys(map(options_of, cases)))}
        _write_cases(sheets[CASES], formats, cases, datasets, offered)
        if pairs:
            write_pairs(sheets[PAIRS], formats, pairs, datasets)
        if pairs and not cases:
            sheets[PAIRS].activate()
        _write_guide(sheets[GUIDE], formats, (*GUIDE_LINES, *(PAIR_GUIDE_LINES if pairs else ()), ("本工作簿", about)))
        _write_steps(sheets[STEPS], formats, cases, explained)
        for sheet in sheets.values():
            fit_on_paper(sheet)
        for offer, place in offered.items():
            sheets[OPTIONS].write_column(0, place, offer)
        sheets[OPTIONS].hide()


_COLUMNS: tuple[tuple[str, float], ...] = (
    (CASE, 15),
    ("记录数", 8),
    (TEXT, 36),
    ("安全答案", 32),
    ("为何存疑", 24),
    ("候选地址", 62),
    (CHOICE, 15),
    (OTHER, 26),
    (WHO, 10),
    (WHY, 20),
    ("来源", 24),
    ("地址日期", 24),
    ("其他线索", 36),
    ("同样写法的其他记录已匹配到", 36),
    ("以前的决定", 32),
    (OPTIONS, 6),
    (MARK, 6),
)
_HIDDEN = (OPTIONS, MARK)
_HEADERS = tuple(header for header, _ in _COLUMNS)


def _row(case: Case, datasets: Mapping[str, str], offered: int) -> dict[str, str | int]:
    candidates = [f"{number}. {described(each.address)}\n    {each.explanation}" for number, each in enumerate(case.candidates, start=1)]
    more = [f"另有 {case.left_out} 个候选没有列出"] if case.left_out else []
    return {
        CASE: case.case_id,
        "记录数": case.records,
        TEXT: case.text,
        "安全答案": described(case.safe) if case.safe else "没有",
        "为何存疑": case.doubt,
        "候选地址": "\n".join([*candidates, *more]) or "没有",
        "来源": "\n".join(f"{datasets.get(name, name)} {records:,} 条" for name, records in case.datasets.items()),
        "地址日期": " 至 ".join(dict.fromkeys(day.isoformat() for day in case.dates)) if case.dates else "",
        "其他线索": "\n".join(case.clues),
        "同样写法的其他记录已匹配到": "\n".join(f"{described(address)} {records:,} 条" for address, records in case.elsewhere.items()),
        "以前的决定": described_decision(case.decided) if case.decided else "",
        OPTIONS: offered,
        MARK: str(Mark.of(case)),
    }


def _write_cases(
    sheet: Worksheet,
    formats: Mapping[str, Format],
    cases: Sequence[Case],
    datasets: Mapping[str, str],
    offered: Mapping[tuple[str, ...], int],
) -> None:
    for place, (header, width) in enumerate(_COLUMNS):
        sheet.set_column(place, place, width, None, {"hidden": header in _HIDDEN})
        sheet.write_string(0, place, header, formats["to fill heading" if header in TO_FILL else "heading"])
    widths = {header: width for header, width in _COLUMNS if header not in _HIDDEN}
    for line, case in enumerate(cases, start=1):
        cells = _row(case, datasets, offered[options_of(case)])
        sheet.set_row(line, height((str(cells.get(header, "")), width) for header, width in widths.items()))
        for place, header in enumerate(_HEADERS):
            write_cell(sheet, line, place, cells.get(header, ""), formats["to fill" if header in TO_FILL else "body"])
    sheet.freeze_panes(1, _HEADERS.index(TEXT) + 1)
    sheet.autofilter(0, 0, len(cases), len(_HEADERS) - 1)
    sheet.print_area(0, 0, len(cases), _HEADERS.index(WHY))
    if cases:
        _offer_choices(sheet, len(cases))


def _offer_choices(sheet: Worksheet, lines: int) -> None:
    """Drop-downs. What is offered hangs on a cell of the row, for a validation stays where it is when rows are sorted."""
    column = f"OFFSET('{OPTIONS}'!$A$1,0,${xl_col_to_name(_HEADERS.index(OPTIONS))}2"
    place = _HEADERS.index(CHOICE)
    sheet.data_validation(
        1,
        place,
        lines,
        place,
        {
            "validate": "list",
            "source": f"={column},COUNTA({column},30,1)),1)",
            "input_title": "请从列表中选择",
            "input_message": "序号见左边的“候选地址”；不决定的留空",
            "error_title": "不能这样填",
            "error_message": "请从下拉列表中选择，或留空。",
        },
    )
    place = _HEADERS.index(WHY)
    sheet.data_validation(1, place, lines, place, {"validate": "list", "source": list(REASONS_OFFERED), "show_error": False})


def _write_steps(sheet: Worksheet, formats: Mapping[str, Format], cases: Sequence[Case], explained: Callable[[Case], str]) -> None:
    widths = (15, 40, 110)
    for place, (header, width) in enumerate(zip((CASE, TEXT, STEPS), widths, strict=True)):
        sheet.set_column(place, place, width)
        sheet.write_string(0, place, header, formats["heading"])
    for line, case in enumerate(cases, start=1):
        cells = (case.case_id, case.text, explained(case))
        sheet.set_row(line, height(zip(cells, widths, strict=True)))
        for place, value in enumerate(cells):
            write_cell(sheet, line, place, value, formats["body"])
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, len(cases), 2)


def _write_guide(sheet: Worksheet, formats: Mapping[str, Format], lines: Sequence[tuple[str, str]]) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 110)
    sheet.write_string(0, 0, "待确认的地址：怎样填写", formats["title"])
    for line, (head, text) in enumerate(lines, start=2):
        sheet.write_string(line, 0, head, formats["body"])
        sheet.write_string(line, 1, text, formats["body"])
        sheet.set_row(line, height([(text, 110)]))
