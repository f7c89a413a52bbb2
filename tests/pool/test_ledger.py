"""The ledger, on SQLite and on a real PostgreSQL server: what is written twice stands once, several processes may write."""

import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Timer

import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import OperationalError

from pool import (
    Batch,
    Counts,
    Gate,
    LibraryEdit,
    Outcome,
    Pool,
    PoolBusy,
    PoolError,
    Problem,
    Release,
    Retirement,
    Rollback,
    Run,
    SpaceNote,
    ledger_engine,
)
from tests.pool.forker import Forker
from tests.pool.postgres_server import PostgresServer
from tests.pool.small_pool import NOW, content_of, run_path, write_export

LATER = NOW + timedelta(hours=1)
BATCH = Batch("b1", "public_security.rental_house", "public_security", "rental_house", "2025-11-22", "ab" * 32, NOW)


@pytest.fixture
def pool(tmp_path: Path, ledger_url: str | None) -> Pool:
    return Pool.open(tmp_path / "home", ledger_url=ledger_url)


def test_a_batch_received_again_keeps_its_status_and_counts(pool: Pool) -> None:
    pool.ledger.record_batch(BATCH)
    pool.ledger.set_batch_status("b1", "accepted", now=LATER, counts=Counts(3, 2, 1))
    pool.ledger.record_batch(replace(BATCH, received_at=LATER))
    assert pool.ledger.batches() == [replace(BATCH, status="accepted", counts=Counts(3, 2, 1), changed_at=LATER)]


def test_a_blocked_batch_keeps_the_counts_it_had_and_says_why(pool: Pool) -> None:
    pool.ledger.record_batch(BATCH)
    pool.ledger.set_batch_status("b1", "accepted", now=NOW, counts=Counts(3, 2, 1))
    pool.ledger.set_batch_status("b1", "blocked", now=LATER, reason="隔离率超过 30%")
    entry = pool.ledger.batch("b1")
    assert entry == replace(BATCH, status="blocked", reason="隔离率超过 30%", counts=Counts(3, 2, 1), changed_at=LATER)


def test_batches_are_found_by_contract_dataset_and_status_oldest_period_first(pool: Pool) -> None:
    late = replace(BATCH, batch="b0", period="2025-11-23")
    other = replace(BATCH, batch="b2", contract="civil_affairs.grid", dataset="grid")
    for batch in (late, other, BATCH):
        pool.ledger.record_batch(batch)
    pool.ledger.set_batch_status("b0", "failed", now=NOW)
    names = [entry.batch for entry in pool.ledger.batches(contract="public_security.rental_house")]
    assert names == ["b1", "b0"]
    assert [entry.batch for entry in pool.ledger.batches(dataset="grid")] == ["b2"]
    assert [entry.batch for entry in pool.ledger.batches(dataset="rental_house", status="received")] == ["b1"]


def test_a_retired_batch_counts_no_more_and_is_still_known(pool: Pool) -> None:
    other = replace(BATCH, batch="b2", period="2025-11-23")
    for batch in (BATCH, other):
        pool.ledger.record_batch(batch)
    gone = Retirement("batch", "b1", LATER, "tester", "到期", {"bytes": 1})
    pool.ledger.upkeep.retire(gone)
    pool.ledger.upkeep.retire(replace(gone, reason="又一次"))
    pool.ledger.upkeep.retire(Retirement("release", "7", LATER, "tester", "旧"))
    assert [entry.batch for entry in pool.ledger.batches()] == ["b2"]
    assert [entry.batch for entry in pool.ledger.batches(retired=True)] == ["b1", "b2"]
    known = pool.ledger.batch("b1")
    assert known is not None
    assert known.batch == "b1"
    assert pool.ledger.upkeep.retired("batch") == {"b1": gone}
    assert pool.ledger.upkeep.retired_releases() == {7}


def test_rows_that_count_are_told_by_batch_and_release(pool: Pool) -> None:
    pool.ledger.record_outcomes(1, [Outcome("b1", "published", 2), Outcome("b1", "merged", 3), Outcome("b2", "superseded", 4)])
    pool.ledger.record_outcomes(2, [Outcome("b1", "superseded", 5), Outcome("b2", "published", 4), Outcome("b3", "published", 0)])
    pool.ledger.record_outcomes(3, [Outcome("b1", "published", 9)])
    assert pool.ledger.counting_rows([1, 2], ("published", "merged")) == {"b1": {1: 5}, "b2": {2: 4}}
    assert pool.ledger.counting_rows([], ("published",)) == {}


