"""Reading a text roughly: slots of characters with their classes, letters, and every number that it may tell, in one pass over UTF-8."""

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import Characters, Keys, Memory
from address_matching.normalise import MAX_LENGTH

GAP, DROPPED, OPEN, CLOSE, NUMERAL, ANY, DIGIT, EXPANDED, DIVISION_END = range(9)
"""Classes of characters that are no sounds: what parts names, what is left out, brackets, Chinese numerals (here tens and hundreds),
characters that cannot be read, digits, characters that stand for several, the generic part of a division's full name."""
FIRST_NUMERAL = 9
"""Class of 0, Chinese or not; those of 1 to 9 follow."""
FIRST_LETTER = FIRST_NUMERAL + 10

TABLE_COUNT = 21
(
    STANDARD,
    CLASS_OF,
    TRAITS,
    START,
    FORM,
    DISTANCES,
    NAME,
    NEED,
    ALONE,
    HEAD_FORM,
    MASKED_SUFFIX,
    HEADS,
    NUMBERS,
    SPELLED,
    MASKED,
    ENDINGS,
    ENDING_FORM,
    ENDING_TEXT,
    ENDING_START,
    ENDING_END,
    WORD_ENDS,
) = range(TABLE_COUNT)
"""Tables of the memory.

STANDARD, CLASS_OF: form and class of each character. TRAITS: bits for each, BEGINS a short form of a name, CLOSES a name that is known
by its ending, STANDS_ALONE as a word.
START: entries of the pair of classes first * classes + second are START[pair]..START[pair + 1]; a class by itself has second GAP.
FORM, DISTANCES: of each entry the form of a name it belongs to, and the distances in a text (bits) at which it counts.
NAME, NEED: of each form its name, and how many entries a text must have. ALONE: of each name whether a text needs no number beside it.
HEADS, HEAD_FORM: short forms, sorted by first << 16 | second character, and the form of each.
NUMBERS: sorted keys of names and numbers (`key_numbers`). SPELLED: sorted hashes of letters that spell parts of names.
MASKED, MASKED_SUFFIX: sorted hashes of the full names of divisions, and the length of the generic part of each.
ENDINGS, ENDING_FORM: sorted hashes of the last ENDING characters of names known by their ending, and the form of each; the name is
ENDING_TEXT[ENDING_START..ENDING_END]. WORD_ENDS: sorted last two characters, first << 16 | second, of the words of the library.
"""
BEGINS, CLOSES, STANDS_ALONE = 1, 2, 4
ENDING = 4
"""Characters of a name at its end that may stand for the whole."""

_MOST_NUMBERS = 128
SLOTS, CLASSES, LATIN = range(0, 3 * MAX_LENGTH, MAX_LENGTH)
FOUND = 3 * MAX_LENGTH
_SIGNS = FOUND + _MOST_NUMBERS
_STATE = _SIGNS + _MOST_NUMBERS
(
    COUNT,
    COUNTED,
    LETTERS,
    UNCERTAIN,
    OPEN_END,
    BRACKETS,
    CHINESE,
    _IN_NUMBER,
    _IN_NUMERAL,
    _JOINS,
    PARTED,
    PARTS,
) = range(_STATE, _STATE + 12)
"""State of a text being read: how many slots, numbers and letters; whether numbers are uncertain, it ends in a number, has brackets, Chinese
characters; whether a number or numeral is being read, only the signs of a range stand behind the last number, several addresses are
possible; the parts its numbers name."""
WORK_SIZE = _STATE + 12

_RANGE, _FLOOR, WITH_UNIT, WITH_BUILDING = 1, 2, 4, 8
_LARGEST = 10**9
_LONGEST_RANGE = 60
_LONGEST_DIVISION = 12
FIRST_CHINESE, _LAST_CHINESE = 0x3400, 0x9FFF
_ZERO, _NINE, _A, _Z = ord("0"), ord("9"), ord("A"), ord("Z")
_UNIT, _UNIT_END = ord("单"), ord("元")
_SURROGATE = 0xD800


def _characters(text: str) -> Characters:
    return np.array([ord(character) for character in text], np.uint16)


_COUNTING = _characters("弄号幢栋座单梯层楼室房户组队期间支#巷门至到")
_GROUPS, _GROUP_ENDS = _characters("村小"), _characters("民组")
_BEFORE_NUMERALS = _characters("幢栋座楼号之附")
BEHIND_NUMBERS = _characters("号弄幢栋座层楼室房户组队#")
_BUILDINGS, _FLOORS = _characters("幢栋座"), _characters("层楼F")
_BETWEEN_ENDS, _WITHIN_ADDRESS = _characters("号至到-·./"), _characters("-#.·")
_CONFUSED = _characters("OIL")
_DIVISION_ENDS = _characters("省市县区镇乡道")


@compiled
def is_in(characters: Characters, character: int) -> bool:
    for other in characters:
        if other == character:
            return True
    return False


