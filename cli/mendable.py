"""Errors that a user can do something about: one message, not a stack."""

import sys

from cli.console import errors, tell
from pool.machine import in_words

_MENDABLE = (
    ("pool", "PoolError"),
    ("schemas.contract", "ContractError"),
    ("sources.readers", "ReadError"),
    ("address_matching", "LibraryError"),
    ("address_matching", "RecordsError"),
    ("duckdb", "Error"),
    ("builtins", "OSError"),
)


def mendable() -> tuple[type[Exception], ...]:
    """The classes of such errors, of modules that are loaded: the others have raised nothing, and to load them would keep a mistyped path waiting."""
    return tuple(getattr(sys.modules[module], name) for module, name in _MENDABLE if module in sys.modules)


def exit_code(cause: Exception) -> int:
    """Tell what happened and return the exit code; raises the error again where it is our fault."""
    publishing = sys.modules.get("flow.publish")
    if publishing is not None and isinstance(cause, publishing.ReleaseBlocked):
        tell("已拦下：", str(cause), "red", errors)
        return 1
    if not isinstance(cause, mendable()):
        raise cause
    tell("无法执行：", in_words(cause), "red", errors)
    return 2
