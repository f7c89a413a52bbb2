"""Misspelt names in compiled code: the counterpart of fuzzy.py over hash tables of sounds and of names short of a character."""

import numpy as np

from address_matching.compiled.codes import (
    CHANGED,
    DIRECTION_MISSING,
    DROPPED,
    EXTRA,
    HOMOPHONE,
    NO_FAULT,
    SIMILAR_SHAPE,
    STEM_ONLY,
    SUFFIX,
    SWAPPED,
    TRUNCATED,
)
from address_matching.compiled.differences import difference
from address_matching.compiled.hashing import SEED, find, hash_of, mix
from address_matching.compiled.kernel import compiled, entry
from address_matching.compiled.layout import (
    BY_DELETION,
    BY_SOUND,
    BY_STEM,
    FOUND_FAULT,
    FOUND_WORD,
    LOCAL,
    MEANING_NODE,
    MEANING_START,
    MOST_FOUND,
    MOST_NODES,
    NODE_START,
    PLACE_COUNT,
    PLACE_NODE,
    SOUNDS_KEY,
    SOUNDS_WORD,
    STEM_SIZE,
    TOWN_OF,
    WHOLE,
    WORD_KINDS,
    WORD_START,
    WORD_TEXT,
    Keys,
    Memory,
)
from address_matching.compiled.place import TOWNS
from address_matching.fuzzy import KINDS, LONGEST_NAME

_ORDER = (NO_FAULT, SUFFIX, STEM_ONLY, HOMOPHONE, SIMILAR_SHAPE, SWAPPED, EXTRA, DROPPED, TRUNCATED, DIRECTION_MISSING, CHANGED)
_RANK = np.zeros(64, np.int64)
for _rank, _fault in enumerate(_ORDER):
    _RANK[_fault] = _rank
_RANK[DROPPED] = _RANK[EXTRA]  # 水心汽工业区 may be 水心汽配工业区 as well as 水心工业区
_LAST_RANK = 99
_ROAD_ENDS = np.array([ord(character) for character in "路街道巷"], np.uint16)
_DA, _DAO, _JIE, _LU, _XIANG, _NONG = (ord(character) for character in "大道街路巷弄")
_UNREADABLE = ord("?")
_FUZZY_KINDS = sum(1 << kind for kind in KINDS)


@compiled
def _road_suffix_size(memory: Memory, start: int, end: int) -> int:
    last = memory.text[end - 1]
    if end - start > 2 and memory.text[end - 2] == _DA and (last in (_DAO, _JIE)):
        return 2
    return 1 if end - start > 1 and (last in (_LU, _JIE, _XIANG, _NONG)) else 0


@compiled
def _sound_hash(memory: Memory, start: int, end: int) -> int:
    hashed = SEED
    for at in range(start, end):
        hashed = mix(hashed, (memory.small[memory.at[LOCAL] + memory.text[at]]))
    return hashed


@compiled
def _deletion_hash(memory: Memory, start: int, end: int, left_out: int) -> int:
    hashed = SEED
    for at in range(start, end):
        if at != left_out:
            hashed = mix(hashed, memory.text[at])
    return hashed


@compiled
def _has_key(memory: Memory, group: int, at: int, key: int) -> bool:
    table = SOUNDS_KEY + group - BY_SOUND
    return 0 <= at < memory.size[table] and memory.keys[memory.at[table] + at] == key


@compiled
def _word_of(memory: Memory, group: int, at: int) -> int:
    return memory.ints[memory.at[SOUNDS_WORD + group - BY_SOUND] + at]


@compiled
def _add(memory: Memory, count: int, word: int, fault: int) -> int:
    for at in range(count):
        if memory.work[FOUND_WORD + at] == word and memory.work[FOUND_FAULT + at] == fault:
            return count
    if count < MOST_FOUND:
        memory.work[FOUND_WORD + count] = word
        memory.work[FOUND_FAULT + count] = fault
        return count + 1
    return count


