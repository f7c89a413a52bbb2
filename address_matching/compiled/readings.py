"""The ways to read a place's numbers as lane, house, building, unit, floor and room: the compiled counterpart of place.readings."""

from typing import NamedTuple

import numpy as np

from address_matching.compiled.codes import BARE, DASH
from address_matching.compiled.hashing import Characters, Keys
from address_matching.compiled.kernel import compiled
from address_matching.compiled.numbering import is_digit, is_letter
from address_matching.compiled.place import AFTER, BEFORE, Place
from address_matching.model import BUILDING, FLOOR, HOUSE, LANE, ROOM, UNIT

MOST_READINGS = 12
GUESS, CONTRADICTED = 0, 1
"""Entries of a reading before those of the levels: it is a guess; its floor contradicts its room."""
_NONG, _HYPHEN, _SHOP, _B = (ord(character) for character in "弄-店B")


class Readings(NamedTuple):
    """start, end of the value for each reading and level, (0, 0) where not named; `start` also holds GUESS and CONTRADICTED.

    written: how far the text buffer is filled; values that the text does not contain (12层03室 is 1203) are written behind it.
    """

    start: Keys
    end: Keys
    spare_start: Keys
    spare_end: Keys
    written: Keys


def empty_readings() -> Readings:
    shape = (4 * MOST_READINGS, ROOM + 1)
    return Readings(*(np.zeros(shape, np.int64) for _ in range(4)), np.zeros(1, np.int64))


@compiled
def has(readings: Readings, reading: int, level: int) -> bool:
    return bool(readings.end[reading, level] > 0)


@compiled
def read_numbers(text: Characters, length: int, place: Place, readings: Readings) -> int:
    """Fill the readings, the likeliest first; returns how many, -1 where it takes the careful reader."""
    readings.written[0] = length
    readings.start[0, :] = 0
    readings.end[0, :] = 0
    count = 1
    for after in range(2):
        for at in range(place.state[BEFORE + after]):
            made = 0
            for reading in range(count):
                made = _add_options(text, place.kind[after, at], place.start[after, at], place.end[after, at], after == 0, reading, made, readings)
                if made < 0 or made > 3 * MOST_READINGS:
                    return -1
            for reading in range(made):
                readings.start[reading, :] = readings.spare_start[reading]
                readings.end[reading, :] = readings.spare_end[reading]
            count = made
    count = min(count, MOST_READINGS)
    for reading in range(count):
        if not _join_floor(text, reading, readings):
            return -1
    return count


@compiled
def _copy(reading: int, made: int, readings: Readings) -> None:
    readings.spare_start[made, :] = readings.start[reading]
    readings.spare_end[made, :] = readings.end[reading]


@compiled
def _with(reading: int, made: int, level: int, start: int, end: int, readings: Readings) -> int:
    """Add a reading with one more value; returns the new number of readings."""
    _copy(reading, made, readings)
    _set(made, level, start, end, readings)
    return made + 1


@compiled
def _set(made: int, level: int, start: int, end: int, readings: Readings) -> None:
    readings.spare_start[made, level] = start
    readings.spare_end[made, level] = end


@compiled
def _add_options(text: Characters, kind: int, start: int, end: int, plate: bool, reading: int, made: int, readings: Readings) -> int:
    if kind == HOUSE:
        return _house(text, start, end, plate, reading, made, readings)
    if kind == DASH:
        return _dash(text, start, end, plate, reading, made, readings)
    if kind == BARE:
        return _bare(text, start, end, plate, reading, made, readings)
    if kind == ROOM and _dash_in(text, start, end) < end and text[start] != _SHOP:
        made = _dash(text, start, end, False, reading, made, readings)
    return _with(reading, made, kind, start, end, readings)


@compiled
def _dash_in(text: Characters, start: int, end: int) -> int:
    """Position of the first dash in text[start:end], `end` for none."""
    at = start
    while at < end and text[at] != _HYPHEN:
        at += 1
    return at


@compiled
def _write_lane(text: Characters, start: int, end: int, readings: Readings) -> tuple[int, int]:
    """Write 210弄 for 210 behind the text."""
    first = np.int64(readings.written[0])
    at = first
    for position in range(start, end):
        text[at] = text[position]
        at += 1
    text[at] = _NONG
    readings.written[0] = at + 1
    return first, at + 1


@compiled
def _as_lane(text: Characters, start: int, dash: int, end: int, reading: int, made: int, readings: Readings) -> int:
    lane, lane_end = _write_lane(text, start, dash, readings)
    made = _with(reading, made, HOUSE, dash + 1, end, readings)
    _set(made - 1, LANE, lane, lane_end, readings)
    readings.spare_start[made - 1, GUESS] = 1
    return made


@compiled
def _house(text: Characters, start: int, end: int, plate: bool, reading: int, made: int, readings: Readings) -> int:
    if has(readings, reading, ROOM):
        _copy(reading, made, readings)
        return made + 1
    if has(readings, reading, BUILDING) or has(readings, reading, UNIT) or has(readings, reading, FLOOR):
        return _with(reading, made, ROOM, start, end, readings)
    if plate and not has(readings, reading, HOUSE):
        made = _with(reading, made, HOUSE, start, end, readings)
        dash = _dash_in(text, start, end)
        if dash < end and _dash_in(text, dash + 1, end) == end and not has(readings, reading, LANE):
            made = _as_lane(text, start, dash, end, reading, made, readings)
        return made
    made = _with(reading, made, BUILDING, start, end, readings)
    return _with(reading, made, ROOM, start, end, readings)


