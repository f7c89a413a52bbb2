"""How long work tells how far it is."""

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Told the step in Chinese, how many parts of it are done, and how many there are."""


def silent(_step: str, _done: int, _all: int) -> None:
    """Progress that nobody watches."""
