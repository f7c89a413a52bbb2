"""Readings of identifiers: citizen numbers, other documents, organisations' codes, numbers of a pattern."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from schemas.codes import code_list
from schemas.register import Element
from transforms.elements_sql import (
    CAREFUL,
    MIDDLE_DOTS,
    Names,
    Reading,
    code_text,
    is_one_of,
    literal,
    past_plain,
    placeholder_test,
    replaced,
    weighted_digits,
)

CITIZEN_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
USCC_SYMBOLS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = tuple(3**place % 31 for place in range(17))
USCC_CATEGORIES = tuple(
    department + category
    for department, categories in {
        "1": "1239", "2": "19", "3": "123459", "4": "19", "5": "1239", "6": "129", "7": "129", "8": "19", "9": "123",
        "A": "19", "N": "1239", "Y": "1",
    }.items()
    for category in categories
)  # fmt: skip
"""Registering department and category of organisation, GB 32100-2015 table 1."""

ORGANISATION_SYMBOLS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
RESIDENCE_PERMIT_PREFIXES = ("81", "82", "83")
"""Hong Kong, Macao and Taiwan in residence permits, which have the structure of a citizen number; four zeros follow."""

CITIZEN_DOCUMENTS = ("111", "112", "113")
"""Document types of GA/T 517 whose number is the citizen number."""

SYMBOLS = "[0-9A-Z]+"
OF_SYMBOLS = r"(?:[0-9A-Z(){}|?,+]|\[(?:[0-9]-[0-9]|[A-Z]-[A-Z]|[0-9A-Z])+\])+"
"""Patterns of nothing but digits and capital letters: a text of such a pattern is written as it should be."""

ANY_DOCUMENT = "[0-9A-Z\\p{Han}()（）·.-]{3,30}"

EIGHTEEN = "[1-9][0-9]{16}[0-9X]"
FOREIGNER_NUMBER = "9[0-9]{16}[0-9X]"
"""The foreign permanent resident's card of 2023, whose check digit is that of citizen numbers."""

OLDEST_AGE = 130
LOOKALIKES_OF_X = "xХхΧχ×✕✖╳"


def citizen_number(element: Element, column: str, load_date: date) -> Reading:
    """GB 11643-1999: 18 characters with check digit ISO 7064 MOD 11-2; 15 digits become 18.

    Sequence numbers 996 to 999 of the old 15 digits belong to people born before 1900 and are not converted.
    """
    names = Names(column)
    fault = _citizen_fault(element, names, load_date)
    return Reading(
        value=f"CASE WHEN {names('fault')} IS NULL THEN {_eighteen(names)} END",
        sql_type="VARCHAR",
        fault=fault,
        note=_citizen_note(names),
        layers=_citizen_layers(names),
    )


def document_number(element: Element, column: str, load_date: date, document_type: str | None = None) -> Reading:
    """The number of any document: what has the form of a citizen number, or must be one by its type, is checked as one.

    document_type: SQL of the GA/T 517 code of the row's document, known below the fifth layer; None if there is no such column.
    """
    names = Names(column)
    code, kind = names("code"), document_type or "NULL::VARCHAR"
    is_foreigners = f"regexp_full_match({code}, '{FOREIGNER_NUMBER}')"
    is_citizen = f"coalesce({is_one_of(kind, CITIZEN_DOCUMENTS)} OR ({names('number')} IS NOT NULL AND NOT {is_foreigners}), FALSE)"
    forms = "".join(f" WHEN {literal(each)} THEN regexp_full_match({code}, {literal(form)})" for each, form in element.forms.items())
    has_form = f"CASE {kind}{forms} ELSE TRUE END" if forms else "TRUE"
    other_fault = f"""CASE
        WHEN {code} IS NULL OR {placeholder_test(names.text, element.placeholders)} THEN NULL
        WHEN {is_foreigners} AND {names("check")} <> right({code}, 1) THEN 'check_digit'
        WHEN NOT {has_form} THEN 'type_form'
        WHEN NOT regexp_full_match({code}, {literal(ANY_DOCUMENT)}) THEN 'document_form' END"""
    other_type = f"WHEN {is_one_of(kind, element.forms)} THEN 'other_type' " if element.forms else ""
    return Reading(
        value=f"CASE WHEN {names('fault')} IS NOT NULL OR {placeholder_test(names.text, element.placeholders)} THEN NULL"
        f" WHEN {is_citizen} THEN {_eighteen(names)} ELSE {code} END",
        sql_type="VARCHAR",
        fault=f"CASE WHEN {is_citizen} THEN {_citizen_fault(element, names, load_date)} ELSE {other_fault} END",
        note=f"CASE WHEN {is_citizen} THEN CASE {other_type}ELSE {_citizen_note(names)} END END",
        layers=_citizen_layers(names),
    )


