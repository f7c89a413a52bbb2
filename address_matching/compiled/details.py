"""Words that say no more than where at a place something is, or how it is lived in, in compiled code."""

import numpy as np

from address_matching.compiled.kernel import compiled
from address_matching.compiled.layout import Characters, Memory

_SIDES = np.array([ord(character) for character in "内里侧首边面头段"], np.uint16)
_OF_DOORS = np.array([ord(character) for character in "东西南北正后前大"], np.uint16)
_PARTS = np.array([[ord(character) for character in pair] for pair in ("大厅", "门口", "店面", "商铺", "门面", "店铺", "门市")], np.uint16)
_LIVING_WORDS = np.array([[ord(character) for character in pair] for pair in ("暂住", "租房", "出租", "自住", "住宅")], np.uint16)
_DOOR, _HOUSE_WORD = ord("门"), ord("房")
_CITY, _COUNTY = ord("市"), ord("县")


@compiled
def is_detail(memory: Memory, start: int, end: int) -> bool:
    """Whether words tell no more than where at the place (门口, 内侧) or how it is lived in (出租房)."""
    if end - start == 2 and is_pair_of(memory, _LIVING_WORDS, start):
        return True
    if end - start == 3 and memory.text[end - 1] == _HOUSE_WORD and is_pair_of(memory, _LIVING_WORDS, start):
        return memory.text[start] == ord("出") or memory.text[start] == ord("自")
    at = start
    while at < end:
        if at + 1 < end and is_pair_of(memory, _PARTS, at):
            at += 2
            if at < end and memory.text[at] == ord("部") and memory.text[at - 1] == _CITY:
                at += 1
        elif at + 1 < end and memory.text[at + 1] == _DOOR and _is_one_of(_OF_DOORS, memory.text[at]):
            at += 2
        elif _is_one_of(_SIDES, memory.text[at]):
            at += 1
        else:
            return False
    return True


@compiled
def is_pair_of(memory: Memory, pairs: Characters, at: int) -> bool:
    for pair in range(len(pairs)):
        if pairs[pair, 0] == memory.text[at] and pairs[pair, 1] == memory.text[at + 1]:
            return True
    return False


@compiled
def _is_one_of(characters: Characters, character: int) -> bool:
    for other in characters:
        if other == character:
            return True
    return False
