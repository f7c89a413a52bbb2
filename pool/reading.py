"""Readers and those who remove: who reads holds a shared lock on what is read, who removes takes it alone and never waits.

The lock is the kernel's `flock` on a file or folder that is there anyway, which who may read it may take, and which goes with its process.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from pool.locks import is_same_file


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Hold off, for the body, whoever would remove what this file or folder stands for.

    Raises FileNotFoundError when it is gone, or goes before the lock is there.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # a file system without such locks: there nothing is removed, see `unread`
            fcntl.flock(descriptor, fcntl.LOCK_SH)
        if not is_same_file(descriptor, path):
            raise FileNotFoundError(path)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def unread(paths: Iterable[Path]) -> Iterator[bool]:
    """Whether nobody reads any of these; if so, who begins to read one waits for the end of the body. Those that are gone count as unread.

    A file system that has no such locks counts as being read.
    """
    with ExitStack() as opened:
        for path in paths:
            try:
                descriptor = os.open(path, os.O_RDONLY)
            except FileNotFoundError:
                continue
            opened.callback(os.close, descriptor)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
        yield True
