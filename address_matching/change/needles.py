"""What a text must have for a name to be read out of it: characters, in their order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from address_matching.fuzzy import is_entered, local_sound, stem_length
from address_matching.model import ROAD
from address_matching.tokens import Sense
from address_matching.vocabulary import split_suffix
from address_matching.words import similar_characters

Needle = tuple[frozenset[str], ...]
"""Characters that a text has in this order, whatever stands between them; of each set one."""

_LONG = 3
_CHINESE = range(0x4E00, 0xA000)


def exactly(text: str) -> Needle:
    """The needle of a text as it stands."""
    return tuple(frozenset(character) for character in text)


def needles_of_word(word: str, senses: Sequence[Sense]) -> set[Needle]:
    """Return what texts have of which the reader makes a word of the vocabulary, exactly or with the one fault it allows (fuzzy.difference).

    All characters, or others that sound or look like them; all but one, of a longer name; of a road all but the generic part.
    """
    needles = {exactly(word)}
    if not is_entered(word, tuple(senses)):
        return needles
    needles.add(tuple(alike(character) for character in word))
    if len(word) > _LONG or stem_length(word) > _LONG - 1:
        needles.update(exactly(word[:at] + word[at + 1 :]) for at in range(len(word)))
    stem, suffix = split_suffix("interchangeable_road", word)
    if suffix and len(stem) > 1 and any(sense.kind == ROAD for sense in senses):
        needles.add(exactly(stem))
    return needles


def needles_of_pair(pair: str, before: Iterable[str]) -> Needle:
    """The needle of two characters behind one of several."""
    return (frozenset(before), *exactly(pair))


@lru_cache(maxsize=50_000)
def alike(character: str) -> frozenset[str]:
    """Return a character and those that sound or look like it."""
    sounding = _of_sound()[local_sound(character)] if ord(character) in _CHINESE else ()
    return frozenset((character, *sounding, *_of_shape().get(character, ())))


@cache
def _of_sound() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for character in map(chr, _CHINESE):
        found[local_sound(character)].append(character)
    return found


@cache
def _of_shape() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for one, other in similar_characters():
        found[one].append(other)
    return found
