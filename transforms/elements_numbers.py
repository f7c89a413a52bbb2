"""Readings of numbers: amounts, capital, areas, counts, coordinates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from schemas.register import Element
from transforms.elements_sql import BLANKS, QUOTES, Names, Reading, half_width, placeholder_test, replaced

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
UNITS = "元整|元人民币|人民币元|人民币|元|圆|美元|港元|港币|欧元|日元|平方米|平米|㎡|M2|M²|人|间|户|个|名|口|张|床|层|栋|幢|处|家|次|月|/月|元/月"
CURRENCIES = "￥|¥|RMB|CNY|USD|HKD|EUR|人民币"
PLAIN = r"-?[0-9]{1,15}(\.[0-9]{1,10})?"
WITH_UNIT = rf"^(?:{CURRENCIES})?(-?[0-9]+(?:\.[0-9]+)?(?:E[+-]?[0-9]+)?)({'|'.join(MULTIPLIERS)})?(\(?(?:{UNITS})?\)?)$"


def number(element: Element, column: str, _load_date: date) -> Reading:
    """A decimal number: with thousand separators, units, currency signs, and for quantities of a fixed scale words such as 万."""
    factor = _factor(Names(column)) if element.scale is not None else "1"
    return _number(element, column, _decimal_type(element), factor)


def capital(element: Element, column: str, _load_date: date) -> Reading:
    """Capital in 万元: a bare number is in 万元 already, a number with 元 but no 万 is in 元."""
    names = Names(column)
    factor = f"CASE WHEN {_says_unit(names)} THEN {_factor(names)} / 10000.0::DOUBLE ELSE 1 END"
    return _number(element, column, _decimal_type(element), factor)


def ten_thousands(element: Element, column: str, _load_date: date) -> Reading:
    """Money in 元 out of a column in 万元: a bare number is in 万元, one with 元 or 万 is what it says."""
    names = Names(column)
    factor = f"CASE WHEN {_says_unit(names)} THEN {_factor(names)} ELSE 10000 END"
    return _number(element, column, _decimal_type(element), factor)


def _says_unit(names: Names) -> str:
    return f"(strlen({names('multiplier')}) > 0 OR contains({names('unit')}, '元') OR contains({names('unit')}, '圆'))"


def integer(element: Element, column: str, _load_date: date) -> Reading:
    """A whole number; `3.0` is one, `3.5` is not."""
    return _number(element, column, "BIGINT", "1")


def _decimal_type(element: Element) -> str:
    return "DOUBLE" if element.scale is None else f"DECIMAL(18, {element.scale})"


def _factor(names: Names) -> str:
    cases = "".join(f" WHEN '{word}' THEN {factor}" for word, factor in MULTIPLIERS.items())
    return f"CASE {names('multiplier')}{cases} ELSE 1 END"


def _number(element: Element, column: str, sql_type: str, factor: str) -> Reading:
    names = Names(column)
    plain, parts, value = names("plain"), names("parts"), names("value")
    cleaned = f"upper({replaced(half_width(names.text), BLANKS + QUOTES + ',')})"
    captured = f"regexp_extract({plain}, '{WITH_UNIT}', ['number', 'multiplier', 'unit'])"
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


def _range(element: Element, value: str) -> str:
    low = "" if element.minimum is None else f" WHEN {value} < {element.minimum} THEN 'below_minimum'"
    high = "" if element.maximum is None else f" WHEN {value} > {element.maximum} THEN 'above_maximum'"
    return low + high
