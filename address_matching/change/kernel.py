"""The compiled part: one pass over the UTF-8 of each text that weighs the pairs of characters it shares with each name."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

from address_matching.change.characters import (
    ANY,
    CLOSE,
    DIGIT,
    DIVISION_END,
    DROPPED,
    EXPANDED,
    FIRST_LETTER,
    FIRST_NUMERAL,
    GAP,
    NUMERAL,
    OPEN,
    PLANE,
)

if TYPE_CHECKING:
    from address_matching.change.reach import Reach

Ints = NDArray[np.int32]
Function = TypeVar("Function", bound=Callable[..., object])

LONGEST_DISTANCE = 5
NO_NUMBER = -1
BEGUN = 1 << 32
"""Added to a number of which a text that is cut short may have the first digits only."""
UNIT_LEFT_OUT, BUILDING_LEFT_OUT = 1 << 33, 1 << 34
"""Added to numbers that count in texts without unit or building only."""
_MOST_NUMBERS = 128
_RANGE, _FLOOR, _WITH_UNIT, _WITH_BUILDING = 1, 2, 4, 8
_LARGEST = 10**9
_LONGEST_RANGE = 60
_LONGEST_DIVISION = 12
_LATIN_LETTERS = 4
_LONGEST_SPELLED = 14
_ZERO, _TEN, _ONE = ord("0"), ord("十"), ord("一")
_NUMBER_UNITS = np.array([ord(character) for character in "弄号幢栋座单梯层楼室房户组队期间支#巷门"], np.int64)
_GROUPS = np.array([ord(character) for character in "村小"], np.int64)
_GROUP_ENDS = np.array([ord(character) for character in "民组"], np.int64)
_BEHIND_NUMBERS = np.array([ord(character) for character in "号弄幢栋座层楼室房户组队#"], np.int64)
_BUILDINGS = np.array([ord(character) for character in "幢栋座"], np.int64)
_UNIT = np.array([ord(character) for character in "单元"], np.int64)
_BEFORE_NUMERALS = np.array([ord(character) for character in "幢栋座楼号之附"], np.int64)
_FLOORS = np.array([ord(character) for character in "层楼F"], np.int64)
_BETWEEN_ENDS = np.array([ord(character) for character in "号至到-·./"], np.int64)
_DIVISION_ENDS = np.array([ord(character) for character in "省市县区镇乡道"], np.int64)
_WITHIN_ADDRESS = np.array([ord(character) for character in "-#.·"], np.int64)
_CONFUSED = np.array([ord(character) for character in "OIL"], np.int64)


def compiled(function: Function) -> Function:
    return cast("Function", numba.njit(nogil=True, error_model="numpy")(function))


def entry(function: Function) -> Function:
    """Compile a function that Python calls, and keep the machine code beside the source; all that it calls stands in this file."""
    return cast("Function", numba.njit(nogil=True, error_model="numpy", cache=True)(function))


@compiled
def _is_in(values: NDArray[np.int64], value: int) -> bool:
    for other in values:
        if other == value:
            return True
    return False


@compiled
def _decode(data: NDArray[np.uint8], at: int) -> tuple[int, int]:
    """Return the character at a byte and the byte behind it; one beyond the basic plane comes as a surrogate."""
    byte = np.int64(data[at])
    if byte < 0x80:
        return byte, at + 1
    if byte < 0xE0:
        return ((byte & 0x1F) << 6) | (np.int64(data[at + 1]) & 0x3F), at + 2
    if byte < 0xF0:
        return ((byte & 0x0F) << 12) | ((np.int64(data[at + 1]) & 0x3F) << 6) | (np.int64(data[at + 2]) & 0x3F), at + 3
    return 0xD800, at + 4


@compiled
def _is_numeral(kind: int) -> bool:
    return kind == NUMERAL or FIRST_NUMERAL <= kind < FIRST_LETTER


@compiled
def _add_numeral(forms: Ints, classes: Ints, count: int, form: int) -> int:
    """Add a slot for a digit or Chinese numeral; a run of them is one."""
    if count and _is_numeral(classes[count - 1]):
        forms[count - 1], classes[count - 1] = _TEN, NUMERAL
        return count
    forms[count] = form
    classes[count] = FIRST_NUMERAL + form - _ZERO if _ZERO <= form <= _ZERO + 9 else NUMERAL
    return count + 1


@compiled
def _read(
    data: NDArray[np.uint8],
    start: int,
    end: int,
    standard: NDArray[np.uint16],
    class_of: NDArray[np.uint16],
    skip_notes: bool,
    forms: Ints,
    classes: Ints,
    numbers: NDArray[np.int64],
    signs: Ints,
    latin: Ints,
) -> tuple[int, int, bool, bool, bool]:
    """Read data[start:end] into slots (standard form, class) and numbers, with `signs` of what makes further numbers of them.

    Returns how many slots and numbers, whether numbers are uncertain, whether the text ends in a number, and whether it has brackets;
    a text without Chinese has its letters in `latin`, and their number, negative and less one, instead of slots.
    """
    count, found = 0, 0
    uncertain, open_end, brackets = False, False, False
    depth = 0
    joins = False  # only the signs of a range stand between the last number and here
    in_number, in_numerals = False, False
    chinese, letters = False, 0
    parted, parts = False, 0
    at = start
    while at < end:
        character, at = _decode(data, at)
        kind = np.int64(class_of[character])
        form = np.int64(standard[character])
        if kind == OPEN or kind == CLOSE:
            brackets = True
            depth = depth + 1 if kind == OPEN else max(0, depth - 1)
            in_number = in_number and skip_notes
            continue
        if depth > 0 and skip_notes:
            continue
        if kind == DROPPED:
            in_number = False
            continue
        previous = classes[count - 1] if count else GAP
        chinese = chinese or 0x3400 <= character <= 0x9FFF
        if in_numerals and kind != NUMERAL:
            following = np.int64(standard[_decode(data, at)[0]]) if at < end else np.int64(0)
            uncertain = uncertain or _is_in(_NUMBER_UNITS, form) or (_is_in(_GROUPS, form) and _is_in(_GROUP_ENDS, following))
            in_numerals = False
        if kind == DIGIT:
            if in_number and found:
                numbers[found - 1] = min(numbers[found - 1] * 10 + form - _ZERO, _LARGEST)
            elif found < _MOST_NUMBERS:
                numbers[found], signs[found] = form - _ZERO, _RANGE if joins else 0
                found += 1
            else:
                uncertain = True
            uncertain = uncertain or (count > 0 and _is_in(_CONFUSED, forms[count - 1]))
            in_number, open_end, joins = True, True, False
            count = _add_numeral(forms, classes, count, form)
            continue
        was_number = in_number
        in_number = False
        joins = (was_number or joins) and (character == _ONE or _is_in(_BETWEEN_ENDS, form))
        if was_number and _is_in(_FLOORS, form):
            signs[found - 1] |= _FLOOR
        if kind == NUMERAL:
            in_numerals = True
            uncertain = uncertain or (count > 0 and _is_in(_BEFORE_NUMERALS, forms[count - 1]))
            count = _add_numeral(forms, classes, count, form)
            continue
        open_end = open_end and form < 0x3400
        if 65 <= form <= 90:
            latin[letters] = form
            letters += 1
            uncertain = uncertain or (was_number and _is_in(_CONFUSED, form))
            open_end = False
            if count and 65 <= forms[count - 1] <= 90:  # several letters may spell the sound of a character
                classes[count - 1] = ANY
                continue
        elif kind == EXPANDED:
            uncertain = True
            kind = ANY
        parted = parted or (form < 0x3400 and kind == GAP and not _is_in(_WITHIN_ADDRESS, form))
        if _is_numeral(previous) and _is_in(_BEHIND_NUMBERS, form):
            kind = GAP
            parts |= _WITH_BUILDING if _is_in(_BUILDINGS, form) else 0
        elif count > 1 and form == _UNIT[1] and forms[count - 1] == _UNIT[0] and _is_numeral(classes[count - 2]):
            kind = classes[count - 1] = GAP
            parts |= _WITH_UNIT
        forms[count], classes[count] = form, kind
        count += 1
    if found and not parted:
        signs[0] |= parts
    if not chinese and letters >= _LATIN_LETTERS:
        count = -letters - 1
    return count, found, uncertain or in_numerals, open_end, brackets


@compiled
def _add_implied(numbers: NDArray[np.int64], signs: Ints, found: int) -> int:
    """Add the numbers within ranges (12-16号) and the rooms told by floor and place (12层03室); returns how many there are, -1: too many."""
    count = found
    for at in range(found):
        low, high = np.int64(0), np.int64(0)
        if signs[at] & _RANGE and numbers[at] <= numbers[at - 1] + _LONGEST_RANGE:
            low, high = numbers[at - 1] + 1, numbers[at]
        for number in range(low, high):
            if count == len(numbers):
                return -1
            numbers[count] = number
            count += 1
        if signs[at] & _FLOOR:
            for place in range(at + 1, found):
                if numbers[place] < 100:
                    if count == len(numbers):
                        return -1
                    numbers[count] = numbers[at] * 100 + numbers[place]
                    count += 1
    return count


@compiled
def _hash(forms: Ints, start: int, end: int) -> int:
    hashed = np.int64(0)
    for at in range(start, end):
        hashed = hashed * np.int64(1_000_003) + np.int64(forms[at])
    return hashed


@compiled
def _search(keys: NDArray[np.int64], key: int) -> int:
    """Return the position of a key among sorted ones, -1 if absent."""
    at = np.searchsorted(keys, key)
    return at if at < len(keys) and keys[at] == key else -1


@compiled
def _mask(forms: Ints, classes: Ints, count: int, masked: NDArray[np.int64], suffixes: Ints) -> None:
    """Take the stems of divisions that stand with their full name out of the classes."""
    for end in range(2, count + 1):
        if not _is_in(_DIVISION_ENDS, forms[end - 1]):
            continue
        for length in range(min(end, _LONGEST_DIVISION), 1, -1):
            found = _search(masked, _hash(forms, end - length, end))
            if found >= 0:
                classes[end - length : end - suffixes[found]] = GAP
                classes[end - suffixes[found] : end] = DIVISION_END if suffixes[found] == 1 else GAP
                break



@compiled
def _number_key(name: int, first: int, last: int) -> int:
    hashed = np.int64(name)
    for number in (first, last):
        hashed = (hashed ^ np.int64(number)) * np.int64(0x369DEA0F31A53F85)
        hashed ^= (hashed >> 29) & np.int64(0x7FFFFFFFF)
    return hashed


@compiled
def _speaks_of(reach: "Reach", name: int, numbers: NDArray[np.int64], found: int, begun: int, parts: int) -> bool:
    """Whether the numbers of a text let it speak of what has changed about a name.

    `begun`: the number it ends in, if any, else -1; `parts`: whether it tells unit and building.
    """
    for first in range(-1, found):
        one = numbers[first] if first >= 0 else np.int64(NO_NUMBER)
        for last in range(-1, found):
            number = numbers[last] if last >= 0 else np.int64(0)
            if last >= 0 and _search(reach.numbers, _number_key(name, one, number)) >= 0:
                return True
            if not parts & _WITH_UNIT and _search(reach.numbers, _number_key(name, one, UNIT_LEFT_OUT + number)) >= 0:
                return True
            if last >= 0 and not parts & _WITH_BUILDING and _search(reach.numbers, _number_key(name, one, BUILDING_LEFT_OUT + number)) >= 0:
                return True
        if begun >= 0 and _search(reach.numbers, _number_key(name, one, BEGUN + begun)) >= 0:
            return True
    return False


@compiled
def _count(reach: "Reach", form: int, text: int, counts: Ints, seen: Ints, hits: Ints, found: int) -> int:
    """Count a pair of a form; enters its name among the hits when it is the last one needed."""
    if seen[form] != text:
        seen[form] = text
        counts[form] = 0
    counts[form] += 1
    if counts[form] == reach.need[form]:
        hits[found] = reach.name[form]
        return found + 1
    return found


@compiled
def _names_in(reach: "Reach", forms: Ints, classes: Ints, count: int, text: int, counts: Ints, seen: Ints, hits: Ints) -> int:
    """List the names that a text may hold in `hits`, perhaps once for each of their forms; returns how many."""
    found = 0
    for at in range(count):
        first = np.int64(classes[at])
        if first == GAP:
            continue
        for distance in range(min(LONGEST_DISTANCE + 1, count - at)):
            second = np.int64(classes[at + distance]) if distance else np.int64(0)
            if distance and second == GAP:
                continue
            pair = first * reach.classes + second
            for entry in range(reach.start[pair], reach.start[pair + 1]):
                if reach.distances[entry] >> distance & 1:
                    found = _count(reach, reach.form[entry], text, counts, seen, hits, found)
        if reach.starts_name[forms[at]] and at + 1 < count:
            head = np.int64(forms[at]) << 16 | np.int64(forms[at + 1])
            place = np.searchsorted(reach.heads, head)
            while place < len(reach.heads) and reach.heads[place] == head:
                found = _count(reach, reach.head_form[place], text, counts, seen, hits, found)
                place += 1
    return found


@compiled
def _spells_a_name(reach: "Reach", latin: Ints, letters: int) -> bool:
    for start in range(letters):
        for end in range(start + 2, min(start + _LONGEST_SPELLED, letters) + 1):
            if _search(reach.spelled, _hash(latin, start, end)) >= 0:
                return True
    return False


@entry
def touched_texts(data: NDArray[np.uint8], offsets: NDArray[np.int64], reach: "Reach", touched: NDArray[np.bool_]) -> None:
    """Flag each text data[offsets[i]:offsets[i + 1]] that may speak of one of the names."""
    longest = 0
    for text in range(len(touched)):
        longest = max(longest, offsets[text + 1] - offsets[text])
    forms, classes, latin = np.zeros(longest + 1, np.int32), np.zeros(longest + 1, np.int32), np.zeros(longest + 1, np.int32)
    numbers, signs = np.zeros(_MOST_NUMBERS, np.int64), np.zeros(_MOST_NUMBERS, np.int32)
    kinds = len(reach.need)
    counts, seen = np.zeros(kinds, np.int32), np.full(kinds, -1, np.int32)
    hits = np.zeros(kinds, np.int32)
    for text in range(len(touched)):
        for skip_notes in range(2):
            count, found, uncertain, open_end, brackets = _read(
                data, offsets[text], offsets[text + 1], reach.standard, reach.class_of, skip_notes == 1, forms, classes, numbers, signs, latin
            )
            if count < 0:
                touched[text] = touched[text] or _spells_a_name(reach, latin, -count - 1)
                if brackets:
                    continue
                break
            _mask(forms, classes, count, reach.masked, reach.masked_suffix)
            hitting = _names_in(reach, forms, classes, count, 2 * text + skip_notes, counts, seen, hits)
            if hitting:
                begun = numbers[found - 1] if open_end else np.int64(-1)
                found = -1 if uncertain or found == 0 else _add_implied(numbers, signs, found)
            for hit in range(hitting):
                if found < 0 or reach.alone[hits[hit]] or _speaks_of(reach, hits[hit], numbers, found, begun, signs[0]):
                    touched[text] = True
                    break
            if touched[text] or not brackets:
                break


@entry
def number_keys(numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    """Keys of rows (name, first number or NO_NUMBER, last number, perhaps with BEGUN or UNIT_LEFT_OUT)."""
    keys = np.empty(len(numbers), np.int64)
    for at in range(len(numbers)):
        keys[at] = _number_key(numbers[at, 0], numbers[at, 1], numbers[at, 2])
    return keys


@entry
def slots(data: NDArray[np.uint8], standard: NDArray[np.uint16], class_of: NDArray[np.uint16], forms: Ints, classes: Ints) -> int:
    """Read one name as texts are read; returns how many slots it has, none if it is written in Latin letters."""
    numbers, signs, latin = np.zeros(_MOST_NUMBERS, np.int64), np.zeros(_MOST_NUMBERS, np.int32), np.zeros(len(data) + 1, np.int32)
    return max(0, _read(data, 0, len(data), standard, class_of, False, forms, classes, numbers, signs, latin)[0])


@entry
def hash_of(forms: Ints) -> int:
    """The hash by which a division's name is known."""
    return _hash(forms, 0, len(forms))
