"""From tokens to a place: the compiled counterpart of reader.py and gaps.py for texts with one address in the usual order."""

import numpy as np

from address_matching.compiled.codes import (
    ALIAS,
    ALIAS_OUT_OF_DATE,
    BARE,
    BAY,
    BAY_IGNORED,
    DASH,
    DROP,
    GROUP,
    NO_FAULT,
    NOISE_IGNORED,
    OVERLAY,
    OVERLAY_IGNORED,
    RENAMED,
    STEM_ONLY,
    SUFFIX,
    ZONE_WORD,
)
from address_matching.compiled.hashing import Characters, Ints, find
from address_matching.compiled.kernel import compiled
from address_matching.compiled.lexicon import (
    COMMUNITY_END,
    COMPOUND_END,
    IS_DIRECTION,
    IS_JOINT,
    ORGANISATION_END,
    PLAIN,
    ROAD_END,
    STEM,
    TOWN_END,
    YIELDS,
    ZONE_END,
    Lexicon,
)
from address_matching.compiled.misspelling import Found, Spellings, can_be, recognise
from address_matching.compiled.place import (
    AFTER,
    BEFORE,
    COMMUNITIES,
    COMPOUND_END as COMPOUND_ENDS_AT,
    COMPOUND_START,
    COMPOUNDS,
    DAY,
    DIVISION,
    GROUP_END,
    GROUP_START,
    HAS_DAY,
    JOINED,
    LAST_GAP,
    LAST_KIND,
    LAST_NAME,
    LAST_NUMBER,
    LAST_WORD,
    MOST_NODES,
    OPEN_END,
    ROADS,
    SLOT_OF_LEVEL,
    TOWNS,
    UNKNOWN_COMMUNITY,
    UNKNOWN_COMPOUND,
    UNKNOWN_END,
    UNKNOWN_ROAD,
    UNKNOWN_START,
    UNKNOWN_ZONE,
    Place,
    add_fault,
    add_number,
    has_place,
    is_complete,
    is_empty,
    note_plain,
)
from address_matching.compiled.scanning import Tokens, ends_with
from address_matching.model import COMMUNITY, COMPOUND, NATURAL_VILLAGE, ROAD, ROOM, TOWN, ZONE
from address_matching.tokens import GAP, MARK, NAME, NUMBER, OUTSIDE, SEVERAL, WORD_TOKEN

_PIAN, _DAO = ord("片"), ord("道")
_XIN, _CUN = ord("新"), ord("村")
_DETAILS = np.array([ord(character) for character in "内里侧首边面头段"], np.uint16)
_MORE_DETAILS = np.array([ord(character) for character in "内里侧首边面头段大厅东西南北正后前门口代收第"], np.uint16)
"""What may say where at a place, but takes the careful reader to tell."""


@compiled
def read(
    text: Characters,
    tokens: Tokens,
    count: int,
    lexicon: Lexicon,
    spellings: Spellings,
    town_of: Ints,
    found: Found,
    place: Place,
) -> bool:
    """Fill the place from the tokens; False where it takes the careful reader."""
    at = 0
    while at < count:
        kind = tokens.kind[at]
        if kind == NAME:
            step = _name(text, tokens, at, count, lexicon, town_of, place)
        elif kind == NUMBER:
            step = 1 if _number(text, tokens, at, count, lexicon, place) else -1
        elif kind == GAP:
            step = _gap(text, tokens, at, count, lexicon, spellings, town_of, found, place)
        elif kind == WORD_TOKEN:
            step = 1 if _word(np.int64(lexicon.role[tokens.word[at]]), place) else -1
        elif kind == MARK:
            if lexicon.classes[text[tokens.start[at]]] & IS_JOINT:
                place.state[JOINED] = 1
            step = 1
        else:
            step = -1
        if step < 0:
            return False
        at += step
    if count and tokens.kind[count - 1] == NUMBER and tokens.number[count - 1] == BARE:
        place.state[OPEN_END] = 1
    return True


