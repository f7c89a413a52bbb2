"""A process that forks others on demand, so that each starts in milliseconds with everything imported and no threads.

Reads one JSON line a task from standard input and answers one JSON line; see `Forker` for what it can do.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

# Changes of mode and locks are left out: the states between them are seen from the events beside them.
CHANGES = {"os.rename", "os.link", "os.remove", "os.rmdir", "os.mkdir", "os.truncate", "sqlite3.connect", "test.half_written"}


class Forker:
    """The test's side."""

    def __init__(self, root: Path, steps: str = "tests.pool.small_pool") -> None:
        """`steps` is the module whose functions `killed_at` runs."""
        self._root = root
        self._steps = steps

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.pool.forker", self._steps]
        self._process = subprocess.Popen(command, cwd=self._root, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def killed_at(self, point: int, step: str, *paths: Path) -> bool:
        """Do a step in a process that kills itself before its `point`-th change on disk; False when it ended before that."""
        answer = self._ask(task="step", point=point, step=step, paths=[str(path) for path in paths])
        assert answer in (0, -signal.SIGKILL), answer
        return bool(answer)

    def changes(self, step: str, *paths: Path) -> int:
        """Do a step undisturbed; how many changes on disk it made."""
        made: int = self._ask(task="count", step=step, paths=[str(path) for path in paths])
        return made

    def hold_lock(self, home: Path, *, with_child: bool) -> dict[str, int]:
        """Start a process that holds the publisher's lock, alone or with a forked child that outlives it; their process ids."""
        held: dict[str, int] = self._ask(task="hold", home=str(home), with_child=with_child)
        return held

    def write_ledger(self, home: Path, ledger_url: str | None, processes: int, records: int) -> list[int]:
        """Let several processes write runs to one ledger at once; their exit codes."""
        codes: list[int] = self._ask(task="write", home=str(home), ledger_url=ledger_url, processes=processes, records=records)
        return codes

    def _ask(self, **task: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def _fork(body: Callable[[], object]) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            body()
            code = 0
        except BaseException:
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)
    return child


def _wait(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _step(task: dict[str, Any]) -> int:
    def kill(change: int) -> None:
        if change == task["point"]:
            os.kill(os.getpid(), signal.SIGKILL)

    return _wait(_fork(lambda: _watched(task, kill)))


def _count(task: dict[str, Any]) -> int:
    readable, writable = os.pipe()
    made = [0]

    def body() -> None:
        _watched(task, lambda change: made.__setitem__(0, change))
        os.write(writable, str(made[0]).encode())

    assert _wait(_fork(body)) == 0
    return int(os.read(readable, 100))


def _watched(task: dict[str, Any], on_change: Callable[[int], None]) -> None:
    """Do a step and tell of each change on disk before it happens."""
    changes = 0

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal changes
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in CHANGES:
            changes += 1
            on_change(changes)

    sys.addaudithook(count)
    getattr(importlib.import_module(sys.argv[1]), task["step"])(*(Path(path) for path in task["paths"]))


def _hold(task: dict[str, Any]) -> dict[str, int]:
    from pool import Pool

    readable, writable = os.pipe()

    def body() -> None:
        with Pool.open(Path(task["home"])).publisher_lock(holder="另一个发布者"):
            child = _fork(signal.pause) if task["with_child"] else 0
            os.write(writable, json.dumps({"holder": os.getpid(), "child": child}).encode())
            signal.pause()

    _fork(body)
    answer: dict[str, int] = json.loads(os.read(readable, 1000))
    return answer


def _write(task: dict[str, Any]) -> list[int]:
    from pool import Pool, Run

    now = datetime(2025, 11, 22, tzinfo=UTC)

    def body(writer: int) -> None:
        ledger = Pool.open(Path(task["home"]), ledger_url=task["ledger_url"]).ledger
        for number in range(task["records"]):
            ledger.start_run(Run(f"{writer}-{number}", "tester", now))
            ledger.start_run(Run("shared", f"writer {writer}", now))

    children = [_fork(lambda writer=writer: body(writer)) for writer in range(task["processes"])]
    return [_wait(child) for child in children]


def main() -> None:
    """Serve tasks until standard input ends."""
    # pyarrow imports the first two when first used, which would cost every child a second.
    for module in ("pandas", "pyarrow.dataset", sys.argv[1]):
        importlib.import_module(module)
    tasks = {"step": _step, "count": _count, "hold": _hold, "write": _write}
    for line in sys.stdin:
        task = json.loads(line)
        print(json.dumps(tasks[task["task"]](task)), flush=True)


if __name__ == "__main__":
    main()
