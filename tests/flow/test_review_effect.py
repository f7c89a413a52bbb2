"""What decisions do: the next run answers by them, undone ones no longer count, and every one of them tests the matcher."""

import csv
from pathlib import Path

import pytest

from flow.check import check
from flow.context import Context
from flow.progress import silent
from flow.receive import receive
from flow.reference import current_library
from flow.review.check import Checked, check_decisions, write_regression_cases
from flow.review.decide import import_decisions, undo_decision
from flow.review.decided import decided_aliases
from flow.run import advance, run
from pool import PoolError
from pool.verify import verify
from tests.flow.reviewing import (
    ALSO_AMBIGUOUS,
    AMBIGUOUS,
    COUNTY,
    KNOWN_BY_POSITION,
    LIBRARY,
    STREETS,
    actual_addresses,
    answer,
    cases_of,
    exported,
    fill,
    later,
    library,
    number_of,
)
from tests.small_exports import write_export

CONFIRMED = [("塘下镇中心街12", "matched")]
OPEN = [("330381", "review")]


def _decide(context: Context, book: Path, answers: dict[str, dict[str, object]]) -> None:
    assert import_decisions(context, [fill(book, answers)], only_check=False, progress=silent).refused == []


def _checked(context: Context) -> Checked:
    return check_decisions(context, progress=silent)


def _candidate(context: Context) -> str:
    return f"候选 {number_of(cases_of(context).waiting[0], '塘下镇')}"


def test_confirmed_text_is_matched_by_the_next_run_until_it_is_undone(own_reviewable: Context, tmp_path: Path) -> None:
    context = own_reviewable
    before = current_library(context).version
    answers = {AMBIGUOUS: answer(_candidate(context)), ALSO_AMBIGUOUS: answer("安全答案即可")}
    _decide(context, exported(context, tmp_path / "book.xlsx"), answers)
    assert actual_addresses(context)[AMBIGUOUS] == OPEN, "the release stays as it is"
    assert current_library(context).version != before

    assert advance(later(context, 1)) == 2
    assert actual_addresses(context)[AMBIGUOUS] == CONFIRMED
    assert actual_addresses(context)[ALSO_AMBIGUOUS] == OPEN
    found = cases_of(context)
    assert [case.text for case in found.waiting] == [KNOWN_BY_POSITION]
    assert [case.text for case in found.settled] == [ALSO_AMBIGUOUS]
    assert _checked(context).deviations == []
    assert verify(context.pool) == []
    assert advance(later(context, 2)) is None, "nothing is new"

    (confirmed,) = [each for each in context.pool.ledger.review.in_force() if each.choice == "address"]
    undo_decision(later(context, 3), confirmed.decision, "实地核实有误", "李某")
    assert current_library(context).version == before, "as if it had never been"
    assert advance(later(context, 4)) == 3
    assert actual_addresses(context)[AMBIGUOUS] == OPEN
    assert AMBIGUOUS in [case.text for case in cases_of(context).waiting]
    assert verify(context.pool) == []


def test_confirmed_texts_are_aliases_of_the_library_and_nothing_else_is(own_reviewable: Context, tmp_path: Path) -> None:
    assert decided_aliases(own_reviewable).num_rows == 0
    answers = {AMBIGUOUS: answer(_candidate(own_reviewable)), ALSO_AMBIGUOUS: answer("库中没有"), KNOWN_BY_POSITION: answer("无法判断")}
    _decide(own_reviewable, exported(own_reviewable, tmp_path / "book.xlsx"), answers)
    alias = {"kind": "text", "within": None, "name": "塘下镇中心街12", "alias": AMBIGUOUS, "valid_from": None, "valid_to": None}
    assert decided_aliases(own_reviewable).to_pylist() == [alias]