# -- names


@compiled
def _name(text: Characters, tokens: Tokens, at: int, count: int, lexicon: Lexicon, town_of: Ints, place: Place) -> int:
    """Read a word of the vocabulary; returns how many tokens were read, -1 to give up."""
    word = tokens.word[at]
    meaning = _choose(tokens, at, count, word, lexicon, town_of, place)
    kind = np.int64(lexicon.meaning_kind[meaning])
    flags = lexicon.flags[word]
    gap_follows = at + 1 < count and tokens.kind[at + 1] == GAP
    if flags & YIELDS and gap_follows:
        if ends_with(text, tokens.start[at + 1], tokens.end[at + 1], lexicon) & (ROAD_END | COMMUNITY_END):
            return -1
    late = kind == COMMUNITY and is_complete(place) and not place.state[JOINED]
    if flags & STEM or late:
        answer = _begins_longer(text, tokens, at, count, meaning, lexicon, place)
        if answer != 0:
            return answer
    return 1 if _take(text, tokens.start[at], tokens.end[at], meaning, kind, bool(flags & STEM), NO_FAULT, lexicon, place) else -1


@compiled
def _choose(tokens: Tokens, at: int, count: int, word: int, lexicon: Lexicon, town_of: Ints, place: Place) -> int:
    """Pick the meaning a word has here."""
    first, last = np.int64(lexicon.meaning_start[word]), np.int64(lexicon.meaning_start[word + 1])
    if last - first == 1:
        return first
    heads = place.count[TOWNS] == 0 and place.state[BEFORE] == 0
    any_plain = False
    for meaning in range(first, last):
        any_plain = any_plain or _is_plain(meaning, heads, lexicon)
    town = _meaning_of_kind(first, last, TOWN, lexicon)
    if town >= 0 and _town_goes_on(tokens, at, count, town, lexicon, town_of):
        return town
    best, best_rank = first, 99
    for meaning in range(first, last):
        if any_plain and not _is_plain(meaning, heads, lexicon):
            continue
        rank = _preference(np.int64(lexicon.meaning_kind[meaning]), place)
        if rank < best_rank:
            best, best_rank = meaning, rank
    return best


@compiled
def _is_plain(meaning: int, heads: bool, lexicon: Lexicon) -> bool:
    return bool(lexicon.meaning_flags[meaning] & PLAIN) or (heads and 0 <= lexicon.meaning_kind[meaning] < TOWN)


@compiled
def _meaning_of_kind(first: int, last: int, kind: int, lexicon: Lexicon) -> int:
    for meaning in range(first, last):
        if lexicon.meaning_kind[meaning] == kind:
            return meaning
    return -1


@compiled
def _preference(kind: int, place: Place) -> int:
    """Rank of a kind in the order in which a word of several kinds is understood."""
    if kind == OUTSIDE:
        return 0
    if kind < TOWN:
        return 1 + kind
    if kind == TOWN:
        return 4 if place.count[TOWNS] == 0 else 12
    if kind == ROAD:
        return 6 if place.state[BEFORE] else 5
    if kind == COMPOUND:
        return 5 if place.state[BEFORE] else 6
    return 7 + kind - COMMUNITY


@compiled
def _town_goes_on(tokens: Tokens, at: int, count: int, town: int, lexicon: Lexicon, town_of: Ints) -> bool:
    """Whether a word that may be an old town is one because a place in it follows: 林溪 before 溪坦村."""
    if at + 1 >= count or tokens.kind[at + 1] != NAME:
        return False
    following = tokens.word[at + 1]
    if lexicon.level[following] == TOWN or lexicon.level[following] == SEVERAL:
        return False
    for meaning in range(lexicon.meaning_start[following], lexicon.meaning_start[following + 1]):
        for node in range(lexicon.node_start[meaning], lexicon.node_start[meaning + 1]):
            for own in range(lexicon.node_start[town], lexicon.node_start[town + 1]):
                if town_of[lexicon.node[node]] == lexicon.node[own]:
                    return True
    return False


