"""Steps for processes that are killed in them, with Great Expectations loaded beforehand."""

from pathlib import Path

import great_expectations  # noqa: F401  loaded once, not in every process

from tests.flow.erasing import erase_her, on_day
from tests.flow.history import History


def take_drop(folder: Path, drop: Path) -> None:
    """Receive and check a drop of the history that was noted in a folder."""
    History.resumed(folder).take(drop)


def erase(home: Path) -> None:
    """Erase the person of tests.flow.erasing."""
    erase_her(on_day(home, 1))
