"""`verify` finds damage wherever a file rests and whatever entry is edited, also when what stands beside it was made to fit."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, text

from pool import Gate, LibraryEdit, PairDecision, Pool, ReviewDecision, ReviewUndo
from pool.files import file_sha256
from pool.paths import MANIFEST
from pool.verify import verify
from tests.pool.small_pool import NOW, SHARE, rewritten, roll_back, run_path, write_export

ELSEWHERE = {"ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"}
"""Damaged by editing entries, below."""


def rich_pool(home: Path, folder: Path) -> Pool:
    """Two releases, a library, address results upon earlier ones, decisions and edits: something of all that rests in a pool."""
    run_path(home, write_export(folder, "2025-11"))
    pool = Pool.open(home)
    for version in ("v1", "v2"):
        with pool.library.building(version) as part:
            pq.write_table(pa.table({"address_id": ["a", "b"]}), part / "addresses.parquet")
        pool.note_folder(pool.library, version)
    pool.matches.add("v1", "r1", "batch", pa.table({"input_key": ["a"]}))
    pool.matches.add("v2", "r1", "batch", pa.table({"input_key": ["b"]}), below=["v1"])
    pool.ledger.record_gate(Gate("run", "batch", "batch", True, NOW))
    pool.ledger.record_library_edit(LibraryEdit("retire", {"address_id": "a"}, "王工", "拆迁", NOW))
    decision = ReviewDecision("c-1", "c", "兴隆小区", "address", "a", "", "", "v1", "r1", "王工", "", NOW, "tester")
    pool.ledger.review.record([decision])
    pool.ledger.review.undo(ReviewUndo("c-1", "王工", "查错了", NOW, "tester"))
    pool.ledger.pairs.record([PairDecision("p-1", "p", "person", "a", "b", "same", "", "", "王工", "", NOW, "tester")])
    return pool


@pytest.fixture(scope="module")
def rich_home(published_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rich")
    home = Path(shutil.copytree(published_home, folder / "home"))
    assert verify(rich_pool(home, folder)) == []
    return home


@pytest.fixture
def rich(rich_home: Path, tmp_path: Path) -> Pool:
    return Pool.open(Path(shutil.copytree(rich_home, tmp_path / "home")))


def files_at_rest(pool: Pool) -> Iterator[Path]:
    """Every file below the home, but for the ledger: its entries are edited one by one."""
    return (path for path in sorted(pool.home.rglob("*")) if path.is_file() and path.name not in ELSEWHERE)


def test_a_flipped_byte_is_found_in_every_file_of_the_pool(rich: Pool) -> None:
    places = set()
    for path in files_at_rest(rich):
        original = path.read_bytes()
        with rewritten(path) as content:
            content[len(content) // 2] ^= 1
        assert verify(rich), path
        path.write_bytes(original)
        places.add(path.relative_to(rich.home).parts[0])
    assert verify(rich) == []
    assert places == {"raw", "receipts", "batches", "matches", "library", "releases", "shares", "audit"}


def test_every_file_of_the_pool_that_is_lost_is_missed(rich: Pool) -> None:
    made_again = rich.paths.matches / "v2" / "r1" / "batch.parquet"
    for path in files_at_rest(rich):
        original = path.read_bytes()
        path.unlink()
        assert bool(verify(rich)) is (path != made_again), path
        path.write_bytes(original)
    assert verify(rich) == []


@pytest.mark.parametrize("place", ["raw", "batches", "library/v1", "releases/1", "releases/1/pool", "shares/analyst/1", "matches/v1/r1"])
def test_a_file_that_nobody_wrote_is_found_in_every_folder(rich: Pool, place: str) -> None:
    folder = rich.home / place
    if place == "batches":
        folder /= rich.batches.names()[0]
    pq.write_table(pa.table({"name": ["张三"]}), folder / "planted.parquet")
    assert [Path(finding.path).name.removesuffix(".parquet") for finding in verify(rich)] == ["planted"]


def forge(pool: Pool, folder: Path) -> None:
    """Take a row out of each Parquet file of a sealed folder, and make its manifest fit."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for name, facts in manifest["files"].items():
        path = folder / name
        path.chmod(0o600)
        if path.suffix == ".parquet" and pq.read_metadata(path).num_rows:
            table = pq.read_table(path)
            path.unlink()  # it may be linked elsewhere
            pq.write_table(pa.concat_tables([table.slice(1), table.slice(1)]).slice(0, table.num_rows), path)
        else:
            path.write_bytes(path.read_bytes() + b" ")
        facts |= {"sha256": file_sha256(path), "size": path.stat().st_size}
    (folder / MANIFEST).chmod(0o600)
    (folder / MANIFEST).write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "folder_of",
    [
        lambda pool: pool.batches.folder(pool.batches.names()[0]),
        lambda pool: pool.library.folder("v1"),
        lambda pool: pool.releases.folder(1),
        lambda pool: pool.releases.folder(2),
        lambda pool: pool.shares.folder(SHARE, 2),
    ],
    ids=["batch", "library", "old release", "current release", "share"],
)
def test_a_sealed_folder_whose_manifest_was_made_to_fit_is_found(rich: Pool, folder_of: Callable[[Pool], Path]) -> None:
    forge(rich, folder_of(rich))
    assert verify(rich)


