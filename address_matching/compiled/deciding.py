"""The decision on a place in compiled code: the counterpart of decide.py for answers that are safe or plainly none."""

from address_matching.compiled.codes import (
    ABBREVIATED,
    ALIAS,
    CHANGED,
    CHANGED_AT_PLATE,
    COMMUNITY_CONFLICT,
    DIRECTION_MISSING,
    DROPPED,
    EXTRA,
    HOMOPHONE,
    INFERRED_HOUSE,
    QUALIFIER_MISSING,
    RELATIVE,
    RENAMED,
    SIMILAR_SHAPE,
    STEM_ONLY,
    SUFFIX,
    SWAPPED,
    TOWN_CONFLICT,
    TOWN_MISSPELT,
    TRUNCATED,
    UNIT_SURPLUS,
    UNREAD_PREFIX,
    WILDCARD,
)
from address_matching.compiled.hits import COUNT, FAULTS, FINER, NUMBERED, STOPPED
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    COMMUNITY_OF,
    DETAILED_TOWNS,
    HIT_FAULTS,
    HIT_NODE,
    HIT_SPARE,
    HIT_STATE,
    MOST_CANDIDATES,
    MOST_NODES,
    NODE_LEVEL,
    NODE_VALID_FROM,
    NODE_VALID_TO,
    PARENT_OF,
    PLACE_COUNT,
    PLACE_FAULTS,
    PLACE_NODE,
    PLACE_STATE,
    Ints,
    Memory,
)
from address_matching.compiled.place import (
    AFTER,
    BEFORE,
    COMMUNITIES,
    COMPOUNDS,
    DIVISION,
    FAULT_COUNT,
    IS_OUTSIDE,
    OPEN_END,
    RELATIVE_TO,
    ROADS,
    add_fault,
    has_fault,
    has_place,
)
from address_matching.compiled.tree import is_under, may_be_cut
from address_matching.model import BUILDING, COMMUNITY, COMPOUND, COUNTY, HOUSE, LANE, NATURAL_VILLAGE, REASONS, ROAD, TOWN, UNIT, ZONE
from address_matching.tokens import FIRST_DAY, LAST_DAY

CAREFUL, MATCHED, UNMATCHED, REVIEW, MAYBE_SPECIAL = range(5)
"""Answers: left to the careful reader, matched, unmatched, for a person to decide, unmatched unless the text is no address at all."""

MOST_PACKED = 8
"""Faults of an answer, packed into one number of eight bits each; answers with more are left to the careful reader."""

REASON_NAMES = tuple(REASONS)
(
    _EXACT,
    _SPELLING,
    _ALIAS,
    _RENAMED,
    _TYPO,
    _TOWN_CONFLICT,
    _POI,
    _BUILDING_ONLY,
    _ROAD_ONLY,
    _ZONE_ONLY,
    _VILLAGE_ONLY,
    _NOT_IN_LIBRARY,
    _INSUFFICIENT,
    UNPARSABLE,
    _OUT_OF_AREA,
    _AMBIGUOUS,
    _UNIT_MISSING,
    _RELATIVE_POSITION,
) = (
    REASON_NAMES.index(name)
    for name in (
        "exact",
        "suffix_or_spelling",
        "alias",
        "renamed_division",
        "typo",
        "town_conflict",
        "poi",
        "building_only",
        "road_only",
        "zone_only",
        "village_only",
        "not_in_library",
        "insufficient",
        "unparsable",
        "out_of_area",
        "ambiguous",
        "unit_missing",
        "relative_position",
    )
)


