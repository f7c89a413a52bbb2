"""From tokens to a place: the compiled counterpart of reader.py and gaps.py for texts with one address in the usual order."""

import numpy as np

from address_matching.compiled.codes import (
    ALIAS,
    ALIAS_OUT_OF_DATE,
    BARE,
    BAY,
    BAY_IGNORED,
    CHANGED,
    DASH,
    DIRECTION_MISSING,
    DROP,
    DROPPED,
    GROUP,
    NO_FAULT,
    NOISE_IGNORED,
    OTHER_ROLE,
    OVERLAY,
    OVERLAY_IGNORED,
    RELATIVE_WORD,
    RENAMED,
    STEM_ONLY,
    SUFFIX,
    TRUNCATED,
    UNREAD_PREFIX,
    ZONE_WORD,
)
from address_matching.compiled.hashing import find
from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import (
    CLASSES,
    ENDING_AT,
    ENDINGS,
    FOUND_FAULT,
    FOUND_WORD,
    LANDMARK_AT,
    LANDMARKS,
    MANNER,
    MEANING_FLAGS,
    MEANING_KIND,
    MEANING_NODE,
    MEANING_START,
    MOST_NODES,
    MOST_NUMBERS,
    NODE_START,
    PLACE_COUNT,
    PLACE_FAULT,
    PLACE_NODE,
    PLACE_NUMBER_KIND,
    PLACE_STATE,
    TOKEN_END,
    TOKEN_KIND,
    TOKEN_NUMBER,
    TOKEN_START,
    TOKEN_VALUE_END,
    TOKEN_VALUE_START,
    TOKEN_WORD,
    TOWN_OF,
    VALID_FROM,
    VALID_TO,
    WORD_FLAGS,
    WORD_LEVEL,
    WORD_ROLE,
    Characters,
    Memory,
)
from address_matching.compiled.lexicon import (
    COMMUNITY_END,
    COMPOUND_END,
    DROP_WORD,
    IS_DIRECTION,
    IS_JOINT,
    ORGANISATION_END,
    PLAIN,
    ROAD_END,
    STEM,
    TOWN_END,
    YIELDS,
    ZONE_END,
)
from address_matching.compiled.misspelling import can_be, recognise
from address_matching.compiled.place import (
    AFTER,
    BEFORE,
    COMMUNITIES,
    COMPOUND_END as COMPOUND_ENDS_AT,
    COMPOUND_START,
    COMPOUNDS,
    DAY,
    DIVISION,
    GAP_BEFORE,
    GROUP_END,
    GROUP_START,
    HAS_DAY,
    HINTED,
    IS_OUTSIDE,
    JOINED,
    LAST_GAP,
    LAST_KIND,
    LAST_NAME,
    LAST_NUMBER,
    LAST_WORD,
    NATURALS,
    OPEN_END,
    RELATIVE_TO,
    ROADS,
    SHORT_VILLAGE,
    SLOT_OF_LEVEL,
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
    ZONES,
    add_fault,
    add_number,
    has_place,
    is_complete,
    is_empty,
    note_plain,
)
from address_matching.compiled.scanning import ends_with, longest_word
from address_matching.model import COMMUNITY, COMPOUND, NATURAL_VILLAGE, ROAD, ROOM, TOWN, ZONE
from address_matching.tokens import GAP, MARK, NAME, NUMBER, OUTSIDE, SEVERAL, WORD_TOKEN

SHORTEST_FIELD = 20
_PIAN, _DAO = ord("片"), ord("道")
_XIN, _CUN = ord("新"), ord("村")
_SIDES = np.array([ord(character) for character in "内里侧首边面头段"], np.uint16)
_OF_DOORS = np.array([ord(character) for character in "东西南北正后前大"], np.uint16)
_PARTS = np.array([[ord(character) for character in pair] for pair in ("大厅", "门口", "店面", "商铺", "门面", "店铺", "门市")], np.uint16)
_LIVING_WORDS = np.array([[ord(character) for character in pair] for pair in ("暂住", "租房", "出租", "自住", "住宅")], np.uint16)
_LIVING_ENDS = np.array([[ord(character) for character in pair] for pair in ("民房", "住户", "房屋", "租房", "建房")], np.uint16)
_LABELS = np.array([[ord(character) for character in pair] for pair in ("地址", "住址", "住所", "场所", "地点", "坐落")], np.uint16)
_DOOR, _HOUSE_WORD = ord("门"), ord("房")
_CITY, _COUNTY = ord("市"), ord("县")


