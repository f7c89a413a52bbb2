"""datapool trace: from a record back to file, sheet, row and cells."""

import io
import json
import shutil
from datetime import date
from pathlib import Path

import pytest

from pool import Pool
from samples.exports.table import Table
from samples.writers import ExportFile
from schemas.contract import source_contracts
from tests.cli.command import datapool
from tests.cli.conftest import PEOPLE
from tests.small_exports import ORGANISATIONS, RESIDENTS, organisations, residents, write_export

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
    answer = datapool("trace", "person", NUMBER, "--unmasked", "--reason", "核查 2025-17 号件", "--home", own_home)
    assert answer.code == 0
    assert NUMBER in answer.output
    [record] = [record for record in Pool.open(own_home).audit.records() if record.action == "trace.unmasked"]
    assert record.object.startswith("person/")
    assert record.details == {"release": 1, "reason": "核查 2025-17 号件"}
    assert NUMBER not in str(record), "the log itself tells nothing of the person"


@pytest.mark.parametrize("words", [("person", NUMBER), ("row", "resident_population_20250630.csv", 4)])
def test_unmasked_values_are_not_shown_without_a_reason(own_home: Path, words: tuple[object, ...]) -> None:
    answer = datapool("trace", *words, "--unmasked", "--home", own_home)
    assert answer.code == 2
    assert "--reason" in answer.errors
    assert not any(record.action == "trace.unmasked" for record in Pool.open(own_home).audit.records())


def test_masked_trace_is_not_put_on_record(home: Path) -> None:
    datapool("trace", "person", NUMBER, "--home", home)
    assert not any(record.action == "trace.unmasked" for record in Pool.open(home).audit.records())


def test_number_is_read_from_standard_input_so_that_no_shell_remembers_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NUMBER}\n"))
    found = json.loads(datapool("trace", "person", "-", "--home", home, "--json").output)
    assert [row["row"] for row in found["rows"]] == [4]


def test_the_word_record_may_be_left_out(home: Path) -> None:
    assert datapool("trace", "record", "person", NUMBER, "--home", home) == datapool("trace", "person", NUMBER, "--home", home)


def test_row_tells_by_which_contract_and_rules_it_was_judged_and_why_its_address_was_matched(home: Path) -> None:
    [row] = json.loads(datapool("trace", "person", NUMBER, "--home", home, "--json").output)["rows"]
    contract = source_contracts()[RESIDENTS]
    assert row["found"]["check"]["version"] == contract.version
    assert set(row["found"]["check"]["passed"]) == {rule.description for rule in contract.rules}
    assert row["found"]["check"]["reasons"] == []
    assert row["links"][0]["reason"] == "公民身份号码相同"
    [sentence] = row["found"]["sentences"]
    assert "已匹配到社区村" in sentence
    assert "把握" in sentence
    as_written, _, _standard = sentence.partition("已匹配到社区村")
    assert "安阳街道兴隆社区" not in as_written, "the text is masked, the standard address is as in the shares"


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


MOVES = ("浙江省温州市瑞安市安阳街道兴隆社区", "浙江省温州市瑞安市塘下镇上马社区")


