"""A sealed folder replaced as a whole: whoever opens it finds the old one or the new one, whatever is killed when."""

import ctypes
import errno
import os
from pathlib import Path

from pool.errors import PoolError
from pool.files import flush_folder, remove_folder
from pool.paths import MANIFEST, PART

FRESH, BEFORE = f".fresh{PART}", f".before{PART}"
"""Endings of the finished folder that is to take a name, and of the one that had it, while they change places."""
AT_CWD = -100
EXCHANGE = 2
NOT_HERE = (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EPERM)


def fresh_folder(final: Path) -> Path:
    """Where to build what is to take the place of a sealed folder."""
    return final.with_name(final.name + FRESH)


def replace_folder(final: Path) -> None:
    """Let the finished fresh folder take the place of a sealed one, which goes.

    The kernel exchanges the two at once; where the file system cannot, there is a moment without either, which `settle_replacements` ends.
    """
    fresh = fresh_folder(final)
    flush_folder(final.parent)
    if exchange(fresh, final):
        flush_folder(final.parent)
        remove_folder(fresh)
        return
    before = final.with_name(final.name + BEFORE)
    remove_folder(before)
    os.rename(final, before)
    os.rename(fresh, final)
    flush_folder(final.parent)
    remove_folder(before)


def settle_replacements(root: Path) -> None:
    """Give a folder its name that was between two when a process was killed: it becomes what is finished, else what it was."""
    for before in root.glob(f"*{BEFORE}/"):
        final = before.with_name(before.name.removesuffix(BEFORE))
        fresh = fresh_folder(final)
        if not final.exists():
            os.rename(fresh if (fresh / MANIFEST).is_file() else before, final)
            flush_folder(root)


def exchange(one: Path, other: Path) -> bool:
    """Exchange the names of two folders at once; False where kernel or file system cannot. Raises PoolError when it fails otherwise."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(AT_CWD, os.fsencode(one), AT_CWD, os.fsencode(other), EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in NOT_HERE:
        return False
    raise PoolError(f"{other} 无法替换：{os.strerror(code)}。请检查磁盘和目录权限。")
