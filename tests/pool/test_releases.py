"""Releases and shares: built apart, visible at once, rolled back without undoing anything else."""

import stat
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pool import Outcome, Pool, PoolError, ReleaseBuild
from pool.verify import verify
from tests.pool.small_pool import NOW, SHARE, publish, read_persons, receive, run_path, unfinished, write_export


@pytest.fixture
def two_releases(home: Path, tmp_path: Path) -> Pool:
    run_path(home, write_export(tmp_path, "2025-11"))
    return Pool.open(home)


def start(pool: Pool) -> ReleaseBuild:
    return pool.releases.start(now=NOW)


def test_a_run_with_nothing_new_publishes_nothing(home: Path, tmp_path: Path) -> None:
    assert [run_path(home, write_export(tmp_path, period)) for period in ("2025-10", "2025-11", "2025-11")] == [1, 2, 2]


def test_readers_see_the_old_release_until_the_new_one_is_committed(pool: Pool) -> None:
    with pool.publisher_lock():
        build = start(pool)
        pq.write_table(pa.table({"name": ["新"]}), build.tables / "person.parquet")
        with pool.shares.building(SHARE, build.number):
            pass
        assert (pool.releases.current(), pool.shares.current(SHARE), read_persons(pool)) == (1, 1, 2)
        pool.releases.commit(build, {}, [SHARE], run="r2", actor="tester", now=NOW)
    assert (pool.releases.current(), pool.shares.current(SHARE), read_persons(pool)) == (2, 2, 1)


def test_unchanged_files_are_shared_between_releases_and_not_copied(two_releases: Pool) -> None:
    def inode(number: int, path: str) -> int:
        return (two_releases.releases.folder(number) / "pool" / path).stat().st_ino

    assert inode(1, "event/2024.parquet") == inode(2, "event/2024.parquet")
    assert inode(1, "person.parquet") != inode(2, "person.parquet")


def test_a_table_that_the_previous_release_had_not_is_not_linked(pool: Pool) -> None:
    with pool.publisher_lock():
        build = start(pool)
        assert build.link_unchanged("grid") == []
        assert [path.name for path in build.link_unchanged("person")] == ["person.parquet"]


def test_the_manifest_names_files_shares_run_and_the_head_of_the_audit_log(pool: Pool) -> None:
    manifest = pool.releases.manifest(1)
    assert set(manifest["files"]) == {"pool/event/2024.parquet", "pool/person.parquet"}
    assert (manifest["release"], manifest["previous"], manifest["run"], manifest["actor"]) == (1, None, "run-2025-10", "tester")
    assert set(manifest["shares"]) == {SHARE}
    assert manifest["audit"]["number"] == 1
    assert manifest["tables"]["person"]["rows"] == 2


def test_an_abandoned_release_leaves_nothing_and_its_number_is_free_again(pool: Pool) -> None:
    with pool.publisher_lock():
        build = start(pool)
        with pool.shares.building(SHARE, build.number):
            pass
        pool.releases.abandon(build)
        assert unfinished(pool.paths.releases) == []
        assert not pool.shares.is_sealed(SHARE, 2)
        assert start(pool).number == 2


def test_a_later_step_takes_up_the_build_of_an_earlier_one_by_its_number(pool: Pool) -> None:
    with pool.publisher_lock():
        build = start(pool)
    other = Pool.open(pool.home)
    assert other.releases.resume(2) == build
    with pytest.raises(PoolError, match="发布 3 已不存在"):
        other.releases.resume(3)


def test_a_share_that_is_not_finished_holds_the_release_back(pool: Pool) -> None:
    with pool.publisher_lock(), pytest.raises(PoolError, match="共享 analyst 的发布 2 还没有写完"):
        pool.releases.commit(start(pool), {}, [SHARE], run="r2", actor="tester", now=NOW)
    assert pool.releases.current() == 1


def test_publishing_without_the_lock_is_refused(pool: Pool) -> None:
    with pytest.raises(PoolError, match="publisher_lock"):
        start(pool)
    with pytest.raises(PoolError, match="publisher_lock"):
        pool.releases.rollback(1, actor="tester", reason="", now=NOW)


