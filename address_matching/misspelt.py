"""Names written wrongly, found among the words of a vocabulary by the compiled look-ups. Only names; numbers are never fuzzy."""

import re
from array import array
from functools import cached_property
from typing import NamedTuple

from address_matching.compiled.codes import FAULTS
from address_matching.compiled.layout import MOST_FOUND, MOST_NODES, Packed, memory_of
from address_matching.compiled.misspelling import recognise_text, repair_text
from address_matching.fuzzy import KINDS, spelled_out
from address_matching.model import ROAD
from address_matching.tokens import Sense
from address_matching.vocabulary import Vocabulary, split_suffix
from machine_code.kernel import addresses

_MOST_KNOWN = 200_000
_FIRST_WORD = 3
_BEYOND_BASIC_PLANE = re.compile("[\U00010000-\U0010ffff]")


class Recognised(NamedTuple):
    """A misspelt name found in a gap: where it stands, its fault, its senses (of the nearest names only)."""

    start: int
    end: int
    fault: str
    senses: tuple[Sense, ...]


class MisspeltNames:
    """Look-ups of a vocabulary's names as they may be misspelt; for one thread, since it works in memory of its own."""

    def __init__(self, vocabulary: Vocabulary, tables: Packed) -> None:
        self._vocabulary = vocabulary
        self._words = list(vocabulary.tokens)
        self._memory = memory_of(tables)
        self._addresses = addresses(self._memory)
        self._text = self._memory.text.data.cast("B")
        self._found = array("q", bytes(8 * (_FIRST_WORD + MOST_FOUND)))
        self._known: dict[tuple[str, frozenset[int] | None], Recognised | None] = {}

    @cached_property
    def roads_by_sound(self) -> dict[str, list[str]]:
        """Roads by the toneless sounds of their names, for romanised texts; those of a stem end in a space."""
        found: dict[str, list[str]] = {}
        for word, senses in self._vocabulary.senses.items():
            if any(sense.kind == ROAD and sense.how == "" for sense in senses):
                found.setdefault(spelled_out(word), []).append(word)
                stem, suffix = split_suffix("road", word)
                if suffix:
                    found.setdefault(f"{spelled_out(stem)} ", []).append(word)
        return found

    def recognise(self, gap: str, towns: frozenset[int] | None = None) -> Recognised | None:
        """Return the longest part of a gap that is a misspelt name ending the gap or at a road's generic part.

        Of several names those in `towns` (the towns of the text) come first, then the nearest.
        """
        key = (gap, towns)
        if key not in self._known:
            if len(self._known) > _MOST_KNOWN:
                self._known.clear()
            self._known[key] = self._recognise(gap, towns)
        return self._known[key]

    def _recognise(self, gap: str, towns: frozenset[int] | None) -> Recognised | None:
        own = array("q", sorted(towns or ())[:MOST_NODES])
        count = recognise_text(self._addresses, self._write(gap), own.buffer_info(), self._found.buffer_info())
        if not count:
            return None
        start, end, fault = self._found[:_FIRST_WORD]
        words = sorted(self._words[word] for word in self._found[_FIRST_WORD : _FIRST_WORD + count])
        senses = tuple(sense for word in words for sense in self._vocabulary.senses[word] if sense.kind in KINDS)
        return Recognised(start, end, FAULTS[fault], senses)

    def _write(self, text: str) -> int:
        characters = _BEYOND_BASIC_PLANE.sub("\uffff", text).encode("utf-16-le")
        self._text[: len(characters)] = characters
        return len(text)

    def repair(self, text: str) -> str:
        """Return a text with each ? replaced by the character that the longest fitting name has there, if all such names agree."""
        repair_text(self._addresses, self._write(text))
        repaired = self._memory.text[: len(text)].tolist()
        return "".join([chr(new) if old == "?" else old for old, new in zip(text, repaired, strict=True)])
