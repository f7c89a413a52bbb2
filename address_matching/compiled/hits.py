"""Nodes that a reading leads to, and what was found on the way: the compiled counterpart of inside.Hit.

A hit is named by where it begins in the working memory: BEST or OTHER.
"""

from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import HIT_FAULTS, HIT_NODE, HIT_SIZE, HIT_SPARE, HIT_STATE, MOST_FAULTS, Memory

COUNT, FAULTS, STOPPED, NUMBERED, FINER = range(5)
"""Entries of a hit's state: how many nodes and faults; whether a part could not be followed; whether a number agreed; how many finer
possibilities stand in `spare`."""

GIVE_UP, NONE, FOUND = -1, 0, 1
"""Answers of a look-up: the careful reader is needed, nothing here, nodes are in the hit."""


@compiled
def begin(memory: Memory, hit: int) -> None:
    for entry in range(5):
        memory.work[hit + HIT_STATE + entry] = 0


@compiled
def note(memory: Memory, hit: int, fault: int) -> None:
    """Note a fault."""
    count = memory.work[hit + HIT_STATE + FAULTS]
    if fault > 0 and count < MOST_FAULTS:
        memory.work[hit + HIT_FAULTS + count] = fault
        memory.work[hit + HIT_STATE + FAULTS] = count + 1


@compiled
def noted(memory: Memory, hit: int, fault: int) -> bool:
    for at in range(memory.work[hit + HIT_STATE + FAULTS]):
        if memory.work[hit + HIT_FAULTS + at] == fault:
            return True
    return False


@compiled
def stop(memory: Memory, hit: int, fault: int) -> None:
    """A part could not be followed."""
    note(memory, hit, fault)
    memory.work[hit + HIT_STATE + STOPPED] = 1


@compiled
def copy(memory: Memory, source: int, target: int) -> None:
    for entry in range(HIT_SIZE):
        memory.work[target + entry] = memory.work[source + entry]


@compiled
def take_spare(memory: Memory, hit: int, count: int) -> None:
    """Make the first nodes of `spare` the hit's nodes."""
    for at in range(count):
        memory.work[hit + HIT_NODE + at] = memory.work[hit + HIT_SPARE + at]
    memory.work[hit + HIT_STATE + COUNT] = count
