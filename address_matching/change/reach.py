"""How far a name reaches: the pairs of characters of which a text has some if the matcher can read the name in it, however misspelt."""

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from address_matching.change.characters import ANY, DIVISION_END, FIRST_LETTER, GAP, PLANE, Classes, characters, classes_for, spelled_pairs
from address_matching.change.kernel import BEGUN, LONGEST_DISTANCE, NO_NUMBER, Ints, hash_of, number_keys, slots
from address_matching.change.mentions import Mention, Mentions
from address_matching.words import suffixes

Keys = NDArray[np.int64]

_GENERIC = ("road", "community", "natural_village", "zone", "town", "county")
_DIVISION = ("province", "city", "county", "town")
_DIVISION_ENDS = frozenset("省市县区镇乡街道")
_COMMON = 5
_SPAN = 3
"""Characters of a name no farther apart than this make a pair: two edits in a row leave no larger hole."""


class Reach(NamedTuple):
    """Names as the kernel looks for them.

    standard, class_of: form and class of each character (see `characters`), classes numbered anew; those in no name part names.
    start: entries of the class pair first * classes + second are start[p]..start[p + 1]; a class by itself has second 0.
    form, distances: of each entry the form of a name it belongs to and the distances in a text (bits) at which it counts.
    name, need: of each form its name, and how many entries a text must have.
    starts_name, heads, head_form: characters that begin a short form, sorted keys first << 16 | second, and the form of each.
    alone: for each name whether a text needs no number beside it.
    numbers: sorted keys of name and numbers (see `number_keys`).
    spelled: sorted hashes of the letters that spell parts of names, for texts without Chinese characters.
    masked: sorted hashes of the full names of divisions, whose stems are part of no other name; masked_suffix: length of their generic part.
    """

    standard: Classes
    class_of: Classes
    classes: int
    start: Ints
    form: Ints
    distances: Ints
    name: Ints
    need: Ints
    starts_name: NDArray[np.bool_]
    heads: Keys
    head_form: Ints
    alone: NDArray[np.bool_]
    numbers: Keys
    spelled: Keys
    masked: Keys
    masked_suffix: Ints


class _Slots(NamedTuple):
    """A name as texts are read: standard characters (numerals of several characters are one 十) and their classes."""

    forms: str
    classes: list[int]


class _Pair(NamedTuple):
    """Two places of a name and the distances (bits) at which they count in a text; `second` -1: the first alone."""

    first: int
    second: int
    distances: int


class _Form(NamedTuple):
    """A form in which a name is read: pairs, how many of them as many edits leave as the matcher forgives, whether a ? may be in them."""

    pairs: list[_Pair]
    need: int
    unreadable: bool = False


def reach_of(mentions: Mentions, divisions: Iterable[str], names_of_library: Iterable[str]) -> Reach:
    """Lay out names for the kernel; `divisions` are the full names of towns and coarser, those among `mentions` left out."""
    endings = common_endings(names_of_library)
    names = {name: read for name in mentions if (read := _slots(name)).classes}
    masks = _masks(divisions, names)
    stems = frozenset(name[: -masks[name]] for name in masks if not name.endswith(suffixes("town")))
    forms: list[tuple[int, _Form]] = []
    entries: dict[tuple[int, int], list[tuple[int, int]]] = {}
    heads: set[tuple[int, int, int]] = set()
    spelled: set[str] = set()
    for number, (name, read) in enumerate(names.items()):
        masked = _masked(read, masks)
        tail = _tail_start(masked, endings)
        spelled.update(spelled_pairs(name))
        for form in _forms(masked, tail, stems):
            for pair in form.pairs:
                for key in _class_pairs(masked, pair, form.unreadable):
                    entries.setdefault(key, []).append((len(forms), pair.distances))
            forms.append((number, form._replace(need=1) if mentions[name].partly else form))
        heads.update((*head, len(forms)) for head in _heads(masked, tail, stems))
        forms.append((number, _Form([], 1)))
    return _laid_out(entries, forms, heads, spelled, [mentions[name] for name in names], masks)


def _slots(text: str) -> _Slots:
    data = np.frombuffer(text.encode("utf-8", "surrogatepass"), np.uint8)
    forms, classes = np.zeros(len(data) + 1, np.int32), np.zeros(len(data) + 1, np.int32)
    table = characters()
    count = slots(data, table.standard, table.class_of, forms, classes)
    return _Slots("".join(map(chr, forms[:count].tolist())), classes[:count].tolist())


# -- divisions


