"""datapool review and trace on persons who may be one: listed masked, out as a workbook and back, undone; and why rows were joined."""

import json
import shutil
from pathlib import Path

import pytest

from pool import Pool
from tests.cli.command import datapool
from tests.flow.reviewing import library
from tests.flow.test_pair_review import LIBRARY, PHONE, fill, two_numbers
from tests.small_exports import RESIDENTS, write_export


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pairs")
    write_export(folder / "exports", LIBRARY, library())
    write_export(folder / "exports", RESIDENTS, two_numbers())
    answered = datapool("run", folder / "exports", "--home", folder / "home")
    assert answered.code == 0, answered.errors
    assert "可能是同一个的人员、单位 1 对" in answered.output
    return folder / "home"


@pytest.fixture
def own(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "home"))


def test_list_shows_pairs_masked_and_in_full_only_on_record(own: Path) -> None:
    answered = datapool("review", "list", "--kind", "person", "--home", own)
    assert answered.code == 0, answered.errors
    assert "待确认的人员、单位 1 对" in answered.output
    assert "张国强" not in answered.output
    assert PHONE not in answered.output
    assert "待确认的写法" not in answered.output, "addresses were not asked for"
    assert "人员和单位 1 对" in datapool("status", "--home", own).output

    found = json.loads(datapool("review", "list", "--kind", "person", "--unmasked", "--json", "--home", own).output)
    [pair] = found["pairs"]
    assert pair["rule"] == "numbers_differ"
    assert {"label": "姓名", "value": "张国强"} in pair["left"]["known"]
    assert [record.action for record in Pool.open(own).audit.records()][-1] == "review.unmasked"


def test_workbook_of_pairs_goes_out_comes_back_and_is_undone(own: Path, tmp_path: Path) -> None:
    book = tmp_path / "人员.xlsx"
    answered = datapool("review", "export", book, "--kind", "person", "--home", own)
    assert answered.code == 0, answered.errors
    assert "人员、单位 1 对" in answered.output
    assert book.stat().st_mode & 0o777 == 0o600

    answered = datapool("review", "import", fill(book, "同一", who=None), "--home", own)
    assert answered.code == 1
    assert "人员.xlsx，工作表“人员与单位”，第 2 行，列“决定人”：必填" in answered.output

    answered = datapool("review", "import", fill(book, "同一"), "--json", "--home", own)
    assert answered.code == 0, answered.errors
    [decision] = json.loads(answered.output)["accepted"]
    assert decision["choice"] == "same"
    listed = datapool("review", "list", "--decided", "--home", own).output
    assert decision["decision"] in listed
    assert "同一" in listed
    undone = datapool("review", "undo", decision["decision"], "--reason", "查错了", "--home", own)
    assert undone.code == 0, undone.errors
    assert "已撤销" in datapool("review", "list", "--decided", "--home", own).output


def test_trace_tells_why_each_row_belongs_to_the_person_and_what_it_supplies(made: Path) -> None:
    number = two_numbers()[0]["citizen_number"]
    answered = datapool("trace", "person", number, "--home", made)
    assert "归并依据：公民身份号码相同（在该行的“姓名”一栏），把握 100.0%" in answered.output
    assert "采用其值的列：公民身份号码、姓名、联系电话、身份依据" in answered.output
    [row] = json.loads(datapool("trace", "person", number, "--json", "--home", made).output)["rows"]
    assert [(link["alias"], link["rule"]) for link in row["links"]] == [("resident", "citizen_number")]
    assert row["attributes"] == ["citizen_number", "name", "phone", "identity_basis"]
