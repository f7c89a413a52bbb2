"""Words of the vocabulary read as names, alone or with the words behind them, in compiled code."""

from address_matching.compiled.choosing import choose
from address_matching.compiled.codes import BARE, CHANGED, DIRECTION_MISSING, NO_FAULT, OVERLAY, TRUNCATED, ZONE_WORD
from address_matching.compiled.entering import common_kind, take, take_misspelt
from address_matching.compiled.hashing import find
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    CLASSES,
    FOUND_FAULT,
    LANDMARK_AT,
    LANDMARKS,
    MEANING_KIND,
    PLACE_COUNT,
    PLACE_STATE,
    TOKEN_END,
    TOKEN_KIND,
    TOKEN_NUMBER,
    TOKEN_START,
    TOKEN_WORD,
    WORD_FLAGS,
    WORD_LEVEL,
    WORD_ROLE,
    Memory,
)
from address_matching.compiled.lexicon import COMMUNITY_END, DROP_WORD, IS_DIRECTION, ORGANISATION_END, ROAD_END, STEM, TOWN_END, YIELDS
from address_matching.compiled.misspelling import recognise
from address_matching.compiled.place import BEFORE, GAP_BEFORE, HINTED, JOINED, LAST_GAP, LAST_KIND, TOWNS, UNKNOWN_COMPOUND, is_complete
from address_matching.compiled.scanning import ends_with
from address_matching.model import COMMUNITY, COMPOUND, NATURAL_VILLAGE, TOWN, ZONE
from address_matching.tokens import GAP, NAME, NUMBER, WORD_TOKEN


@compiled
def name(memory: Memory, at: int, count: int) -> int:
    """Read a word of the vocabulary; returns how many tokens were read, -1 to give up."""
    word = memory.work[TOKEN_WORD + at]
    meaning = choose(memory, at, count, word)
    kind = memory.ints[memory.at[MEANING_KIND] + meaning]
    flags = memory.ints[memory.at[WORD_FLAGS] + word]
    gap_follows = at + 1 < count and memory.work[TOKEN_KIND + at + 1] == GAP
    start = memory.work[PLACE_STATE + GAP_BEFORE] - 1 if memory.work[PLACE_STATE + GAP_BEFORE] else memory.work[TOKEN_START + at]
    is_open = (flags & (YIELDS | STEM) or kind == COMMUNITY) and gap_follows
    if is_open and continues_division(memory, at, memory.work[TOKEN_END + at + 1]):
        return -1
    if is_open and is_whole_name(memory, start, memory.work[TOKEN_END + at + 1]):
        return _whole_name(memory, at, count, start, flags & (YIELDS | STEM) > 0)
    if kind == COMPOUND and (flags & DROP_WORD or phase_follows(memory, at, count) or _is_no_compound(memory, at, count)):
        return -1
    late = (kind in (COMMUNITY, NATURAL_VILLAGE)) and is_complete(memory) and not memory.work[PLACE_STATE + JOINED]
    if flags & STEM or late:
        answer = _begins_longer(memory, at, count, meaning)
        if answer != 0:
            return -1 if memory.work[PLACE_STATE + GAP_BEFORE] else answer
    return (
        1 if take(memory, memory.work[TOKEN_START + at], memory.work[TOKEN_END + at], meaning, kind, bool(flags & STEM), NO_FAULT) else -1
    )


@compiled
def is_whole_name(memory: Memory, start: int, end: int) -> bool:
    """Whether a short name and the gap behind it are one misspelt name (宝塔塔路 for 宝塔路)."""
    first, last, names = recognise(memory, start, end)
    if not names or first > start or last < end:
        return False
    fault = memory.work[FOUND_FAULT]
    bold = fault in (CHANGED, DIRECTION_MISSING, TRUNCATED)
    return not bold or ends_with(memory, start, end) & (ROAD_END | COMMUNITY_END) > 0


@compiled
def _whole_name(memory: Memory, at: int, count: int, start: int, short: bool) -> int:
    """Read a name and the gap behind it as the one misspelt name just found; returns 2, -1 to give up."""
    end = memory.work[TOKEN_END + at + 1]
    first, last, names = recognise(memory, start, end)
    kind = common_kind(memory, names)
    if first > start or last < end or not (short or kind in (ZONE, COMPOUND)):
        return -1
    if kind < 0 or (kind == COMMUNITY and is_complete(memory)):
        return -1
    if kind == COMPOUND and (phase_follows(memory, at + 1, count) or _is_no_compound(memory, at + 1, count)):
        return -1
    memory.work[PLACE_STATE + GAP_BEFORE] = 0
    return 2 if take_misspelt(memory, start, end, kind, names) else -1


