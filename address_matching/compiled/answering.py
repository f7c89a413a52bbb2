"""The quick reader: answers the texts in the usual form, many a second, and leaves the others to the careful reader.

Its answers are those of the careful reader; `tests/address_matching/test_quick_reader.py` holds them against each other.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.codes import BRACKET_IGNORED, DASH, SEPARATOR_WORD, WILDCARD
from address_matching.compiled.deciding import CAREFUL, MATCHED, MAYBE_SPECIAL, REVIEW, UNMATCHED, UNPARSABLE, decide
from address_matching.compiled.folding import decode, fold, folding_table, numeral_table
from address_matching.compiled.hashing import find, hash_of
from address_matching.compiled.hits import FINER, GIVE_UP
from address_matching.compiled.kernel import compiled, entry
from address_matching.compiled.layout import (
    BEST,
    BY_ALIAS,
    CLASSES,
    HIT_SPARE,
    HIT_STATE,
    LONGEST,
    MEANING_KIND,
    MEANING_START,
    MOST_CANDIDATES,
    OTHER,
    PLACE_COUNT,
    PLACE_NUMBER_END,
    PLACE_NUMBER_KIND,
    PLACE_NUMBER_START,
    PLACE_PLAIN,
    PLACE_STATE,
    WORD_KIND,
    WORD_ROLE,
    Characters,
    Ints,
    Keys,
    Memory,
    Packed,
    memory_of,
)
from address_matching.compiled.lexicon import IS_CHINESE
from address_matching.compiled.looking_up import look_up
from address_matching.compiled.misspelling import repair
from address_matching.compiled.numbering import is_digit, is_letter
from address_matching.compiled.place import (
    AFTER,
    BEFORE,
    COMMUNITIES,
    DAY,
    HAS_DAY,
    IS_OUTSIDE,
    NOTES,
    ROADS,
    TOWNS,
    add_fault,
    clear,
    is_empty,
)
from address_matching.compiled.plates import is_plate
from address_matching.compiled.reading import read
from address_matching.compiled.readings import read_numbers
from address_matching.compiled.scanning import longest_word, scan
from address_matching.model import COMMUNITY, HOUSE, TOWN
from address_matching.tokens import NAME

Bytes = NDArray[np.uint8]
NO_DAY = -(2**31)
_OPEN, _CLOSE = ord("("), ord(")")
_PAST = np.array([ord(character) for character in "原旧曾老现"], np.uint16)
_BOUNDS = np.array([ord(character) for character in "至到临"], np.uint16)
_SIDES = np.array([ord(character) for character in "东西南北"], np.uint16)
_PHASES = np.array([ord(character) for character in "期区团"], np.uint16)
_PLACES = np.array([ord(character) for character in "路街巷弄村镇号"], np.uint16)
_HYPHEN = ord("-")


class Answers(NamedTuple):
    """One entry a text: answer (of deciding.py), node, reason, packed faults, how many candidates; MOST_CANDIDATES entries for these."""

    answer: NDArray[np.int8]
    node: Ints
    reason: NDArray[np.int8]
    faults: Keys
    counts: NDArray[np.int8]
    candidates: Ints


@compiled
def _is_one_of(characters: Characters, character: int) -> bool:
    for other in characters:
        if other == character:
            return True
    return False


@compiled
def _names_place(memory: Memory, length: int) -> bool:
    """Whether a text can be no network address and no placeholder."""
    words = 0
    place = False
    for at in range(length):
        place = place or _is_one_of(_PLACES, memory.text[at])
        words += memory.small[memory.at[CLASSES] + memory.text[at]] & IS_CHINESE > 0
    return place and words > 1


@compiled
def _is_usual(memory: Memory, length: int) -> bool:
    """Whether a text holds none of what only the careful reader tells: bounds (东至), words in Latin letters."""
    for at in range(length - 1):
        if _is_one_of(_SIDES, memory.text[at]) and _is_one_of(_BOUNDS, memory.text[at + 1]):
            return False
        if is_letter(memory.text[at]) and is_letter(memory.text[at + 1]):
            return False
    return True


@compiled
def _without_brackets(memory: Memory, length: int) -> tuple[int, bool]:
    """Take notes in brackets out of a text; -1 where they may say something about the place."""
    kept = 0
    bracketed = False
    at = 0
    while at < length:
        character = memory.text[at]
        if character == _CLOSE:
            return -1, False
        if character == _OPEN:
            end = at + 1
            while end < length and memory.text[end] != _CLOSE and memory.text[end] != _OPEN:
                end += 1
            if end == length or memory.text[end] == _OPEN or not _is_note(memory, at + 1, end):
                return -1, False
            bracketed = True
            at = end + 1
            continue
        memory.text[kept] = character
        kept += 1
        at += 1
    return kept, bracketed


@compiled
def _is_note(memory: Memory, start: int, end: int) -> bool:
    """Whether what stands in brackets is a note, no part of a name or number (二期, 502室); the levels it names are kept."""
    last = memory.text[end - 1] if end > start else 0
    if end - start < 2 or _is_one_of(_PHASES, last):
        return False
    if _is_one_of(_PAST, memory.text[start]):
        return True
    for at in range(start, end):
        if not memory.small[memory.at[CLASSES] + memory.text[at]] & IS_CHINESE:
            return False
        found = longest_word(memory, at, end, end - start)
        while found:
            word = (found & 0xFFFFFF) - 1
            if memory.ints[memory.at[WORD_KIND] + word] != NAME and memory.ints[memory.at[WORD_ROLE] + word] == SEPARATOR_WORD:
                return False
            for meaning in range(memory.ints[memory.at[MEANING_START] + word], memory.ints[memory.at[MEANING_START] + word + 1]):
                if memory.ints[memory.at[MEANING_KIND] + meaning] in (TOWN, COMMUNITY):
                    memory.work[PLACE_STATE + NOTES] |= 1 << memory.ints[memory.at[MEANING_KIND] + meaning]
            found = longest_word(memory, at, end, (found >> 24) - 1)
    return True


@compiled
def _notes_are_idle(memory: Memory) -> bool:
    """Whether the town or village that a note may name is named outside the note too, and so counts."""
    notes = memory.work[PLACE_STATE + NOTES]
    town = notes & 1 << TOWN and not memory.work[PLACE_COUNT + TOWNS]
    village = notes & 1 << COMMUNITY and not memory.work[PLACE_COUNT + COMMUNITIES]
    return not (town or village)


@compiled
def _may_be_range(memory: Memory) -> bool:
    """Whether the plate has the form 12-16, which may stand for several plates."""
    if memory.work[PLACE_STATE + BEFORE] != 1 or memory.work[PLACE_STATE + AFTER] or memory.work[PLACE_COUNT + ROADS] == 0:
        return False
    kind = memory.work[PLACE_NUMBER_KIND]
    if kind != HOUSE and kind != DASH:
        return False
    dashes, low, high = 0, 0, 0
    for at in range(memory.work[PLACE_NUMBER_START], memory.work[PLACE_NUMBER_END]):
        if memory.text[at] == _HYPHEN:
            dashes += 1
        elif not is_digit(memory.text[at]):
            return False
        elif dashes == 0:
            low = 10 * low + memory.text[at] - 48
        else:
            high = 10 * high + memory.text[at] - 48
    return dashes == 1 and low < high <= low + 60 and not is_plate(memory)


@compiled
def _answer(memory: Memory, written: int, day: int) -> tuple[int, int, int, int]:
    """Answer the normalised text in the memory: answer, node, reason, packed faults."""
    clear(memory)
    if day != NO_DAY:
        memory.work[PLACE_STATE + HAS_DAY] = 1
        memory.work[PLACE_STATE + DAY] = day
    if find(memory, BY_ALIAS, hash_of(memory.text, 0, written)) >= 0:
        return CAREFUL, -1, 0, 0
    length, bracketed = _without_brackets(memory, written)
    repaired = repair(memory, length)
    if length <= 0 or repaired < 0 or not _is_usual(memory, length):
        return CAREFUL, -1, 0, 0
    count = scan(memory, length)
    if count <= 0 or not read(memory, count) or find(memory, BY_ALIAS, memory.work[PLACE_PLAIN]) >= 0:
        return CAREFUL, -1, 0, 0
    if repaired:
        add_fault(memory, WILDCARD)
    if bracketed:
        add_fault(memory, BRACKET_IGNORED)
    if not _notes_are_idle(memory):
        return CAREFUL, -1, 0, 0
    options = read_numbers(memory)
    if memory.work[PLACE_STATE + IS_OUTSIDE]:
        return decide(memory, BEST)
    if options < 0 or _may_be_range(memory) or look_up(memory, options, BEST, OTHER) == GIVE_UP:
        return CAREFUL, -1, 0, 0
    answer, node, reason, faults = decide(memory, BEST)
    if answer == UNMATCHED and (reason == UNPARSABLE or not _names_place(memory, length)):
        nothing = is_empty(memory) and memory.work[PLACE_STATE + BEFORE] == 0 and memory.work[PLACE_STATE + AFTER] == 0
        return MAYBE_SPECIAL, -1, reason, 0 if nothing else faults
    return answer, node, reason, faults


@entry
def _answer_all(
    memory: Memory,
    folding: Characters,
    numerals: Ints,
    raw: Characters,
    data: NDArray[np.uint8],
    offsets: Ints,
    days: Ints,
    answers: NDArray[np.int8],
    nodes: Ints,
    reasons: NDArray[np.int8],
    faults: Keys,
    counts: NDArray[np.int8],
    candidates: Ints,
) -> None:
    for row in range(len(days)):
        length = decode(data, offsets[row], offsets[row + 1], raw)
        if length > 0:
            length = fold(memory, raw, length, folding, numerals)
        if length > 0:
            answer, node, reason, packed = _answer(memory, length, days[row])
            answers[row] = answer
            nodes[row] = node
            reasons[row] = reason
            faults[row] = packed
            if answer in (MATCHED, REVIEW):
                counts[row] = memory.work[BEST + HIT_STATE + FINER]
                for at in range(counts[row]):
                    candidates[row * MOST_CANDIDATES + at] = memory.work[BEST + HIT_SPARE + at]


def answer_texts(tables: Packed, data: NDArray[np.uint8], offsets: Ints, days: Ints) -> Answers:
    """Answer UTF-8 texts data[offsets[i]:offsets[i + 1]]; days: days since 1970, NO_DAY where unknown."""
    count = len(days)
    answers = Answers(
        np.zeros(count, np.int8),
        np.full(count, -1, np.int32),
        np.zeros(count, np.int8),
        np.zeros(count, np.int64),
        np.zeros(count, np.int8),
        np.full(count * MOST_CANDIDATES, -1, np.int32),
    )
    raw = np.zeros(LONGEST, np.uint16)
    _answer_all(memory_of(tables), folding_table(), numeral_table(), raw, data, offsets, days, *answers)
    return answers
