"""The quick reader's tables: of the nodes of a library, and of its vocabulary."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.hashing import SEED, HashTable, empty_table, fill_table, hash_table, hashes_of, laid_out, mix
from address_matching.compiled.kernel import compiled, entry
from address_matching.compiled.layout import Characters, Ints, Keys, Packed, packed, unpacked
from address_matching.compiled.lexicon import lexicon_tables
from address_matching.compiled.spelling_tables import spelling_tables
from address_matching.compiled.surroundings import ANY_TOWN, BEGINS, ENDS, SEVERAL, WHOLE, core_key
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


def core_tables(labels: Sequence[str], cores: Sequence[str], label: Ints, town: Ints, node: Ints) -> dict[str, NDArray[Any]]:
    """Make the table of all beginnings of the distinctive parts of compounds and all ends of their names, by town and for any town.

    labels, cores: names and their distinctive parts; label, town, node: of each compound, node SEVERAL where it cannot be meant.
    Values are as in surroundings.py; of any town a part is always that of several.
    """
    every = np.arange(len(labels), dtype=np.int32)
    which = np.concatenate([label, every])
    towns = np.concatenate([town, np.full(len(labels), ANY_TOWN, np.int32)])
    nodes = np.concatenate([node, np.full(len(labels), SEVERAL, np.int32)])
    text, start = laid_out([*cores, *labels])
    sizes = np.diff(start)
    table = empty_table(int((sizes[: len(labels)] + sizes[len(labels) :])[which].sum()))
    _fill_cores(text, start, len(labels), which, towns, nodes, table.keys, table.values)
    return {"cores_keys": table.keys, "cores_values": table.values}


@entry
def _fill_cores(
    text: Characters, start: Ints, names: int, label: Ints, town: Ints, node: Ints, table_keys: Keys, table_values: Ints
) -> None:
    for entry_at in range(len(label)):
        name = label[entry_at]
        hashed = SEED
        for at in range(start[name], start[name + 1]):
            hashed = mix(hashed, text[at])
            whole = WHOLE if at == start[name + 1] - 1 else 0
            _put_core(table_keys, table_values, core_key(hashed, BEGINS, town[entry_at]), node[entry_at], whole)
        hashed = SEED
        for at in range(start[names + name + 1] - 1, start[names + name] - 1, -1):
            hashed = mix(hashed, text[at])
            _put_core(table_keys, table_values, core_key(hashed, ENDS, town[entry_at]), node[entry_at], 0)


@compiled
def _put_core(table_keys: Keys, table_values: Ints, key: int, node: int, whole: int) -> None:
    mask = len(table_keys) - 1
    slot = mix(SEED, key) & mask
    while table_keys[slot] != 0 and table_keys[slot] != key:
        slot = (slot + 1) & mask
    known = node >= 0 and table_keys[slot] == 0
    table_values[slot] = node << 1 | whole if known else SEVERAL
    table_keys[slot] = key


@entry
def _key_all(text: Characters, start: Ints, level: Ints, keys: Keys) -> None:
    for at in range(len(level)):
        keys[at] = label_key(text, start[at], start[at + 1], level[at])
