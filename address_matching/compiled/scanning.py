"""From normalised characters to tokens: the compiled counterpart of scan.py."""

from address_matching.compiled.hashing import find
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    CLASSES,
    ENDING_AT,
    ENDINGS,
    MOST_TOKENS,
    TOKEN_END,
    TOKEN_KIND,
    TOKEN_NUMBER,
    TOKEN_START,
    TOKEN_VALUE_END,
    TOKEN_VALUE_START,
    TOKEN_WORD,
    TRIE,
    WORD_AT,
    WORD_FLAGS,
    WORD_KIND,
    WORD_LEVEL,
    WRITTEN,
    Memory,
)
from address_matching.compiled.lexicon import IS_MARK, IS_SEPARATOR, IS_SINGLE, IS_START, ROAD_SUFFIX, STEM, YIELDS
from address_matching.compiled.numbering import NO_NUMBER, UNUSUAL_NUMBER, read_number
from address_matching.model import COMMUNITY, ROAD, TOWN
from address_matching.tokens import GAP, MARK, NAME, NUMBER

_ZHEN, _XIANG, _JIE, _DAO = (ord(character) for character in "镇乡街道")


@compiled
def longest_word(memory: Memory, start: int, length: int, limit: int) -> int:
    """Return the state of the longest word at memory.text[start:], no longer than `limit`; 0 if none."""
    state = 0
    best = 0
    at = start
    while at < length and at - start < limit:
        state = find(memory, TRIE, state << 16 | memory.text[at])
        if state < 0:
            break
        at += 1
        if memory.ints[memory.at[WORD_AT] + state] >= 0:
            best = (at - start) << 24 | memory.ints[memory.at[WORD_AT] + state] + 1
    return best


@compiled
def begins_word(memory: Memory, start: int, length: int) -> bool:
    """Whether some word of the vocabulary begins with the two characters at memory.text[start:]."""
    if start + 2 > length:
        return False
    state = find(memory, TRIE, memory.text[start])
    return state >= 0 and find(memory, TRIE, state << 16 | memory.text[start + 1]) >= 0


@compiled
def ends_with(memory: Memory, start: int, end: int) -> int:
    """Return the kinds of generic part (bits) that memory.text[start:end] ends with."""
    state = 0
    kinds = 0
    at = end - 1
    while at >= start:
        state = find(memory, ENDINGS, state << 16 | memory.text[at])
        if state < 0:
            break
        kinds |= memory.ints[memory.at[ENDING_AT] + state]
        at -= 1
    return kinds


@compiled
def _road_suffix_follows(memory: Memory, at: int, length: int) -> bool:
    """Whether a road's generic part stands at memory.text[at:], and it is not 街道."""
    if at >= length or (memory.text[at] == _JIE and at + 1 < length and memory.text[at + 1] == _DAO):
        return False
    for end in range(at + 1, min(at + 3, length + 1)):
        state = 0
        for position in range(end - 1, at - 1, -1):
            state = find(memory, ENDINGS, state << 16 | memory.text[position])
            if state < 0:
                break
        if state > 0 and memory.ints[memory.at[ENDING_AT] + state] & ROAD_SUFFIX:
            return True
    return False


@compiled
def _word_here(memory: Memory, at: int, length: int) -> int:
    """Return length << 24 | word + 1 of the longest word here that does not give way to a road's generic part; 0 if none."""
    limit = length
    while True:
        found = longest_word(memory, at, length, limit)
        if found == 0:
            return 0
        word, size = (found & 0xFFFFFF) - 1, found >> 24
        if not memory.ints[memory.at[WORD_FLAGS] + word] & YIELDS or not _road_suffix_follows(memory, at + size, length):
            break
        limit = size - 1
    last = memory.text[at + size - 1]
    if memory.ints[memory.at[WORD_LEVEL] + word] == TOWN and (last in (_ZHEN, _XIANG)):
        return _shorter_town(memory, at, size, length, found)
    return found


