"""Readings of dates, instants and months in all the ways exports write them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from schemas.register import Element
from transforms.elements_sql import BLANKS, QUOTES, WIDTHS, Names, Reading, literals, mapped, placeholder_test

SEPARATORS: Mapping[str, str] = dict.fromkeys("年月./．／。—－", "-") | {
    "日": " ",
    "号": " ",
    "时": ":",
    "分": ":",
    "秒": "",
    "点": ":",
    "：": ":",
}
OPEN_END_WORDS = ("长期", "永久", "长期有效", "永久有效", "无固定期限", "无期限", "不限", "至今", "无限期", "长久")
OPEN_END_YEAR = 2900
"""Dates from this year on stand for "open", such as 9999-12-31 and 3000-01-01."""

OLDEST_YEAR = 1800
OLDEST_AGE = 130
SERIAL_DAYS = (10_000, 73_050)
"""Spreadsheet serials (1900 system) that are taken for dates: 1927-05-18 to 2100-01-01."""


def day(element: Element, column: str, load_date: date) -> Reading:
    """A date; the time of the day is dropped, a month without day is its first day, an open end is no value."""
    names = Names(column)
    return Reading(
        value=f"CASE WHEN {names('fault')} IS NULL AND year({names('day')}) < {OPEN_END_YEAR} THEN {names('day')} END",
        sql_type="DATE",
        fault=_fault(element, names, names("day"), load_date),
        layers=_day_layers(names),
    )


def month(element: Element, column: str, load_date: date) -> Reading:
    """A month as its first day."""
    names = Names(column)
    first = f"CAST(date_trunc('month', {names('day')}) AS DATE)"
    return Reading(
        value=f"CASE WHEN {names('fault')} IS NULL AND year({names('day')}) < {OPEN_END_YEAR} THEN {first} END",
        sql_type="DATE",
        fault=_fault(element, names, names("day"), load_date),
        layers=_day_layers(names),
    )


def instant(element: Element, column: str, load_date: date) -> Reading:
    """Date and time of the day, local; epoch milliseconds and texts with a zone are turned to local time (UTC+8)."""
    names = Names(column)
    moment, day_text, clock = names("moment"), names("daytext"), names("clock")
    epoch = f"make_timestamp((TRY_CAST({names.text} AS BIGINT) + {8 * 3_600_000}) * 1000)"
    of_digits = f"""CASE strlen({names.text})
        WHEN 14 THEN try_strptime({names.text}, '%Y%m%d%H%M%S')
        WHEN 12 THEN coalesce(try_strptime({names.text}, '%Y%m%d%H%M'), {epoch})
        WHEN 13 THEN {epoch}
        ELSE CAST({names("day")} AS TIMESTAMP) END"""
    padded = f"CASE WHEN regexp_full_match({clock}, '[0-9]{{1,2}}') THEN {clock} || ':00' ELSE rtrim({clock}, ':') END"
    with_clock = f"TRY_CAST(strftime({names('day')}, '%Y-%m-%d') || ' ' || {padded} AS TIMESTAMP)"
    return Reading(
        value=f"CASE WHEN {names('fault')} IS NULL AND year({moment}) < {OPEN_END_YEAR} THEN {moment} END",
        sql_type="TIMESTAMP",
        fault=_fault(element, names, moment, load_date),
        layers=(
            *_day_layers(names),
            {
                clock: f"regexp_extract({names('plain')}, '[ T] *([0-9]{{1,2}}(?::[0-9]{{1,2}}){{0,2}}(?:[.][0-9]+)?:?)(Z)?', 1)",
                day_text: f"regexp_extract({names('plain')}, '[ T][0-9:.]+(Z)$', 1)",
            },
            {
                moment: f"CASE WHEN regexp_full_match({names.text}, '-?[0-9]+') THEN {of_digits}"
                f" WHEN regexp_full_match({names.text}, '[0-9]{{5}}[.][0-9]+')"
                f" THEN TIMESTAMP '1899-12-30' + to_seconds(round(TRY_CAST({names.text} AS DOUBLE) * 86400))"
                f" WHEN {clock} = '' THEN CAST({names('day')} AS TIMESTAMP)"
                f" WHEN {day_text} = 'Z' THEN {with_clock} + INTERVAL 8 HOUR ELSE {with_clock} END"
            },
        ),
    )


def _day_layers(names: Names) -> tuple[Mapping[str, str], ...]:
    plain, found = names("plain"), names("found")
    standard = "[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}"
    rewritten = f"trim(regexp_replace({mapped(names.text, WIDTHS, SEPARATORS, dict.fromkeys(BLANKS, ' '), QUOTES)}, '-+$', ''))"
    return (
        {plain: f"CASE WHEN regexp_full_match({names.text}, '{standard}|[0-9]{{8}}') THEN {names.text} ELSE {rewritten} END"},
        {
            found: f"CASE WHEN regexp_full_match({plain}, '{standard}.*|-?[0-9]+(-0*)?') THEN NULL"
            f" ELSE regexp_extract({plain}, '^([0-9]{{4}})-([0-9]{{1,2}})(?:-([0-9]{{1,2}}))?(?:[ T-].*)?$', ['y', 'm', 'd']) END"
        },
        {
            names("day"): f"""CASE
                WHEN regexp_full_match({plain}, '{standard}') THEN TRY_CAST({plain} AS DATE)
                WHEN regexp_full_match({plain}, '[0-9]{{8}}') THEN TRY_CAST(try_strptime({plain}, '%Y%m%d') AS DATE)
                WHEN regexp_full_match({plain}, '{standard}[ T][0-9:.+Z-]*') THEN TRY_CAST(regexp_extract({plain}, '^{standard}') AS DATE)
                WHEN regexp_full_match({plain}, '-?[0-9]+(-[0-9]+)?') AND {found} IS NULL THEN {_of_digits(plain)}
                WHEN {found}['y'] <> '' THEN
                    TRY_CAST({found}['y'] || '-' || {found}['m'] || '-' || coalesce(nullif({found}['d'], ''), '1') AS DATE) END"""
        },
    )


def _of_digits(plain: str) -> str:
    # Local midnight during the daylight saving time of 1986 to 1991 is 23:00 of the day before at UTC+8: one hour more is harmless else.
    epoch_day = f"CAST(make_timestamp((TRY_CAST({plain} AS BIGINT) + 32400000) * 1000) AS DATE)"
    serial = f"TRY_CAST(left({plain}, 5) AS INTEGER)"
    low, high = SERIAL_DAYS
    return f"""CASE
        WHEN regexp_full_match({plain}, '[0-9]{{14}}|(19|20)[0-9]{{2}}(0[1-9]|1[0-2])[0-3][0-9]{{5}}') THEN
            TRY_CAST(try_strptime(left({plain}, 8), '%Y%m%d') AS DATE)
        WHEN regexp_full_match({plain}, '-?[0-9]{{11,13}}') THEN {epoch_day}
        WHEN regexp_full_match({plain}, '[0-9]{{6}}') THEN TRY_CAST(try_strptime({plain} || '01', '%Y%m%d') AS DATE)
        WHEN regexp_full_match({plain}, '[0-9]{{5}}(-[0-9]+)?') AND {serial} BETWEEN {low} AND {high} THEN DATE '1899-12-30' + {serial} END"""


def _fault(element: Element, names: Names, value: str, load_date: date) -> str:
    today = f"DATE '{load_date.isoformat()}'"
    past = ""
    if element.check == "past_date":
        past = f" WHEN {value} > {today} THEN 'in_future' WHEN {value} < {today} - INTERVAL {OLDEST_AGE} YEAR THEN 'too_old'"
    return f"""CASE
        WHEN {value} IS NULL THEN CASE
            WHEN {names.text} IS NULL OR {placeholder_test(names.text, element.placeholders)} OR {names.text} IN ({literals(OPEN_END_WORDS)}) THEN NULL
            ELSE 'not_a_date' END
        WHEN year({value}) >= {OPEN_END_YEAR} THEN NULL
        WHEN year({value}) < {OLDEST_YEAR} THEN 'out_of_range'{past} END"""