def test_rollbacks_and_measurements_are_kept_in_their_order(pool: Pool) -> None:
    rollbacks = [Rollback(3, 1, 3, "ab", NOW, "tester", "有误"), Rollback(1, 3, 3, "", NOW, "tester", "没有误")]
    for rollback in rollbacks:
        pool.ledger.upkeep.record_rollback(rollback)
    assert pool.ledger.upkeep.rollbacks() == rollbacks
    notes = [SpaceNote(NOW, {"free": 2}), SpaceNote(LATER, {"free": 1})]
    for note in reversed(notes):
        pool.ledger.upkeep.note_space(note)
    assert pool.ledger.upkeep.space_notes() == notes
    assert pool.ledger.size() > 10_000


def test_a_status_for_an_unknown_batch_is_an_error(pool: Pool) -> None:
    with pytest.raises(PoolError, match="没有批次 b9"):
        pool.ledger.set_batch_status("b9", "accepted", now=NOW)


def test_a_run_and_its_stages_are_kept_with_times_and_results(pool: Pool) -> None:
    pool.ledger.start_run(Run("r1", "tester", NOW, software="1.0"))
    with pool.ledger.stage("r1", "check", "b1", now=NOW) as note:
        note.detail["rows"] = 3
    pool.ledger.finish_run("r1", "succeeded", now=LATER, summary={"发布": 1})
    (stage,) = pool.ledger.stages("r1")
    assert (stage.status, stage.detail["rows"], stage.started_at) == ("succeeded", 3, NOW)
    assert {"cpu_seconds", "peak_mebibytes"} < stage.detail.keys()
    assert stage.seconds is not None
    assert stage.seconds > 0
    assert pool.ledger.runs() == [Run("r1", "tester", NOW, "1.0", "succeeded", LATER, {"发布": 1})]


def test_a_stage_that_fails_keeps_the_kind_and_place_of_the_error_but_not_its_text(pool: Pool) -> None:
    def read_person() -> None:
        raise ValueError("张三 33038119900101123X")

    with pytest.raises(ValueError, match="张三"), pool.ledger.stage("r1", "check", "b1", now=NOW):
        read_person()
    (stage,) = pool.ledger.stages("r1")
    assert stage.status == "failed"
    assert stage.fault.startswith("ValueError (test_ledger.py:")
    assert "张三" not in repr(stage)


def test_a_stage_repeated_stands_once(pool: Pool) -> None:
    for _ in range(2):
        with pool.ledger.stage("r1", "check", "b1", now=NOW):
            pass
    assert len(pool.ledger.stages("r1")) == 1


def test_outcomes_stated_again_replace_all_stated_before(pool: Pool) -> None:
    pool.ledger.record_outcomes(1, [Outcome("b1", "published", 2), Outcome("b1", "quarantined", 1, "证件号校验位错误")])
    pool.ledger.record_outcomes(2, [Outcome("b1", "merged", 3)])
    pool.ledger.record_outcomes(1, [Outcome("b1", "published", 3)])
    assert pool.ledger.outcomes(1) == [Outcome("b1", "published", 3)]
    assert pool.ledger.outcomes(2) == [Outcome("b1", "merged", 3)]


def test_gates_problems_and_releases_written_twice_stand_once_with_their_last_values(pool: Pool) -> None:
    gate = Gate("r1", "b1", "quarantine_share", True, NOW, detail={"share": 0.1})
    problem = Problem("inbox/x.csv", "unknown_file", "没有契约认得这个文件", "r1", NOW)
    release = Release(1, None, "r1", "tester", NOW, "ab" * 32)
    for moment in (NOW, LATER):
        pool.ledger.record_gate(replace(gate, passed=moment == NOW, at=moment))
        pool.ledger.record_problem(replace(problem, at=moment))
        pool.ledger.record_release(release)
    assert pool.ledger.gates(subject="b1") == [replace(gate, passed=False, at=LATER)]
    assert pool.ledger.problems(run="r1") == [replace(problem, at=LATER)]
    assert pool.ledger.releases() == [release]
    assert pool.ledger.gates(run="r2") == []


def test_instants_come_back_in_utc_and_must_have_a_zone(pool: Pool) -> None:
    local = datetime(2025, 11, 22, 9, 30, tzinfo=timezone(timedelta(hours=8)))
    pool.ledger.start_run(Run("r1", "tester", local))
    assert pool.ledger.runs()[0].started_at == datetime(2025, 11, 22, 1, 30, tzinfo=UTC)
    with pytest.raises(Exception, match="time zone"):
        pool.ledger.start_run(Run("r2", "tester", local.replace(tzinfo=None)))


