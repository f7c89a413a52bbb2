"""Names that the library lacks, before their surroundings in compiled code: what context.py may take them for is left to the careful reader.

The tests here never miss what context.py would find, and seldom hold where it finds nothing.
"""

from address_matching.compiled.codes import ABBREVIATED, NO_FAULT, STEM_ONLY
from address_matching.compiled.differences import difference
from address_matching.compiled.hashing import SEED, find, hash_of, mix
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    BY_CORE,
    CHILD,
    HIT_NODE,
    LABEL_TEXT,
    MOST_NODES,
    OTHER,
    PLACE_COUNT,
    PLACE_FAULT,
    PLACE_NODE,
    PLACE_STATE,
    Memory,
)
from address_matching.compiled.place import (
    BEFORE,
    COMMUNITIES,
    COMPOUND_END,
    COMPOUND_START,
    COMPOUNDS,
    ROADS,
    TOWNS,
    UNKNOWN_COMPOUND,
    UNKNOWN_END,
    UNKNOWN_ROAD,
    UNKNOWN_ROAD_END,
    UNKNOWN_ROAD_START,
    UNKNOWN_START,
)
from address_matching.compiled.towns import is_trusted, keep_in_towns, name_fault
from address_matching.compiled.tree import label_place, level_start
from address_matching.model import COMPOUND, NATURAL_VILLAGE

BEGINS, ENDS = 1, 2
"""What a key of the table of cores stands for: the beginning of a compound's distinctive part, the end of its name."""
ANY_TOWN = -1
ABSENT, SEVERAL, WHOLE = -1, -2, 1
"""What is known by a part of a compound's name: none; several; else node << 1, with WHOLE where the part is all that is distinctive."""
DISTINCTIVE = 4
"""Characters that tell a name from all others of a town without any number."""
NOTHING, CAREFULLY, TAKEN = range(3)
"""What a name may be taken for: nothing, something that the careful reader tells, the compound now in the place."""
_LONGEST_DIVISION = 8
"""Characters of a division's name that a compound's may begin with."""


@compiled
def take_in_context(memory: Memory) -> int:
    """Take a name that the library lacks, or has elsewhere only, for what its surroundings have, if that is plain."""
    state = PLACE_STATE
    unknown_road, unknown_compound = memory.work[state + UNKNOWN_ROAD], memory.work[state + UNKNOWN_COMPOUND]
    if memory.work[PLACE_COUNT + ROADS] or (memory.work[state + BEFORE] and not unknown_road):
        return NOTHING
    if unknown_compound and memory.work[PLACE_COUNT + COMPOUNDS]:
        return CAREFULLY
    if unknown_compound:
        return _take(memory, memory.work[state + UNKNOWN_START], memory.work[state + UNKNOWN_END])
    if unknown_road and memory.work[PLACE_COUNT + COMMUNITIES]:
        near = _is_near_village(memory, memory.work[state + UNKNOWN_ROAD_START], memory.work[state + UNKNOWN_ROAD_END])
        return CAREFULLY if near else NOTHING
    if memory.work[PLACE_COUNT + COMPOUNDS] and not _is_trusted_here(memory):
        return _take(memory, memory.work[state + COMPOUND_START], memory.work[state + COMPOUND_END])
    return NOTHING


@compiled
def _is_trusted_here(memory: Memory) -> bool:
    """Whether a compound of the name, spelt well, lies in the towns of the text."""
    count = memory.work[PLACE_COUNT + COMPOUNDS]
    for at in range(count):
        memory.work[OTHER + HIT_NODE + at] = memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES + at]
    for at in range(keep_in_towns(memory, OTHER + HIT_NODE, count)):
        if is_trusted(name_fault(memory, COMPOUNDS, memory.work[OTHER + HIT_NODE + at], COMPOUND)):
            return True
    return False


