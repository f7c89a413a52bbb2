"""From text to tokens in one pass: names of the vocabulary, numbered parts, words with a role, and gaps between them."""

import re
from functools import lru_cache

from address_matching.model import COMMUNITY, ROAD, TOWN
from address_matching.numbers import NUMBER_PATTERN, STARTS, number_of
from address_matching.tokens import GAP, MARK, NAME, NUMBER, SEPARATOR, WORD_TOKEN, Token
from address_matching.vocabulary import Vocabulary
from address_matching.words import suffixes

_ROAD_SUFFIXES = suffixes("interchangeable_road")
_PUNCTUATION = {
    **{character: Token(SEPARATOR, character) for character in ";。|&"},
    **{character: Token(MARK, character) for character in ",:、/.·-#*()<>+=\"'"},
}

_FIRST_NUMBER = re.compile("[0-9A-Z]")
_BEFORE_NUMBERS = frozenset("甲乙丙丁第负下临暂时编旧原老牌面库室铺市号-")
"""Characters that belong to the number behind them: 旧23号, 店面8号."""
_MOST_BEGINNINGS = 200_000


@lru_cache(maxsize=100_000)
def _number(group: int, written: str) -> Token:
    kind, value = number_of(group, written)
    return Token(NUMBER, written, kind, value)


def scan(text: str, vocabulary: Vocabulary) -> list[Token]:
    """Cut a normalised text into tokens; of names that start at the same place the longest wins.

    Many texts begin alike up to their first number (the road they lie on), so that beginning is cut once.
    """
    first = _FIRST_NUMBER.search(text)
    at = first.start() if first else len(text)
    if at < 2 or text[at - 1] in _BEFORE_NUMBERS or text[at - 1 : at + 1] in vocabulary.crossings:
        return _scan(text, vocabulary)
    beginning = text[:at]
    tokens = vocabulary.beginnings.get(beginning)
    if tokens is None:
        if len(vocabulary.beginnings) > _MOST_BEGINNINGS:
            vocabulary.beginnings.clear()
        tokens = vocabulary.beginnings[beginning] = _scan(beginning, vocabulary)
    return tokens + _scan(text[at:], vocabulary) if first else list(tokens)


def _scan(text: str, vocabulary: Vocabulary) -> list[Token]:
    tokens: list[Token] = []
    heads, words, single = vocabulary.heads, vocabulary.tokens, vocabulary.single
    match_number = NUMBER_PATTERN.match
    position, gap, end = 0, 0, len(text)
    while position < end:
        token: Token | None = None
        for length in heads.get(text[position : position + 2], ()):
            token = words.get(text[position : position + length])
            if token is not None:
                stop = position + len(token.text)
                if token.yields and text.startswith(_ROAD_SUFFIXES, stop) and not text.startswith("街道", stop):
                    token = None
                    continue
                if token.level == TOWN and text[stop - 1] in "镇乡":
                    token = _shorter_town(text, position, stop, vocabulary) or token
                elif token.stem and gap < position and text[position] in "镇乡" and _is_overtaken(text, position, stop, vocabulary):
                    token = None
                break
        if token is None:
            character = text[position]
            if character in STARTS:
                match = match_number(text, position)
                if match is not None:
                    token = _number(match.lastindex or 0, match.group())
            if token is None:
                token = _PUNCTUATION.get(character)
                if token is None and character in single and _stands_alone(text, position, gap, vocabulary):
                    token = Token(WORD_TOKEN, character, single[character])
        if token is None:
            position += 1
            continue
        if gap < position:
            tokens.append(Token(GAP, text[gap:position]))
        tokens.append(token)
        position = gap = position + len(token.text)
    if gap < end:
        tokens.append(Token(GAP, text[gap:]))
    return tokens


def _shorter_town(text: str, position: int, stop: int, vocabulary: Vocabulary) -> Token | None:
    """桐浦镇前街 is 桐浦 and 镇前街 where the library has that road or village and nothing begins with 前街."""
    if any(text[stop : stop + length] in vocabulary.tokens for length in vocabulary.heads.get(text[stop : stop + 2], ())):
        return None
    for length in vocabulary.heads.get(text[stop - 1 : stop + 1], ()):
        following = vocabulary.tokens.get(text[stop - 1 : stop - 1 + length])
        if following is not None and following.level in (ROAD, COMMUNITY):
            return vocabulary.tokens.get(text[position : stop - 1])
    return None


def _is_overtaken(text: str, position: int, stop: int, vocabulary: Vocabulary) -> bool:
    """Whether a short name is but the end of an unknown town and the beginning of a whole name: 镇南 in 槽村镇南堡村."""
    for length in vocabulary.heads.get(text[position + 1 : position + 3], ()):
        following = vocabulary.tokens.get(text[position + 1 : position + 1 + length])
        if following is not None and following.kind == NAME and not following.stem:
            return position + 1 + length > stop
    return False


def _stands_alone(text: str, position: int, gap: int, vocabulary: Vocabulary) -> bool:
    """A single-character word counts only right after something known and before something known or the end."""
    if gap != position:
        return False
    rest = text[position + 1 : position + 3]
    return not rest or rest[0] in STARTS or rest[0] in _PUNCTUATION or rest in vocabulary.heads