@compiled
def decide(memory: Memory, hit: int) -> tuple[int, int, int, int]:
    """Return answer, node (-1 for none), reason and packed faults of a place whose hit has been looked up."""
    if memory.work[PLACE_STATE + IS_OUTSIDE]:
        return UNMATCHED, -1, _OUT_OF_AREA, 0
    if memory.work[PLACE_STATE + RELATIVE_TO] and _is_beside_plate(memory):
        return CAREFUL, -1, 0, 0
    lacking = memory.work[hit + HIT_STATE + STOPPED] and memory.work[hit + HIT_STATE + COUNT] and _are_detailed_towns(memory, hit)
    if memory.work[hit + HIT_STATE + COUNT] > 1 and not lacking and _is_bounded(memory, hit):
        return CAREFUL, -1, 0, 0
    for at in range(memory.work[hit + HIT_STATE + FAULTS]):
        add_fault(memory, memory.work[hit + HIT_FAULTS + at])
    if memory.work[hit + HIT_STATE + COUNT] == 0:
        reason = _NOT_IN_LIBRARY if has_place(memory) else _INSUFFICIENT if memory.work[PLACE_STATE + DIVISION] else UNPARSABLE
        return _packed(memory, UNMATCHED, -1, reason)
    node = memory.work[hit + HIT_NODE]
    level = memory.small[memory.at[NODE_LEVEL] + node]
    if lacking:
        return _packed(memory, UNMATCHED, -1, _NOT_IN_LIBRARY)
    if memory.work[hit + HIT_STATE + COUNT] > 1:
        return _ambiguous(memory, hit)
    _note_community(memory, node, level)
    if (
        memory.work[PLACE_STATE + OPEN_END]
        and not memory.work[hit + HIT_STATE + STOPPED]
        and (level in (HOUSE, BUILDING))
        and may_be_cut(memory, node)
    ):
        return CAREFUL, -1, 0, 0
    if _is_bold(memory, hit, level):
        return CAREFUL, -1, 0, 0
    if memory.work[PLACE_STATE + RELATIVE_TO] and level <= COMPOUND:
        add_fault(memory, RELATIVE)
    if level < TOWN:
        return _packed(memory, UNMATCHED, -1, _INSUFFICIENT)
    return _packed(memory, MATCHED, node, _reason(memory, hit, level))


@compiled
def _is_bounded(memory: Memory, hit: int) -> bool:
    """Whether several nodes are too many, or time or what is known of the towns may tell them apart."""
    count = memory.work[hit + HIT_STATE + COUNT]
    if count > MOST_CANDIDATES:
        return True
    for at in range(count):
        node = memory.work[hit + HIT_NODE + at]
        if memory.ints[memory.at[NODE_VALID_FROM] + node] != FIRST_DAY or memory.ints[memory.at[NODE_VALID_TO] + node] != LAST_DAY:
            return True
        if memory.small[memory.at[NODE_LEVEL] + node] <= TOWN:
            return True
    return False


@compiled
def _ambiguous(memory: Memory, hit: int) -> tuple[int, int, int, int]:
    """Several nodes (MOST_CANDIDATES at most): all are candidates, in their order; what lies above them all is safe."""
    count = memory.work[hit + HIT_STATE + COUNT]
    safe = memory.work[hit + HIT_NODE]
    while safe >= 0 and not _all_under(memory, hit, count, safe):
        safe = memory.ints[memory.at[PARENT_OF] + safe]
    if safe >= 0 and memory.small[memory.at[NODE_LEVEL] + safe] < COUNTY:
        safe = -1
    for at in range(count):
        node = memory.work[hit + HIT_NODE + at]
        place = at
        while place > 0 and memory.work[hit + HIT_SPARE + place - 1] > node:
            memory.work[hit + HIT_SPARE + place] = memory.work[hit + HIT_SPARE + place - 1]
            place -= 1
        memory.work[hit + HIT_SPARE + place] = node
    memory.work[hit + HIT_STATE + FINER] = count
    return _packed(memory, REVIEW, safe, _AMBIGUOUS)


@compiled
def _all_under(memory: Memory, hit: int, count: int, above: int) -> bool:
    for at in range(count):
        if not is_under(memory, memory.work[hit + HIT_NODE + at], above):
            return False
    return True


@compiled
def _is_beside_plate(memory: Memory) -> bool:
    """Whether the text names a plate and a compound near it, which may be but a landmark."""
    return bool(
        memory.work[PLACE_COUNT + ROADS]
        and memory.work[PLACE_STATE + BEFORE]
        and memory.work[PLACE_COUNT + COMPOUNDS]
        and not memory.work[PLACE_STATE + AFTER]
    )


@compiled
def _are_detailed_towns(memory: Memory, hit: int) -> bool:
    """Whether the hit is nothing but towns that have more in the library."""
    for at in range(memory.work[hit + HIT_STATE + COUNT]):
        node = memory.work[hit + HIT_NODE + at]
        if memory.small[memory.at[NODE_LEVEL] + node] != TOWN or not _is_detailed(memory, node):
            return False
    return True


