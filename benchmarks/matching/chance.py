"""Streams of chance that depend on a seed and a name, word lists, and vectorised draws."""

import zlib
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
DATA = Path(__file__).parent / "data"


@cache
def words(name: str) -> dict[str, Any]:
    """Content of `data/<name>.yaml`; shared, so never to be changed."""
    content: dict[str, Any] = yaml.safe_load((DATA / f"{name}.yaml").read_text(encoding="utf-8"))
    return content


def stream(seed: int, name: str) -> np.random.Generator:
    """Generator of the part called `name`; one part's draws never shift another's."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def plain_stream(seed: int, name: str) -> Random:
    """Generator for draws one at a time."""
    return Random(f"{seed}/{name}")


def pick(rng: np.random.Generator, choices: Sequence[str] | Mapping[str, float], count: int) -> list[str]:
    """Draw `count` of the choices, by their weights where they have any."""
    names = list(choices)
    share = None
    if isinstance(choices, Mapping):
        weight = np.array(list(choices.values()), dtype=np.float64)
        share = weight / weight.sum()
    return [names[number] for number in rng.choice(len(names), count, p=share)]


def choose(rng: Random, choices: Iterable[str]) -> str:
    """Draw one of the choices."""
    return rng.choice(list(choices))


def deal(total: int, weight: Floats) -> Ints:
    """`total` things dealt out in proportion to `weight`, by largest remainder."""
    exact = total * weight / weight.sum()
    counts: Ints = np.floor(exact).astype(np.int64)
    counts[np.argsort(counts - exact, kind="stable")[: total - int(counts.sum())]] += 1
    return counts


def expand(counts: Ints) -> tuple[Ints, Ints]:
    """For `counts[i]` things of each owner i: the owner of each thing and its place among its owner's, from 0."""
    owner = np.repeat(np.arange(len(counts)), counts)
    start = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - start[owner]
