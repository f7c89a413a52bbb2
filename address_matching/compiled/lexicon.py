"""The vocabulary as plain arrays: a trie of all words, what each word means, and classes of characters."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.codes import FAULT_CODES, ROLE_CODES
from address_matching.compiled.hashing import Characters, HashTable, Ints, hash_table, laid_out
from address_matching.model import ROAD, TOWN
from address_matching.numbers import STARTS
from address_matching.tokens import NAME, SEVERAL, STEMS, WORD, WORD_TOKEN, Sense
from address_matching.vocabulary import Vocabulary
from address_matching.words import directions, landmarks, suffixes

Bytes = NDArray[np.uint8]

IS_START, IS_MARK, IS_SEPARATOR, IS_SINGLE, IS_DIRECTION, IS_JOINT, IS_CHINESE = (1 << bit for bit in range(7))
"""Classes of characters: begins a number, punctuation within or between addresses, a word of its own, a direction, joins names."""

STEM, YIELDS, PLAIN = 1, 2, 4
"""Flags of words (STEM, YIELDS) and of meanings (PLAIN: not merely the beginning of a name)."""


class Lexicon(NamedTuple):
    """Words and their meanings.

    trie: (state << 16 | character) to state, the root is 0; word_at: word of a state, -1 for none.
    words: kind (NAME or WORD_TOKEN), level (or SEVERAL), role, flags; meanings of word w are meaning_start[w]..[w + 1], by level.
    meanings: kind (a level or OUTSIDE), flags; their nodes are node_start[m]..[m + 1], each with manner (fault code) and validity.
    endings: the generic parts of names by ENDING_KINDS, as a trie read backwards; ending_at: bits of the kinds.
    """

    trie: HashTable
    word_at: Ints
    kind: Ints
    level: Ints
    role: Ints
    flags: Ints
    meaning_start: Ints
    meaning_kind: Ints
    meaning_flags: Ints
    node_start: Ints
    node: Ints
    manner: Ints
    valid_from: Ints
    valid_to: Ints
    classes: Bytes
    endings: HashTable
    ending_at: Ints
    landmarks: HashTable
    landmark_at: Ints


ENDING_KINDS = ("road", "interchangeable_road", "compound", "community", "town", "zone", "organisation")
ROAD_END, ROAD_SUFFIX, COMPOUND_END, COMMUNITY_END, TOWN_END, ZONE_END, ORGANISATION_END = (1 << bit for bit in range(7))


def lexicon_of(vocabulary: Vocabulary) -> Lexicon:
    """Turn a vocabulary into arrays."""
    words = list(vocabulary.tokens)
    trie, word_at = _trie(words)
    tokens = [vocabulary.tokens[word] for word in words]
    meanings = [_meanings(token.senses) for token in tokens]
    flat = [meaning for of_word in meanings for meaning in of_word]
    senses = [[(node, sense) for sense in group for node in sense.nodes] for _, group in flat]
    entries = [entry for group in senses for entry in group]
    endings, ending_at = _endings()
    landmark_trie, landmark_at = _trie(list(landmarks()))
    return Lexicon(
        trie,
        word_at,
        _ints(NAME if token.kind == NAME else WORD_TOKEN for token in tokens),
        _ints(token.level for token in tokens),
        _ints(ROLE_CODES.get(token.value, len(ROLE_CODES)) if token.kind == WORD_TOKEN else 0 for token in tokens),
        _ints(STEM * token.stem + YIELDS * token.yields for token in tokens),
        _starts(meanings),
        _ints(kind for kind, _ in flat),
        _ints(PLAIN * any(sense.how not in STEMS for sense in group) for _, group in flat),
        _starts(senses),
        _ints(node for node, _ in entries),
        _ints(FAULT_CODES[manner_of(sense)] for _, sense in entries),
        _ints(sense.valid_from for _, sense in entries),
        _ints(sense.valid_to for _, sense in entries),
        _classes(vocabulary),
        endings,
        ending_at,
        landmark_trie,
        landmark_at,
    )


def manner_of(sense: Sense) -> str:
    """The fault by which a word differs from the name it means."""
    return "renamed" if sense.how == "renamed_stem" else sense.how


def _meanings(senses: tuple[Sense, ...]) -> list[tuple[int, list[Sense]]]:
    kinds = sorted({sense.kind for sense in senses if sense.kind != WORD})
    return [(kind, [sense for sense in senses if sense.kind == kind]) for kind in kinds]


def _ints(values: object) -> Ints:
    return np.fromiter(values, dtype=np.int32)  # type: ignore[call-overload, no-any-return]


def _starts(groups: list[list[object]] | list[list[tuple[int, list[Sense]]]] | list[list[tuple[int, Sense]]]) -> Ints:
    starts = np.zeros(len(groups) + 1, np.int32)
    np.cumsum([len(group) for group in groups], out=starts[1:])
    return starts


def _trie(words: list[str]) -> tuple[HashTable, Ints]:
    """Return the trie of words and the word (position) of each state; words of characters beyond the basic plane are left out."""
    states: dict[int, int] = {}
    word_at = [-1]
    for position, word in enumerate(words):
        if len(word) < 2 or max(map(ord, word)) > 0xFFFE:
            continue
        state = 0
        for character in word:
            edge = state << 16 | ord(character)
            following = states.get(edge)
            if following is None:
                following = states[edge] = len(word_at)
                word_at.append(-1)
            state = following
        word_at[state] = position
    keys = np.fromiter(states.keys(), np.int64, len(states))
    return hash_table(keys, np.fromiter(states.values(), np.int32, len(states))), np.array(word_at, np.int32)


def _endings() -> tuple[HashTable, Ints]:
    kinds: dict[str, int] = {}
    for bit, kind in enumerate(ENDING_KINDS):
        for suffix in suffixes(kind):
            if kind != "community" or len(suffix) > 1 or suffix == "村":
                kinds[suffix] = kinds.get(suffix, 0) | 1 << bit
    # A state with one more character in front tells single-character endings apart in the trie.
    trie, word_at = _trie_of_any_length([suffix[::-1] for suffix in kinds])
    bits = np.array([*kinds.values(), 0], np.int32)
    return trie, bits[word_at]


def _trie_of_any_length(words: list[str]) -> tuple[HashTable, Ints]:
    states: dict[int, int] = {}
    word_at = [-1]
    for position, word in enumerate(words):
        state = 0
        for character in word:
            edge = state << 16 | ord(character)
            if edge not in states:
                states[edge] = len(word_at)
                word_at.append(-1)
            state = states[edge]
        word_at[state] = position
    keys = np.fromiter(states.keys(), np.int64, len(states))
    return hash_table(keys, np.fromiter(states.values(), np.int32, len(states))), np.array(word_at, np.int32)


def _classes(vocabulary: Vocabulary) -> Bytes:
    classes = np.zeros(0x10000, np.uint8)
    single = vocabulary.single
    for characters, bit in (
        (STARTS, IS_START),
        (",:、/.·-#*()<>+=\"'", IS_MARK),
        (";。|&", IS_SEPARATOR),
        (single, IS_SINGLE),
        (directions(), IS_DIRECTION),
        (",、/", IS_JOINT),
    ):
        classes[[ord(character) for character in characters]] |= bit
    classes[0x4E00:0xA000] |= IS_CHINESE
    return classes


__all__ = ["ROAD", "SEVERAL", "TOWN", "Lexicon", "laid_out", "lexicon_of"]
