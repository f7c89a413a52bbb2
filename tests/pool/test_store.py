"""Raw files, receipts, batches, library and matches: kept once, written whole, never changed."""

import hashlib
import os
import stat
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pool import AlreadySealed, Batch, Pool, PoolBusy, PoolError, Receipt, Redaction, batch_id
from pool.verify import verify
from tests.pool.small_pool import NOW, unfinished

RECEIPT = Receipt("", "civil_affairs", "grid", "civil_affairs.grid", "2025-11", "grid.csv", 3, "", "inbox", NOW)


@pytest.fixture
def pool(empty_pool: Pool) -> Pool:
    return empty_pool


def delivered(pool: Pool, folder: Path, content: bytes, period: str = "2025-11") -> Receipt:
    source = folder / "grid.csv"
    source.write_bytes(content)
    raw = pool.raw.store(source)
    batch = batch_id("civil_affairs.grid", period, raw.hash)
    receipt = pool.receipts.write(replace(RECEIPT, batch=batch, period=period, size=raw.size, sha256=raw.hash))
    pool.ledger.record_batch(Batch(batch, receipt.contract, receipt.system, receipt.dataset, period, raw.hash, NOW))
    return receipt


def test_everything_in_the_home_is_closed_to_others_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        (tmp_path / "home").mkdir(mode=0o755)
        pool = Pool.open(tmp_path / "home")
        delivered(pool, tmp_path, b"1,2")
    finally:
        os.umask(before)
    assert stat.S_IMODE(pool.home.stat().st_mode) == 0o700
    open_to_group = [path for path in pool.home.iterdir() if path.is_dir() and path.name != "shares" and path.stat().st_mode & 0o077]
    assert open_to_group == []
    assert stat.S_IMODE(next(pool.paths.raw.iterdir()).stat().st_mode) == 0o400


def test_the_same_bytes_are_stored_once_under_their_hash(pool: Pool, tmp_path: Path) -> None:
    source = tmp_path / "a.csv"
    source.write_bytes(b"1,2\n")
    first, second = pool.raw.store(source), pool.raw.store(source)
    assert first.hash == hashlib.sha256(b"1,2\n").hexdigest()
    assert (first.known, second.known) == (False, True)
    assert pool.raw.hashes() == [first.hash]
    assert pool.raw.path(first.hash).read_bytes() == b"1,2\n"


def test_an_empty_file_is_stored_too(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "nothing.csv").touch()
    assert pool.raw.store(tmp_path / "nothing.csv").size == 0


def test_a_file_that_is_not_there_is_an_error_naming_it(pool: Pool, tmp_path: Path) -> None:
    with pytest.raises(PoolError, match=r"missing\.csv 无法存入数据池"):
        pool.raw.store(tmp_path / "missing.csv")


def test_a_batch_is_the_same_for_the_same_bytes_and_period_and_new_for_a_new_period() -> None:
    batches = {batch_id("a.b", period, sha256) for period in ("2025-10", "2025-11") for sha256 in ("00", "11")}
    assert len(batches) == 4
    assert batch_id("a.b", "2025-10", "00") in batches
    assert batch_id("a.b", "2025-10", "00").startswith("a.b-2025-10-")


@pytest.mark.parametrize("period", ["", "2025/10", "20251", "../2025", "2025-10-01-02"])
def test_a_period_that_is_no_date_is_refused(period: str) -> None:
    with pytest.raises(PoolError, match="期次"):
        batch_id("a.b", period, "00")


def test_the_first_receipt_of_a_batch_stands(pool: Pool, tmp_path: Path) -> None:
    receipt = delivered(pool, tmp_path, b"1")
    again = pool.receipts.write(replace(receipt, file_name="again.csv"))
    assert again == receipt == pool.receipts.read(receipt.batch)
    assert list(pool.receipts.all()) == [receipt]


def test_a_redacted_file_rests_as_its_rows_and_every_receipt_says_so(pool: Pool, tmp_path: Path) -> None:
    receipts = [delivered(pool, tmp_path, "姓名,宗教\n张三,某教\n".encode(), period) for period in ("2025-10", "2025-11")]
    sha256 = receipts[0].sha256
    rows = [pa.record_batch({"row": [2], "姓名": ["张三"]})]
    pool.redact(sha256, rows, reason="拒收列：宗教", actor="tester", now=NOW)

    assert pq.read_table(pool.raw.path(sha256)).to_pydict() == {"row": [2], "姓名": ["张三"]}
    assert "某教".encode() not in b"".join(path.read_bytes() for path in pool.paths.raw.iterdir())
    for receipt in receipts:
        standing = pool.receipts.read(receipt.batch)
        assert standing.redactions == (Redaction("拒收列：宗教", "tester", NOW, 1),)
        assert (standing.sha256, standing.digest()) == (sha256, receipt.digest())
    assert verify(pool) == []


