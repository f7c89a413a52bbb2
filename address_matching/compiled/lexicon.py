"""The vocabulary as plain arrays: a trie of all words, what each word means, and classes of characters."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.codes import DROP, FAULT_CODES, OTHER_ROLE, ROLE_CODES
from address_matching.compiled.hashing import hash_table
from address_matching.compiled.layout import Ints
from address_matching.numbers import STARTS
from address_matching.tokens import NAME, STEMS, WORD, WORD_TOKEN, Sense
from address_matching.vocabulary import Vocabulary
from address_matching.words import directions, landmarks, suffixes, word_roles

IS_START, IS_MARK, IS_SEPARATOR, IS_SINGLE, IS_DIRECTION, IS_JOINT, IS_CHINESE = (1 << bit for bit in range(7))
"""Classes of characters: begins a number, punctuation within or between addresses, a word of its own, a direction, joins names."""

STEM, YIELDS, PLAIN, DROP_WORD = 1, 2, 4, 8
"""Flags of words (STEM, YIELDS, DROP_WORD: also a word that says nothing, as what every village has) and of meanings (PLAIN: not merely the beginning of a name)."""


ENDING_KINDS = ("road", "interchangeable_road", "compound", "community", "town", "zone", "organisation")
ROAD_END, ROAD_SUFFIX, COMPOUND_END, COMMUNITY_END, TOWN_END, ZONE_END, ORGANISATION_END = (1 << bit for bit in range(7))


def lexicon_tables(vocabulary: Vocabulary) -> dict[str, NDArray[Any]]:
    """Turn a vocabulary into tables.

    trie: (state << 16 | character) to state, the root is 0; word_at: word of a state, -1 for none.
    Words: kind (NAME or WORD_TOKEN), level (or SEVERAL), role, flags; meanings of word w are meaning_start[w]..[w + 1], by level.
    Meanings: kind (a level or OUTSIDE), flags; their nodes are node_start[m]..[m + 1], each with manner (fault code) and validity.
    endings: the generic parts of names, read backwards; ending_at: bits of ENDING_KINDS; landmarks: beginnings such as 大桥.
    """
    words = list(vocabulary.tokens)
    tokens = list(vocabulary.tokens.values())
    meanings = [_meanings(token.senses) for token in tokens]
    flat = [meaning for of_word in meanings for meaning in of_word]
    senses = [[(node, sense) for sense in group for node in sense.nodes] for _, group in flat]
    entries = [entry for group in senses for entry in group]
    return {
        **_trie_tables("trie", "word_at", [word if len(word) > 1 and max(map(ord, word)) < 0xFFFF else "" for word in words]),
        **_ending_tables(),
        **_trie_tables("landmarks", "landmark_at", list(landmarks())),
        "word_kind": _ints(NAME if token.kind == NAME else WORD_TOKEN for token in tokens),
        "word_level": _ints(token.level for token in tokens),
        "word_role": _ints(ROLE_CODES.get(token.value, OTHER_ROLE) if token.kind == WORD_TOKEN else DROP for token in tokens),
        "word_flags": _ints(
            STEM * token.stem + YIELDS * token.yields + DROP_WORD * (word_roles().get(word) == "drop")
            for word, token in zip(words, tokens, strict=True)
        ),
        "meaning_start": _starts(map(len, meanings)),
        "meaning_kind": _ints(kind for kind, _ in flat),
        "meaning_flags": _ints(PLAIN * any(sense.how not in STEMS for sense in group) for _, group in flat),
        "node_start": _starts(map(len, senses)),
        "meaning_node": _ints(node for node, _ in entries),
        "manner": _ints(FAULT_CODES[manner_of(sense)] for _, sense in entries),
        "valid_from": _ints(sense.valid_from for _, sense in entries),
        "valid_to": _ints(sense.valid_to for _, sense in entries),
        "classes": _classes(vocabulary),
    }


def manner_of(sense: Sense) -> str:
    """The fault by which a word differs from the name it means."""
    return "renamed" if sense.how == "renamed_stem" else sense.how


def _meanings(senses: tuple[Sense, ...]) -> list[tuple[int, list[Sense]]]:
    if len(senses) == 1:
        return [(senses[0].kind, [senses[0]])] if senses[0].kind != WORD else []
    kinds = sorted({sense.kind for sense in senses if sense.kind != WORD})
    return [(kind, [sense for sense in senses if sense.kind == kind]) for kind in kinds]


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int32)


def _starts(sizes: Iterable[int]) -> Ints:
    ends = np.cumsum(np.fromiter(sizes, dtype=np.int64))
    return np.concatenate([[0], ends]).astype(np.int32)


def _trie_tables(name: str, value_name: str, words: list[str], values: list[int] | None = None) -> dict[str, NDArray[Any]]:
    """The trie of words, and for each state the word's position (or value), -1 for none; empty words are left out."""
    states: dict[int, int] = {}
    value_at = [-1]
    for position, word in enumerate(words):
        state = 0
        for character in word:
            edge = state << 16 | ord(character)
            if edge not in states:
                states[edge] = len(value_at)
                value_at.append(-1)
            state = states[edge]
        if word:
            value_at[state] = position if values is None else values[position]
    keys = np.fromiter(states.keys(), np.int64, len(states))
    table = hash_table(keys, np.fromiter(states.values(), np.int32, len(states)))
    return {f"{name}_keys": table.keys, f"{name}_values": table.values, value_name: np.array(value_at, np.int32)}


def _ending_tables() -> dict[str, NDArray[Any]]:
    kinds: dict[str, int] = {}
    for bit, kind in enumerate(ENDING_KINDS):
        for suffix in (*suffixes(kind), *(suffixes("other_zone") if kind == "zone" else ())):
            if kind != "community" or len(suffix) > 1 or suffix == "村":
                kinds[suffix] = kinds.get(suffix, 0) | 1 << bit
    tables = _trie_tables("endings", "ending_at", [suffix[::-1] for suffix in kinds], list(kinds.values()))
    return {**tables, "ending_at": np.maximum(tables["ending_at"], 0)}


def _classes(vocabulary: Vocabulary) -> NDArray[np.uint8]:
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
