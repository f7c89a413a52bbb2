"""Where everything lies: the library's tables end to end in three arrays, the working memory of one reader in two more.

Compiled functions pass these five arrays on instead of some fifty, which keeps machine code small and calls cheap.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from address_matching.model import ROOM

Characters = NDArray[np.uint16]
Ints = NDArray[np.int32]
Keys = NDArray[np.int64]

SMALL_TABLES = ("classes", "sound", "local", "traits", "word_text", "node_level", "label_text")
KEY_TABLES = (
    *(
        f"{table}_keys"
        for table in ("trie", "endings", "landmarks", "similar", "whole", "sounds", "deletions", "stems", "labels", "aliases", "cores")
    ),
    "sounds_key",
    "deletions_key",
    "stems_key",
)
INT_TABLES = (
    *(
        f"{table}_values"
        for table in ("trie", "endings", "landmarks", "similar", "whole", "sounds", "deletions", "stems", "labels", "aliases", "cores")
    ),
    "word_at",
    "word_kind",
    "word_level",
    "word_role",
    "word_flags",
    "meaning_start",
    "meaning_kind",
    "meaning_flags",
    "node_start",
    "meaning_node",
    "manner",
    "valid_from",
    "valid_to",
    "ending_at",
    "landmark_at",
    "word_start",
    "stem_size",
    "word_kinds",
    "sounds_word",
    "deletions_word",
    "stems_word",
    "parent_of",
    "label_of",
    "town_of",
    "community_of",
    "node_valid_to",
    "child_start",
    "child_key",
    "child",
    "label_base",
    "label_start",
    "label_stem",
    "node_valid_from",
    "name_node",
    "detailed_towns",
)
TABLES = (*SMALL_TABLES, *KEY_TABLES, *INT_TABLES)
(
    CLASSES,
    SOUND,
    LOCAL,
    TRAITS,
    WORD_TEXT,
    NODE_LEVEL,
    LABEL_TEXT,
    TRIE,
    ENDINGS,
    LANDMARKS,
    SIMILAR,
    WHOLE,
    BY_SOUND,
    BY_DELETION,
    BY_STEM,
    BY_LABEL,
    BY_ALIAS,
    BY_CORE,
    SOUNDS_KEY,
    DELETIONS_KEY,
    STEMS_KEY,
    TRIE_VALUES,
    ENDINGS_VALUES,
    LANDMARKS_VALUES,
    SIMILAR_VALUES,
    WHOLE_VALUES,
    SOUNDS_VALUES,
    DELETIONS_VALUES,
    STEMS_VALUES,
    LABELS_VALUES,
    ALIASES_VALUES,
    CORES_VALUES,
    WORD_AT,
    WORD_KIND,
    WORD_LEVEL,
    WORD_ROLE,
    WORD_FLAGS,
    MEANING_START,
    MEANING_KIND,
    MEANING_FLAGS,
    NODE_START,
    MEANING_NODE,
    MANNER,
    VALID_FROM,
    VALID_TO,
    ENDING_AT,
    LANDMARK_AT,
    WORD_START,
    STEM_SIZE,
    WORD_KINDS,
    SOUNDS_WORD,
    DELETIONS_WORD,
    STEMS_WORD,
    PARENT_OF,
    LABEL_OF,
    TOWN_OF,
    COMMUNITY_OF,
    NODE_VALID_TO,
    CHILD_START,
    CHILD_KEY,
    CHILD,
    LABEL_BASE,
    LABEL_START,
    LABEL_STEM,
    NODE_VALID_FROM,
    NAME_NODE,
    DETAILED_TOWNS,
) = range(len(TABLES))
"""Tables by number: `memory.at[table]` is where a table begins, `memory.size[table]` its length."""
VALUES_OF_KEYS = TRIE_VALUES - TRIE
"""From a hash table's keys to its values."""

LONGEST = 120
"""Longer texts are left to the careful reader."""

