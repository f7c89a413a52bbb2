"""A small publishing run killed at each system call by which it changes what is on disk, one run for each."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults.aftermath import Aftermath
from tests.faults.setting import CLEAR, Setting, copy_home
from tests.faults.stem import Stem, from_its_stop, stem_of
from tests.faults.strace import CHANGES, Call, changes_of, fail_from, kill_at

NOT_FIRED = "the fault did not fire"
ERRORS = {name: "EIO" if "sync" in name else "ENOSPC" for name in CHANGES if not name.startswith(("unlink", "rmdir", "chmod", "fchmod"))}
"""What a full or broken disk says to each call."""


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


def points_of(setting: Setting, folder: Path) -> list[Point]:
    """All calls of a run that change its home, in their order. A stage is gone through twice for it: once traced, once to go on."""
    home = folder / "home"
    points: list[Point] = []
    with stem_of(setting, home) as stem:
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

    def __init__(self, setting: Setting, folder: Path, *, every_re_run: bool = False, error_for: Mapping[str, str] | None = None) -> None:
        """every_re_run: run again also after a kill that left the same as an earlier one.

        error_for: instead of killing the run, let the call and all later ones of its name fail with this error.
        """
        self._setting = setting
        self._error_for = error_for
        self._home = folder / "home"
        self._saved = folder / "saved"
        self._aftermath = Aftermath(setting, self._home, every_re_run=every_re_run)

    @property
    def states(self) -> int:
        """How many different states the kills have left so far."""
        return self._aftermath.states

    def kill_at(self, points: Sequence[Point]) -> Iterator[Killed]:
        """Kill a run at each of these points, given in their order."""
        for stem, point in from_its_stop(self._setting, self._home, self._saved, points):
            yield self._look_at(point, self._disturb(stem, point.call))

    def _disturb(self, stem: Stem, call: Call) -> list[str]:
        """Kill the run at a call, or let that fail; what was wrong with it."""
        codes: list[int] = []
        child = stem.fork()

        def let_go() -> None:
            codes.append(stem.let_go())

        if self._error_for is None:
            return [] if kill_at(child, let_go, call, self._home) else [NOT_FIRED]
        fired = fail_from(child, let_go, call, self._home, self._error_for[call.name])
        return ([] if fired else [NOT_FIRED]) + ([] if codes in ([0], [CLEAR]) else [f"the run ended with {codes}"])

    def _look_at(self, point: Point, faults: list[str]) -> Killed:
        saw, found = self._aftermath.look()
        return Killed(point, NOT_FIRED not in faults, saw, [*faults, *found])


def spread(setting: Setting, folder: Path, least: int, errors: bool) -> dict[str, Any]:
    """Disturb a run at some of its calls, at least so many, spread over all; how many there are, were tried and fired, and what was wrong."""
    points = points_of(setting, folder)
    chosen = [point for point in points if not errors or point.call.name in ERRORS]
    results = list(Sweep(setting, folder, error_for=ERRORS if errors else None).kill_at(chosen[:: len(chosen) // least]))
    return {
        "calls": len(points),
        "tried": len(results),
        "fired": sum(result.fired for result in results),
        "faults": [f"{result.point}: {fault}" for result in results for fault in result.faults],
    }
