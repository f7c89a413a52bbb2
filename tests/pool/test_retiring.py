"""What is kept no longer goes whole or not at all, disturbs no reader, and is remembered."""

import shutil
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pool import Pool, PoolError
from pool.retiring import left_of_retired
from pool.space import measure
from pool.verify import verify
from tests.pool.forker import Forker
from tests.pool.small_pool import (
    NOW,
    SHARE,
    first_batch,
    publish,
    read_persons,
    retire_first,
    retire_first_batch,
    run_path,
    unfinished,
    write_export,
)


@pytest.fixture
def two(home: Path, tmp_path: Path) -> Pool:
    """A pool with two releases."""
    run_path(home, write_export(tmp_path, "2025-11"))
    return Pool.open(home)


def retire(pool: Pool, number: int) -> bool:
    with pool.publisher_lock():
        return pool.releases.retire(number, "试试", actor="tester", now=NOW)


def test_release_that_goes_is_remembered_and_leaves_the_others_whole(two: Pool) -> None:
    before = measure(two)
    outcomes, [entry, _] = two.ledger.outcomes(1), two.ledger.releases()
    assert retire(two, 1)
    assert two.releases.numbers() == [2]
    assert not two.shares.is_sealed(SHARE, 1)
    assert verify(two) == []
    assert read_persons(two) == 4
    assert pq.read_table(two.releases.folder(2) / "pool" / "event" / "2024.parquet").num_rows == 1, "release 1 had it, too"

    assert (two.ledger.outcomes(1), two.ledger.releases()[0]) == (outcomes, entry)
    retired = two.ledger.upkeep.retired("release")["1"]
    assert (retired.reason, retired.actor, retired.detail["tables"]["person"]) == ("试试", "tester", {"rows": 2})
    assert [(each.action, each.result) for each in two.audit.records()][-2:] == [("release.retire", "started"), ("release.retire", "done")]
    [first, second] = before.releases
    after = measure(two)
    assert before.parts["releases"] + before.parts["shares"] - after.parts["releases"] - after.parts["shares"] == first.alone
    assert (second.alone < second.bytes, after.releases[0].alone) == (True, second.bytes)


def test_current_release_is_not_retired(two: Pool) -> None:
    with pytest.raises(PoolError, match="发布 2 是当前发布"):
        retire(two, 2)
    assert two.releases.numbers() == [1, 2]


def test_numbers_of_retired_releases_are_not_used_again(two: Pool) -> None:
    with two.publisher_lock():
        two.releases.rollback(1, actor="tester", reason="", now=NOW)
    assert retire(two, 2)
    with two.publisher_lock():
        assert two.releases.start(now=NOW).number == 3


def test_going_back_to_a_retired_release_says_when_and_why_it_went(two: Pool) -> None:
    retire(two, 1)
    with (
        two.publisher_lock(),
        pytest.raises(PoolError, match=r"发布 1 已于 2025-11-22 01:30 UTC 清退：试试。现有发布：\[2\]。不能回退到它"),
    ):
        two.releases.rollback(1, actor="tester", reason="", now=NOW)
    assert two.releases.current() == 2


def test_release_that_is_lost_and_not_retired_is_still_missed(two: Pool) -> None:
    shutil.rmtree(two.releases.folder(1))
    assert "missing" in {finding.kind for finding in verify(two)}


@pytest.mark.parametrize("read", ["release", "share"])
def test_release_somebody_reads_stays_for_the_next_time(two: Pool, read: str) -> None:
    records = len(list(two.audit.records()))
    with two.releases.reading(1) if read == "release" else two.shares.reading(SHARE, 1):
        assert not retire(two, 1)
        assert two.releases.numbers() == [1, 2]
        assert two.ledger.upkeep.retired("release") == {}
        assert len(list(two.audit.records())) == records
    assert retire(two, 1)


def test_several_readers_do_not_hold_each_other_up(two: Pool) -> None:
    with two.releases.reading(1), two.releases.reading(1), two.shares.reading(SHARE, 1):
        pass


