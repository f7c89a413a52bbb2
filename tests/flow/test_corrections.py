"""What departments have to correct goes out once under a number, comes back as answers, and is settled by what they deliver."""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import create_engine, text

import flow.corrections.issue
from flow.context import Context
from flow.corrections.issue import Issued, issue
from flow.corrections.listing import list_sheets, show_sheet
from flow.corrections.state import asked
from flow.corrections.take import take
from flow.corrections.workbook import BROKEN, CONFLICTS, ITEM, KEPT, MARK, NEW, NOTE, OTHER, OWN, REJECTED, WHO
from flow.erase.erase import erase, prepare
from flow.progress import silent
from flow.rebuild import rebuild
from flow.run import run
from flow.summary import summarise
from pool import PoolError
from pool.verify import verify
from samples.identifiers import with_wrong_check
from tests.cli.command import datapool
from tests.flow.erasing import patient
from tests.small_exports import NOW, ORGANISATIONS, RESIDENTS, context_at, organisations, residents, write_export

DEATHS = "civil_affairs.death"
POLICE, CIVIL = "市公安局", "市民政局"
FORMULA = '=HYPERLINK("http://a.invalid","1")'
Row = dict[str, str]


def on_day(home: Path, day: int) -> Context:
    return patient(context_at(home, now=NOW + timedelta(days=day), run=f"run-{day}"))


def people() -> list[Row]:
    """Twelve residents: the fourth without address, the sixth dead, a number that is mistyped besides."""
    rows = [row | {"phone": "13957700000"} for row in residents(12)]
    rows[3]["registered_address_text"] = ""
    rows[5]["death_date"] = "2025-05-01"
    return [*rows, rows[0] | {"citizen_number": with_wrong_check(rows[0]["citizen_number"])}]


def deaths() -> list[Row]:
    """One on another day than the police say, one without its day, and three of whom nobody says anything else."""
    dead = {"name": "张某5", "citizen_number": residents(6)[5]["citizen_number"], "death_date": "2025-05-03"}
    others = [
        {"cremation_number": f"C{place}", "name": row["name"], "citizen_number": row["citizen_number"], "death_date": "2025-04-01"}
        for place, row in enumerate(residents(12)[8:11], start=3)
    ]
    return [{"cremation_number": "C1", **dead}, {"cremation_number": "C2", "name": "李某", "death_date": ""}, *others]


