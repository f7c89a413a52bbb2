"""Finding the texts that have some needle: a rough look at all of them at once, then a close one at those that may."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from address_matching.change.needles import Needle
from address_matching.normalise import capitalise, compose, unify_characters

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int64]
Spell = Callable[[str], str | None]

ANY = "?"
"""Stands for any one character."""
_LEAST_TOGETHER, _MOST_TOGETHER, _MOST_FLAGS = 2**12, 2**17, 2**26
"""So many texts are looked at together, fewer where the flags of their characters would take more than so many bytes."""
_JAMO = range(0x1100, 0x1200)
_BEYOND = re.compile("[\ue000-\U0010ffff]")
_LETTERS = re.compile("[A-Z]{2,}")


def with_wildcards(text: str) -> str:
    """Return a normalised text with `ANY` where the reader may see another character than is written.

    Letters may spell the sound of a character; characters from U+E000 on share their numbers with others in the tables of sounds.
    """
    return _LETTERS.sub(lambda match: match[0] + ANY, _BEYOND.sub(ANY, text))


def has(needle: Needle, text: str) -> bool:
    """Whether a text with wildcards has the characters of a needle in their order."""
    at, end = 0, len(text)
    for characters in needle:
        while at < end and text[at] not in characters and text[at] != ANY:
            at += 1
        if at == end:
            return False
        at += 1
    return True


class Haystack:
    """Looks for needles in texts as they were written."""

    def __init__(self, needles: Iterable[Needle]) -> None:
        self._needles = sorted(set(needles), key=len)
        asked = [[characters for characters in needle if not _may_be_made(characters)] for needle in self._needles]
        symbols = {characters: number for number, characters in enumerate(dict.fromkeys(each for wanted in asked for each in wanted))}
        self._symbols = [[symbols[characters] for characters in wanted] for wanted in asked]
        self._symbols_of: dict[str, list[int]] = {ANY: list(symbols.values())}
        for characters, number in symbols.items():
            for character in characters:
                self._symbols_of.setdefault(character, []).append(number)
        self._count = len(symbols)

    def found(self, texts: Sequence[str], spell: Spell) -> Flags:
        """Flag the texts that have a needle. `spell` gives a text as it is read, with wildcards, or None if it counts as found."""
        together = max(_LEAST_TOGETHER, min(_MOST_TOGETHER, _MOST_FLAGS // max(1, self._count)))
        parts = [self._found(texts[at : at + together], spell) for at in range(0, len(texts), together)]
        return np.concatenate([np.zeros(0, bool), *parts])

    def _found(self, texts: Sequence[str], spell: Spell) -> Flags:
        laid = _LaidOut.of(texts)
        odd = np.flatnonzero(laid.odd())
        read = {at: spell(texts[at]) for at in odd.tolist()}
        seen = self._seen(laid)
        seen[:, odd] = self._seen(_LaidOut.of([text or "" for text in read.values()]))
        found = np.zeros(len(texts), bool)
        found[[at for at, text in read.items() if text is None]] = True
        times = seen.sum(axis=1).tolist()
        for needle, symbols in zip(self._needles, self._symbols, strict=True):
            for at in _having_all(seen, sorted(symbols, key=times.__getitem__)).tolist():
                if found[at]:
                    continue
                if at not in read:
                    read[at] = spell(texts[at])
                text = read[at]
                found[at] = text is None or has(needle, text)
        return found

    def _seen(self, texts: "_LaidOut") -> Flags:
        """For each symbol and each text whether the text has one of its characters."""
        seen = np.zeros((self._count, texts.count), bool)
        symbols = {character: self._symbols_of.get(folded(character)) for character in texts.characters}
        for character, owners in texts.owners([character for character, wanted in symbols.items() if wanted]):
            seen[np.array(symbols[character])[:, None], owners] = True
        return seen


class _LaidOut:
    """Texts end to end: the code of each character, the number of the text it stands in, and the different characters."""

    def __init__(self, count: int, codes: NDArray[np.uint32], owner: Numbers) -> None:
        self.count = count
        self._codes = codes
        self._owner = owner
        self.characters = [chr(code) for code in np.flatnonzero(np.bincount(codes)).tolist()] if len(codes) else []

    @classmethod
    def of(cls, texts: Sequence[str]) -> "_LaidOut":
        codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
        return cls(len(texts), codes, np.repeat(np.arange(len(texts)), np.fromiter(map(len, texts), np.int64, len(texts))))

    def owners(self, characters: Sequence[str]) -> Iterator[tuple[str, Numbers]]:
        """The texts in which each of some characters stands, a text as often as it has the character."""
        if not characters:
            return
        number = np.zeros(ord(self.characters[-1]) + 1, np.int32)
        number[[ord(character) for character in characters]] = np.arange(1, len(characters) + 1)
        own = number[self._codes]
        places = np.flatnonzero(own)
        places = places[np.argsort(own[places], kind="stable")]
        ends = np.cumsum(np.bincount(own[places], minlength=len(characters) + 1)).tolist()
        for at, character in enumerate(characters):
            yield character, self._owner[places[ends[at] : ends[at + 1]]]

    def odd(self) -> Flags:
        """Flag the texts in which only normalising them whole tells what characters are read."""
        odd = np.zeros(self.count, bool)
        for _, owners in self.owners([character for character in self.characters if _is_odd(character)]):
            odd[owners] = True
        letters = np.zeros(self.count, np.int64)
        for _, owners in self.owners([character for character in self.characters if _is_letter(character)]):
            letters += np.bincount(owners, minlength=self.count)
        return odd | (letters > 1)


def _having_all(seen: Flags, symbols: Sequence[int]) -> Numbers:
    """The texts in which all of some symbols are seen, the rarest first."""
    if not symbols:
        return np.arange(seen.shape[1])
    texts = np.flatnonzero(seen[symbols[0]])
    for symbol in symbols[1:]:
        if not len(texts):
            break
        texts = texts[seen[symbol, texts]]
    return texts


def _is_letter(character: str) -> bool:
    return folded(character).isascii() and folded(character).isalpha()


def _may_be_made(characters: frozenset[str]) -> bool:
    """Whether a set has digits, letters or signs, which normalising may have made of something else."""
    return any(character.isascii() for character in characters)


@lru_cache(maxsize=200_000)
def folded(character: str) -> str:
    """Return what normalising makes of a single character."""
    again = capitalise(unify_characters(compose(character)))
    return character if again == character else folded(again) if len(again) == 1 else again


@lru_cache(maxsize=200_000)
def _is_odd(character: str) -> bool:
    """Whether normalising may make of a character something that depends on its neighbours, several characters, or what is no character."""
    fold = folded(character)
    return len(fold) != 1 or fold == ANY or ord(fold) in _JAMO or bool(_BEYOND.match(fold)) or unicodedata.category(fold).startswith("M")
