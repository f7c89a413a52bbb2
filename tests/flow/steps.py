"""Steps for processes that are killed in them."""

from pathlib import Path

from flow.replay import replay
from tests.small_exports import ORGANISATIONS, context_at


def replay_organisations(home: Path) -> None:
    """Replay the one delivery of organisations."""
    context = context_at(home, run="run-replay")
    [entry] = context.pool.ledger.batches(contract=ORGANISATIONS)
    replay(context, [entry.batch], "试试")
