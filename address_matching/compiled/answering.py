"""The quick reader: answers the texts in the usual form, many a second, and leaves the others to the careful reader.

Its answers are those of the careful reader; `tests/address_matching/test_quick_reader.py` holds them against each other.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from address_matching.compiled.codes import BRACKET_IGNORED, DASH
from address_matching.compiled.deciding import CAREFUL, UNMATCHED, decide
from address_matching.compiled.folding import LONGEST, decode, fold, folding_table, numeral_table
from address_matching.compiled.hashing import Characters, HashTable, Ints, Keys, find
from address_matching.compiled.hits import GIVE_UP, Hit, empty_hit
from address_matching.compiled.judging import Case, is_plate, look_up
from address_matching.compiled.kernel import compiled, entry, sources_digest
from address_matching.compiled.lexicon import IS_CHINESE, Lexicon
from address_matching.compiled.misspelling import MOST_FOUND, Found, Spellings
from address_matching.compiled.numbering import is_digit, is_letter
from address_matching.compiled.place import AFTER, BEFORE, DAY, HAS_DAY, ROADS, Place, add_fault, clear, empty_place
from address_matching.compiled.reading import read
from address_matching.compiled.readings import Readings, empty_readings, read_numbers
from address_matching.compiled.scanning import Tokens, empty_tokens, longest_word, scan
from address_matching.compiled.tree import Nodes
from address_matching.model import COMMUNITY, HOUSE, TOWN
from address_matching.tokens import NAME

Bytes = NDArray[np.uint8]
NO_DAY = -(2**31)
_OPEN, _CLOSE = ord("("), ord(")")
_PAST = np.array([ord(character) for character in "原旧曾老现"], np.uint16)
_BOUNDS = np.array([ord(character) for character in "至到临"], np.uint16)
_SIDES = np.array([ord(character) for character in "东西南北"], np.uint16)
_PLACES = np.array([ord(character) for character in "路街巷弄村镇号"], np.uint16)
_HYPHEN = ord("-")


class QuickTables(NamedTuple):
    """Everything the quick reader needs of a library."""

    lexicon: Lexicon
    spellings: Spellings
    nodes: Nodes
    label_stems: Ints
    alias_keys: HashTable


class Scratch(NamedTuple):
    """Room to work in: the characters as written and in standard spelling, tokens, place, readings, hits, names found."""

    raw: Characters
    text: Characters
    tokens: Tokens
    place: Place
    readings: Readings
    best: Hit
    other: Hit
    found: Found


def _scratch() -> Scratch:
    return Scratch(
        np.zeros(LONGEST, np.uint16),
        np.zeros(16 * LONGEST, np.uint16),
        empty_tokens(),
        empty_place(),
        empty_readings(),
        empty_hit(),
        empty_hit(),
        Found(np.zeros(MOST_FOUND, np.int64), np.zeros(MOST_FOUND, np.int64)),
    )


class Answers(NamedTuple):
    """One entry a text: answer (CAREFUL, MATCHED, UNMATCHED), node, reason, packed faults."""

    answer: NDArray[np.int8]
    node: Ints
    reason: NDArray[np.int8]
    faults: Keys


@compiled
def _is_one_of(characters: Characters, character: int) -> bool:
    for other in characters:
        if other == character:
            return True
    return False


@compiled
def _names_place(text: Characters, length: int) -> bool:
    """Whether a text can be no network address."""
    for at in range(length):
        if _is_one_of(_PLACES, text[at]):
            return True
    return False


@compiled
def _is_usual(text: Characters, length: int, lexicon: Lexicon) -> bool:
    """Whether a text holds none of what only the careful reader tells: bounds (东至), words in Latin letters."""
    for at in range(length - 1):
        if _is_one_of(_SIDES, text[at]) and _is_one_of(_BOUNDS, text[at + 1]):
            return False
        if is_letter(text[at]) and is_letter(text[at + 1]):
            return False
    return True


@compiled
def _without_brackets(text: Characters, length: int, lexicon: Lexicon) -> tuple[int, bool]:
    """Take notes in brackets out of a text; -1 where they may say something about the place."""
    kept = 0
    bracketed = False
    at = 0
    while at < length:
        character = text[at]
        if character == _CLOSE:
            return -1, False
        if character == _OPEN:
            end = at + 1
            while end < length and text[end] != _CLOSE and text[end] != _OPEN:
                end += 1
            if end == length or text[end] == _OPEN or not _says_nothing(text, at + 1, end, lexicon):
                return -1, False
            bracketed = True
            at = end + 1
            continue
        text[kept] = character
        kept += 1
        at += 1
    return kept, bracketed


@compiled
def _says_nothing(text: Characters, start: int, end: int, lexicon: Lexicon) -> bool:
    """Whether a note names no town or community, and is no part of a name or number (二期, 502室)."""
    if end - start < 3:
        return False
    if _is_one_of(_PAST, text[start]):
        return True
    for at in range(start, end):
        if not lexicon.classes[text[at]] & IS_CHINESE:
            return False
        found = longest_word(text, at, end, end - start, lexicon)
        while found:
            word = (found & 0xFFFFFF) - 1
            if lexicon.kind[word] == NAME:
                for meaning in range(lexicon.meaning_start[word], lexicon.meaning_start[word + 1]):
                    if lexicon.meaning_kind[meaning] in (TOWN, COMMUNITY):
                        return False
            found = longest_word(text, at, end, (found >> 24) - 1, lexicon)
    return True


@compiled
def _may_be_range(case: Case, options: int) -> bool:
    """Whether the plate has the form 12-16, which may stand for several plates."""
    place = case.place
    if place.state[BEFORE] != 1 or place.state[AFTER] or place.count[ROADS] == 0:
        return False
    kind = place.kind[0, 0]
    if kind != HOUSE and kind != DASH:
        return False
    dashes, low, high = 0, 0, 0
    for at in range(place.start[0, 0], place.end[0, 0]):
        if case.text[at] == _HYPHEN:
            dashes += 1
        elif not is_digit(case.text[at]):
            return False
        elif dashes == 0:
            low = 10 * low + case.text[at] - 48
        else:
            high = 10 * high + case.text[at] - 48
    return dashes == 1 and low < high <= low + 60 and not is_plate(case)


def answer_texts(tables: QuickTables, data: Bytes, offsets: Ints, days: Ints) -> Answers:
    """Answer UTF-8 texts data[offsets[i]:offsets[i + 1]]; days: days since 1970, NO_DAY where unknown."""
    count = len(offsets) - 1
    answers = Answers(np.zeros(count, np.int8), np.full(count, -1, np.int32), np.zeros(count, np.int8), np.zeros(count, np.int64))
    _compiled_entry()(tables, folding_table(), numeral_table(), _scratch(), data, offsets, days, answers)
    return answers


@cache
def _compiled_entry() -> Callable[..., None]:
    digest = sources_digest()

    def answer_all(
        tables: QuickTables,
        folding: Characters,
        numerals: Ints,
        scratch: Scratch,
        data: Bytes,
        offsets: Ints,
        days: Ints,
        answers: Answers,
    ) -> None:
        if not digest:
            return
        raw, text, tokens, place, readings, best, other, found = scratch
        case = Case(text, place, readings, tables.nodes, tables.spellings, tables.label_stems)
        for row in range(len(offsets) - 1):
            length = decode(data, offsets[row], offsets[row + 1], raw)
            if length > 0:
                length = fold(raw, length, folding, numerals, text)
            if length <= 0:
                continue
            clear(place)
            if days[row] != NO_DAY:
                place.state[HAS_DAY] = 1
                place.state[DAY] = days[row]
            length, bracketed = _without_brackets(text, length, tables.lexicon)
            if length <= 0 or not _is_usual(text, length, tables.lexicon):
                continue
            count = scan(text, length, tables.lexicon, tokens)
            if count <= 0 or not read(text, tokens, count, tables.lexicon, tables.spellings, tables.nodes.town, found, place):
                continue
            if find(tables.alias_keys, place.plain[0]) >= 0:
                continue
            if bracketed:
                add_fault(place, BRACKET_IGNORED)
            options = read_numbers(text, length, place, readings)
            if options < 0 or _may_be_range(case, options) or look_up(case, options, best, other) == GIVE_UP:
                continue
            answer, node, reason, faults = decide(place, best, tables.nodes)
            if answer == UNMATCHED and not _names_place(text, length):
                answer = CAREFUL
            answers.answer[row] = answer
            answers.node[row] = node
            answers.reason[row] = reason
            answers.faults[row] = faults

    return entry(answer_all)
