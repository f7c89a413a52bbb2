"""What to make of words that are no names of the library: the compiled counterpart of gaps.py."""

import numpy as np

from address_matching.compiled.codes import DROPPED, NOISE_IGNORED, OVERLAY, OVERLAY_IGNORED, SUFFIX, ZONE_WORD
from address_matching.compiled.details import is_detail, is_pair_of
from address_matching.compiled.entering import common_kind, take_misspelt
from address_matching.compiled.hashing import find
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    ENDING_AT,
    ENDINGS,
    FOUND_FAULT,
    MEANING_KIND,
    MEANING_START,
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
from address_matching.compiled.lexicon import COMMUNITY_END, COMPOUND_END, ORGANISATION_END, ROAD_END, STEM, TOWN_END, ZONE_END
from address_matching.compiled.misspelling import recognise
from address_matching.compiled.names import continues_division, is_whole_name, phase_follows
from address_matching.compiled.place import (
    AFTER,
    BEFORE,
    COMMUNITIES,
    COMPOUND_END as COMPOUND_ENDS_AT,
    COMPOUND_START,
    COMPOUNDS,
    GAP_BEFORE,
    HINTED,
    JOINED,
    LAST_GAP,
    LAST_KIND,
    LAST_NAME,
    LAST_WORD,
    ROADS,
    TOWN_ENDS_AT,
    TOWN_START,
    TOWNS,
    UNKNOWN_COMMUNITY,
    UNKNOWN_COMPOUND,
    UNKNOWN_END,
    UNKNOWN_ROAD,
    UNKNOWN_ROAD_END,
    UNKNOWN_ROAD_START,
    UNKNOWN_START,
    UNKNOWN_ZONE,
    add_fault,
    forget_names,
    has_place,
    is_complete,
    is_empty,
    note_plain,
)
from address_matching.compiled.scanning import ends_with, longest_word
from address_matching.model import COMMUNITY, COMPOUND, TOWN
from address_matching.tokens import GAP, MARK, NAME, WORD_TOKEN

_PIAN, _DAO = ord("片"), ord("道")
_XIN, _CUN = ord("新"), ord("村")
_LIVING_ENDS = np.array([[ord(character) for character in pair] for pair in ("民房", "住户", "房屋", "租房", "建房")], np.uint16)
_LABELS = np.array([[ord(character) for character in pair] for pair in ("地址", "住址", "住所", "场所", "地点", "坐落")], np.uint16)
_CITY, _COUNTY = ord("市"), ord("县")


@compiled
def gap(memory: Memory, at: int, count: int) -> int:
    """Read words between known tokens; returns how many tokens were read, -1 to give up."""
    last = _last_inner(memory, at, count)
    if last > at:
        memory.work[TOKEN_START + last] = memory.work[TOKEN_START + at]
        memory.work[TOKEN_KIND + last] = GAP
        memory.work[TOKEN_NUMBER + last] = -1
    read_on = _words(memory, last, count)
    return read_on + last - at if read_on > 0 else -1


@compiled
def _last_inner(memory: Memory, at: int, count: int) -> int:
    """The last token of unknown words that hold short names of villages: 花园 of 碧海花园 is no village."""
    if ends_with(memory, memory.work[TOKEN_START + at], memory.work[TOKEN_END + at]) & ROAD_END:
        return at
    end = at + 1
    hinted = 0
    while end < count and (memory.work[TOKEN_KIND + end] == GAP or _is_short_village(memory, end)):
        hinted |= memory.work[TOKEN_KIND + end] == NAME
        end += 1
    if (
        end < count
        and memory.work[TOKEN_KIND + end] == NAME
        and memory.ints[memory.at[WORD_LEVEL] + memory.work[TOKEN_WORD + end]] <= COMMUNITY
    ):
        return at  # what stands before a division is no name in it
    memory.work[PLACE_STATE + HINTED] |= hinted
    return end - 1


