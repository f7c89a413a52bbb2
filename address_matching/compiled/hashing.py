"""Hash tables in plain arrays: keys are 64-bit hashes or packed numbers, empty slots hold 0; size is a power of two."""

from typing import NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from address_matching.compiled.kernel import compiled, entry
from address_matching.compiled.layout import VALUES_OF_KEYS, Characters, Ints, Keys, Memory

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
        hashed = mix(hashed, text[at])
    return hashed


@compiled
def find(memory: Memory, table: int, key: int) -> int:
    """Return the value of a key in a hash table of the memory, -1 if absent."""
    mask = memory.size[table] - 1
    keys = memory.at[table]
    slot = mix(SEED, key) & mask
    while True:
        found = memory.keys[keys + slot]
        if found == key:
            return memory.ints[memory.at[table + VALUES_OF_KEYS] + slot]
        if found == 0:
            return -1
        slot = (slot + 1) & mask


@entry
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
    table = empty_table(len(keys))
    fill_table(keys, values, table)
    return table


def empty_table(entries: int) -> HashTable:
    """Make an empty table for so many entries."""
    size = 8
    while size < 2 * entries:
        size *= 2
    return HashTable(np.zeros(size, np.int64), np.zeros(size, np.int32))


def fill_table(keys: Keys, values: Ints, table: HashTable) -> None:
    """Enter keys with their values; of equal keys the first counts."""
    _fill(np.ascontiguousarray(keys, np.int64), np.ascontiguousarray(values, np.int32), table.keys, table.values)


def count_distinct(keys: Keys) -> int:
    """Return how many distinct keys there are (none is 0)."""
    return int(np.count_nonzero(hash_table(keys, np.zeros(len(keys), np.int32)).keys))


@entry
def _ranks(keys: Keys, table_keys: Keys, table_values: Ints, ranks: Ints) -> None:
    mask = len(table_keys) - 1
    last_key, last_rank = 0, 0
    for at in range(len(keys)):
        key = keys[at]
        if key != last_key:
            slot = mix(SEED, key) & mask
            while table_keys[slot] != key:
                slot = (slot + 1) & mask
            last_key, last_rank = key, table_values[slot]
        ranks[at] = last_rank


def distinct_and_ranks(keys: Keys) -> tuple[Keys, Ints]:
    """Return the distinct keys (none is 0) in order, and for each key its place among them: `numpy.unique` without sorting all of them."""
    table = empty_table(len(keys))
    fill_table(keys, np.zeros(len(keys), np.int32), table)
    distinct = np.sort(table.keys[table.keys != 0])
    table = empty_table(len(distinct))
    fill_table(distinct, np.arange(len(distinct), dtype=np.int32), table)
    ranks = np.zeros(len(keys), np.int32)
    _ranks(np.ascontiguousarray(keys), table.keys, table.values, ranks)
    return distinct, ranks


@entry
def _hash_all(text: Characters, start: Ints, hashed: Keys) -> None:
    for at in range(len(hashed)):
        hashed[at] = hash_of(text, start[at], start[at + 1])


def hashes_of(text: Characters, start: Ints) -> Keys:
    """Hash each of many texts laid end to end; text i is text[start[i]:start[i + 1]]."""
    hashed = np.zeros(len(start) - 1, np.int64)
    _hash_all(text, start, hashed)
    return hashed


@entry
def _hash_bytes(data: NDArray[np.uint8], start: Ints, hashed: Keys) -> None:
    for at in range(len(hashed)):
        value = SEED
        for position in range(start[at], start[at + 1]):
            value = mix(value, data[position])
        hashed[at] = value


def hashes_of_strings(texts: pa.StringArray) -> Keys:
    """Hash the UTF-8 bytes of strings."""
    hashed = np.zeros(len(texts), np.int64)
    if len(texts):
        start, data = string_buffers(texts)
        _hash_bytes(data, start, hashed)
    return hashed


def string_buffers(texts: pa.StringArray) -> tuple[Ints, NDArray[np.uint8]]:
    """Return where the strings begin in their bytes (one entry more than strings), and the bytes."""
    _, starts, data = texts.buffers()
    start = np.frombuffer(starts, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    return start, np.frombuffer(data, np.uint8) if data is not None and data.size else np.zeros(1, np.uint8)


def laid_out(texts: list[str]) -> tuple[Characters, Ints]:
    """Lay texts end to end as 16-bit characters; those beyond the basic plane become 0xFFFF, which no input text has."""
    starts = np.zeros(len(texts) + 1, np.int32)
    np.cumsum([len(text) for text in texts], out=starts[1:])
    codes = np.frombuffer("".join(texts).encode("utf-32-le"), dtype=np.uint32)
    return np.where(codes > 0xFFFF, 0xFFFF, codes).astype(np.uint16), starts