@compiled
def _begins_longer(text: Characters, tokens: Tokens, at: int, count: int, meaning: int, lexicon: Lexicon, place: Place) -> int:
    """A stem may be the beginning of a name the library lacks: 0 if it is not, 1 if it was joined to the gap behind it, -1 to give up."""
    complete = is_complete(place)
    if at + 1 >= count:
        return -1 if complete else 0
    kind = np.int64(lexicon.meaning_kind[meaning])
    following = tokens.kind[at + 1]
    contradicts = kind == TOWN and place.count[TOWNS] > 0 and not _shares_town(meaning, lexicon, place)
    if following == WORD_TOKEN:
        role = lexicon.role[tokens.word[at + 1]]
        return -1 if role == OVERLAY or role == ZONE_WORD else 0
    if following == NAME:
        return -1 if contradicts and lexicon.flags[tokens.word[at + 1]] & STEM else 0
    if following != GAP:
        return 0
    start, end = tokens.start[at + 1], tokens.end[at + 1]
    beginning = kind == COMMUNITY and (
        end - start < 3 or lexicon.classes[text[start]] & IS_DIRECTION or not ends_with(text, start, end, lexicon) & ROAD_END
    )
    if complete or contradicts or beginning or _begins_with_landmark(text, start, end, lexicon):
        tokens.start[at + 1] = tokens.start[at]
        return 1
    return 0


@compiled
def _shares_town(meaning: int, lexicon: Lexicon, place: Place) -> bool:
    for node in range(lexicon.node_start[meaning], lexicon.node_start[meaning + 1]):
        for at in range(place.count[TOWNS]):
            if lexicon.node[node] == place.node[TOWNS, at]:
                return True
    return False


@compiled
def _begins_with_landmark(text: Characters, start: int, end: int, lexicon: Lexicon) -> bool:
    state = 0
    for at in range(start, end):
        state = find(lexicon.landmarks, int(state) << 16 | int(text[at]))
        if state < 0:
            return False
        if lexicon.landmark_at[state] >= 0:
            return True
    return False


@compiled
def _take(text: Characters, start: int, end: int, meaning: int, kind: int, stem: bool, fault: int, lexicon: Lexicon, place: Place) -> bool:
    """Enter a meaning into the place; False to give up."""
    state = place.state
    if kind == OUTSIDE:
        if not (place.count[TOWNS] or has_place(place)):
            return False
    elif kind < TOWN:
        state[DIVISION] = 1
    else:
        if is_complete(place) and not stem and _may_begin_another(kind, place):
            return False
        if not _enter(start, end, meaning, kind, stem, fault, lexicon, place):
            return False
        if kind > TOWN:
            note_plain(place, text, start, end)
        state[JOINED] = 0
    state[LAST_KIND] = LAST_NAME
    return True


@compiled
def _may_begin_another(kind: int, place: Place) -> bool:
    if kind == ROAD and place.count[ROADS] and place.state[BEFORE]:
        return True
    if kind == COMPOUND and place.state[JOINED] and place.count[COMPOUNDS] == 0:
        return True
    return bool(place.state[JOINED]) and not (kind == ROAD and place.count[ROADS] == 0)


