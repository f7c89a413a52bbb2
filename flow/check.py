"""Check: one batch judged by its contract and, where it is to change the address library, by the library that stands."""

from flow.context import Context
from flow.judge import judge
from flow.library import CHANGES
from flow.objections import library_objections
from flow.reference import current_library
from pool import BatchStatus


def check(context: Context, batch: str) -> BatchStatus:
    """Judge one batch; returns its status: accepted, blocked, failed (the file cannot be read) or received (see `judge`).

    May be repeated: a batch that was judged keeps its status until it is replayed.
    """
    contract = context.contracts[context.pool.receipts.read(batch).contract]
    if contract.id in CHANGES:
        return judge(context, batch, library_objections(context, current_library(context), contract))
    return judge(context, batch)
