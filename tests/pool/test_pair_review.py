"""Decisions on pairs in the ledger, on SQLite and PostgreSQL: added, undone, never changed or removed; of those on one pair one holds."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from pool import PairDecision, Pool, PoolBusy, ReviewUndo
from tests.pool.small_pool import NOW

LATER = NOW + timedelta(hours=1)
DECISION = PairDecision(
    decision="0f2330217acc-1",
    case_id="0f2330217acc",
    table_name="person",
    left_id="1" * 32,
    right_id="2" * 32,
    choice="same",
    rule="number_unconfirmed",
    basis="5a010319a2148d3a",
    decided_by="陈某",
    reason="派出所确认",
    decided_at=NOW,
    recorded_by="tester",
    origin="人员.xlsx 第 2 行",
)
UNDO = ReviewUndo("0f2330217acc-1", "李某", "查错了", LATER, "tester")


@pytest.fixture
def pool(tmp_path: Path, ledger_url: str | None) -> Pool:
    return Pool.open(tmp_path / "home", ledger_url=ledger_url)


def test_a_decision_is_kept_whole_and_holds_until_it_is_undone(pool: Pool) -> None:
    for _ in range(2):
        pool.ledger.pairs.record([DECISION])
    assert pool.ledger.pairs.in_force() == [DECISION]
    pool.ledger.pairs.undo(UNDO)
    assert pool.ledger.pairs.in_force() == []
    assert pool.ledger.pairs.history() == [(DECISION, UNDO)], "nothing is removed"


def test_another_decision_under_the_same_number_is_refused_and_nothing_of_its_import_is_written(pool: Pool) -> None:
    pool.ledger.pairs.record([DECISION])
    other = replace(DECISION, decision="aa59dac308c0-1", case_id="aa59dac308c0")
    with pytest.raises(PoolBusy, match="没有写入任何决定"):
        pool.ledger.pairs.record([other, replace(DECISION, choice="different")])
    assert pool.ledger.pairs.in_force() == [DECISION]


def test_a_ledger_made_before_there_were_decisions_on_pairs_gets_their_table(pool: Pool, ledger_url: str | None) -> None:
    with create_engine(ledger_url or f"sqlite:///{pool.paths.ledger_file}").begin() as connection:
        connection.execute(text("DROP TABLE pair_decision"))
    again = Pool.open(pool.home, ledger_url=ledger_url)
    again.ledger.pairs.record([DECISION])
    assert again.ledger.pairs.in_force() == [DECISION]
