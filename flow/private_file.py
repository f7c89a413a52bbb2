"""Files with address texts, which people fill in or mend: readable by their owner alone."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pool import PoolError

PRIVATE_MODE = 0o600
"""Address texts may be where somebody lives."""


@contextmanager
def new_private_file(path: Path) -> Iterator[None]:
    """Make a file that only its owner may read, for the body to write; it goes when the body fails. Raises PoolError when it exists."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE_MODE))
    except FileExistsError:
        raise PoolError(f"{path} 已经存在，里面可能有人填写过，不会覆盖。请换一个文件名，或先把它移走。") from None
    try:
        yield
    except BaseException:
        path.unlink()
        raise
