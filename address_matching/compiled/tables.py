"""The quick reader's tables of a library, made from its index."""

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.hashing import hash_table, hashes_of, laid_out
from address_matching.compiled.kernel import entry
from address_matching.compiled.layout import Characters, Ints, Keys, Packed, packed
from address_matching.compiled.lexicon import lexicon_tables
from address_matching.compiled.spelling_tables import spelling_tables
from address_matching.compiled.tree import label_key
from address_matching.fuzzy import stem_length
from address_matching.index import AddressIndex
from address_matching.model import COMPOUND


def quick_tables(index: AddressIndex) -> Packed:
    """Make the tables."""
    return packed({**lexicon_tables(index.vocabulary), **spelling_tables(index.vocabulary), **_node_tables(index), **_alias_tables(index)})


def _node_tables(index: AddressIndex) -> dict[str, NDArray[np.generic]]:
    """Labels of all levels lie end to end: label l of a level is label_text[label_start[label_base[level] + l]: ...]."""
    arrays = index.arrays
    sizes = [len(labels) for labels in index.labels]
    base = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    text, text_start = laid_out([label for labels in index.labels for label in labels])
    level_of_label = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    keys = _label_keys(text, text_start, level_of_label)
    labels = hash_table(keys, (np.arange(len(keys)) - base[level_of_label]).astype(np.int32))
    return {
        "node_level": arrays["level"],
        "parent_of": arrays["parent"],
        "label_of": arrays["label"],
        "town_of": arrays["town"],
        "community_of": arrays["community"],
        "node_valid_to": arrays["valid_to"],
        "child_start": arrays["start"],
        "child_key": arrays["key"],
        "child": arrays["child"],
        "label_base": base,
        "label_text": text,
        "label_start": text_start,
        "labels_keys": labels.keys,
        "labels_values": labels.values,
        "label_stem": np.array([stem_length(label) for label in index.labels[COMPOUND]], np.int32),
    }


def _alias_tables(index: AddressIndex) -> dict[str, NDArray[np.generic]]:
    plain = list(index.address_aliases)
    aliases = hash_table(hashes_of(*laid_out(plain)), np.zeros(len(plain), np.int32))
    return {"aliases_keys": aliases.keys, "aliases_values": aliases.values}


@entry
def _key_all(text: Characters, start: Ints, level: Ints, keys: Keys) -> None:
    for at in range(len(level)):
        keys[at] = label_key(text, start[at], start[at + 1], level[at])


def _label_keys(text: Characters, start: Ints, level: Ints) -> Keys:
    keys = np.zeros(len(level), np.int64)
    _key_all(text, start, level, keys)
    return keys
