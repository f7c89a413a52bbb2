"""How far a name reaches: the pairs of characters of which a text has some if the matcher can read the name in it, however misspelt."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import cache
from itertools import combinations, pairwise
from typing import NamedTuple

from address_matching.change.characters import alphabet, look_alikes
from address_matching.change.slots import Slots
from address_matching.compiled.skimming import ANY, DIVISION_END, FIRST_LETTER, FIRST_NUMERAL, GAP, NUMERAL
from address_matching.compiled.touching import LONGEST_DISTANCE
from address_matching.numerals import CHARACTERS
from address_matching.words import suffixes

_GENERIC = ("road", "community", "natural_village", "zone", "town", "county")
_KINDS = ("compound", "compound_generic", "other_zone", "organisation")
QUALIFIER = re.compile(f"(?:[0-9{CHARACTERS}]+|[东西南北中A-Z])(?:期|区|组团)$")
"""Phase or part of a compound, which texts may leave out."""
_TOWN_ENDS = "镇乡"
_SPAN = 3
"""Characters of a name no farther apart than this make a pair: two edits in a row leave no larger hole."""
_COMMON = 5
"""So many names share an ending by which none of them is told."""
_LONGEST_ENDING = 4


ALONE, GENERIC = -1, -2
"""In the place of a second character: there is none, or any generic part begins there."""


class Pair(NamedTuple):
    """Two places of a name and the distances (bits) at which they count in a text; `second` may be ALONE or GENERIC."""

    first: int
    second: int
    distances: int


class Form(NamedTuple):
    """A form in which a name is read: pairs, and how many of them as many edits leave as the matcher forgives.

    `strict`: it forgives none but a character that looks alike or cannot be read; elsewhere such a one counts as an edit.
    """

    pairs: Sequence[Pair]
    need: int
    strict: bool = False


def forms_of(name: Slots, tail: int) -> Iterator[Form]:
    """The forms of a name whose generic part begins at `tail`: what tells it by itself, and the whole."""
    places = name.places(len(name.forms))
    stem = name.places(tail) or places
    if len(places) == 1:
        yield Form([Pair(places[0], ALONE, 1)], 1)
        return
    if all(_is_numeral(name.classes[at]) for at in stem):
        yield _numbered(stem, [at for at in places if at > stem[-1]])
        return
    if len(stem) > 1:
        yield _form(name, stem, stem, _edits(len(stem)))
    if len(places) > len(stem):
        yield _form(name, places, stem, min(_edits(len(places) - 1), 1 if len(stem) < 4 else 2))


def _numbered(stem: Sequence[int], tail: Sequence[int]) -> Form:
    """九一村 is told by its numerals and some generic part behind them, never by numerals alone; that part may be misspelt."""
    pairs = [Pair(one, other, 1 << other - one) for one, other in pairwise(stem)]
    need = max(1, len(pairs) + bool(tail))
    pairs += [Pair(stem[-1], GENERIC, 0b10)] if tail else []
    pairs += [Pair(stem[-1], other, _distances(stem[-1], other, edits=1)) for other in tail if other - stem[-1] <= _SPAN]
    return Form(pairs or [Pair(stem[0], ALONE, 1)], need)


def _is_numeral(kind: int) -> bool:
    return kind == NUMERAL or FIRST_NUMERAL <= kind < FIRST_LETTER


def _edits(length: int) -> int:
    """Characters of a name that may be wrong, missing or too many; homophones and look-alikes are none."""
    return 0 if length < 3 else 1 if length < 6 else 2


def _form(name: Slots, places: Sequence[int], stem: Sequence[int], edits: int) -> Form:
    """Pairs with a telling character in them, and the fewest that are left when `edits` characters go.

    Numerals never go, and of what tells a name something stays; standing alone it must be more than numerals.
    """
    words = [at for at in places if not _is_numeral(name.classes[at])]
    needed = set(stem) & set(words) if len(stem) == len(places) else set(stem)
    pairs = [(one, other) for one, other in _near(places) if one in stem or other in stem]
    ways = [set(gone) for gone in combinations(words, min(edits, len(words))) if needed - set(gone)]
    edits = edits if ways else 0
    left = min((sum(not gone & {*pair} for pair in pairs) for gone in ways), default=len(pairs))
    strict = not edits and len(places) > 2
    return Form([Pair(*pair, _distances(*pair, edits)) for pair in pairs], max(1, left), strict)


def _near(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    return ((one, other) for at, one in enumerate(places) for other in places[at + 1 :] if other - one <= _SPAN)


def _distances(one: int, other: int, edits: int) -> int:
    """Distances at which two places of a name may stand in a text: characters between them dropped, or some too many."""
    apart = other - one
    nearest, farthest = (1, min(apart + edits, LONGEST_DISTANCE)) if edits else (apart, apart)
    return sum(1 << distance for distance in range(nearest, farthest + 1))


def short_forms(name: Slots, tail: int) -> Iterator[tuple[int, int]]:
    """What a name is called in short: its first character and one that follows soon, side by side and spelt right."""
    places = name.places(len(name.forms))
    for other in places[1:]:
        if _is_numeral(name.classes[places[0]]) and _is_numeral(name.classes[other]):
            continue
        if other == places[0] + 1 or (other < tail and other - places[0] <= _SPAN):
            yield ord(name.forms[places[0]]), ord(name.forms[other])


def class_pairs(name: Slots, pair: Pair, *, strict: bool) -> Iterator[tuple[int, int]]:
    """The classes in which the two characters of a pair may be written; where `strict`, one of them may look alike or be unreadable."""
    first = _written(name, pair.first)
    if pair.second == ALONE:
        yield from ((one, GAP) for one in first)
        return
    second = _generic_beginnings() if pair.second == GENERIC else _written(name, pair.second)
    yield from ((one, other) for one in first for other in second)
    if strict:
        yield from ((one, other) for one in _mistaken(name, pair.first) - first for other in second)
        yield from ((one, other) for one in first for other in _mistaken(name, pair.second) - second)


def _written(name: Slots, at: int) -> frozenset[int]:
    """Classes of a character in a text: its sound; the first may be read out of the town before it: 镇前街 in 桐浦镇前街."""
    own = frozenset((name.classes[at],))
    return own | {DIVISION_END} if at == 0 and name.forms[0] in _TOWN_ENDS else own


def _mistaken(name: Slots, at: int) -> frozenset[int]:
    return look_alikes(name.forms[at]) | {ANY}


# -- generic parts


def common_endings(names: Iterable[str]) -> frozenset[str]:
    """Return endings of two to four characters by which no name is told, since so many names have them (花苑, 公寓, 有限公司).

    One that mostly stands behind the same character is only part of a longer one (务中心 of 商务中心).
    """
    lengths = range(2, _LONGEST_ENDING + 2)
    counted = Counter(name[-length:] for name in set(names) for length in lengths if len(name) > length)
    longer: Counter[str] = Counter()
    for ending, count in counted.items():
        longer[ending[1:]] = max(longer[ending[1:]], count)
    return frozenset(
        ending for ending, count in counted.items() if len(ending) <= _LONGEST_ENDING and count >= _COMMON and longer[ending] * 2 <= count
    )


def tail_of(name: str, endings: Collection[str]) -> int:
    """Where the generic part of a name begins, a phase included; before it so much stands that an edit or two leave some of that."""
    phase = QUALIFIER.search(name)
    if phase and phase.start():
        return tail_of(name[: phase.start()], endings)
    suffix = next((len(suffix) for suffix in _generic_parts() if name.endswith(suffix) and len(name) > len(suffix)), 0)
    most = len(name) - (2 if len(name) < 6 else 3)
    common = max((length for length in range(2, min(_LONGEST_ENDING, most) + 1) if name[-length:] in endings), default=0)
    kind = next((len(suffix) for suffix in _kinds() if name.endswith(suffix) and len(suffix) <= most), 0)
    return len(name) - max(suffix, common, kind)


@cache
def _kinds() -> tuple[str, ...]:
    """What compounds and firms are, longest first."""
    return tuple(sorted({suffix for kind in _KINDS for suffix in suffixes(kind) if len(suffix) > 1}, key=len, reverse=True))


def without_generic(name: str) -> list[str]:
    """What is left of a name without each generic part that it ends with."""
    return [name[: -len(suffix)] for suffix in _generic_parts() if name.endswith(suffix) and len(name) > len(suffix)]


@cache
def _generic_beginnings() -> frozenset[int]:
    return frozenset(int(alphabet().class_of[ord(suffix[0])]) for suffix in _generic_parts())


@cache
def _generic_parts() -> tuple[str, ...]:
    return tuple(sorted({suffix for kind in _GENERIC for suffix in suffixes(kind)}, key=len, reverse=True))
