"""`verify` is silent on a whole pool and finds planted damage of each kind, naming the file."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import create_engine, text

from pool import Outcome, Pool
from pool.files import file_sha256
from pool.paths import MANIFEST
from pool.verify import verify
from tests.pool.small_pool import NOW, SHARE, rewritten


def found(pool: Pool) -> set[tuple[str, str]]:
    """Kind and file name of all findings."""
    return {(finding.kind, Path(finding.path).name) for finding in verify(pool)}


def batch_folder(pool: Pool) -> Path:
    return pool.batches.folder(pool.batches.names()[0])


def edit(path: Path, **changes: object) -> None:
    path.chmod(0o600)
    path.write_text(json.dumps(json.loads(path.read_bytes()) | changes))


def edit_ledger(pool: Pool, statement: str) -> None:
    with create_engine(f"sqlite:///{pool.paths.ledger_file}").begin() as connection:
        assert connection.execute(text(statement)).rowcount == 1


def reseal(folder: Path) -> None:
    """Make the manifest of a folder fit its files again, as someone would who knows the format."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    for name, facts in manifest["files"].items():
        facts["sha256"] = file_sha256(folder / name)
    (folder / MANIFEST).chmod(0o600)
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_a_pool_that_nobody_touched_is_whole(pool: Pool) -> None:
    assert verify(pool) == []


def test_an_empty_pool_is_whole(empty_pool: Pool) -> None:
    assert verify(empty_pool) == []


def sealed_files(pool: Pool) -> list[Path]:
    raw = pool.raw.path(pool.raw.hashes()[0])
    batch = [batch_folder(pool) / name for name in ("accepted.parquet", "quarantine.parquet", "profile.json")]
    release = [pool.releases.folder(1) / "pool" / name for name in ("person.parquet", "event/2024.parquet")]
    return [raw, *batch, *release, pool.shares.folder(SHARE, 1) / "person.parquet"]