@compiled
def _enter(start: int, end: int, meaning: int, kind: int, stem: bool, fault: int, lexicon: Lexicon, place: Place) -> bool:
    part = SLOT_OF_LEVEL[kind]
    if kind == TOWN and place.count[TOWNS]:
        return _narrow_towns(meaning, fault, lexicon, place)
    if kind == COMMUNITY:
        if stem and (is_complete(place) or place.count[ROADS]):
            return True
        if place.count[COMMUNITIES] and stem:
            return True
    elif kind == NATURAL_VILLAGE or kind == ZONE:
        if place.count[part]:
            return True
    elif kind == ROAD:
        if place.count[ROADS]:
            if not (place.state[BEFORE] or place.count[COMPOUNDS]):
                return False
            add_fault(place, NOISE_IGNORED)
            return True
        if place.state[BEFORE] and not has_place(place):
            return False
    elif kind == COMPOUND:
        if place.count[COMPOUNDS] and place.state[AFTER]:
            add_fault(place, NOISE_IGNORED)
            return True
        place.state[COMPOUND_START] = start
        place.state[COMPOUND_ENDS_AT] = end
    place.count[part] = 0
    return _put(meaning, part, fault, lexicon, place)


@compiled
def _put(meaning: int, part: int, fault: int, lexicon: Lexicon, place: Place) -> bool:
    """Add the nodes of a meaning to a part; of several manners for one node the nearest counts. False if there are too many."""
    for at in range(lexicon.node_start[meaning], lexicon.node_start[meaning + 1]):
        node = np.int64(lexicon.node[at])
        manner = _manner(at, fault, lexicon, place)
        count = place.count[part]
        known = False
        for other in range(count):
            if place.node[part, other] == node:
                known = True
                if _nearness(manner) < _nearness(place.fault[part, other]):
                    place.fault[part, other] = manner
        if known:
            continue
        if count == MOST_NODES:
            return False
        place.node[part, count] = node
        place.fault[part, count] = manner
        place.count[part] = count + 1
    return True


@compiled
def _manner(at: int, fault: int, lexicon: Lexicon, place: Place) -> int:
    if place.state[HAS_DAY] and not lexicon.valid_from[at] <= place.state[DAY] < lexicon.valid_to[at]:
        return ALIAS_OUT_OF_DATE
    return fault if fault else int(lexicon.manner[at])


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
def _narrow_towns(meaning: int, fault: int, lexicon: Lexicon, place: Place) -> bool:
    """A second town: what both names may mean, with the second's faults; False if they disagree."""
    common = 0
    for at in range(place.count[TOWNS]):
        node = place.node[TOWNS, at]
        best = -1
        for other in range(lexicon.node_start[meaning], lexicon.node_start[meaning + 1]):
            if lexicon.node[other] == node:
                manner = _manner(other, fault, lexicon, place)
                if best < 0 or _nearness(manner) < _nearness(best):
                    best = manner
        if best >= 0:
            place.node[TOWNS, common] = node
            place.fault[TOWNS, common] = best
            common += 1
    if common == 0:
        return False
    place.count[TOWNS] = common
    return True


# -- numbers and words


@compiled
def _number(text: Characters, tokens: Tokens, at: int, count: int, lexicon: Lexicon, place: Place) -> bool:
    kind, start, end = tokens.number[at], tokens.value_start[at], tokens.value_end[at]
    state = place.state
    if state[JOINED]:
        return False
    if kind == GROUP:
        state[GROUP_START] = start
        state[GROUP_END] = end
    elif kind == BAY:
        add_fault(place, BAY_IGNORED)
    else:
        road_follows = at + 1 < count and tokens.kind[at + 1] == NAME and lexicon.level[tokens.word[at + 1]] == ROAD
        if road_follows and place.count[ROADS] == 0 and state[BEFORE] == 0:
            return False
        after = 1 if place.count[COMPOUNDS] or state[UNKNOWN_COMPOUND] else 0
        if kind == DASH and state[AFTER] and place.kind[1, state[AFTER] - 1] == ROOM:
            add_fault(place, BAY_IGNORED)
        elif not add_number(place, after, kind, start, end):
            return False
    state[LAST_KIND] = LAST_NUMBER
    note_plain(place, text, tokens.start[at], tokens.end[at])
    return True