@pytest.fixture(scope="module")
def moved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool in which one person was registered elsewhere first, and lives elsewhere still."""
    folder = tmp_path_factory.mktemp("moved")
    for period, registered in zip(("20250531", "20250630"), MOVES, strict=True):
        row = residents(1)[0] | {"registered_address_text": registered, "actual_address_text": MOVES[0]}
        write_export(folder / period, RESIDENTS, [row], period=period)
        assert datapool("run", folder / period, "--home", folder / "home").code == 0
    return folder / "home"


def _first(home: Path, sql: str) -> dict[str, str]:
    row: dict[str, str] = json.loads(datapool("query", sql, "--home", home, "--format", "json").output)[0]
    return row


def test_history_leads_to_the_row_that_said_so_first_though_it_counts_no_more(moved: Path) -> None:
    sql = "SELECT residence_id, known_from FROM residence_history WHERE effective_to_basis = 'succeeded' AND known_to IS NULL"
    past = _first(moved, sql)
    found = json.loads(
        datapool("trace", "residence_history", f"{past['residence_id']}/{past['known_from']}", "--home", moved, "--json").output
    )
    [row] = found["rows"]
    assert (row["receipt"]["file_name"], row["row"]) == ("resident_population_20250531.csv", 2)


def test_what_a_release_closed_leads_to_its_row_after_the_delivery_was_withdrawn(moved: Path, tmp_path: Path) -> None:
    home = Path(shutil.copytree(moved, tmp_path / "home"))
    [batch] = [each.batch for each in Pool.open(home).receipts.all() if each.period == "2025-05-31"]
    assert datapool("withdraw", batch, "--reason", "送错了文件", "--home", home).code == 0
    assert datapool("run", "--home", home).code == 0
    closed = _first(home, "SELECT residence_id, known_from FROM residence_history WHERE seen_from = DATE '2025-05-31' AND known_to = 3")
    key = f"{closed['residence_id']}/{closed['known_from']}"
    answer = datapool("trace", "residence_history", key, "--home", home, "--json")
    assert answer.code == 0, answer.errors
    assert [(row["receipt"]["batch"], row["row"]) for row in json.loads(answer.output)["rows"]] == [(batch, 2)]
    shown = datapool("trace", "residence_history", key, "--home", home)
    assert "resident_population_20250531.csv，第 2 行" in shown.output


def test_answer_leads_to_its_evidence_and_to_the_rows_behind_that(moved: Path) -> None:
    person = _first(moved, "SELECT person_id FROM separated_residence")["person_id"]
    found = json.loads(datapool("trace", "separated_residence", person, "--home", moved, "--json").output)
    assert sorted((each["role"], each["table"]) for each in found["evidence"]) == [("户籍地", "residence"), ("现住地", "residence")]
    assert [(row["receipt"]["file_name"], row["row"]) for row in found["rows"]] == [("resident_population_20250630.csv", 2)]
    for each in found["evidence"]:
        assert datapool("trace", each["table"], each["key"], "--home", moved).code == 0
    shown = datapool("trace", "separated_residence", person, "--home", moved).output
    assert "户籍地" in shown
    assert "datapool trace 表名 记录编号" in shown


def test_answer_that_rests_on_what_the_register_dropped_leads_to_the_row_that_said_so(tmp_path: Path) -> None:
    people = residents(6)
    gone = people[0] | {"moved_in_on": "2010-01-01", "moved_out_on": "2025-04-15"}
    allowance = {"certificate_number": "DB1", "head_name": gone["name"], "head_number": gone["citizen_number"], "paid_month": "202505"}
    allowance |= {"member_name": gone["name"], "member_number": gone["citizen_number"], "address_text": MOVES[1], "monthly_amount": "800"}
    contract = source_contracts()["civil_affairs.subsistence_allowance"]
    export = ExportFile(contract, tmp_path / "exports", date(2025, 5, 31))
    export.write(Table(contract.key[0], {column.name: [allowance.get(column.name, "")] for column in contract.columns}, {}))
    export.close()
    write_export(tmp_path / "exports", RESIDENTS, [gone, *people[1:]], period="20250531")
    write_export(tmp_path / "exports", RESIDENTS, people[1:], period="20250630")
    home = tmp_path / "home"
    assert datapool("run", tmp_path / "exports", "--home", home).code == 0
    benefit = _first(home, "SELECT benefit_id FROM doubtful_benefit WHERE doubt = 'moved_out'")["benefit_id"]
    found = json.loads(datapool("trace", "doubtful_benefit", f"{benefit}/moved_out", "--home", home, "--json").output)
    rows = {row["receipt"]["file_name"] for row in found["rows"]}
    assert "resident_population_20250531.csv" in rows, rows
    [move] = [each for each in found["evidence"] if each["role"] == "迁出"]
    assert datapool("trace", move["table"], move["key"], "--home", home).code == 0
