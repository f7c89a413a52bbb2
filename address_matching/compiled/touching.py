"""Which texts speak of given names: one pass over each text, counting the pairs of characters it shares with every name."""

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.kernel import compiled, entry
from address_matching.compiled.layout import Ints, Keys, Memory
from address_matching.compiled.skimming import (
    ALONE,
    BEGINS,
    BEHIND_NUMBERS,
    BRACKETS,
    CHINESE,
    CLASSES,
    CLOSES,
    COUNT,
    COUNTED,
    DISTANCES,
    DIVISION_END,
    ENDING,
    ENDING_END,
    ENDING_FORM,
    ENDING_START,
    ENDING_TEXT,
    ENDINGS,
    FIRST_CHINESE,
    FORM,
    FOUND,
    GAP,
    HEAD_FORM,
    HEADS,
    LATIN,
    LETTERS,
    NAME,
    NEED,
    NUMBERS,
    OPEN_END,
    PARTED,
    PARTS,
    SLOTS,
    SPELLED,
    STANDS_ALONE,
    START,
    TRAITS,
    UNCERTAIN,
    WITH_BUILDING,
    WITH_UNIT,
    WORD_ENDS,
    add_implied,
    has_key,
    hash_of_slots,
    is_in,
    mask_divisions,
    number_of,
    place_of,
    skim,
    small_of,
)

LONGEST_DISTANCE = 5
NO_NUMBER = -1
BEGUN = 1 << 32
"""Added to a number of which a text that is cut short may have the first digits only."""
UNIT_LEFT_OUT, BUILDING_LEFT_OUT = 1 << 33, 1 << 34
"""Added to numbers that count in texts without unit or building only."""
_LEAST_LETTERS = 4
_LONGEST_SPELLED = 14


@compiled
def _number_key(name: int, first: int, last: int) -> int:
    hashed = (name ^ first) * 0x369DEA0F31A53F85
    hashed ^= (hashed >> 29) & 0x7FFFFFFFF
    hashed = (hashed ^ last) * 0x369DEA0F31A53F85
    return hashed ^ ((hashed >> 29) & 0x7FFFFFFFF)


@compiled
def _speaks_of(memory: Memory, name: int, begun: int, parts: int) -> bool:
    """Whether the numbers of a text let it speak of what has changed about a name.

    `begun`: the number it ends in, if any, else -1; `parts`: whether it tells unit and building.
    """
    for first in range(-1, memory.work[COUNTED]):
        one = memory.work[FOUND + first] if first >= 0 else NO_NUMBER
        if not parts & WITH_UNIT and has_key(memory, NUMBERS, _number_key(name, one, UNIT_LEFT_OUT)):
            return True
        if begun >= 0 and has_key(memory, NUMBERS, _number_key(name, one, BEGUN + begun)):
            return True
        for last in range(memory.work[COUNTED]):
            number = memory.work[FOUND + last]
            if has_key(memory, NUMBERS, _number_key(name, one, number)):
                return True
            if not parts & WITH_UNIT and has_key(memory, NUMBERS, _number_key(name, one, UNIT_LEFT_OUT + number)):
                return True
            if not parts & WITH_BUILDING and has_key(memory, NUMBERS, _number_key(name, one, BUILDING_LEFT_OUT + number)):
                return True
    return False


@compiled
def _names_in(memory: Memory, classes: int, text: int, counts: Ints, seen: Ints, hits: Ints) -> int:
    """List the names that a text may hold in `hits`, perhaps once for each of their forms; returns how many."""
    found = 0
    count = memory.work[COUNT]
    for at in range(count):
        traits = small_of(memory, TRAITS, memory.work[SLOTS + at])
        if traits & BEGINS and at + 1 < count:
            found = _add_by_beginning(memory, at, text, counts, seen, hits, found)
        if traits & CLOSES and at + 1 >= ENDING:
            found = _add_by_ending(memory, at + 1, text, counts, seen, hits, found)
        first = memory.work[CLASSES + at]
        if first == GAP:
            continue
        for distance in range(min(LONGEST_DISTANCE + 1, count - at)):
            second = memory.work[CLASSES + at + distance] if distance else GAP
            if distance and second == GAP:
                continue
            pair = first * classes + second
            for place in range(number_of(memory, START, pair), number_of(memory, START, pair + 1)):
                if number_of(memory, DISTANCES, place) >> distance & 1:
                    found = _add(memory, number_of(memory, FORM, place), text, counts, seen, hits, found)
    return found


@compiled
def _add(memory: Memory, form: int, text: int, counts: Ints, seen: Ints, hits: Ints, found: int) -> int:
    """Count a pair of a form; with the last one needed its name is a hit. Returns how many hits there are now."""
    if seen[form] != text:
        seen[form] = text
        counts[form] = 0
    counts[form] += 1
    if counts[form] != number_of(memory, NEED, form):
        return found
    hits[found] = number_of(memory, NAME, form)
    return found + 1


