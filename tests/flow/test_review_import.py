"""Filled-in workbooks: good rows become decisions, bad ones are refused where they stand and why, nothing is taken twice or lost."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from flow.context import Context
from flow.progress import silent
from flow.review.cases import Cases
from flow.review.decide import Imported, import_decisions, undo_decision
from flow.review.filled import FilledRow, Refusal, filled_rows
from flow.review.judge import judge_rows
from flow.review.workbook import CASE, CASES, CHOICE, MARK, OTHER, TEXT, WHO, WHY
from pool import PoolError, ReviewDecision
from sources.readers import ReadError
from tests.flow.reviewing import (
    ALSO_AMBIGUOUS,
    AMBIGUOUS,
    COUNTY,
    KNOWN_BY_POSITION,
    answer,
    cases_of,
    exported,
    fill,
    later,
    number_of,
)
from tests.small_exports import NOW


@pytest.fixture(scope="module")
def empty_workbook(reviewable: Context, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The workbook of all cases, nothing filled in."""
    return exported(reviewable, tmp_path_factory.mktemp("book") / "book.xlsx").read_bytes()


@pytest.fixture
def book(empty_workbook: bytes, tmp_path: Path) -> Path:
    path = tmp_path / "安阳.xlsx"
    path.write_bytes(empty_workbook)
    return path


def _import(context: Context, *files: Path, only_check: bool = False) -> Imported:
    return import_decisions(context, files, only_check=only_check, progress=silent)


def _judged(context: Context, cases: Cases, *files: Path) -> tuple[list[ReviewDecision], list[Refusal]]:
    """What an import would take and refuse, by cases found before."""
    rows = [row for path in files for row in filled_rows(path)]
    verdicts = judge_rows(context, cases, [row for row in rows if isinstance(row, FilledRow) and not row.is_blank])
    return [each.decision for each in verdicts if each.decision], [fault for each in verdicts for fault in each.faults]


@pytest.fixture(scope="module")
def cases(reviewable: Context) -> Cases:
    return cases_of(reviewable, unmatched=True)


def _candidate(cases: Cases) -> str:
    return f"候选 {number_of(cases.waiting[0], '塘下镇')}"


def test_rows_become_decisions_with_who_when_and_why(own_reviewable: Context, cases: Cases, book: Path) -> None:
    fill(book, {AMBIGUOUS: answer(_candidate(cases)), ALSO_AMBIGUOUS: answer("无法判断", who="李某", why="查阅档案")})
    imported = _import(later(own_reviewable, 1), book)
    assert (imported.refused, imported.unchanged, imported.blank) == ([], 0, 1)
    first, second = own_reviewable.pool.ledger.review.in_force()
    assert {each.text: each.choice for each in (first, second)} == {AMBIGUOUS: "address", ALSO_AMBIGUOUS: "undecidable"}
    decision = next(each for each in (first, second) if each.choice == "address")
    assert (decision.address_id, decision.full_text) == ("塘下镇中心街12", f"{COUNTY}塘下镇中心街12号")
    assert (decision.decided_by, decision.reason, decision.recorded_by) == ("陈某", "实地核实", own_reviewable.actor)
    assert decision.decided_at == later(own_reviewable, 1).now != NOW
    assert decision.origin == "安阳.xlsx 第 2 行"
    assert {each["address_id"] for each in decision.candidates} == {"塘下镇中心街12", "安阳街道中心街12"}


def test_decided_cases_are_not_asked_again(own_reviewable: Context, book: Path) -> None:
    _import(own_reviewable, fill(book, {AMBIGUOUS: answer("安全答案即可"), ALSO_AMBIGUOUS: answer("库中没有")}))
    found = cases_of(own_reviewable)
    assert [case.text for case in found.waiting] == [KNOWN_BY_POSITION]
    assert [case.text for case in found.settled] == [AMBIGUOUS, ALSO_AMBIGUOUS]


