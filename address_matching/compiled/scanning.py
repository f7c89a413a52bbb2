"""From normalised characters to tokens: the compiled counterpart of scan.py."""

from typing import NamedTuple

import numpy as np

from address_matching.compiled.hashing import Characters, Keys, find
from address_matching.compiled.kernel import compiled
from address_matching.compiled.lexicon import (
    IS_MARK,
    IS_SEPARATOR,
    IS_SINGLE,
    IS_START,
    ROAD_SUFFIX,
    YIELDS,
    Lexicon,
)
from address_matching.compiled.numbering import NO_NUMBER, UNUSUAL_NUMBER, read_number
from address_matching.model import COMMUNITY, ROAD, TOWN
from address_matching.tokens import GAP, MARK, NUMBER

MOST_TOKENS = 48
_ZHEN, _XIANG, _JIE, _DAO = (ord(character) for character in "镇乡街道")


class Tokens(NamedTuple):
    """Tokens of one text: kind, text[start:end], and word (of a name), or number kind and value (positions in the text)."""

    kind: Keys
    start: Keys
    end: Keys
    word: Keys
    number: Keys
    value_start: Keys
    value_end: Keys


def empty_tokens() -> Tokens:
    return Tokens(*(np.zeros(MOST_TOKENS, np.int64) for _ in range(7)))


@compiled
def longest_word(text: Characters, start: int, length: int, limit: int, lexicon: Lexicon) -> int:
    """Return the state of the longest word at text[start:], no longer than `limit`; 0 if none."""
    state = 0
    best = 0
    at = start
    while at < length and at - start < limit:
        state = find(lexicon.trie, np.int64(state) << 16 | np.int64(text[at]))
        if state < 0:
            break
        at += 1
        if lexicon.word_at[state] >= 0:
            best = (at - start) << 24 | np.int64(lexicon.word_at[state]) + 1
    return best


@compiled
def begins_word(text: Characters, start: int, length: int, lexicon: Lexicon) -> bool:
    """Whether some word of the vocabulary begins with the two characters at text[start:]."""
    if start + 2 > length:
        return False
    state = find(lexicon.trie, np.int64(text[start]))
    return state >= 0 and find(lexicon.trie, np.int64(state) << 16 | np.int64(text[start + 1])) >= 0


@compiled
def ends_with(text: Characters, start: int, end: int, lexicon: Lexicon) -> int:
    """Return the kinds of generic part (bits) that text[start:end] ends with."""
    state = 0
    kinds = 0
    at = end - 1
    while at >= start:
        state = find(lexicon.endings, np.int64(state) << 16 | np.int64(text[at]))
        if state < 0:
            break
        kinds |= np.int64(lexicon.ending_at[state])
        at -= 1
    return kinds


@compiled
def _road_suffix_follows(text: Characters, at: int, length: int, lexicon: Lexicon) -> bool:
    """Whether a road's generic part stands at text[at:], and it is not 街道."""
    if at >= length or (text[at] == _JIE and at + 1 < length and text[at + 1] == _DAO):
        return False
    for end in range(at + 1, min(at + 3, length + 1)):
        state = 0
        for position in range(end - 1, at - 1, -1):
            state = find(lexicon.endings, np.int64(state) << 16 | np.int64(text[position]))
            if state < 0:
                break
        if state > 0 and lexicon.ending_at[state] & ROAD_SUFFIX:
            return True
    return False


@compiled
def _word_here(text: Characters, at: int, length: int, lexicon: Lexicon) -> int:
    """Return length << 24 | word + 1 of the longest word here that does not give way to a road's generic part; 0 if none."""
    limit = length
    while True:
        found = longest_word(text, at, length, limit, lexicon)
        if found == 0:
            return 0
        word, size = (found & 0xFFFFFF) - 1, found >> 24
        if not lexicon.flags[word] & YIELDS or not _road_suffix_follows(text, at + size, length, lexicon):
            break
        limit = size - 1
    last = text[at + size - 1]
    if lexicon.level[word] == TOWN and (last in (_ZHEN, _XIANG)):
        return _shorter_town(text, at, size, length, found, lexicon)
    return found


@compiled
def _shorter_town(text: Characters, at: int, size: int, length: int, found: int, lexicon: Lexicon) -> int:
    """桐浦镇前街 is 桐浦 and 镇前街 where the library has that road or village and nothing begins with 前街."""
    stop = at + size
    if longest_word(text, stop, length, length, lexicon):
        return found
    following = longest_word(text, stop - 1, length, length, lexicon)
    while following:
        level = lexicon.level[(following & 0xFFFFFF) - 1]
        if level in (ROAD, COMMUNITY):
            state = longest_word(text, at, length, size - 1, lexicon)
            return state if state >> 24 == size - 1 else found
        following = longest_word(text, stop - 1, length, (following >> 24) - 1, lexicon)
    return found


@compiled
def _stands_alone(text: Characters, at: int, length: int, lexicon: Lexicon) -> bool:
    if at + 1 >= length:
        return True
    following = lexicon.classes[text[at + 1]]
    return bool(following & (IS_START | IS_MARK | IS_SEPARATOR)) or begins_word(text, at + 1, length, lexicon)


@compiled
def scan(text: Characters, length: int, lexicon: Lexicon, tokens: Tokens) -> int:
    """Cut text[:length] into tokens; returns how many, -1 where it takes the careful reader."""
    count = 0
    at = 0
    gap = 0
    while at < length:
        kind, stop, word = GAP, at, -1
        number, value_start, value_end = -1, 0, 0
        found = _word_here(text, at, length, lexicon)
        character = lexicon.classes[text[at]]
        if found:
            word, stop = (found & 0xFFFFFF) - 1, at + (found >> 24)
            kind = lexicon.kind[word]
        else:
            if character & IS_START:
                number, stop, value_start, value_end = read_number(text, at, length)
                if number == UNUSUAL_NUMBER:
                    return -1
                if number != NO_NUMBER:
                    kind = NUMBER
            if kind == GAP:
                if character & IS_SEPARATOR:
                    return -1
                if character & IS_MARK:
                    kind, stop = MARK, at + 1
                elif character & IS_SINGLE and gap == at and _stands_alone(text, at, length, lexicon):
                    return -1
        if kind == GAP:
            at += 1
            continue
        if count + 2 >= MOST_TOKENS:
            return -1
        if gap < at:
            tokens.kind[count] = GAP
            tokens.start[count] = gap
            tokens.end[count] = at
            count += 1
        tokens.kind[count] = kind
        tokens.start[count] = at
        tokens.end[count] = stop
        tokens.word[count] = word
        tokens.number[count] = number
        tokens.value_start[count] = value_start
        tokens.value_end[count] = value_end
        count += 1
        at = gap = stop
    if gap < length:
        tokens.kind[count] = GAP
        tokens.start[count] = gap
        tokens.end[count] = length
        count += 1
    return count