@compiled
def _is_short_village(memory: Memory, at: int) -> bool:
    word = memory.work[TOKEN_WORD + at]
    return (
        memory.work[TOKEN_KIND + at] == NAME
        and memory.ints[memory.at[WORD_FLAGS] + word] & STEM > 0
        and memory.ints[memory.at[WORD_LEVEL] + word] == COMMUNITY
    )


@compiled
def _words(memory: Memory, at: int, count: int) -> int:
    """Read a gap; returns how many tokens were read, -1 to give up."""
    start, end = memory.work[TOKEN_START + at], memory.work[TOKEN_END + at]
    kinds = ends_with(memory, start, end)
    following = memory.work[TOKEN_KIND + at + 1] if at + 1 < count else -1
    if _is_rare(memory, at, count, start, end):
        return -1
    if kinds & ORGANISATION_END and following >= 0 and not _has_numbers(memory):
        return _firm(memory, at, following)
    if following == WORD_TOKEN:
        role = memory.ints[memory.at[WORD_ROLE] + memory.work[TOKEN_WORD + at + 1]]
        if role in (ZONE_WORD, OVERLAY):
            if role == ZONE_WORD and is_whole_name(memory, start, memory.work[TOKEN_END + at + 1]):
                return -1
            if role == ZONE_WORD:
                memory.work[PLACE_STATE + UNKNOWN_ZONE] = 1
            else:
                add_fault(memory, OVERLAY_IGNORED)
            memory.work[PLACE_STATE + LAST_KIND] = LAST_WORD
            return 2
    whole = _whole_ending(memory, start, end)
    if memory.text[end - 1] == _PIAN and following == NAME:
        add_fault(memory, OVERLAY_IGNORED)
    elif memory.work[PLACE_STATE + LAST_KIND] == LAST_NAME and (
        (whole & ROAD_END and memory.work[PLACE_COUNT + ROADS]) or (whole & COMPOUND_END and memory.work[PLACE_COUNT + COMPOUNDS])
    ):
        add_fault(memory, SUFFIX)
    elif (
        end - start == 1
        and memory.text[start] == _DAO
        and memory.work[PLACE_STATE + LAST_KIND] == LAST_NAME
        and memory.work[PLACE_COUNT + TOWNS]
        and not has_place(memory)
    ):
        return -1
    elif _is_noise(memory, at, following):
        add_fault(memory, NOISE_IGNORED)
    else:
        return _unknown(memory, at, following)
    return 1


@compiled
def _firm(memory: Memory, at: int, following: int) -> int:
    """Read the end of a firm's name that stands before the address; returns 1, -1 to give up."""
    is_division = following == NAME and memory.ints[memory.at[WORD_LEVEL] + memory.work[TOKEN_WORD + at + 1]] <= TOWN
    if following == MARK or memory.work[PLACE_STATE + GAP_BEFORE] or (is_complete(memory) and not is_division):
        return -1
    forget_names(memory)
    return 1


@compiled
def _has_numbers(memory: Memory) -> bool:
    return bool(memory.work[PLACE_STATE + BEFORE] or memory.work[PLACE_STATE + AFTER])


@compiled
def _is_rare(memory: Memory, at: int, count: int, start: int, end: int) -> bool:
    """Whether words may say something that takes the careful reader: a contact, a label, a neighbour, a phase, a slip of the pen."""
    first, last = memory.text[start], memory.text[end - 1]
    if (
        last == ord("旁")
        or last == ord("收")
        or first == ord("靠")
        or first == ord("临")
        or first == ord("毗")
        or phase_follows(memory, at, count)
    ):
        return True
    if _is_living_or_committee(memory, at, count, start, end):
        return True
    if (first == ord("联") or first == ord("电") or first == ord("手")) and not is_empty(memory):
        return True
    following = at + 1 < count
    if following and memory.work[TOKEN_KIND + at + 1] == MARK and memory.text[memory.work[TOKEN_START + at + 1]] == ord(":"):
        return end - start < 2 or is_pair_of(memory, _LABELS, end - 2) or not is_empty(memory)
    if following and memory.work[TOKEN_KIND + at + 1] == WORD_TOKEN and is_empty(memory):
        return True
    return (
        at > 0 and memory.work[PLACE_STATE + LAST_KIND] == LAST_NAME and last == memory.text[start - 1] and _repeats(memory, at, start, end)
    )