def _citizen_layers(names: Names) -> tuple[Mapping[str, str], ...]:
    plain, code, number = names("plain"), names("code"), names("number")
    birth_text = f"CASE WHEN strlen({code}) = 18 THEN substr({code}, 7, 8) ELSE '19' || substr({code}, 7, 6) END"
    cleaned = f"CASE WHEN regexp_full_match({names.text}, '[0-9]+X?') THEN {names.text} ELSE {code_text(replaced(names.text, LOOKALIKES_OF_X, 'X'))} END"
    return (
        {plain: f"regexp_full_match({names.text}, '{EIGHTEEN}')"},
        {code: f"CASE WHEN {plain} THEN {names.text} ELSE {cleaned} END"},
        {
            number: f"CASE WHEN {plain} OR regexp_full_match(CASE WHEN NOT {plain} THEN {code} END, '{EIGHTEEN}') THEN CAST(left({code}, 17) AS BIGINT)"
            f" WHEN regexp_full_match({code}, '[1-9][0-9]{{14}}') THEN CAST(left({code}, 6) || '19' || right({code}, 9) AS BIGINT) END"
        },
        {
            names("check"): f"substr('10X98765432', {weighted_digits(number, CITIZEN_WEIGHTS, 11)} + 1, 1)",
            names("birth"): f"CASE WHEN {number} IS NOT NULL THEN TRY_CAST(try_strptime({birth_text}, '%Y%m%d') AS DATE) END",
        },
    )


def _eighteen(names: Names) -> str:
    code = names("code")
    return f"CASE WHEN strlen({code}) = 18 THEN {code} ELSE CAST({names('number')} AS VARCHAR) || {names('check')} END"


def _citizen_fault(element: Element, names: Names, load_date: date) -> str:
    code, number, birth = names("code"), names("number"), names("birth")
    known = {*code_list("province"), *RESIDENCE_PERMIT_PREFIXES}
    is_province = f"'{''.join('01'[f'{prefix:02}' in known] for prefix in range(100))}'[{number} // 1000000000000000 + 1] = '1'"
    today = f"DATE '{load_date.isoformat()}'"
    # The good case comes first: a CASE evaluates its later branches for the remaining rows only.
    return f"""CASE
        WHEN {code} IS NULL THEN NULL
        WHEN {number} IS NULL THEN CASE
            WHEN {placeholder_test(names.text, element.placeholders)} THEN NULL
            WHEN contains({code}, '*') THEN 'masked'
            WHEN regexp_matches({code}, '^[0-9.]+E[+]?[0-9]+$') THEN 'scientific_notation'
            WHEN strlen({code}) NOT IN (15, 18) THEN 'length'
            ELSE 'characters' END
        WHEN NOT {is_province} THEN 'province'
        WHEN {number} // 1000000000000000 BETWEEN 81 AND 83 AND {number} // 100000000000 % 10000 <> 0 THEN 'province'
        WHEN {birth} IS NULL THEN 'birth_date'
        WHEN {birth} > {today} THEN 'birth_in_future'
        WHEN {birth} < CAST({today} - INTERVAL {OLDEST_AGE} YEAR AS DATE) THEN 'too_old'
        WHEN strlen({code}) = 15 THEN CASE WHEN {number} % 1000 >= 996 THEN 'reserved_sequence' END
        WHEN right({code}, 1) <> {names("check")} THEN 'check_digit' END"""


def _citizen_note(names: Names) -> str:
    code = names("code")
    return f"CASE WHEN strlen({code}) = 15 THEN 'from_15_digits' WHEN {code} <> {names.text} THEN 'rewritten' END"


