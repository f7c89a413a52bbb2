"""Larger runs killed at random moments."""

import os
import random
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from samples.generate import generate
from tests.faults.children import answer_of, fork, wait
from tests.faults.setting import Setting, copy_home, faults_after_re_run, run_exports, seen_in, setting_of

ROOT = Path(__file__).parents[2]
RE_RUN_SECONDS = 900.0
LONGER = 1.05
"""Runs take a little longer at times; the end of the run is to be hit, too."""


@dataclass(frozen=True, slots=True)
class KilledAfter:
    """A kill `after` seconds; `fired` when the run had not ended before."""

    after: float
    fired: bool
    saw: str
    faults: Sequence[str]


def large_setting(folder: Path, persons: int, seed: int) -> tuple[Setting, float]:
    """All sources of an invented population, delivered for two days, the second time with others among them; and how long the second run takes."""
    for name, day, of in (("first", date(2025, 5, 31), seed), ("second", date(2025, 6, 30), seed + 1)):
        generate(ROOT / "cities" / "330381", folder / name, folder / f"{name}-truth", persons, of, day, lambda _text: None)
    setting = setting_of(folder, folder / "first", folder / "second")
    copy_home(setting.before, folder / "home")
    start = time.monotonic()
    wait(fork(lambda: run_exports(folder / "home", setting.exports)))
    return setting, time.monotonic() - start


def kill_at_random(setting: Setting, folder: Path, seconds: float, kills: int, seed: int) -> Iterator[KilledAfter]:
    """Kill a run so many times, at moments that are even over its time."""
    chance = random.Random(seed)
    home = folder / "home"
    for _ in range(kills):
        copy_home(setting.before, home)
        after = chance.uniform(0, seconds * LONGER)
        child = fork(lambda: run_exports(home, setting.exports))
        time.sleep(after)
        os.kill(child, signal.SIGKILL)
        fired = wait(child) == -signal.SIGKILL
        saw = seen_in(setting, home)
        answer = answer_of(lambda: faults_after_re_run(setting, home), seconds=RE_RUN_SECONDS)
        faults = [] if saw in ("old", "new") else [saw]
        yield KilledAfter(after, fired, saw, [*faults, *([answer] if isinstance(answer, str) else answer)])