MOST_NODES = 256
MOST_NUMBERS = 8
MOST_FAULTS = 24
MOST_TOKENS = 48
MOST_FOUND = 64
MOST_READINGS = 12
MOST_CANDIDATES = 10
STATE_SIZE = 32
READING = ROOM + 1

HIT_NODE, HIT_SPARE, HIT_FAULTS, HIT_STATE = 0, MOST_NODES, 2 * MOST_NODES, 2 * MOST_NODES + MOST_FAULTS
HIT_SIZE = HIT_STATE + 5

(
    TOKEN_KIND,
    TOKEN_START,
    TOKEN_END,
    TOKEN_WORD,
    TOKEN_NUMBER,
    TOKEN_VALUE_START,
    TOKEN_VALUE_END,
) = range(0, 7 * MOST_TOKENS, MOST_TOKENS)
FOUND_WORD = 7 * MOST_TOKENS
FOUND_FAULT = FOUND_WORD + MOST_FOUND
PLACE_NODE = FOUND_FAULT + MOST_FOUND
PLACE_FAULT = PLACE_NODE + 6 * MOST_NODES
PLACE_COUNT = PLACE_FAULT + 6 * MOST_NODES
PLACE_NUMBER_KIND = PLACE_COUNT + 6
PLACE_NUMBER_START = PLACE_NUMBER_KIND + 2 * MOST_NUMBERS
PLACE_NUMBER_END = PLACE_NUMBER_START + 2 * MOST_NUMBERS
PLACE_FAULTS = PLACE_NUMBER_END + 2 * MOST_NUMBERS
PLACE_STATE = PLACE_FAULTS + MOST_FAULTS
PLACE_PLAIN = PLACE_STATE + STATE_SIZE
READING_START = PLACE_PLAIN + 1
READING_END = READING_START + 4 * MOST_READINGS * READING
READING_SPARE_START = READING_END + 4 * MOST_READINGS * READING
READING_SPARE_END = READING_SPARE_START + 4 * MOST_READINGS * READING
WRITTEN = READING_SPARE_END + 4 * MOST_READINGS * READING
BEST = WRITTEN + 1
OTHER = BEST + HIT_SIZE
_WORK_SIZE = OTHER + HIT_SIZE


class Memory(NamedTuple):
    """small, ints, keys: the tables; at, size: where each begins and how long it is; work: state of the text being read; text: its characters."""

    small: Characters
    ints: Ints
    keys: Keys
    at: Keys
    size: Keys
    work: Keys
    text: Characters


class Packed(NamedTuple):
    """The tables of a library end to end; at, size: where each begins and how long it is."""

    small: Characters
    ints: Ints
    keys: Keys
    at: Keys
    size: Keys


def packed(tables: Mapping[str, NDArray[Any]]) -> Packed:
    """Lay tables end to end; all of TABLES must be there."""
    at, size = np.zeros(len(TABLES), np.int64), np.zeros(len(TABLES), np.int64)
    arrays = []
    for names, kind in ((SMALL_TABLES, np.uint16), (INT_TABLES, np.int32), (KEY_TABLES, np.int64)):
        end = 0
        for name in names:
            at[TABLES.index(name)], size[TABLES.index(name)] = end, len(tables[name])
            end += len(tables[name])
        arrays.append(np.concatenate([np.asarray(tables[name]).astype(kind, copy=False) for name in names]))
    small, ints, keys = arrays
    return Packed(small, ints, keys, at, size)


def unpacked(tables: Packed) -> dict[str, NDArray[Any]]:
    """Return the tables by name, without copying them."""
    found: dict[str, NDArray[Any]] = {}
    for names, array in ((SMALL_TABLES, tables.small), (INT_TABLES, tables.ints), (KEY_TABLES, tables.keys)):
        for name in names:
            start = int(tables.at[TABLES.index(name)])
            found[name] = array[start : start + int(tables.size[TABLES.index(name)])]
    return found


def memory_of(tables: Packed) -> Memory:
    """The tables with working memory for one reader."""
    return Memory(*tables, np.zeros(_WORK_SIZE, np.int64), np.zeros(16 * LONGEST, np.uint16))