def uscc(element: Element, column: str, _load_date: date) -> Reading:
    """GB 32100-2015: 18 symbols with check symbol modulo 31; letters O and I are read as digits, which they cannot be otherwise."""
    names = Names(column)
    code, fixed, head, tail = names("code"), names("fixed"), names("head"), names("tail")
    # Most codes are digits but for the check symbol, and arithmetic costs a third of looking symbols up.
    total = f"{_symbol_sum(fixed, head, 1, USCC_WEIGHTS[:8], USCC_SYMBOLS, 31)} + {_symbol_sum(fixed, tail, 9, USCC_WEIGHTS[8:], USCC_SYMBOLS, 31)}"
    inner = _symbol_sum(fixed, f"({tail} // 10)", 9, ORGANISATION_WEIGHTS, ORGANISATION_SYMBOLS, 11)
    return Reading(
        value=f"CASE WHEN {names('fault')} IS NULL THEN {fixed} END",
        sql_type="VARCHAR",
        fault=f"""CASE
            WHEN {fixed} IS NULL THEN CASE
                WHEN {code} IS NULL OR {placeholder_test(names.text, element.placeholders)} THEN NULL
                WHEN regexp_full_match({code}, '[0-9]{{13}}|[0-9]{{15}}') THEN 'registration_number_here'
                WHEN strlen({code}) <> 18 THEN 'length'
                ELSE 'characters' END
            WHEN {names("expected")} <> right({fixed}, 1) THEN 'check_digit' END""",
        note=f"""CASE
            WHEN {fixed} <> {names.text} THEN 'rewritten'
            WHEN {names("inner")} <> {fixed}[17] THEN 'inner_check_digit'
            WHEN NOT {is_one_of(f"left({fixed}, 2)", USCC_CATEGORIES)} THEN 'uncommon_category' END""",
        layers=(
            {code: code_text(names.text)},
            {
                fixed: f"CASE WHEN regexp_full_match({code}, '[{USCC_SYMBOLS}]{{18}}') THEN {code}"
                f" WHEN regexp_full_match({code}, '[{USCC_SYMBOLS}OI]{{18}}') THEN translate({code}, 'OI', '01') END"
            },
            {
                head: f"CASE WHEN regexp_full_match({fixed}, '[0-9]{{8}}.*') THEN CAST(left({fixed}, 8) AS BIGINT) END",
                tail: f"CASE WHEN regexp_full_match({fixed}, '.{{8}}[0-9]{{9}}.') THEN CAST({fixed}[9:17] AS BIGINT) END",
            },
            {
                names("expected"): f"substr({literal(USCC_SYMBOLS)}, (31 - ({total}) % 31) % 31 + 1, 1)",
                names("inner"): f"substr('0X987654321', {inner} % 11 + 1, 1)",
            },
        ),
    )


def _symbol_sum(text: str, number: str, first: int, weights: Sequence[int], symbols: str, modulus: int) -> str:
    """SQL of the weighted sum of the symbols of a text from place `first`, from their `number` where it is not NULL."""
    by_symbol = " + ".join(
        f"{weight} * (instr({literal(symbols)}, {text}[{place}]) - 1)" for place, weight in enumerate(weights, start=first)
    )
    return f"CASE WHEN {number} IS NOT NULL THEN {weighted_digits(number, weights, modulus)} ELSE {by_symbol} END"