def firms() -> list[Row]:
    rows = organisations(6)
    return [*rows, rows[0] | {"uscc": FORMULA}]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool with one release, for copying and reading only."""
    folder = tmp_path_factory.mktemp("corrections")
    for contract, rows in ((RESIDENTS, people()), (DEATHS, deaths()), (ORGANISATIONS, firms())):
        write_export(folder / "exports", contract, rows)
    assert run(on_day(folder / "home", 0), folder / "exports") == 1
    return folder / "home"


@pytest.fixture
def own(home: Path, tmp_path: Path) -> Context:
    """A copy of that pool on the same day."""
    return on_day(Path(shutil.copytree(home, tmp_path / "home", symlinks=True)), 0)


def cells_of(path: Path, sheet: str = REJECTED) -> dict[str, dict[str, Any]]:
    """The rows of a workbook by the number of their item."""
    headings, *rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    named = [dict(zip(map(str, headings), row, strict=True)) for row in rows]
    return {str(row[ITEM]): row for row in named}


def fill(path: Path, answers: Mapping[str, Mapping[str, str | None]], sheet: str = REJECTED) -> Path:
    """Fill in a workbook as a spreadsheet program does: item to header to value."""
    book = openpyxl.load_workbook(path)
    headers = {cell.value: cell.column for cell in book[sheet][1]}
    for row in range(2, book[sheet].max_row + 1):
        for header, value in answers.get(book[sheet].cell(row, headers[ITEM]).value, {}).items():
            book[sheet].cell(row, headers[header]).value = value
    book.save(path)
    return path


def issued(context: Context, folder: Path, **options: Any) -> dict[str, Issued]:
    return {each.sheet.department: each for each in issue(context, folder, **options)}


def number_of(path: Path, problem: str) -> str:
    """The item whose problem says this."""
    [number] = [item for item, row in cells_of(path).items() if problem in str(row["问题"])]
    return number


def states(context: Context) -> dict[str, str]:
    return {each.item.item: each.state for each in asked(context)}


def test_each_department_gets_its_own_rows_with_value_problem_and_what_is_expected(own: Context, tmp_path: Path) -> None:
    sheets = issued(own, tmp_path / "out")
    assert sheets.keys() == {POLICE, CIVIL}
    assert [each.sheet.receipt for each in sheets.values()] == ["GZ20250701-01", "GZ20250701-02"]
    police = cells_of(sheets[POLICE].path)
    wrong = police[number_of(sheets[POLICE].path, "公民身份号码")]
    assert wrong[OWN] == people()[-1]["citizen_number"]
    assert "请对照证件或执照核对号码" in wrong["应为"]
    assert "GB 11643-1999" in wrong["应为"]
    assert (wrong["文件"], wrong["行"]) == ("resident_population_20250630.csv", 14)
    missing = police[number_of(sheets[POLICE].path, "户籍")]
    assert missing["记录"] == f"公民身份号码：{people()[3]['citizen_number']}"
    assert missing["应为"].startswith("请在源系统补填后重新报送")
    assert sheets[POLICE].path.stat().st_mode & 0o777 == 0o600


def test_what_looks_like_a_formula_is_text(own: Context, tmp_path: Path) -> None:
    path = issued(own, tmp_path / "out")[CIVIL].path
    cell = next(cell for row in openpyxl.load_workbook(path)[REJECTED].iter_rows() for cell in row if cell.value == FORMULA)
    assert cell.data_type == "s"


def test_both_departments_see_a_disagreement_their_own_value_in_the_clear_the_other_one_masked(own: Context, tmp_path: Path) -> None:
    sheets = issued(own, tmp_path / "out")
    [police] = cells_of(sheets[POLICE].path, CONFLICTS).values()
    [civil] = cells_of(sheets[CIVIL].path, CONFLICTS).values()
    assert (police[OWN], civil[OWN]) == ("2025-05-01", "2025-05-03")
    assert police[OTHER] == f"{CIVIL}“死亡”（2025-06-30）：20*******3"
    assert (police["现状"], civil["现状"]) == (f"与{CIVIL}不一致，采用了对方的值", f"与{POLICE}不一致，采用了本部门的值")
    assert civil["记录"] == "火化编号：C1"


def test_row_that_breaks_a_quality_rule_is_asked_of_its_department_until_a_delivery_keeps_it(own: Context, tmp_path: Path) -> None:
    wrong = people()
    wrong[7]["birth_date"] = "1999-09-09"
    write_export(tmp_path / "wrong", RESIDENTS, wrong, period="20250701")
    assert run(on_day(own.pool.home, 1), tmp_path / "wrong") == 2
    sheets = issued(on_day(own.pool.home, 1), tmp_path / "out")
    assert BROKEN not in openpyxl.load_workbook(sheets[CIVIL].path).sheetnames
    [(number, row)] = cells_of(sheets[POLICE].path, BROKEN).items()
    number_said = f"公民身份号码：{wrong[7]['citizen_number']}"
    assert (row["数据集"], row["文件"], row["行"], row["记录"]) == ("常住人口", "resident_population_20250701.csv", 9, number_said)
    assert (row["列"], row[OWN]) == ("公民身份号码、出生日期", f"{number_said}\n出生日期：1999-09-09")
    assert row["问题"] == "不符合：出生日期与公民身份号码中的一致"
    path = fill(sheets[POLICE].path, {number: {KEPT: "出生医学证明", WHO: "陈某"}}, BROKEN)
    assert [(each.item, each.choice) for each in take(on_day(own.pool.home, 1), [path]).accepted] == [(number, "kept")]
    write_export(tmp_path / "again", RESIDENTS, wrong, period="20250702")
    run(on_day(own.pool.home, 2), tmp_path / "again")
    assert states(on_day(own.pool.home, 2))[number] == "answered", "the same value in the next export is the same item"
    write_export(tmp_path / "right", RESIDENTS, people(), period="20250703")
    run(on_day(own.pool.home, 3), tmp_path / "right")
    assert states(on_day(own.pool.home, 3))[number] == "settled"


def test_more_rows_of_one_rule_than_a_sheet_takes_wait_for_the_next(own: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = people()
    for row in wrong[6:9]:
        row["birth_date"] = "1999-09-09"
    write_export(tmp_path / "wrong", RESIDENTS, wrong, period="20250701")
    run(on_day(own.pool.home, 1), tmp_path / "wrong")
    monkeypatch.setattr(flow.corrections.issue, "MOST_BROKEN", 2)
    first = issued(on_day(own.pool.home, 1), tmp_path / "out", department=POLICE)[POLICE]
    assert (first.later, len(cells_of(first.path, BROKEN))) == (1, 2)
    second = issued(on_day(own.pool.home, 1), tmp_path / "out", department=POLICE)[POLICE]
    assert (second.new, second.later, len(cells_of(second.path, BROKEN))) == (1, 0, 1)


def test_what_stands_is_kept_with_the_release_and_looked_for_anew_when_anything_changes(own: Context, tmp_path: Path) -> None:
    issued(own, tmp_path / "out")
    better = people()
    better[3]["registered_address_text"] = residents(1)[0]["registered_address_text"]
    write_export(tmp_path / "next", RESIDENTS, better, period="20250701")
    run(on_day(own.pool.home, 1), tmp_path / "next")
    after = on_day(own.pool.home, 1)
    found, batches = states(after), after.pool.paths.batches
    assert sorted(found.values()) == ["open"] * 5 + ["settled"]
    batches.rename(batches.with_name("elsewhere"))
    assert (states(after), summarise(after).corrections) == (found, {"open": 5, "settled": 1}), "no batch is read"
    batches.with_name("elsewhere").rename(batches)
    withdrawn = [entry.batch for entry in after.pool.ledger.batches(contract=RESIDENTS) if entry.period == "2025-07-01"]
    after.pool.ledger.set_batch_status(withdrawn[0], "withdrawn", now=after.now)
    assert set(states(after).values()) == {"open"}, "the export that made it good counts no more"


def test_what_was_asked_is_not_asked_twice_but_may_be_sent_again_under_its_number(own: Context, tmp_path: Path) -> None:
    first = issued(own, tmp_path / "out")
    assert issue(own, tmp_path / "out") == []
    again = issued(own, tmp_path / "out", department=POLICE, again=True)
    assert (again[POLICE].new, again[POLICE].again) == (0, 3)
    assert cells_of(again[POLICE].path).keys() == cells_of(first[POLICE].path).keys()
    write_export(tmp_path / "next", RESIDENTS, people(), period="20250701")
    assert run(on_day(own.pool.home, 1), tmp_path / "next") == 2
    assert issue(on_day(own.pool.home, 1), tmp_path / "out") == [], "the same fault in the next export is the same item"


def test_items_are_settled_by_the_delivery_without_the_fault_and_overdue_without_one(own: Context, tmp_path: Path) -> None:
    sheets = issued(own, tmp_path / "out", days=10)
    missing, wrong = (number_of(sheets[POLICE].path, problem) for problem in ("户籍", "校验码"))
    undated = number_of(sheets[CIVIL].path, "死亡")
    assert set(states(own).values()) == {"open"}
    better = people()
    better[3]["registered_address_text"] = residents(1)[0]["registered_address_text"]
    write_export(tmp_path / "next", RESIDENTS, better, period="20250701")
    write_export(tmp_path / "next", DEATHS, [deaths()[1] | {"death_date": "2025-06-02"}], period="20250701")
    run(on_day(own.pool.home, 10), tmp_path / "next")
    found = states(on_day(own.pool.home, 10))
    assert (found[missing], found[undated], found[wrong]) == ("settled", "settled", "open")
    late = on_day(own.pool.home, 11)
    assert states(late)[wrong] == "overdue"
    assert summarise(late).corrections == {"settled": 2, "overdue": 4}
    assert [each["overdue"] for each in list_sheets(late)] == [2, 2]


def test_answers_are_kept_and_hold_until_a_delivery_brings_the_fault_again(own: Context, tmp_path: Path) -> None:
    path = issued(own, tmp_path / "out")[POLICE].path
    missing, wrong = (number_of(path, problem) for problem in ("户籍", "校验码"))
    fill(path, {missing: {NEW: "安阳街道安福路3号", WHO: "陈某"}, wrong: {KEPT: "护照号码", WHO: "陈某"}})
    before = own.pool.releases.current()
    taken = take(own, [path])
    assert ([each.choice for each in taken.accepted], taken.refused, taken.blank) == (["corrected", "kept"], [], 1)
    assert own.pool.releases.current() == before
    answered = {each["item"]: (each["state"], each["choice"], each["answered_by"]) for each in show_sheet(own, missing[:-5])["detail"]}
    assert answered[missing] == ("answered", "corrected", "陈某")
    write_export(tmp_path / "next", RESIDENTS, people(), period="20250701")
    run(on_day(own.pool.home, 1), tmp_path / "next")
    found = states(on_day(own.pool.home, 1))
    assert (found[missing], found[wrong]) == ("open", "answered")


@pytest.mark.parametrize(
    ("cells", "column", "cause"),
    [
        ({NEW: "某处", WHO: None}, WHO, "必填"),
        ({NEW: "某处", KEPT: "无误", WHO: "陈某"}, KEPT, "两者矛盾"),
        ({NEW: "某处", WHO: "陈某", ITEM: "GZ20250701-77-0001"}, ITEM, "没有回执号“GZ20250701-77”的更正单"),
        ({NEW: "某处", WHO: "陈某", ITEM: "GZ20250701-02-0999"}, ITEM, "没有编号为“GZ20250701-02-0999”的项"),
        ({NEW: "某处", WHO: "陈某", ITEM: "GZ20250701-01-0003"}, MARK, "标识被改动"),
        ({NEW: "某处", WHO: "陈某", OWN: "13900000000"}, OWN, "原值被改动"),
    ],
)
def test_row_that_cannot_be_taken_is_told_with_its_place_and_the_others_are_taken(
    own: Context, tmp_path: Path, cells: Mapping[str, str | None], column: str, cause: str
) -> None:
    path = issued(own, tmp_path / "out")[POLICE].path
    numbers = list(cells_of(path))
    fill(path, {numbers[0]: cells, numbers[1]: {NOTE: "正在核实", WHO: "陈某"}})
    taken = take(own, [path])
    assert [each.item for each in taken.accepted] == [numbers[1]]
    [refusal] = taken.refused
    assert (refusal.file, refusal.sheet, refusal.row, refusal.column) == (path.name, REJECTED, 2, column)
    assert cause in refusal.cause
    assert "第 2 行" in str(refusal)


def test_file_taken_twice_and_file_of_nobody_keep_no_other_file_out(own: Context, tmp_path: Path) -> None:
    sheets = issued(own, tmp_path / "out")
    for department, problem in ((POLICE, "户籍"), (CIVIL, "死亡")):
        fill(sheets[department].path, {number_of(sheets[department].path, problem): {NOTE: "已补", WHO: "陈某"}})
    take(own, [sheets[POLICE].path])
    (tmp_path / "空.xlsx").write_text("不是工作簿")
    taken = take(own, [sheets[POLICE].path, tmp_path / "空.xlsx", sheets[CIVIL].path])
    assert [each.item for each in taken.accepted] == [number_of(sheets[CIVIL].path, "死亡")]
    twice, unreadable = taken.refused
    assert "同一个文件已于 2025-07-01 10:00" in str(twice)
    assert str(unreadable).startswith("空.xlsx：读不了")
    openpyxl_saves_other_bytes = fill(sheets[POLICE].path, {number_of(sheets[POLICE].path, "校验码"): {NOTE: "在查", WHO: "陈某"}})
    more = take(own, [openpyxl_saves_other_bytes])
    assert (len(more.accepted), more.unchanged, more.refused) == (1, 1, [])


def test_dry_run_writes_nothing(own: Context, tmp_path: Path) -> None:
    path = issued(own, tmp_path / "out")[POLICE].path
    fill(path, {number_of(path, "户籍"): {NOTE: "已补", WHO: "陈某"}})
    logged = own.pool.audit.head()
    assert len(take(own, [path], only_check=True).accepted) == 1
    assert (own.pool.ledger.corrections.answers(), own.pool.audit.head()) == ([], logged)


def test_ledger_and_log_hold_no_value_and_notice_who_edits_them(own: Context, tmp_path: Path) -> None:
    sheets = issued(own, tmp_path / "out")
    told = str(own.pool.ledger.corrections.items()) + str(list(own.pool.audit.records()))
    assert not any(row["citizen_number"] in told for row in people())
    assert [(each.action, each.object) for each in own.pool.audit.records("corrections.issue")] == [
        ("corrections.issue", sheets[department].sheet.receipt) for department in (POLICE, CIVIL)
    ]
    assert not list(verify(own.pool))
    with create_engine(f"sqlite:///{own.pool.paths.ledger_file}").begin() as connection:
        connection.execute(text("DELETE FROM correction_item WHERE item LIKE '%-01-0001'"))
    assert own.pool.ledger.broken_seals() == [("correction_item", "GZ20250701-01-0001", "missing")]
    assert "更正单的项" in str([each.message for each in verify(own.pool)])


def test_erased_person_stands_in_no_item_and_no_answer(own: Context, tmp_path: Path) -> None:
    path = issued(own, tmp_path / "out")[POLICE].path
    missing, wrong = (number_of(path, problem) for problem in ("户籍", "校验码"))
    her = people()[3]
    answers: dict[str, dict[str, str | None]] = {
        missing: {NEW: "安福路3号", WHO: "陈某"},
        wrong: {NOTE: f"应是{her['citizen_number']}", WHO: "陈某"},
    }
    take(own, [fill(path, answers)])
    plan = prepare(own, silent, identifier=her["citizen_number"])
    erase(own, plan, "2025 年第 9 号申请")
    ledger = own.pool.ledger.corrections
    assert missing not in {each.item for each in ledger.items()}
    assert wrong in {each.item for each in ledger.items()}
    assert ledger.answers() == []
    assert her["citizen_number"].encode() not in own.pool.paths.ledger_file.read_bytes()
    assert own.pool.ledger.broken_seals() == []
    assert show_sheet(own, missing[:-5])["erased"] == 1
    refused = take(own, [fill(path, {missing: {NEW: "安福路5号"}})]).refused
    assert "依申请删除" in refused[0].cause


def test_rebuilt_pool_knows_sheets_items_and_answers(own: Context, tmp_path: Path) -> None:
    path = issued(own, tmp_path / "out")[POLICE].path
    take(own, [fill(path, {number_of(path, "户籍"): {NEW: "安福路3号", WHO: "陈某"}})])
    rebuilt, _ = rebuild(replace(own, run="run-9"), tmp_path / "other")
    for kept in ("sheets", "items", "answers"):
        assert getattr(rebuilt.pool.ledger.corrections, kept)() == getattr(own.pool.ledger.corrections, kept)()
    assert states(rebuilt) == states(own)
    assert issue(rebuilt, tmp_path / "out") == []


def test_command_issues_lists_shows_and_takes(own: Context, tmp_path: Path) -> None:
    at = ("--home", own.pool.home)
    said = datapool("corrections", "issue", "--department", "civil_affairs", "--out", tmp_path / "out", *at)
    assert (said.code, "已发出" in said.output) == (0, True)
    [path] = (tmp_path / "out").iterdir()
    listed = datapool("corrections", "list", *at)
    assert (listed.code, CIVIL in listed.output) == (0, True)
    number = number_of(path, "死亡")
    assert number in datapool("corrections", "show", number[:-5], *at).output
    taken = datapool("corrections", "take", fill(path, {number: {NOTE: "已补", WHO: "陈某"}}), *at)
    assert (taken.code, "新答复 1 项" in taken.output) == (0, True)
    assert "返还来源更正：待答复 2 项、逾期 0 项、已答复 1 项、已办结 0 项" in datapool("status", *at).output
    unknown = datapool("corrections", "issue", "--department", "教育局", *at)
    assert (unknown.code, "没有部门“教育局”" in unknown.errors) == (2, True)
    with pytest.raises(PoolError, match="没有回执号“GZ1”的更正单"):
        show_sheet(own, "GZ1")
