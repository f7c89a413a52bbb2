"""The spelling of `normalise`, in one pass over UTF-8, for the texts that need no more than a table and Chinese numerals."""

import unicodedata
from functools import cache

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import LONGEST, Characters, Memory
from address_matching.normalise import capitalise, compose, drop_invisible, unify_characters
from address_matching.numerals import DIGITS, TENS, UNITS

_DROPPED, _UNUSUAL, _SPACE = 0, 1, 32
_HYPHEN, _STAR = ord("-"), ord("*")
_ZERO, _NINE = ord("0"), ord("9")
_CONFUSED = np.array([ord(character) for character in "OoIlＯｏＩｌ"], np.uint16)
_BETWEEN_DIGITS = np.array([ord(character) for character in "一·./"], np.uint16)
_UNITS = np.array([ord(character) for character in "弄号幢栋座梯层楼室房户组队期间#"], np.uint16)
_UNIT_PAIRS = np.array([[ord(character) for character in pair] for pair in ("单元", "支弄", "小组", "村民")], np.uint16)
_HAO, _DAN, _ZHI, _FU, _DAO, _TO, _CUN, _XIAO = (ord(character) for character in "号单之附到至村小")
_BUILDINGS = np.array([ord(character) for character in "幢栋座楼"], np.uint16)
_AFTER_DIGITS = np.array([ord(character) for character in "室号幢栋层单户房"], np.uint16)
_LARGE_O, _SMALL_O = ord("O"), ord("o")
_DOOR = ord("门")
_TEN = 10


@cache
def folding_table() -> Characters:
    """Return for each character its standard form, 0 for none, 1 where more than this character decides."""
    table = np.full(0x10000, _UNUSUAL, np.uint16)
    usual = [
        range(0x20, 0x7F),
        range(0x2000, 0x2070),
        range(0x2460, 0x2474),
        range(0x3000, 0x3020),
        range(0x3400, 0xA000),
        range(0xFF00, 0xFFF0),
    ]
    for code in (0x9, 0xA0, 0xB7, 0x25A1, 0x25A0, *(code for codes in usual for code in codes)):
        invisible = not drop_invisible(chr(code))
        folded = capitalise(unify_characters(compose(chr(code))))
        if invisible:
            table[code] = _DROPPED
        elif len(folded) == 1 and not unicodedata.combining(folded) and 1 < ord(folded) < 0xFFFF:
            table[code] = _SPACE if folded.isspace() else ord(folded)
    return table


@cache
def numeral_table() -> NDArray[np.int32]:
    """Return for each character its value as a Chinese numeral: 0 to 9 a digit, 10 and more a unit, -20 and -30 its own tens, -1 none."""
    table = np.full(0x10000, -1, np.int32)
    for character, value in DIGITS.items():
        table[ord(character)] = value
    for character, value in UNITS.items():
        table[ord(character)] = value
    for character, value in TENS.items():
        table[ord(character)] = -value
    return table


@compiled
def _is_in(characters: Characters, character: int) -> bool:
    for other in characters:
        if other == character:
            return True
    return False


@compiled
def _is_digit(character: int) -> bool:
    return _ZERO <= character <= _NINE


@compiled
def decode(data: NDArray[np.uint8], start: int, end: int, out: Characters) -> int:
    """Decode UTF-8 into 16-bit characters; returns how many, -1 if there are too many or some lie beyond the basic plane."""
    count = 0
    at = start
    while at < end:
        if count == LONGEST:
            return -1
        byte = data[at]
        if byte < 0x80:
            out[count] = byte
            at += 1
        elif byte < 0xE0:
            out[count] = ((byte & 0x1F) << 6) | (data[at + 1] & 0x3F)
            at += 2
        elif byte < 0xF0:
            out[count] = ((byte & 0x0F) << 12) | ((data[at + 1] & 0x3F) << 6) | (data[at + 2] & 0x3F)
            at += 3
        else:
            return -1
        count += 1
    return count


