"""The ways to read a place's numbers as lane, house, building, unit, floor and room: the compiled counterpart of place.readings."""

from address_matching.compiled.codes import BARE, DASH
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    MOST_NUMBERS,
    MOST_READINGS,
    PLACE_NUMBER_END,
    PLACE_NUMBER_KIND,
    PLACE_NUMBER_START,
    PLACE_STATE,
    READING,
    READING_END,
    READING_SPARE_END,
    READING_SPARE_START,
    READING_START,
    WRITTEN,
    Memory,
)
from address_matching.compiled.numbering import is_digit, is_letter
from address_matching.compiled.place import AFTER, BEFORE
from address_matching.compiled.tree import label_of
from address_matching.model import BUILDING, FLOOR, HOUSE, LANE, ROOM, UNIT

GUESS, CONTRADICTED = 0, 1
"""Entries of a reading before those of the levels: it is a guess; its floor contradicts its room."""
_NONG, _HYPHEN, _SHOP, _B = (ord(character) for character in "弄-店B")


@compiled
def has(memory: Memory, reading: int, level: int) -> bool:
    return bool(memory.work[READING_END + reading * READING + level] > 0)


@compiled
def label_in(memory: Memory, reading: int, level: int) -> int:
    """Return the label of what a reading says at a level, -1 if the library has none."""
    at = reading * READING + level
    return label_of(memory, memory.work[READING_START + at], memory.work[READING_END + at], level)


@compiled
def read_numbers(memory: Memory) -> int:
    """Fill the readings, the likeliest first; returns how many, -1 where it takes the careful reader."""
    for level in range(READING):
        memory.work[READING_START + level] = 0
        memory.work[READING_END + level] = 0
    count = 1
    for after in range(2):
        for at in range(memory.work[PLACE_STATE + BEFORE + after]):
            made = 0
            for reading in range(count):
                made = _add_options(
                    memory,
                    memory.work[PLACE_NUMBER_KIND + after * MOST_NUMBERS + at],
                    memory.work[PLACE_NUMBER_START + after * MOST_NUMBERS + at],
                    memory.work[PLACE_NUMBER_END + after * MOST_NUMBERS + at],
                    after == 0,
                    reading,
                    made,
                )
                if made < 0 or made > 3 * MOST_READINGS:
                    return -1
            for entry in range(made * READING):
                memory.work[READING_START + entry] = memory.work[READING_SPARE_START + entry]
                memory.work[READING_END + entry] = memory.work[READING_SPARE_END + entry]
            count = made
    count = min(count, MOST_READINGS)
    for reading in range(count):
        if not _join_floor(memory, reading):
            return -1
    return count


@compiled
def _copy(memory: Memory, reading: int, made: int) -> None:
    for level in range(READING):
        memory.work[READING_SPARE_START + made * READING + level] = memory.work[READING_START + reading * READING + level]
        memory.work[READING_SPARE_END + made * READING + level] = memory.work[READING_END + reading * READING + level]


@compiled
def _with(memory: Memory, reading: int, made: int, level: int, start: int, end: int) -> int:
    """Add a reading with one more value; returns the new number of readings."""
    _copy(memory, reading, made)
    _set(memory, made, level, start, end)
    return made + 1


@compiled
def _set(memory: Memory, made: int, level: int, start: int, end: int) -> None:
    memory.work[READING_SPARE_START + made * READING + level] = start
    memory.work[READING_SPARE_END + made * READING + level] = end


@compiled
def _add_options(memory: Memory, kind: int, start: int, end: int, plate: bool, reading: int, made: int) -> int:
    if kind == HOUSE:
        return _house(memory, start, end, plate, reading, made)
    if kind == DASH:
        return _dash(memory, start, end, plate, reading, made)
    if kind == BARE:
        return _bare(memory, start, end, plate, reading, made)
    if kind == ROOM and _dash_in(memory, start, end) < end and memory.text[start] != _SHOP:
        made = _dash(memory, start, end, False, reading, made)
    return _with(memory, reading, made, kind, start, end)


@compiled
def _dash_in(memory: Memory, start: int, end: int) -> int:
    """Position of the first dash in memory.text[start:end], `end` for none."""
    at = start
    while at < end and memory.text[at] != _HYPHEN:
        at += 1
    return at


@compiled
def _write_lane(memory: Memory, start: int, end: int) -> tuple[int, int]:
    """Write 210弄 for 210 behind the text."""
    first = memory.work[WRITTEN]
    at = first
    for position in range(start, end):
        memory.text[at] = memory.text[position]
        at += 1
    memory.text[at] = _NONG
    memory.work[WRITTEN] = at + 1
    return first, at + 1


@compiled
def _as_lane(memory: Memory, start: int, dash: int, end: int, reading: int, made: int) -> int:
    lane, lane_end = _write_lane(memory, start, dash)
    made = _with(memory, reading, made, HOUSE, dash + 1, end)
    _set(memory, made - 1, LANE, lane, lane_end)
    memory.work[READING_SPARE_START + (made - 1) * READING + GUESS] = 1
    return made


@compiled
def _house(memory: Memory, start: int, end: int, plate: bool, reading: int, made: int) -> int:
    if has(memory, reading, ROOM):
        _copy(memory, reading, made)
        return made + 1
    if has(memory, reading, BUILDING) or has(memory, reading, UNIT) or has(memory, reading, FLOOR):
        return _with(memory, reading, made, ROOM, start, end)
    if plate and not has(memory, reading, HOUSE):
        made = _with(memory, reading, made, HOUSE, start, end)
        dash = _dash_in(memory, start, end)
        if dash < end and _dash_in(memory, dash + 1, end) == end and not has(memory, reading, LANE):
            made = _as_lane(memory, start, dash, end, reading, made)
        return made
    made = _with(memory, reading, made, BUILDING, start, end)
    return _with(memory, reading, made, ROOM, start, end)


