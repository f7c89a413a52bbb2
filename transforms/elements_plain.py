"""Plain texts: cells that are written as they should be, told by their pattern, of which the value follows with next to no work.

Of a plain text the reading with care (`read_column`) finds the same value, no fault and nothing to note.
"""

from __future__ import annotations

import re
from calendar import isleap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from schemas.codes import code_list, code_spellings
from schemas.contract import Column
from schemas.names import anonymous_name
from schemas.register import Element
from transforms.elements_identifiers import OF_SYMBOLS, RESIDENCE_PERMIT_PREFIXES, SYMBOLS
from transforms.elements_numbers import decimal_type
from transforms.elements_phone import PLAIN as PLAIN_PHONE
from transforms.elements_sql import Names, literal, placeholder_test, spellings_of
from transforms.elements_text import PLAIN_NAME, mapped_spellings
from transforms.elements_times import OLDEST_YEAR, OPEN_END_YEAR

SURE_AGE = 110
"""A date less than so many years ago will not be too old for years to come."""

CONTROL = r"\x00-\x1f\x7f\x{feff}\x{200b}"
BLANKS = r" \x{a0}\x{3000}"
REST = f"(?:[^{CONTROL}]*[^{CONTROL}{BLANKS}])"
TIDY = f"[^{CONTROL}{BLANKS}]{REST}?"
"""Pattern of a text with nothing to trim."""

FIRST_HAN = "一"
"""Digits, Latin letters and most signs come before it."""
LATER_THAN_DIGITS = ":"
FEW_NUMBERS = 200
"""So many may stand in a pattern one by one."""
NO_FIRST_PHONE = 10
"""A telephone number is longer than the words for none."""


@dataclass(frozen=True, slots=True)
class Plain:
    """What texts of a column are plain: values of the pattern `pattern`, words for none; but none of the pattern `without`.

    value, sound: SQL over the text (`Names(column).text`, empty if there is none). value: of the type `sql_type`, NULL where there is none.
    sound: must hold beside the pattern, as it does of an empty text; None: nothing more. ends_in_check_sign: values must.
    """

    pattern: str
    value: str
    sql_type: str = "VARCHAR"
    sound: str | None = None
    none: tuple[str, ...] = ()
    without: str | None = None
    ends_in_check_sign: bool = False


def plain_texts(column: Column, load_date: date) -> Plain | None:
    """The plain texts of a contract column but for the empty one; None where only reading with care can tell."""
    element, text = column.element, Names(column.name).text
    if element is None:
        return Plain(TIDY, f"nullif({text}, '')")
    if element.check == "citizen_number":
        return _citizen_number(text, load_date)
    make = _BY_PARSER.get(element.parser) if element.check in _CHECKS else None
    made = make(element, text, load_date) if make else None
    return made if made and made.sql_type == column.sql_type else None


def _text(element: Element, text: str, _load_date: date) -> Plain:
    """Texts that begin as no placeholder does, or are longer than the only one that begins so."""
    words = spellings_of(element.placeholders)
    heads = {word[0] for word in words}
    alone = sorted(head for head in heads if {word for word in words if word[0] == head} == {head} and head >= FIRST_HAN)
    longer = f"|[{''.join(alone)}]{REST}" if alone else ""
    return Plain(f"(?:[^{CONTROL}{BLANKS}{_in_class(heads)}]{REST}?{longer})", f"nullif({text}, '')")


def _name(element: Element, text: str, _load_date: date) -> Plain:
    """Names, and the words for none, which begin before all Chinese characters if they are none themselves."""
    words = [word for word in element.placeholders if word and word < FIRST_HAN]
    words += [word for word in spellings_of(element.placeholders) if re.fullmatch(PLAIN_NAME, word)]
    is_none = placeholder_test(text, element.placeholders, PLAIN_NAME)
    return Plain(PLAIN_NAME, f"CASE WHEN {text} >= '{FIRST_HAN}' AND NOT {is_none} THEN {text} END", none=tuple(words))


def _person_name(element: Element, text: str, load_date: date) -> Plain:
    return replace(_name(element, text, load_date), without=anonymous_name())


