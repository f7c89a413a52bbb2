"""The whole path in miniature, for tests of the pool: one delivery of CSV rows becomes one release with one share."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pool import Batch, Counts, Outcome, Pool, Receipt, Run, batch_id
from pool.retiring import remove_retired, retire_batches

NOW = datetime(2025, 11, 22, 1, 30, tzinfo=UTC)
CONTRACT = "civil_affairs.subsistence_allowance"
SHARE = "analyst"


def write_export(folder: Path, period: str) -> Path:
    """An export of three rows, the last of which belongs to quarantine."""
    path = folder / f"{period}.csv"
    path.write_text(f"姓名,期次\n张一,{period}\n李二,{period}\n,{period}\n", encoding="utf-8")
    return path


def run_path(home: Path, export: Path, ledger_url: str | None = None) -> int:
    """Deliver an export and publish, leaving out each step that is done; returns the number of the release that stands."""
    pool = Pool.open(home, ledger_url=ledger_url)
    run = f"run-{export.stem}"
    pool.ledger.start_run(Run(run, "tester", NOW, software="0"))
    with pool.ledger.stage(run, "receive", now=NOW):
        batch = receive(pool, export)
    with pool.ledger.stage(run, "check", batch, now=NOW):
        check(pool, batch, export)
    with pool.ledger.stage(run, "publish", now=NOW):
        number = publish(pool, run)
    pool.ledger.finish_run(run, "succeeded", now=NOW)
    return number


def receive(pool: Pool, export: Path) -> str:
    raw = pool.raw.store(export)
    batch = batch_id(CONTRACT, export.stem, raw.hash)
    system, dataset = CONTRACT.split(".")
    receipt = Receipt(batch, system, dataset, CONTRACT, export.stem, export.name, raw.size, raw.hash, "inbox", NOW)
    receipt = pool.receipts.write(receipt)
    pool.ledger.record_batch(
        Batch(batch, CONTRACT, system, dataset, export.stem, raw.hash, receipt.received_at, receipt_digest=receipt.digest())
    )
    pool.audit.append("receive", batch, "tester", "done", NOW)
    return batch


def check(pool: Pool, batch: str, export: Path) -> None:
    if not pool.batches.is_sealed(batch):
        names = [line.split(",")[0] for line in export.read_text(encoding="utf-8").splitlines()[1:]]
        with pool.batches.building(batch) as folder:
            pq.write_table(pa.table({"name": [name for name in names if name]}), folder / "accepted.parquet")
            sys.audit("test.half_written")
            pq.write_table(pa.table({"name": [name for name in names if not name]}), folder / "quarantine.parquet")
            (folder / "profile.json").write_text(json.dumps({"rows": {"received": 3, "accepted": 2, "quarantined": 1}}))
    pool.note_folder(pool.batches, batch)
    pool.ledger.set_batch_status(batch, "accepted", now=NOW, counts=Counts(3, 2, 1))


def publish(pool: Pool, run: str) -> int:
    batches = [entry.batch for entry in pool.ledger.batches(status="accepted")]
    with pool.publisher_lock(holder=run):
        pool.releases.recover(now=NOW)
        current = pool.releases.current()
        if current is not None and pool.releases.manifest(current)["inputs"] == {"batches": batches}:
            return current
        build = pool.releases.start(now=NOW)
        persons = pa.concat_tables(pq.read_table(pool.batches.folder(batch) / "accepted.parquet") for batch in batches)
        pq.write_table(persons, build.tables / "person.parquet")
        if not build.link_unchanged("event"):
            (build.tables / "event").mkdir()
            pq.write_table(pa.table({"event": ["火灾"]}), build.tables / "event" / "2024.parquet")
        sys.audit("test.half_written")
        with pool.shares.building(SHARE, build.number) as folder:
            pq.write_table(persons.select([]), folder / "person.parquet")
        outcomes = [Outcome(batch, kind, rows) for batch in batches for kind, rows in (("published", 2), ("quarantined", 1))]
        pool.ledger.record_outcomes(build.number, outcomes)
        manifest = {"inputs": {"batches": batches}, "tables": {"person": {"rows": len(persons)}, "event": {"rows": 1}}}
        return pool.releases.commit(build, manifest, [SHARE], run=run, actor="tester", now=NOW)


def redact(home: Path) -> None:
    """Take the first name out of the only raw file."""
    pool = Pool.open(home)
    (sha256,) = pool.raw.hashes()
    if not pool.raw.is_redacted(sha256):
        pool.redact(sha256, [pa.record_batch({"row": [3]})], reason="删除", actor="tester", now=NOW)


def roll_back(home: Path) -> None:
    """Go back to the first release."""
    pool = Pool.open(home)
    with pool.publisher_lock():
        pool.releases.rollback(1, actor="tester", reason="核对", now=NOW)


def retire_first(home: Path) -> None:
    """Retire the first release, or complete that."""
    pool = Pool.open(home)
    with pool.publisher_lock():
        pool.releases.complete_retirements()
        if 1 in pool.releases.numbers():
            assert pool.releases.retire(1, "试试", actor="tester", now=NOW)


def retire_first_batch(home: Path) -> None:
    """Retire the batch of October, or complete that."""
    pool = Pool.open(home)
    remove_retired(pool)
    list(retire_batches(pool, {first_batch(pool): "到期"}, actor="tester", now=NOW))


def first_batch(pool: Pool) -> str:
    """The batch of October."""
    return next(entry.batch for entry in pool.ledger.batches(retired=True) if entry.period == "2025-10")


def read_persons(pool: Pool) -> int:
    """What a reader of the pool sees: the rows of the current release, read whole."""
    number = pool.releases.current()
    assert number is not None
    return pq.read_table(pool.releases.folder(number) / "pool" / "person.parquet").num_rows


def content_of(pool: Pool) -> dict[str, object]:
    """Everything that counts, apart from times: files of batches, release and share, outcomes, receipts."""
    number = pool.releases.current()
    assert number is not None
    manifest = pool.releases.manifest(number)
    return {
        "release": number,
        "files": manifest["files"],
        "shares": manifest["shares"],
        "visible": pool.shares.current(SHARE),
        "outcomes": pool.ledger.outcomes(number),
        "batches": pool.ledger.batches(),
        "receipts": list(pool.receipts.all()),
        "raw": pool.raw.hashes(),
    }


def unfinished(home: Path) -> list[Path]:
    """Leftovers of killed processes."""
    return sorted([*home.rglob("*.part"), *home.rglob("*.lock")])


@contextmanager
def rewritten(path: Path) -> Iterator[bytearray]:
    """The bytes of a sealed file, to damage."""
    content = bytearray(path.read_bytes())
    yield content
    path.chmod(0o600)
    path.write_bytes(content)