def test_same_workbook_again_changes_nothing_and_more_rows_of_it_are_added(own_reviewable: Context, book: Path) -> None:
    _import(own_reviewable, fill(book, {AMBIGUOUS: answer("无法判断")}))
    before = own_reviewable.pool.ledger.review.history()
    again = _import(later(own_reviewable, 1), book)
    assert (again.accepted, again.refused, again.unchanged) == ([], [], 1)
    assert own_reviewable.pool.ledger.review.history() == before
    more = _import(later(own_reviewable, 2), fill(book, {ALSO_AMBIGUOUS: answer("无法判断")}))
    assert ([each.text for each in more.accepted], more.unchanged) == ([ALSO_AMBIGUOUS], 1)


def test_import_is_on_record_with_workbook_and_decisions(own_reviewable: Context, book: Path) -> None:
    imported = _import(own_reviewable, fill(book, {AMBIGUOUS: answer("无法判断"), ALSO_AMBIGUOUS: answer("猜的")}))
    *_, record = own_reviewable.pool.audit.records()
    assert (record.action, record.object) == ("review.import", "安阳.xlsx")
    assert record.details["decisions"] == [each.decision for each in imported.accepted]
    assert (len(record.details["workbooks"]["安阳.xlsx"]), record.details["refused"]) == (64, 1)
    assert AMBIGUOUS not in str(record), "the log itself tells no address"


def test_check_alone_writes_nothing(own_reviewable: Context, book: Path) -> None:
    fill(book, {AMBIGUOUS: answer("无法判断"), ALSO_AMBIGUOUS: answer("无法判断", who="")})
    logged = own_reviewable.pool.audit.head()
    imported = _import(own_reviewable, book, only_check=True)
    assert (len(imported.accepted), len(imported.refused)) == (1, 1)
    assert own_reviewable.pool.ledger.review.history() == []
    assert own_reviewable.pool.audit.head() == logged


def test_address_beside_the_candidates_goes_by_id_or_full_text(own_reviewable: Context, book: Path) -> None:
    by_id = answer("另指定地址", other="安阳街道安福路3")
    by_text = answer("另指定地址", other=f"{COUNTY}安阳街道中心街3号")
    imported = _import(own_reviewable, fill(book, {AMBIGUOUS: by_id, ALSO_AMBIGUOUS: by_text}))
    assert imported.refused == []
    assert {each.text: each.address_id for each in imported.accepted} == {AMBIGUOUS: "安阳街道安福路3", ALSO_AMBIGUOUS: "安阳街道中心街3"}


@pytest.mark.parametrize("written", ["候选1", " 候选 １ ", "1", 1])
def test_candidate_may_be_written_in_several_ways(reviewable: Context, cases: Cases, book: Path, written: object) -> None:
    (decision,), _ = _judged(reviewable, cases, fill(book, {AMBIGUOUS: {**answer(""), CHOICE: written}}))
    assert decision.address_id == cases.waiting[0].candidates[0].address.address_id


@pytest.mark.parametrize(
    ("cells", "column", "cause"),
    [
        (answer("无法判断", who=""), WHO, "必填"),
        (answer("无法判断", why="  "), WHY, "必填"),
        (answer("大概是第一个"), CHOICE, "“大概是第一个”不能选。这一行可选：候选 1、候选 2、安全答案即可"),
        (answer("候选 3"), CHOICE, "“候选 3”不能选"),
        (answer("候选 0"), CHOICE, "“候选 0”不能选"),
        (answer(""), CHOICE, "没有选决定"),
        (answer("", other="安阳街道安福路3", why="查阅档案"), CHOICE, "没有选决定"),
        (answer("候选 1", other="安阳街道安福路3"), OTHER, "两者矛盾"),
        (answer("另指定地址"), OTHER, "请填标准地址的编号或全称"),
        (answer("另指定地址", other="安阳街道安福路4"), OTHER, "地址库中没有“安阳街道安福路4”"),
        ({**answer("无法判断"), TEXT: "瑞安市中心街13号"}, TEXT, "原文被改动"),
        ({**answer("无法判断"), CASE: "0123456789ab"}, MARK, "被改动"),
        ({**answer("无法判断"), MARK: None}, MARK, "被改动"),
        ({**answer("无法判断"), MARK: "{}"}, MARK, "被改动"),
    ],
)
def test_faulty_row_is_refused_with_place_and_cause_and_the_others_are_taken(
    reviewable: Context, cases: Cases, book: Path, cells: Mapping[str, object], column: str, cause: str
) -> None:
    fill(book, {AMBIGUOUS: cells, ALSO_AMBIGUOUS: answer("无法判断")})
    accepted, (refusal,) = _judged(reviewable, cases, book)
    assert [each.text for each in accepted] == [ALSO_AMBIGUOUS]
    assert (refusal.file, refusal.row, refusal.column) == ("安阳.xlsx", 2, column)
    assert cause in refusal.cause
    assert str(refusal).startswith(f"安阳.xlsx，工作表“待确认”，第 2 行，列“{column}”：")


