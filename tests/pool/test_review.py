"""Decisions in the ledger, on SQLite and PostgreSQL: added, undone, never changed or removed; of those on one text one holds."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from pool import Pool, PoolBusy, ReviewDecision, ReviewUndo
from tests.pool.small_pool import NOW

LATER = NOW + timedelta(hours=1)
DECISION = ReviewDecision(
    decision="0f2330217acc-1",
    case_id="0f2330217acc",
    text="中心街12号",
    choice="address",
    address_id="330381000000542",
    full_text="浙江省温州市瑞安市安阳街道中心街12号",
    basis="5a010319a2148d3a",
    library="45dbbd6746f0a272",
    rules="2",
    decided_by="陈某",
    reason="实地核实",
    decided_at=NOW,
    recorded_by="tester",
    origin="安阳.xlsx 第 2 行",
    hints={"as_of": "2009-01-14", "lon": 120.655},
    candidates=[{"address_id": "330381000000542", "full_text": "浙江省温州市瑞安市安阳街道中心街12号"}],
)
UNDO = ReviewUndo("0f2330217acc-1", "李某", "查错了", LATER, "tester")


@pytest.fixture
def pool(tmp_path: Path, ledger_url: str | None) -> Pool:
    return Pool.open(tmp_path / "home", ledger_url=ledger_url)


def test_a_decision_is_kept_whole_and_holds_until_it_is_undone(pool: Pool) -> None:
    pool.ledger.review.record([DECISION])
    assert pool.ledger.review.in_force() == [DECISION]
    pool.ledger.review.undo(UNDO)
    assert pool.ledger.review.in_force() == []
    assert pool.ledger.review.history() == [(DECISION, UNDO)], "nothing is removed"


def test_decisions_and_undoings_written_twice_stand_once(pool: Pool) -> None:
    for _ in range(2):
        pool.ledger.review.record([DECISION])
        pool.ledger.review.undo(UNDO)
    assert pool.ledger.review.history() == [(DECISION, UNDO)]


def test_a_new_decision_takes_the_place_of_the_old_in_one_step(pool: Pool) -> None:
    pool.ledger.review.record([DECISION])
    second = replace(DECISION, decision="0f2330217acc-2", choice="undecidable", decided_at=LATER)
    pool.ledger.review.record([second], [UNDO])
    assert pool.ledger.review.in_force() == [second]
    assert [decision for decision, _ in pool.ledger.review.history()] == [DECISION, second]


def test_another_decision_under_the_same_number_is_refused_and_nothing_of_its_import_is_written(pool: Pool) -> None:
    pool.ledger.review.record([DECISION])
    other = replace(DECISION, decision="aa59dac308c0-1", case_id="aa59dac308c0")
    with pytest.raises(PoolBusy, match="没有写入任何决定"):
        pool.ledger.review.record([other, replace(DECISION, decided_by="王某")])
    assert pool.ledger.review.in_force() == [DECISION]


def test_a_ledger_made_before_there_were_decisions_gets_their_tables(pool: Pool, ledger_url: str | None) -> None:
    with create_engine(ledger_url or f"sqlite:///{pool.paths.ledger_file}").begin() as connection:
        for table in ("review_decision", "review_undo"):
            connection.execute(text(f"DROP TABLE {table}"))
    again = Pool.open(pool.home, ledger_url=ledger_url)
    again.ledger.review.record([DECISION])
    assert again.ledger.review.in_force() == [DECISION]
