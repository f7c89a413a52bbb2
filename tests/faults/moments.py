"""Larger runs killed at random moments."""

import os
import random
import shutil
import signal
import time
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from pathlib import Path
from threading import Timer

from samples.generate import generate
from tests.faults.aftermath import Aftermath
from tests.faults.setting import Setting, setting_of
from tests.faults.stem import Stem, from_its_stop, stem_of

ROOT = Path(__file__).parents[2]
DELIVERED = ("reference", "public_security", "market_regulation")
"""Systems whose exports are delivered: those of most rows."""
LONGER = 1.05
"""Runs take a little longer at times; the end of the run is to be hit, too."""


@dataclass(frozen=True, slots=True)
class Moment:
    """So many seconds after the `stop`-th stop of the run."""

    stop: int
    after: float


@dataclass(frozen=True, slots=True)
class KilledAfter:
    """A kill at a `moment`; `fired` when the run had not come to its next stop before."""

    moment: Moment
    fired: bool
    saw: str
    faults: Sequence[str]


def large_setting(folder: Path, persons: int, seed: int) -> Setting:
    """The exports of an invented population, delivered for two days, the second time with others among them."""
    for name, day, of in (("first", date(2025, 5, 31), seed), ("second", date(2025, 6, 30), seed + 1)):
        generate(ROOT / "cities" / "330381", folder / name, folder / f"{name}-truth", persons, of, day, lambda _text: None)
        for system in (folder / name).iterdir():
            if system.name not in DELIVERED:
                shutil.rmtree(system)
    return setting_of(folder, folder / "first", folder / "second")


def seconds_between_stops(setting: Setting, folder: Path) -> list[float]:
    """How long the run takes from each of its stops to the next."""
    seconds = []
    with stem_of(setting, folder / "home") as stem:
        step: str | None = ""
        while step is not None:
            start = time.monotonic()
            step = stem.advance()
            seconds.append(time.monotonic() - start)
    return seconds


class RandomKills:
    """Kills a run at random moments and looks at what each kill leaves."""

    def __init__(self, setting: Setting, folder: Path) -> None:
        self._setting = setting
        self._home, self._saved = folder / "home", folder / "saved"
        self._aftermath = Aftermath(setting, self._home)

    @property
    def states(self) -> int:
        """How many different states the kills have left so far."""
        return self._aftermath.states

    def kill_at(self, moments: Sequence[Moment]) -> Iterator[KilledAfter]:
        """Kill a run at each of these moments, given by their stops."""
        for stem, moment in from_its_stop(self._setting, self._home, self._saved, moments):
            fired = _kill(stem, moment.after)
            yield KilledAfter(moment, fired, *self._aftermath.look())


def random_moments(seconds: Sequence[float], kills: int, seed: int) -> list[Moment]:
    """Moments that are even over the time of a run, in their order. seconds: between its stops."""
    chance = random.Random(seed)
    begins = [0.0, *accumulate(each * LONGER for each in seconds)]
    times = sorted(chance.uniform(0, begins[-1]) for _ in range(kills))
    return [Moment(stop := bisect_right(begins, each) - 1, each - begins[stop]) for each in times]


def _kill(stem: Stem, after: float) -> bool:
    """Let a fork of the run go and kill it; whether it still ran."""
    timer = Timer(after, os.kill, (stem.fork(), signal.SIGKILL))
    timer.start()
    code = stem.let_go()
    timer.cancel()
    timer.join()
    return code == -signal.SIGKILL