def test_decision_on_other_candidates_is_asked_for_again_and_old_workbooks_are_taken_row_by_row(
    own_reviewable: Context, tmp_path: Path
) -> None:
    """A street is added, another street is gone, and one address of the candidates gets another id."""
    context = own_reviewable
    old_book = exported(context, tmp_path / "旧.xlsx")
    number = {town: f"候选 {number_of(cases_of(context).waiting[0], town)}" for town in ("安阳街道", "塘下镇")}
    _decide(context, exported(context, tmp_path / "book.xlsx"), {AMBIGUOUS: answer("库中没有"), KNOWN_BY_POSITION: answer("无法判断")})
    streets = {street: place for street, place in STREETS.items() if street != "马屿镇建设路"} | {"马屿镇中心街": (120.45, 27.78)}
    changed = [row | ({"address_id": "AY12"} if row["address_id"] == "安阳街道中心街12" else {}) for row in library(streets)]
    write_export(tmp_path / "new", LIBRARY, changed, period="20250701")
    context = later(context, 1)
    assert run(context, tmp_path / "new") == 2

    (case,) = cases_of(context).waiting
    assert (case.text, len(case.candidates)) == (AMBIGUOUS, 3)
    assert case.decided is not None
    assert case.decided.choice == "not_in_library", "people see what was decided before"

    def causes(answers: dict[str, dict[str, object]]) -> dict[int, str]:
        refused = import_decisions(context, [fill(old_book, answers)], only_check=True, progress=silent).refused
        return {refusal.row: refusal.cause for refusal in refused}

    assert "不必决定" in causes({ALSO_AMBIGUOUS: answer("无法判断")})[4]
    assert "候选或安全答案已不同" in causes({AMBIGUOUS: answer("安全答案即可")})[2]
    assert f"工作簿里的{number['安阳街道']} 已不是现在的候选" in causes({AMBIGUOUS: answer(number["安阳街道"])})[2]
    imported = import_decisions(context, [fill(old_book, {AMBIGUOUS: answer(number["塘下镇"])})], only_check=False, progress=silent)
    assert [(each.text, each.address_id) for each in imported.accepted] == [(AMBIGUOUS, "塘下镇中心街12")], "it is still a candidate"
    (old, undone), (_, _), (new, _) = context.pool.ledger.review.history()
    assert (old.choice, new.choice) == ("not_in_library", "address")
    assert undone is not None
    assert undone.reason == f"候选已变，由新的决定 {new.decision} 代替"
    assert cases_of(context).waiting == []


def test_check_finds_decisions_that_the_library_no_longer_answers(own_reviewable: Context, tmp_path: Path) -> None:
    context = own_reviewable
    answers = {AMBIGUOUS: answer(_candidate(context)), ALSO_AMBIGUOUS: answer("库中没有"), KNOWN_BY_POSITION: answer("安全答案即可")}
    _decide(context, exported(context, tmp_path / "book.xlsx"), answers)
    assert _checked(context).deviations == []
    streets = {street: place for street, place in STREETS.items() if street not in ("塘下镇中心街", "马屿镇建设路")}
    write_export(tmp_path / "new", LIBRARY, library(streets), period="20250701")
    for delivery in receive(context, tmp_path / "new"):
        check(context, delivery.batch)
    checked = _checked(context)
    assert len(checked.decisions) == 3
    found = {each.decision.text: (each.found, each.cause) for each in checked.deviations}
    assert found.keys() == {AMBIGUOUS, ALSO_AMBIGUOUS, KNOWN_BY_POSITION}
    assert found[AMBIGUOUS][1] == "标准地址库已没有决定的这个地址"
    assert found[ALSO_AMBIGUOUS] == (f"已匹配：{COUNTY}塘下镇建设路3号", "匹配结果与决定不同")


def test_decisions_are_written_as_private_test_cases_of_the_matcher(own_reviewable: Context, tmp_path: Path) -> None:
    context = own_reviewable
    _decide(
        context,
        exported(context, tmp_path / "book.xlsx"),
        {AMBIGUOUS: answer(_candidate(context)), ALSO_AMBIGUOUS: answer("库中没有"), KNOWN_BY_POSITION: answer("无法判断")},
    )
    path = tmp_path / "cases.csv"
    write_regression_cases(_checked(context).decisions, path)
    assert path.stat().st_mode & 0o777 == 0o600
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["text"]: row for row in csv.DictReader(file)}
    assert rows.keys() == {AMBIGUOUS, ALSO_AMBIGUOUS}, "what nobody can tell tests nothing"
    confirmed, lacking = rows[AMBIGUOUS], rows[ALSO_AMBIGUOUS]
    assert (confirmed["expected_address_id"], confirmed["expected_full_text"]) == ("塘下镇中心街12", f"{COUNTY}塘下镇中心街12号")
    assert confirmed["decided_on"] == "2025-07-01"
    assert (lacking["expected_address_id"], set(lacking["excluded_address_ids"].split())) == ("", {"塘下镇建设路3", "马屿镇建设路3"})
    with pytest.raises(PoolError, match="已经存在"):
        write_regression_cases([], path)