def test_all_faults_of_a_row_are_told_at_once(reviewable: Context, cases: Cases, book: Path) -> None:
    _, refused = _judged(reviewable, cases, fill(book, {AMBIGUOUS: answer("猜的", who="", why="我猜")}))
    assert [refusal.column for refusal in refused] == [WHO, CHOICE]


def _swap_candidates(mark: str) -> str:
    first, second = '["塘下镇中心街12"', '["安阳街道中心街12"'
    return mark.replace(first, "?").replace(second, first).replace("?", second)


@pytest.mark.parametrize("change", [_swap_candidates, lambda mark: mark.replace('"basis": "', '"basis": "0'), lambda mark: mark[:-1]])
def test_changed_hidden_marks_are_noticed(reviewable: Context, cases: Cases, book: Path, change: Callable[[str], str]) -> None:
    sheet = (opened := openpyxl.load_workbook(book))[CASES]
    (mark,) = [cell.column for cell in sheet[1] if cell.value == MARK]
    before = sheet.cell(2, mark).value
    sheet.cell(2, mark).value = change(before)
    assert sheet.cell(2, mark).value != before
    opened.save(book)
    _, refused = _judged(reviewable, cases, fill(book, {AMBIGUOUS: answer("候选 1")}))
    assert [refusal.column for refusal in refused] == [MARK]


def test_name_filled_down_the_column_decides_nothing(reviewable: Context, book: Path) -> None:
    fill(book, {AMBIGUOUS: {WHO: "陈某"}, ALSO_AMBIGUOUS: {WHO: "陈某"}})
    assert _import(reviewable, book, only_check=True) == Imported([], [], 0, 3)


def test_sorted_rows_and_moved_columns_mean_what_they_meant(reviewable: Context, cases: Cases, book: Path) -> None:
    candidate = _candidate(cases)
    fill(book, {AMBIGUOUS: answer(candidate)})
    sheet = (opened := openpyxl.load_workbook(book))[CASES]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    for place, values in enumerate([rows[0], *reversed(rows[1:])], start=1):
        for column, value in enumerate(reversed(values), start=1):
            sheet.cell(place, column).value = value
    opened.save(book)
    accepted, _ = _judged(reviewable, cases, book)
    assert [(each.text, each.address_id, each.origin) for each in accepted] == [(AMBIGUOUS, "塘下镇中心街12", "安阳.xlsx 第 4 行")]


def test_workbooks_that_contradict_each_other_are_both_refused(reviewable: Context, cases: Cases, book: Path, tmp_path: Path) -> None:
    other = tmp_path / "塘下.xlsx"
    other.write_bytes(book.read_bytes())
    fill(book, {AMBIGUOUS: answer("候选 1"), ALSO_AMBIGUOUS: answer("无法判断")})
    fill(other, {AMBIGUOUS: answer("候选 2"), ALSO_AMBIGUOUS: answer("无法判断", who="李某")})
    accepted, refused = _judged(reviewable, cases, book, other)
    assert [each.text for each in accepted] == [ALSO_AMBIGUOUS]
    causes = {(refusal.file, refusal.row): refusal.cause for refusal in refused}
    assert causes.keys() == {("安阳.xlsx", 2), ("塘下.xlsx", 2), ("塘下.xlsx", 4)}
    assert "塘下.xlsx 第 2 行 有不同的决定" in causes["安阳.xlsx", 2]
    assert "已在 安阳.xlsx 第 4 行 决定过" in causes["塘下.xlsx", 4]