@compiled
def _add_if_near(memory: Memory, start: int, end: int, word: int, count: int) -> int:
    name = memory.at[WORD_TEXT]
    first, last = memory.ints[memory.at[WORD_START] + word], memory.ints[memory.at[WORD_START] + word + 1]
    fault = difference(memory, start, end, name + first, name + last, memory.ints[memory.at[STEM_SIZE] + word])
    return _add(memory, count, word, fault) if fault != NO_FAULT else count


@compiled
def _add_near(memory: Memory, start: int, end: int, group: int, key: int, count: int) -> int:
    at = find(memory, group, key)
    while _has_key(memory, group, at, key):
        count = _add_if_near(memory, start, end, _word_of(memory, group, at), count)
        at += 1
    return count


@compiled
def _add_of_stem(memory: Memory, start: int, end: int, count: int) -> int:
    """Roads that differ in nothing but their generic part, or by having one."""
    suffix = _road_suffix_size(memory, start, end)
    key = hash_of(memory.text, start, end - suffix)
    own = find(memory, WHOLE, hash_of(memory.text, start, end)) if suffix else -1
    at = find(memory, BY_STEM, key)
    while _has_key(memory, BY_STEM, at, key):
        word = _word_of(memory, BY_STEM, at)
        if word != own:
            count = _add(memory, count, word, SUFFIX if suffix else STEM_ONLY)
        at += 1
    return count


@compiled
def _nearest(memory: Memory, start: int, end: int) -> int:
    """Collect the names near text[start:end] with the fault that parts them; returns how many."""
    count = _add_of_stem(memory, start, end, 0)
    if end - start < 3:
        return count
    count = _add_near(memory, start, end, BY_SOUND, _sound_hash(memory, start, end), count)
    count = _add_near(memory, start, end, BY_DELETION, hash_of(memory.text, start, end), count)
    for left_out in range(start, end):
        shorter = _deletion_hash(memory, start, end, left_out)
        count = _add_near(memory, start, end, BY_DELETION, shorter, count)
        word = find(memory, WHOLE, shorter)
        if word >= 0:
            count = _add_if_near(memory, start, end, word, count)
    return count


@compiled
def _means_in_towns(memory: Memory, word: int) -> bool:
    """Whether a word can mean something in the towns of the place."""
    for meaning in range(memory.ints[memory.at[MEANING_START] + word], memory.ints[memory.at[MEANING_START] + word + 1]):
        for at in range(memory.ints[memory.at[NODE_START] + meaning], memory.ints[memory.at[NODE_START] + meaning + 1]):
            town = memory.ints[memory.at[TOWN_OF] + memory.ints[memory.at[MEANING_NODE] + at]]
            for own in range(memory.work[PLACE_COUNT + TOWNS]):
                if memory.work[PLACE_NODE + TOWNS * MOST_NODES + own] == town:
                    return True
    return False


@compiled
def _keep_best(memory: Memory, count: int) -> int:
    """Keep the names of the slightest fault, those of the towns before others; returns how many."""
    towns = memory.work[PLACE_COUNT + TOWNS] > 0
    best, best_inside = _LAST_RANK, _LAST_RANK
    for at in range(count):
        rank = _RANK[memory.work[FOUND_FAULT + at]]
        best = min(best, rank)
        if towns and rank < best_inside and _means_in_towns(memory, memory.work[FOUND_WORD + at]):
            best_inside = rank
    inside = best_inside < _LAST_RANK
    wanted = best_inside if inside else best
    kept, is_short = 0, False
    for at in range(count):
        word, fault = memory.work[FOUND_WORD + at], memory.work[FOUND_FAULT + at]
        if _RANK[fault] == wanted and (not inside or _means_in_towns(memory, word)):
            memory.work[FOUND_WORD + kept] = word
            memory.work[FOUND_FAULT + kept] = fault
            is_short = is_short or fault == DROPPED
            kept += 1
    for at in range(kept):
        memory.work[FOUND_FAULT + at] = DROPPED if is_short else memory.work[FOUND_FAULT + at]
    return kept