@compiled
def _is_living_or_committee(memory: Memory, at: int, count: int, start: int, end: int) -> bool:
    """Words such as 现住 before an address or 委会 behind a village, and names that gave way to what follows."""
    last = memory.text[end - 1]
    if is_empty(memory) and (last == ord("住") or last == ord("居") or last == ord("在")):
        return True
    if memory.work[PLACE_COUNT + COMMUNITIES] and (last == ord("会") or last == ord("委")):
        return True
    if end - start > 3 and is_pair_of(memory, _LIVING_ENDS, end - 2):
        return True
    if at + 1 < count and memory.work[TOKEN_KIND + at + 1] == NAME:
        found = longest_word(memory, start, end, end - start)
        if found >> 24 == end - start:
            return True
    village = start + 2
    while village < end - 1 and memory.text[village] != ord("村"):
        village += 1
    return village < end - 1 and not has_place(memory) and is_whole_name(memory, start, village + 1)


@compiled
def _repeats(memory: Memory, at: int, start: int, end: int) -> bool:
    """Whether the token before a gap ends with the gap's text: 东区区."""
    size = end - start
    if start - memory.work[TOKEN_START + at - 1] < size:
        return False
    for position in range(size):
        if memory.text[start - size + position] != memory.text[start + position]:
            return False
    return True


@compiled
def _whole_ending(memory: Memory, start: int, end: int) -> int:
    """Return the kinds of generic part that memory.text[start:end] is as a whole."""
    state = 0
    for at in range(end - 1, start - 1, -1):
        state = find(memory, ENDINGS, state << 16 | memory.text[at])
        if state < 0:
            return 0
    return int(memory.ints[memory.at[ENDING_AT] + state])


@compiled
def _is_noise(memory: Memory, at: int, following: int) -> bool:
    if following < 0 or has_place(memory) or memory.work[PLACE_COUNT + TOWNS]:
        return False
    if following == MARK:
        return is_empty(memory)
    if following != NAME:
        return False
    word = memory.work[TOKEN_WORD + at + 1]
    if memory.ints[memory.at[WORD_FLAGS] + word] & STEM:
        return False
    for meaning in range(memory.ints[memory.at[MEANING_START] + word], memory.ints[memory.at[MEANING_START] + word + 1]):
        if memory.ints[memory.at[MEANING_KIND] + meaning] > TOWN:
            return False
    return True


@compiled
def _unknown(memory: Memory, at: int, following: int) -> int:
    start, end = memory.work[TOKEN_START + at], memory.work[TOKEN_END + at]
    if continues_division(memory, at, end):
        return -1
    first, last, names = recognise(memory, start, end)
    if names and first > start and (memory.work[PLACE_STATE + BEFORE] or common_kind(memory, names) == COMPOUND):
        names = 0
    if names:
        kind = common_kind(memory, names)
        if first == start + 1 and kind == TOWN and memory.work[FOUND_FAULT] == DROPPED:
            return -1
        if first > start and _begins_town(memory, start, first):
            return -1
        if first > start and not _classify(memory, at, start, first, -1):
            return -1
        kind = common_kind(memory, names)
        if kind < 0 or (following >= 0 and last == end and _is_open(memory, kind, at, following)):
            return -1
        if not take_misspelt(memory, first, last, kind, names):
            return -1
        if last < end and not _classify(memory, at, last, end, following):
            return -1
        return 1
    if is_empty(memory) and memory.work[PLACE_STATE + BEFORE] == 0 and _may_be_outside(memory, start, end):
        return -1
    return 1 if _classify(memory, at, start, end, following) else -1


