"""The decision on one place: status, level, reason, score, from the hit and its faults."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from address_matching.anchors import at_town, in_towns
from address_matching.detail import is_detailed
from address_matching.index import AddressIndex
from address_matching.inside import Hit
from address_matching.look_up import look_up
from address_matching.model import BUILDING, COMMUNITY, COMPOUND, COUNTY, HOUSE, LANE, NATURAL_VILLAGE, ROAD, TOWN, UNIT, ZONE
from address_matching.place import Place
from address_matching.tokens import LAST_DAY
from address_matching.words import calibration, fault_kinds

_TYPOS = frozenset(("changed_at_plate", "homophone", "similar_shape", "swapped", "dropped", "extra", "wildcard", "town_misspelt"))
_BOLD_TYPOS = frozenset(("changed", "qualifier_unknown", "direction_missing", "qualifier_missing"))
_WEAK_TYPOS = frozenset(("changed_at_plate", "swapped", "dropped", "extra", "abbreviated"))
_UNCLEAR = frozenset(("direction_missing", "qualifier_missing", "qualifier_unknown", "abbreviated"))
_SPELLINGS = frozenset(
    ("suffix", "stem", "pinyin", "truncated", "reversed", "unit_surplus", "split_number", "qualifier_at_plate", "abbreviated")
)
_AREA_REASONS = {COMMUNITY: "village_only", NATURAL_VILLAGE: "village_only", ZONE: "zone_only", ROAD: "road_only", LANE: "road_only"}
_MOST_CANDIDATES = 10


class Outcome(NamedTuple):
    """Result for one place; `node` is -1 for none."""

    status: str
    node: int
    reason: str
    score: float
    faults: tuple[str, ...]
    candidates: tuple[int, ...] = ()


class Ties(NamedTuple):
    """What breaks ties between equal candidates: day, division code, community, position."""

    day: int | None = None
    division_code: str = ""
    community: str = ""
    lon: float | None = None
    lat: float | None = None


def unmatched(reason: str, faults: Sequence[str] = ()) -> Outcome:
    return Outcome("unmatched", -1, reason, 0.0, tuple(faults))


def decide(index: AddressIndex, place: Place, ties: Ties) -> Outcome:
    """Decide on a place."""
    if place.outside:
        return unmatched("out_of_area")
    if place.parcel:
        return _parcel(index, place)
    if (place.junction or place.relative) and len(place.roads) > 1 and not place.before:
        return _intersection(index, place)
    if place.old_number or (place.no_number and place.before):
        place.before.clear()
    place, hit = _beside(index, place, look_up(index, place))
    faults = [*place.faults, *hit.faults]
    if not hit.nodes:
        return _nothing(place, faults)
    nodes = hit.nodes
    if hit.stopped and not hit.doubtful and _is_lacking(index, nodes, faults):
        return unmatched("not_in_library", faults)
    if len(nodes) > 1 and not hit.doubtful:
        nodes, broken = break_tie(index, nodes, ties)
        faults += broken
    if len(nodes) > 1 and not hit.doubtful:
        return _ambiguous(index, nodes, faults)
    return _single(index, place, hit, nodes[0], faults)


def _is_lacking(index: AddressIndex, nodes: list[int], faults: list[str]) -> bool:
    """Whether nothing is left but a town that has more in the library, or that is itself read out of another name."""
    return all(index.level[node] == TOWN and (is_detailed(index, node) or "changed" in faults) for node in nodes)


def _beside(index: AddressIndex, place: Place, hit: Hit) -> tuple[Place, Hit]:
    """Beside a compound of a plate given too: one that does not stand at the plate is a landmark, and the plate is the place."""
    if not (place.relative and place.roads and place.before and place.compound) or place.after:
        return place, hit
    if hit.nodes and not hit.doubtful and index.level[hit.nodes[0]] == COMPOUND:
        return place, hit
    place = replace(place, compound=None, relative=False, faults=[*place.faults, "noise_ignored"])
    return place, look_up(index, place)


def _nothing(place: Place, faults: list[str]) -> Outcome:
    if place.has_place() or place.unknown_town:
        return unmatched("not_in_library", faults)
    return unmatched("insufficient" if place.division else "unparsable", faults)


def _single(index: AddressIndex, place: Place, hit: Hit, node: int, faults: list[str]) -> Outcome:
    level = index.level[node]
    faults += _community_conflict(index, place, node)
    if place.no_number:
        faults.append("no_number")
    if place.open_end and not hit.stopped and _may_be_cut(index, node):
        return _review(index, Hit([node], [], finer=[node]), node, [*faults, "maybe_cut"])
    if place.unknown_town:
        faults.append("town_conflict" if hit.numbered else "town_unknown")
    if hit.doubtful or "unread_prefix" in faults or "town_unknown" in faults:
        return _review(index, hit, node, faults)
    bold = _BOLD_TYPOS.intersection(faults) or ("changed_at_plate" in faults and (hit.stopped or level <= COMPOUND))
    unanchored = "truncated" in faults and place.compound is not None and not (place.roads or hit.numbered)
    if "town_misspelt" in faults and not hit.numbered and (hit.stopped or len(_TYPOS.intersection(faults)) > 1):
        bold = True
    if bold or unanchored or (_WEAK_TYPOS.intersection(faults) and not hit.numbered and level > TOWN):
        return _bold_typo(index, place, hit, node, faults)
    if place.relative and level <= COMPOUND:
        faults.append("relative")
    reason = _reason(level, hit, faults)
    if level < TOWN:
        return unmatched("insufficient", faults)
    return Outcome("matched", node, reason, _score(faults), tuple(faults), tuple(hit.finer))


def _reason(level: int, hit: Hit, faults: list[str]) -> str:
    if "town_conflict" in faults or "community_conflict" in faults:
        return "town_conflict"
    if "unit_ambiguous" in faults:
        return "unit_missing"
    if "relative" in faults:
        return "relative_position"
    if level in _AREA_REASONS:
        return _AREA_REASONS[level]
    if hit.stopped:
        return "building_only" if level in (HOUSE, COMPOUND, BUILDING, UNIT) else "not_in_library"
    if _TYPOS.intersection(faults):
        return "typo"
    if "renamed" in faults:
        return "renamed_division"
    if "alias" in faults:
        return "alias"
    if level == COMPOUND and ("inferred_house" in faults or "plate_unlinked" in faults):
        return "poi"
    return "suffix_or_spelling" if _SPELLINGS.intersection(faults) else "exact"


def _score(faults: Sequence[str]) -> float:
    return score_of(tuple(dict.fromkeys(faults)))


@lru_cache(maxsize=100_000)
def score_of(faults: tuple[str, ...]) -> float:
    """Return the probability that an answer with these faults is right, by the curve fitted to their points."""
    kinds = fault_kinds()
    points = sum(kinds[fault].points for fault in faults)
    at = bisect_right(calibration(), (points, 2.0))
    if at in (0, len(calibration())):
        return calibration()[max(0, at - 1)][1]
    (low, upper), (high, lower) = calibration()[at - 1 : at + 1]
    return round(upper + (lower - upper) * (points - low) / (high - low), 4)


def _review(index: AddressIndex, hit: Hit, node: int, faults: list[str]) -> Outcome:
    """The answer is doubtful: what is safe lies above what the readings dispute."""
    candidates = tuple(hit.finer or [node])
    safe = hit.safe
    if safe is None:
        safe = node if hit.finer and node not in hit.finer else index.common(candidates)
    return Outcome("review", safe, "ambiguous", _score(faults), tuple(faults), candidates[:_MOST_CANDIDATES])


def _bold_typo(index: AddressIndex, place: Place, hit: Hit, node: int, faults: list[str]) -> Outcome:
    own_town = place.towns is not None and "town_conflict" not in faults
    safe = index.ancestor(node, TOWN if own_town else COUNTY)
    reason = "ambiguous" if _UNCLEAR.intersection(faults) else "typo"
    return Outcome("review", safe, reason, _score(faults), tuple(faults), (node,))


def _ambiguous(index: AddressIndex, nodes: list[int], faults: list[str]) -> Outcome:
    score = round(min(_score(faults), 1 / len(nodes)), 3)
    return Outcome("review", index.common(nodes), "ambiguous", score, tuple(faults), tuple(sorted(nodes)[:_MOST_CANDIDATES]))


def _may_be_cut(index: AddressIndex, node: int) -> bool:
    """Whether another number beside a plate or building begins with its digits: 安阳路5 may be 安阳路55号 cut short."""
    level = index.level[node]
    if level not in (HOUSE, BUILDING):
        return False
    label = index.label(node)
    return any(
        len(other) > len(label) and other.startswith(label) and other[len(label)].isdigit()
        for other in map(index.label, index.children_at(index.parent[node], level))
    )


def _community_conflict(index: AddressIndex, place: Place, node: int) -> list[str]:
    if place.communities is None or index.level[node] <= COMMUNITY:
        return []
    community = index.community[node]
    return ["community_conflict"] if community >= 0 and community not in place.communities.nodes else []


def break_tie(index: AddressIndex, nodes: list[int], ties: Ties) -> tuple[list[int], list[str]]:
    """Reduce equal candidates by date, division code, community and position, in that order."""
    day = LAST_DAY - 1 if ties.day is None else ties.day
    nodes = [node for node in nodes if index.valid_from[node] <= day < index.valid_to[node]] or nodes
    if len(nodes) > 1 and ties.division_code:
        coded = [node for node in nodes if index.has_division_code(node, ties.division_code)]
        if len(coded) == 1:
            return coded, ["tie_division_code"]
    if len(nodes) > 1 and ties.community:
        named = [node for node in nodes if index.community[node] >= 0 and index.is_named(index.community[node], ties.community)]
        if len(named) == 1:
            return named, ["tie_community"]
    if len(nodes) > 1 and ties.lon is not None and ties.lat is not None:
        near = index.nearest(nodes, ties.lon, ties.lat)
        if near >= 0:
            return [near], ["tie_position"]
    return nodes, []


def _parcel(index: AddressIndex, place: Place) -> Outcome:
    faults = [*place.faults, "parcel"]
    for name in (place.roads[0] if place.roads else None, place.communities):
        nodes = in_towns(index, place, list(name.nodes)) if name is not None else []
        if nodes:
            break
    else:
        nodes = at_town(index, place, "").nodes
    if not nodes:
        return unmatched("insufficient", faults)
    if len(nodes) > 1:
        return _ambiguous(index, nodes, faults)
    return Outcome("matched", nodes[0], "parcel", _score(faults), tuple(faults))


def _intersection(index: AddressIndex, place: Place) -> Outcome:
    """Two roads that meet lie in one town; the answer is the first road, the second stands beside it."""
    faults = [*place.faults, "intersection"]
    first, second = place.roads[0], place.roads[1]
    pairs = [
        (one, two)
        for one in in_towns(index, place, list(first.nodes))
        for two in in_towns(index, place, list(second.nodes))
        if index.town[one] == index.town[two]
    ]
    if not pairs and len(first.nodes) == 1 and len(second.nodes) == 1:
        pairs = [(next(iter(first.nodes)), next(iter(second.nodes)))]
    faults += [fault for name in (first, second) for fault in set(name.nodes.values()) if fault]
    if len(pairs) != 1:
        return _ambiguous(index, [*first.nodes, *second.nodes], faults)
    one, two = pairs[0]
    return Outcome("matched", one, "intersection", _score(faults), tuple(faults), (one, two))
