"""What is put before people: every text left open, with what helps to decide; and the workbook it is put in."""

from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest

from flow.context import Context
from flow.progress import silent
from flow.review.case import Case
from flow.review.export import export_cases, select_cases
from flow.review.listing import list_cases
from flow.review.workbook import CANDIDATE, CASES, CHOICE, GUIDE, MARK, OPTIONS, STEPS, TEXT, WHY, options_of, write_workbook
from flow.summary import summarise
from pool import PoolError, ReviewDecision, ReviewUndo
from tests.flow.reviewing import (
    ALSO_AMBIGUOUS,
    AMBIGUOUS,
    COUNTY,
    KNOWN_BY_POSITION,
    REFERENCE,
    cases_of,
    exported,
)
from tests.small_exports import NOW, ORGANISATIONS, RESIDENTS, context_at


@pytest.fixture(scope="module")
def cases(reviewable: Context) -> dict[str, Case]:
    return {case.text: case for case in cases_of(reviewable).waiting}


@pytest.fixture(scope="module")
def book(reviewable: Context, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    return openpyxl.load_workbook(exported(reviewable, tmp_path_factory.mktemp("book") / "待确认.xlsx"))


def _column(book: openpyxl.Workbook, header: str) -> list[object]:
    sheet = book[CASES]
    (place,) = [cell.column for cell in sheet[1] if cell.value == header]
    return [sheet.cell(row, place).value for row in range(2, sheet.max_row + 1)]


def test_every_text_stands_once_those_with_most_records_first(reviewable: Context) -> None:
    found = cases_of(reviewable)
    assert [(case.text, case.records) for case in found.waiting] == [(AMBIGUOUS, 4), (KNOWN_BY_POSITION, 1), (ALSO_AMBIGUOUS, 1)]
    assert found.waiting[0].datasets == {RESIDENTS: 3, ORGANISATIONS: 1}


def test_cases_and_references_add_up_to_what_status_counts(reviewable: Context) -> None:
    found = cases_of(reviewable)
    assert found.references == 1
    assert not any(case.text == REFERENCE for case in found.waiting), "as an alias it would send everybody to one address"
    assert sum(case.records for case in found.waiting) + found.references == summarise(reviewable).review


def test_case_shows_safe_answer_candidates_and_how_they_differ(cases: dict[str, Case]) -> None:
    case = cases[AMBIGUOUS]
    assert case.safe is not None
    assert case.safe.full_text == COUNTY
    assert {each.address.full_text for each in case.candidates} == {f"{COUNTY}安阳街道中心街12号", f"{COUNTY}塘下镇中心街12号"}
    by_town = {each.address.town: each.explanation for each in case.candidates}
    assert by_town["塘下镇"] == "原文没有这样写：乡镇街道 塘下镇"
    assert case.doubt == "2个候选同样可能，乡镇街道不同"
    assert case.dates is not None
    assert str(case.dates[0]) == "2015-03-02", "of the organisation"


def test_case_tells_where_the_same_text_was_matched_by_its_hints(cases: dict[str, Case]) -> None:
    elsewhere = cases[KNOWN_BY_POSITION].elsewhere
    assert {(address.full_text, records) for address, records in elsewhere.items()} == {(f"{COUNTY}马屿镇建设路12号", 1)}
    assert cases[AMBIGUOUS].elsewhere == {}


def test_case_keeps_its_name_and_its_basis_hangs_on_the_choice_alone(cases: dict[str, Case]) -> None:
    case = cases[AMBIGUOUS]
    assert replace(case, datasets={RESIDENTS: 99}, candidates=case.candidates[::-1]).basis == case.basis
    assert replace(case, candidates=case.candidates[:1]).basis != case.basis
    assert replace(case, safe=None).basis != case.basis
    assert len({each.case_id for each in cases.values()}) == len(cases)


def test_texts_without_any_answer_are_cases_where_asked_for(reviewable: Context) -> None:
    assert {case.status for case in cases_of(reviewable).waiting} == {"review"}
    assert {case.text for case in cases_of(reviewable, unmatched=True).waiting} >= {AMBIGUOUS, ALSO_AMBIGUOUS}


def test_text_with_several_addresses_cannot_be_the_other_name_of_one(cases: dict[str, Case]) -> None:
    assert options_of(cases[AMBIGUOUS]) == ("候选 1", "候选 2", "安全答案即可", "库中没有", "无法判断", "另指定地址")
    assert options_of(replace(cases[AMBIGUOUS], parts=2)) == ("安全答案即可", "库中没有", "无法判断")
    assert options_of(replace(cases[AMBIGUOUS], safe=None, candidates=[])) == ("库中没有", "无法判断", "另指定地址")


def test_town_and_dataset_pick_cases_and_one_that_has_none_is_said(reviewable: Context) -> None:
    waiting = cases_of(reviewable).waiting
    assert [case.text for case in select_cases(reviewable, waiting, town="马屿镇", dataset=None)] == [KNOWN_BY_POSITION, ALSO_AMBIGUOUS]
    assert [case.text for case in select_cases(reviewable, waiting, town=None, dataset=ORGANISATIONS)] == [AMBIGUOUS]
    with pytest.raises(PoolError, match=r"没有待确认的地址在“莘塍街道”。有的是：塘下镇、安阳街道、马屿镇。"):
        select_cases(reviewable, waiting, town="莘塍街道", dataset=None)
    with pytest.raises(PoolError, match=r"有的是：.*常住人口"):
        select_cases(reviewable, waiting, town=None, dataset="civil_affairs.care_home")


def test_case_whose_confirmed_address_is_gone_is_asked_again_and_tells_of_the_decision(
    own_reviewable: Context, cases: dict[str, Case]
) -> None:
    case = cases[AMBIGUOUS]
    decision = ReviewDecision(
        f"{case.case_id}-1", case.case_id, case.text, "address", "安阳街道中心街12", "", case.basis, "", "", "陈某", "", NOW, ""
    )
    own_reviewable.pool.ledger.review.record([decision])
    assert [each.text for each in cases_of(own_reviewable).settled] == [AMBIGUOUS]
    gone = replace(decision, decision=f"{case.case_id}-2", address_id="不在库中")
    own_reviewable.pool.ledger.review.record([gone], [ReviewUndo(decision.decision, "陈某", "", NOW, "")])
    found = cases_of(own_reviewable)
    assert found.settled == []
    assert found.waiting[0].decided == gone


def test_pool_without_a_release_has_no_cases(tmp_path: Path) -> None:
    with pytest.raises(PoolError, match="还没有发布"):
        cases_of(context_at(tmp_path / "home"))


def test_listed_addresses_are_masked_and_shown_only_on_record(own_reviewable: Context, cases: dict[str, Case]) -> None:
    home = "瑞安市安阳街道安福路12号2幢301室"
    (listed,) = list_cases(own_reviewable, [replace(cases[AMBIGUOUS], text=home)], unmasked=False)
    assert listed["text"] == "瑞安市安阳街道安福路12号2幢***"
    assert not any(record.action == "review.unmasked" for record in own_reviewable.pool.audit.records())
    (listed,) = list_cases(own_reviewable, [replace(cases[AMBIGUOUS], text=home)], unmasked=True)
    assert listed["text"] == home
    assert [record.details for record in own_reviewable.pool.audit.records() if record.action == "review.unmasked"] == [{"rows": 1}]


def test_workbook_has_a_row_a_case_a_guide_and_the_steps_of_the_matcher(book: openpyxl.Workbook, cases: dict[str, Case]) -> None:
    assert book.sheetnames == [CASES, GUIDE, STEPS, OPTIONS]
    assert book.active.title == CASES
    assert _column(book, TEXT) == list(cases)
    shown = _column(book, "候选地址")[0]
    for number, each in enumerate(cases[AMBIGUOUS].candidates, start=1):
        assert f"{number}. {each.address.full_text}（门牌）\n    {each.explanation}" in str(shown)
    assert _column(book, "来源")[0] == "常住人口 3 条\n社会组织 1 条"
    assert _column(book, "安全答案")[0] == f"{COUNTY}（县市区）"
    assert AMBIGUOUS in str(book[STEPS]["C2"].value)
    guide = "".join(str(cell.value) for row in book[GUIDE].iter_rows() for cell in row)
    assert all(word in guide for word in (CANDIDATE, "安全答案即可", "库中没有", "无法判断", "发布 1"))


def test_header_stays_in_view_rows_can_be_filtered_and_marks_are_hidden(book: openpyxl.Workbook) -> None:
    sheet = book[CASES]
    assert sheet.freeze_panes == "D2"
    assert sheet.auto_filter.ref.startswith("A1:")
    hidden = [cell.value for cell in sheet[1] if sheet.column_dimensions[cell.column_letter].hidden]
    assert sheet.column_dimensions["P"].hidden
    assert {OPTIONS, MARK} >= set(hidden)
    assert book[OPTIONS].sheet_state == "hidden"


def test_drop_down_offers_what_the_case_allows_wherever_its_row_is_sorted_to(book: openpyxl.Workbook, cases: dict[str, Case]) -> None:
    sheet = book[CASES]
    choices, reasons = sheet.data_validations.dataValidation
    assert choices.formula1 == "OFFSET('选项'!$A$1,0,$P2,COUNTA(OFFSET('选项'!$A$1,0,$P2,30,1)),1)"
    assert (choices.type, choices.showErrorMessage) == ("list", True)
    assert not reasons.showErrorMessage, "people may give their own reason"
    (place,) = [cell.column_letter for cell in sheet[1] if cell.value == OPTIONS]
    assert place == "P"
    for row, text in enumerate(_column(book, TEXT), start=2):
        offered = next(book[OPTIONS].iter_cols(*[sheet[f"P{row}"].value + 1] * 2, values_only=True))
        assert tuple(each for each in offered if each) == options_of(cases[str(text)])
    validated = {cell.column for cell in sheet[1] if cell.value in (CHOICE, WHY)}
    assert {area.min_col for each in (choices, reasons) for area in each.sqref.ranges} == validated


def test_text_that_looks_like_a_formula_stays_text(reviewable: Context, cases: dict[str, Case], tmp_path: Path) -> None:
    write_workbook(tmp_path / "book.xlsx", [replace(cases[AMBIGUOUS], text="=1+1")], lambda _: "@SUM(A1)", {}, "")
    book = openpyxl.load_workbook(tmp_path / "book.xlsx")
    assert (book[CASES]["C2"].value, book[CASES]["C2"].data_type) == ("=1+1", "s")
    assert book[STEPS]["C2"].data_type == "s"


def test_workbook_is_private_on_record_and_never_overwritten(own_reviewable: Context, tmp_path: Path) -> None:
    path = exported(own_reviewable, tmp_path / "待确认.xlsx")
    assert path.stat().st_mode & 0o777 == 0o600
    *_, record = [record for record in own_reviewable.pool.audit.records() if record.action == "review.export"]
    assert (record.object, record.details["cases"], record.details["records"]) == ("待确认.xlsx", 3, 6)
    written = path.read_bytes()
    with pytest.raises(PoolError, match="已经存在"):
        exported(own_reviewable, path)
    assert path.read_bytes() == written
    with pytest.raises(PoolError, match=r"扩展名应为 \.xlsx"):
        exported(own_reviewable, tmp_path / "待确认.csv")


def test_workbook_that_cannot_be_finished_leaves_nothing(own_reviewable: Context, tmp_path: Path) -> None:
    cases = cases_of(own_reviewable)
    with pytest.raises(KeyError):
        export_cases(
            own_reviewable,
            cases,
            [replace(cases.waiting[0], status="review", candidates=[], reason="?")],
            tmp_path / "a.xlsx",
            progress=silent,
        )
    assert list(tmp_path.glob("*.xlsx")) == []