def test_the_bytes_of_a_redacted_file_do_not_come_back_and_its_next_receipt_says_so(pool: Pool, tmp_path: Path) -> None:
    sha256 = delivered(pool, tmp_path, b"secret").sha256
    pool.redact(sha256, [], reason="删除", actor="tester", now=NOW)
    later = delivered(pool, tmp_path, b"secret", "2025-12")
    assert [path.name for path in pool.paths.raw.iterdir()] == [f"{sha256}.parquet"]
    assert [entry.reason for entry in later.redactions] == ["删除"]
    assert verify(pool) == []


def test_a_redaction_repeated_stands_once_and_a_further_one_is_added(pool: Pool, tmp_path: Path) -> None:
    receipt = delivered(pool, tmp_path, b"a\nb\n")
    rows = pa.record_batch({"text": ["a", "b"]})
    for reason, batch in (("一", rows), ("一", rows), ("二", rows.slice(1))):
        pool.redact(receipt.sha256, [batch], reason=reason, actor="tester", now=NOW)
    assert [(entry.reason, entry.rows) for entry in pool.receipts.read(receipt.batch).redactions] == [("一", 2), ("二", 1)]
    assert verify(pool) == []


def test_a_sealed_batch_is_read_only_listed_in_its_manifest_and_not_built_again(pool: Pool) -> None:
    with pool.batches.building("b1") as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "accepted.parquet").write_bytes(b"rows")
    assert stat.S_IMODE((pool.batches.folder("b1") / "deep" / "accepted.parquet").stat().st_mode) == 0o400
    assert '"deep/accepted.parquet"' in (pool.batches.folder("b1") / "manifest.json").read_text()
    assert pool.batches.names() == ["b1"]
    with pytest.raises(AlreadySealed, match="b1 已经写成"), pool.batches.building("b1"):
        pass


def test_a_failed_building_leaves_nothing(pool: Pool) -> None:
    with pytest.raises(FileNotFoundError), pool.batches.building("b1") as folder:
        pq.write_table(pq.read_table(folder / "lost.parquet"), folder / "accepted.parquet")
    assert not pool.batches.is_sealed("b1")
    assert unfinished(pool.home) == []


def test_two_builders_of_one_batch_are_kept_apart_but_those_of_two_are_not(pool: Pool) -> None:
    with pool.batches.building("b1"), pool.batches.building("b2"):
        again = pool.batches.building("b1", timeout=0)
        with pytest.raises(PoolBusy, match="batches/b1"), again:
            pass
    assert pool.batches.names() == ["b1", "b2"]


@pytest.mark.parametrize("name", ["../b1", "", ".hidden", "b1.part", "b/1", "批次"])
def test_names_that_could_leave_their_folder_are_refused(pool: Pool, name: str) -> None:
    with pytest.raises(PoolError, match="不能用作文件名"):
        pool.batches.folder(name)


def test_matches_are_kept_by_versions_and_never_changed(pool: Pool) -> None:
    pool.matches.add("lib1", "rules1", "b1", pa.table({"input_key": ["1"]}))
    pool.matches.add("lib1", "rules1", "b1", pa.table({"input_key": ["2"]}))
    assert pool.matches.holds("lib1", "rules1", "b1")
    [layer] = pool.matches.layers("lib1", "rules1")
    assert layer.path == pool.matches.folder("lib1", "rules1") / "b1.parquet"
    assert pq.read_table(layer.path)["input_key"].to_pylist() == ["1"]
    assert pool.matches.layers("lib2", "rules1") == []
    assert unfinished(pool.home) == []


def test_matches_stand_upon_those_of_other_libraries_as_long_as_these_are_there(pool: Pool) -> None:
    for version, below in (("lib1", ()), ("lib2", ("lib1",)), ("lib3", ("lib1", "lib2"))):
        pool.matches.add(version, "rules1", "b1", pa.table({"input_key": [version]}), below=below)
    assert [layer.library for layer in pool.matches.layers("lib3", "rules1")] == ["lib1", "lib2", "lib3"]
    assert pool.matches.libraries("rules1", "b1") == ["lib3", "lib2", "lib1"]
    pool.matches.folder("lib1", "rules1").joinpath("b1.parquet").unlink()
    assert not pool.matches.holds("lib3", "rules1", "b1"), "what it stands upon is lost"
    pool.matches.add("lib3", "rules1", "b1", pa.table({"input_key": ["anew"]}))
    assert [layer.library for layer in pool.matches.layers("lib3", "rules1")] == ["lib3"]


def test_scratch_space_is_private_and_goes_with_the_step(pool: Pool) -> None:
    with pool.spill() as one, pool.spill() as other:
        assert one != other
        (one / "spilled").write_bytes(b"rows")
        Pool.open(pool.home)
        assert (one / "spilled").exists()
    assert unfinished(pool.home) == []


def test_leftovers_of_killed_processes_go_at_the_next_opening(pool: Pool) -> None:
    (pool.paths.parts / "0123.part").write_bytes(b"half")
    (pool.paths.parts / "4567.part").mkdir()
    (pool.paths.batches / "b1.part").mkdir()
    (pool.paths.locks / "batches-b1.lock").touch()
    Pool.open(pool.home)
    assert unfinished(pool.home) == []
