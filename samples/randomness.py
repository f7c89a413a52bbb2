"""Streams of chance that depend on the seed and a name only, so that one part's draws never shift another's."""

import zlib
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.signedinteger[Any]]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Objects = NDArray[Any]


def stream(seed: int, name: str) -> np.random.Generator:
    """Generator for vectorised draws of the part called `name`."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def plain_stream(seed: int, name: str) -> Random:
    """Generator for draws one at a time of the part called `name`."""
    return Random(f"{seed}/{name}")


def weights(table: dict[str, int] | list[int]) -> Floats:
    """Weights as shares that sum to one."""
    values: Floats = np.array(list(table.values()) if isinstance(table, dict) else table, dtype=np.float64)
    share: Floats = values / values.sum()
    return share


def shares(total: int, weight: Floats) -> Ints:
    """`total` things dealt out in proportion to `weight`, by largest remainder."""
    exact = total * weight / weight.sum()
    counts: Ints = np.floor(exact).astype(np.int64)
    counts[np.argsort(counts - exact, kind="stable")[: total - int(counts.sum())]] += 1
    return counts