@compiled
def _word(role: int, place: Place) -> bool:
    if role == OVERLAY:
        add_fault(place, OVERLAY_IGNORED)
    elif role == ZONE_WORD:
        place.state[UNKNOWN_ZONE] = 1
    elif role != DROP:
        return False
    place.state[LAST_KIND] = LAST_WORD
    return True


# -- gaps


@compiled
def _gap(
    text: Characters,
    tokens: Tokens,
    at: int,
    count: int,
    lexicon: Lexicon,
    spellings: Spellings,
    town_of: Ints,
    found: Found,
    place: Place,
) -> int:
    """Read words between known tokens; returns how many tokens were read, -1 to give up."""
    start, end = tokens.start[at], tokens.end[at]
    state = place.state
    kinds = ends_with(text, start, end, lexicon)
    following = tokens.kind[at + 1] if at + 1 < count else -1
    if kinds & ORGANISATION_END and not is_complete(place) and following >= 0:
        return -1
    if following == WORD_TOKEN:
        role = lexicon.role[tokens.word[at + 1]]
        if role == ZONE_WORD or role == OVERLAY:
            if role == ZONE_WORD:
                state[UNKNOWN_ZONE] = 1
            else:
                add_fault(place, OVERLAY_IGNORED)
            state[LAST_KIND] = LAST_WORD
            return 2
    whole = _whole_ending(text, start, end, lexicon)
    if text[end - 1] == _PIAN and following == NAME:
        add_fault(place, OVERLAY_IGNORED)
    elif state[LAST_KIND] == LAST_NAME and ((whole & ROAD_END and place.count[ROADS]) or (whole & COMPOUND_END and place.count[COMPOUNDS])):
        add_fault(place, SUFFIX)
    elif end - start == 1 and text[start] == _DAO and state[LAST_KIND] == LAST_NAME and place.count[TOWNS] and not has_place(place):
        return -1
    elif _is_noise(tokens, at, following, lexicon, place):
        add_fault(place, NOISE_IGNORED)
    else:
        return _unknown(text, tokens, at, following, lexicon, spellings, town_of, found, place)
    return 1


@compiled
def _whole_ending(text: Characters, start: int, end: int, lexicon: Lexicon) -> int:
    """Return the kinds of generic part that text[start:end] is as a whole."""
    state = 0
    for at in range(end - 1, start - 1, -1):
        state = find(lexicon.endings, int(state) << 16 | int(text[at]))
        if state < 0:
            return 0
    return int(lexicon.ending_at[state])


@compiled
def _is_noise(tokens: Tokens, at: int, following: int, lexicon: Lexicon, place: Place) -> bool:
    if following < 0 or has_place(place) or place.count[TOWNS]:
        return False
    if following == MARK:
        return is_empty(place)
    if following != NAME:
        return False
    word = tokens.word[at + 1]
    if lexicon.flags[word] & STEM:
        return False
    for meaning in range(lexicon.meaning_start[word], lexicon.meaning_start[word + 1]):
        if lexicon.meaning_kind[meaning] > TOWN:
            return False
    return True


@compiled
def _unknown(
    text: Characters,
    tokens: Tokens,
    at: int,
    following: int,
    lexicon: Lexicon,
    spellings: Spellings,
    town_of: Ints,
    found: Found,
    place: Place,
) -> int:
    start, end = tokens.start[at], tokens.end[at]
    first, last, names = recognise(text, start, end, place.node[TOWNS], place.count[TOWNS], town_of, lexicon, spellings, found)
    if names:
        if first > start and not _classify(text, tokens, at, start, first, -1, lexicon, place):
            return -1
        kind = _common_kind(found, names, spellings)
        if kind < 0 or following >= 0 and last == end and _is_open(kind, tokens, at, following, lexicon, place):
            return -1
        if not _take_misspelt(text, first, last, kind, names, lexicon, found, place):
            return -1
        if last < end and not _classify(text, tokens, at, last, end, following, lexicon, place):
            return -1
        return 1
    if is_empty(place) and place.state[BEFORE] == 0:
        return -1
    return 1 if _classify(text, tokens, at, start, end, following, lexicon, place) else -1