def test_rollback_moves_pool_and_shares_and_the_next_release_starts_from_there(two_releases: Pool) -> None:
    pool = two_releases
    with pool.publisher_lock():
        pool.releases.rollback(1, actor="tester", reason="核对", now=NOW)
        assert (pool.releases.current(), pool.shares.current(SHARE), read_persons(pool)) == (1, 1, 2)
        assert verify(pool) == []
        build = start(pool)
        assert (build.number, build.previous) == (3, 1)
    assert [release.release for release in pool.ledger.releases()] == [1, 2]
    actions = [(record.action, record.object, record.result) for record in pool.audit.records()]
    assert actions[-2:] == [("release.rollback", "1", "started"), ("release.rollback", "1", "done")]


def test_rollback_to_a_release_that_is_not_there_names_those_that_are(two_releases: Pool) -> None:
    with two_releases.publisher_lock(), pytest.raises(PoolError, match=r"没有发布 7.*现有发布：\[1, 2\]"):
        two_releases.releases.rollback(7, actor="tester", reason="", now=NOW)
    assert two_releases.releases.current() == 2


def test_a_share_that_a_release_no_longer_has_is_taken_from_its_readers(pool: Pool) -> None:
    with pool.publisher_lock():
        pool.releases.commit(start(pool), {}, [], run="r2", actor="tester", now=NOW)
    assert pool.shares.current(SHARE) is None
    with pool.publisher_lock():
        pool.releases.rollback(1, actor="tester", reason="", now=NOW)
    assert pool.shares.current(SHARE) == 1


def test_shares_elsewhere_are_open_to_the_group_of_their_folder_and_nothing_else_is(tmp_path: Path) -> None:
    shares = tmp_path / "shares"
    shares.mkdir()
    shares.chmod(0o2750)
    pool = Pool.open(tmp_path / "home", shares=shares)
    receive(pool, write_export(tmp_path, "2025-10"))
    with pool.publisher_lock():
        build = start(pool)
        pq.write_table(pa.table({"name": ["甲"]}), build.tables / "person.parquet")
        with pool.shares.building(SHARE, 1) as folder:
            (folder / "datapool.duckdb").write_bytes(b"masked")
        pool.releases.commit(build, {}, [SHARE], run="r1", actor="tester", now=NOW)

    modes = {path.relative_to(shares).as_posix(): oct(stat.S_IMODE(path.stat().st_mode)) for path in shares.rglob("*")}
    assert modes == {
        "analyst": "0o2750",
        "analyst/1": "0o2750",
        "analyst/1/datapool.duckdb": "0o440",
        "analyst/1/manifest.json": "0o440",
        "analyst/current": "0o440",
    }
    private = [path for path in pool.paths.releases.rglob("*") if path.stat().st_mode & 0o077]
    assert private == []


def test_what_others_keep_beside_the_shares_is_left_alone(pool: Pool) -> None:
    for name in ("lost+found/7", "docs/2024"):
        (pool.paths.shares / name).mkdir(parents=True)
    with pool.publisher_lock():
        pool.releases.recover(now=NOW)
    assert (pool.paths.shares / "lost+found" / "7").is_dir()
    assert (pool.paths.shares / "docs" / "2024").is_dir()
    assert verify(pool) == []


def test_outcomes_stated_for_a_release_that_never_came_are_replaced_by_those_of_the_one_that_did(pool: Pool) -> None:
    pool.ledger.record_outcomes(2, [Outcome("never", "published", 9)])
    pool.ledger.set_batch_status(pool.ledger.batches()[0].batch, "blocked", now=NOW)
    with pytest.raises(ValueError, match="one"):
        publish(pool, "r2")
    pool.ledger.set_batch_status(pool.ledger.batches()[0].batch, "accepted", now=NOW)
    assert publish(pool, "r2") == 1
    assert verify(pool) == []


def test_a_damaged_pointer_is_an_error_that_names_it(pool: Pool) -> None:
    (pool.paths.releases / "current").chmod(0o600)
    (pool.paths.releases / "current").write_text("latest")
    with pytest.raises(PoolError, match="current 已损坏"):
        pool.releases.current()
