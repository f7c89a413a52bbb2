"""datapool review: lists, workbook out and in, undoing and checking, with the exit codes that scripts rely on."""

import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import create_engine, text

from flow.review.workbook import CASES
from pool import Pool
from tests.cli.command import datapool
from tests.flow.reviewing import ALSO_AMBIGUOUS, AMBIGUOUS, answer, fill, write_exports


@pytest.fixture(scope="module")
def reviewable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home with address texts left open, for copying and reading only."""
    folder = tmp_path_factory.mktemp("review")
    answered = datapool("run", write_exports(folder / "exports"), "--home", folder / "home")
    assert answered.code == 0, answered.errors
    return folder / "home"


@pytest.fixture
def own(reviewable: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(reviewable, tmp_path / "home"))


def test_list_shows_cases_by_records_masked_and_adds_up_to_status(reviewable: Path) -> None:
    answered = datapool("review", "list", "--home", reviewable)
    assert answered.code == 0, answered.errors
    first = answered.output.splitlines()[2].split()
    assert first[1] == "4"
    assert "瑞安市中心街12号" in answered.output, "a plate is no secret"
    assert "待确认 3 种写法，牵涉 6 条记录" in answered.output
    assert "另有 1 条写的是“同户籍地址”一类" in answered.output
    assert "待人工确认的地址 7 条（datapool review list）" in datapool("status", "--home", reviewable).output


def test_list_as_json_holds_candidates_and_sums(reviewable: Path) -> None:
    found = json.loads(datapool("review", "list", "--json", "--town", "马屿镇", "--home", reviewable).output)
    assert [len(case["candidates"]) for case in found["waiting"]] == [2, 2]
    assert (found["release"], found["settled"], found["references"]) == (1, {"cases": 0, "records": 0}, 1)


def test_long_lists_are_cut_and_say_so(reviewable: Path) -> None:
    answered = datapool("review", "list", "--limit", "1", "--home", reviewable)
    assert "共 3 种写法，只显示前 1 种" in answered.output


def test_workbook_goes_out_comes_back_and_is_undone(own: Path, tmp_path: Path) -> None:
    book = tmp_path / "安阳.xlsx"
    answered = datapool("review", "export", book, "--home", own)
    assert answered.code == 0, answered.errors
    assert "3 种写法，牵涉 6 条记录" in answered.output
    assert "0600" in answered.output
    assert book.stat().st_mode & 0o777 == 0o600

    fill(book, {AMBIGUOUS: answer("候选 1"), ALSO_AMBIGUOUS: answer("无法判断", who="")})
    checked = datapool("review", "import", book, "--dry-run", "--home", own)
    assert (checked.code, "没有写入" in checked.output) == (1, True)
    assert Pool.open(own).ledger.review.history() == []

    answered = datapool("review", "import", book, "--home", own)
    assert answered.code == 1, "one row was refused"
    assert "安阳.xlsx，工作表“待确认”，第 4 行，列“决定人”：必填" in answered.output
    assert "新决定 1 个，原已决定 0 个，未填 1 行，没有收下 1 处" in answered.output
    assert "datapool run" in answered.output

    answered = datapool("review", "import", fill(book, {ALSO_AMBIGUOUS: answer("无法判断")}), "--json", "--home", own)
    assert answered.code == 0, answered.errors
    imported = json.loads(answered.output)
    assert ([each["choice"] for each in imported["accepted"]], imported["unchanged"], imported["refused"]) == (["undecidable"], 1, [])

    listed = datapool("review", "list", "--decided", "--home", own).output
    assert imported["accepted"][0]["decision"] in listed
    assert "确认为此地址" in listed
    assert "有效的人工决定 2 个" in datapool("status", "--home", own).output
    assert "另有已决定、不再询问 2 种，5 条" in datapool("review", "list", "--home", own).output

    undone = datapool("review", "undo", imported["accepted"][0]["decision"], "--reason", "又查到了", "--by", "李某", "--home", own)
    assert undone.code == 0, undone.errors
    assert "已撤销" in datapool("review", "list", "--decided", "--home", own).output
    *_, last = json.loads(datapool("review", "list", "--decided", "--json", "--home", own).output)
    assert (last["choice"], last["undone"]["by"], last["undone"]["reason"]) == ("undecidable", "李某", "又查到了")
    again = datapool("review", "undo", imported["accepted"][0]["decision"], "--reason", "又查到了", "--home", own)
    assert again.code == 2
    assert "不必再撤销" in again.errors
    actions = [record.action for record in Pool.open(own).audit.records() if record.action.startswith("review.")]
    assert actions == ["review.export", "review.import", "review.import", "review.undo"]


def test_export_takes_the_cases_asked_for(own: Path, tmp_path: Path) -> None:
    datapool("review", "export", tmp_path / "one.xlsx", "--limit", "1", "--home", own)
    datapool("review", "export", tmp_path / "town.xlsx", "--town", "马屿镇", "--home", own)
    rows = [openpyxl.load_workbook(tmp_path / name)[CASES].max_row - 1 for name in ("one.xlsx", "town.xlsx")]
    assert rows == [1, 2]


def test_check_is_code_1_where_the_library_answers_otherwise(own: Path, tmp_path: Path) -> None:
    book = tmp_path / "book.xlsx"
    datapool("review", "export", book, "--home", own)
    datapool("review", "import", fill(book, {AMBIGUOUS: answer("候选 1")}), "--home", own)
    answered = datapool("review", "check", "--output", tmp_path / "cases.csv", "--home", own)
    assert answered.code == 0, answered.output
    assert "有效的决定 1 个" in answered.output
    assert "都与现在的匹配结果相符" in answered.output
    assert (tmp_path / "cases.csv").stat().st_mode & 0o777 == 0o600

    _lose_the_address(own)
    answered = datapool("review", "check", "--home", own)
    assert answered.code == 1
    assert "现在标准地址库已没有决定的这个地址" in answered.output
    [deviation] = json.loads(datapool("review", "check", "--json", "--home", own).output)["deviations"]
    assert deviation["cause"] == "标准地址库已没有决定的这个地址"


def _lose_the_address(home: Path) -> None:
    """As if the address had gone from the library since."""
    with create_engine(f"sqlite:///{Pool.open(home).paths.ledger_file}").begin() as connection:
        connection.execute(text("UPDATE review_decision SET address_id = 'gone'"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("export", "book.csv"), "扩展名应为 .xlsx"),
        (("export", "book.xlsx", "--town", "莘塍街道"), "没有待确认的地址在“莘塍街道”"),
        (("undo", "nothing", "--reason", "试试"), "没有编号为 nothing 的决定"),
        (("undo", "nothing"), "--reason"),
        (("import", "nowhere.xlsx"), "nowhere.xlsx"),
        (("list", "--limit", "0"), "--limit"),
    ],
)
def test_what_cannot_be_done_is_code_2_and_said(
    reviewable: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    answered = datapool("review", *arguments, "--home", reviewable)
    assert answered.code == 2
    assert message in answered.errors
    assert list(tmp_path.iterdir()) == []


def test_home_that_is_no_pool_is_said_and_nothing_is_made_there(tmp_path: Path) -> None:
    answered = datapool("review", "list", "--home", tmp_path / "typo")
    assert answered.code == 2
    assert "没有数据池" in answered.errors
    assert not (tmp_path / "typo").exists()
