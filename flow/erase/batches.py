"""Raw files without the person, and their batches judged again from them: one way in which rows become batches, and so nothing can differ."""

from collections.abc import Iterator
from contextlib import ExitStack

import pyarrow as pa
import pyarrow.compute as pc

from flow.check import check
from flow.context import Context
from flow.delivered import REDACTIONS, batch_profile
from flow.erase.plan import Plan
from flow.erase.rows import ErasedRows
from flow.erase.search import FoundFile
from flow.progress import Progress
from flow.read import BROKEN_OFF, FAULT, open_raw, rows_without
from flow.receive import clear_inbox
from flow.replay import DATASET_SECONDS, forget, takes_from
from pool import Batch, BatchStatus, Receipt
from sources.readers import RowFault
from transforms.erase import CAUSE, WHOLE


def erase_from_files(context: Context, plan: Plan, number: int, progress: Progress) -> None:
    """Replace the raw files that name the person, also those in the inbox, and forget how their batches were judged. May be repeated."""
    mark = f"（第 {number} 号删除）"
    contracts = sorted({context.pool.receipts.read(batch).contract for each in plan.files for batch in each.batches})
    with ExitStack() as locks:
        for contract in contracts:
            locks.enter_context(context.pool.dataset_lock(contract, DATASET_SECONDS, holder=context.run))
        context.pool.inbox.drop_parts()
        for done, found in enumerate(plan.files):
            progress("替换原始文件", done, len(plan.files))
            _redact(context, found, mark)
            for batch in found.batches:
                clear_inbox(context, context.pool.receipts.read(batch))
        progress("替换原始文件", len(plan.files), len(plan.files))
        for contract in contracts:
            _forget_batches(context, contract, {batch for each in plan.files for batch in each.batches}, CAUSE + mark)


def judge_again(context: Context, plan: Plan, progress: Progress) -> None:
    """Judge the batches again, the earlier first; those that did not count count no more than before. May be repeated."""
    named = {batch for each in plan.files for batch in each.batches}
    entries = [entry for entry in context.pool.ledger.batches(status="received") if entry.contract in context.contracts]
    waiting = sorted((entry.received_at, entry.batch) for entry in entries if entry.batch in named or CAUSE in entry.reason)
    for done, (_, batch) in enumerate(waiting):
        progress("重新检查批次", done, len(waiting))
        check(context, batch)
    progress("重新检查批次", len(waiting), len(waiting))
    for batch, (status, reason) in plan.aside.items():
        _put_aside(context, batch, status, reason)


def _put_aside(context: Context, batch: str, status: str, reason: str) -> None:
    before: BatchStatus = "withdrawn" if status == "withdrawn" else "blocked"
    entry = context.pool.ledger.batch(batch)
    if entry is not None and (entry.status, entry.reason) != (before, reason):
        context.pool.ledger.set_batch_status(batch, before, now=context.now, reason=reason)


def _redact(context: Context, found: FoundFile, mark: str) -> None:
    if any(mark in redaction.reason for redaction in context.pool.raw.redactions(found.sha256)):
        return
    receipt = context.pool.receipts.read(found.batches[0])
    rows = _nothing() if found.unreadable else rows_without(_cut_rows(context, found, receipt), {})
    context.pool.redact(found.sha256, rows, reason=found.cuts.reason() + mark, actor=context.actor, now=context.now)


def _cut_rows(context: Context, found: FoundFile, receipt: Receipt) -> ErasedRows:
    cells = found.cuts.cells

    def find(batch: pa.RecordBatch) -> dict[int, frozenset[str]]:
        wanted = pa.array(sorted({row for _, row in cells}), pa.int64())
        near = pc.indices_nonzero(pc.is_in(batch.column(1), value_set=wanted)).to_pylist()
        places = {index: (batch.column(0)[index].as_py(), batch.column(1)[index].as_py()) for index in near}
        return {index: cells[place] for index, place in places.items() if place in cells}

    def find_fault(fault: RowFault) -> bool:
        return WHOLE in cells.get((fault.sheet, fault.row), ())

    return ErasedRows(open_raw(context, receipt, context.contracts[receipt.contract]), find, find_fault)


def _nothing() -> Iterator[pa.RecordBatch]:
    """What takes the place of a file that cannot be read as rows."""
    fields = [pa.field("sheet", pa.string()), pa.field("row", pa.int64()), pa.field(FAULT, pa.string())]
    yield pa.RecordBatch.from_arrays([pa.array([""]), pa.array([BROKEN_OFF], pa.int64()), pa.array([CAUSE])], schema=pa.schema(fields))


def _forget_batches(context: Context, contract: str, named: set[str], reason: str) -> None:
    """Let those batches of a dataset be judged again that were judged from what their raw file held before, with those that take rows from them."""
    entries = context.pool.ledger.batches(contract=contract)
    stale = {entry.batch for entry in entries if entry.batch in named and _is_stale(context, entry)}
    entries = [entry for entry in entries if entry.batch in stale or takes_from(context, entry, stale)]
    if entries:
        forget(context, contract, entries, reason)


def _is_stale(context: Context, entry: Batch) -> bool:
    if not context.pool.batches.is_sealed(entry.batch):
        return False
    return bool(batch_profile(context, entry.batch).get(REDACTIONS, 0) < len(context.pool.raw.redactions(entry.sha256)))