@compiled
def fold(memory: Memory, raw: Characters, length: int, table: Characters, numerals: NDArray[np.int32]) -> int:
    """Write the standard spelling of raw[:length] to memory.text; returns its length, -1 where it takes the careful reader."""
    count = 0
    digits = 0
    numeral_start = -1
    at = 0
    while at < length:
        character = raw[at]
        folded = table[character]
        if _is_in(_CONFUSED, character) and _touches_digit(raw, length, at):
            folded = _digit_meant(raw, length, at, table, numerals)
            if folded < 0:
                return -1
        at += 1
        if folded == _DROPPED:
            continue
        if folded in (_UNUSUAL, _STAR):
            return -1
        if folded == _SPACE:
            if count and _is_digit(memory.text[count - 1]) and at < length and _is_digit(table[raw[at]]):
                return -1
            continue
        previous = memory.text[count - 1] if count else 0
        if _is_digit(folded):
            digits += 1
            if digits > 5 or (previous == _HYPHEN and count > 1 and memory.text[count - 2] in (_HAO, _HYPHEN)) or previous in (_TO, _DAO):
                return -1
        else:
            digits = 0
        if numeral_start >= 0 and numerals[folded] == -1:
            if _is_sub_plate(memory, numeral_start):
                count = -1 if _is_digit(folded) else _write_number(memory, numeral_start, count, numerals)
                if count < 0:
                    return -1
            elif _ends_numeral(raw, length, at, folded, table):
                if numeral_start > 0 and _is_in(_BETWEEN_DIGITS, memory.text[numeral_start - 1]):
                    return -1
                count = _write_number(memory, numeral_start, count, numerals)
                if count < 0:
                    return -1
            elif folded in (_TO, _DAO) or (folded == _DOOR and numeral_start > 0 and _is_in(_BUILDINGS, memory.text[numeral_start - 1])):
                return -1
            numeral_start = -1
        elif numeral_start < 0 and numerals[folded] != -1:
            numeral_start = count
        if _is_in(_BETWEEN_DIGITS, folded) and _is_digit(previous) and at < length and _is_digit(table[raw[at]]):
            folded = _HYPHEN
            numeral_start = -1
        memory.text[count] = folded
        count += 1
    if numeral_start >= 0 and _is_sub_plate(memory, numeral_start):
        count = _write_number(memory, numeral_start, count, numerals)
    return count


@compiled
def _is_sub_plate(memory: Memory, at: int) -> bool:
    """Whether 号之 or 号附 stands before a position: what follows is a number (20号之三)."""
    return at > 1 and memory.text[at - 2] == _HAO and memory.text[at - 1] in (_ZHI, _FU)


@compiled
def _digit_meant(raw: Characters, length: int, at: int, table: Characters, numerals: NDArray[np.int32]) -> int:
    """The digit meant by a letter among digits (2O2室), the letter where none is meant, -1 where it takes the careful reader."""
    start, end = at, at + 1
    while start > 0 and (_is_digit(raw[start - 1]) or _is_in(_CONFUSED, raw[start - 1])):
        start -= 1
    while end < length and (_is_digit(raw[end]) or _is_in(_CONFUSED, raw[end])):
        end += 1
    for position in range(max(0, start - 1), min(length, end + 1)):
        if raw[position] > 0xFF00 or (table[raw[position]] in (_DROPPED, _UNUSUAL, _SPACE) or numerals[table[raw[position]]] != -1):
            return -1
    if (start > 0 and _is_letter(raw[start - 1])) or (end < length and (_is_letter(raw[end]) or not _is_in(_AFTER_DIGITS, raw[end]))):
        return table[raw[at]]
    return _ZERO if raw[at] in (_LARGE_O, _SMALL_O) else _ZERO + 1


@compiled
def _is_letter(character: int) -> bool:
    return 65 <= character <= 90 or 97 <= character <= 122


@compiled
def _touches_digit(raw: Characters, length: int, at: int) -> bool:
    before = at > 0 and (_is_digit(raw[at - 1]) or 0xFF10 <= raw[at - 1] <= 0xFF19 or _is_in(_CONFUSED, raw[at - 1]))
    after = at + 1 < length and (_is_digit(raw[at + 1]) or 0xFF10 <= raw[at + 1] <= 0xFF19 or _is_in(_CONFUSED, raw[at + 1]))
    return before or after


@compiled
def _ends_numeral(raw: Characters, length: int, following: int, folded: int, table: Characters) -> bool:
    """Whether a character ends a numeral because it counts something; `following` is the position of the next one."""
    if _is_in(_UNITS, folded):
        return True
    if following >= length:
        return False
    second = table[raw[following]]
    for pair in range(len(_UNIT_PAIRS)):
        if _UNIT_PAIRS[pair, 0] == folded and _UNIT_PAIRS[pair, 1] == second:
            return folded != _CUN or (following + 1 < length and table[raw[following + 1]] == _XIAO)
    return False


@compiled
def _write_number(memory: Memory, start: int, end: int, numerals: NDArray[np.int32]) -> int:
    """Replace the numeral memory.text[start:end] by digits, in either reading (一百二十八, 一二八); returns the new end, -1 for absurd ones."""
    by_position = False
    for at in range(start, end):
        by_position = by_position or numerals[memory.text[at]] >= _TEN or numerals[memory.text[at]] < -1
    if not by_position:
        if end - start > 5:
            return -1
        for at in range(start, end):
            memory.text[at] = _ZERO + numerals[memory.text[at]]
        return end
    total = 0
    digit = 0
    pending = False
    for at in range(start, end):
        value = numerals[memory.text[at]]
        if value < -1:
            total -= value
            pending = False
        elif value >= _TEN:
            total += (digit if pending else 1) * value
            pending = False
        else:
            digit = value
            pending = True
    if pending:
        total += digit
    if total > 99999:
        return -1
    return _write_digits(memory, start, total)


@compiled
def _write_digits(memory: Memory, start: int, number: int) -> int:
    length = 1
    rest = number // 10
    while rest:
        length += 1
        rest //= 10
    for at in range(start + length - 1, start - 1, -1):
        memory.text[at] = _ZERO + number % 10
        number //= 10
    return start + length
