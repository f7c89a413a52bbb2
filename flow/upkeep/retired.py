"""Batches that are kept no longer, and who asks for them."""

from flow.context import Context
from pool import PoolError


def refuse_retired(context: Context, batch: str) -> None:
    """Raise PoolError for a batch that is kept no longer."""
    retirement = context.pool.ledger.upkeep.retired("batch").get(batch)
    if retirement is not None:
        raise PoolError(f"批次 {batch} 已于 {context.local_date(retirement.at)} 清退：{retirement.reason}。原始文件已删除，不能再用。")
