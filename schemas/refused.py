"""What the pool does not take: columns refused by their header, or by what stands in them."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from schemas.codes import code_list
from schemas.documents import Document, entries

PATH = Path(__file__).parent / "refused.yaml"
CHARACTERS = Path(__file__).parent / "refused_characters.csv"
CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
UNDECLARED_SHARE = 0.3
UNDECLARED_CITIZENS = "未声明的公民身份号码，请在契约中改用相应的数据元"
UNDECLARED_PHONES = "未声明的手机号码，请在契约中改用相应的数据元，再重放"
"""Less than what is refused: the column is not taken, its raw file stays as it is."""
MOBILE = re.compile(r"(?<![0-9A-Za-z.])(?:\+?86-?)?1[3-9][0-9]{9}(?![0-9A-Za-z.])")
CERTIFICATE_DIGITS = 20
CERTIFICATE = re.compile(
    r"(?<![0-9０-９])((?:[0-9０-９][ \u3000-]?){17}[0-9０-９XxＸｘ])[ \u3000-]?[1-7１-７][ \u3000-]?[1-4１-４](?:[BＢ][0-9０-９]{1,2})?(?![0-9０-９])"
)
"""Number of a disability certificate: a citizen number, a digit for the kind, one for the grade, perhaps which copy it is."""
CAMEL_CASE = re.compile("(?<=[a-z0-9])(?=[A-Z])")
NUMBER_AT_END = re.compile("_*[0-9]+$")
CITIZEN_NUMBER = re.compile("(?=([1-8][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]))", re.ASCII)
"""A look-ahead, so that one may begin within another. Of texts that only look so, one in eleven passes the check digit: below the share."""


@dataclass(frozen=True, slots=True)
class RefusedValue:
    """Content that gives a column away: when at least ``share`` of its filled cells match ``pattern`` and pass ``check``, if there is one.

    ``passing``: so many of the cells that match must pass the check. ``with_all``: what must all be among the cells.
    """

    pattern: re.Pattern[str]
    check: str | None
    share: float
    passing: float
    with_all: frozenset[str]

    def is_in(self, texts: Sequence[str]) -> bool:
        """Whether the filled cells of a column, in half width and without blanks, are such content."""
        matching = [text for text in texts if self.pattern.fullmatch(text)]
        passing = [text for text in matching if CHECKS[self.check](text)] if self.check else matching
        enough = len(passing) >= max(self.share * len(texts), self.passing * len(matching))
        return bool(passing) and enough and self.with_all <= {*passing}


@dataclass(frozen=True, slots=True)
class Refusal:
    """One kind of refused data, with the patterns of its headers and contents."""

    name: str
    label: str
    law: str
    headers: re.Pattern[str]
    values: tuple[RefusedValue, ...]

    @property
    def reason(self) -> str:
        """Why, in Chinese: the kind of data and the law."""
        return f"{self.label}，{self.law}"


@cache
def refusals() -> tuple[Refusal, ...]:
    """All kinds of refused data, from ``refused.yaml``."""
    return tuple(
        Refusal(
            name,
            str(entry["label"]),
            str(entry["law"]),
            re.compile("|".join(str(pattern) for pattern in entry["headers"]), re.ASCII),
            tuple(_refused_value(value) for value in entry.get("values", ())),
        )
        for name, entry in entries(Document(PATH)).items()
    )


@cache
def refused_by_name(header: str) -> str | None:
    """Reason in Chinese why a column of this header is refused, or None."""
    whole = _plain_header(header)
    forms = (whole, NUMBER_AT_END.sub("", whole))
    return next((refusal.reason for refusal in refusals() if any(refusal.headers.search(form) for form in forms)), None)


def _plain_header(header: str) -> str:
    """A header in half width, simplified characters and upper case, without blanks, its parts divided by underscores."""
    text = CAMEL_CASE.sub("_", unicodedata.normalize("NFKC", header).translate(simplified()))
    return re.sub(r"[-.]", "_", "".join(text.split())).upper()


@cache
def simplified() -> Mapping[int, str]:
    """Traditional to simplified form of the characters of refused headers, for ``str.translate``."""
    with CHARACTERS.open(encoding="utf-8", newline="") as file:
        return {ord(row["traditional"]): row["simplified"] for row in csv.DictReader(file)}


def refused_by_content(values: Iterable[str | None]) -> str | None:
    """Reason in Chinese why a column with these values (or a sample of them) is refused, or None."""
    filled = [value for value in values if value and value.strip()]
    texts = [unicodedata.normalize("NFKC", value).strip().replace(" ", "") for value in filled]
    return next((refusal.reason for refusal in refusals() if any(refused.is_in(texts) for refused in refusal.values)), None)


def undeclared_citizens(values: Iterable[str | None]) -> str | None:
    """Reason in Chinese why a column that is said to hold nothing about persons is refused: citizen numbers stand in many of its cells."""
    filled = [value for value in values if value and value.strip()]
    if filled and sum(_names_a_citizen(value) for value in filled) >= UNDECLARED_SHARE * len(filled):
        return UNDECLARED_CITIZENS
    return None


def split_citizens(columns: Sequence[Sequence[str | None]]) -> Mapping[int, str]:
    """Place to reason of columns whose cells, joined with those of a neighbour in the same rows, are citizen numbers."""
    found: dict[int, str] = {}
    for place, (left, right) in enumerate(pairwise(columns)):
        filled = [(one.strip(), other.strip()) for one, other in zip(left, right, strict=True) if one and other]
        joined = sum(0 < len(one) < 18 == len(one + other) and _names_a_citizen(one + other) for one, other in filled)
        if joined and joined >= UNDECLARED_SHARE * max(len(filled), sum(map(bool, left)), sum(map(bool, right))):
            found |= {place: UNDECLARED_CITIZENS, place + 1: UNDECLARED_CITIZENS}
    return found


def told_header(place: int, header: str) -> str:
    """A header as it may be told: not what is a value itself, in a file whose first row is no header."""
    if refused_by_content([header]) or undeclared_citizens([header]) or undeclared_phones([header]):
        return f"第 {place + 1} 列（表头像是内容，不显示）"
    return header


def undeclared_phones(values: Iterable[str | None]) -> str | None:
    """Reason in Chinese why a column that is said to hold nothing about persons is not taken: mobile numbers stand in many of its cells."""
    filled = [value for value in values if value and value.strip()]
    if filled and sum(MOBILE.search(unicodedata.normalize("NFKC", value)) is not None for value in filled) >= UNDECLARED_SHARE * len(
        filled
    ):
        return UNDECLARED_PHONES
    return None


def _names_a_citizen(value: str) -> bool:
    """Whether a citizen number stands anywhere in a text, also within a longer number, blanks and hyphens within it or not."""
    text = re.sub(r"[\s_·‐-―−-]", "", unicodedata.normalize("NFKC", value)).upper()
    return any(_is_citizen_number(found.group(1)) for found in CITIZEN_NUMBER.finditer(text))


def _is_citizen_number(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, CITIZEN_WEIGHTS, strict=False))
    return number[17] == "10X98765432"[total % 11]


def passes_luhn(digits: str) -> bool:
    """Whether a string of ASCII digits passes the Luhn check (ISO/IEC 7812) that bank-card numbers carry."""
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def without_disability(text: str) -> str:
    """A text with the numbers of disability certificates cut to the citizen number that they begin with, right or mistyped."""
    return CERTIFICATE.sub(lambda found: found[1] if _has_form_of_citizen_number(found[1]) else found[0], text)


def _has_form_of_citizen_number(text: str) -> bool:
    number = re.sub("[ -]", "", unicodedata.normalize("NFKC", text))
    is_date = number[6:8] in ("19", "20") and "01" <= number[10:12] <= "12" and "01" <= number[12:14] <= "31"
    return is_date and number[:2] in code_list("province")


def begins_with_citizen_number(text: str) -> bool:
    """Whether the first 18 characters are a citizen number by province, month, day and check character (GB 11643-1999)."""
    number = text[:18].upper()
    if not number[:17].isdecimal() or number[:2] not in code_list("province"):
        return False
    return "01" <= number[10:12] <= "12" and "01" <= number[12:14] <= "31" and _is_citizen_number(number)


def _refused_value(entry: dict[str, Any]) -> RefusedValue:
    pattern = re.compile(str(entry["pattern"]), re.ASCII | re.DOTALL)
    return RefusedValue(
        pattern, entry.get("check"), float(entry["share"]), float(entry.get("passing", 0)), frozenset(entry.get("with", ()))
    )


CHECKS: Mapping[str, Callable[[str], bool]] = {"luhn": passes_luhn, "citizen_number": begins_with_citizen_number}
"""Checks of ``refused.yaml`` by name: what tells a number from others of the same length."""
