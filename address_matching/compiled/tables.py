"""The quick reader's tables: of the nodes of a library, and of its vocabulary."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.hashing import HashTable, empty_table, fill_table, hash_table, hashes_of, laid_out, mix
from address_matching.compiled.kernel import entry
from address_matching.compiled.layout import BEGINNING, DISTINCTIVE, Characters, Ints, Keys, Packed, packed, unpacked
from address_matching.compiled.lexicon import lexicon_tables
from address_matching.compiled.spelling_tables import spelling_tables
from address_matching.compiled.tree import label_key
from address_matching.fuzzy import stem_length
from address_matching.model import COMPOUND
from address_matching.vocabulary import Vocabulary


def quick_tables(nodes: Mapping[str, NDArray[Any]], vocabulary: Vocabulary, aliases: int) -> Packed:
    """Lay out the tables of nodes (with those of `label_tables`) and of the vocabulary, with room for so many texts that are aliases of addresses."""
    room = empty_table(aliases)
    alias_tables: dict[str, NDArray[Any]] = {"aliases_keys": room.keys, "aliases_values": room.values}
    return packed({**nodes, **lexicon_tables(vocabulary), **spelling_tables(vocabulary), **alias_tables})


def enter_aliases(tables: Packed, texts: Sequence[str]) -> None:
    """Enter the texts that are aliases of single addresses."""
    found = unpacked(tables)
    fill_table(hashes_of(*laid_out(list(texts))), np.zeros(len(texts), np.int32), HashTable(found["aliases_keys"], found["aliases_values"]))


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


def core_tables(labels: Sequence[str], cores: Sequence[str], label: Ints, town: Ints) -> dict[str, NDArray[Any]]:
    """Make the table of towns and what their compounds begin with (of the distinctive part) and end with (of the name)."""
    keys = [np.zeros(0, np.int64)]
    ends = [(size, [core[:size] for core in cores]) for size in range(2, BEGINNING + 1)]
    for size, texts in (*ends, (DISTINCTIVE, [name[-DISTINCTIVE:] for name in labels])):
        mixed = np.zeros(len(label), np.int64)
        if len(label):
            _mix_all(hashes_of(*laid_out(texts))[label], town, size, mixed)
        keys.append(mixed)
    every = np.concatenate(keys)
    table = hash_table(every, np.zeros(len(every), np.int32))
    return {"cores_keys": table.keys, "cores_values": table.values}


@entry
def _mix_all(hashes: Keys, town: Ints, size: int, keys: Keys) -> None:
    for at in range(len(town)):
        keys[at] = mix(mix(hashes[at], size), town[at])


@entry
def _key_all(text: Characters, start: Ints, level: Ints, keys: Keys) -> None:
    for at in range(len(level)):
        keys[at] = label_key(text, start[at], start[at + 1], level[at])
