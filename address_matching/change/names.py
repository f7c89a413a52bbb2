"""Names with their numbers, laid out for the compiled search through texts."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from address_matching.change.characters import PLANE, alphabet, spelled_pairs
from address_matching.change.mentions import Mention, Mentions
from address_matching.change.reach import QUALIFIER, Form, class_pairs, common_endings, forms_of, short_forms, tail_of, without_generic
from address_matching.change.slots import Slots, digit_spellings, division_suffixes, memory_of, read_slots, without_area, without_divisions
from address_matching.compiled.layout import Characters, Keys, Memory
from address_matching.compiled.skimming import (
    ALONE,
    BEGINS,
    CLASS_OF,
    CLOSES,
    DISTANCES,
    ENDING,
    ENDING_END,
    ENDING_FORM,
    ENDING_START,
    ENDING_TEXT,
    ENDINGS,
    FIRST_LETTER,
    FORM,
    HEAD_FORM,
    HEADS,
    MASKED,
    MASKED_SUFFIX,
    NAME,
    NEED,
    NUMBERS,
    SPELLED,
    STANDARD,
    STANDS_ALONE,
    START,
    TRAITS,
    WORD_ENDS,
)
from address_matching.compiled.touching import BEGUN, NO_NUMBER, hash_forms, key_numbers, touch_texts
from address_matching.words import suffixes, word_roles

_BEYOND = chr(PLANE)
Flags = NDArray[np.bool_]


class NamesSought(NamedTuple):
    """The search for names: tables (see `compiled.skimming`), how many classes of characters they tell apart and forms they have."""

    memory: Memory
    classes: int
    forms: int

    def touched(self, texts: pa.ChunkedArray) -> Flags:
        """Flag the texts (null is none) that may speak of one of the names with one of its numbers."""
        flags = [np.zeros(0, dtype=bool)]
        for chunk in texts.cast(pa.large_string()).chunks:
            touched = np.zeros(len(chunk), np.uint8)
            if len(chunk):
                _, starts, data = chunk.buffers()
                offsets = np.frombuffer(starts, np.int64)[chunk.offset : chunk.offset + len(chunk) + 1]
                written = np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)
                counts, seen, hits = (np.full(self.forms, fill, np.int32) for fill in (0, -1, 0))
                touch_texts(self.memory, self.classes, written, offsets, counts, seen, hits, touched)
            flags.append(touched.astype(bool))
        return np.concatenate(flags)


def names_sought(mentions: Mentions, divisions: Collection[str], names: Collection[str]) -> NamesSought:
    """Lay out what texts are searched for. divisions: full names of towns and coarser; names: of the whole library."""
    read = {name: [read_slots(spelled) for spelled in spellings(name)] for name in mentions}
    whole = division_suffixes(divisions, [slots for spelled in read.values() for slots in spelled])
    areas = [name[:-length] for name, length in whole.items() if not name.endswith(suffixes("town"))]
    endings = common_endings(names)
    entries = _Entries()
    for number, (name, mention) in enumerate(mentions.items()):
        for spelled in read[name]:
            slots = without_divisions(spelled, whole)
            tail = tail_of(slots.forms, endings)
            entries.add(number, without_area(slots, areas, tail), tail, mention)
    in_letters = {sounds for name in mentions for sounds in spelled_pairs(name)}
    forms = len(entries.form_name)
    masked = sorted((_hash(name), length) for name, length in whole.items())
    tables, classes = entries.tables()
    tables |= {
        ALONE: np.array([mention.alone for mention in mentions.values()], np.int32),
        NUMBERS: _number_keys(mentions.values()),
        SPELLED: np.unique(np.array([_hash(sounds.upper()) for sounds in in_letters], np.int64)),
        MASKED: np.array([key for key, _ in masked], np.int64),
        WORD_ENDS: _word_ends([*names, *divisions]) if entries.endings else np.zeros(0, np.int64),
        MASKED_SUFFIX: np.array([length for _, length in masked], np.int32),
    }
    return NamesSought(memory_of(tables), classes, forms)


def spellings(name: str) -> set[str]:
    """A name with and without its phase, with its numerals in either digits."""
    return {spelled for form in (name, QUALIFIER.sub("", name) or name) for spelled in digit_spellings(form)}


class _Entries:
    """Pairs of classes with the forms they belong to."""

    def __init__(self) -> None:
        self.pairs: dict[tuple[int, int], list[tuple[int, int]]] = {}
        self.heads: set[tuple[int, int]] = set()
        self.endings: list[tuple[int, int, str]] = []
        self.form_name: list[int] = []
        self.need: list[int] = []

    def add(self, number: int, name: Slots, tail: int, mention: Mention) -> None:
        for form in forms_of(name, tail):
            for pair in form.pairs:
                for key in class_pairs(name, pair, strict=form.strict):
                    self.pairs.setdefault(key, []).append((len(self.need), pair.distances))
            self._add_form(number, form._replace(need=1) if mention.partly else form)
        if mention.by_ending and len(name.forms) > ENDING:
            self.endings.append((_hash(name.forms[-ENDING:]), len(self.need), name.forms))
            self._add_form(number, Form((), 1))
        heads = [first << 16 | second for first, second in short_forms(name, tail)]
        if heads:
            self.heads.update((head, len(self.need)) for head in heads)
            self._add_form(number, Form((), 1))

    def _add_form(self, number: int, form: Form) -> None:
        self.form_name.append(number)
        self.need.append(form.need)

    def tables(self) -> tuple[dict[int, NDArray[np.int64] | NDArray[np.int32] | NDArray[np.uint16]], int]:
        """The tables, and how many classes they tell apart: those in no name part names as punctuation does."""
        letters = alphabet()
        used = sorted({kind for pair in self.pairs for kind in pair if kind >= FIRST_LETTER})
        renumbered = np.zeros(letters.size, np.uint16)
        renumbered[:FIRST_LETTER] = range(FIRST_LETTER)
        renumbered[used] = range(FIRST_LETTER, FIRST_LETTER + len(used))
        classes = FIRST_LETTER + len(used)
        ordered = sorted((int(renumbered[one]) * classes + int(renumbered[other]), found) for (one, other), found in self.pairs.items())
        counts = np.zeros(classes * classes + 1, np.int32)
        counts[[pair + 1 for pair, _ in ordered]] = [len(found) for _, found in ordered]
        flat = np.array([entry for _, found in ordered for entry in found], np.int32).reshape(-1, 2)
        heads = np.array(sorted(self.heads), np.int64).reshape(-1, 2)
        endings = sorted(self.endings)
        lengths = np.cumsum([0, *(len(name) for _, _, name in endings)], dtype=np.int32)
        return {
            STANDARD: letters.standard,
            CLASS_OF: renumbered[letters.class_of],
            TRAITS: self._traits(),
            START: np.cumsum(counts, dtype=np.int32),
            FORM: flat[:, 0],
            DISTANCES: flat[:, 1],
            NAME: np.array(self.form_name, np.int32),
            NEED: np.array(self.need, np.int32),
            HEADS: heads[:, 0],
            HEAD_FORM: heads[:, 1].astype(np.int32),
            ENDINGS: np.array([key for key, _, _ in endings], np.int64),
            ENDING_FORM: np.array([form for _, form, _ in endings], np.int32),
            ENDING_TEXT: np.array([ord(character) for _, _, name in endings for character in name], np.uint16),
            ENDING_START: lengths[:-1],
            ENDING_END: lengths[1:],
        }, classes

    def _traits(self) -> Characters:
        """What each character does in short forms."""
        traits = np.zeros(PLANE, np.uint16)
        for bit, characters in (
            (BEGINS, [head >> 16 for head, _ in self.heads]),
            (CLOSES, [ord(name[-1]) for _, _, name in self.endings]),
            (STANDS_ALONE, [ord(word) for word in word_roles() if len(word) == 1]),
        ):
            traits[characters] |= bit
        return traits


def _hash(text: str) -> int:
    hashed = np.zeros(1, np.int64)
    hash_forms(np.array([ord(character) for character in text], np.int64), hashed)
    return int(hashed[0])


def _word_ends(names: Iterable[str]) -> Keys:
    """The last two characters of names, with and without their generic part, and of words with a role; as keys."""
    words = {word for name in names for word in (name, *without_generic(name))} | set(word_roles()) | {"单元"}
    standard = alphabet().standard
    ends = [(int(standard[ord(word[-2])]), int(standard[ord(word[-1])])) for word in words if len(word) > 1 and max(word[-2:]) < _BEYOND]
    return np.unique(np.array([first << 16 | second for first, second in ends], np.int64))


def _number_keys(mentions: Iterable[Mention]) -> Keys:
    rows = set()
    for name, mention in enumerate(mentions):
        for numbers in mention.numbers:
            first, last = (NO_NUMBER, *numbers)[-2:]
            rows.add((name, first, last))
            written = str(last % BEGUN)
            rows.update((name, first, BEGUN + int(written[:length])) for length in range(1, len(written)))
    keys = np.zeros(len(rows), np.int64)
    key_numbers(np.array(sorted(rows), np.int64).reshape(-1), keys)
    return np.unique(keys)
