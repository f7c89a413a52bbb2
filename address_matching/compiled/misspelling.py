"""Misspelt names in compiled code: the counterpart of fuzzy.py over hash tables of sounds and of names short of a character."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
from address_matching.compiled.hashing import SEED, Characters, HashTable, Ints, Keys, find, hash_of, hash_table, laid_out, mix
from address_matching.compiled.kernel import compiled
from address_matching.compiled.lexicon import Bytes, Lexicon
from address_matching.fuzzy import KINDS, LONGEST_NAME, MAIN_DIRECTIONS, NUMERALS, PROTECTED, is_entered, local_sound, plain_sound, stem_length
from address_matching.model import ROAD, TOWN
from address_matching.vocabulary import Vocabulary, split_suffix
from address_matching.words import similar_characters, suffixes

IS_MAIN_DIRECTION, IS_NUMERAL, IS_PROTECTED, IS_ROAD_END = (1 << bit for bit in range(4))
MOST_FOUND = 64
_ORDER = (NO_FAULT, SUFFIX, STEM_ONLY, HOMOPHONE, SIMILAR_SHAPE, SWAPPED, EXTRA, DROPPED, TRUNCATED, DIRECTION_MISSING, CHANGED)
_RANK = np.zeros(64, np.int64)
for _rank, _fault in enumerate(_ORDER):
    _RANK[_fault] = _rank
_ROAD_ENDS = np.array([ord(character) for character in "路街道巷"], np.uint16)
_DA, _DAO, _JIE, _LU, _XIANG, _NONG = (ord(character) for character in "大道街路巷弄")
_FUZZY_KINDS = sum(1 << kind for kind in KINDS)


class Groups(NamedTuple):
    """Words by a key: the words of key k are word[value] .. while they bear the same key."""

    table: HashTable
    key: Keys
    word: Ints


class Spellings(NamedTuple):
    """Names as they may be misspelt.

    sound, local: sound of each character, plain and as local speech merges it; traits: classes of characters; similar: pairs of
    characters (a << 16 | b) of like shape; text, start: all words laid end to end; whole: word by its hash; stem_size: length
    of each word without the generic part; by_sound, by_deletion, by_stem: words by the hash of their local sounds, of all
    characters but one, and of a road's stem; kinds: bits of the levels a word can mean.
    """

    sound: Characters
    local: Characters
    traits: Bytes
    similar: HashTable
    text: Characters
    start: Ints
    whole: HashTable
    stem_size: Ints
    kinds: Ints
    by_sound: Groups
    by_deletion: Groups
    by_stem: Groups


class Found(NamedTuple):
    """Names found in a gap: word and fault of each."""

    word: Keys
    fault: Keys


def spellings_of(vocabulary: Vocabulary) -> Spellings:
    """Lay out the words of a vocabulary for look-ups of misspelt ones."""
    words = list(vocabulary.tokens)
    sound, local = _sounds()
    text, start = laid_out(words)
    entered = np.array([is_entered(word, vocabulary.senses[word]) for word in words], bool)
    stems, stem_words = _road_stems(words, vocabulary)
    stem_text, stem_start = laid_out(stems)
    whole = _hashes(text, start)
    pairs = np.array([ord(one) << 16 | ord(other) for one, other in sorted(similar_characters())], np.int64)
    return Spellings(
        sound,
        local,
        _traits(),
        hash_table(pairs, np.ones(len(pairs), np.int32)),
        text,
        start,
        hash_table(whole, np.arange(len(words), dtype=np.int32)),
        np.array([stem_length(word) for word in words], np.int32),
        np.array([sum({1 << sense.kind for sense in token.senses if sense.kind >= 0}) for token in vocabulary.tokens.values()], np.int32),
        _groups(_sound_hashes(text, start, local)[entered], np.flatnonzero(entered)),
        _groups(*_deletions(text, start, entered)),
        _groups(_hashes(stem_text, stem_start), np.array(stem_words, np.int64)),
    )


def _sounds() -> tuple[Characters, Characters]:
    plain = np.zeros(0x10000, np.uint16)
    local = np.zeros(0x10000, np.uint16)
    numbers: dict[str, int] = {}
    for table, sound in ((plain, plain_sound), (local, local_sound)):
        for code in range(0x10000):
            chinese = 0x4E00 <= code < 0xA000
            # Sounds take numbers that no character has; what is not Chinese stands for itself.
            table[code] = numbers.setdefault(sound(chr(code)), 0xE000 + len(numbers)) if chinese else code
    return plain, local


def _traits() -> Bytes:
    traits = np.zeros(0x10000, np.uint8)
    ends = [suffix for suffix in suffixes("road") if len(suffix) == 1]
    for characters, bit in ((MAIN_DIRECTIONS, IS_MAIN_DIRECTION), (NUMERALS, IS_NUMERAL), (PROTECTED, IS_PROTECTED), (ends, IS_ROAD_END)):
        traits[[ord(character) for character in characters]] |= bit
    return traits


def _road_stems(words: list[str], vocabulary: Vocabulary) -> tuple[list[str], list[int]]:
    stems: list[str] = []
    positions: list[int] = []
    for position, word in enumerate(words):
        senses = vocabulary.senses[word]
        if is_entered(word, senses) and any(sense.kind == ROAD for sense in senses):
            stem, suffix = split_suffix("interchangeable_road", word)
            if suffix and len(stem) > 1:
                stems.append(stem)
                positions.append(position)
    return stems, positions


def _groups(keys: Keys, words: NDArray[np.int64]) -> Groups:
    order = np.lexsort((words, keys))
    key, word = keys[order], words[order].astype(np.int32)
    return Groups(hash_table(key, np.arange(len(key), dtype=np.int32)), key, word)


@compiled
def _hashes(text: Characters, start: Ints) -> Keys:
    hashed = np.empty(len(start) - 1, np.int64)
    for at in range(len(hashed)):
        hashed[at] = hash_of(text, np.int64(start[at]), np.int64(start[at + 1]))
    return hashed


@compiled
def _sound_hash(text: Characters, start: int, end: int, local: Characters) -> int:
    hashed = SEED
    for at in range(start, end):
        hashed = mix(hashed, np.int64(local[text[at]]))
    return hashed


@compiled
def _sound_hashes(text: Characters, start: Ints, local: Characters) -> Keys:
    hashed = np.empty(len(start) - 1, np.int64)
    for at in range(len(hashed)):
        hashed[at] = _sound_hash(text, np.int64(start[at]), np.int64(start[at + 1]), local)
    return hashed


@compiled
def _deletion_hash(text: Characters, start: int, end: int, left_out: int) -> int:
    hashed = SEED
    for at in range(start, end):
        if at != left_out:
            hashed = mix(hashed, np.int64(text[at]))
    return hashed


@compiled
def _fill_deletions(text: Characters, start: Ints, entered: NDArray[np.bool_], keys: Keys, words: Keys) -> int:
    count = 0
    for word in range(len(start) - 1):
        if not entered[word]:
            continue
        for left_out in range(np.int64(start[word]), np.int64(start[word + 1])):
            if left_out > start[word] and text[left_out] == text[left_out - 1]:
                continue
            keys[count] = _deletion_hash(text, np.int64(start[word]), np.int64(start[word + 1]), left_out)
            words[count] = word
            count += 1
    return count


def _deletions(text: Characters, start: Ints, entered: NDArray[np.bool_]) -> tuple[Keys, Keys]:
    keys, words = np.empty(len(text), np.int64), np.empty(len(text), np.int64)
    count = _fill_deletions(text, start, entered, keys, words)
    return keys[:count], words[:count]


@compiled
def difference(text: Characters, start: int, end: int, other: Characters, first: int, last: int, stem_size: int, spellings: Spellings) -> int:
    """Return the one fault by which text[start:end] differs from the name other[first:last], NO_FAULT where they are different names."""
    size, name = end - start, last - first
    traits = spellings.traits
    if size == name:
        return _replaced(text, start, end, other, first, stem_size, spellings)
    at = 0
    if name == size + 1 and name > 3:
        while at < size and text[start + at] == other[first + at]:
            at += 1
        for rest in range(at, size):
            if text[start + rest] != other[first + rest + 1]:
                return NO_FAULT
        missing = traits[other[first + at]]
        if missing & IS_MAIN_DIRECTION:
            return DIRECTION_MISSING
        if missing & IS_NUMERAL:
            return NO_FAULT
        if at == size:
            return STEM_ONLY if missing & IS_ROAD_END else TRUNCATED
        return DROPPED
    if size == name + 1 and name > 2:
        while at < name and text[start + at] == other[first + at]:
            at += 1
        for rest in range(at, name):
            if text[start + rest + 1] != other[first + rest]:
                return NO_FAULT
        repeats = at > 0 and text[start + at - 1] == text[start + at]
        inside = at > 0 and name > 4 and not traits[text[start + at]] & IS_PROTECTED
        return EXTRA if repeats or inside else NO_FAULT
    return NO_FAULT


@compiled
def _replaced(text: Characters, start: int, end: int, other: Characters, first: int, stem_size: int, spellings: Spellings) -> int:
    wrong, at_wrong, second = 0, 0, 0
    same_sound, same_shape, protected, any_protected = True, True, False, False
    for at in range(end - start):
        one, two = text[start + at], other[first + at]
        if one == two:
            continue
        wrong += 1
        if wrong == 1:
            at_wrong = at
        elif wrong == 2:
            second = at
        first_protected = spellings.traits[one] & IS_PROTECTED
        second_protected = spellings.traits[two] & IS_PROTECTED
        protected = protected or bool(first_protected and second_protected)
        any_protected = any_protected or bool(first_protected or second_protected)
        if spellings.sound[one] != spellings.sound[two]:
            same_sound = False
            if find(spellings.similar, np.int64(one) << 16 | np.int64(two)) < 0:
                same_shape = False
    if wrong == 0:
        return NO_FAULT
    if wrong == 2 and second == at_wrong + 1:
        a, b = start + at_wrong, first + at_wrong
        if text[a] == other[b + 1] and text[a + 1] == other[b]:
            return SWAPPED if end - start > 3 else NO_FAULT
    if protected:
        return NO_FAULT
    if same_sound:
        return HOMOPHONE
    if same_shape:
        return SIMILAR_SHAPE
    plain = wrong == 1 and not any_protected and text[end - 1] == other[first + end - start - 1]
    return CHANGED if plain and stem_size > 2 else NO_FAULT


@compiled
def _road_suffix_size(text: Characters, start: int, end: int) -> int:
    last = text[end - 1]
    if end - start > 2 and text[end - 2] == _DA and (last == _DAO or last == _JIE):
        return 2
    return 1 if end - start > 1 and (last == _LU or last == _JIE or last == _XIANG or last == _NONG) else 0


@compiled
def _add(found: Found, count: int, word: int, fault: int) -> int:
    for at in range(count):
        if found.word[at] == word and found.fault[at] == fault:
            return count
    if count < MOST_FOUND:
        found.word[count] = word
        found.fault[count] = fault
        return count + 1
    return count


@compiled
def _add_near(text: Characters, start: int, end: int, groups: Groups, key: int, spellings: Spellings, found: Found, count: int) -> int:
    at = find(groups.table, key)
    while 0 <= at < len(groups.key) and groups.key[at] == key:
        word = np.int64(groups.word[at])
        count = _add_if_near(text, start, end, word, spellings, found, count)
        at += 1
    return count


@compiled
def _add_if_near(text: Characters, start: int, end: int, word: int, spellings: Spellings, found: Found, count: int) -> int:
    first, last = np.int64(spellings.start[word]), np.int64(spellings.start[word + 1])
    fault = difference(text, start, end, spellings.text, first, last, np.int64(spellings.stem_size[word]), spellings)
    return _add(found, count, word, fault) if fault != NO_FAULT else count


@compiled
def _nearest(text: Characters, start: int, end: int, spellings: Spellings, found: Found) -> int:
    """Collect the names near text[start:end] with the fault that parts them; returns how many."""
    count = 0
    suffix = _road_suffix_size(text, start, end)
    key = hash_of(text, start, end - suffix)
    own = find(spellings.whole, hash_of(text, start, end))
    at = find(spellings.by_stem.table, key)
    while 0 <= at < len(spellings.by_stem.key) and spellings.by_stem.key[at] == key:
        if not suffix or spellings.by_stem.word[at] != own:
            count = _add(found, count, np.int64(spellings.by_stem.word[at]), SUFFIX if suffix else STEM_ONLY)
        at += 1
    if end - start < 3:
        return count
    count = _add_near(text, start, end, spellings.by_sound, _sound_hash(text, start, end, spellings.local), spellings, found, count)
    count = _add_near(text, start, end, spellings.by_deletion, hash_of(text, start, end), spellings, found, count)
    for left_out in range(start, end):
        shorter = _deletion_hash(text, start, end, left_out)
        count = _add_near(text, start, end, spellings.by_deletion, shorter, spellings, found, count)
        word = find(spellings.whole, shorter)
        if word >= 0:
            count = _add_if_near(text, start, end, word, spellings, found, count)
    return count


@compiled
def _means_in(word: int, towns: Keys, town_count: int, town_of: Ints, lexicon: Lexicon) -> bool:
    for meaning in range(lexicon.meaning_start[word], lexicon.meaning_start[word + 1]):
        for at in range(lexicon.node_start[meaning], lexicon.node_start[meaning + 1]):
            for town in range(town_count):
                if town_of[lexicon.node[at]] == towns[town]:
                    return True
    return False


@compiled
def _keep_best(found: Found, count: int, towns: Keys, town_count: int, town_of: Ints, lexicon: Lexicon) -> int:
    """Keep the names of the slightest fault, those of the towns before others; returns how many."""
    best, best_inside = 99, 99
    for at in range(count):
        rank = _RANK[found.fault[at]]
        best = min(best, rank)
        if rank < best_inside and (town_count == 0 or _means_in(found.word[at], towns, town_count, town_of, lexicon)):
            best_inside = rank
    inside = town_count > 0 and best_inside < 99
    wanted = best_inside if inside else best
    kept = 0
    for at in range(count):
        word = found.word[at]
        if _RANK[found.fault[at]] == wanted and (not inside or _means_in(word, towns, town_count, town_of, lexicon)):
            found.word[kept] = word
            found.fault[kept] = found.fault[at]
            kept += 1
    return kept


@compiled
def recognise(
    text: Characters,
    gap_start: int,
    gap_end: int,
    towns: Keys,
    town_count: int,
    town_of: Ints,
    lexicon: Lexicon,
    spellings: Spellings,
    found: Found,
) -> tuple[int, int, int]:
    """Find the longest misspelt name that ends the gap or at a road's generic part: start, end, how many names; none: 0 names."""
    end = gap_end
    while end > gap_start + 1:
        if end == gap_end or (end < gap_end and _is_road_end(text[end - 1])):
            for start in range(max(gap_start, end - LONGEST_NAME), end - 1):
                count = _nearest(text, start, end, spellings, found)
                if count:
                    return start, end, _keep_best(found, count, towns, town_count, town_of, lexicon)
        end -= 1
    return 0, 0, 0


@compiled
def _is_road_end(character: int) -> bool:
    for other in _ROAD_ENDS:
        if other == character:
            return True
    return False


@compiled
def can_be(word: int, spellings: Spellings) -> int:
    """Return the levels (bits) a misspelt word may mean."""
    return spellings.kinds[word] & _FUZZY_KINDS


__all__ = ["TOWN", "Found", "Spellings", "can_be", "difference", "recognise", "spellings_of"]