def test_what_was_decided_otherwise_has_to_be_undone_first(own_reviewable: Context, book: Path) -> None:
    (decision,) = _import(own_reviewable, fill(book, {AMBIGUOUS: answer("无法判断")})).accepted
    imported = _import(later(own_reviewable, 1), fill(book, {AMBIGUOUS: answer("候选 1")}))
    (refusal,) = imported.refused
    assert "陈某 无法判断（实地核实）" in refusal.cause
    assert f"datapool review undo {decision.decision}" in refusal.cause

    undo_decision(later(own_reviewable, 2), decision.decision, "又查到了", "李某")
    (second,) = _import(later(own_reviewable, 3), book).accepted
    assert second.decision == decision.decision.replace("-1", "-2")
    history = own_reviewable.pool.ledger.review.history()
    assert [(each.choice, undo.undone_by if undo else None) for each, undo in history] == [("undecidable", "李某"), ("address", None)]


def test_undo_is_on_record_and_happens_once(own_reviewable: Context, book: Path) -> None:
    (decision,) = _import(own_reviewable, fill(book, {AMBIGUOUS: answer("无法判断")})).accepted
    assert undo_decision(own_reviewable, decision.case_id, "查错了", "李某") == decision
    *_, record = own_reviewable.pool.audit.records()
    assert (record.action, record.object, record.details["reason"], record.details["by"]) == (
        "review.undo",
        decision.decision,
        "查错了",
        "李某",
    )
    assert own_reviewable.pool.ledger.review.in_force() == []
    assert AMBIGUOUS in [case.text for case in cases_of(own_reviewable).waiting]
    with pytest.raises(PoolError, match=r"已由 李某 于 .* 撤销（查错了）"):
        undo_decision(own_reviewable, decision.decision, "再撤", "李某")
    with pytest.raises(PoolError, match="没有编号为 nothing 的决定"):
        undo_decision(own_reviewable, "nothing", "试试", "李某")


def test_address_that_contradicts_what_hints_tell_of_other_records_is_refused(reviewable: Context, cases: Cases, book: Path) -> None:
    (case,) = [case for case in cases.waiting if case.text == KNOWN_BY_POSITION]
    _, (refusal,) = _judged(reviewable, cases, fill(book, {KNOWN_BY_POSITION: answer(f"候选 {number_of(case, '塘下镇')}")}))
    assert f"已匹配到{COUNTY}马屿镇建设路12号（门牌）" in refusal.cause
    accepted, _ = _judged(reviewable, cases, fill(book, {KNOWN_BY_POSITION: answer(f"候选 {number_of(case, '马屿镇')}")}))
    assert len(accepted) == 1


def test_safe_answer_cannot_be_chosen_where_there_is_none(reviewable: Context, cases: Cases, book: Path) -> None:
    bare = replace(cases, waiting=[replace(case, safe=None, candidates=[]) for case in cases.waiting])
    _, (refusal,) = _judged(reviewable, bare, fill(book, {AMBIGUOUS: answer("安全答案即可")}))
    assert "这一行可选：库中没有、无法判断、另指定地址" in refusal.cause


def test_file_that_is_no_workbook_of_ours_is_refused_as_a_whole(own_reviewable: Context, book: Path, tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("不是工作簿")
    fill(book, {AMBIGUOUS: answer("无法判断")})
    with pytest.raises(ReadError, match="不是工作簿"):
        _import(own_reviewable, book, tmp_path / "text.xlsx")
    opened = openpyxl.load_workbook(book)
    opened[CASES].delete_cols(9)
    opened.save(tmp_path / "columns.xlsx")
    with pytest.raises(PoolError, match=rf"columns\.xlsx 的工作表“待确认”缺少列“{WHO}”"):
        _import(own_reviewable, tmp_path / "columns.xlsx")
    opened[CASES].title = "Sheet1"
    opened.save(tmp_path / "sheet.xlsx")
    with pytest.raises(ReadError, match="没有工作表“待确认”"):
        _import(own_reviewable, tmp_path / "sheet.xlsx")
    assert own_reviewable.pool.ledger.review.history() == []
