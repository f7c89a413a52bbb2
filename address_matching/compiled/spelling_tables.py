"""Tables of the vocabulary's names as they may be misspelt."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.differences import IS_MAIN_DIRECTION, IS_NUMERAL, IS_PROTECTED, IS_ROAD_END
from address_matching.compiled.hashing import SEED, hash_table, hashes_of, laid_out, mix
from address_matching.compiled.kernel import entry
from address_matching.compiled.layout import Characters, Ints, Keys
from address_matching.fuzzy import MAIN_DIRECTIONS, NUMERALS, PROTECTED, is_entered, local_sound, plain_sound, stem_length
from address_matching.model import ROAD
from address_matching.vocabulary import Vocabulary, split_suffix
from address_matching.words import similar_characters, suffixes


def spelling_tables(vocabulary: Vocabulary) -> dict[str, NDArray[Any]]:
    """Lay out the words of a vocabulary for look-ups of misspelt ones.

    sound, local: sound of each character, plain and as local speech merges it; traits: classes of characters; similar: pairs of
    characters (a << 16 | b) of like shape; word_text, word_start: all words end to end; whole: word by its hash; stem_size: length
    of each word without the generic part; sounds, deletions, stems: words by the hash of their local sounds, of all characters
    but one, and of a road's stem; word_kinds: bits of the levels a word can mean.
    """
    words = list(vocabulary.tokens)
    sound, local = _sounds()
    text, start = laid_out(words)
    entered = np.array([is_entered(word, vocabulary.senses[word]) for word in words], bool)
    stems, stem_words = _road_stems(words, vocabulary)
    whole = hash_table(hashes_of(text, start), np.arange(len(words), dtype=np.int32))
    pairs = np.array([ord(one) << 16 | ord(other) for one, other in sorted(similar_characters())], np.int64)
    similar = hash_table(pairs, np.ones(len(pairs), np.int32))
    return {
        "sound": sound,
        "local": local,
        "traits": _traits(),
        "similar_keys": similar.keys,
        "similar_values": similar.values,
        "word_text": text,
        "word_start": start,
        "whole_keys": whole.keys,
        "whole_values": whole.values,
        "stem_size": np.array([stem_length(word) if known else 0 for word, known in zip(words, entered.tolist(), strict=True)], np.int32),
        "word_kinds": np.array(
            [sum({1 << sense.kind for sense in token.senses if sense.kind >= 0}) for token in vocabulary.tokens.values()], np.int32
        ),
        **_group_tables("sounds", _sound_hashes(text, start, local)[entered], np.flatnonzero(entered)),
        **_group_tables("deletions", *_deletions(text, start, entered)),
        **_group_tables("stems", hashes_of(*laid_out(stems)), np.array(stem_words, np.int64)),
    }


@cache
def _sounds() -> tuple[Characters, Characters]:
    plain = np.zeros(0x10000, np.uint16)
    local = np.zeros(0x10000, np.uint16)
    numbers: dict[str, int] = {}
    for table, sound in ((plain, plain_sound), (local, local_sound)):
        for code in range(0x10000):
            chinese = 0x4E00 <= code < 0xA000
            # Sounds take numbers that no character has; what is not Chinese stands for itself.
            table[code] = numbers.setdefault(sound(chr(code)), 0xE000 + len(numbers)) if chinese else code
    return plain, local


def _traits() -> NDArray[np.uint8]:
    traits = np.zeros(0x10000, np.uint8)
    ends = [suffix for suffix in suffixes("road") if len(suffix) == 1]
    for characters, bit in ((MAIN_DIRECTIONS, IS_MAIN_DIRECTION), (NUMERALS, IS_NUMERAL), (PROTECTED, IS_PROTECTED), (ends, IS_ROAD_END)):
        traits[[ord(character) for character in characters]] |= bit
    return traits


def _road_stems(words: list[str], vocabulary: Vocabulary) -> tuple[list[str], list[int]]:
    stems: list[str] = []
    positions: list[int] = []
    for position, word in enumerate(words):
        senses = vocabulary.senses[word]
        if is_entered(word, senses) and any(sense.kind == ROAD for sense in senses):
            stem, suffix = split_suffix("interchangeable_road", word)
            if suffix and len(stem) > 1:
                stems.append(stem)
                positions.append(position)
    return stems, positions


def _group_tables(name: str, keys: Keys, words: Keys) -> dict[str, NDArray[Any]]:
    order = np.lexsort((words, keys))
    key = keys[order]
    table = hash_table(key, np.arange(len(key), dtype=np.int32))
    return {f"{name}_keys": table.keys, f"{name}_values": table.values, f"{name}_key": key, f"{name}_word": words[order]}


@entry
def _hash_sounds(text: Characters, start: Ints, local: Characters, hashed: Keys) -> None:
    for word in range(len(hashed)):
        value = SEED
        for at in range(start[word], start[word + 1]):
            value = mix(value, local[text[at]])
        hashed[word] = value


@entry
def _hash_deletions(text: Characters, start: Ints, entered: NDArray[np.uint8], keys: Keys, words: Keys) -> int:
    count = 0
    for word in range(len(entered)):
        if not entered[word]:
            continue
        for left_out in range(start[word], start[word + 1]):
            if left_out > start[word] and text[left_out] == text[left_out - 1]:
                continue
            value = SEED
            for at in range(start[word], start[word + 1]):
                if at != left_out:
                    value = mix(value, text[at])
            keys[count] = value
            words[count] = word
            count += 1
    return count


def _sound_hashes(text: Characters, start: Ints, local: Characters) -> Keys:
    hashed = np.zeros(len(start) - 1, np.int64)
    _hash_sounds(text, start, local, hashed)
    return hashed


def _deletions(text: Characters, start: Ints, entered: NDArray[np.bool_]) -> tuple[Keys, Keys]:
    keys, words = np.zeros(len(text), np.int64), np.zeros(len(text), np.int64)
    count = _hash_deletions(text, start, entered.astype(np.uint8), keys, words)
    return keys[:count], words[:count]
