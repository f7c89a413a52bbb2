"""Where the shipped contracts stand, and the type of the fixture that edits one."""

from collections.abc import Callable
from pathlib import Path

from schemas.contract import Contract

SHIPPED = Path(__file__).parents[2] / "schemas" / "sources"
Edited = Callable[..., Contract]