@compiled
def phase_follows(memory: Memory, at: int, count: int) -> bool:
    """Whether a phase (3期, A区) stands behind a token."""
    if at + 2 >= count or memory.work[TOKEN_NUMBER + at + 1] != BARE or memory.work[TOKEN_KIND + at + 1] != NUMBER:
        return False
    if memory.work[TOKEN_KIND + at + 2] != GAP:
        return False
    first = memory.text[memory.work[TOKEN_START + at + 2]]
    return first == ord("期") or first == ord("区") or first == ord("组")


@compiled
def _begins_longer(memory: Memory, at: int, count: int, meaning: int) -> int:
    """A stem may be the beginning of a name the library lacks: 0 if it is not, 1 if it was joined to the gap behind it, -1 to give up."""
    complete = is_complete(memory)
    state = PLACE_STATE
    goes_on = memory.work[state + BEFORE] and memory.work[state + LAST_KIND] == LAST_GAP and memory.work[state + UNKNOWN_COMPOUND]
    if goes_on and at + 1 < count and memory.work[TOKEN_KIND + at + 1] != GAP:
        return -1
    if at + 1 >= count:
        return -1 if complete else 0
    kind = memory.ints[memory.at[MEANING_KIND] + meaning]
    following = memory.work[TOKEN_KIND + at + 1]
    repeated = kind == TOWN and memory.work[PLACE_COUNT + TOWNS] > 0
    if following == WORD_TOKEN:
        role = memory.ints[memory.at[WORD_ROLE] + memory.work[TOKEN_WORD + at + 1]]
        return -1 if role in (OVERLAY, ZONE_WORD) else 0
    if following == NAME:
        return -1 if repeated and memory.ints[memory.at[WORD_FLAGS] + memory.work[TOKEN_WORD + at + 1]] & STEM else 0
    if following != GAP:
        return 0
    start, end = memory.work[TOKEN_START + at + 1], memory.work[TOKEN_END + at + 1]
    beginning = kind == COMMUNITY and (
        end - start < 3
        or memory.small[memory.at[CLASSES] + memory.text[start]] & IS_DIRECTION
        or not ends_with(memory, start, end) & ROAD_END
    )
    if _begins_with_landmark(memory, start, end) and ends_with(memory, start, end) & TOWN_END:
        return -1
    if complete or repeated or beginning or _begins_with_landmark(memory, start, end):
        memory.work[TOKEN_START + at + 1] = memory.work[TOKEN_START + at]
        memory.work[PLACE_STATE + HINTED] = 1
        return 1
    return 0


@compiled
def _begins_with_landmark(memory: Memory, start: int, end: int) -> bool:
    state = 0
    for at in range(start, end):
        state = find(memory, LANDMARKS, state << 16 | memory.text[at])
        if state < 0:
            return False
        if memory.ints[memory.at[LANDMARK_AT] + state] >= 0:
            return True
    return False


@compiled
def _is_no_compound(memory: Memory, at: int, count: int) -> bool:
    """Whether a compound's name may be but that of an overlay or zone, or of the firm whose address follows."""
    if at + 1 >= count:
        return False
    word = memory.work[TOKEN_WORD + at + 1]
    if memory.work[TOKEN_KIND + at + 1] == WORD_TOKEN:
        return memory.ints[memory.at[WORD_ROLE] + word] in (ZONE_WORD, OVERLAY)
    if memory.work[TOKEN_KIND + at + 1] != NAME:
        return False
    organisation = ends_with(memory, memory.work[TOKEN_START + at], memory.work[TOKEN_END + at]) & ORGANISATION_END
    return organisation > 0 and 0 <= memory.ints[memory.at[WORD_LEVEL] + word] <= TOWN


@compiled
def continues_division(memory: Memory, at: int, end: int) -> bool:
    """Whether the words from a token to `end` and the division before them are one misspelt name, as 瑞安东山缔二中学 behind 东山街道."""
    before = at - 1
    while before >= 0 and memory.work[TOKEN_END + before] > memory.work[TOKEN_START + at]:
        before -= 1
    if before < 0 or memory.work[TOKEN_KIND + before] != NAME or memory.work[PLACE_COUNT + TOWNS] == 0:
        return False
    level = memory.ints[memory.at[WORD_LEVEL] + memory.work[TOKEN_WORD + before]]
    if level < 0 or level >= TOWN:
        return False
    start = memory.work[TOKEN_START + before]
    first, last, names = recognise(memory, start, end)
    return names > 0 and first == start and last == end