def _code(element: Element, text: str, _load_date: date) -> Plain | None:
    """The codes themselves, other numbers that stand for one and the words that name them, where digits tell one from the other."""
    assert element.code_list is not None, element.name
    codes = list(code_list(element.code_list))
    if not all(code.isdigit() and code.isascii() for code in codes):
        return Plain(_any_of(codes), f"nullif({text}, '')")
    mapped = mapped_spellings(element)
    numbered = {word: mapped[word] for word in sorted(mapped) if word.isdigit() and word.isascii() and word not in codes}
    named = {word: mapped[word] for word in code_spellings(element.code_list) if word >= FIRST_HAN and word in mapped}
    none = [word for word in element.placeholders if word and not word[0].isalnum() and word not in mapped]
    by_number = f"CASE {text}{_cases(numbered)} ELSE {text} END" if numbered else text
    by_name = f" WHEN {text} >= '{FIRST_HAN}' THEN CASE {text}{_cases(named)} END" if named else ""
    value = f"CASE WHEN {text} BETWEEN '0' AND '{LATER_THAN_DIGITS}' THEN {by_number}{by_name} END"
    return Plain(_any_of([*codes, *numbered, *named]), value, none=tuple(none))


def _flag(_element: Element, text: str, _load_date: date) -> Plain:
    return Plain("[01是否]", f"CASE WHEN {text} <> '' THEN {text} IN ('1', '是') END", "BOOLEAN")


def _patterned(element: Element, text: str, _load_date: date) -> Plain | None:
    """Numbers of a pattern of digits and capitals, if none of them is a placeholder."""
    pattern = element.pattern or SYMBOLS
    if not re.fullmatch(OF_SYMBOLS, pattern) or any(re.fullmatch(pattern, word) for word in spellings_of(element.placeholders)):
        return None
    return Plain(f"(?:{pattern})", f"nullif({text}, '')")


def _phone(element: Element, text: str, _load_date: date) -> Plain:
    words = [word for word in element.placeholders if word]
    short, long = ([word for word in words if (len(word.encode()) < NO_FIRST_PHONE) is is_short] for is_short in (True, False))
    return Plain(
        PLAIN_PHONE,
        f"CASE WHEN strlen({text}) >= {NO_FIRST_PHONE} THEN {text} END",
        none=tuple(short),
        without=_any_of(long) if long else None,
    )


def _citizen_number(text: str, load_date: date) -> Plain:
    provinces = "|".join(sorted(str(prefix) for prefix in {*code_list("province")} - {*RESIDENCE_PERMIT_PREFIXES}))
    pattern = f"(?:{provinces})[0-9]{{4}}{_days(_sure_years(load_date))}[0-9]{{3}}[0-9X]"
    return Plain(pattern, f"nullif({text}, '')", ends_in_check_sign=True)


def _day(element: Element, text: str, load_date: date) -> Plain:
    """Days in digits, with the midnight behind them or not, or with the parts set off; what stands for an open end lies after them.

    Texts of 8 or 14 bytes are digits alone: days set off that are as short are not plain.
    """
    years = _years_of(element, load_date)
    forms = [f"{_days(years)}(?:000000)?", _days(years, "-"), *(_days(years, sign, zero="0?") for sign in ("/", "\\."))]
    forms.append(_days(years, "年", "月", "日", zero="0?"))
    number = f"CAST(left({text}, 8) AS INTEGER)"
    in_digits = f"make_date({number} // 10000, {number} // 100 % 100, {number} % 100)"
    in_one_spelling = f"CAST(rtrim(translate({text}, '年月.', '---'), '日') AS DATE)"
    value = f"CASE WHEN strlen({text}) IN (8, 14) THEN {in_digits} WHEN contains({text}, '-') THEN CAST({text} AS DATE) ELSE {in_one_spelling} END"
    return Plain(
        f"(?:{'|'.join(forms)})",
        f"CASE WHEN {text} BETWEEN '1' AND '{OPEN_END_YEAR // 100}' THEN {value} END",
        "DATE",
        none=tuple(word for word in element.placeholders if word),
        without="[0-9]{4}[/.][0-9][/.][0-9]",
    )


def _instant(element: Element, text: str, load_date: date) -> Plain:
    clock = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    return Plain(
        f"{_days(_years_of(element, load_date), '-')} {clock}",
        f"CASE WHEN {text} <> '' THEN CAST({text} AS TIMESTAMP) END",
        "TIMESTAMP",
    )


