"""The quick reader's tables: of the nodes of a library, and of its vocabulary."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.hashing import hash_table, hashes_of, laid_out, mix
from address_matching.compiled.kernel import entry
from address_matching.compiled.layout import Characters, Ints, Keys, Packed, packed
from address_matching.compiled.lexicon import lexicon_tables
from address_matching.compiled.spelling_tables import spelling_tables
from address_matching.compiled.tree import label_key
from address_matching.fuzzy import stem_length
from address_matching.model import COMPOUND
from address_matching.vocabulary import Vocabulary


def quick_tables(nodes: Mapping[str, NDArray[Any]], vocabulary: Vocabulary, aliases: Sequence[str]) -> Packed:
    """Lay out the tables of nodes (with those of `label_tables`), the vocabulary, and the texts that are aliases of single addresses."""
    keys = hash_table(hashes_of(*laid_out(list(aliases))), np.zeros(len(aliases), np.int32))
    alias_tables = {"aliases_keys": keys.keys, "aliases_values": keys.values}
    return packed({**nodes, **lexicon_tables(vocabulary), **spelling_tables(vocabulary), **alias_tables})


def label_tables(labels: Sequence[Sequence[str]]) -> dict[str, NDArray[Any]]:
    """Lay out the labels of all levels end to end: label l of a level is label_text[label_start[label_base[level] + l]: ...]."""
    sizes = [len(names) for names in labels]
    base = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
    text, start = laid_out([name for names in labels for name in names])
    level = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    keys = np.zeros(len(level), np.int64)
    _key_all(text, start, level, keys)
    found = hash_table(keys, (np.arange(len(keys)) - base[level]).astype(np.int32))
    return {
        "label_base": base,
        "label_text": text,
        "label_start": start,
        "labels_keys": found.keys,
        "labels_values": found.values,
        "label_stem": np.array([stem_length(label) for label in labels[COMPOUND]], np.int32),
    }


def core_tables(cores: Sequence[str], label: Ints, town: Ints) -> dict[str, NDArray[Any]]:
    """Make the table of towns' compounds by the distinctive part of their names (of their labels)."""
    hashes = hashes_of(*laid_out(list(cores)))[label] if len(label) else np.zeros(0, np.int64)
    keys = np.zeros(len(label), np.int64)
    _mix_all(hashes, town, keys)
    table = hash_table(keys, np.zeros(len(keys), np.int32))
    return {"cores_keys": table.keys, "cores_values": table.values}


@entry
def _mix_all(hashes: Keys, town: Ints, keys: Keys) -> None:
    for at in range(len(keys)):
        keys[at] = mix(hashes[at], town[at])


@entry
def _key_all(text: Characters, start: Ints, level: Ints, keys: Keys) -> None:
    for at in range(len(level)):
        keys[at] = label_key(text, start[at], start[at + 1], level[at])
