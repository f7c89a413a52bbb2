"""A small publishing run killed at each system call by which it changes what is on disk, one run for each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.faults.children import answer_of
from tests.faults.setting import Setting, copy_home, faults_after_re_run, run_exports, seen_in
from tests.faults.state import state_of
from tests.faults.stem import Stem
from tests.faults.strace import Call, changes_of, kill_at

RE_RUN_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Point:
    """A call of the run, counted from its `stop`-th stop on, on the way to the next, in the step named."""

    stop: int
    step: str
    call: Call


@dataclass(frozen=True, slots=True)
class Killed:
    """What came of a kill: whether it `fired`, which release readers `saw`, and what was wrong then or after the re-run."""

    point: Point
    fired: bool
    saw: str
    faults: Sequence[str]


@contextmanager
def _stem(setting: Setting, home: Path) -> Iterator[Stem]:
    copy_home(setting.before, home)
    with Stem(lambda progress: run_exports(home, setting.exports, progress)) as stem:
        yield stem


def points_of(setting: Setting, folder: Path) -> list[Point]:
    """All calls of a run that change its home, in their order. A stage is gone through twice for it: once traced, once to go on."""
    home = folder / "home"
    points: list[Point] = []
    with _stem(setting, home) as stem:
        step: str | None = ""
        while step is not None:
            calls = _undisturbed(stem, home, folder / "saved")
            stop, step = stem.stop, stem.advance()
            points += [Point(stop, step or "收尾", call) for call in calls]
    return points


def _undisturbed(stem: Stem, home: Path, saved: Path) -> list[Call]:
    copy_home(home, saved)
    child = stem.fork()
    codes: list[int] = []
    calls = changes_of(child, lambda: codes.append(stem.let_go()), home)
    if codes != [0]:
        raise RuntimeError(f"the undisturbed run ended with {codes}")
    copy_home(saved, home)
    return calls


class Sweep:
    """Kills a run at point after point and looks at what each leaves."""

    def __init__(self, setting: Setting, folder: Path, *, every_re_run: bool = False) -> None:
        """every_re_run: run again also after a kill that left the same as an earlier one."""
        self._setting = setting
        self._home = folder / "home"
        self._saved = folder / "saved"
        self._every_re_run = every_re_run
        self._re_runs: dict[str, list[str]] = {}

    @property
    def states(self) -> int:
        """How many different states the kills have left so far."""
        return len(self._re_runs)

    def kill_at(self, points: Sequence[Point]) -> Iterator[Killed]:
        """Kill a run at each of these points, given in their order."""
        with _stem(self._setting, self._home) as stem:
            for stop, here in groupby(points, lambda point: point.stop):
                while stem.stop < stop:
                    stem.advance()
                copy_home(self._home, self._saved)
                for point in here:
                    fired = kill_at(stem.fork(), stem.let_go, point.call, self._home)
                    yield self._look_at(point, fired=fired)
                    copy_home(self._saved, self._home)

    def _look_at(self, point: Point, *, fired: bool) -> Killed:
        saw = seen_in(self._setting, self._home)
        faults = [] if fired else ["the kill did not fire"]
        if saw not in ("old", "new"):
            faults.append(saw)
        return Killed(point, fired, saw, [*faults, *self._run_again()])

    def _run_again(self) -> list[str]:
        state = state_of(self._home)
        if state not in self._re_runs or self._every_re_run:
            answer = answer_of(lambda: faults_after_re_run(self._setting, self._home), seconds=RE_RUN_SECONDS)
            self._re_runs[state] = [answer] if isinstance(answer, str) else answer
        return self._re_runs[state]
