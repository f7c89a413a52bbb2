"""The quick reader's tables of a library, made from its index."""

import numpy as np

from address_matching.compiled.answering import QuickTables
from address_matching.compiled.hashing import Ints, hash_of, hash_table, laid_out
from address_matching.compiled.kernel import compiled
from address_matching.compiled.lexicon import lexicon_of
from address_matching.compiled.misspelling import spellings_of
from address_matching.compiled.tree import Nodes, label_key
from address_matching.compiled.hashing import Characters, Keys
from address_matching.fuzzy import stem_length
from address_matching.index import AddressIndex
from address_matching.model import COMPOUND


def quick_tables(index: AddressIndex) -> QuickTables:
    """Make the tables."""
    vocabulary = index.vocabulary
    return QuickTables(
        lexicon_of(vocabulary),
        spellings_of(vocabulary),
        _nodes(index),
        np.array([stem_length(label) for label in index.labels[COMPOUND]], np.int32),
        _alias_keys(list(index.address_aliases)),
    )


def _nodes(index: AddressIndex) -> Nodes:
    arrays = index.arrays
    sizes = [len(labels) for labels in index.labels]
    base = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    text, text_start = laid_out([label for labels in index.labels for label in labels])
    level_of_label = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    keys = _label_keys(text, text_start, level_of_label)
    number = (np.arange(len(keys)) - base[level_of_label]).astype(np.int32)
    return Nodes(
        np.asarray(arrays["parent"]),
        np.asarray(arrays["level"]).astype(np.int8),
        np.asarray(arrays["label"]),
        np.asarray(arrays["town"]),
        np.asarray(arrays["community"]),
        np.asarray(arrays["valid_to"]),
        np.asarray(arrays["start"]),
        np.asarray(arrays["key"]),
        np.asarray(arrays["child"]),
        base,
        text,
        text_start,
        hash_table(keys, number),
    )


@compiled
def _label_keys(text: Characters, start: Ints, level: Ints) -> Keys:
    keys = np.empty(len(level), np.int64)
    for at in range(len(level)):
        keys[at] = label_key(text, start[at], start[at + 1], level[at])
    return keys


def _alias_keys(plain: list[str]) -> "object":
    text, start = laid_out(plain)
    return hash_table(_plain_keys(text, start), np.zeros(len(plain), np.int32))


@compiled
def _plain_keys(text: Characters, start: Ints) -> Keys:
    keys = np.empty(len(start) - 1, np.int64)
    for at in range(len(keys)):
        keys[at] = hash_of(text, start[at], start[at + 1])
    return keys
