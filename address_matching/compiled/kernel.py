"""How functions of this package are compiled: to machine code by Numba, without the interpreter lock, kept between runs."""

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TypeVar, cast

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(function: Function) -> Function:
    """Compile a function that others of this package call."""
    return cast("Function", numba.njit(nogil=True, error_model="numpy")(function))


def entry(function: Function) -> Function:
    """Compile a function that is called from Python, and keep the machine code beside its source.

    Numba sees changes of the function's own file only; the function must therefore close over `sources_digest()`.
    """
    return cast("Function", numba.njit(nogil=True, error_model="numpy", cache=True)(function))


@cache
def sources_digest() -> str:
    """Return the digest of all sources that go into the machine code."""
    package = files("address_matching")
    sources = [*(package / "compiled").iterdir(), package / "model.py", package / "tokens.py"]
    texts = sorted((source.name, source.read_bytes()) for source in sources if source.name.endswith(".py"))
    return sha256(repr(texts).encode()).hexdigest()