@compiled
def read(memory: Memory, count: int) -> bool:
    """Fill the place from the tokens; False where it takes the careful reader."""
    at = 0
    while at < count:
        kind = memory.work[TOKEN_KIND + at]
        if kind == NAME:
            step = _name(memory, at, count)
        elif kind == NUMBER:
            step = 1 if _number(memory, at, count) else -1
        elif kind == GAP:
            step = _gap(memory, at, count)
        elif kind == WORD_TOKEN:
            step = 1 if _word(memory, (memory.ints[memory.at[WORD_ROLE] + memory.work[TOKEN_WORD + at]])) else -1
        elif kind == MARK:
            mark = memory.text[memory.work[TOKEN_START + at]]
            if memory.small[memory.at[CLASSES] + mark] & IS_JOINT or mark == ord(":"):
                memory.work[PLACE_STATE + JOINED] = 1
            step = 1
        else:
            step = -1
        if memory.work[PLACE_STATE + IS_OUTSIDE]:
            return _is_one_place(memory, at + 1, count)
        if step < 0:
            return False
        at += step
    if count and memory.work[TOKEN_KIND + count - 1] == NUMBER and memory.work[TOKEN_NUMBER + count - 1] == BARE:
        memory.work[PLACE_STATE + OPEN_END] = memory.work[TOKEN_END + count - 1] >= SHORTEST_FIELD
    return True


@compiled
def _is_one_place(memory: Memory, first: int, count: int) -> bool:
    """Whether the tokens from `first` on begin no other address, and are no firm's name before it."""
    for at in range(first, count):
        kind = memory.work[TOKEN_KIND + at]
        if kind == WORD_TOKEN and memory.ints[memory.at[WORD_ROLE] + memory.work[TOKEN_WORD + at]] >= OTHER_ROLE:
            return False
        if kind == MARK and (memory.small[memory.at[CLASSES] + memory.text[memory.work[TOKEN_START + at]]] & IS_JOINT):
            return False
        if kind == MARK and memory.text[memory.work[TOKEN_START + at]] == ord(":"):
            return False
        if (
            kind == GAP
            and at + 1 < count
            and ends_with(memory, memory.work[TOKEN_START + at], memory.work[TOKEN_END + at]) & ORGANISATION_END
        ):
            return False
        if (
            kind == NUMBER
            and at + 1 < count
            and memory.work[TOKEN_KIND + at + 1] == NAME
            and memory.ints[memory.at[WORD_LEVEL] + memory.work[TOKEN_WORD + at + 1]] == ROAD
        ):
            return False
    return True


# -- names


@compiled
def _name(memory: Memory, at: int, count: int) -> int:
    """Read a word of the vocabulary; returns how many tokens were read, -1 to give up."""
    word = memory.work[TOKEN_WORD + at]
    meaning = _choose(memory, at, count, word)
    kind = memory.ints[memory.at[MEANING_KIND] + meaning]
    flags = memory.ints[memory.at[WORD_FLAGS] + word]
    gap_follows = at + 1 < count and memory.work[TOKEN_KIND + at + 1] == GAP
    start = memory.work[PLACE_STATE + GAP_BEFORE] - 1 if memory.work[PLACE_STATE + GAP_BEFORE] else memory.work[TOKEN_START + at]
    is_open = (flags & (YIELDS | STEM) or kind == COMMUNITY) and gap_follows
    if is_open and _continues_division(memory, at, memory.work[TOKEN_END + at + 1]):
        return -1
    if is_open and _is_whole_name(memory, start, memory.work[TOKEN_END + at + 1]):
        return _whole_name(memory, at, count, start, flags & (YIELDS | STEM) > 0)
    if kind == COMPOUND and (flags & DROP_WORD or _phase_follows(memory, at, count)):
        return -1
    late = (kind in (COMMUNITY, NATURAL_VILLAGE)) and is_complete(memory) and not memory.work[PLACE_STATE + JOINED]
    if flags & STEM or late:
        answer = _begins_longer(memory, at, count, meaning)
        if answer != 0:
            return -1 if memory.work[PLACE_STATE + GAP_BEFORE] else answer
    return (
        1 if _take(memory, memory.work[TOKEN_START + at], memory.work[TOKEN_END + at], meaning, kind, bool(flags & STEM), NO_FAULT) else -1
    )


