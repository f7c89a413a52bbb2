"""What the pool does not take: columns refused by their header, or by what stands in them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from schemas.codes import code_list
from schemas.documents import Document, entries

PATH = Path(__file__).parent / "refused.yaml"
CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
UNDECLARED_SHARE = 0.3
CITIZEN_NUMBER = re.compile("(?=([1-8][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]))", re.ASCII)
"""A look-ahead, so that one may begin within another. Of texts that only look so, one in eleven passes the check digit: below the share."""


@dataclass(frozen=True, slots=True)
class RefusedValue:
    """Content that gives a column away: when at least ``share`` of its filled cells match ``pattern`` and pass ``check``, if there is one."""

    pattern: re.Pattern[str]
    check: str | None
    share: float


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
    plain = re.sub(r"\s+", "", unicodedata.normalize("NFKC", header)).upper()
    return next((refusal.reason for refusal in refusals() if refusal.headers.search(plain)), None)


def refused_by_content(values: Iterable[str | None]) -> str | None:
    """Reason in Chinese why a column with these values (or a sample of them) is refused, or None."""
    filled = [value.strip() for value in values if value and value.strip()]
    if not filled:
        return None
    for refusal in refusals():
        for refused in refusal.values:
            if sum(_matches(value, refused) for value in filled) >= refused.share * len(filled):
                return refusal.reason
    return None


def undeclared_citizens(values: Iterable[str | None]) -> str | None:
    """Reason in Chinese why a column that is said to hold nothing about persons is refused: citizen numbers stand in many of its cells."""
    filled = [value for value in values if value and value.strip()]
    if filled and sum(_names_a_citizen(value) for value in filled) >= UNDECLARED_SHARE * len(filled):
        return "未声明的公民身份号码，请在契约中改用相应的数据元"
    return None


def _names_a_citizen(value: str) -> bool:
    """Whether a citizen number stands anywhere in a text, also within a longer number, blanks within it or not."""
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", value)).upper()
    return any(_is_citizen_number(found.group(1)) for found in CITIZEN_NUMBER.finditer(text))


def _is_citizen_number(number: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(number, CITIZEN_WEIGHTS, strict=False))
    return number[17] == "10X98765432"[total % 11]


def passes_luhn(digits: str) -> bool:
    """Whether a string of ASCII digits passes the Luhn check (ISO/IEC 7812) that bank-card numbers carry."""
    doubled = [int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits))]
    return sum(number // 10 + number % 10 for number in doubled) % 10 == 0


def begins_with_citizen_number(text: str) -> bool:
    """Whether the first 18 characters are a citizen number by province, month, day and check character (GB 11643-1999)."""
    number = text[:18].upper()
    if not number[:17].isdecimal() or number[:2] not in code_list("province"):
        return False
    return "01" <= number[10:12] <= "12" and "01" <= number[12:14] <= "31" and _is_citizen_number(number)


def _refused_value(entry: dict[str, Any]) -> RefusedValue:
    return RefusedValue(re.compile(str(entry["pattern"]), re.ASCII | re.DOTALL), entry.get("check"), float(entry["share"]))


def _matches(value: str, refused: RefusedValue) -> bool:
    text = unicodedata.normalize("NFKC", value).replace(" ", "")
    return refused.pattern.fullmatch(text) is not None and (refused.check is None or CHECKS[refused.check](text))


CHECKS: Mapping[str, Callable[[str], bool]] = {"luhn": passes_luhn, "citizen_number": begins_with_citizen_number}
"""Checks of ``refused.yaml`` by name: what tells a number from others of the same length."""
