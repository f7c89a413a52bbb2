"""Nodes that a reading leads to, and what was found on the way: the compiled counterpart of inside.Hit."""

from typing import NamedTuple

import numpy as np

from address_matching.compiled.hashing import Keys
from address_matching.compiled.kernel import compiled
from address_matching.compiled.place import MOST_FAULTS, MOST_NODES

COUNT, FAULTS, STOPPED, NUMBERED = range(4)
"""Entries of `Hit.state`: how many nodes and faults; whether a part could not be followed; whether a number agreed."""

GIVE_UP, NONE, FOUND = -1, 0, 1
"""Answers of a look-up: the careful reader is needed, nothing here, nodes are in the hit."""


class Hit(NamedTuple):
    """`spare` holds nodes on their way."""

    node: Keys
    spare: Keys
    faults: Keys
    state: Keys


def empty_hit() -> Hit:
    return Hit(np.zeros(MOST_NODES, np.int64), np.zeros(MOST_NODES, np.int64), np.zeros(MOST_FAULTS, np.int64), np.zeros(4, np.int64))


@compiled
def begin(hit: Hit) -> None:
    hit.state[:] = 0


@compiled
def note(hit: Hit, fault: int) -> None:
    """Note a fault."""
    count = hit.state[FAULTS]
    if fault > 0 and count < MOST_FAULTS:
        hit.faults[count] = fault
        hit.state[FAULTS] = count + 1


@compiled
def noted(hit: Hit, fault: int) -> bool:
    for at in range(hit.state[FAULTS]):
        if hit.faults[at] == fault:
            return True
    return False


@compiled
def stop(hit: Hit, fault: int) -> None:
    """A part could not be followed."""
    note(hit, fault)
    hit.state[STOPPED] = 1


@compiled
def copy(source: Hit, target: Hit) -> None:
    target.node[:] = source.node
    target.faults[:] = source.faults
    target.state[:] = source.state
