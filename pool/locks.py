"""Locks between processes: a file each, held by the kernel's `flock` and released by it when the holder dies."""

import fcntl
import json
import os
import socket
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pool.errors import PoolBusy

POLL_SECONDS = 0.05
# Long enough for whoever tidies up after the dead, too short for a living holder.
LOCK_SECONDS = 5.0

_held: "weakref.WeakSet[FileLock]" = weakref.WeakSet()


def lock_descriptor(descriptor: int) -> bool:
    """Lock an open file without waiting; False when another holds it."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_same_file(descriptor: int, path: Path) -> bool:
    """Whether the open file still stands under this name."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False


class FileLock:
    """One lock file; its text names the holder. Not reentrant: a second `hold` waits, in the same process too."""

    def __init__(self, path: Path, holder: str) -> None:
        self._path = path
        self.holder = holder
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        """Whether this very object holds the lock."""
        return self._descriptor is not None

    @contextmanager
    def hold(self, timeout: float = LOCK_SECONDS) -> Iterator[None]:
        """Hold the lock for the body; raises PoolBusy, naming the holder, when it is not free within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not self.try_hold():
            if time.monotonic() >= deadline:
                raise PoolBusy(f"数据池正忙：锁 {self._path.stem} 由 {self.read_holder()} 持有。请等它结束后重试。")
            time.sleep(POLL_SECONDS)
        try:
            yield
        finally:
            self.release()

    def try_hold(self) -> bool:
        """Take the lock if it is free; the caller then must `release` it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        # The former holder removes the file on release, so a lock on a file that lost its name is worth nothing.
        if not lock_descriptor(descriptor) or not is_same_file(descriptor, self._path):
            os.close(descriptor)
            return False
        who = {"holder": self.holder, "process": os.getpid(), "host": socket.gethostname()}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(who, ensure_ascii=False).encode(), 0)
        self._descriptor = descriptor
        _held.add(self)
        return True

    def release(self) -> None:
        """Let the lock go; the lock file goes with it."""
        if self._descriptor is not None:
            self._path.unlink(missing_ok=True)
            self.forget()

    def forget(self) -> None:
        """Close the file without releasing the lock that another process shares through it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def read_holder(self) -> str:
        """Who holds the lock, as text for people."""
        try:
            who = json.loads(self._path.read_text(encoding="utf-8"))
            return f"{who['holder']}（主机 {who['host']}，进程 {who['process']}）"
        except (OSError, ValueError, KeyError):
            return "未知的进程"


def remove_dead_locks(folder: Path) -> None:
    """Remove the lock files that killed processes left; harmless as they are, they would only pile up."""
    for path in folder.glob("*.lock"):
        lock = FileLock(path, "清理")
        if lock.try_hold():
            lock.release()


def _forget_after_fork() -> None:
    # A forked worker shares the parent's open file: while it lives the kernel would keep a dead parent's lock.
    for lock in list(_held):
        lock.forget()


os.register_at_fork(after_in_child=_forget_after_fork)
