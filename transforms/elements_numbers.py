"""Readings of numbers: amounts, capital, areas, counts, coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from schemas.codes import code_spellings
from schemas.register import Element
from transforms.elements_sql import BLANKS, QUOTES, Names, Reading, half_width, literal, placeholder_test, replaced

MULTIPLIERS: Mapping[str, int] = {
    "万亿": 10**12,
    "亿": 10**8,
    "千万": 10**7,
    "百万": 10**6,
    "十万": 10**5,
    "万": 10**4,
    "千": 10**3,
    "百": 10**2,
}
UNITS = "元整|元人民币|人民币元|人民币|元|圆|美元|港元|港币|欧元|日元|英镑|韩元|新台币|台币|澳门元|平方米|平米|㎡|M2|M²|人|间|户|个|名|口|张|床|层|栋|幢|处|家|次|岁|月|/月|元/月"
LANDS: Mapping[str, str] = {"亩": "2000 / 3.0::DOUBLE", "公顷": "10000", "平方公里": "1000000"}
"""Square metres of other units of area."""

CURRENCIES = "￥|¥|RMB|CNY|USD|HKD|EUR|人民币"
PLAIN = r"-?[0-9]{1,15}(\.[0-9]{1,10})?"
AMOUNT = r"[0-9]+(?:\.[0-9]+)?"
DURATION = f"^(?:({AMOUNT})(?:天|日))?(?:({AMOUNT})(?:个?小时|时|H))?(?:({AMOUNT})(?:分钟|分|MIN))?(?:({AMOUNT})(?:秒钟|秒|S))?$"
CLOCK = "^([0-9]+):([0-5]?[0-9])(?::([0-5]?[0-9]))?$"


def number(element: Element, column: str, _load_date: date) -> Reading:
    """A decimal number: with thousand separators, units, currency signs, and for quantities of a fixed scale words such as 万."""
    factor = _factor(Names(column)) if element.scale is not None else "1"
    return _number(element, column, decimal_type(element), factor)


def area(element: Element, column: str, _load_date: date) -> Reading:
    """Square metres; 亩, 公顷 and 平方公里 are turned into them."""
    names = Names(column)
    cases = "".join(f" WHEN '{unit}' THEN {metres}" for unit, metres in LANDS.items())
    factor = f"({_factor(names)} * (CASE {names('unit')}{cases} ELSE 1 END))"
    return _number(element, column, decimal_type(element), factor, f"{'|'.join(LANDS)}|{UNITS}")


def capital(element: Element, column: str, _load_date: date) -> Reading:
    """Capital in 万元: a bare number is in 万元 already, a number with 元 but no 万 is in 元; a foreign currency is noted."""
    names = Names(column)
    factor = f"CASE WHEN {_is_in_yuan(names)} THEN {_factor(names)} / 10000.0::DOUBLE ELSE 1 END"
    reading = _number(element, column, decimal_type(element), factor)
    return replace(reading, note=f"CASE WHEN coalesce({currency_named(column)}, 'CNY') <> 'CNY' THEN 'foreign_currency' END")


def ten_thousand(element: Element, column: str, _load_date: date) -> Reading:
    """Yuan from a column in 万元; a number with 元 or a word such as 万 is what it says."""
    names = Names(column)
    factor = f"CASE WHEN {_is_in_yuan(names)} THEN {_factor(names)} ELSE 10000 END"
    return _number(element, column, decimal_type(element), factor)


def percentage(element: Element, column: str, _load_date: date) -> Reading:
    """Per cent, with or without the sign."""
    return _number(element, column, decimal_type(element), "1", "%|个百分点")


def integer(element: Element, column: str, _load_date: date) -> Reading:
    """A whole number; `3.0` is one, `3.5` is not."""
    return _number(element, column, "BIGINT", "1")


def duration(element: Element, column: str, _load_date: date) -> Reading:
    """Minutes, from days, hours, minutes and seconds one behind the other, `2:30:00`, or a bare number of minutes."""
    names = Names(column)
    plain, parts, clock, value = names("plain"), names("parts"), names("clock"), names("value")
    in_words = " + ".join(
        f"coalesce(TRY_CAST({parts}['{part}'] AS DOUBLE), 0) * {minutes}"
        for part, minutes in (("d", 1440), ("h", 60), ("m", 1), ("s", "1 / 60.0"))
    )
    on_the_clock = " + ".join(
        f"coalesce(TRY_CAST({clock}['{part}'] AS DOUBLE), 0) * {minutes}" for part, minutes in (("h", 60), ("m", 1), ("s", "1 / 60.0"))
    )
    empty = f"{names.text} IS NULL OR {placeholder_test(names.text, element.placeholders)}"
    return Reading(
        value=f"CASE WHEN {names('fault')} IS NULL THEN {value} END",
        sql_type=decimal_type(element),
        fault=f"CASE WHEN {value} IS NULL THEN CASE WHEN {empty} THEN NULL ELSE 'not_a_duration' END{_range(element, value)} END",
        layers=(
            {plain: f"upper({replaced(half_width(names.text), BLANKS + QUOTES)})"},
            {
                parts: f"regexp_extract({plain}, '{DURATION}', ['d', 'h', 'm', 's'])",
                clock: f"regexp_extract({plain}, '{CLOCK}', ['h', 'm', 's'])",
            },
            {
                value: f"""TRY_CAST(CASE
                    WHEN regexp_full_match({plain}, '{PLAIN}') THEN TRY_CAST({plain} AS DOUBLE)
                    WHEN {clock}['h'] <> '' THEN {on_the_clock}
                    WHEN concat({parts}['d'], {parts}['h'], {parts}['m'], {parts}['s']) <> '' THEN {in_words} END AS {decimal_type(element)})"""
            },
        ),
    )


def currency_named(column: str) -> str:
    """SQL of the code of the currency that the cell of an amount names, known above the third layer; NULL where it names none."""
    names = Names(column)
    cases = "".join(f" WHEN contains({names('plain')}, {literal(word)}) THEN {literal(code)}" for word, code in _currency_words())
    return f"CASE WHEN {names('plain')} IS NOT NULL AND {names('digits')} IS NOT NULL THEN CASE{cases} END END"


def _currency_words() -> list[tuple[str, str]]:
    """Names of currencies and their codes, longer names first: 澳门元 is none of 元."""
    words = {word: code for word, code in code_spellings("currency").items() if not word.isdigit()} | {"￥": "CNY", "¥": "CNY"}
    return sorted(words.items(), key=lambda each: (-len(each[0]), each[0]))


def _is_in_yuan(names: Names) -> str:
    return f"(strlen({names('multiplier')}) > 0 OR regexp_matches({names('unit')}, '[元圆]'))"


def decimal_type(element: Element) -> str:
    """SQL type of the values of an element."""
    return "DOUBLE" if element.scale is None else f"DECIMAL(18, {element.scale})"


def _factor(names: Names) -> str:
    cases = "".join(f" WHEN '{word}' THEN {factor}" for word, factor in MULTIPLIERS.items())
    return f"CASE {names('multiplier')}{cases} ELSE 1 END"


def _number(element: Element, column: str, sql_type: str, factor: str, units: str = UNITS) -> Reading:
    names = Names(column)
    plain, parts, value = names("plain"), names("parts"), names("value")
    cleaned = f"upper({replaced(half_width(names.text), BLANKS + QUOTES + ',')})"
    captured = f"regexp_extract({plain}, '{_with_unit(units)}', ['number', 'multiplier', 'unit'])"
    # A DECIMAL wider than 18 digits costs 7 microseconds a cell; a DOUBLE holds every amount that occurs exactly enough.
    converted = (
        f"TRY_CAST({names('digits')} AS {sql_type})"
        if factor == "1"
        else f"TRY_CAST(TRY_CAST({names('digits')} AS DOUBLE) * {factor} AS {sql_type})"
    )
    whole = f" WHEN {value} <> TRY_CAST({names('digits')} AS DOUBLE) THEN 'not_whole'" if sql_type == "BIGINT" else ""
    return Reading(
        value=f"CASE WHEN {names('fault')} IS NULL THEN {value} END",
        sql_type=sql_type,
        fault=f"CASE WHEN {value} IS NULL THEN CASE WHEN {names.text} IS NULL OR {placeholder_test(names.text, element.placeholders)} THEN NULL"
        f" ELSE 'not_a_number' END{whole}{_range(element, value)} END",
        layers=(
            {plain: f"CASE WHEN regexp_full_match({names.text}, '{PLAIN}') THEN NULL ELSE {cleaned} END"},
            {parts: f"CASE WHEN {plain} IS NOT NULL THEN {captured} END"},
            {
                names("digits"): f"CASE WHEN {plain} IS NULL THEN {names.text} ELSE nullif({parts}['number'], '') END",
                names("multiplier"): f"coalesce({parts}['multiplier'], '')",
                names("unit"): f"coalesce({parts}['unit'], '')",
            },
            {value: converted},
        ),
    )


def _with_unit(units: str) -> str:
    return rf"^(?:{CURRENCIES})?(-?[0-9]+(?:\.[0-9]+)?(?:E[+-]?[0-9]+)?)({'|'.join(MULTIPLIERS)})?(\(?(?:{units})?\)?)$"


def _range(element: Element, value: str) -> str:
    low = "" if element.minimum is None else f" WHEN {value} < {element.minimum} THEN 'below_minimum'"
    high = "" if element.maximum is None else f" WHEN {value} > {element.maximum} THEN 'above_maximum'"
    return low + high
