"""A run that stops between its stages, where it may be forked: so a thousand kills cost a thousand ends of runs, not a thousand runs."""

import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from flow.progress import Progress
from tests.faults.children import fork, wait
from tests.faults.setting import Setting, copy_home, run_or_tell


@contextmanager
def stem_of(setting: Setting, home: Path) -> Iterator["Stem"]:
    """The run that is disturbed, on a fresh home, before it begins."""
    copy_home(setting.before, home)
    with Stem(lambda progress: run_or_tell(home, setting.exports, progress)) as stem:
        yield stem


Place = TypeVar("Place", bound="AtStop")


class AtStop(Protocol):
    """Something that is done after a stop of the run."""

    @property
    def stop(self) -> int:
        """Which stop, counted from the beginning."""
        ...


def from_its_stop(setting: Setting, home: Path, saved: Path, places: Iterable[Place]) -> Iterator[tuple["Stem", Place]]:
    """The run before each of the places, given by their stops, its home as it was at the stop; saved: where that is kept meanwhile."""
    with stem_of(setting, home) as stem:
        for stop, here in groupby(places, lambda place: place.stop):
            while stem.stop < stop:
                stem.advance()
            copy_home(home, saved)
            for place in here:
                yield stem, place
                copy_home(saved, home)


class Stem:
    """The parent's side: a child that does the body, which must report its progress, and holds before it begins and at each report."""

    def __init__(self, body: Callable[[Progress], object]) -> None:
        self._from_stem, stem_out = os.pipe()
        stem_in, self._to_stem = os.pipe()

        def serve() -> None:
            os.close(self._from_stem)
            os.close(self._to_stem)
            hold = _Hold(stem_in, stem_out)
            hold("", 0, 0)
            body(hold)
            hold.finish()

        self._child = fork(serve)
        os.close(stem_out)
        os.close(stem_in)
        self._answers = os.fdopen(self._from_stem, encoding="utf-8")
        self.stop = 0
        self._read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self._to_stem)
        self._answers.close()
        wait(self._child)

    def advance(self) -> str | None:
        """Go on to the next stop; the step it was in, None when the body is done."""
        self.stop += 1
        return self._ask("advance")

    def fork(self) -> int:
        """Fork a child that holds until it is let go, and then does the body up to the next stop."""
        child: int = self._ask("fork")
        return child

    def let_go(self) -> int:
        """Let the forked child go and wait for its end; its exit code, or minus the signal that killed it."""
        code: int = self._ask("let go")
        return code

    def _ask(self, task: str) -> Any:
        os.write(self._to_stem, f"{task}\n".encode())
        return self._read()

    def _read(self) -> Any:
        line = self._answers.readline()
        if not line:
            raise RuntimeError("the run that was to be killed ended by itself")
        return json.loads(line)


class _Hold:
    """The child's side, which takes the place of a progress."""

    def __init__(self, tasks: int, answers: int) -> None:
        self._tasks = os.fdopen(tasks, encoding="utf-8")
        self._answers = answers
        self._is_branch = False
        self._step: str | None = None

    def __call__(self, step: str, _done: int, _all: int) -> None:
        if step == self._step:  # a step may hold a lock while it tells how far it is, which the stem must not
            return
        self._step = step
        if self._is_branch:
            os._exit(0)
        self._tell(step)
        branch = gate = 0
        for task in iter(self._tasks.readline, ""):
            if task == "advance\n":
                return
            if task == "fork\n":
                held, gate = os.pipe()
                branch = os.fork()
                if branch == 0:
                    os.close(gate)
                    os.read(held, 1)
                    self._is_branch = True
                    return
                os.close(held)
                self._tell(branch)
            else:
                os.write(gate, b"x")
                os.close(gate)
                self._tell(wait(branch))
        os._exit(0)

    def finish(self) -> None:
        """The body is done."""
        if not self._is_branch:
            self._tell(None)

    def _tell(self, answer: Any) -> None:
        os.write(self._answers, f"{json.dumps(answer, ensure_ascii=False)}\n".encode())
