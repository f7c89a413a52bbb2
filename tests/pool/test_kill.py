"""A run killed at any change on disk: readers see the old release or the new one, and a re-run ends as if nothing had happened."""

import os
import shutil
import signal
from pathlib import Path

import pytest

from pool import Pool, PoolBusy
from pool.verify import verify
from tests.pool.forker import Forker
from tests.pool.small_pool import NOW, SHARE, content_of, read_persons, redact, roll_back, run_path, unfinished, write_export

OLD_ROWS, NEW_ROWS = 2, 4


def test_a_run_killed_at_any_change_on_disk_leaves_old_or_new_and_a_re_run_ends_the_same(
    published_home: Path, swift_folder: Path, forker: Forker
) -> None:
    export = write_export(swift_folder, "2025-11")
    undisturbed = Path(shutil.copytree(published_home, swift_folder / "undisturbed"))
    run_path(undisturbed, export)
    expected = content_of(Pool.open(undisturbed))
    seen = set()
    point = 0
    killed = True
    while killed:
        point += 1
        home = Path(shutil.copytree(published_home, swift_folder / f"home-{point}"))
        killed = forker.killed_at(point, "run_path", home, export)

        seen.add(visible_rows(home))
        run_path(home, export)
        pool = Pool.open(home)
        assert content_of(pool) == expected, point
        assert verify(pool) == [], point
        assert unfinished(home) == [], point
        shutil.rmtree(home)
    assert point > 50
    assert seen == {OLD_ROWS, NEW_ROWS}


def visible_rows(home: Path) -> int:
    """What readers see without opening, and thereby mending, anything; the share is never ahead of a release that is not whole."""
    release = int((home / "releases" / "current").read_text())
    share = int((home / "shares" / SHARE / "current").read_text())
    assert (home / "shares" / SHARE / str(share) / "manifest.json").is_file()
    assert (home / "releases" / str(share) / "manifest.json").is_file()
    assert release <= share <= release + 1
    return OLD_ROWS if release == 1 else NEW_ROWS


def test_a_redaction_killed_at_any_change_is_completed_by_the_next_opening_or_had_not_begun(
    published_home: Path, swift_folder: Path, forker: Forker
) -> None:
    point = 0
    killed = True
    while killed:
        point += 1
        home = Path(shutil.copytree(published_home, swift_folder / f"home-{point}"))
        killed = forker.killed_at(point, "redact", home)
        began = any((home / "raw").glob("*.parquet"))

        pool = Pool.open(home)
        assert verify(pool) == [], point
        (sha256,) = pool.raw.hashes()
        assert pool.raw.is_redacted(sha256) is began
        assert len(list(pool.paths.raw.iterdir())) == 1
        redact(home)
        assert [entry.reason for entry in next(pool.receipts.all()).redactions] == ["删除"]
        assert {record.action for record in pool.audit.records()} == {"receive", "release.publish", "raw.redact"}
        assert verify(pool) == [], point
    assert point > 10


def test_a_rollback_killed_at_any_change_has_happened_for_pool_and_shares_or_for_neither(
    published_home: Path, swift_folder: Path, forker: Forker
) -> None:
    two = Path(shutil.copytree(published_home, swift_folder / "two"))
    run_path(two, write_export(swift_folder, "2025-11"))
    point = 0
    killed = True
    while killed:
        point += 1
        home = Path(shutil.copytree(two, swift_folder / f"home-{point}"))
        killed = forker.killed_at(point, "roll_back", home)

        pool = Pool.open(home)
        with pool.publisher_lock():
            pool.releases.recover(now=NOW)
        assert pool.shares.current(SHARE) == pool.releases.current()
        assert verify(pool) == [], point
        roll_back(home)
        assert (pool.releases.current(), pool.shares.current(SHARE)) == (1, 1)
        assert verify(pool) == [], point
    assert point > 10


def test_a_second_publisher_is_told_who_holds_the_lock_until_that_process_dies(pool: Pool, forker: Forker) -> None:
    holder = forker.hold_lock(pool.home, with_child=False)["holder"]
    with pytest.raises(PoolBusy, match=rf"另一个发布者.*进程 {holder}"), pool.publisher_lock(timeout=0):
        pass
    os.kill(holder, signal.SIGKILL)
    with pool.publisher_lock(timeout=10):
        assert read_persons(pool) == OLD_ROWS


def test_a_worker_that_outlives_a_killed_publisher_does_not_keep_its_lock(pool: Pool, forker: Forker) -> None:
    held = forker.hold_lock(pool.home, with_child=True)
    os.kill(held["holder"], signal.SIGKILL)
    try:
        with pool.publisher_lock(timeout=10):
            os.kill(held["child"], 0)
    finally:
        os.kill(held["child"], signal.SIGKILL)
