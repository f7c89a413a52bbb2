"""Readings of text: free text, addresses, names, codes of a list, flags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from schemas.codes import code_list, code_spellings
from schemas.names import anonymous_name
from schemas.register import Element
from transforms.elements_sql import (
    BLANKS,
    CAREFUL,
    MIDDLE_DOTS,
    QUOTES,
    WIDTHS,
    Names,
    Reading,
    half_width,
    is_one_of,
    literal,
    past_plain,
    placeholder_test,
    replaced,
)

CHINESE_PUNCTUATION = "（）．，"
PLAIN_NAME = "（*[一-龥][一-龥（）]*"
FLAG_WORDS: Mapping[bool, tuple[str, ...]] = {
    True: ("1", "是", "有", "Y", "YES", "TRUE", "T", "对", "√", "真", "已", "01"),
    False: ("0", "否", "无", "N", "NO", "FALSE", "F", "错", "×", "X", "假", "未", "2", "02", "没有", "不是"),
}


def text(element: Element, column: str, _load_date: date) -> Reading:
    """The trimmed text; placeholders count as no value unless the element keeps them."""
    names = Names(column)
    if not element.placeholders:
        return Reading(names.text, "VARCHAR")
    return Reading(f"CASE WHEN NOT {placeholder_test(names.text, element.placeholders)} THEN {names.text} END", "VARCHAR")


def name(element: Element, column: str, _load_date: date) -> Reading:
    """Name of a person or an organisation: one middle dot, no blanks between Chinese characters, Chinese brackets in Chinese names."""
    names = Names(column, CAREFUL)
    return past_plain(PLAIN_NAME, _name(element, names), names, element.placeholders)


def _name(element: Element, names: Names) -> Reading:
    width, tidy = names("width"), names("tidy")
    dotted = replaced(replaced(half_width(names.text, CHINESE_PUNCTUATION), MIDDLE_DOTS, "·"), QUOTES)
    empty = placeholder_test(names.text, element.placeholders)
    return Reading(
        value=f"CASE WHEN {names('fault')} IS NULL AND NOT {empty} THEN {tidy} END",
        sql_type="VARCHAR",
        fault=f"CASE WHEN regexp_matches({tidy}, '[\\p{{L}}\\p{{So}}]') OR {tidy} IS NULL OR {empty} THEN NULL ELSE 'no_letters' END",
        note=f"CASE WHEN {tidy} <> {names.text} THEN 'rewritten' END",
        layers=(
            {width: f"CASE WHEN regexp_full_match({names.text}, '[\\p{{Han}}A-Za-z0-9() （）]+') THEN {names.text} ELSE {dotted} END"},
            {
                tidy: f"CASE WHEN NOT regexp_matches({width}, '[\\s()]') THEN {width}"
                f" WHEN regexp_matches({width}, '\\p{{Han}}') THEN {_with_chinese_brackets(_without_inner_blanks(width))}"
                f" ELSE regexp_replace({width}, '\\s+', ' ', 'g') END"
            },
        ),
    )


def person_name(element: Element, column: str, _load_date: date) -> Reading:
    """Name of a person, with a note where it is one like 张某, by which nobody can be known."""
    names = Names(column, CAREFUL)
    reading = _name(element, names)
    note = f"CASE WHEN {_is_anonymous(names('tidy'))} THEN 'anonymised' ELSE {reading.note} END"
    return past_plain(PLAIN_NAME, replace(reading, note=note), names, element.placeholders, _is_anonymous(Names(column).text))


def _is_anonymous(expression: str) -> str:
    return f"regexp_full_match({expression}, {literal(anonymous_name())})"


def _with_chinese_brackets(expression: str) -> str:
    return f"replace(replace({expression}, '(', '（'), ')', '）')"


def _without_inner_blanks(expression: str) -> str:
    # RE2 has no look-around, and neighbouring matches may not share a character: the second pass takes what the first one left.
    once = rf"regexp_replace({expression}, '([^\x00-\x7f])\s+', '\1', 'g')"
    twice = rf"regexp_replace({once}, '\s+([^\x00-\x7f])', '\1', 'g')"
    return rf"CASE WHEN regexp_matches({expression}, '\s') THEN {twice} ELSE {expression} END"


def code(element: Element, column: str, _load_date: date) -> Reading:
    """A code of the element's list; names and other spellings are mapped to their code, codes of a finer level to their class."""
    names = Names(column)
    plain, parsed = names("plain"), names("parsed")
    assert element.code_list is not None, element.name
    codes = list(code_list(element.code_list))
    spellings = mapped_spellings(element)
    cases = " ".join(f"WHEN {literal(spelling)} THEN {literal(code)}" for spelling, code in spellings.items())
    simplified = f"upper({replaced(half_width(names.text), BLANKS + QUOTES)})"
    return Reading(
        value=f"CASE WHEN {names('fault')} IS NULL THEN {parsed} END",
        sql_type="VARCHAR",
        fault=f"CASE WHEN {parsed} IS NOT NULL OR {names.text} IS NULL OR {placeholder_test(names.text, element.placeholders)} THEN NULL"
        " ELSE 'not_in_list' END",
        layers=(
            {plain: f"CASE WHEN {is_one_of(names.text, codes)} THEN {names.text} ELSE {simplified} END"},
            {parsed: f"CASE WHEN {is_one_of(plain, codes)} THEN {plain} ELSE CASE {plain} {cases} END END"},
        ),
    )


def mapped_spellings(element: Element) -> Mapping[str, str]:
    """Everything the column may hold, written as the SQL above simplifies it, to the code."""
    assert element.code_list is not None, element.name
    codes = list(code_list(element.code_list))
    spellings = {_simplified(spelling): code for spelling, code in code_spellings(element.code_list).items()}
    width = max(len(code) for code in codes)
    for code in codes:
        if code.isdigit():
            spellings.setdefault(code.lstrip("0") or "0", code)  # spreadsheets drop leading zeros
    if element.sublevels:
        for code in codes:
            top = code.rstrip("0") if width > 1 and len(code) > 1 else code
            for digit in "0123456789":
                spellings.setdefault(top + digit, code)
    if element.sublevels and width == 1:
        for digit in "0123456789":
            spellings["0" + digit] = "0"
    return spellings


def _simplified(spelling: str) -> str:
    return "".join(WIDTHS.get(character, character) for character in spelling if character not in BLANKS + QUOTES).upper()


def flag(element: Element, column: str, _load_date: date) -> Reading:
    """Yes or no in the ways exports write it."""
    names = Names(column)
    plain, parsed = names("plain"), names("parsed")
    words = "".join(f" WHEN {is_one_of(plain, words)} THEN {str(value).upper()}" for value, words in FLAG_WORDS.items())
    return Reading(
        value=parsed,
        sql_type="BOOLEAN",
        fault=f"CASE WHEN {parsed} IS NOT NULL OR {names.text} IS NULL OR {placeholder_test(names.text, element.placeholders)} THEN NULL"
        " ELSE 'not_a_flag' END",
        layers=(
            {
                plain: f"CASE WHEN {names.text} IN ('0', '1', '是', '否') THEN {names.text} ELSE upper({replaced(half_width(names.text), BLANKS)}) END"
            },
            {parsed: f"CASE{words} END"},
        ),
    )