def _masks(divisions: Iterable[str], names: dict[str, _Slots]) -> dict[str, int]:
    """Return the full names of divisions to be masked with the length of their generic part; not those that make up a whole name."""
    found = {}
    for division in divisions:
        forms = _slots(division).forms
        suffix = max((len(suffix) for kind in _DIVISION for suffix in suffixes(kind) if forms.endswith(suffix)), default=0)
        if suffix and len(forms) - suffix > 1:
            found[forms] = suffix
    for read in names.values():
        while (masked := _masked(read, found)) and sum(kind != GAP for kind in masked.classes) < 2 and masked != read:
            del found[next(name for name in found if name in read.forms)]
    return found


def _masked(read: _Slots, masks: dict[str, int]) -> _Slots:
    classes = list(read.classes)
    for name in masks:
        at = read.forms.find(name)
        while at >= 0:
            classes[at : at + len(name)] = [GAP] * len(name)
            at = read.forms.find(name, at + 1)
    return _Slots(read.forms, classes)


# -- pairs of a name


def common_endings(names: Iterable[str]) -> frozenset[str]:
    """Return endings of two to four characters by which no name is told, since so many names have them (花苑, 公寓, 有限公司).

    One that mostly stands behind the same character is only part of a longer one (务中心 of 商务中心).
    """
    counted = Counter(ending for name in set(names) for length in range(2, 6) if len(ending := name[-length:]) == length and len(name) > length)
    longer: Counter[str] = Counter()
    for ending, count in counted.items():
        longer[ending[1:]] = max(longer[ending[1:]], count)
    return frozenset(ending for ending, count in counted.items() if len(ending) < 5 and count >= _COMMON and longer[ending] * 2 <= count)


def _tail_start(read: _Slots, endings: frozenset[str]) -> int:
    """Where the generic part of a name begins, by which no name is told."""
    return min(len(read.forms) - _tail_length(read.forms), len(read.forms) - _ending_length(read.forms, endings))


def _forms(read: _Slots, tail: int, divisions: frozenset[str]) -> Iterator[_Form]:
    """The forms of a name: its telling part by itself, and the whole with its generic part. Only what tells it must be left by the edits."""
    places = [at for at, kind in enumerate(read.classes) if kind != GAP]
    stem = [at for at in places if at < tail] or places
    if len(places) == 1:
        yield _Form([_Pair(places[0], -1, 1)], 1)
        return
    if len(stem) > 1:
        yield _form(read, stem, stem, _edits(len(stem)), divisions)
    if len(places) > len(stem):
        yield _form(read, places, stem, min(_edits(len(places) - 1), 1 if len(stem) < 4 else 2), divisions)


def _edits(length: int) -> int:
    """Characters of a name's telling part that may be wrong, missing or too many; homophones and look-alikes are none."""
    return 0 if length < 3 else 1 if length < 6 else 2


def _form(read: _Slots, places: list[int], stem: list[int], edits: int, divisions: frozenset[str]) -> _Form:
    """Pairs with a telling character in them, and the fewest that are left when `edits` characters go but one that tells stays."""
    telling = set(stem)
    pairs = [(one, other) for one, other in _near(places) if one in telling or other in telling]
    beyond = [pair for pair in pairs if read.forms[pair[0]] + read.forms[pair[1]] not in divisions]
    pairs = beyond if len(stem) > 2 and beyond else pairs
    left = [sum(not gone & {*pair} for pair in pairs) for gone in map(set, combinations(places, edits)) if telling - gone]
    unreadable = not edits and len(stem) < len(places)  # else it is one of the edits
    return _Form([_Pair(*pair, _distances(*pair, edits)) for pair in pairs], max(1, min(left)), unreadable)


def _heads(read: _Slots, tail: int, divisions: frozenset[str]) -> Iterator[tuple[int, int]]:
    """What a long name is called in short: its first character and one that follows soon, written as they are."""
    stem = [at for at, kind in enumerate(read.classes) if kind != GAP and at < tail]
    if len(stem) > 2:
        for other in stem[1:]:
            if other - stem[0] <= _SPAN and read.forms[stem[0]] + read.forms[other] not in divisions:
                yield ord(read.forms[stem[0]]), ord(read.forms[other])


def _near(places: list[int]) -> Iterator[tuple[int, int]]:
    return ((one, other) for at, one in enumerate(places) for other in places[at + 1 :] if other - one <= _SPAN)


