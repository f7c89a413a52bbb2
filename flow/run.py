"""The whole path once, on one page: pull, receive, read, check, standardise, match, resolve, publish, serve."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flow.account import note_end, note_start
from flow.approval.decide import complete_approved
from flow.build import drop_build
from flow.check import check
from flow.context import Context
from flow.erase.erase import complete_erasures
from flow.match import Matched, match
from flow.progress import Progress, silent
from flow.publish import ReleaseBlocked, publish
from flow.pull import pull
from flow.receive import receive, waiting_batches
from flow.resolve import resolve
from flow.serve import serve
from pool import PoolError, Run, RunStatus

MATCHED = "matched"
"""What the summary of a run in the ledger calls the numbers of texts matched and of results kept."""


def run(context: Context, exports: Path | None = None, *, period: date | None = None, progress: Progress = silent) -> int | None:
    """Take what a folder holds to a release; returns the number of a new one, None when nothing has changed or it waits for approval.

    exports: default the inbox, into which is pulled first what the contracts say may be.

    A file or batch that fails does not stop the others; what became of each stands in the ledger.
    Raises ReleaseBlocked, PoolBusy, PoolError.
    """

    def work() -> tuple[int | None, Matched]:
        if exports is None:
            with context.stage("pull"):
                pull(context, progress=progress)
        _receive(context, exports or context.pool.paths.inbox, period, progress)
        return _advance(context, progress)

    return _noted(context, work)


def advance(context: Context, *, progress: Progress = silent) -> int | None:
    """`run` without receiving: what waits is checked, matched and published."""
    return _noted(context, lambda: _advance(context, progress))


def _noted(context: Context, work: Callable[[], tuple[int | None, Matched]]) -> int | None:
    """Do the work of a run and keep account of it in the ledger."""
    context.pool.ledger.start_run(Run(context.run, context.actor, context.now, context.software))
    note_start(context)
    try:
        number, matched = work()
    except BaseException as cause:
        status: RunStatus = "blocked" if isinstance(cause, ReleaseBlocked) else "failed"
        with suppress(PoolError, OSError):  # of two errors the first is the one to tell
            _finish(context, status, {"release": None})
            note_end(context, status, None)
        raise
    _finish(context, "succeeded", {"release": number, MATCHED: matched._asdict()})
    note_end(context, "succeeded", number)
    return number


def _receive(context: Context, exports: Path, period: date | None, progress: Progress) -> None:
    progress("接收", 0, 1)
    with context.stage("receive"):
        receive(context, exports, period=period)
    progress("接收", 1, 1)
    if not context.pool.ledger.batches():
        raise PoolError(f"{exports} 中没有认得的导出文件，数据池还是空的。各数据集的目录和文件名见 datapool contracts show。")


def _advance(context: Context, progress: Progress) -> tuple[int | None, Matched]:
    complete_erasures(context, progress=progress)
    complete_approved(context)
    waiting = {batch: context.pool.receipts.read(batch).size for batch in waiting_batches(context)}
    for batch in _told("检查（字节）", waiting, progress):
        with context.stage("check", batch):
            check(context, batch)
    matched = _match(context, progress)
    return _release(context, progress), matched


def _told(step: str, sizes: Mapping[str, int], progress: Progress) -> Iterator[str]:
    """The batches, each when the one before is done; progress counts their sizes."""
    done, total = 0, max(1, sum(sizes.values()))
    for batch, size in sizes.items():
        progress(step, done, total)
        yield batch
        done += size
    progress(step, total, total)


def _match(context: Context, progress: Progress) -> Matched:
    """Match all batches that count; tells how many texts kept their results where the library has changed."""
    entries = [entry for entry in context.pool.ledger.batches(status="accepted") if entry.contract in context.contracts]
    accepted = {entry.batch: entry.counts.accepted if entry.counts else 0 for entry in entries}
    anew = kept = 0
    for batch in _told("匹配地址（行）", accepted, progress):
        with context.stage("match", batch):
            matched = match(context, batch)
        anew, kept = anew + matched.anew, kept + matched.kept
    if kept:
        progress(f"地址库有变化：沿用 {kept:,} 条结果，重新匹配 {anew:,} 条", 1, 1)
    return Matched(anew, kept)


def _release(context: Context, progress: Progress) -> int | None:
    progress("归集实体", 0, 1)
    with context.stage("resolve"):
        number = resolve(context, progress=progress)
    if number is None:
        return None
    try:
        progress("核验发布", 0, 1)
        with context.stage("publish"):
            number = publish(context, number)
        progress("核验发布", 1, 1)
        progress("写出共享与报告", 0, 1)
        with context.stage("serve"):
            served = serve(context, number)
        progress("写出共享与报告", 1, 1)
    except BaseException:
        drop_build(context, number)
        raise
    return served


def _finish(context: Context, status: RunStatus, summary: Mapping[str, Any]) -> None:
    context.pool.ledger.finish_run(context.run, status, now=datetime.now(UTC), summary=summary)
