"""Readings of dates, instants and months in all the ways exports write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from schemas.register import Element
from transforms.elements_sql import BLANKS, QUOTES, Names, Reading, half_width, is_one_of, placeholder_test, replaced

OPEN_END_WORDS = ("长期", "永久", "长期有效", "永久有效", "无固定期限", "无期限", "不限", "至今", "无限期", "长久")
OPEN_END_YEAR = 2900
"""Dates from this year on stand for "open", such as 9999-12-31 and 3000-01-01."""

OLDEST_YEAR = 1800
OLDEST_AGE = 130
SERIAL_DAYS = (10_000, 73_050)
"""Spreadsheet serials (1900 system) that are taken for dates: 1927-05-18 to 2100-01-01."""

HOUR = 3_600_000
STANDARD_DAY = "[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
CLOCK = "[0-9]{1,2}(?::[0-9]{1,2}){0,2}(?:[.][0-9]+)?"


def day(element: Element, column: str, load_date: date) -> Reading:
    """A date; the time of the day is dropped, a month without day is its first day, an open end is no value."""
    names = Names(column)
    found = names("day")
    return Reading(_before_open_end(names, found, found), "DATE", _fault(element, names, found, load_date), None, _day_layers(names))


def month(element: Element, column: str, load_date: date) -> Reading:
    """A month as its first day."""
    names = Names(column)
    found = names("day")
    first = f"CAST(date_trunc('month', {found}) AS DATE)"
    return Reading(_before_open_end(names, found, first), "DATE", _fault(element, names, found, load_date), None, _day_layers(names))


def instant(element: Element, column: str, load_date: date) -> Reading:
    """Date and time of the day, local; epoch milliseconds and texts that end in Z are turned to local time (UTC+8)."""
    names = Names(column)
    text, plain, clock, moment = names.text, names("plain"), names("clock"), names("moment")
    epoch = f"make_timestamp((TRY_CAST({text} AS BIGINT) + {8 * HOUR}) * 1000)"
    with_clock = f"TRY_CAST(strftime({names('day')}, '%Y-%m-%d') || ' ' || CASE WHEN contains({clock}, ':') THEN {clock} ELSE {clock} || ':00' END AS TIMESTAMP)"
    found = f"""CASE
        WHEN {names("quick")} IS NOT NULL AND regexp_full_match({text}, '{STANDARD_DAY}[ T]{CLOCK}') THEN TRY_CAST({text} AS TIMESTAMP)
        WHEN regexp_full_match({text}, '[0-9]{{14}}') THEN try_strptime({text}, '%Y%m%d%H%M%S')
        WHEN regexp_full_match({text}, '[0-9]{{12}}') THEN coalesce(try_strptime({text}, '%Y%m%d%H%M'), {epoch})
        WHEN regexp_full_match({text}, '-?[0-9]{{11,13}}') THEN {epoch}
        WHEN regexp_full_match({text}, '[0-9]{{5}}[.][0-9]+') THEN
            TIMESTAMP '1899-12-30' + to_seconds(CAST(round(TRY_CAST({text} AS DOUBLE) * 86400) AS BIGINT))
        WHEN coalesce({clock}, '') = '' THEN CAST({names("day")} AS TIMESTAMP)
        WHEN suffix({plain}, 'Z') THEN {with_clock} + INTERVAL 8 HOUR
        ELSE {with_clock} END"""
    return Reading(
        value=_before_open_end(names, moment, moment),
        sql_type="TIMESTAMP",
        fault=_fault(element, names, moment, load_date),
        layers=(*_day_layers(names), {clock: f"regexp_extract({plain}, '[ T]+({CLOCK})', 1)"}, {moment: found}),
    )


def _day_layers(names: Names) -> tuple[Mapping[str, str], ...]:
    """Helper columns up to `day`: what the common spellings say at once, and for the others their text in one spelling taken apart."""
    text, quick, plain, found = names.text, names("quick"), names("plain"), names("found")
    usual = f"""CASE
        WHEN regexp_full_match({text}, '{STANDARD_DAY}') THEN TRY_CAST({text} AS DATE)
        WHEN regexp_full_match({text}, '[0-9]{{8}}') THEN CAST(try_strptime({text}, '%Y%m%d') AS DATE)
        WHEN regexp_full_match({text}, '{STANDARD_DAY}[ T]{CLOCK}') THEN TRY_CAST(split_part(replace({text}, 'T', ' '), ' ', 1) AS DATE)
        WHEN regexp_full_match({text}, '[0-9]{{4}}年[0-9]{{1,2}}月[0-9]{{1,2}}日') THEN CAST(try_strptime({text}, '%Y年%m月%d日') AS DATE)
        WHEN regexp_full_match({text}, '[0-9]{{4}}[.][0-9]{{1,2}}[.][0-9]{{1,2}}') THEN CAST(try_strptime({text}, '%Y.%m.%d') AS DATE)
        WHEN regexp_full_match({text}, '[0-9]{{4}}-[0-9]{{1,2}}') THEN TRY_CAST({text} || '-01' AS DATE)
        WHEN regexp_full_match({text}, '-?[0-9]+(?:[.]0*)?') THEN {_of_digits(text)} END"""
    dashed = replaced(replaced(replaced(half_width(text), "年月./。—", "-"), "时点分", ":"), QUOTES + "秒")
    one_spelling = f"regexp_replace(trim({replaced(dashed, BLANKS + '日号', ' ')}), '[-:]+$', '')"
    parts = f"regexp_extract({plain}, '^([0-9]{{4}})-([0-9]{{1,2}})(?:-([0-9]{{1,2}}))?(?:[ T-].*)?$', ['y', 'm', 'd'])"
    return (
        {quick: usual},
        {plain: f"CASE WHEN {quick} IS NULL THEN {one_spelling} END"},
        {found: f"CASE WHEN {plain} IS NOT NULL THEN {parts} END"},
        {
            names(
                "day"
            ): f"CASE WHEN {plain} IS NULL THEN {quick} WHEN regexp_full_match({plain}, '[0-9]{{6}}|[0-9]{{8}}|[0-9]{{14}}') THEN {_of_digits(plain)}"
            f" WHEN {found}['y'] <> '' THEN TRY_CAST(concat_ws('-', {found}['y'], {found}['m'], coalesce(nullif({found}['d'], ''), '1')) AS DATE) END"
        },
    )


def _of_digits(text: str) -> str:
    # Local midnight during the daylight saving time of 1986 to 1991 is 23:00 of the day before at UTC+8; the ninth hour mends it.
    epoch_day = f"CAST(make_timestamp((TRY_CAST({text} AS BIGINT) + {9 * HOUR}) * 1000) AS DATE)"
    serial = f"TRY_CAST(left({text}, 5) AS INTEGER)"
    low, high = SERIAL_DAYS
    return f"""CASE
        WHEN regexp_full_match({text}, '[0-9]{{8}}|[0-9]{{14}}|(19|20)[0-9]{{2}}(0[1-9]|1[0-2])[0-3][0-9]{{5}}') THEN
            CAST(try_strptime(left({text}, 8), '%Y%m%d') AS DATE)
        WHEN regexp_full_match({text}, '-?[0-9]{{11,13}}') THEN {epoch_day}
        WHEN regexp_full_match({text}, '[0-9]{{6}}') THEN CAST(try_strptime({text} || '01', '%Y%m%d') AS DATE)
        WHEN regexp_full_match({text}, '[0-9]{{5}}([.]0*)?') AND {serial} BETWEEN {low} AND {high} THEN DATE '1899-12-30' + {serial} END"""


def _before_open_end(names: Names, found: str, value: str) -> str:
    return f"CASE WHEN {names('fault')} IS NULL AND year({found}) < {OPEN_END_YEAR} THEN {value} END"


def _fault(element: Element, names: Names, value: str, load_date: date) -> str:
    today = f"DATE '{load_date.isoformat()}'"
    empty = f"{names.text} IS NULL OR {placeholder_test(names.text, element.placeholders)} OR {is_one_of(names.text, OPEN_END_WORDS)}"
    past = ""
    if element.check == "past_date":
        past = f" WHEN {value} > {today} THEN 'in_future' WHEN {value} < CAST({today} - INTERVAL {OLDEST_AGE} YEAR AS DATE) THEN 'too_old'"
    return f"""CASE
        WHEN {value} IS NULL THEN CASE WHEN {empty} THEN NULL ELSE 'not_a_date' END
        WHEN year({value}) >= {OPEN_END_YEAR} THEN NULL
        WHEN year({value}) < {OLDEST_YEAR} THEN 'out_of_range'{past} END"""