@compiled
def small_of(memory: Memory, table: int, at: int) -> int:
    """An entry of one of the tables of small numbers."""
    return int(memory.small[memory.at[table] + at])


@compiled
def number_of(memory: Memory, table: int, at: int) -> int:
    """An entry of one of the tables of numbers."""
    return int(memory.ints[memory.at[table] + at])


@compiled
def place_of(memory: Memory, table: int, key: int) -> int:
    """Return where a key stands, or would, in a sorted table of keys."""
    first = memory.at[table]
    low, high = 0, memory.size[table]
    while low < high:
        middle = (low + high) >> 1
        if memory.keys[first + middle] < key:
            low = middle + 1
        else:
            high = middle
    return int(low)


@compiled
def has_key(memory: Memory, table: int, key: int) -> bool:
    at = place_of(memory, table, key)
    return at < memory.size[table] and memory.keys[memory.at[table] + at] == key


# -- reading


@compiled
def _decode(data: NDArray[np.uint8], at: int) -> tuple[int, int]:
    """Return the character at a byte and the byte behind it; one beyond the basic plane comes as a surrogate."""
    byte = np.int64(data[at])
    if byte < 0x80:
        return byte, at + 1
    if byte < 0xE0:
        return ((byte & 0x1F) << 6) | (data[at + 1] & 0x3F), at + 2
    if byte < 0xF0:
        return ((byte & 0x0F) << 12) | ((data[at + 1] & 0x3F) << 6) | (data[at + 2] & 0x3F), at + 3
    return _SURROGATE, at + 4


@compiled
def _is_numeral(kind: int) -> bool:
    return kind == NUMERAL or FIRST_NUMERAL <= kind < FIRST_LETTER


@compiled
def _slot(memory: Memory, back: int) -> int:
    """The standard form of the last slot but `back` - 1, 0 if there is none."""
    return int(memory.work[SLOTS + memory.work[COUNT] - back]) if memory.work[COUNT] >= back else 0


@compiled
def _kind(memory: Memory, back: int) -> int:
    return int(memory.work[CLASSES + memory.work[COUNT] - back]) if memory.work[COUNT] >= back else GAP


@compiled
def _add(memory: Memory, form: int, kind: int) -> None:
    count = memory.work[COUNT]
    memory.work[SLOTS + count] = form
    memory.work[CLASSES + count] = kind
    memory.work[COUNT] = count + 1


@compiled
def _add_digit(memory: Memory, form: int) -> None:
    """Go on with the number being read, or begin one."""
    found = memory.work[COUNTED]
    if memory.work[_IN_NUMBER]:
        memory.work[FOUND + found - 1] = min(10 * memory.work[FOUND + found - 1] + form - _ZERO, _LARGEST)
    elif found < _MOST_NUMBERS:
        memory.work[FOUND + found] = form - _ZERO
        memory.work[_SIGNS + found] = _RANGE if memory.work[_JOINS] else 0
        memory.work[COUNTED] = found + 1
        memory.work[_IN_NUMBER] = 1
    else:
        memory.work[UNCERTAIN] = 1
    if is_in(_CONFUSED, _slot(memory, 1)):
        memory.work[UNCERTAIN] = 1
    memory.work[OPEN_END] = 1
    memory.work[_JOINS] = 0
    _add(memory, form, FIRST_NUMERAL + form - _ZERO)


@compiled
def _add_letter(memory: Memory, form: int, kind: int) -> None:
    """Add a letter; several may spell the sound of a character and are one slot."""
    memory.work[LATIN + memory.work[LETTERS]] = form
    memory.work[LETTERS] += 1
    memory.work[OPEN_END] = 0
    if _A <= _slot(memory, 1) <= _Z:
        memory.work[CLASSES + memory.work[COUNT] - 1] = ANY
    else:
        _add(memory, form, kind)


@compiled
def _add_character(memory: Memory, form: int, kind: int) -> None:
    """Add any other character; what counts a number in front of it is part of no name."""
    if kind == EXPANDED:
        memory.work[UNCERTAIN] = 1
        kind = ANY
    if form >= FIRST_CHINESE:
        memory.work[OPEN_END] = 0
    elif kind == GAP and not is_in(_WITHIN_ADDRESS, form):
        memory.work[PARTED] = 1
    if _is_numeral(_kind(memory, 1)) and is_in(BEHIND_NUMBERS, form):
        kind = GAP
        if is_in(_BUILDINGS, form):
            memory.work[PARTS] |= WITH_BUILDING
    elif form == _UNIT_END and _slot(memory, 1) == _UNIT and _is_numeral(_kind(memory, 2)):
        kind = GAP
        memory.work[CLASSES + memory.work[COUNT] - 1] = GAP
        memory.work[PARTS] |= WITH_UNIT
    _add(memory, form, kind)