@compiled
def _take(memory: Memory, start: int, end: int) -> int:
    """Take text[start:end] for the one compound of the text's town that it is short for; hamlets and compounds of its villages are told carefully."""
    if end - start < 2:
        return CAREFULLY if memory.work[PLACE_COUNT + COMMUNITIES] else NOTHING
    if _is_near_village(memory, start, end):
        return CAREFULLY
    towns = memory.work[PLACE_COUNT + TOWNS]
    short = end - 2 if memory.text[end - 1] == ord("区") and memory.text[end - 2] == ord("小") else end
    found = ABSENT
    for at in range(max(1, towns)):
        town = memory.work[PLACE_NODE + TOWNS * MOST_NODES + at] if towns else ANY_TOWN
        if find(memory, BY_CORE, core_key(_hash_backwards(memory, start, end), ENDS, town)) != ABSENT:
            return CAREFULLY
        if short - start > 1:
            found = find(memory, BY_CORE, core_key(hash_of(memory.text, start, short), BEGINS, town))
        if found == SEVERAL or (found != ABSENT and towns > 1):
            return CAREFULLY
    return NOTHING if found == ABSENT else _enter(memory, found >> 1, found & WHOLE > 0 and short - start >= DISTINCTIVE)


@compiled
def _enter(memory: Memory, node: int, is_distinctive: bool) -> int:
    """Make the compound that a short name stands for the place's."""
    memory.work[PLACE_COUNT + COMPOUNDS] = 1
    memory.work[PLACE_NODE + COMPOUNDS * MOST_NODES] = node
    memory.work[PLACE_FAULT + COMPOUNDS * MOST_NODES] = STEM_ONLY if is_distinctive else ABBREVIATED
    memory.work[PLACE_STATE + UNKNOWN_COMPOUND] = 0
    return TAKEN


@compiled
def _hash_backwards(memory: Memory, start: int, end: int) -> int:
    hashed = SEED
    for at in range(end - 1, start - 1, -1):
        hashed = mix(hashed, memory.text[at])
    return hashed


@compiled
def core_key(hashed: int, side: int, town: int) -> int:
    return mix(mix(hashed, side), town)


@compiled
def _is_near_village(memory: Memory, start: int, end: int) -> bool:
    """Whether text[start:end] is near the name of a hamlet or compound in the text's villages."""
    for at in range(memory.work[PLACE_COUNT + COMMUNITIES]):
        village = memory.work[PLACE_NODE + COMMUNITIES * MOST_NODES + at]
        for level in (NATURAL_VILLAGE, COMPOUND):
            if is_near_child(memory, start, end, village, level):
                return True
    return False


@compiled
def is_near_child(memory: Memory, start: int, end: int, parent: int, level: int) -> bool:
    """Whether text[start:end] is near the name of a child at a level."""
    for at in range(level_start(memory, parent, level), level_start(memory, parent, level + 1)):
        first, stop = label_place(memory, memory.ints[memory.at[CHILD] + at])
        first += memory.at[LABEL_TEXT]
        stop += memory.at[LABEL_TEXT]
        if _is_near(memory, start, end, first, stop):
            return True
        if level == COMPOUND and _begin_alike(memory, start, end, first, stop):
            return True
    return False


@compiled
def _is_near(memory: Memory, start: int, end: int, first: int, stop: int) -> bool:
    """Whether text[start:end] may be the name small[first:stop], or that name without a division before it, with a slip of the pen."""
    for skipped in range(min(_LONGEST_DIVISION, stop - first - 1) + 1):
        size = stop - first - skipped
        if skipped != 1 and -1 <= size - (end - start) <= 1:
            if difference(memory, start, end, first + skipped, stop, size) != NO_FAULT:
                return True
            if skipped == 0 and size < 4 and _is_mixed_up(memory, start, end, first, stop):
                return True
    return False


@compiled
def _is_mixed_up(memory: Memory, start: int, end: int, first: int, stop: int) -> bool:
    """Whether a short text has all characters of a short name, in whatever order."""
    for at in range(start, end):
        known = False
        for other in range(first, stop):
            known = known or memory.text[at] == memory.small[other]
        if not known:
            return False
    return True


@compiled
def _begin_alike(memory: Memory, start: int, end: int, first: int, stop: int) -> bool:
    """Whether text and name may have the same distinctive part, or the text be the beginning of the name."""
    size = 2 if end - start > 2 else 1
    for skipped in range(_LONGEST_DIVISION):
        if first + skipped + size <= stop and _same(memory, start, first + skipped, size):
            return True
        if start + skipped + size <= end and _same(memory, start + skipped, first, size):
            return True
    return False


@compiled
def _same(memory: Memory, start: int, first: int, size: int) -> bool:
    for at in range(size):
        if memory.text[start + at] != memory.small[first + at]:
            return False
    return True