def test_a_release_that_was_made_to_fit_in_the_ledger_too_is_found_by_the_audit_log(rich: Pool) -> None:
    manifest = rich.releases.folder(2) / MANIFEST
    forge(rich, rich.releases.folder(2))
    edit_ledger(rich, f"UPDATE release SET manifest_sha256 = '{file_sha256(manifest)}' WHERE release = 2")
    assert [finding.message for finding in verify(rich) if "与审计日志记下的不符" in finding.message]


def test_a_receipt_that_was_made_to_fit_in_the_ledger_too_is_found_by_the_audit_log(rich: Pool) -> None:
    receipt = rich.receipts.read(rich.receipts.batches()[0])
    path = rich.receipts.path(receipt.batch)
    path.chmod(0o600)
    path.write_text(path.read_text().replace('"inbox"', '"elsewhere"'))
    digest = rich.receipts.read(receipt.batch).digest()
    assert digest != receipt.digest()
    edit_ledger(rich, f"UPDATE batch SET receipt_digest = '{digest}' WHERE batch = '{receipt.batch}'")
    assert verify(rich)


def test_a_delivery_that_was_removed_without_trace_is_missed_by_the_audit_log(rich: Pool) -> None:
    batch = rich.receipts.batches()[0]
    entry = rich.ledger.batch(batch)
    assert entry is not None
    for path in (rich.raw.path(entry.sha256), rich.receipts.path(batch)):
        path.unlink()
    rich.batches.remove(batch)
    edit_ledger(rich, f"DELETE FROM batch WHERE batch = '{batch}'")
    edit_ledger(rich, f"DELETE FROM entry_seal WHERE key = '{batch}'")
    edit_ledger(rich, f"DELETE FROM noted_file WHERE path LIKE '%{batch}%'")
    assert any(f"审计日志记有批次 {batch}" in finding.message for finding in verify(rich))


def edit_ledger(pool: Pool, statement: str) -> None:
    with create_engine(f"sqlite:///{pool.paths.ledger_file}").begin() as connection:
        assert connection.execute(text(statement)).rowcount


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE batch SET status = 'withdrawn'",
        "UPDATE batch SET reason = 'x'",
        "UPDATE batch SET received_at = '2020-01-01 00:00:00'",
        "DELETE FROM batch",
        "INSERT INTO batch SELECT batch || 'x', contract, system, dataset, period, sha256, received_at, status, reason, rows_received,"
        " rows_accepted, rows_quarantined, changed_at, receipt_digest FROM batch",
        "UPDATE outcome SET rows = rows + 1 WHERE outcome = 'published' AND release = 2",
        "DELETE FROM outcome WHERE release = 2",
        "UPDATE release SET manifest_sha256 = 'x'",
        "DELETE FROM release WHERE release = 1",
        "DELETE FROM release WHERE release = 2",
        "UPDATE gate SET passed = 0",
        "DELETE FROM gate",
        "UPDATE review_decision SET address_id = 'b'",
        "DELETE FROM review_decision",
        "UPDATE review_undo SET reason = 'x'",
        "DELETE FROM review_undo",
        "UPDATE pair_decision SET choice = 'different'",
        "DELETE FROM pair_decision",
        "UPDATE library_edit SET why = 'x'",
        "DELETE FROM library_edit",
        "UPDATE noted_file SET sha256 = 'x' WHERE path LIKE 'matches/%'",
        "DELETE FROM noted_file WHERE path LIKE 'matches/%'",
        "UPDATE audit_head SET digest = 'x'",
        "UPDATE audit_head SET number = 1",
    ],
)
def test_an_entry_of_the_ledger_that_was_edited_is_found(rich: Pool, statement: str) -> None:
    edit_ledger(rich, statement)
    findings = verify(rich)
    assert findings
    assert all("请" in finding.message for finding in findings)


def test_pointers_moved_together_to_an_older_release_are_found_and_a_rollback_is_not(rich: Pool) -> None:
    for path in (rich.paths.releases / "current", rich.paths.shares / SHARE / "current"):
        path.chmod(0o600)
        path.write_text("1\n")
    assert [(finding.kind, finding.path) for finding in verify(rich)] == [("pointer", "releases/current")]
    roll_back(rich.home)
    assert verify(rich) == []


def test_records_added_to_the_audit_log_in_its_own_form_are_found(rich: Pool) -> None:
    head = rich.ledger.audit_head()
    for number in (1, 2):
        rich.audit.append("forged", str(number), "nobody", "done", NOW)
    rich.ledger.record_audit_head(head)
    assert [finding.kind for finding in verify(rich)] == ["audit"]


def test_entries_of_a_ledger_that_earlier_software_made_are_taken_as_they_are(rich: Pool) -> None:
    edit_ledger(rich, "DELETE FROM entry_seal")
    assert verify(rich)
    with create_engine(f"sqlite:///{rich.paths.ledger_file}").begin() as connection:
        connection.execute(text("DROP TABLE entry_seal"))
    assert verify(Pool.open(rich.home)) == []
