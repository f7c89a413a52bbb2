"""System-call tracing and fault injection with strace: which calls a process makes on a folder, and killing or failing it at one of them."""

import os
import re
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

CHANGES = [
    "write",
    "pwrite64",
    "writev",
    "pwritev",
    "pwritev2",
    "fsync",
    "fdatasync",
    "sync_file_range",
    "rename",
    "renameat",
    "renameat2",
    "link",
    "linkat",
    "symlink",
    "symlinkat",
    "unlink",
    "unlinkat",
    "rmdir",
    "mkdir",
    "mkdirat",
    "truncate",
    "ftruncate",
    "fallocate",
    "chmod",
    "fchmod",
    "fchmodat",
    "copy_file_range",
    "sendfile",
]
"""The calls that change what is on disk, or force it there; by opening, a file is made empty at most, which the call before shows."""
CALL = re.compile(r"^(\d+) +(\w+)\(")
UUID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class Call:
    """A system call: the `number`-th of its name in its process, and the file below the folder that it is about."""

    name: str
    number: int
    path: str


def is_permitted() -> bool:
    """Whether strace is here and may trace."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, check=False).returncode == 0


class Strace:
    """strace attached to one waiting process, for the body; its log is read when the process has ended."""

    def __init__(self, process: int, *options: str) -> None:
        handle, name = tempfile.mkstemp(prefix="strace-")
        os.close(handle)
        self._log = Path(name)
        command = ["strace", "-f", "-y", "-p", str(process), "-e", "signal=KILL", "-o", name, *options]
        self._strace = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        assert self._strace.stderr is not None
        told = self._strace.stderr.readline()
        if "attached" not in told:
            raise RuntimeError(f"strace could not attach: {told}")

    def lines(self) -> list[str]:
        """Wait for the end of the process; the lines of the log."""
        self._strace.communicate()
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        self._log.unlink()
        return lines


def changes_of(process: int, let_go: Callable[[], object], folder: Path) -> list[Call]:
    """The calls by which a process, once let go, changes what is below a folder.

    Raises RuntimeError when others than its main thread make some: theirs could not be told apart by number.
    """
    strace = Strace(process, "-e", f"trace={','.join(CHANGES)}")
    let_go()
    return list(_calls(strace.lines(), process, folder))


def _calls(lines: list[str], process: int, folder: Path) -> Iterator[Call]:
    counted: Counter[str] = Counter()
    below = re.compile(re.escape(str(folder)) + r"(?=[/\">])([^\">]*)")
    for line in lines:
        call = CALL.match(line)
        if call is None:
            continue
        thread, name = int(call[1]), call[2]
        found = below.search(line)
        if thread != process:
            if found:
                raise RuntimeError(f"not the main thread: {line}")
            continue
        counted[name] += 1
        if found:
            yield Call(name, counted[name], UUID.sub("*", found[1]) or "/")


def fail_from(process: int, let_go: Callable[[], object], call: Call, folder: Path, error: str) -> bool:
    """Let a process, once let go, get an error such as `ENOSPC` from this call and from all later ones of its name; whether it did, on this file."""
    inject = f"inject={call.name}:error={error}:when={call.number}+"
    strace = Strace(process, "-e", f"trace={call.name}", "-e", inject)
    let_go()
    lines = strace.lines()
    failed = [line for line in lines if line.endswith("(INJECTED)")]
    return bool(failed) and call in _calls(lines, process, folder)


def kill_at(process: int, let_go: Callable[[], object], call: Call, folder: Path) -> bool:
    """Kill a process, once let go, before it makes this call; whether it died there: at this call on this file, by this signal."""
    strace = Strace(process, "-e", f"trace={call.name}", "-e", f"inject={call.name}:signal=KILL:when={call.number}")
    let_go()
    lines = strace.lines()
    made = [each for each in _calls(lines, process, folder) if each.number == call.number]
    return made == [call] and any(re.match(rf"{process} +\+\+\+ killed by SIGKILL", line) for line in lines)