@compiled
def _is_open(kind: int, tokens: Tokens, at: int, following: int, lexicon: Lexicon, place: Place) -> bool:
    """Whether what follows a misspelt community could still change its reading."""
    return kind == COMMUNITY and is_complete(place) and not place.state[JOINED]


@compiled
def _common_kind(found: Found, names: int, spellings: Spellings) -> int:
    """The level that all names found can mean, -1 if they can mean several."""
    kinds = 0
    for at in range(names):
        kinds |= can_be(found.word[at], spellings)
    for kind in (TOWN, COMMUNITY, ZONE, ROAD, COMPOUND):
        if kinds == 1 << kind:
            return int(kind)
    return -1


@compiled
def _take_misspelt(text: Characters, start: int, end: int, kind: int, names: int, lexicon: Lexicon, found: Found, place: Place) -> bool:
    part = SLOT_OF_LEVEL[kind]
    for at in range(names):
        word = found.word[at]
        meaning = _meaning_of_kind(np.int64(lexicon.meaning_start[word]), np.int64(lexicon.meaning_start[word + 1]), kind, lexicon)
        if meaning < 0:
            return False
        if at == 0:
            if not _take(text, start, end, meaning, kind, False, found.fault[at], lexicon, place):
                return False
            if place.count[part] and place.node[part, 0] != lexicon.node[lexicon.node_start[meaning]]:
                return False
        elif kind == TOWN or not _put(meaning, part, found.fault[at], lexicon, place):
            return False
    return True


@compiled
def _classify(
    text: Characters, tokens: Tokens, at: int, start: int, end: int, following: int, lexicon: Lexicon, place: Place
) -> bool:
    """Keep an unknown name as what its generic part makes it; False to give up."""
    state, count = place.state, place.count
    kinds = ends_with(text, start, end, lexicon)
    state[LAST_KIND] = LAST_GAP
    note_plain(place, text, start, end)
    if kinds & ROAD_END and not count[ROADS]:
        state[UNKNOWN_ROAD] = 1
    elif kinds & COMMUNITY_END and not _is_new_village(text, start, end) and not (count[ROADS] or state[BEFORE]):
        state[UNKNOWN_COMMUNITY] = 1
    elif kinds & TOWN_END and not (has_place(place) or state[BEFORE]):
        return False
    elif _consists_of(_DETAILS, text, start, end):
        add_fault(place, NOISE_IGNORED)
    elif _consists_of(_MORE_DETAILS, text, start, end):
        return False
    elif following == NAME and not is_complete(place):
        return False
    elif kinds & ZONE_END and not state[BEFORE]:
        state[UNKNOWN_ZONE] = 1
    elif count[COMPOUNDS] and not state[AFTER] and tokens.kind[at] == GAP:
        if state[COMPOUND_ENDS_AT] != start:
            return False
        state[UNKNOWN_COMPOUND] = 1
        state[UNKNOWN_START] = state[COMPOUND_START]
        state[UNKNOWN_END] = end
    elif state[AFTER] or (count[COMPOUNDS] and state[BEFORE]):
        add_fault(place, NOISE_IGNORED)
    else:
        state[UNKNOWN_COMPOUND] = 1
        state[UNKNOWN_START] = start
        state[UNKNOWN_END] = end
    return True


@compiled
def _is_new_village(text: Characters, start: int, end: int) -> bool:
    return end - start > 1 and text[end - 1] == _CUN and text[end - 2] == _XIN


@compiled
def _consists_of(characters: Characters, text: Characters, start: int, end: int) -> bool:
    for at in range(start, end):
        known = False
        for character in characters:
            known = known or text[at] == character
        if not known:
            return False
    return True
