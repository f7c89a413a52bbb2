"""Rebuild: another pool made of nothing but what was received and what people decided."""

from dataclasses import replace
from pathlib import Path

from flow.context import Context
from flow.home import is_pool
from flow.progress import Progress, silent
from flow.replay import is_set_aside
from flow.run import advance
from pool import Pool, PoolError
from pool.copying import copy_decisions, copy_received


def rebuild(context: Context, home: Path, *, progress: Progress = silent) -> tuple[Context, int | None]:
    """Build a new pool at `home` from raw files, receipts, decisions and library edits of this one; returns it and its new release, if any.

    Its content is that of this pool, but for numbers of releases, runs and times. Batches that a person or a release gate set aside stay so.
    A rebuild that was cut off goes on where it stopped. Raises PoolError when `home` is another pool or this one, ReleaseBlocked, PoolBusy.
    """
    if home.absolute() == context.pool.home or (is_pool(home) and not _may_be_copy(Pool.open(home), context.pool)):
        raise PoolError(f"{home} 中已有别的数据池。请另选一个空目录。")
    rebuilt = replace(context, pool=Pool.open(home))
    rebuilt.pool.audit.append("pool.rebuild", "pool", context.actor, "started", context.now, {"from": str(context.pool.home)})
    with context.pool.reading():
        copy_received(
            context.pool,
            rebuilt.pool,
            lambda entry: is_set_aside(context, entry),
            lambda done, total: progress("复制原始文件", done, total),
        )
    copy_decisions(context.pool.ledger, rebuilt.pool.ledger)
    return rebuilt, advance(rebuilt, progress=progress)


def _may_be_copy(pool: Pool, of: Pool) -> bool:
    return set(pool.receipts.batches()) <= set(of.receipts.batches())
