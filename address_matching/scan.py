"""From text to tokens in one pass: names of the vocabulary, numbered parts, words with a role, and gaps between them."""

from typing import NamedTuple

from address_matching.numbers import STARTS, read_number
from address_matching.vocabulary import WORD, Sense, Vocabulary
from address_matching.words import suffixes

NAME, NUMBER, WORD_TOKEN, GAP, SEPARATOR, MARK = range(6)
"""Kinds of token: SEPARATOR ends an address (;), MARK is punctuation within one."""

_ROAD_SUFFIXES = suffixes("road")
_SEPARATORS = frozenset(";。!?&|")
_MARKS = frozenset(",:、/.·-#*()<>+=\"'")
_STEMS = frozenset(("stem", "renamed_stem"))


class Token(NamedTuple):
    """A piece of text; `value` holds the role of a word, the form of a number; `senses` the meanings of a name."""

    kind: int
    text: str
    value: str = ""
    number: str = ""
    senses: tuple[Sense, ...] = ()


def scan(text: str, vocabulary: Vocabulary) -> list[Token]:
    """Cut a normalised text into tokens; of names that start at the same place the longest wins."""
    tokens: list[Token] = []
    heads, senses_of, single = vocabulary.heads, vocabulary.senses, vocabulary.single
    position, gap, end = 0, 0, len(text)
    while position < end:
        token = None
        for length in heads.get(text[position : position + 2], ()):
            word = text[position : position + length]
            senses = senses_of.get(word)
            if senses is not None and len(word) == length:
                token = _name(word, senses, text, position + length)
                if token is not None:
                    stop = position + length
                    break
        if token is None:
            character = text[position]
            if character in STARTS:
                number = read_number(text, position)
                if number is not None:
                    stop = number.end
                    token = Token(NUMBER, text[position:stop], number.kind, number.value)
            if token is None:
                if character in _SEPARATORS:
                    token, stop = Token(SEPARATOR, character), position + 1
                elif character in _MARKS:
                    token, stop = Token(MARK, character), position + 1
                elif character in single and _stands_alone(text, position, gap, vocabulary):
                    token, stop = Token(WORD_TOKEN, character, single[character]), position + 1
        if token is None:
            position += 1
            continue
        if gap < position:
            tokens.append(Token(GAP, text[gap:position]))
        tokens.append(token)
        position = gap = stop
    if gap < end:
        tokens.append(Token(GAP, text[gap:]))
    return tokens


def _name(word: str, senses: tuple[Sense, ...], text: str, stop: int) -> Token | None:
    if len(senses) == 1 and senses[0].kind == WORD:
        return Token(WORD_TOKEN, word, senses[0].role)
    if text.startswith(_ROAD_SUFFIXES, stop) and all(sense.how in _STEMS for sense in senses):
        return None
    return Token(NAME, word, senses=senses)


def _stands_alone(text: str, position: int, gap: int, vocabulary: Vocabulary) -> bool:
    """A single-character word counts only right after something known and before something known or the end."""
    if gap != position:
        return False
    rest = text[position + 1 : position + 3]
    return not rest or rest[0] in STARTS or rest[0] in _MARKS or rest[0] in _SEPARATORS or rest in vocabulary.heads
