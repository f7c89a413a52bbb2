"""From parsed places to parts: ranges and lists of plates, address aliases, bounds."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from address_matching.address_alias import by_alias
from address_matching.anchors import at_town
from address_matching.decide import Outcome, Ties, decide, unmatched
from address_matching.index import AddressIndex
from address_matching.model import HOUSE, LANE
from address_matching.numbers import Number, plate_range
from address_matching.parse import Parsed
from address_matching.place import Place
from address_matching.vocabulary import AddressAlias

_RANGE_KINDS = frozenset(("house", "bare", "dash"))


def spread(index: AddressIndex, parsed: Parsed, ties: Ties) -> list[tuple[Place | None, Outcome]]:
    """Decide on every place of a text; one with a range or list of plates gives one part for each plate."""
    if parsed.bounds:
        return [(parsed.places[0] if parsed.places else None, _bounds(index, parsed))]
    parts: list[tuple[Place | None, Outcome]] = []
    for place in parsed.places:
        aliases = index.address_aliases.get(alias_key(place), ())
        plates = _plates(index, place)
        if aliases:
            parts.append((place, _by_alias(index, place, aliases, ties)))
        elif plates:
            parts += _parted(index, plates, ties)
        else:
            parts.append((place, decide(index, place, ties)))
    if len(parts) > 1:
        parts = [part for at, part in enumerate(parts) if at == 0 or part[1].reason not in ("unparsable", "insufficient")]
    return parts


def alias_key(place: Place) -> str:
    """Return the text of a place below its town, the key of address aliases; 旧23号 and 23号 are one."""
    text = "".join(place.plain)
    for old in "旧原老":
        if place.old_number:
            text = text.replace(f"{old}门牌{place.old_number}", place.old_number).replace(f"{old}{place.old_number}", place.old_number)
    return text


def _by_alias(index: AddressIndex, place: Place, aliases: Sequence[AddressAlias], ties: Ties) -> Outcome:
    """The plate of today counts before an old one, unless the text says it is the old."""
    if not place.old_number:
        outcome = decide(index, place, ties)
        if outcome.status == "matched" and index.level[outcome.node] >= HOUSE:
            return outcome
    return by_alias(index, place, aliases, ties)


def _plates(index: AddressIndex, place: Place) -> list[Place]:
    """One place for each plate of a list (210、212号) or range (12-16号); none if the text has a single plate."""
    if place.others and place.before:
        first = place.before[-1] if not place.after else place.after[-1]
        return [place, *(_with(place, first, other) for other in place.others)]
    if len(place.before) != 1 or place.after or place.before[0].kind not in _RANGE_KINDS or not place.roads:
        return []
    number = place.before[0]
    ends = plate_range(number.value)
    if ends is None or _has_plate(index, place, number.value):
        return []
    low, high = ends
    if any(index.children(lane, HOUSE, str(high)) for road in place.roads[0].nodes for lane in index.children(road, LANE, f"{low}弄")):
        return []
    step = 1 if (high - low) % 2 else 2
    existing = [str(plate) for plate in range(low, high + 1, step) if _has_plate(index, place, str(plate))]
    if str(low) not in existing or (number.kind != "house" and len(existing) == 1):
        return []
    faults = [*place.faults, "range"]
    return [replace(place, before=[Number("house", plate, 0)], faults=list(faults)) for plate in existing]


def _parted(index: AddressIndex, plates: list[Place], ties: Ties) -> Iterator[tuple[Place, Outcome]]:
    """One part a plate, only the first where its number leads nowhere: the others would repeat the road or town."""
    for at, plate in enumerate(plates):
        outcome = decide(index, plate, ties)
        yield plate, outcome._replace(reason="range") if outcome.reason in ("exact", "suffix_or_spelling") else outcome
        if at == 0 and (outcome.node < 0 or index.level[outcome.node] < HOUSE):
            return


def _with(place: Place, old: Number, new: Number) -> Place:
    before = [new if number == old else number for number in place.before]
    after = [new if number == old else number for number in place.after]
    return replace(place, before=before, after=after, others=[], faults=[*place.faults, "range"])


def _has_plate(index: AddressIndex, place: Place, plate: str) -> bool:
    return any(index.children(road, HOUSE, plate) for road in place.roads[0].nodes)


def _bounds(index: AddressIndex, parsed: Parsed) -> Outcome:
    """Four bounds give an area: the town of the text, else the one that all the roads have in common."""
    towns: set[int] | None = None
    for place in parsed.places:
        own = at_town(index, place, "").nodes
        for nodes in [own] if own else [list(road.nodes) for road in place.roads]:
            found = {index.town[node] for node in nodes}
            towns = found if towns is None else towns & found
    if not towns or len(towns) != 1:
        return unmatched("insufficient", ("bounds",))
    return Outcome("matched", towns.pop(), "parcel", 0.9, ("bounds",))
