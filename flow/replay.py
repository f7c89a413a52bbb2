"""Replay: batches are judged again from their raw files, after a contract, a limit, the library or the software was mended."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from flow.blame import RELEASE_GATE
from flow.context import Context
from flow.delivered import holders
from flow.upkeep.retired import refuse_retired
from pool import Batch, PoolError

DATASET_SECONDS = 60.0
"""How long to wait for those who are judging batches of a dataset."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The batches that are to be judged again, and those that somebody or a release gate set aside: they must be named one by one."""

    batches: Sequence[str]
    set_aside: Sequence[str]


def choose(context: Context, *, dataset: str | None = None, period: str = "") -> Chosen:
    """All batches of a dataset (default: of all) for a period (the beginning of its date).

    Raises PoolError when there is no such dataset.
    """
    if dataset is not None and dataset not in context.contracts:
        raise PoolError(f"没有数据集 {dataset}。可用的：{'、'.join(context.contracts)}。")
    entries = [
        entry
        for entry in context.pool.ledger.batches(contract=dataset)
        if entry.contract in context.contracts and entry.period.startswith(period)
    ]
    aside = [entry.batch for entry in entries if is_set_aside(context, entry)]
    return Chosen([entry.batch for entry in entries if entry.batch not in aside], aside)


def is_set_aside(context: Context, entry: Batch) -> bool:
    """Whether a person or a release gate keeps a batch out, whatever its rows are."""
    return entry.status == "withdrawn" or (entry.status == "blocked" and _last_gate(context, entry.batch) == RELEASE_GATE)


def replay(context: Context, batches: Iterable[str], reason: str) -> list[str]:
    """Forget how batches were judged, so that the next run judges them again; releases that count them stay as they are.

    With them go those that took rows over from them. Returns all that were forgotten. Raises PoolError when a batch, its contract or its raw
    file is unknown, PoolBusy when a release is being built or one of the datasets is being judged.
    """
    by_contract: dict[str, list[Batch]] = defaultdict(list)
    for batch in batches:
        entry = _known(context, batch)
        by_contract[entry.contract].append(entry)
    with ExitStack() as locks:
        for contract in sorted(by_contract):
            locks.enter_context(context.pool.dataset_lock(contract, DATASET_SECONDS, holder=context.run))
        locks.enter_context(context.pool.publisher_lock(holder=context.run))
        context.pool.releases.recover(now=context.now)  # a release half built may hold the rows that go now
        return [batch for contract, entries in by_contract.items() for batch in forget(context, contract, entries, reason)]


def _known(context: Context, batch: str) -> Batch:
    entry = context.pool.ledger.batch(batch)
    if entry is None:
        raise PoolError(f"没有批次 {batch}。批次号见 datapool status --json 和质量报告，或 receipts 目录中的文件名。")
    refuse_retired(context, batch)
    if entry.contract not in context.contracts:
        raise PoolError(f"批次 {batch} 的数据集 {entry.contract} 已没有契约，不能重放。请先恢复契约。")
    context.pool.raw.path(entry.sha256)
    return entry


def forget(context: Context, contract: str, entries: Sequence[Batch], reason: str) -> list[str]:
    """`replay` of batches of one dataset for who holds its lock and that of the publisher."""
    named = {entry.batch for entry in entries}
    dependent = [
        entry for entry in context.pool.ledger.batches(contract=contract) if entry.batch not in named and takes_from(context, entry, named)
    ]
    judged_again = [*entries, *(entry for entry in dependent if entry.status == "accepted")]
    note = f"重放：{reason}" if reason else "重放"
    # In this order a kill in between leaves batches that are taken up again as they were judged, never one that counts without its rows.
    for entry in judged_again:
        details = {"status": entry.status, "reason": reason, "run": context.run}
        context.pool.audit.append("batch.replay", entry.batch, context.actor, "started", context.now, details)
        context.pool.ledger.set_batch_status(entry.batch, "received", now=context.now, reason=note)
    for entry in (*dependent, *_later_first(entries)):
        context.pool.batches.remove(entry.batch)
    return [entry.batch for entry in judged_again]


def takes_from(context: Context, entry: Batch, batches: set[str]) -> bool:
    """Whether one of these batches holds rows of another."""
    return context.pool.batches.is_sealed(entry.batch) and not batches.isdisjoint(holders(context, entry.batch))


def _later_first(entries: Sequence[Batch]) -> list[Batch]:
    """Batches take rows over from those that arrived before them only."""
    return sorted(entries, key=lambda entry: (entry.received_at, entry.batch), reverse=True)


def _last_gate(context: Context, batch: str) -> str:
    gates = context.pool.ledger.gates(subject=batch)
    return gates[-1].gate if gates else ""