@compiled
def _is_whole_name(memory: Memory, start: int, end: int) -> bool:
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
    kind = _common_kind(memory, names)
    if first > start or last < end or not (short or kind in (ZONE, COMPOUND)):
        return -1
    if kind < 0 or (kind == COMMUNITY and is_complete(memory)) or (kind == COMPOUND and _phase_follows(memory, at + 1, count)):
        return -1
    memory.work[PLACE_STATE + GAP_BEFORE] = 0
    return 2 if _take_misspelt(memory, start, end, kind, names) else -1


@compiled
def _phase_follows(memory: Memory, at: int, count: int) -> bool:
    """Whether a phase (3期, A区) stands behind a token."""
    if at + 2 >= count or memory.work[TOKEN_NUMBER + at + 1] != BARE or memory.work[TOKEN_KIND + at + 1] != NUMBER:
        return False
    if memory.work[TOKEN_KIND + at + 2] != GAP:
        return False
    first = memory.text[memory.work[TOKEN_START + at + 2]]
    return first == ord("期") or first == ord("区") or first == ord("组")


@compiled
def _choose(memory: Memory, at: int, count: int, word: int) -> int:
    """Pick the meaning a word has here."""
    first, last = memory.ints[memory.at[MEANING_START] + word], memory.ints[memory.at[MEANING_START] + word + 1]
    if last - first == 1:
        return first
    heads = memory.work[PLACE_COUNT + TOWNS] == 0 and memory.work[PLACE_STATE + BEFORE] == 0
    any_plain = False
    for meaning in range(first, last):
        any_plain = any_plain or _is_plain(memory, meaning, heads)
    town = _meaning_of_kind(memory, first, last, TOWN)
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
def _meaning_of_kind(memory: Memory, first: int, last: int, kind: int) -> int:
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
def _take(memory: Memory, start: int, end: int, meaning: int, kind: int, stem: bool, fault: int) -> bool:
    """Enter a meaning into the place; False to give up."""
    if kind == OUTSIDE:
        if not (memory.work[PLACE_COUNT + TOWNS] or has_place(memory)):
            memory.work[PLACE_STATE + IS_OUTSIDE] = 1
    elif kind < TOWN:
        memory.work[PLACE_STATE + DIVISION] = 1
    else:
        if is_complete(memory) and not stem and _may_begin_another(memory, kind):
            return False
        if not _enter(memory, start, end, meaning, kind, stem, fault):
            return False
        if kind > TOWN:
            note_plain(memory, start, end)
        memory.work[PLACE_STATE + JOINED] = 0
    memory.work[PLACE_STATE + LAST_KIND] = LAST_NAME
    memory.work[PLACE_STATE + GAP_BEFORE] = 0
    return True


@compiled
def _may_begin_another(memory: Memory, kind: int) -> bool:
    count = PLACE_COUNT
    in_area = memory.work[count + COMMUNITIES] or memory.work[count + NATURALS] or memory.work[count + ZONES]
    if kind == ROAD and memory.work[PLACE_STATE + BEFORE] and (memory.work[count + ROADS] or in_area):
        return True
    if kind == COMPOUND and memory.work[PLACE_STATE + JOINED] and memory.work[PLACE_COUNT + COMPOUNDS] == 0:
        return True
    return bool(memory.work[PLACE_STATE + JOINED]) and not (kind == ROAD and memory.work[PLACE_COUNT + ROADS] == 0)


@compiled
def _enter(memory: Memory, start: int, end: int, meaning: int, kind: int, stem: bool, fault: int) -> bool:
    part = SLOT_OF_LEVEL[kind]
    if kind == TOWN and memory.work[PLACE_COUNT + TOWNS]:
        return _narrow_towns(memory, meaning, fault)
    if kind == TOWN:
        memory.work[PLACE_STATE + TOWN_START] = start
        memory.work[PLACE_STATE + TOWN_ENDS_AT] = end
    if kind == COMMUNITY:
        if stem and (is_complete(memory) or memory.work[PLACE_COUNT + ROADS]):
            return True
        if memory.work[PLACE_STATE + GAP_BEFORE] and not has_place(memory):
            return _with_prefix(memory, end, kind)
        if memory.work[PLACE_COUNT + COMMUNITIES]:
            return stem
        memory.work[PLACE_STATE + SHORT_VILLAGE] = stem
    elif kind in (NATURAL_VILLAGE, ZONE):
        if kind == NATURAL_VILLAGE and memory.work[PLACE_STATE + GAP_BEFORE]:
            return False
        if memory.work[PLACE_COUNT + part]:
            return True
    elif kind == ROAD:
        if memory.work[PLACE_STATE + GAP_BEFORE]:
            return _with_prefix(memory, end, kind)
        if memory.work[PLACE_COUNT + ROADS]:
            if not (memory.work[PLACE_STATE + BEFORE] or memory.work[PLACE_COUNT + COMPOUNDS]):
                return False
            add_fault(memory, NOISE_IGNORED)
            return True
        if memory.work[PLACE_STATE + BEFORE] and not has_place(memory):
            return False
    elif kind == COMPOUND:
        if memory.work[PLACE_STATE + GAP_BEFORE] and memory.work[PLACE_STATE + BEFORE] == 0:
            return _with_prefix(memory, end, kind)
        if memory.work[PLACE_COUNT + COMPOUNDS] and memory.work[PLACE_STATE + AFTER]:
            add_fault(memory, NOISE_IGNORED)
            return True
        memory.work[PLACE_STATE + COMPOUND_START] = start
        memory.work[PLACE_STATE + COMPOUND_ENDS_AT] = end
    memory.work[PLACE_COUNT + part] = 0
    return _put(memory, meaning, part, fault)