@compiled
def recognise(memory: Memory, gap_start: int, gap_end: int) -> tuple[int, int, int]:
    """Find the longest misspelt name that ends the gap or at a road's generic part: start, end, how many names; none: 0 names."""
    end = gap_end
    while end > gap_start + 1:
        if end == gap_end or _is_road_end(memory.text[end - 1]):
            for start in range(max(gap_start, end - LONGEST_NAME), end - 1):
                count = _nearest(memory, start, end)
                if count:
                    count = _keep_best(memory, count)
                    return start, end, count if _kinds_found(memory, count) else 0
        end -= 1
    return gap_start, gap_start, 0


@entry
def recognise_text(memory: Memory, length: int, towns: Keys, found: Keys) -> int:
    """`recognise` in the text of the memory: returns how many names; `found` gets start, end, fault and the words."""
    memory.work[PLACE_COUNT + TOWNS] = len(towns)
    for at in range(len(towns)):
        memory.work[PLACE_NODE + TOWNS * MOST_NODES + at] = towns[at]
    start, end, names = recognise(memory, 0, length)
    found[0] = start
    found[1] = end
    found[2] = memory.work[FOUND_FAULT]
    for at in range(names):
        found[3 + at] = memory.work[FOUND_WORD + at]
    return names


@entry
def repair_text(memory: Memory, length: int) -> int:
    """`repair` for Python."""
    return repair(memory, length)


@compiled
def repair(memory: Memory, length: int) -> int:
    """Replace each ? of the text in the memory by the one character that the longest fitting names have there.

    Returns how many were replaced, -1 where a ? is left that several characters or none would fit.
    """
    replaced = 0
    is_left = False
    for at in range(length):
        if memory.text[at] == _UNREADABLE:
            if _characters_missing(memory, length, at) == 1:
                memory.text[at] = memory.work[FOUND_WORD]
                replaced += 1
            else:
                is_left = True
    return -1 if is_left else replaced


@compiled
def _characters_missing(memory: Memory, length: int, at: int) -> int:
    """How many characters the longest names that fit the text around position `at` have there; they are noted as found."""
    for size in range(min(LONGEST_NAME, length), 2, -1):
        count = 0
        for start in range(max(0, at - size + 1), min(at, length - size) + 1):
            key = _deletion_hash(memory, start, start + size, at)
            entry_at = find(memory, BY_DELETION, key)
            while _has_key(memory, BY_DELETION, entry_at, key) and count < MOST_FOUND:
                character = _fitting(memory, start, size, at, _word_of(memory, BY_DELETION, entry_at))
                if character and not _holds(memory, count, character):
                    memory.work[FOUND_WORD + count] = character
                    count += 1
                entry_at += 1
        if count:
            return count
    return 0


@compiled
def _fitting(memory: Memory, start: int, size: int, at: int, word: int) -> int:
    """The character at position `at` if a word reads as text[start:start + size] everywhere else, 0 if not."""
    first = memory.ints[memory.at[WORD_START] + word]
    if memory.ints[memory.at[WORD_START] + word + 1] - first != size:
        return 0
    for position in range(size):
        if start + position != at and memory.small[memory.at[WORD_TEXT] + first + position] != memory.text[start + position]:
            return 0
    return memory.small[memory.at[WORD_TEXT] + first + at - start]


@compiled
def _holds(memory: Memory, count: int, character: int) -> bool:
    for at in range(count):
        if memory.work[FOUND_WORD + at] == character:
            return True
    return False


@compiled
def _is_road_end(character: int) -> bool:
    for other in _ROAD_ENDS:
        if other == character:
            return True
    return False


@compiled
def _kinds_found(memory: Memory, count: int) -> int:
    """Levels (bits) the names found may mean; the nearest word may be no name at all."""
    kinds = 0
    for at in range(count):
        kinds |= can_be(memory, memory.work[FOUND_WORD + at])
    return kinds


@compiled
def can_be(memory: Memory, word: int) -> int:
    """Return the levels (bits) a misspelt word may mean."""
    return memory.ints[memory.at[WORD_KINDS] + word] & _FUZZY_KINDS
