"""Trying again what breaks off, with growing pauses."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sources.pull.errors import BrokenOff

TRIES = 5
FIRST_PAUSE = 1.0
LONGEST_PAUSE = 300.0
"""Seconds; a source that wants more is left for the next pull."""
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Patience:
    """How to wait and what time it is, in seconds."""

    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    tries: int = TRIES

    def keep_trying(self, work: Callable[[], Result], reached: Callable[[], object] = lambda: None) -> Result:
        """Do the work, again after each BrokenOff; gives up after `tries` in a row that did not get past what `reached` tells."""
        failures, last = 0, reached()
        while True:
            try:
                return work()
            except BrokenOff as broken:
                failures = failures + 1 if reached() == last else 1
                last = reached()
                pause = FIRST_PAUSE * 2.0 ** (failures - 1) if broken.after is None else broken.after
                if failures >= self.tries or pause > LONGEST_PAUSE:
                    raise
            self.sleep(pause)