@compiled
def _bare(memory: Memory, start: int, end: int, plate: bool, reading: int, made: int) -> int:
    building, unit, floor = has(memory, reading, BUILDING), has(memory, reading, UNIT), has(memory, reading, FLOOR)
    if plate and not has(memory, reading, HOUSE) and not building and not unit:
        return _with(memory, reading, made, HOUSE, start, end)
    if has(memory, reading, ROOM):
        _copy(memory, reading, made)
        return made + 1
    size = end - start
    letter = is_letter(memory.text[start]) and size > 2 and is_digit(memory.text[start + 1]) and not building
    if building or unit or floor:
        made = _with(memory, reading, made, ROOM, start, end)
        return _split_letter(memory, start, end, reading, made) if letter else made
    if memory.text[start] == _B and size == 2 and is_digit(memory.text[start + 1]):
        return -1
    if size < 3:
        made = _with(memory, reading, made, BUILDING, start, end)
        return _with(memory, reading, made, ROOM, start, end)
    made = _with(memory, reading, made, ROOM, start, end)
    if letter:
        made = _split_letter(memory, start, end, reading, made)
    return _with(memory, reading, made, BUILDING, start, end)


@compiled
def _split_letter(memory: Memory, start: int, end: int, reading: int, made: int) -> int:
    made = _with(memory, reading, made, BUILDING, start, start + 1)
    _set(memory, made - 1, ROOM, start + 1, end)
    return made


@compiled
def _two(memory: Memory, reading: int, made: int, one: int, start: int, dash: int, other: int, end: int) -> int:
    made = _with(memory, reading, made, one, start, dash)
    _set(memory, made - 1, other, dash + 1, end)
    return made


@compiled
def _dash(memory: Memory, start: int, end: int, plate: bool, reading: int, made: int) -> int:
    first = _dash_in(memory, start, end)
    second = _dash_in(memory, min(first + 1, end), end)
    third = _dash_in(memory, min(second + 1, end), end)
    if plate and not has(memory, reading, HOUSE) and not has(memory, reading, BUILDING):
        made = _with(memory, reading, made, HOUSE, start, end)
        if second == end:
            if not has(memory, reading, LANE):
                made = _as_lane(memory, start, first, end, reading, made)
            made = _two(memory, reading, made, HOUSE, start, first, ROOM, end)
            memory.work[READING_SPARE_START + (made - 1) * READING + GUESS] = 1
        elif third == end:
            made = _two(memory, reading, made, HOUSE, start, first, BUILDING, second)
            _set(memory, made - 1, ROOM, second + 1, end)
        else:
            return -1
        return made
    if has(memory, reading, UNIT):
        return _with(memory, reading, made, ROOM, start, end)
    if has(memory, reading, BUILDING):
        if first - start > 2:
            return -1
        made = _two(memory, reading, made, UNIT, start, first, ROOM, end)
        return _with(memory, reading, made, ROOM, start, end)
    if second == end:
        made = _two(memory, reading, made, BUILDING, start, first, ROOM, end)
        made = _two(memory, reading, made, UNIT, start, first, ROOM, end)
        made = _with(memory, reading, made, ROOM, start, end)
        return _two(memory, reading, made, BUILDING, start, first, UNIT, end) if end - first < 4 else made
    if second - first > 3:
        return -1
    made = _two(memory, reading, made, BUILDING, start, first, UNIT, second)
    _set(memory, made - 1, ROOM, second + 1, end)
    return _with(memory, reading, made, BUILDING, start, end)


@compiled
def _join_floor(memory: Memory, reading: int) -> bool:
    """12层03室 is room 1203; 12层1203室 says the floor twice; False for 11层1203室, which contradicts itself."""
    if not has(memory, reading, FLOOR) or not has(memory, reading, ROOM):
        return True
    first, last = memory.work[READING_START + reading * READING + FLOOR], memory.work[READING_END + reading * READING + FLOOR]
    start, end = memory.work[READING_START + reading * READING + ROOM], memory.work[READING_END + reading * READING + ROOM]
    digits = end
    while digits > start and is_letter(memory.text[digits - 1]):
        digits -= 1
    for at in range(first, last):
        if not is_digit(memory.text[at]):
            return False
    plain = digits > start
    for at in range(start, digits):
        plain = plain and is_digit(memory.text[at])
    memory.work[READING_END + reading * READING + FLOOR] = 0
    if not plain:
        return True
    if digits - start <= 2:
        _write_room(memory, first, last, start, digits, end, reading)
        return True
    for at in range(last - first):
        if memory.text[first + at] != memory.text[start + at]:
            return False
    return True


@compiled
def _write_room(memory: Memory, first: int, last: int, start: int, digits: int, end: int, reading: int) -> None:
    begin = memory.work[WRITTEN]
    at = begin
    for position in range(first, last):
        memory.text[at] = memory.text[position]
        at += 1
    if digits - start == 1:
        memory.text[at] = ord("0")
        at += 1
    for position in range(start, end):
        memory.text[at] = memory.text[position]
        at += 1
    memory.work[WRITTEN] = at
    memory.work[READING_START + reading * READING + ROOM] = begin
    memory.work[READING_END + reading * READING + ROOM] = at


__all__ = ["AFTER", "GUESS", "has", "read_numbers"]
