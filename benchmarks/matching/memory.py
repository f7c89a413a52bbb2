"""Peak memory of a process and its children, from /proc: `ru_maxrss` would count what a parent held before the process began."""

import threading
from pathlib import Path
from types import TracebackType

SECONDS = 0.1


class PeakMemory:
    """Watches this process and its children while the `with` block runs; `megabytes` is their largest sum."""

    def __init__(self) -> None:
        self.megabytes = 0.0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.megabytes = max(self.megabytes, sum(map(_resident, _tree("self"))))
            if self._done.wait(SECONDS):
                return


def _tree(process: str) -> list[str]:
    found = [process]
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += [one for child in children.read_text().split() for one in _tree(child)]
        except OSError:
            continue
    return found


def _resident(process: str) -> float:
    """Resident memory of a process in MB, 0 when it is gone."""
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS:")), 0.0)