def _decimal(element: Element, text: str, _load_date: date) -> Plain:
    sql_type = decimal_type(element)
    number = f"CAST(nullif({text}, '') AS DOUBLE)"
    value = f"CAST({number} AS {sql_type})" if element.scale is not None else number
    if within := _numbers_within(element, 8, r"(?:\.[0-9]{1,8})?"):
        return Plain(within, value, sql_type)
    return Plain(r"-?[0-9]{1,8}(?:\.[0-9]{1,8})?", value, sql_type, _in_range(element, value))


def _integer(element: Element, text: str, _load_date: date) -> Plain:
    value = f"CAST(nullif({text}, '') AS BIGINT)"
    if within := _numbers_within(element, 12):
        return Plain(within, value, "BIGINT")
    return Plain("[0-9]{1,12}", value, "BIGINT", _in_range(element, value))


_CHECKS = (None, "phone", "past_date", "pattern", "range", "code")
_BY_PARSER: Mapping[str, Callable[[Element, str, date], Plain | None]] = {
    "text": _text,
    "address": _text,
    "name": _name,
    "person_name": _person_name,
    "code": _code,
    "flag": _flag,
    "identifier": _patterned,
    "phone": _phone,
    "date": _day,
    "datetime": _instant,
    "decimal": _decimal,
    "integer": _integer,
}


def _numbers_within(element: Element, digits: int, fraction: str = "") -> str | None:
    """Pattern of numbers within the bounds of an element, of so many digits at most before the fraction; None where no short one can tell."""
    low, high = element.minimum, element.maximum
    if low == 0 and (high is None or high >= 10**digits):
        return f"[0-9]{{1,{digits}}}{fraction}"
    if low is None or high is None or low < 0 or low % 1 or high % 1 or high - low > FEW_NUMBERS:
        return None
    return f"(?:{_any_of(map(str, range(int(low), int(high))))}{fraction}|{int(high)})"


def _in_range(element: Element, value: str) -> str | None:
    bounds = [(">=", element.minimum), ("<=", element.maximum)]
    tests = [f"{value} {sign} {bound}" for sign, bound in bounds if bound is not None]
    return f"coalesce({' AND '.join(tests)}, TRUE)" if tests else None


def _years_of(element: Element, load_date: date) -> range:
    return _sure_years(load_date) if element.check == "past_date" else range(OLDEST_YEAR, OPEN_END_YEAR)


def _sure_years(load_date: date) -> range:
    return range(load_date.year - SURE_AGE, load_date.year)


def _days(years: Iterable[int], after_year: str = "", after_month: str | None = None, after_day: str = "", *, zero: str = "0") -> str:
    """Pattern of all days of some years. after_month: None is as after the year. zero: pattern of what precedes a single digit."""
    between = after_year if after_month is None else after_month
    months = (("[13578]", "1[02]", "[12][0-9]|3[01]"), ("[469]", "11", "[12][0-9]|30"), ("2", "", "1[0-9]|2[0-8]"))
    usual = "|".join(
        f"(?:{'|'.join(filter(None, (zero + low, high)))}){between}(?:{zero}[1-9]|{days}){after_day}" for low, high, days in months
    )
    leap_years = f"{_years(filter(isleap, years))}{after_year}{zero}2{between}29{after_day}"
    return f"(?:{_years(years)}{after_year}(?:{usual})|{leap_years})"


def _years(years: Iterable[int]) -> str:
    """Pattern of the years, whole centuries at once."""
    centuries: dict[str, list[str]] = {}
    for year in years:
        centuries.setdefault(str(year)[:2], []).append(str(year)[2:])
    forms = (century + ("[0-9]{2}" if len(years) == 100 else f"(?:{'|'.join(years)})") for century, years in centuries.items())
    return f"(?:{'|'.join(forms)})"


def _cases(codes: Mapping[str, str]) -> str:
    return "".join(f" WHEN {literal(word)} THEN {literal(code)}" for word, code in codes.items())


def _any_of(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, words))})"


def _in_class(characters: Iterable[str]) -> str:
    return "".join(f"\\{each}" if each in "\\]^-[" else each for each in sorted(characters))
