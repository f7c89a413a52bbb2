"""How much disk the pool takes, noted day by day."""

from dataclasses import asdict

from flow.context import Context
from pool import SpaceNote
from pool.space import Space, measure


def note_space(context: Context) -> Space:
    """Measure the pool and keep the measurement in the ledger."""
    space = measure(context.pool)
    detail = {"parts": space.parts, "datasets": space.datasets, "releases": [asdict(each) for each in space.releases], "free": space.free}
    context.pool.ledger.upkeep.note_space(SpaceNote(context.now, detail))
    return space
