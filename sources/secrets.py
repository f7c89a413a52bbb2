"""Secrets that a contract names and never holds."""

import os
import re
from collections.abc import Callable

PREFIX = "DATAPOOL_SECRET_"
Secrets = Callable[[str], str | None]
"""The secret of a connection by its name, None where it is not set."""


def variable_of(connection: str) -> str:
    """The environment variable that holds the secret of a connection: DATAPOOL_SECRET_ and its name in upper case, other signs as `_`."""
    return PREFIX + re.sub(r"\W", "_", connection).upper()


def secret_of_environment(connection: str) -> str | None:
    """The secret of a connection as the environment has it."""
    return os.environ.get(variable_of(connection)) or None