def registration_number(element: Element, column: str, _load_date: date) -> Reading:
    """GS 15-2006: 15 digits with check digit ISO 7064 MOD 11,10; the 13 digits of before 2007 have none."""
    names = Names(column)
    code = names("code")
    product = "10"
    for place in range(1, 15):
        product = f"((({product} + ({names('digits')} // {10 ** (15 - place)}) % 10 - 1) % 10 + 1) * 2 % 11)"
    return Reading(
        value=f"CASE WHEN {names('fault')} IS NULL AND regexp_full_match({code}, '[0-9]+') THEN {code} END",
        sql_type="VARCHAR",
        fault=f"""CASE
            WHEN {names("digits")} IS NOT NULL THEN CASE WHEN (11 - {names("product")}) % 10 <> {names("digits")} % 10 THEN 'check_digit' END
            WHEN {code} IS NULL OR regexp_full_match({code}, '[0-9]{{13}}') OR {placeholder_test(names.text, element.placeholders)} THEN NULL
            WHEN regexp_full_match({code}, '[0-9]+') THEN 'length'
            ELSE 'characters' END""",
        note=f"CASE WHEN strlen({code}) = 13 THEN 'old_13_digits' WHEN {code} <> {names.text} THEN 'rewritten' END",
        layers=(
            {code: code_text(names.text)},
            {names("digits"): f"CASE WHEN regexp_full_match({code}, '[0-9]{{15}}') THEN CAST({code} AS BIGINT) END"},
            {names("product"): product},
        ),
    )


def organisation_code(element: Element, column: str, _load_date: date) -> Reading:
    """GB 11714-1997: eight symbols and a check symbol modulo 11, stored without the hyphen."""
    names = Names(column)
    code = names("code")
    total = _symbol_sum(code, names("digits"), 1, ORGANISATION_WEIGHTS, ORGANISATION_SYMBOLS, 11)
    return Reading(
        value=f"CASE WHEN {names('fault')} IS NULL AND strlen({code}) = 9 THEN {code} END",
        sql_type="VARCHAR",
        fault=f"""CASE
            WHEN {code} IS NULL OR {placeholder_test(names.text, element.placeholders)} THEN NULL
            WHEN strlen({code}) <> 9 THEN 'length'
            WHEN NOT regexp_full_match({code}, '[0-9A-Z]{{8}}[0-9X]') THEN 'characters'
            WHEN {names("expected")} <> right({code}, 1) THEN 'check_digit' END""",
        note=f"CASE WHEN strlen({names.text}) > 10 OR {code} <> replace({names.text}, '-', '') THEN 'rewritten' END",
        layers=(
            {code: f"replace({code_text(names.text)}, '-', '')"},
            {names("digits"): f"CASE WHEN regexp_full_match({code}, '[0-9]{{8}}.') THEN CAST(left({code}, 8) AS BIGINT) END"},
            {names("expected"): f"CASE WHEN strlen({code}) = 9 THEN substr('0X987654321', {total} % 11 + 1, 1) END"},
        ),
    )


def patterned(element: Element, column: str, _load_date: date) -> Reading:
    """An identifier in half width and upper case, of the element's pattern if it has one."""
    pattern = element.pattern or SYMBOLS
    names = Names(column, CAREFUL) if re.fullmatch(OF_SYMBOLS, pattern) else Names(column)
    reading = _patterned(element, names, code_text(names.text))
    return past_plain(pattern, reading, names, element.placeholders) if names.source == CAREFUL else reading


def plate(element: Element, column: str, _load_date: date) -> Reading:
    """The plate of a vehicle, without the dot or hyphen between the letters of the place and the number."""
    names = Names(column)
    return _patterned(element, names, replaced(code_text(names.text, "[\\p{Han}0-9A-Z]+"), MIDDLE_DOTS + "·.-"))


def _patterned(element: Element, names: Names, written: str) -> Reading:
    """A text that must be of the element's pattern; written: SQL of the text in its one spelling."""
    code, empty = names("code"), placeholder_test(names.text, element.placeholders)
    fault = None
    if element.pattern:
        fault = f"CASE WHEN regexp_full_match({code}, {literal(element.pattern)}) THEN NULL WHEN {code} IS NULL OR {empty} THEN NULL ELSE 'form' END"
    value = f"CASE WHEN {names('fault')} IS NULL AND NOT {empty} THEN {code} END" if fault else f"CASE WHEN NOT {empty} THEN {code} END"
    note = f"CASE WHEN {code} <> {names.text} THEN 'rewritten' END"
    return Reading(value, "VARCHAR", fault, note, ({code: written},))


READINGS: Mapping[str, Callable[[Element, str, date], Reading]] = {
    "citizen_number": citizen_number,
    "document_number": document_number,
    "uscc": uscc,
    "registration_number": registration_number,
    "organisation_code": organisation_code,
}
"""Readings by the check of the element."""
