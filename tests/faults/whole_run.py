"""The whole path over a folder of exports, for processes that are killed in it."""

from pathlib import Path

from expectations.engine import great_expectations
from flow.run import run
from tests.small_exports import context_at

# Imported once, before processes fork: it takes ten seconds of processor time.
great_expectations()


def run_exports(home: Path, exports: Path) -> None:
    """Take the exports to a release."""
    run(context_at(home), exports)