def test_a_flipped_byte_is_found_in_every_kind_of_file(pool: Pool) -> None:
    for path in sealed_files(pool):
        original = path.read_bytes()
        with rewritten(path) as content:
            content[len(content) // 2] ^= 1
        assert ("changed", path.name) in found(pool), path
        path.write_bytes(original)
    assert verify(pool) == []


def test_a_missing_file_of_every_kind_is_found(pool: Pool) -> None:
    raw, *sealed = sealed_files(pool)
    for path in sealed:
        original = path.read_bytes()
        path.unlink()
        assert ("missing", path.name) in found(pool), path
        path.write_bytes(original)
    raw.unlink()
    assert found(pool) == {("receipt", f"{pool.receipts.batches()[0]}.json")}


def test_a_file_that_nobody_noted_is_found(pool: Pool) -> None:
    (pool.releases.folder(1) / "pool" / "extra.parquet").touch()
    assert found(pool) == {("unexpected", "extra.parquet")}


def test_a_row_taken_out_of_a_batch_is_found_even_when_its_manifest_was_made_to_fit(pool: Pool) -> None:
    path = batch_folder(pool) / "accepted.parquet"
    path.chmod(0o600)
    pq.write_table(pq.read_table(path).slice(1), path)
    reseal(batch_folder(pool))
    assert {kind for kind, _ in found(pool)} == {"changed", "counts", "ledger"}


def test_a_row_taken_out_of_a_release_is_found_even_when_its_manifest_was_made_to_fit(pool: Pool) -> None:
    path = pool.releases.folder(1) / "pool" / "person.parquet"
    path.chmod(0o600)
    pq.write_table(pa.table({"name": ["张一"]}), path)
    reseal(pool.releases.folder(1))
    assert found(pool) == {("changed", MANIFEST), ("counts", "person")}


def test_a_share_whose_manifest_was_made_to_fit_is_found(pool: Pool) -> None:
    path = pool.shares.folder(SHARE, 1) / "person.parquet"
    path.chmod(0o600)
    path.write_bytes(b"unmasked")
    reseal(pool.shares.folder(SHARE, 1))
    assert found(pool) == {("changed", MANIFEST)}


@pytest.mark.parametrize(
    "changes",
    [
        {"file_name": "other.csv"},
        {"period": "2025-09"},
        {"size": 1},
        {"origin": "elsewhere"},
        {"received_at": NOW.replace(year=2024).isoformat()},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_an_edited_receipt_is_found(pool: Pool, changes: dict[str, object]) -> None:
    path = pool.receipts.path(pool.receipts.batches()[0])
    edit(path, **changes)
    assert found(pool) == {("receipt", path.name)}


def test_a_forged_receipt_for_a_delivery_that_never_was_is_found(pool: Pool) -> None:
    real = next(pool.receipts.all())
    pool.receipts.write(replace(real, batch="forged-batch"))
    messages = [finding.message for finding in verify(pool)]
    assert len(messages) == 2
    assert any("没有记入台账" in message for message in messages)


def test_a_receipt_that_is_gone_or_unreadable_is_found(pool: Pool) -> None:
    path = pool.receipts.path(pool.receipts.batches()[0])
    path.chmod(0o600)
    path.write_text("{")
    assert found(pool) == {("receipt", path.name)}
    path.unlink()
    assert found(pool) == {("missing", path.name)}


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("UPDATE batch SET rows_quarantined = 0", "ledger"),
        ("UPDATE batch SET sha256 = 'ab'", "receipt"),
        ("UPDATE batch SET receipt_digest = 'ab'", "receipt"),
        ("DELETE FROM batch", "receipt"),
        ("UPDATE outcome SET rows = 5 WHERE outcome = 'published'", "outcomes"),
        ("DELETE FROM outcome WHERE outcome = 'quarantined'", "outcomes"),
        ("UPDATE release SET manifest_sha256 = 'ab'", "changed"),
        ("DELETE FROM release", "ledger"),
        ("UPDATE audit_head SET digest = 'ab'", "audit"),
    ],
)
def test_an_edited_ledger_entry_is_found(pool: Pool, statement: str, kind: str) -> None:
    edit_ledger(pool, statement)
    assert kind in {found_kind for found_kind, _ in found(pool)}


def test_outcomes_that_do_not_add_up_to_the_rows_received_are_found(pool: Pool) -> None:
    batch = pool.batches.names()[0]
    pool.ledger.record_outcomes(1, [Outcome(batch, "published", 2)])
    (finding,) = verify(pool)
    assert (finding.kind, finding.path) == ("outcomes", batch)
    assert "收到 3 行，有去向的 2 行" in finding.message


@pytest.mark.parametrize(
    ("lose", "name"),
    [
        (lambda pool: pool.batches.remove(pool.batches.names()[0]), "civil_affairs"),
        (lambda pool: (pool.releases.folder(1) / MANIFEST).unlink(), MANIFEST),
        (lambda pool: (batch_folder(pool) / MANIFEST).unlink(), MANIFEST),
        (lambda pool: pool.shares._folders(SHARE).remove("1"), "1"),
    ],
    ids=["batch", "release manifest", "batch manifest", "share"],
)
def test_a_lost_folder_or_manifest_is_found(pool: Pool, lose: Callable[[Pool], None], name: str) -> None:
    lose(pool)
    assert any(found_name.startswith(name) for _, found_name in found(pool))


def test_a_pointer_to_another_release_than_the_shares_is_found(pool: Pool) -> None:
    path = pool.paths.shares / SHARE / "current"
    path.chmod(0o600)
    path.write_text("7")
    assert found(pool) == {("pointer", "current")}


def test_a_release_that_is_pointed_to_and_not_there_is_found(pool: Pool) -> None:
    path = pool.paths.releases / "current"
    path.chmod(0o600)
    path.write_text("7")
    assert ("pointer", "current") in found(pool)


def test_a_library_file_that_was_changed_is_found(pool: Pool) -> None:
    with pool.library.building("v1") as folder:
        (folder / "addresses.parquet").write_bytes(b"addresses")
    assert verify(pool) == []
    with rewritten(pool.library.folder("v1") / "addresses.parquet") as content:
        content[0] ^= 1
    assert found(pool) == {("changed", "addresses.parquet")}


def test_a_redacted_raw_file_that_was_changed_is_found(pool: Pool) -> None:
    sha256 = pool.raw.hashes()[0]
    pool.redact(sha256, [pa.record_batch({"row": [2]})], reason="删除", actor="tester", now=NOW)
    assert verify(pool) == []
    path = pool.raw.path(sha256)
    table = pq.read_table(path)
    path.chmod(0o600)
    pq.write_table(table, path, compression="none")
    assert found(pool) == {("receipt", f"{pool.receipts.batches()[0]}.json")}


def test_a_changed_audit_record_is_found(pool: Pool) -> None:
    (path,) = pool.paths.audit.iterdir()
    path.write_text(path.read_text().replace("tester", "nobody", 1))
    assert {kind for kind, _ in found(pool)} == {"audit"}


def test_every_message_is_chinese_and_says_what_to_do(pool: Pool) -> None:
    for path in sealed_files(pool)[1:]:
        path.unlink()
    messages = [finding.message for finding in verify(pool)]
    assert messages
    assert all("请" in message for message in messages)
