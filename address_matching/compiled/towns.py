"""Towns of a text in compiled code: which nodes lie in them, how their names differ, and what is safe where only the town is known."""

from address_matching.compiled.codes import (
    ALIAS,
    ALIAS_OUT_OF_DATE,
    CHANGED,
    DROPPED,
    EXTRA,
    INFERRED_TOWN,
    NO_FAULT,
    RENAMED,
    SUFFIX,
    SWAPPED,
    TOWN_MISSPELT,
)
from address_matching.compiled.hits import COUNT, FOUND, GIVE_UP, STOPPED, begin, note, stop
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    HIT_NODE,
    HIT_STATE,
    MOST_NODES,
    NODE_VALID_TO,
    PLACE_COUNT,
    PLACE_FAULT,
    PLACE_NODE,
    PLACE_STATE,
    TOWN_OF,
    Memory,
)
from address_matching.compiled.place import HAS_DAY, HINTED, TOWNS
from address_matching.compiled.tree import ancestor
from address_matching.tokens import LAST_DAY


@compiled
def town_fault(memory: Memory, town: int) -> int:
    """Fault by which the text names a town, -1 if it does not mean it."""
    for at in range(memory.work[PLACE_COUNT + TOWNS]):
        if memory.work[PLACE_NODE + TOWNS * MOST_NODES + at] == town:
            return int(memory.work[PLACE_FAULT + TOWNS * MOST_NODES + at])
    return -1


@compiled
def keep_in_towns(memory: Memory, found: int, count: int) -> int:
    """Keep the nodes in the town of the text, of several those in the town that bears the name today; returns how many."""
    if memory.work[PLACE_COUNT + TOWNS] == 0 or count == 0:
        return count
    least = 3
    for at in range(count):
        least = min(least, _town_rank(memory, (memory.ints[memory.at[TOWN_OF] + memory.work[found + at]])))
    inside, in_date, exact = 0, 0, 0
    for at in range(count):
        rank = _town_rank(memory, (memory.ints[memory.at[TOWN_OF] + memory.work[found + at]]))
        inside += rank < 3
        in_date += rank < 2
        exact += rank < 1
    limit = 2 if in_date == 0 else 1
    left = inside if in_date == 0 else in_date
    if left > 1 and not memory.work[PLACE_STATE + HAS_DAY] and exact:
        limit = 0
    kept = 0
    for at in range(count):
        if _town_rank(memory, (memory.ints[memory.at[TOWN_OF] + memory.work[found + at]])) <= limit:
            memory.work[found + kept] = memory.work[found + at]
            kept += 1
    return kept


@compiled
def _town_rank(memory: Memory, town: int) -> int:
    fault = town_fault(memory, town)
    if fault < 0:
        return 3
    if fault == NO_FAULT:
        return 0
    return 2 if fault == ALIAS_OUT_OF_DATE else 1


@compiled
def note_town(memory: Memory, node: int, hit: int) -> None:
    if memory.work[PLACE_COUNT + TOWNS] == 0:
        note(memory, hit, INFERRED_TOWN)
    else:
        fault = town_fault(memory, memory.ints[memory.at[TOWN_OF] + node])
        unsure = fault in (SWAPPED, DROPPED, EXTRA, CHANGED)
        note(memory, hit, TOWN_MISSPELT if unsure else max(0, fault))


@compiled
def name_fault(memory: Memory, part: int, node: int, level: int) -> int:
    above = ancestor(memory, node, level)
    for at in range(memory.work[PLACE_COUNT + part]):
        if memory.work[PLACE_NODE + part * MOST_NODES + at] == above:
            return int(memory.work[PLACE_FAULT + part * MOST_NODES + at])
    return NO_FAULT


@compiled
def may_outvote(fault: int) -> bool:
    """Whether a name that differs so may outvote the town of a text."""
    return fault in (NO_FAULT, ALIAS, RENAMED)


@compiled
def is_trusted(fault: int) -> bool:
    return fault in (NO_FAULT, ALIAS, RENAMED, SUFFIX)


@compiled
def is_known_elsewhere(memory: Memory, part: int) -> bool:
    """Whether a road or compound that no town of the text has bears its name, or an alias of it, in another."""
    for at in range(memory.work[PLACE_COUNT + part]):
        fault = memory.work[PLACE_FAULT + part * MOST_NODES + at]
        if fault in (NO_FAULT, ALIAS):
            return True
    return False


@compiled
def at_town(memory: Memory, fault: int, hit: int) -> int:
    """Only the town is safe: of several the one in force, with the nearest name."""
    begin(memory, hit)
    if fault != NO_FAULT:
        stop(memory, hit, fault)
    if memory.work[PLACE_COUNT + TOWNS] == 0:
        memory.work[hit + HIT_STATE + STOPPED] = 1
        return FOUND
    if memory.work[PLACE_COUNT + TOWNS] > 1 and memory.work[PLACE_STATE + HINTED]:
        return GIVE_UP
    best = 9
    for at in range(memory.work[PLACE_COUNT + TOWNS]):
        best = min(best, _force(memory, at))
    count = 0
    for at in range(memory.work[PLACE_COUNT + TOWNS]):
        if _force(memory, at) == best:
            memory.work[hit + HIT_NODE + count] = memory.work[PLACE_NODE + TOWNS * MOST_NODES + at]
            count += 1
    memory.work[hit + HIT_STATE + COUNT] = count
    first = memory.work[hit + HIT_NODE]
    for at in range(count):
        first = min(first, memory.work[hit + HIT_NODE + at])
    note(memory, hit, max(0, town_fault(memory, first)))
    return FOUND


@compiled
def _force(memory: Memory, at: int) -> int:
    """Rank of a town the text may mean: in force, in date, exact (where no date tells)."""
    node, fault = memory.work[PLACE_NODE + TOWNS * MOST_NODES + at], memory.work[PLACE_FAULT + TOWNS * MOST_NODES + at]
    rank = 0 if memory.ints[memory.at[NODE_VALID_TO] + node] == LAST_DAY else 4
    if fault == ALIAS_OUT_OF_DATE:
        rank += 2
    if fault != NO_FAULT and not memory.work[PLACE_STATE + HAS_DAY]:
        rank += 1
    return rank