@compiled
def _is_counted(memory: Memory, data: NDArray[np.uint8], at: int, end: int, form: int) -> bool:
    """Whether the character behind a Chinese numeral makes a number of it; data[at:] is what follows."""
    if is_in(_COUNTING, form):
        return True
    if at == end or not is_in(_GROUPS, form):
        return False
    following, _behind = _decode(data, at)
    return is_in(_GROUP_ENDS, small_of(memory, STANDARD, following))


@compiled
def _end_number(memory: Memory, form: int) -> None:
    """Note what a character that is no digit makes of the number before it."""
    was_number = memory.work[_IN_NUMBER]
    memory.work[_IN_NUMBER] = 0
    memory.work[_JOINS] = (was_number or memory.work[_JOINS]) and (form == _ZERO + 1 or is_in(_BETWEEN_ENDS, form))
    if was_number and is_in(_FLOORS, form):
        memory.work[_SIGNS + memory.work[COUNTED] - 1] |= _FLOOR
    if was_number and is_in(_CONFUSED, form):
        memory.work[UNCERTAIN] = 1


@compiled
def skim(memory: Memory, data: NDArray[np.uint8], start: int, end: int, skip_notes: int) -> None:
    """Read data[start:end] into slots, letters and numbers of the memory, with or without what stands in brackets."""
    for state in range(COUNT, PARTS + 1):
        memory.work[state] = 0
    depth, length = 0, 0
    at = start
    while at < end and length < MAX_LENGTH:
        length += 1
        character, at = _decode(data, at)
        kind = small_of(memory, CLASS_OF, character)
        form = small_of(memory, STANDARD, character)
        if kind in (OPEN, CLOSE):
            memory.work[BRACKETS] = 1
            depth = depth + 1 if kind == OPEN else max(0, depth - 1)
            memory.work[_IN_NUMBER] = memory.work[_IN_NUMBER] and skip_notes
            continue
        if depth > 0 and skip_notes:
            continue
        if kind == DROPPED:
            memory.work[_IN_NUMBER] = 0
            continue
        if FIRST_CHINESE <= character <= _LAST_CHINESE:
            memory.work[CHINESE] = 1
        if memory.work[_IN_NUMERAL] and kind != NUMERAL:
            memory.work[UNCERTAIN] |= _is_counted(memory, data, at, end, form)
            memory.work[_IN_NUMERAL] = 0
        if kind == DIGIT:
            _add_digit(memory, form)
            continue
        _end_number(memory, form)
        if kind == NUMERAL:
            memory.work[_IN_NUMERAL] = 1
            memory.work[UNCERTAIN] |= is_in(_BEFORE_NUMERALS, _slot(memory, 1))
            _add(memory, form, FIRST_NUMERAL + form - _ZERO if form <= _NINE else NUMERAL)
        elif _A <= form <= _Z:
            _add_letter(memory, form, kind)
        else:
            _add_character(memory, form, kind)
    memory.work[UNCERTAIN] |= memory.work[_IN_NUMERAL]


@compiled
def hash_of_slots(forms: Keys, start: int, end: int) -> int:
    hashed = np.int64(0)
    for at in range(start, end):
        hashed = hashed * 1_000_003 + forms[at]
    return hashed


@compiled
def mask_divisions(memory: Memory) -> None:
    """Take divisions that stand with their full name out of the classes."""
    for end in range(2, memory.work[COUNT] + 1):
        last = memory.work[SLOTS + end - 1]
        if not is_in(_DIVISION_ENDS, last):
            continue
        for length in range(min(end, _LONGEST_DIVISION), 1, -1):
            key = hash_of_slots(memory.work, SLOTS + end - length, SLOTS + end)
            if has_key(memory, MASKED, key):
                suffix = number_of(memory, MASKED_SUFFIX, place_of(memory, MASKED, key))
                for at in range(end - length, end):
                    memory.work[CLASSES + at] = GAP
                    memory.work[SLOTS + at] = 0
                if suffix == 1:
                    memory.work[CLASSES + end - 1] = DIVISION_END
                    memory.work[SLOTS + end - 1] = last
                break


@compiled
def add_implied(memory: Memory) -> bool:
    """Add the numbers within ranges (12-16号) and the rooms told by floor and place (12层03室); whether there is room for them."""
    found = memory.work[COUNTED]
    count = found
    for at in range(found):
        number, sign = memory.work[FOUND + at], memory.work[_SIGNS + at]
        if sign & _RANGE and number <= memory.work[FOUND + at - 1] + _LONGEST_RANGE:
            for between in range(memory.work[FOUND + at - 1] + 1, number):
                if count == _MOST_NUMBERS:
                    return False
                memory.work[FOUND + count] = between
                count += 1
        if sign & _FLOOR:
            for place in range(at + 1, found):
                if memory.work[FOUND + place] < 100:
                    if count == _MOST_NUMBERS:
                        return False
                    memory.work[FOUND + count] = 100 * number + memory.work[FOUND + place]
                    count += 1
    memory.work[COUNTED] = count
    return True