@compiled
def _bare(text: Characters, start: int, end: int, plate: bool, reading: int, made: int, readings: Readings) -> int:
    building, unit, floor = has(readings, reading, BUILDING), has(readings, reading, UNIT), has(readings, reading, FLOOR)
    if plate and not has(readings, reading, HOUSE) and not building and not unit:
        return _with(reading, made, HOUSE, start, end, readings)
    if has(readings, reading, ROOM):
        _copy(reading, made, readings)
        return made + 1
    size = end - start
    letter = is_letter(text[start]) and size > 2 and is_digit(text[start + 1]) and not building
    if building or unit or floor:
        made = _with(reading, made, ROOM, start, end, readings)
        return _split_letter(start, end, reading, made, readings) if letter else made
    if text[start] == _B and size == 2 and is_digit(text[start + 1]):
        return -1
    if size < 3:
        made = _with(reading, made, BUILDING, start, end, readings)
        return _with(reading, made, ROOM, start, end, readings)
    made = _with(reading, made, ROOM, start, end, readings)
    if letter:
        made = _split_letter(start, end, reading, made, readings)
    return _with(reading, made, BUILDING, start, end, readings)


@compiled
def _split_letter(start: int, end: int, reading: int, made: int, readings: Readings) -> int:
    made = _with(reading, made, BUILDING, start, start + 1, readings)
    _set(made - 1, ROOM, start + 1, end, readings)
    return made


@compiled
def _two(reading: int, made: int, one: int, start: int, dash: int, other: int, end: int, readings: Readings) -> int:
    made = _with(reading, made, one, start, dash, readings)
    _set(made - 1, other, dash + 1, end, readings)
    return made


@compiled
def _dash(text: Characters, start: int, end: int, plate: bool, reading: int, made: int, readings: Readings) -> int:
    first = _dash_in(text, start, end)
    second = _dash_in(text, min(first + 1, end), end)
    third = _dash_in(text, min(second + 1, end), end)
    if plate and not has(readings, reading, HOUSE) and not has(readings, reading, BUILDING):
        made = _with(reading, made, HOUSE, start, end, readings)
        if second == end:
            if not has(readings, reading, LANE):
                made = _as_lane(text, start, first, end, reading, made, readings)
            made = _two(reading, made, HOUSE, start, first, ROOM, end, readings)
            readings.spare_start[made - 1, GUESS] = 1
        elif third == end:
            made = _two(reading, made, HOUSE, start, first, BUILDING, second, readings)
            _set(made - 1, ROOM, second + 1, end, readings)
        else:
            return -1
        return made
    if has(readings, reading, UNIT):
        return _with(reading, made, ROOM, start, end, readings)
    if has(readings, reading, BUILDING):
        made = _two(reading, made, UNIT, start, first, ROOM, end, readings)
        return _with(reading, made, ROOM, start, end, readings)
    if second == end:
        made = _two(reading, made, BUILDING, start, first, ROOM, end, readings)
        made = _two(reading, made, UNIT, start, first, ROOM, end, readings)
        made = _with(reading, made, ROOM, start, end, readings)
        return _two(reading, made, BUILDING, start, first, UNIT, end, readings)
    made = _two(reading, made, BUILDING, start, first, UNIT, second, readings)
    _set(made - 1, ROOM, second + 1, end, readings)
    return _with(reading, made, BUILDING, start, end, readings)


@compiled
def _join_floor(text: Characters, reading: int, readings: Readings) -> bool:
    """12层03室 is room 1203; 12层1203室 says the floor twice; False for 11层1203室, which contradicts itself."""
    if not has(readings, reading, FLOOR) or not has(readings, reading, ROOM):
        return True
    first, last = readings.start[reading, FLOOR], readings.end[reading, FLOOR]
    start, end = readings.start[reading, ROOM], readings.end[reading, ROOM]
    digits = end
    while digits > start and is_letter(text[digits - 1]):
        digits -= 1
    for at in range(first, last):
        if not is_digit(text[at]):
            return False
    plain = digits > start
    for at in range(start, digits):
        plain = plain and is_digit(text[at])
    readings.end[reading, FLOOR] = 0
    if not plain:
        return True
    if digits - start <= 2:
        _write_room(text, first, last, start, digits, end, reading, readings)
        return True
    for at in range(last - first):
        if text[first + at] != text[start + at]:
            return False
    return True


@compiled
def _write_room(text: Characters, first: int, last: int, start: int, digits: int, end: int, reading: int, readings: Readings) -> None:
    begin = np.int64(readings.written[0])
    at = begin
    for position in range(first, last):
        text[at] = text[position]
        at += 1
    if digits - start == 1:
        text[at] = ord("0")
        at += 1
    for position in range(start, end):
        text[at] = text[position]
        at += 1
    readings.written[0] = at
    readings.start[reading, ROOM] = begin
    readings.end[reading, ROOM] = at


__all__ = ["AFTER", "GUESS", "Readings", "has", "read_numbers"]