@compiled
def _shorter_town(memory: Memory, at: int, size: int, length: int, found: int) -> int:
    """桐浦镇前街 is 桐浦 and 镇前街 where the library has that road or village and nothing begins with 前街."""
    stop = at + size
    if longest_word(memory, stop, length, length):
        return found
    following = longest_word(memory, stop - 1, length, length)
    while following:
        level = memory.ints[memory.at[WORD_LEVEL] + (following & 0xFFFFFF) - 1]
        if level in (ROAD, COMMUNITY):
            state = longest_word(memory, at, length, size - 1)
            return state if state >> 24 == size - 1 else found
        following = longest_word(memory, stop - 1, length, (following >> 24) - 1)
    return found


@compiled
def _is_overtaken(memory: Memory, at: int, found: int, length: int) -> bool:
    """Whether a short name is but the end of an unknown town and the beginning of a whole name: 镇南 in 槽村镇南堡村."""
    ends_town = memory.text[at] in (_ZHEN, _XIANG)
    if not (ends_town and memory.ints[memory.at[WORD_FLAGS] + (found & 0xFFFFFF) - 1] & STEM):
        return False
    following = longest_word(memory, at + 1, length, length)
    while following:
        word = (following & 0xFFFFFF) - 1
        if memory.ints[memory.at[WORD_KIND] + word] == NAME and not memory.ints[memory.at[WORD_FLAGS] + word] & STEM:
            return 1 + (following >> 24) > found >> 24
        following = longest_word(memory, at + 1, length, (following >> 24) - 1)
    return False


@compiled
def _stands_alone(memory: Memory, at: int, length: int) -> bool:
    if at + 1 >= length:
        return True
    following = memory.small[memory.at[CLASSES] + memory.text[at + 1]]
    return bool(following & (IS_START | IS_MARK | IS_SEPARATOR)) or begins_word(memory, at + 1, length)


@compiled
def scan(memory: Memory, length: int) -> int:
    """Cut memory.text[:length] into tokens; returns how many, -1 where it takes the careful reader."""
    memory.work[WRITTEN] = length
    count = 0
    at = 0
    gap = 0
    while at < length:
        kind, stop, word = GAP, at, -1
        number, value_start, value_end = -1, 0, 0
        found = _word_here(memory, at, length)
        if found and gap < at and _is_overtaken(memory, at, found, length):
            found = 0
        character = memory.small[memory.at[CLASSES] + memory.text[at]]
        if found:
            word, stop = (found & 0xFFFFFF) - 1, at + (found >> 24)
            kind = memory.ints[memory.at[WORD_KIND] + word]
        else:
            if character & IS_START:
                number, stop, value_start, value_end = read_number(memory, at, length)
                if number == UNUSUAL_NUMBER:
                    return -1
                if number != NO_NUMBER:
                    kind = NUMBER
            if kind == GAP:
                if character & IS_SEPARATOR:
                    return -1
                if character & IS_MARK:
                    kind, stop = MARK, at + 1
                elif character & IS_SINGLE and gap == at and _stands_alone(memory, at, length):
                    return -1
        if kind == GAP:
            at += 1
            continue
        if count + 2 >= MOST_TOKENS:
            return -1
        if gap < at:
            memory.work[TOKEN_KIND + count] = GAP
            memory.work[TOKEN_START + count] = gap
            memory.work[TOKEN_END + count] = at
            count += 1
        memory.work[TOKEN_KIND + count] = kind
        memory.work[TOKEN_START + count] = at
        memory.work[TOKEN_END + count] = stop
        memory.work[TOKEN_WORD + count] = word
        memory.work[TOKEN_NUMBER + count] = number
        memory.work[TOKEN_VALUE_START + count] = value_start
        memory.work[TOKEN_VALUE_END + count] = value_end
        count += 1
        at = gap = stop
    if gap < length:
        memory.work[TOKEN_KIND + count] = GAP
        memory.work[TOKEN_START + count] = gap
        memory.work[TOKEN_END + count] = length
        count += 1
    return count
