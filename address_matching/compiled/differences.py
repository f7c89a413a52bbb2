"""The one fault that parts a text from a name, in compiled code: the counterpart of fuzzy.difference."""

from address_matching.compiled.codes import (
    CHANGED,
    DIRECTION_MISSING,
    DROPPED,
    EXTRA,
    HOMOPHONE,
    NO_FAULT,
    SIMILAR_SHAPE,
    STEM_ONLY,
    SWAPPED,
    TRUNCATED,
)
from address_matching.compiled.hashing import find
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import SIMILAR, SOUND, TRAITS, Memory

IS_MAIN_DIRECTION, IS_NUMERAL, IS_PROTECTED, IS_ROAD_END = (1 << bit for bit in range(4))
"""Traits of characters."""


@compiled
def difference(memory: Memory, start: int, end: int, first: int, last: int, stem_size: int) -> int:
    """Return the one fault by which text[start:end] differs from the name small[first:last], NO_FAULT where they are different names."""
    size, name = end - start, last - first
    if size == name:
        return _replaced(memory, start, end, first, stem_size)
    at = 0
    if name == size + 1 and name > 3:
        while at < size and memory.text[start + at] == memory.small[first + at]:
            at += 1
        for rest in range(at, size):
            if memory.text[start + rest] != memory.small[first + rest + 1]:
                return NO_FAULT
        missing = memory.small[memory.at[TRAITS] + memory.small[first + at]]
        if missing & IS_MAIN_DIRECTION:
            return DIRECTION_MISSING
        if missing & IS_NUMERAL:
            return NO_FAULT
        if at == size:
            return STEM_ONLY if missing & IS_ROAD_END else TRUNCATED
        return DROPPED
    if size == name + 1 and name > 2:
        while at < name and memory.text[start + at] == memory.small[first + at]:
            at += 1
        for rest in range(at, name):
            if memory.text[start + rest + 1] != memory.small[first + rest]:
                return NO_FAULT
        repeats = at > 0 and memory.text[start + at - 1] == memory.text[start + at]
        inside = at > 0 and name > 4 and not memory.small[memory.at[TRAITS] + memory.text[start + at]] & IS_PROTECTED
        return EXTRA if repeats or inside else NO_FAULT
    return NO_FAULT


@compiled
def _replaced(memory: Memory, start: int, end: int, first: int, stem_size: int) -> int:
    wrong, at_wrong, second = 0, 0, 0
    same_sound, same_shape, protected, any_protected = True, True, False, False
    for at in range(end - start):
        one, two = memory.text[start + at], memory.small[first + at]
        if one == two:
            continue
        wrong += 1
        if wrong == 1:
            at_wrong = at
        elif wrong == 2:
            second = at
        first_protected = memory.small[memory.at[TRAITS] + one] & IS_PROTECTED
        second_protected = memory.small[memory.at[TRAITS] + two] & IS_PROTECTED
        protected = protected or bool(first_protected and second_protected)
        any_protected = any_protected or bool(first_protected or second_protected)
        if memory.small[memory.at[SOUND] + one] != memory.small[memory.at[SOUND] + two]:
            same_sound = False
            if find(memory, SIMILAR, one << 16 | two) < 0:
                same_shape = False
    if wrong == 0:
        return NO_FAULT
    if wrong == 2 and second == at_wrong + 1:
        a, b = start + at_wrong, first + at_wrong
        if memory.text[a] == memory.small[b + 1] and memory.text[a + 1] == memory.small[b]:
            return SWAPPED if end - start > 3 else NO_FAULT
    if protected:
        return NO_FAULT
    if same_sound:
        return HOMOPHONE
    if same_shape:
        return SIMILAR_SHAPE
    plain = wrong == 1 and not any_protected and memory.text[end - 1] == memory.small[first + end - start - 1]
    return CHANGED if plain and stem_size > 2 else NO_FAULT