def test_several_processes_open_a_new_ledger_and_write_at_once_and_nothing_is_lost(
    swift_folder: Path, ledger_url: str | None, forker: Forker
) -> None:
    home = swift_folder / "new"
    assert forker.write_ledger(home, ledger_url, processes=4, records=5) == [0, 0, 0, 0]
    assert len(Pool.open(home, ledger_url=ledger_url).ledger.runs()) == 4 * 5 + 1


def test_the_whole_path_ends_the_same_on_either_ledger(tmp_path: Path, published_home: Path, ledger_url: str | None) -> None:
    run_path(tmp_path / "home", write_export(tmp_path, "2025-10"), ledger_url)
    assert content_of(Pool.open(tmp_path / "home", ledger_url=ledger_url)) == content_of(Pool.open(published_home))


def test_a_ledger_of_another_version_is_refused_in_words(pool: Pool, ledger_url: str | None) -> None:
    with create_engine(ledger_url or f"sqlite:///{pool.paths.ledger_file}").begin() as connection:
        connection.execute(text("UPDATE ledger_version SET version = 99"))
    with pytest.raises(PoolError, match="台账的版本是 99"):
        Pool.open(pool.home, ledger_url=ledger_url)


def test_a_ledger_that_cannot_be_reached_is_an_error_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(PoolError, match="台账数据库无法打开"):
        Pool.open(tmp_path / "home", ledger_url=f"postgresql://datapool@/ledger?host={tmp_path}")


def test_a_ledger_file_that_is_no_database_is_an_error_that_says_so(tmp_path: Path) -> None:
    home = Pool.open(tmp_path / "home").home
    (home / "ledger.sqlite").write_bytes(b"not a database, but long enough to be taken for one" * 50)
    with pytest.raises(PoolError, match="台账数据库无法打开"):
        Pool.open(home)


def test_edits_of_the_library_are_numbered_in_their_order_and_the_same_one_stands_once(pool: Pool) -> None:
    first = LibraryEdit("retire", {"address_id": "甲", "on": "2025-01-01"}, "王工", "拆迁", NOW)
    second = LibraryEdit("undo", {"edit": 1}, "李工", "", LATER)
    numbered = pool.ledger.record_library_edit(first)
    assert pool.ledger.record_library_edit(first) == numbered, "written again after a transaction that was in doubt"
    assert pool.ledger.record_library_edit(replace(first, at=LATER)).number > numbered.number
    assert pool.ledger.record_library_edit(second).number > numbered.number
    assert [edit.kind for edit in pool.ledger.library_edits()] == ["retire", "retire", "undo"]
    assert pool.ledger.library_edits()[0] == replace(first, number=numbered.number)


def test_a_ledger_server_that_is_started_again_is_waited_for(postgres: PostgresServer, tmp_path: Path) -> None:
    ledger = Pool.open(tmp_path / "home", ledger_url=postgres.new_database()).ledger
    ledger.start_run(Run("before", "tester", NOW))
    postgres.stop()
    starting = Timer(1, postgres.start)
    starting.start()
    ledger.start_run(Run("meanwhile", "tester", NOW))
    starting.join()
    assert {run.run for run in ledger.runs()} == {"before", "meanwhile"}


def test_a_ledger_that_stays_away_is_an_error_that_says_what_to_do(
    postgres: PostgresServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Pool.open(tmp_path / "home", ledger_url=postgres.new_database()).ledger
    monkeypatch.setattr(ledger_engine, "PATIENCE_SECONDS", 0.5)
    postgres.stop()
    try:
        with pytest.raises(PoolBusy, match=r"台账数据库无法访问.*请检查数据库服务是否在运行.*不受影响"):
            ledger.start_run(Run("meanwhile", "tester", NOW))
    finally:
        postgres.start()


@pytest.mark.parametrize(
    ("told", "remedy"),
    [("database or disk is full", "磁盘已满"), ("attempt to write a readonly database", "只读"), ("disk I/O error", "磁盘读写出错")],
)
def test_what_the_machine_does_to_the_ledger_is_told_at_once_with_what_to_do(pool: Pool, told: str, remedy: str) -> None:
    def work(_connection: Connection) -> None:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError(told))

    with pytest.raises(PoolError, match=rf"台账无法读写：.*{remedy}.*重新运行"):
        ledger_engine.transact(pool.ledger._engine, work)
