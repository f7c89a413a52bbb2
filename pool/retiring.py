"""Batches that are kept no longer: their rows and raw files go, receipts and what the ledger says of them stay."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from pool.files import folder_size
from pool.ledger_tables import Batch
from pool.pool import Pool
from pool.upkeep import Retirement


@dataclass(frozen=True, slots=True)
class Gone:
    """A batch that was retired, and whether its raw file went with it."""

    batch: str
    with_raw: bool


def retire_batches(pool: Pool, batches: Mapping[str, str], *, actor: str, now: datetime) -> Iterator[Gone]:
    """Retire batches for a reason each, one after the other; the raw file of one goes when no other batch came as it.

    The caller makes sure that nobody reads them (`reading.unread` on the folder of the batches) and that nobody judges by them. From the moment
    the ledger has noted it a batch counts no more; killed after it, the rest is done by `remove_retired`.
    """
    for entry in pool.ledger.batches():
        if entry.batch in batches:
            reason = batches[entry.batch]
            pool.audit.append("batch.retire", entry.batch, actor, "started", now, {"reason": reason})
            detail = {"bytes": folder_size(pool.batches.folder(entry.batch)), "status": entry.status}
            pool.ledger.upkeep.retire(Retirement("batch", entry.batch, now, actor, reason, detail))
            _remove(pool, [entry])
            with_raw = not pool.raw.holds(entry.sha256)
            pool.audit.append("batch.retire", entry.batch, actor, "done", now, {"reason": reason, "with_raw": with_raw})
            yield Gone(entry.batch, with_raw)


def remove_retired(pool: Pool) -> None:
    """Remove what killed processes left of batches that are kept no longer."""
    _remove(pool, left_of_retired(pool))


def left_of_retired(pool: Pool) -> list[Batch]:
    """The batches that are kept no longer of which killed processes left rows or the raw file."""
    retired, needed = pool.ledger.upkeep.retired("batch"), _needed_files(pool)
    entries = [entry for entry in pool.ledger.batches(retired=True) if entry.batch in retired]
    return [
        entry for entry in entries if pool.batches.is_sealed(entry.batch) or (entry.sha256 not in needed and pool.raw.holds(entry.sha256))
    ]


def _remove(pool: Pool, entries: Iterable[Batch]) -> None:
    needed = _needed_files(pool)
    for entry in entries:
        pool.batches.remove(entry.batch)
        if entry.sha256 not in needed and pool.raw.holds(entry.sha256):
            pool.raw.remove(entry.sha256)


def _needed_files(pool: Pool) -> set[str]:
    """The hashes of the raw files of the batches that are kept."""
    return {entry.sha256 for entry in pool.ledger.batches()}