@compiled
def _is_detailed(memory: Memory, town: int) -> bool:
    """Whether the library has anything finer than villages in a town."""
    for at in range(memory.size[DETAILED_TOWNS]):
        if memory.ints[memory.at[DETAILED_TOWNS] + at] == town:
            return True
    return False


@compiled
def _note_community(memory: Memory, node: int, level: int) -> None:
    own = memory.ints[memory.at[COMMUNITY_OF] + node]
    if memory.work[PLACE_COUNT + COMMUNITIES] == 0 or level <= COMMUNITY or own < 0:
        return
    for at in range(memory.work[PLACE_COUNT + COMMUNITIES]):
        if memory.work[PLACE_NODE + COMMUNITIES * MOST_NODES + at] == own:
            return
    add_fault(memory, COMMUNITY_CONFLICT)


@compiled
def _is_bold(memory: Memory, hit: int, level: int) -> bool:
    """Whether the name read is too far from what the text says to be safe."""
    for fault in (CHANGED, CHANGED_AT_PLATE, DIRECTION_MISSING, QUALIFIER_MISSING, UNREAD_PREFIX):
        if has_fault(memory, fault):
            return True
    numbered, stopped = memory.work[hit + HIT_STATE + NUMBERED], memory.work[hit + HIT_STATE + STOPPED]
    if has_fault(memory, TRUNCATED) and memory.work[PLACE_COUNT + COMPOUNDS] and not (memory.work[PLACE_COUNT + ROADS] or numbered):
        return True
    if has_fault(memory, TOWN_MISSPELT) and not numbered and (stopped or _is_typo(memory)):
        return True
    if memory.work[hit + HIT_STATE + NUMBERED] or level <= TOWN:
        return False
    return has_fault(memory, SWAPPED) or has_fault(memory, DROPPED) or has_fault(memory, EXTRA) or has_fault(memory, ABBREVIATED)


@compiled
def _is_typo(memory: Memory) -> bool:
    for fault in (HOMOPHONE, SIMILAR_SHAPE, SWAPPED, DROPPED, EXTRA, WILDCARD):
        if has_fault(memory, fault):
            return True
    return False


@compiled
def _reason(memory: Memory, hit: int, level: int) -> int:
    if has_fault(memory, TOWN_CONFLICT) or has_fault(memory, COMMUNITY_CONFLICT):
        return _TOWN_CONFLICT
    if memory.work[hit + HIT_STATE + FINER]:
        return _UNIT_MISSING
    if has_fault(memory, RELATIVE):
        return _RELATIVE_POSITION
    if level in (COMMUNITY, NATURAL_VILLAGE):
        return _VILLAGE_ONLY
    if level == ZONE:
        return _ZONE_ONLY
    if level in (ROAD, LANE):
        return _ROAD_ONLY
    if memory.work[hit + HIT_STATE + STOPPED]:
        return _BUILDING_ONLY if level in (HOUSE, COMPOUND, BUILDING, UNIT) else _NOT_IN_LIBRARY
    if has_fault(memory, TOWN_MISSPELT) or _is_typo(memory):
        return _TYPO
    if has_fault(memory, RENAMED):
        return _RENAMED
    if has_fault(memory, ALIAS):
        return _ALIAS
    if level == COMPOUND and has_fault(memory, INFERRED_HOUSE):
        return _POI
    for fault in (SUFFIX, STEM_ONLY, TRUNCATED, UNIT_SURPLUS, ABBREVIATED):
        if has_fault(memory, fault):
            return _SPELLING
    return _EXACT


@compiled
def _packed(memory: Memory, answer: int, node: int, reason: int) -> tuple[int, int, int, int]:
    count = memory.work[PLACE_STATE + FAULT_COUNT]
    if count > MOST_PACKED:
        return CAREFUL, -1, 0, 0
    packed = 0
    for at in range(count):
        packed |= memory.work[PLACE_FAULTS + at] << (8 * at)
    return answer, node, reason, packed


def unpacked(packed: int) -> list[int]:
    """Return the fault codes of a packed number in their order."""
    return [code for code in (packed >> (8 * at) & 0xFF for at in range(MOST_PACKED)) if code]


__all__ = ["CAREFUL", "MATCHED", "UNMATCHED", "Ints", "decide", "unpacked"]
