"""datapool trace: from a record back to file, sheet, row and cells."""

import json
from pathlib import Path

import pytest

from pool import Pool
from tests.cli.command import datapool
from tests.cli.conftest import PEOPLE
from tests.small_exports import ORGANISATIONS, organisations, residents, write_export

ROOT = Path(__file__).parents[2]
NUMBER = residents(PEOPLE)[2]["citizen_number"]


def _id_of(home: Path, uscc: str) -> str:
    sql = f"SELECT organisation_id FROM organisation WHERE uscc = '{uscc}'"
    [row] = json.loads(datapool("query", sql, "--home", home, "--format", "json").output)
    return str(row["organisation_id"])


def test_person_leads_to_the_row_of_the_file_masked(home: Path) -> None:
    answer = datapool("trace", "person", NUMBER, "--home", home)
    assert answer.code == 0, answer.errors
    assert "resident_population_20250630.csv，第 4 行" in answer.output
    assert "采用" in answer.output
    assert "发布 1" in answer.output
    assert NUMBER not in answer.output
    assert "张某2" not in answer.output
    assert "13957700000" not in answer.output


def test_json_holds_file_sheet_row_and_cells(home: Path) -> None:
    found = json.loads(datapool("trace", "person", NUMBER, "--home", home, "--json").output)
    [row] = found["rows"]
    assert (row["receipt"]["file_name"], row["sheet"], row["row"], row["role"]) == ("resident_population_20250630.csv", "", 4, "survivor")
    assert row["cells"]["姓名"] == "***"
    assert found["release"] == 1
    assert NUMBER not in json.dumps(found)


def test_unmasked_values_are_shown_and_put_on_record(own_home: Path) -> None:
    answer = datapool("trace", "person", NUMBER, "--unmasked", "--home", own_home)
    assert answer.code == 0
    assert NUMBER in answer.output
    [record] = [record for record in Pool.open(own_home).audit.records() if record.action == "trace.unmasked"]
    assert record.object.startswith("person/")
    assert NUMBER not in str(record), "the log itself tells nothing of the person"


def test_masked_trace_is_not_put_on_record(home: Path) -> None:
    datapool("trace", "person", NUMBER, "--home", home)
    assert not any(record.action == "trace.unmasked" for record in Pool.open(home).audit.records())


def test_record_is_found_by_its_id_and_by_its_credit_code_alike(home: Path) -> None:
    uscc = organisations(1)[0]["uscc"]
    by_code = json.loads(datapool("trace", "organisation", uscc, "--home", home, "--json").output)
    by_id = json.loads(datapool("trace", "organisation", _id_of(home, uscc), "--home", home, "--json").output)
    assert by_code == by_id
    assert [row["row"] for row in by_code["rows"]] == [2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nothing", "1"), "没有表 nothing。可用的表："),
        (
            ("person", "330381199001010000"),
            "人员（person）中没有编号为 330381199001010000 的记录。可用的编号：人员编号（person_id）、公民身份号码（citizen_number）",
        ),
        (("person", "' OR TRUE --"), "没有编号为 ' OR TRUE -- 的记录"),
        (("person", NUMBER, "--release", "9"), "没有发布 9"),
        (("grid", "1"), "没有表 grid"),
    ],
)
def test_what_is_not_there_is_said(home: Path, arguments: tuple[str, ...], message: str) -> None:
    answer = datapool("trace", *arguments, "--home", home)
    assert answer.code == 2
    assert answer.errors.startswith("无法执行：")
    assert message in answer.errors


def test_key_of_several_records_lists_them_and_each_can_be_asked_for(own_home: Path, tmp_path: Path) -> None:
    city = ROOT / "cities" / "330381" / "divisions.csv"
    path = tmp_path / "reference" / "division" / "division_20250701.csv"
    path.parent.mkdir(parents=True)
    header, *lines = city.read_text(encoding="utf-8-sig").splitlines()
    town = next(line for line in lines if "安阳街道" in line)
    path.write_text("\n".join([header, *lines, town.replace("安阳街道", "安阳新镇")]) + "\n", encoding="utf-8-sig")
    assert datapool("run", tmp_path, "--home", own_home).code == 0
    [code] = [cell for cell in town.split(",") if len(cell) == 9 and cell.isdecimal()][:1]

    answer = datapool("trace", "division", code, "--home", own_home)
    assert answer.code == 2
    assert f"有 2 条记录的编号为 {code}" in answer.errors
    assert f"{code}/安阳新镇" in answer.errors
    assert "division_20250701.csv" in datapool("trace", "division", f"{code}/安阳新镇", "--home", own_home).output


def test_same_file_for_two_periods_shows_the_delivery_that_counts(own_home: Path, tmp_path: Path) -> None:
    write_export(tmp_path, ORGANISATIONS, organisations(12), period="20250701")
    assert datapool("run", tmp_path, "--home", own_home).code == 0
    found = json.loads(datapool("trace", "organisation", organisations(1)[0]["uscc"], "--home", own_home, "--json").output)
    assert [row["receipt"]["period"] for row in found["rows"]] == ["2025-07-01"]
