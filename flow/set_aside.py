"""Set aside: batches that a person takes back, one by one or with the releases after the one that is to count again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flow.approval.waiting import supersede_waiting
from flow.context import Context
from flow.delivered import accepted_deliveries, batch_content
from flow.library import named_library
from flow.resolve import release_inputs
from flow.upkeep.held import differences, inputs_digest
from flow.upkeep.retired import refuse_retired
from pool import PoolError, Rollback

ROLLED_BACK = "回退到发布"


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What going back to a release did to the batches.

    withdrawn: count no more, for the release has them not. restored: count again, for it has them. judged_since: count, but with other rows
    than the release has. differences: what beside the batches is another than it was for the release, in Chinese; nothing of that was undone.
    """

    withdrawn: Sequence[str]
    restored: Sequence[str]
    judged_since: Sequence[str]
    differences: Sequence[str]


def withdraw(context: Context, batch: str, reason: str) -> None:
    """Let a batch count no more from the next release on; a replay brings it back.

    Raises PoolError when it is unknown or set aside already, PoolBusy when a release is being built.
    """
    entry = context.pool.ledger.batch(batch)
    if entry is None:
        raise PoolError(f"没有批次 {batch}。批次号见 datapool status --json 和质量报告，或 receipts 目录中的文件名。")
    refuse_retired(context, batch)
    if entry.status == "withdrawn":
        raise PoolError(f"批次 {batch} 已经撤回：{entry.reason}。要重新采用，请运行 datapool replay {batch}。")
    with context.pool.publisher_lock(holder=context.run):
        _withdraw(context, batch, f"{context.actor} 撤回：{reason}")


def roll_back(context: Context, number: int, reason: str) -> RolledBack:
    """Make another release current and let those batches count that it was made of, so that the next run starts from it.

    Decisions and edits of the address library stay; where they or the software differ from what the release was made of, the next run does
    not publish before something changes (see `upkeep.held`).
    Raises PoolError when the release or a share of it is gone, PoolBusy when one is being built.
    """
    with context.pool.publisher_lock(holder=context.run):
        context.pool.releases.recover(now=context.now)
        inputs = context.pool.releases.whole(number)["inputs"]
        content = inputs["content"]
        entries = context.pool.ledger.batches()
        withdrawn = [entry.batch for entry in entries if entry.status == "accepted" and entry.batch not in content]
        back = [
            entry.batch
            for entry in entries
            if entry.status == "withdrawn" and entry.reason.startswith(ROLLED_BACK) and entry.batch in content
        ]
        # In this order a kill in between leaves nothing that brings back what was to go.
        for batch in withdrawn:
            _withdraw(context, batch, f"{ROLLED_BACK} {number}：{reason}")
        for batch in back:
            context.pool.ledger.set_batch_status(batch, "accepted", now=context.now)
        held = _next_inputs(context)
        _note(context, number, held, reason)
        context.pool.releases.rollback(number, actor=context.actor, reason=reason, now=context.now)
        supersede_waiting(context, f"{ROLLED_BACK} {number}")
        counting = {entry.batch for entry in context.pool.ledger.batches(status="accepted")}
        since = [batch for batch, said in content.items() if batch in counting and batch_content(context, batch) != said]
    return RolledBack(withdrawn, back, since, differences(inputs, held))


def _next_inputs(context: Context) -> dict[str, Any]:
    """What the next run would make a release of, if nothing changed."""
    deliveries = accepted_deliveries(context)
    return release_inputs(context, named_library(context, deliveries), deliveries)


def _note(context: Context, number: int, held: Mapping[str, Any], reason: str) -> None:
    newest = max(entry.release for entry in context.pool.ledger.releases())
    left = context.pool.releases.current() or number
    rollback = Rollback(left, number, newest, inputs_digest(held), context.now, context.actor, reason)
    context.pool.ledger.upkeep.record_rollback(rollback)


def _withdraw(context: Context, batch: str, reason: str) -> None:
    context.pool.audit.append("batch.withdraw", batch, context.actor, "withdrawn", context.now, {"reason": reason, "run": context.run})
    context.pool.ledger.set_batch_status(batch, "withdrawn", now=context.now, reason=reason)
