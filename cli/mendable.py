"""Errors that a user can do something about: one message, not a stack."""

import duckdb

from address_matching import LibraryError, RecordsError
from cli.console import errors, tell
from flow.publish import ReleaseBlocked
from pool import PoolError
from pool.machine import in_words
from schemas.contract import ContractError
from sources.readers import ReadError

MENDABLE = (PoolError, ContractError, ReadError, LibraryError, RecordsError, duckdb.Error, OSError)


def exit_code(cause: Exception) -> int:
    """Tell what happened and return the exit code; raises the error again where it is our fault."""
    if isinstance(cause, ReleaseBlocked):
        tell("已拦下：", str(cause), "red", errors)
        return 1
    if not isinstance(cause, MENDABLE):
        raise cause
    tell("无法执行：", in_words(cause), "red", errors)
    return 2