@compiled
def _add_by_beginning(memory: Memory, at: int, text: int, counts: Ints, seen: Ints, hits: Ints, found: int) -> int:
    """Add names that are called by the two characters at a slot; returns how many hits there are now."""
    head = memory.work[SLOTS + at] << 16 | memory.work[SLOTS + at + 1]
    place = place_of(memory, HEADS, head)
    while place < memory.size[HEADS] and memory.keys[memory.at[HEADS] + place] == head:
        found = _add(memory, number_of(memory, HEAD_FORM, place), text, counts, seen, hits, found)
        place += 1
    return found


@compiled
def _add_by_ending(memory: Memory, end: int, text: int, counts: Ints, seen: Ints, hits: Ints, found: int) -> int:
    """Add names whose end, and nothing else between two words, stands before `end`; returns how many hits there are now."""
    key = hash_of_slots(memory.work, SLOTS + end - ENDING, SLOTS + end)
    place = place_of(memory, ENDINGS, key)
    while place < memory.size[ENDINGS] and memory.keys[memory.at[ENDINGS] + place] == key:
        first, last = number_of(memory, ENDING_START, place), number_of(memory, ENDING_END, place)
        size = ENDING
        while size < last - first and size < end and memory.work[SLOTS + end - size - 1] == small_of(memory, ENDING_TEXT, last - size - 1):
            if _begins_a_word(memory, end - size):
                break
            size += 1
        if _begins_a_word(memory, end - size):
            found = _add(memory, number_of(memory, ENDING_FORM, place), text, counts, seen, hits, found)
        place += 1
    return found


@compiled
def _begins_a_word(memory: Memory, at: int) -> bool:
    """Whether a word may begin at a slot: behind a word of the library, a number or a mark."""
    if at < 2 or memory.work[CLASSES + at - 1] == DIVISION_END:
        return True
    before = memory.work[SLOTS + at - 1]
    if before < FIRST_CHINESE or small_of(memory, TRAITS, before) & STANDS_ALONE:
        return True
    if is_in(BEHIND_NUMBERS, before) and memory.work[SLOTS + at - 2] < FIRST_CHINESE:
        return True
    return has_key(memory, WORD_ENDS, memory.work[SLOTS + at - 2] << 16 | before)


@compiled
def _spells_a_name(memory: Memory) -> bool:
    for start in range(memory.work[LETTERS]):
        for end in range(start + 2, min(start + _LONGEST_SPELLED, memory.work[LETTERS]) + 1):
            if has_key(memory, SPELLED, hash_of_slots(memory.work, LATIN + start, LATIN + end)):
                return True
    return False


@compiled
def _is_touched(memory: Memory, classes: int, text: int, counts: Ints, seen: Ints, hits: Ints) -> bool:
    """Whether the text that was read may speak of one of the names."""
    if not memory.work[CHINESE] and memory.work[LETTERS] >= _LEAST_LETTERS:
        return _spells_a_name(memory)
    mask_divisions(memory)
    found = _names_in(memory, classes, text, counts, seen, hits)
    if found == 0:
        return False
    numbers = memory.work[COUNTED]
    begun = memory.work[FOUND + numbers - 1] if numbers and memory.work[OPEN_END] else -1
    parts = 0 if memory.work[PARTED] else memory.work[PARTS]
    if memory.work[UNCERTAIN] or numbers == 0 or not add_implied(memory):
        return True
    for hit in range(found):
        if number_of(memory, ALONE, hits[hit]) or _speaks_of(memory, hits[hit], begun, parts):
            return True
    return False


@entry
def touch_texts(
    memory: Memory,
    classes: int,
    data: NDArray[np.uint8],
    offsets: Keys,
    counts: Ints,
    seen: Ints,
    hits: Ints,
    touched: NDArray[np.uint8],
) -> None:
    """Flag each text data[offsets[i]:offsets[i + 1]] that may speak of one of the names; counts, seen (-1), hits: one entry a form."""
    for text in range(len(touched)):
        skim(memory, data, offsets[text], offsets[text + 1], 0)
        notes = memory.work[BRACKETS]
        found = _is_touched(memory, classes, 2 * text, counts, seen, hits)
        if notes and not found:
            skim(memory, data, offsets[text], offsets[text + 1], 1)
            found = _is_touched(memory, classes, 2 * text + 1, counts, seen, hits)
        touched[text] = found


@entry
def read_name(memory: Memory, data: NDArray[np.uint8], forms: Ints, classes: Ints) -> int:
    """Read one name as texts are read; returns how many slots it has."""
    skim(memory, data, 0, len(data), 0)
    for at in range(memory.work[COUNT]):
        forms[at] = memory.work[SLOTS + at]
        classes[at] = memory.work[CLASSES + at]
    return int(memory.work[COUNT])


@entry
def hash_forms(forms: Keys, hashed: Keys) -> None:
    """Write the hash by which a division, or letters, are known."""
    hashed[0] = hash_of_slots(forms, 0, len(forms))


@entry
def key_numbers(numbers: Keys, keys: Keys) -> None:
    """Keys of rows name, first number or NO_NUMBER, last number (perhaps with BEGUN, UNIT_LEFT_OUT or BUILDING_LEFT_OUT), laid end to end."""
    for at in range(len(keys)):
        keys[at] = _number_key(numbers[3 * at], numbers[3 * at + 1], numbers[3 * at + 2])
