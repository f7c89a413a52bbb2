"""Spelling of address texts: a plain list of small steps, each from string to string; applying them twice changes nothing."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from address_matching.numerals import CHARACTERS, to_arabic
from address_matching.words import same_characters, simplified_characters

MAX_LENGTH = 400
"""Longer texts are cut: no address needs more, and the time for a text stays bounded."""

Step = Callable[[str], str]

_CONFUSED_DIGITS = re.compile(r"(?<![A-Za-z0-9])(?=[0-9OoIl]*[0-9])[0-9OoIl]{2,}(?![A-Za-z0-9])(?=[室号幢栋层单户房]|$)")
_DIGITS_MEANT = str.maketrans("OoIl", "0011")
_PHONE = re.compile(r"(?<![0-9A-Za-z])(?:1[3-9][0-9][0-9*]{8}|0[0-9]{2,3}-[0-9]{7,8})(?![0-9])")
_SPACE_BETWEEN_NUMBERS = re.compile(r"(?<=[0-9])\s+(?=[0-9])")
_LINES = re.compile(r"\s*[\r\n\u2028\u2029]\s*")
_LINE_OF_A_NUMBER = re.compile(r"\s*[\r\n\u2028\u2029]\s*(?=[0-9])")
_SPACES = re.compile(r"\s+")
_CHINESE_NUMBER = re.compile(
    rf"[{CHARACTERS}]+(?=(?:[至到][{CHARACTERS}0-9]+)?(?:支?弄|号|幢|栋|座|单元|梯|层|楼|室|房|户|村民小组|小组|组|队|期|间|#))"
    rf"|(?<=[幢栋座楼])[{CHARACTERS}]+(?=门)|(?<=号[之附])[{CHARACTERS}]+"
)
_SUB_PLATE = re.compile(rf"(?<=[0-9])号[之附]([{CHARACTERS}]+)(?=[0-9])")
_RANGE = re.compile(r"([0-9]+)号?[-至到]+([0-9]+)(?=号|间|层|楼|幢)")
_RANGE_WORDS = "至到"
_NUMBER_DASH = re.compile(r"(?<=[0-9])[一·./](?=[0-9])")
_POSTCODE = re.compile(r"(?<![0-9A-Za-z-])[0-9]{6}(?![0-9A-Za-z号室幢栋-])")


@cache
def _spelling_table() -> dict[int, str]:
    """Traditional to simplified characters (OpenCC's dictionary) and the variants of characters.yaml."""
    table = {ord(traditional): form for traditional, form in simplified_characters().items() if 0x4E00 <= ord(traditional) < 0xA000}
    for character, variants in same_characters().items():
        table.update({ord(variant): character for variant in variants if variant != character})
    return table


_INVISIBLE = dict.fromkeys([*range(9), *range(0xE, 0x20), 0x7F, 0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, 0xFEFF], None)
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}


def drop_invisible(text: str) -> str:
    return text.translate(_INVISIBLE)


def compose(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


def unify_characters(text: str) -> str:
    return text.translate(_spelling_table())


def drop_phones(text: str) -> str:
    return _PHONE.sub(",", text)


def correct_digits(text: str) -> str:
    return _CONFUSED_DIGITS.sub(lambda match: match.group().translate(_DIGITS_MEANT), text)


def separate_lines(text: str) -> str:
    """A line is an address of its own, but one that begins with a number goes on from the line before."""
    return _LINES.sub(";", _LINE_OF_A_NUMBER.sub(" ", text.strip()))


def close_spaces(text: str) -> str:
    return _SPACES.sub("", _SPACE_BETWEEN_NUMBERS.sub("-", text))


def capitalise(text: str) -> str:
    return text.translate(_UPPER)


def write_numbers(text: str) -> str:
    """Chinese numerals as digits; a sub-plate with a number behind it (20号之三101室) is closed off as 20-3号."""
    text = _SUB_PLATE.sub(lambda match: f"-{to_arabic(match[1])}号", text)
    return _CHINESE_NUMBER.sub(lambda match: to_arabic(match.group()), text)


def join_numbers(text: str) -> str:
    return _NUMBER_DASH.sub("-", _RANGE.sub(r"\1-\2", text))


def drop_postcode(text: str) -> str:
    return _POSTCODE.sub("", text)


STEPS: tuple[Step, ...] = (
    drop_invisible,
    compose,
    unify_characters,
    drop_phones,
    separate_lines,
    correct_digits,
    drop_postcode,
    close_spaces,
    capitalise,
    write_numbers,
    join_numbers,
)


@cache
def _settled() -> re.Pattern[str]:
    """Texts that no step would change: plain characters without variants, numerals or words of a range, and short runs of digits."""
    changeable = {chr(code) for code in _spelling_table()} | set(CHARACTERS) | set(_RANGE_WORDS)
    plain = "".join(chr(code) for code in range(0x4E00, 0xA000) if chr(code) not in changeable)
    return re.compile(f"(?:[{plain}]|[0-9]{{1,5}}(?![0-9]))*")


def normalise(text: str) -> str:
    """Return the one spelling of a text in which names and numbers are compared; at most `MAX_LENGTH` characters."""
    text = text[:MAX_LENGTH]
    settled = _settled().fullmatch
    for _ in range(MAX_LENGTH):
        if settled(text):
            break
        again = _once(text)[:MAX_LENGTH]
        if again == text:
            break
        text = again
    return text


def _once(text: str) -> str:
    for step in STEPS:
        text = step(text)
    return text
