"""datapool address: the library kept from the command line, by people and by programs."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from pool import Pool
from tests.cli.command import Answer, datapool
from tests.small_library import STREET, TOWN, write_library, write_organisations

NEW = "2025-06-01"
TEXTS = {
    f"瑞安市{TOWN}中心街103号阳光小区3幢": NEW,
    f"{TOWN}中心街103号阳光小区3栋": NEW,
    f"{TOWN}中心街103号阳光小区3号楼": NEW,
    f"{TOWN}中心街103号华侨公寓": NEW,
    f"瑞安市{TOWN}中心街103号华侨公寓": NEW,
    f"瑞安{TOWN}中心街103号华侨公寓1幢": NEW,
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool with the small library; every test of this module leaves the library as it was."""
    folder = tmp_path_factory.mktemp("exports")
    write_library(folder)
    write_organisations(folder, TEXTS)
    home = tmp_path_factory.mktemp("pool") / "home"
    assert datapool("run", folder, "--home", home).code == 0
    return home


@pytest.fixture
def address(kept: Path) -> Callable[..., Answer]:
    """Run a command on the library of the pool."""
    return lambda *arguments: datapool("address", *arguments, "--home", kept)


def _edits(home: Path) -> int:
    return len(Pool.open(home).ledger.library_edits())


def test_address_is_shown_before_it_is_written_and_nobody_is_asked_twice(address: Callable[..., Answer], kept: Path) -> None:
    before = _edits(kept)
    text = f"{TOWN}中心街103号阳光小区5幢"
    shown = address("add", text, "--dry-run")
    assert shown.code == 0, shown.errors
    assert f"{STREET}103号阳光小区5栋（楼幢，编号 building-" in shown.output
    asked = address("add", text)
    assert asked.code == 2
    assert "加 --yes 确认" in asked.errors, "nobody is there to be asked"
    assert _edits(kept) == before
    written = address("add", text, "--yes", "--who", "王工", "--why", "新建", "--from", "2025-01-01")
    assert written.code == 0, written.errors
    edit = Pool.open(kept).ledger.library_edits()[-1]
    assert (edit.kind, edit.actor, edit.why, edit.payload["addresses"][0]["valid_from"]) == ("add", "王工", "新建", "2025-01-01")
    assert f"datapool address undo {edit.number}" in written.output
    assert address("undo", str(edit.number), "--why", "错").code == 0
    assert address("undo", str(edit.number)).code == 2


def test_answers_of_retire_and_rename_are_read_by_programs(address: Callable[..., Answer], kept: Path) -> None:
    [planned] = json.loads(address("retire", "C1", "--on", "2025-05-01", "--dry-run", "--json").output)
    assert (planned["kind"], planned["edit"], len(planned["rows"])) == ("retire", None, 5)
    [renamed] = json.loads(address("rename", f"{TOWN}中心街", "虹桥路", "--on", "2025-01-01", "--why", "更名", "--yes", "--json").output)
    assert renamed["payload"]["old"] == "中心街"
    events = json.loads(address("history", "--json").output)
    assert [event["state"] for event in events if event["reference"] == str(renamed["edit"])] == ["有效"]
    explained = datapool("match", "--explain", f"{TOWN}虹桥路101号", "--home", kept)
    assert "编号 H101" in explained.output
    assert "虹桥路" in address("history", "H101").output
    assert address("undo", renamed["edit"], "--why", "撤").code == 0


def test_text_that_fits_several_addresses_is_told_with_their_ids(address: Callable[..., Answer]) -> None:
    answer = address("retire", f"{TOWN}中心街999号", "--on", "2025-05-01", "--dry-run")
    assert answer.code == 2
    assert "库中没有地址" in answer.errors
    assert "编号 R1" in answer.errors


def test_import_tells_what_it_takes_and_keeps_the_rest_beside_the_file(address: Callable[..., Answer], tmp_path: Path) -> None:
    path = tmp_path / "增改.csv"
    with path.open("w", encoding="gb18030", newline="") as file:
        csv.writer(file).writerows(
            [
                ["地址编码", "上级地址编码", "级别", "标准地址全称"],
                ["B3", "C1", "楼幢", f"{STREET}103号阳光小区3栋"],
                ["X2", "C1", "楼幢", f"{STREET}103号阳光小区2幢"],
            ]
        )
    looked = address("import", path, "--dry-run")
    assert looked.code == 1, "a row was not taken"
    assert "新增 1，变更 0，不变 0，未采纳 1" in looked.output
    kept_rows = list(csv.DictReader((tmp_path / "增改未采纳.csv").open(encoding="utf-8-sig")))
    assert [(row["行"], row["列"], row["地址编码"]) for row in kept_rows] == [("3", "标准地址全称", "X2")]
    answer = json.loads(address("import", path, "--yes", "--json", "--why", "民政函", "--date", "2025-07-01").output)
    assert (answer["added"], len(answer["rejected"])) == ([f"{STREET}103号阳光小区3栋"], 1)
    assert answer["batch"] in address("history").output
    assert address("undo", answer["batch"], "--why", "发错").code == 0
    assert "已撤销" in address("history").output


def test_proposals_are_ticked_in_a_workbook_and_come_into_the_library(address: Callable[..., Answer], kept: Path, tmp_path: Path) -> None:
    path = tmp_path / "建议.xlsx"
    answer = address("suggest", "-o", path)
    assert answer.code == 0, answer.errors
    assert f"{STREET}103号阳光小区3栋" in answer.output
    assert f"华侨公寓 → {STREET}103号阳光小区" in answer.output
    assert "疑是它的别名" in "".join(answer.output.split())

    assert path.stat().st_mode & 0o077 == 0
    assert "不会覆盖" in address("suggest", "-o", path).errors

    book = openpyxl.load_workbook(path)
    sheet = book.active
    header = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        row[header.index("采纳")].value = "是"
    sheet.append(["是", "补充", f"{TOWN}中心街101号"])
    book.save(path)
    looked = address("add", "--ticked", path, "--dry-run")
    assert looked.code == 1
    assert "第 4 行" in looked.output
    assert "已在库中" in looked.output
    answer = json.loads(address("add", "--ticked", path, "--yes", "--json").output)
    assert sorted(each["kind"] for each in answer["planned"]) == ["add", "alias"]
    assert len(answer["recorded"]) == 2
    explained = datapool("match", "--explain", f"{TOWN}中心街103号华侨公寓3号楼", "--home", kept).output
    assert f"标准地址:{STREET}103号阳光小区3栋" in explained
    for number in answer["recorded"]:
        assert address("undo", number).code == 0


def test_workbook_of_another_kind_is_refused(address: Callable[..., Answer], tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["甲", "乙"])
    book.save(tmp_path / "x.xlsx")
    answer = address("add", "--ticked", tmp_path / "x.xlsx", "--yes")
    assert answer.code == 2
    assert "不是 datapool address suggest 写出的工作簿" in answer.errors
    assert address("add").code == 2


def test_trace_of_an_address_tells_its_history(kept: Path) -> None:
    answer = datapool("trace", "address", "H101", "--unmasked", "--reason", "核对", "--home", kept)
    assert answer.code == 0, answer.errors
    assert "地址来历" in answer.output
    assert "统一标准地址收录" in answer.output
    assert json.loads(datapool("trace", "address", "H101", "--home", kept, "--json").output)["history"] == []