def _distances(one: int, other: int, edits: int) -> int:
    """Distances at which two places of a name may stand in a text: characters between them dropped, or some too many."""
    apart = other - one
    nearest, farthest = (1, min(apart + edits, LONGEST_DISTANCE)) if edits else (apart, apart)
    return sum(1 << distance for distance in range(nearest, farthest + 1))


@cache
def _generic_parts() -> tuple[str, ...]:
    return tuple(sorted({suffix for kind in _GENERIC for suffix in suffixes(kind)}, key=len, reverse=True))


def _tail_length(forms: str) -> int:
    return next((len(suffix) for suffix in _generic_parts() if forms.endswith(suffix) and len(forms) > len(suffix)), 0)


def _ending_length(forms: str, endings: frozenset[str]) -> int:
    """Length of the common ending; so much stands before it that an edit or two leave some of that."""
    most = len(forms) - (2 if len(forms) < 6 else 3)
    return max((length for length in range(2, min(4, most) + 1) if forms[-length:] in endings), default=0)


def _class_pairs(read: _Slots, pair: _Pair, unreadable: bool) -> Iterator[tuple[int, int]]:
    """The classes in which the two characters may be written; one of them may be unreadable."""
    first = _written(read, pair.first)
    if pair.second < 0:
        return ((one, GAP) for one in first)
    second = _written(read, pair.second)
    readable = {(one, other) for one in first for other in second}
    if not unreadable:
        return iter(readable)
    return iter(readable | {(one, ANY) for one in first} | {(ANY, other) for other in second})


def _written(read: _Slots, at: int) -> frozenset[int]:
    """Classes of a character in a text; the first may be read out of the division before it: 镇前街 in 桐浦镇前街."""
    own = read.classes[at]
    if own < FIRST_LETTER:
        return frozenset((own,))
    written = classes_for(read.forms[at])
    return written | {DIVISION_END} if at == 0 and read.forms[0] in _DIVISION_ENDS else written


# -- arrays


def _laid_out(
    entries: dict[tuple[int, int], list[tuple[int, int]]],
    forms: list[tuple[int, _Form]],
    heads: set[tuple[int, int, int]],
    spelled: set[str],
    mentions: list[Mention],
    masks: dict[str, int],
) -> Reach:
    table = characters()
    used = sorted({kind for pair in entries for kind in pair if kind >= FIRST_LETTER})
    renumbered = np.zeros(table.count, np.uint16)
    renumbered[:FIRST_LETTER] = range(FIRST_LETTER)
    renumbered[used] = range(FIRST_LETTER, FIRST_LETTER + len(used))
    classes = FIRST_LETTER + len(used)
    counts = np.zeros(classes * classes + 1, np.int32)
    ordered = sorted((int(renumbered[one]) * classes + int(renumbered[other]), found) for (one, other), found in entries.items())
    for pair, found in ordered:
        counts[pair + 1] = len(found)
    flat = np.array([entry for _, found in ordered for entry in found], np.int32).reshape(-1, 2)
    head_rows = np.array(sorted(heads), np.int64).reshape(-1, 3)
    starts_name = np.zeros(PLANE, np.bool_)
    starts_name[head_rows[:, 0]] = True
    hashes = sorted((_hash_of(name), suffix) for name, suffix in masks.items())
    return Reach(
        table.standard,
        renumbered[table.class_of],
        classes,
        np.cumsum(counts, dtype=np.int32),
        *(np.ascontiguousarray(column) for column in flat.T),
        np.array([name for name, _ in forms], np.int32),
        np.array([form.need for _, form in forms], np.int32),
        starts_name,
        (head_rows[:, 0] << 16) | head_rows[:, 1],
        head_rows[:, 2].astype(np.int32),
        np.array([mention.alone for mention in mentions], np.bool_),
        _number_keys(mentions),
        np.unique(np.array([_hash_of(sounds.upper()) for sounds in spelled], np.int64)),
        np.array([key for key, _ in hashes], np.int64),
        np.array([suffix for _, suffix in hashes], np.int32),
    )


def _hash_of(text: str) -> int:
    return int(hash_of(np.array([ord(character) for character in text], np.int32)))


def _number_keys(mentions: list[Mention]) -> Keys:
    keys = set()
    for name, mention in enumerate(mentions):
        for numbers in mention.numbers:
            first, last = (NO_NUMBER, *numbers)[-2:]
            keys.add((name, first, last))
            written = str(last % BEGUN)
            keys.update((name, first, BEGUN + int(written[:length])) for length in range(1, len(written)))
    return np.unique(number_keys(np.array(list(keys), np.int64).reshape(-1, 3)))
