"""What an earlier batch of a dataset knows about the rows of a file that comes: those with the same text need no second check."""

import hashlib
from dataclasses import dataclass
from itertools import islice

import duckdb

from flow.code import checking_code
from flow.context import Context
from flow.delivered import batch_profile, holders, known_from
from flow.library import CHANGES
from pool import Batch, Receipt
from schemas.contract import Contract
from schemas.snapshot import snapshot, snapshot_digest
from sources.folder import part_of
from transforms.take_over import Known

MOST_HOLDERS = 60
"""Rows of one file may lie in so many earlier batches; then everything is checked again, and lies in one."""
LOOKED_AT = 20
"""Earlier batches that are asked whether they were judged in the same way, the last first."""


@dataclass(frozen=True, slots=True)
class Base:
    """The batch from which rows may be taken over, and the batches that hold its rows."""

    batch: str
    holders: tuple[str, ...]
    known: Known


def base_for(context: Context, receipt: Receipt, contract: Contract, way: str) -> Base | None:
    """The last batch that arrived before this one, counts, and was judged in the same way; one with the same part of the export if possible.

    way: see `way_of_judging`. What came later is no base: its day of judging is another, and rows would be taken over in a circle.
    """
    if contract.id in CHANGES:  # their rows are held against the library, which is another one every time
        return None
    here = (receipt.received_at, receipt.batch)
    entries = context.pool.ledger.batches(contract=contract.id, status="accepted")
    earlier = sorted((entry for entry in entries if _moment(entry) < here), key=_moment, reverse=True)
    present = (entry.batch for entry in earlier if context.pool.batches.is_sealed(entry.batch))
    fitting = [batch for batch in islice(present, LOOKED_AT) if batch_profile(context, batch).get("way") == way]
    part = part_of(receipt.file_name)
    same_part = [batch for batch in fitting if part_of(context.pool.receipts.read(batch).file_name) == part]
    for batch in (*same_part, *fitting):
        held_by = holders(context, batch)
        return Base(batch, (batch, *held_by), known_from(context, batch)) if len(held_by) < MOST_HOLDERS else None
    return None


def way_of_judging(contract: Contract) -> str:
    """Digest of all that decides what becomes of a row on a given day: contract, elements, code lists, the code that checks."""
    return hashlib.sha256(f"{snapshot_digest(snapshot(contract))} {checking_code()} {duckdb.__version__}".encode()).hexdigest()[:16]


def _moment(entry: Batch) -> tuple[object, str]:
    return entry.received_at, entry.batch
