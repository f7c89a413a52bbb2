"""An erasure from beginning to end: it is noted before anything changes, and what was begun is completed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flow.approval.waiting import supersede_waiting
from flow.context import Context
from flow.erase.batches import erase_from_files, judge_again
from flow.erase.kept_out import digests_of
from flow.erase.matches import erase_from_libraries, erase_from_matches
from flow.erase.plan import Plan, make_plan, with_files_since
from flow.erase.releases import erase_from_releases
from flow.erase.search import ENCODINGS
from flow.progress import Progress, silent
from flow.receive import receive
from pool import Erasure, PoolError
from transforms.erase import Needles, scrubbed

ACTION = "erase"


@dataclass(frozen=True, slots=True)
class Done:
    """What an erasure came to. blocked: batches that counted before and do not now. left: files of the inbox that nobody could take in."""

    number: int
    counts: Mapping[str, Any]
    blocked: Sequence[str] = ()
    left: Sequence[Path] = ()


def prepare(context: Context, progress: Progress, *, person_id: str = "", identifier: str = "", take_in: bool = True) -> Plan:
    """Complete what was cut off, receive what waits in the inbox (`take_in`), and find all that names a person. Raises PoolError."""
    complete_erasures(context, progress=progress)
    if take_in:
        receive(context, context.pool.paths.inbox)
    return make_plan(context, progress, person_id=person_id, identifier=identifier)


def erase(context: Context, plan: Plan, reason: str, *, progress: Progress = silent) -> Done:
    """Erase what a plan names; the next run publishes a release without it.

    Raises PoolBusy when a release is being built or a dataset judged, PoolError when the reason itself tells who is meant: it stays.
    """
    if any(part in reason for part in (*plan.needles.identifiers, *plan.needles.names, *plan.needles.phones, *plan.ids)):
        raise PoolError("删除原因会长期保留，请不要写姓名、证件号码、电话或人员编号，可写申请的文号。")
    counting = {entry.batch for entry in context.pool.ledger.batches(status="accepted")}
    with context.pool.publisher_lock(holder=context.run):
        digests = digests_of(context.key, plan.needles, plan.rows)
        erasure = context.pool.ledger.erasures.begin(reason, context.actor, context.now, plan.sealed(context.key), digests, plan.decisions)
        context.pool.audit.append(ACTION, _name(erasure), context.actor, "started", context.now, {"reason": reason, "run": context.run})
        counts = _complete(context, erasure, plan, progress)
    standing = {entry.batch for entry in context.pool.ledger.batches(status="accepted")}
    return Done(erasure.number, counts, sorted(counting - standing), files_left(context, plan.needles))


def complete_erasures(context: Context, *, progress: Progress = silent) -> None:
    """Complete the erasures that were cut off; nothing to do otherwise. Raises PoolBusy when a release is being built."""
    if not context.pool.ledger.erasures.unfinished():
        return
    with context.pool.publisher_lock(holder=context.run):
        for erasure in context.pool.ledger.erasures.unfinished():
            _complete(context, erasure, Plan.unsealed(erasure, context.key), progress)


def files_left(context: Context, needles: Needles) -> list[Path]:
    """Files in the inbox, which nobody could take in, that hold an identifier of the person."""
    texts = [text.encode(encoding) for text in needles.identifiers for encoding in ENCODINGS]
    files = (path for path in sorted(context.pool.paths.inbox.rglob("*")) if path.is_file())
    return [path for path in files if _holds(path, texts)]


def _holds(path: Path, texts: Sequence[bytes]) -> bool:
    content = path.read_bytes()
    return any(text in content for text in texts)


def _complete(context: Context, erasure: Erasure, plan: Plan, progress: Progress) -> dict[str, Any]:
    """Do all steps of an erasure, each of which may be repeated; needs the publisher's lock."""
    ledger = context.pool.ledger
    context.pool.releases.recover(now=context.now)  # a release half built may hold what goes now,
    supersede_waiting(context, "依申请删除了其中的内容")  # and so may one that waits
    plan = with_files_since(context, plan, progress)
    erase_from_files(context, plan, erasure.number, progress)
    judge_again(context, plan, progress)
    releases = erase_from_releases(context, plan, erasure.number, progress)
    results, libraries = erase_from_matches(context, progress), erase_from_libraries(context)
    texts = ledger.replace_texts(lambda text: scrubbed(text, plan.needles, plan.ids))
    ledger.forget_removed()
    counts = {
        "files": len(plan.files),
        "rows": sum(len(each.cuts.whole) for each in plan.files),
        "rows_in_part": sum(len(each.cuts.parts) for each in plan.files),
        "releases": {str(number): dict(tables) for number, tables in releases.items()},
        "decisions": len(plan.decisions),
        "address_results": results,
        "libraries": libraries,
        "messages": texts,
    }
    now = datetime.now(UTC)
    details = {"reason": erasure.reason, "run": context.run, **counts}
    context.pool.audit.append(ACTION, _name(erasure), erasure.actor, "done", max(now, context.now), details)
    ledger.erasures.finish(erasure.number, counts, now)
    ledger.forget_removed()
    return counts


def _name(erasure: Erasure) -> str:
    return f"erasure/{erasure.number}"
