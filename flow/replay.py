"""Replay: a batch is judged again from its raw file, after its contract, a limit or the software was mended."""

from flow.context import Context
from pool import PoolError


def replay(context: Context, batch: str, reason: str) -> None:
    """Forget how a batch was judged, so that the next run judges it again; releases that count it stay as they are.

    Raises PoolError when the batch or its raw file is unknown, PoolBusy when a release is being built.
    """
    entry = context.pool.ledger.batch(batch)
    if entry is None:
        raise PoolError(f"没有批次 {batch}。批次号见 datapool status --json 和质量报告，或 receipts 目录中的文件名。")
    if entry.contract not in context.contracts:
        raise PoolError(f"批次 {batch} 的数据集 {entry.contract} 已没有契约，不能重放。请先恢复契约。")
    context.pool.raw.path(entry.sha256)
    with context.pool.publisher_lock(holder=context.run):
        context.pool.releases.recover(now=context.now)  # a release half built may hold the rows that go now
        details = {"status": entry.status, "reason": reason, "run": context.run}
        context.pool.audit.append("batch.replay", batch, context.actor, "started", context.now, details)
        # In this order a kill in between leaves a batch that is taken up again as it was judged, never one that counts without its rows.
        context.pool.ledger.set_batch_status(batch, "received", now=context.now, reason=f"重放：{reason}" if reason else "重放")
        context.pool.batches.remove(batch)
