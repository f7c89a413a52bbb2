"""Hash tables in plain arrays: keys are 64-bit hashes or packed numbers, empty slots hold 0; size is a power of two."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.kernel import compiled

Ints = NDArray[np.int32]
Keys = NDArray[np.int64]
Characters = NDArray[np.uint16]

SEED = 0x2545F4914F6CDD1D
_FACTOR = 0x369DEA0F31A53F85


class HashTable(NamedTuple):
    """Open addressing with linear probing; `values[slot]` belongs to `keys[slot]`."""

    keys: Keys
    values: Ints


@compiled
def mix(hashed: int, value: int) -> int:
    """Add a value to a hash (multiply and shift, as in SplitMix64); never 0."""
    hashed = (hashed ^ value) * _FACTOR
    hashed ^= (hashed >> 29) & 0x7FFFFFFFF
    return hashed if hashed != 0 else SEED


@compiled
def hash_of(text: Characters, start: int, end: int) -> int:
    """Hash the characters of text[start:end]."""
    hashed = SEED
    for at in range(start, end):
        hashed = mix(hashed, np.int64(text[at]))
    return hashed


@compiled
def find(table: HashTable, key: int) -> int:
    """Return the value of a key, -1 if absent."""
    mask = len(table.keys) - 1
    slot = mix(SEED, key) & mask
    while True:
        found = table.keys[slot]
        if found == key:
            return int(table.values[slot])
        if found == 0:
            return -1
        slot = (slot + 1) & mask


@compiled
def _fill(keys: Keys, values: Ints, table_keys: Keys, table_values: Ints) -> None:
    mask = len(table_keys) - 1
    for at in range(len(keys)):
        key = keys[at]
        slot = mix(SEED, key) & mask
        while table_keys[slot] != 0 and table_keys[slot] != key:
            slot = (slot + 1) & mask
        if table_keys[slot] == 0:
            table_keys[slot] = key
            table_values[slot] = values[at]


def hash_table(keys: Keys, values: Ints) -> HashTable:
    """Make a table; of equal keys the first counts."""
    size = 8
    while size < 2 * len(keys):
        size *= 2
    table = HashTable(np.zeros(size, np.int64), np.zeros(size, np.int32))
    _fill(keys, values, *table)
    return table


@compiled
def hashes_of(characters: Characters, starts: Ints) -> Keys:
    """Hash each of many texts laid end to end; text i is characters[starts[i]:starts[i + 1]]."""
    hashed = np.empty(len(starts) - 1, np.int64)
    for at in range(len(hashed)):
        hashed[at] = hash_of(characters, starts[at], starts[at + 1])
    return hashed


def laid_out(texts: list[str]) -> tuple[Characters, Ints]:
    """Lay texts end to end as 16-bit characters; those beyond the basic plane become 0xFFFF, which no input text has."""
    starts = np.zeros(len(texts) + 1, np.int32)
    np.cumsum([len(text) for text in texts], out=starts[1:])
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    return np.where(codes > 0xFFFF, 0xFFFF, codes).astype(np.uint16), starts
