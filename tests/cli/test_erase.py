"""datapool erase: shown first, done on a yes, and nobody's number on the command line."""

import io
import json
from pathlib import Path

import pytest

from pool import Pool
from tests.cli.command import Answer, datapool
from tests.cli.conftest import PEOPLE
from tests.flow.searching import places_of
from tests.small_exports import residents

PERSON = residents(PEOPLE)[2]
NUMBER, NAME = PERSON["citizen_number"], PERSON["name"]
REASON = ("--reason", "2025 年第 8 号申请")


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The number comes by standard input."""
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NUMBER}\n"))


def _id(home: Path) -> str:
    """The person's id."""
    sql = "SELECT person_id, citizen_number FROM person"
    rows = json.loads(datapool("query", sql, "--home", home, "--format", "json").output)
    return next(row["person_id"] for row in rows if row["citizen_number"][-4:] == NUMBER[-4:])


def _told(answer: Answer) -> str:
    return answer.output + answer.errors


@pytest.mark.usefixtures("typed")
def test_without_a_yes_it_is_only_shown_masked(own_home: Path) -> None:
    before = places_of(own_home, [NUMBER])
    answer = datapool("erase", *REASON, "--home", own_home)
    assert answer.code == 0, answer.errors
    assert "常住人口" in answer.output
    assert "尚未删除" in answer.output
    assert NUMBER not in _told(answer)
    assert NAME not in _told(answer)
    assert places_of(own_home, [NUMBER]) == before


@pytest.mark.usefixtures("typed")
def test_with_a_yes_it_is_done_and_a_release_without_the_person_published(own_home: Path) -> None:
    person_id = _id(own_home)
    answer = datapool("erase", *REASON, "--yes", "--home", own_home)
    assert answer.code == 0, answer.errors
    assert "已删除（第 1 号）" in answer.output
    assert "数据池之外的副本没有动" in answer.output
    assert places_of(own_home, [NUMBER, person_id]) == []
    assert NUMBER not in _told(answer)
    assert Pool.open(own_home).releases.current() == 2
    assert datapool("verify", "--home", own_home).code == 0
    people = json.loads(
        datapool("query", "SELECT count(*) AS n FROM person WHERE phone IS NOT NULL", "--home", own_home, "--format", "json").output
    )
    assert people[0]["n"] == PEOPLE - 1


def test_by_id_as_json_and_a_second_time_nobody_is_found(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    person_id = _id(own_home)
    found = json.loads(datapool("erase", "--person", person_id, *REASON, "--yes", "--json", "--home", own_home).output)
    assert (found["found"], found["done"], found["number"]) == (True, True, 1)
    assert found["datasets"] == {"public_security.resident_population": {"rows": 1, "rows_in_part": 0, "batches": 1}}
    assert found["counts"]["rows"] == 1
    assert NAME not in json.dumps(found, ensure_ascii=False)
    monkeypatch.setattr("sys.stdin", io.StringIO(NUMBER))
    again = datapool("erase", *REASON, "--yes", "--home", own_home)
    assert again.code == 1
    assert "没有找到此人" in again.output
    assert datapool("erase", "--person", person_id, *REASON, "--home", own_home).code == 2


def test_nothing_typed_and_no_reason_cannot_run(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("\n"))
    answer = datapool("erase", *REASON, "--home", home)
    assert answer.code == 2
    assert "没有读到证件号码" in answer.errors
    assert datapool("erase", "--person", "x", "--home", home).code == 2