def test_reader_that_comes_too_late_is_told(two: Pool) -> None:
    retire(two, 1)
    with pytest.raises(PoolError, match=r"发布 1 已于 .* 清退"), two.releases.reading(1):
        pass
    with pytest.raises(FileNotFoundError), two.shares.reading(SHARE, 1):
        pass


def test_open_files_and_connections_go_on(two: Pool, tmp_path: Path) -> None:
    database = two.shares.folder(SHARE, 1) / "datapool.duckdb"
    database.parent.chmod(0o700)
    with duckdb.connect(str(database)) as writing:
        writing.execute("CREATE TABLE person AS SELECT range AS id, repeat('甲', 100) AS name FROM range(100000)")
    with (
        duckdb.connect(str(database), read_only=True) as connection,
        (two.releases.folder(1) / "pool" / "person.parquet").open("rb") as file,
    ):
        assert retire(two, 1)
        assert not database.exists()
        assert connection.execute("SELECT count(name) FROM person").fetchall() == [(100000,)]
        assert pq.read_table(file).num_rows == 2


def test_batch_that_goes_leaves_its_receipt_and_what_the_ledger_says(two: Pool) -> None:
    batch = first_batch(two)
    [entry] = [each for each in two.ledger.batches() if each.batch == batch]
    retire_first_batch(two.home)
    assert verify(two) == [], "release 2 was made of it"
    assert [each.period for each in two.ledger.batches()] == ["2025-11"]
    assert two.ledger.batch(batch) == entry
    assert two.receipts.read(batch).sha256 == entry.sha256
    assert (two.batches.is_sealed(batch), two.raw.holds(entry.sha256)) == (False, False)
    assert two.ledger.upkeep.retired("batch")[batch].reason == "到期"
    assert publish(two, "r3") == 3
    assert read_persons(two) == 2
    assert verify(two) == []


def test_raw_file_stays_while_another_batch_came_as_it(two: Pool, tmp_path: Path) -> None:
    export = write_export(tmp_path, "2025-10")
    again = export.rename(export.with_name("2025-12.csv"))
    run_path(two.home, again)
    [sha256] = {entry.sha256 for entry in two.ledger.batches() if entry.period != "2025-11"}
    retire_first_batch(two.home)
    assert two.raw.holds(sha256)
    assert verify(two) == []


@pytest.fixture
def shape(published_home: Path, swift_folder: Path) -> Path:
    """A home with two releases, for copying."""
    two = Path(shutil.copytree(published_home, swift_folder / "two"))
    run_path(two, write_export(swift_folder, "2025-11"))
    return two


@pytest.mark.parametrize("step", ["retire_first", "retire_first_batch"])
def test_retirement_killed_at_any_change_leaves_nothing_half_and_is_completed(
    step: str, shape: Path, swift_folder: Path, forker: Forker
) -> None:
    again = {"retire_first": retire_first, "retire_first_batch": retire_first_batch}[step]
    point = 0
    killed = True
    seen: set[tuple[bool, bool]] = set()
    while killed:
        point += 1
        home = Path(shutil.copytree(shape, swift_folder / f"home-{point}"))
        killed = forker.killed_at(point, step, home)

        pool = Pool.open(home)
        began = bool(pool.ledger.upkeep.retired("batch"))
        seen.add((began, bool(left_of_retired(pool))))
        assert verify(pool) == [], point
        assert read_persons(pool) == 4, point
        again(home)
        assert verify(pool) == [], point
        assert unfinished(home) == [], point
        assert left_of_retired(pool) == [], point
        gone = pool.releases.numbers() == [2] if step == "retire_first" else not pool.batches.is_sealed(first_batch(pool))
        assert gone, point
        shutil.rmtree(home)
    assert point > 15
    assert seen == ({(False, False)} if step == "retire_first" else {(False, False), (True, True), (True, False)})
