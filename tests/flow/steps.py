"""Steps for processes that are killed in them."""

from datetime import timedelta
from pathlib import Path

from flow.match import match_by
from flow.reference import current_library
from flow.replay import replay
from tests.small_exports import NOW, ORGANISATIONS, context_at


def match_organisations(home: Path) -> None:
    """Match the one delivery of organisations by the library that stands."""
    context = context_at(home, now=NOW + timedelta(days=1), run="run-match")
    [entry] = context.pool.ledger.batches(contract=ORGANISATIONS)
    match_by(context, current_library(context), entry.batch)


def replay_organisations(home: Path) -> None:
    """Replay the one delivery of organisations."""
    context = context_at(home, run="run-replay")
    [entry] = context.pool.ledger.batches(contract=ORGANISATIONS)
    replay(context, [entry.batch], "试试")