@compiled
def _with_prefix(memory: Memory, end: int, kind: int) -> bool:
    """A known name that ends at `end` with something unknown before it is another name; False where the whole may be a misspelt one."""
    start = memory.work[PLACE_STATE + GAP_BEFORE] - 1
    first, last, names = recognise(memory, start, end)
    if names and first == start and last == end:
        meant = _common_kind(memory, names)
        memory.work[PLACE_STATE + GAP_BEFORE] = 0
        return meant in (TOWN, ROAD) and _take_misspelt(memory, start, end, meant, names)
    if kind == COMMUNITY:
        memory.work[PLACE_STATE + UNKNOWN_COMMUNITY] = 1
        return True
    add_fault(memory, UNREAD_PREFIX)
    if kind == ROAD:
        memory.work[PLACE_STATE + UNKNOWN_ROAD] = 1
        memory.work[PLACE_STATE + UNKNOWN_ROAD_START] = start
        memory.work[PLACE_STATE + UNKNOWN_ROAD_END] = end
    else:
        memory.work[PLACE_STATE + UNKNOWN_COMPOUND] = 1
        memory.work[PLACE_STATE + UNKNOWN_START] = start
        memory.work[PLACE_STATE + UNKNOWN_END] = end
    return True


@compiled
def _put(memory: Memory, meaning: int, part: int, fault: int) -> bool:
    """Add the nodes of a meaning to a part; of several manners for one node the nearest counts. False if there are too many."""
    for at in range(memory.ints[memory.at[NODE_START] + meaning], memory.ints[memory.at[NODE_START] + meaning + 1]):
        node = memory.ints[memory.at[MEANING_NODE] + at]
        manner = _manner(memory, at, fault)
        count = memory.work[PLACE_COUNT + part]
        known = False
        for other in range(count):
            if memory.work[PLACE_NODE + part * MOST_NODES + other] == node:
                known = True
                if _nearness(manner) < _nearness(memory.work[PLACE_FAULT + part * MOST_NODES + other]):
                    memory.work[PLACE_FAULT + part * MOST_NODES + other] = manner
        if known:
            continue
        if count == MOST_NODES:
            return False
        memory.work[PLACE_NODE + part * MOST_NODES + count] = node
        memory.work[PLACE_FAULT + part * MOST_NODES + count] = manner
        memory.work[PLACE_COUNT + part] = count + 1
    return True


@compiled
def _manner(memory: Memory, at: int, fault: int) -> int:
    if (
        memory.work[PLACE_STATE + HAS_DAY]
        and not memory.ints[memory.at[VALID_FROM] + at] <= memory.work[PLACE_STATE + DAY] < memory.ints[memory.at[VALID_TO] + at]
    ):
        return ALIAS_OUT_OF_DATE
    return fault if fault else int(memory.ints[memory.at[MANNER] + at])


@compiled
def _nearness(manner: int) -> int:
    if manner == NO_FAULT:
        return 0
    if manner == RENAMED:
        return 1
    if manner == ALIAS:
        return 2
    if manner == SUFFIX:
        return 3
    return 4 if manner == STEM_ONLY else 9


