"""Scratch space of one step on disk: private, below the data home, gone when the step ends or after its process was killed."""

import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pool.files import make_folder
from pool.paths import PRIVATE_FOLDER_MODE

HOLDER = "holder"


@contextmanager
def spill_folder(root: Path) -> Iterator[Path]:
    """An empty folder below `root` for the body; those of killed processes are removed first."""
    make_folder(root, PRIVATE_FOLDER_MODE)
    with (root / ".lock").open("w") as gate:
        fcntl.flock(gate, fcntl.LOCK_EX)
        _remove_dead(root)
        folder = Path(tempfile.mkdtemp(dir=root))
        holder = (folder / HOLDER).open("w")
        fcntl.flock(holder, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        holder.close()


def _remove_dead(root: Path) -> None:
    for folder in root.glob("*/"):
        with (folder / HOLDER).open("a") as holder:
            try:
                fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            shutil.rmtree(folder, ignore_errors=True)