@compiled
def _may_be_outside(memory: Memory, start: int, end: int) -> bool:
    """Whether words may begin with another city or county."""
    for at in range(start, end):
        if memory.text[at] == _CITY or memory.text[at] == _COUNTY:
            return True
    return False


@compiled
def _begins_town(memory: Memory, start: int, end: int) -> bool:
    """Whether the town of the text, as it is written, begins with text[start:end]."""
    first, last = memory.work[PLACE_STATE + TOWN_START], memory.work[PLACE_STATE + TOWN_ENDS_AT]
    if memory.work[PLACE_COUNT + TOWNS] == 0 or last - first < end - start:
        return False
    for at in range(end - start):
        if memory.text[first + at] != memory.text[start + at]:
            return False
    return True


@compiled
def _is_open(memory: Memory, kind: int, at: int, following: int) -> bool:
    """Whether what follows a misspelt community could still change its reading."""
    return kind == COMMUNITY and is_complete(memory) and not memory.work[PLACE_STATE + JOINED]


@compiled
def _classify(memory: Memory, at: int, start: int, end: int, following: int) -> bool:
    """Keep an unknown name as what its generic part makes it; False to give up."""
    kinds = ends_with(memory, start, end)
    memory.work[PLACE_STATE + LAST_KIND] = LAST_GAP
    note_plain(memory, start, end)
    if kinds & ROAD_END and not memory.work[PLACE_COUNT + ROADS]:
        memory.work[PLACE_STATE + UNKNOWN_ROAD] = 1
        memory.work[PLACE_STATE + UNKNOWN_ROAD_START] = start
        memory.work[PLACE_STATE + UNKNOWN_ROAD_END] = end
    elif (
        kinds & COMMUNITY_END
        and not _is_new_village(memory, start, end)
        and not (memory.work[PLACE_COUNT + ROADS] or memory.work[PLACE_STATE + BEFORE])
    ):
        memory.work[PLACE_STATE + UNKNOWN_COMMUNITY] = 1
    elif kinds & TOWN_END and not (has_place(memory) or memory.work[PLACE_STATE + BEFORE]):
        return False
    elif is_detail(memory, start, end):
        add_fault(memory, NOISE_IGNORED)
    elif following == NAME and not is_complete(memory):
        memory.work[PLACE_STATE + GAP_BEFORE] = 1 + start
    elif kinds & ZONE_END and not memory.work[PLACE_STATE + BEFORE]:
        memory.work[PLACE_STATE + UNKNOWN_ZONE] = 1
    elif memory.work[PLACE_COUNT + COMPOUNDS] and not memory.work[PLACE_STATE + AFTER] and memory.work[TOKEN_KIND + at] == GAP:
        if memory.work[PLACE_STATE + COMPOUND_ENDS_AT] != start:
            return False
        if not memory.work[PLACE_STATE + UNKNOWN_COMPOUND] or memory.work[PLACE_STATE + UNKNOWN_END] != start:
            memory.work[PLACE_STATE + UNKNOWN_START] = memory.work[PLACE_STATE + COMPOUND_START]
        memory.work[PLACE_STATE + UNKNOWN_COMPOUND] = 1
        memory.work[PLACE_STATE + UNKNOWN_END] = end
    elif memory.work[PLACE_STATE + AFTER] or (memory.work[PLACE_COUNT + COMPOUNDS] and memory.work[PLACE_STATE + BEFORE]):
        add_fault(memory, NOISE_IGNORED)
    else:
        memory.work[PLACE_STATE + UNKNOWN_COMPOUND] = 1
        memory.work[PLACE_STATE + UNKNOWN_START] = start
        memory.work[PLACE_STATE + UNKNOWN_END] = end
    return True


@compiled
def _is_new_village(memory: Memory, start: int, end: int) -> bool:
    return end - start > 1 and memory.text[end - 1] == _CUN and memory.text[end - 2] == _XIN
