"""Erasures in the ledger: what begins is kept until it is done, what is removed leaves no byte, what must not come back is known for good."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pool import ErasedDigest, Ledger, PairDecision, Pool, Problem, ReviewUndo, Run

NOW = datetime(2025, 11, 22, 1, 30, tzinfo=UTC)
SECRET = "330381195802147770"
DIGESTS = [ErasedDigest("d1", "00aa"), ErasedDigest("d2", "00ab")]


def _decision(number: int) -> PairDecision:
    return PairDecision(f"case{number}.1", f"case{number}", "person", "a", "b", "same", "name_phone", "b", "陈某", SECRET, NOW, "t")


def test_an_erasure_begins_with_digests_and_without_decisions_and_forgets_its_plan(tmp_path: Path, ledger_url: str | None) -> None:
    ledger = Pool.open(tmp_path, ledger_url=ledger_url).ledger
    ledger.pairs.record([_decision(1), _decision(2)])
    ledger.pairs.undo(ReviewUndo("case1.1", "陈某", "误", NOW, "t"))
    erasure = ledger.erasures.begin("申请", "tester", NOW, SECRET, DIGESTS, ["case1.1"])
    assert [each.decision for each, _ in ledger.pairs.history()] == ["case2.1"]
    assert ledger.erasures.unfinished() == [erasure]
    ledger.erasures.finish(erasure.number, {"rows": 3}, NOW)
    [done] = ledger.erasures.all()
    assert (done.plan, done.counts, done.finished_at) == ("", {"rows": 3}, NOW)
    assert ledger.erasures.unfinished() == []
    ledger.erasures.begin("又一份", "tester", NOW, "", [*DIGESTS, ErasedDigest("d3", "00ac")])
    assert [each.digest for each in ledger.erasures.digests()] == ["d1", "d2", "d3"]
    ledger.forget_removed()
    assert len(ledger.erasures.all()) == 2


def test_texts_are_replaced_in_all_tables_also_within_json(tmp_path: Path, ledger_url: str | None) -> None:
    ledger = Pool.open(tmp_path, ledger_url=ledger_url).ledger
    ledger.record_problem(Problem(f"{SECRET}.csv", "unknown_file", f"{SECRET}：没有契约", "r", NOW))
    ledger.start_run(Run("r", "tester", NOW, summary={"files": [{"name": SECRET}], SECRET: 1}))
    assert ledger.replace_texts(lambda text: text.replace(SECRET, "***")) == 2
    [problem], [run] = ledger.problems(), ledger.runs()
    assert (problem.file, problem.cause) == ("***.csv", "***：没有契约")
    assert run.summary == {"files": [{"name": "***"}], "***": 1}
    assert ledger.replace_texts(lambda text: text.replace(SECRET, "***")) == 0


@pytest.mark.parametrize("way", ["replaced", "finished"])
def test_no_byte_of_what_was_removed_is_left_in_the_file(tmp_path: Path, way: str) -> None:
    ledger: Ledger = Pool.open(tmp_path).ledger
    for number in range(200):
        ledger.record_problem(Problem(f"{SECRET}-{number}", "unknown_file", f"{SECRET} " * 50, "r", NOW))
    erasure = ledger.erasures.begin("申请", "tester", NOW, SECRET * 100, [])
    assert _holds(tmp_path)
    ledger.replace_texts(lambda text: text.replace(SECRET, "***") if way == "replaced" or "-" in text or " " in text else text)
    ledger.erasures.finish(erasure.number, {}, NOW)
    ledger.forget_removed()
    assert not _holds(tmp_path)
    assert len(ledger.problems()) == 200


def _holds(home: Path) -> bool:
    return any(SECRET.encode() in path.read_bytes() for path in home.glob("ledger*"))
