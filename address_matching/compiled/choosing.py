"""What a word of the vocabulary means where it stands, in compiled code."""

from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    MEANING_FLAGS,
    MEANING_KIND,
    MEANING_NODE,
    MEANING_START,
    NODE_START,
    PLACE_COUNT,
    PLACE_STATE,
    TOKEN_KIND,
    TOKEN_WORD,
    TOWN_OF,
    WORD_LEVEL,
    Memory,
)
from address_matching.compiled.lexicon import PLAIN
from address_matching.compiled.place import BEFORE, COMMUNITIES, TOWNS
from address_matching.model import COMMUNITY, COMPOUND, NATURAL_VILLAGE, ROAD, TOWN
from address_matching.tokens import NAME, OUTSIDE, SEVERAL


@compiled
def choose(memory: Memory, at: int, count: int, word: int) -> int:
    """Pick the meaning a word has here."""
    first, last = memory.ints[memory.at[MEANING_START] + word], memory.ints[memory.at[MEANING_START] + word + 1]
    if last - first == 1:
        return first
    heads = memory.work[PLACE_COUNT + TOWNS] == 0 and memory.work[PLACE_STATE + BEFORE] == 0
    any_plain = False
    for meaning in range(first, last):
        any_plain = any_plain or _is_plain(memory, meaning, heads)
    town = meaning_of_kind(memory, first, last, TOWN)
    if town >= 0 and _town_goes_on(memory, at, count, town):
        return town
    best, best_rank = first, 99
    for meaning in range(first, last):
        if any_plain and not _is_plain(memory, meaning, heads):
            continue
        rank = _preference(memory, memory.ints[memory.at[MEANING_KIND] + meaning])
        if rank < best_rank:
            best, best_rank = meaning, rank
    return best


@compiled
def _is_plain(memory: Memory, meaning: int, heads: bool) -> bool:
    return bool(memory.ints[memory.at[MEANING_FLAGS] + meaning] & PLAIN) or (
        heads and 0 <= memory.ints[memory.at[MEANING_KIND] + meaning] < TOWN
    )


@compiled
def meaning_of_kind(memory: Memory, first: int, last: int, kind: int) -> int:
    for meaning in range(first, last):
        if memory.ints[memory.at[MEANING_KIND] + meaning] == kind:
            return meaning
    return -1


@compiled
def _preference(memory: Memory, kind: int) -> int:
    """Rank of a kind in the order in which a word of several kinds is understood."""
    if kind == OUTSIDE:
        return 0
    if kind == NATURAL_VILLAGE and memory.work[PLACE_COUNT + COMMUNITIES]:
        return -1
    if kind < TOWN:
        return 1 + kind
    if kind == TOWN:
        return 4 if memory.work[PLACE_COUNT + TOWNS] == 0 else 12
    if kind == ROAD:
        return 6 if memory.work[PLACE_STATE + BEFORE] else 5
    if kind == COMPOUND:
        return 5 if memory.work[PLACE_STATE + BEFORE] else 6
    return 7 + kind - COMMUNITY


@compiled
def _town_goes_on(memory: Memory, at: int, count: int, town: int) -> bool:
    """Whether a word that may be an old town is one because a place in it follows: 林溪 before 溪坦村."""
    if at + 1 >= count or memory.work[TOKEN_KIND + at + 1] != NAME:
        return False
    following = memory.work[TOKEN_WORD + at + 1]
    if memory.ints[memory.at[WORD_LEVEL] + following] == TOWN or memory.ints[memory.at[WORD_LEVEL] + following] == SEVERAL:
        return False
    for meaning in range(memory.ints[memory.at[MEANING_START] + following], memory.ints[memory.at[MEANING_START] + following + 1]):
        for node in range(memory.ints[memory.at[NODE_START] + meaning], memory.ints[memory.at[NODE_START] + meaning + 1]):
            for own in range(memory.ints[memory.at[NODE_START] + town], memory.ints[memory.at[NODE_START] + town + 1]):
                if (
                    memory.ints[memory.at[TOWN_OF] + memory.ints[memory.at[MEANING_NODE] + node]]
                    == memory.ints[memory.at[MEANING_NODE] + own]
                ):
                    return True
    return False