@compiled
def _narrow_towns(memory: Memory, meaning: int, fault: int) -> bool:
    """A second town: what both names may mean, with the second's faults; False if they disagree."""
    common = 0
    for at in range(memory.work[PLACE_COUNT + TOWNS]):
        node = memory.work[PLACE_NODE + TOWNS * MOST_NODES + at]
        best = -1
        for other in range(memory.ints[memory.at[NODE_START] + meaning], memory.ints[memory.at[NODE_START] + meaning + 1]):
            if memory.ints[memory.at[MEANING_NODE] + other] == node:
                manner = _manner(memory, other, fault)
                if best < 0 or _nearness(manner) < _nearness(best):
                    best = manner
        if best >= 0:
            memory.work[PLACE_NODE + TOWNS * MOST_NODES + common] = node
            memory.work[PLACE_FAULT + TOWNS * MOST_NODES + common] = best
            common += 1
    if common == 0:
        return False
    memory.work[PLACE_COUNT + TOWNS] = common
    return True


# -- numbers and words


@compiled
def _number(memory: Memory, at: int, count: int) -> bool:
    kind, start, end = memory.work[TOKEN_NUMBER + at], memory.work[TOKEN_VALUE_START + at], memory.work[TOKEN_VALUE_END + at]
    after = 1 if memory.work[PLACE_COUNT + COMPOUNDS] or memory.work[PLACE_STATE + UNKNOWN_COMPOUND] else 0
    if (
        memory.work[PLACE_STATE + JOINED]
        and memory.work[PLACE_STATE + BEFORE + after]
        and memory.work[PLACE_STATE + LAST_KIND] == LAST_NUMBER
    ):
        return False
    if kind == GROUP:
        memory.work[PLACE_STATE + GROUP_START] = start
        memory.work[PLACE_STATE + GROUP_END] = end
    elif kind == BAY:
        add_fault(memory, BAY_IGNORED)
    else:
        road_follows = (
            at + 1 < count
            and memory.work[TOKEN_KIND + at + 1] == NAME
            and memory.ints[memory.at[WORD_LEVEL] + memory.work[TOKEN_WORD + at + 1]] == ROAD
        )
        if road_follows and memory.work[PLACE_COUNT + ROADS] == 0 and memory.work[PLACE_STATE + BEFORE] == 0:
            return False
        if (
            kind == DASH
            and memory.work[PLACE_STATE + AFTER]
            and memory.work[PLACE_NUMBER_KIND + 1 * MOST_NUMBERS + memory.work[PLACE_STATE + AFTER] - 1] == ROOM
        ):
            add_fault(memory, BAY_IGNORED)
        elif not add_number(memory, after, kind, start, end):
            return False
    memory.work[PLACE_STATE + LAST_KIND] = LAST_NUMBER
    memory.work[PLACE_STATE + JOINED] = 0
    note_plain(memory, memory.work[TOKEN_START + at], memory.work[TOKEN_END + at])
    return True


@compiled
def _word(memory: Memory, role: int) -> bool:
    if role == OVERLAY:
        add_fault(memory, OVERLAY_IGNORED)
    elif role == ZONE_WORD:
        memory.work[PLACE_STATE + UNKNOWN_ZONE] = 1
    elif role == RELATIVE_WORD:
        if (
            memory.work[PLACE_COUNT + ROADS]
            and memory.work[PLACE_STATE + BEFORE]
            and not memory.work[PLACE_STATE + AFTER]
            and (memory.work[PLACE_STATE + UNKNOWN_COMPOUND] or memory.work[PLACE_COUNT + COMPOUNDS])
        ):
            return False
        memory.work[PLACE_STATE + RELATIVE_TO] = 1
    elif role != DROP:
        return False
    memory.work[PLACE_STATE + LAST_KIND] = LAST_WORD
    return True


# -- gaps


@compiled
def _gap(memory: Memory, at: int, count: int) -> int:
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
    if _is_rare(memory, at, count, start, end) or (kinds & ORGANISATION_END and following >= 0 and not _has_numbers(memory)):
        return -1
    if following == WORD_TOKEN:
        role = memory.ints[memory.at[WORD_ROLE] + memory.work[TOKEN_WORD + at + 1]]
        if role in (ZONE_WORD, OVERLAY):
            if role == ZONE_WORD and _is_whole_name(memory, start, memory.work[TOKEN_END + at + 1]):
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
        or _phase_follows(memory, at, count)
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
    return village < end - 1 and not has_place(memory) and _is_whole_name(memory, start, village + 1)


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
    if _continues_division(memory, at, end):
        return -1
    first, last, names = recognise(memory, start, end)
    if names and first > start and (memory.work[PLACE_STATE + BEFORE] or _common_kind(memory, names) == COMPOUND):
        names = 0
    if names:
        kind = _common_kind(memory, names)
        if first == start + 1 and kind == TOWN and memory.work[FOUND_FAULT] == DROPPED:
            return -1
        if first > start and _begins_town(memory, start, first):
            return -1
        if first > start and not _classify(memory, at, start, first, -1):
            return -1
        kind = _common_kind(memory, names)
        if kind < 0 or (following >= 0 and last == end and _is_open(memory, kind, at, following)):
            return -1
        if not _take_misspelt(memory, first, last, kind, names):
            return -1
        if last < end and not _classify(memory, at, last, end, following):
            return -1
        return 1
    if is_empty(memory) and memory.work[PLACE_STATE + BEFORE] == 0 and _may_be_outside(memory, start, end):
        return -1
    return 1 if _classify(memory, at, start, end, following) else -1


