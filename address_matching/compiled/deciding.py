"""The decision on a place in compiled code: the counterpart of decide.py for answers that are safe or plainly none."""

import numpy as np

from address_matching.compiled.codes import (
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
    RENAMED,
    SIMILAR_SHAPE,
    STEM_ONLY,
    SUFFIX,
    SWAPPED,
    TOWN_CONFLICT,
    TRUNCATED,
    UNIT_SURPLUS,
)
from address_matching.compiled.hashing import Ints
from address_matching.compiled.hits import COUNT, FAULTS, NUMBERED, STOPPED, Hit
from address_matching.compiled.kernel import compiled
from address_matching.compiled.place import COMMUNITIES, DIVISION, FAULT_COUNT, OPEN_END, Place, add_fault, has_fault, has_place
from address_matching.compiled.tree import Nodes, may_be_cut
from address_matching.model import BUILDING, COMMUNITY, COMPOUND, HOUSE, LANE, NATURAL_VILLAGE, REASONS, ROAD, TOWN, UNIT, ZONE

CAREFUL, MATCHED, UNMATCHED = range(3)
"""Answers: left to the careful reader, matched, unmatched."""

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
    _UNPARSABLE,
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
    )
)


@compiled
def decide(place: Place, hit: Hit, nodes: Nodes) -> tuple[int, int, int, int]:
    """Return answer, node (-1 for none), reason and packed faults of a place whose hit has been looked up."""
    if hit.state[COUNT] > 1:
        return CAREFUL, -1, 0, 0
    for at in range(hit.state[FAULTS]):
        add_fault(place, hit.faults[at])
    if hit.state[COUNT] == 0:
        reason = _NOT_IN_LIBRARY if has_place(place) else _INSUFFICIENT if place.state[DIVISION] else _UNPARSABLE
        return _packed(UNMATCHED, -1, reason, place)
    node = hit.node[0]
    level = np.int64(nodes.level[node])
    _note_community(place, node, level, nodes)
    if place.state[OPEN_END] and not hit.state[STOPPED] and (level == HOUSE or level == BUILDING) and may_be_cut(node, nodes):
        return CAREFUL, -1, 0, 0
    if _is_bold(place, hit, level):
        return CAREFUL, -1, 0, 0
    if level < TOWN:
        return _packed(UNMATCHED, -1, _INSUFFICIENT, place)
    return _packed(MATCHED, node, _reason(place, hit, level), place)


@compiled
def _note_community(place: Place, node: int, level: int, nodes: Nodes) -> None:
    own = nodes.community[node]
    if place.count[COMMUNITIES] == 0 or level <= COMMUNITY or own < 0:
        return
    for at in range(place.count[COMMUNITIES]):
        if place.node[COMMUNITIES, at] == own:
            return
    add_fault(place, COMMUNITY_CONFLICT)


@compiled
def _is_bold(place: Place, hit: Hit, level: int) -> bool:
    """Whether the name read is too far from what the text says to be safe."""
    for fault in (CHANGED, CHANGED_AT_PLATE, DIRECTION_MISSING, QUALIFIER_MISSING):
        if has_fault(place, fault):
            return True
    if has_fault(place, TRUNCATED) and has_fault(place, INFERRED_HOUSE):
        return True
    if hit.state[NUMBERED] or level <= TOWN:
        return False
    return has_fault(place, SWAPPED) or has_fault(place, DROPPED) or has_fault(place, EXTRA)


@compiled
def _reason(place: Place, hit: Hit, level: int) -> int:
    if has_fault(place, TOWN_CONFLICT):
        return _TOWN_CONFLICT
    if level == COMMUNITY or level == NATURAL_VILLAGE:
        return _VILLAGE_ONLY
    if level == ZONE:
        return _ZONE_ONLY
    if level == ROAD or level == LANE:
        return _ROAD_ONLY
    if hit.state[STOPPED]:
        return _BUILDING_ONLY if level == HOUSE or level == COMPOUND or level == BUILDING or level == UNIT else _NOT_IN_LIBRARY
    for fault in (HOMOPHONE, SIMILAR_SHAPE, SWAPPED, DROPPED, EXTRA):
        if has_fault(place, fault):
            return _TYPO
    if has_fault(place, RENAMED):
        return _RENAMED
    if has_fault(place, ALIAS):
        return _ALIAS
    if level == COMPOUND and has_fault(place, INFERRED_HOUSE):
        return _POI
    for fault in (SUFFIX, STEM_ONLY, TRUNCATED, UNIT_SURPLUS):
        if has_fault(place, fault):
            return _SPELLING
    return _EXACT


@compiled
def _packed(answer: int, node: int, reason: int, place: Place) -> tuple[int, int, int, int]:
    count = place.state[FAULT_COUNT]
    if count > MOST_PACKED:
        return CAREFUL, -1, 0, 0
    packed = np.int64(0)
    for at in range(count):
        packed |= place.faults[at] << (8 * at)
    return answer, node, reason, packed


def unpacked(packed: int) -> list[int]:
    """Return the fault codes of a packed number in their order."""
    return [code for code in (packed >> (8 * at) & 0xFF for at in range(MOST_PACKED)) if code]


__all__ = ["CAREFUL", "MATCHED", "UNMATCHED", "Ints", "decide", "unpacked"]
