"""Errors of the machine (no space, no permission, a broken disk): no data are to blame for them, and somebody can mend them."""

import errno
import os

import duckdb

AGAIN = "已收到的文件和上一版发布都不受影响；处理好以后重新运行，会从中断处接着做。"
REMEDIES = {
    errno.ENOSPC: "磁盘已满。请腾出空间或扩容",
    errno.EDQUOT: "磁盘配额已用完。请腾出空间或提高配额",
    errno.EROFS: "文件系统是只读的。请检查磁盘是否出错、挂载是否为读写",
    errno.EACCES: "没有权限。请核对目录的属主和权限，或改用有权限的用户运行",
    errno.EPERM: "不允许这样操作。请核对目录的属主、权限和属性，或改用有权限的用户运行",
    errno.EIO: "磁盘读写出错。请检查磁盘和系统日志，先做好备份",
    errno.EMFILE: "打开的文件过多。请提高系统限制（ulimit -n）",
    errno.ENFILE: "打开的文件过多。请提高系统限制（ulimit -n）",
}
TOLD = {
    "database or disk is full": errno.ENOSPC,
    "readonly database": errno.EROFS,
    "disk I/O error": errno.EIO,
    "unable to open database file": errno.EACCES,
    "fsync failed": errno.EIO,
}
"""What SQLite and DuckDB say where others tell an error number."""


def fault_of(error: BaseException | None) -> Exception | None:
    """The error of the machine in an error or among its causes; None when it is none of the machine's.

    Arrow raises OSError without a number for a file that is no Parquet file: that is not one.
    """
    seen: set[int] = set()
    while error is not None and id(error) not in seen:  # an error raised from one that it caused stands in a ring
        seen.add(id(error))
        if isinstance(error, (duckdb.OutOfMemoryException, duckdb.IOException, MemoryError)):
            return error
        if isinstance(error, duckdb.FatalException) and remedy_for(error):
            return error
        if isinstance(error, OSError) and error.errno is not None:
            return error
        error = error.__cause__
    return None


def remedy_for(error: BaseException) -> str | None:
    """What is wrong and what to do, in Chinese; None when the error tells no known fault of the machine."""
    number = error.errno if isinstance(error, OSError) else None
    text = str(error)
    if number not in REMEDIES:
        told = [known for known in REMEDIES if os.strerror(known) in text] + [known for words, known in TOLD.items() if words in text]
        number = told[0] if told else None
    return REMEDIES[number] if number is not None else None


def in_words(error: BaseException) -> str:
    """The error, with what to do about it where that is known."""
    remedy = remedy_for(error)
    named = f"（{error.filename}）" if isinstance(error, OSError) and error.filename else ""
    return f"{remedy}{named}。{AGAIN}" if remedy else str(error)