@compiled
def _continues_division(memory: Memory, at: int, end: int) -> bool:
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
def _common_kind(memory: Memory, names: int) -> int:
    """The level that all names found can mean, -1 if they can mean several."""
    kinds = 0
    for at in range(names):
        kinds |= can_be(memory, memory.work[FOUND_WORD + at])
    for kind in (TOWN, COMMUNITY, ZONE, ROAD, COMPOUND):
        if kinds == 1 << kind:
            return int(kind)
    return -1


@compiled
def _take_misspelt(memory: Memory, start: int, end: int, kind: int, names: int) -> bool:
    part = SLOT_OF_LEVEL[kind]
    for at in range(names):
        word = memory.work[FOUND_WORD + at]
        meaning = _meaning_of_kind(
            memory, memory.ints[memory.at[MEANING_START] + word], memory.ints[memory.at[MEANING_START] + word + 1], kind
        )
        if meaning < 0:
            return False
        if at == 0:
            if not _take(memory, start, end, meaning, kind, False, memory.work[FOUND_FAULT + at]):
                return False
            if (
                memory.work[PLACE_COUNT + part]
                and memory.work[PLACE_NODE + part * MOST_NODES + 0]
                != memory.ints[memory.at[MEANING_NODE] + memory.ints[memory.at[NODE_START] + meaning]]
            ):
                return False
        elif kind == TOWN or not _put(memory, meaning, part, memory.work[FOUND_FAULT + at]):
            return False
    return True


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
    elif _is_detail(memory, start, end):
        add_fault(memory, NOISE_IGNORED)
    elif following == NAME and not is_complete(memory):
        memory.work[PLACE_STATE + GAP_BEFORE] = 1 + start
    elif kinds & ZONE_END and not memory.work[PLACE_STATE + BEFORE]:
        memory.work[PLACE_STATE + UNKNOWN_ZONE] = 1
    elif memory.work[PLACE_COUNT + COMPOUNDS] and not memory.work[PLACE_STATE + AFTER] and memory.work[TOKEN_KIND + at] == GAP:
        if memory.work[PLACE_STATE + COMPOUND_ENDS_AT] != start:
            return False
        memory.work[PLACE_STATE + UNKNOWN_COMPOUND] = 1
        memory.work[PLACE_STATE + UNKNOWN_START] = memory.work[PLACE_STATE + COMPOUND_START]
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


@compiled
def _is_detail(memory: Memory, start: int, end: int) -> bool:
    """Whether words tell no more than where at the place (门口, 内侧) or how it is lived in (出租房)."""
    if end - start == 2 and is_pair_of(memory, _LIVING_WORDS, start):
        return True
    if end - start == 3 and memory.text[end - 1] == _HOUSE_WORD and is_pair_of(memory, _LIVING_WORDS, start):
        return memory.text[start] == ord("出") or memory.text[start] == ord("自")
    at = start
    while at < end:
        if at + 1 < end and is_pair_of(memory, _PARTS, at):
            at += 2
            if at < end and memory.text[at] == ord("部") and memory.text[at - 1] == _CITY:
                at += 1
        elif at + 1 < end and memory.text[at + 1] == _DOOR and _is_one_of(_OF_DOORS, memory.text[at]):
            at += 2
        elif _is_one_of(_SIDES, memory.text[at]):
            at += 1
        else:
            return False
    return True


@compiled
def is_pair_of(memory: Memory, pairs: Characters, at: int) -> bool:
    for pair in range(len(pairs)):
        if pairs[pair, 0] == memory.text[at] and pairs[pair, 1] == memory.text[at + 1]:
            return True
    return False


@compiled
def _is_one_of(characters: Characters, character: int) -> bool:
    for other in characters:
        if other == character:
            return True
    return False
