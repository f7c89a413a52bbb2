"""A person decides on the release that waits: it is published as it was seen, or its batches are kept out as a gate would."""

from dataclasses import dataclass

from flow.approval.waiting import ASKED, Waiting, carry_out_refusal, note_step, read_waiting, settle_waiting, supersede_waiting, waiting
from flow.build import BUILD_FILE, Build
from flow.context import Context
from flow.delivered import batch_content
from flow.serve import complete
from pool import Approval, PoolError, ReleaseBuild

SHORTEST_DIGEST = 8


@dataclass(frozen=True, slots=True)
class Decision:
    """Who decides, on which basis, by way of what (`waiting.COMMAND_LINE`, `waiting.AIRFLOW`), and the beginning of the digest of the sheet that was seen."""

    person: str
    reason: str
    channel: str
    seen: str


def approve(context: Context, number: int, decision: Decision) -> int:
    """Publish the release that waits; returns its number.

    Raises PoolError where it does not wait, another sheet was seen, or one of its batches counts no more or with other rows.
    """
    with context.pool.publisher_lock(holder=context.run):
        context.pool.releases.recover(now=context.now)
        waits = _decided_on(context, number, decision)
        _refuse_changed(context, waits)
        release = context.pool.releases.go_on(waits.release, without=[BUILD_FILE])
        approval = note_step(context, waits, "approved", person=decision.person, reason=decision.reason, channel=decision.channel)
        return _publish(context, waits, release, approval)


def refuse(context: Context, number: int, decision: Decision) -> list[str]:
    """Remove the release that waits and keep out the batches for whose sake approval was needed, until they are replayed; returns these.

    The next run publishes the others. Raises PoolError where it does not wait, or another sheet was seen.
    """
    with context.pool.publisher_lock(holder=context.run):
        context.pool.releases.recover(now=context.now)
        waits = _decided_on(context, number, decision)
        refusal = note_step(context, waits, "refused", person=decision.person, reason=decision.reason, channel=decision.channel)
        return carry_out_refusal(context, waits, refusal)


def complete_approved(context: Context) -> int | None:
    """Publish a release that was approved when the process died; returns its number, None where there is none. Raises PoolBusy."""
    waits = waiting(context)
    if waits is None or "approved" not in context.pool.ledger.approvals.of(waits.release):
        return None
    with context.pool.publisher_lock(holder=context.run):
        context.pool.releases.recover(now=context.now)
        settle_waiting(context)
        if waits.release not in context.pool.releases.waiting():
            return None
        if changed := _changed(context, waits):
            supersede_waiting(context, f"批次 {changed} 在批准以后、发布以前撤回或重新检查过")
            return None
        release = context.pool.releases.go_on(waits.release, without=[BUILD_FILE])
        return _publish(context, waits, release, context.pool.ledger.approvals.of(waits.release)["approved"])


def fate(context: Context, number: int) -> str:
    """What became of a release that needed approval, in Chinese; empty while it waits. Raises PoolError when it never did."""
    states = context.pool.ledger.approvals.of(number)
    if not states:
        raise PoolError(f"发布 {number} 没有等待过批准。等待批准的版本见 datapool status。")
    if "superseded" in states:
        return f"发布 {number} 已作废：{states['superseded'].reason}"
    for state, said in (("refused", "不批准"), ("approved", "批准")):
        if state in states:
            each = states[state]
            return f"发布 {number} 已由 {each.person} 于 {context.local_time(each.at):%Y-%m-%d %H:%M} {said}：{each.reason}"
    return ""


def _decided_on(context: Context, number: int, decision: Decision) -> Waiting:
    """The release that waits under this number, of which the person saw what there is to see."""
    settle_waiting(context)
    if number not in context.pool.releases.waiting():
        raise PoolError(f"{fate(context, number)}。等待批准的版本见 datapool status。")
    if not decision.person.strip() or not decision.reason.strip():
        raise PoolError("请写明决定人和依据。")
    waits = read_waiting(context, number)
    if len(decision.seen) < SHORTEST_DIGEST or not waits.digest.startswith(decision.seen.lower()):
        raise PoolError(
            f"所见的审批单（摘要 {decision.seen or '未给出'}）不是发布 {number} 现在的这一份。请重新查看：datapool release show {number}。"
        )
    return waits


def _refuse_changed(context: Context, waits: Waiting) -> None:
    """What a person took back, or had judged again, since the release was built must not be published."""
    if changed := _changed(context, waits):
        raise PoolError(
            f"发布 {waits.release} 所含的批次 {changed} 在等待期间撤回、拦下、清退或重新检查过，不能再照原样发布。"
            "请重新运行 datapool run，新的版本会再请求批准。"
        )


def _changed(context: Context, waits: Waiting) -> str:
    """A batch of the release that counts no more, or with other rows; empty where there is none."""
    for batch, content in waits.inputs["content"].items():
        entry = context.pool.ledger.batch(batch)
        if entry is None or entry.status != "accepted" or batch_content(context, batch) != content:
            return str(batch)
    return ""


def _publish(context: Context, waits: Waiting, release: ReleaseBuild, approval: Approval) -> int:
    given = {"by": approval.person, "at": approval.at.isoformat(), "reason": approval.reason, "sheet": approval.sheet_sha256}
    facts = {**waits.facts, ASKED: {**waits.facts[ASKED], **given}}
    return complete(context, Build(release, facts), run=waits.run)
