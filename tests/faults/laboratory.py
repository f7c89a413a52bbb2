"""A process of its own for trials: everything is loaded and the setting made once, and each trial runs in a fork of it."""

import multiprocessing
import tempfile
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Self

from tests.faults.children import answer_of
from tests.faults.setting import make_repeatable, small_setting, use_own_key

TRIAL_SECONDS = 600.0
MEMORY = Path("/dev/shm")

Trial = Callable[..., Any]
"""Called with the setting, an empty folder, and what `do` was given; returns what JSON can hold."""


class Laboratory:
    """The test's side: trials are functions of modules."""

    def __enter__(self) -> Self:
        self._pipe, other = multiprocessing.Pipe()
        self._process = multiprocessing.get_context("spawn").Process(target=_serve, args=(other,))
        self._process.start()
        other.close()
        return self

    def __exit__(self, *exception: object) -> None:
        self._pipe.close()
        self._process.join()

    def do(self, trial: Trial, *arguments: Any) -> Any:
        """What a trial returns; a text that begins with `failed` when it raises."""
        self._pipe.send((trial, arguments))
        return self._pipe.recv()


def _serve(pipe: Connection) -> None:
    make_repeatable()
    with tempfile.TemporaryDirectory(prefix="faults-", dir=MEMORY if MEMORY.is_dir() else None) as made:
        base = Path(made)
        use_own_key(base)
        setting = small_setting(base)
        while True:
            try:
                trial, arguments = pipe.recv()
            except EOFError:
                return
            with tempfile.TemporaryDirectory(prefix="trial-", dir=base, ignore_cleanup_errors=True) as folder:
                pipe.send(answer_of(partial(trial, setting, Path(folder), *arguments), seconds=TRIAL_SECONDS))
