"""Reading of phone numbers, of which a cell may hold several."""

from __future__ import annotations

from datetime import date

from schemas.register import Element
from transforms.elements_sql import BLANKS, CAREFUL, DASHES, QUOTES, Names, Reading, half_width, past_plain, placeholder_test, replaced

MOBILE = "1[3-9][0-9]{9}"
PREFIX = "(?:(?:[+]|00)?86)"
SERVICE = "[48]00[0-9]{7}"
LOCAL = "[2-8][0-9]{6,7}"
AREA = "(?:010|02[0-9]|0[3-9][0-9]{2})"
PLAIN = f"{MOBILE}|{AREA}-{LOCAL}"
SEPARATOR = ";"
"""Between several numbers of one cell, in the value."""


def phone(element: Element, column: str, _load_date: date) -> Reading:
    """Mobile and fixed numbers in one form each, several joined by `;`; area code and extension set off by hyphens."""
    names = Names(column, CAREFUL)
    return past_plain(PLAIN, _phone(element, names), names, element.placeholders)


def _phone(element: Element, names: Names) -> Reading:
    plain, pieces, good = names("plain"), names("pieces"), names("good")
    placeholder = placeholder_test(names.text, element.placeholders)
    digits_only = "regexp_replace(piece, '[^0-9]', '', 'g')"
    is_placeholder = placeholder_test("piece", element.placeholders)
    normalised = f"""CASE
        WHEN {is_placeholder} THEN NULL
        WHEN regexp_full_match(piece, '{PREFIX}?-?{MOBILE}') THEN right(piece, 11)
        WHEN regexp_full_match(piece, '{PREFIX}-?[1-9][0-9]{{1,2}}-?[2-8][0-9]{{6,7}}') THEN
            regexp_replace('0' || regexp_replace(piece, '^{PREFIX}-?', ''), '^({AREA})-?([0-9]+)$', '\\1-\\2')
        WHEN regexp_full_match(piece, '[(]?{AREA}[)]?-?{LOCAL}([-转*#][0-9]{{1,6}})?') THEN
            regexp_replace(piece, '^[(]?({AREA})[)]?-?({LOCAL}?)((?:[-转*#]([0-9]{{1,6}}))?)$', '\\1-\\2\\3')
        WHEN regexp_full_match({digits_only}, '{SERVICE}') AND regexp_full_match(piece, '[0-9-]+') THEN {digits_only}
        WHEN regexp_full_match(piece, '{LOCAL}') THEN piece END"""
    dashed = replaced(replaced(half_width(names.text), DASHES, "-"), QUOTES)
    cleaned = f"upper({replaced(dashed, '，；、/|', ',')})"
    compact = replaced(plain, BLANKS)
    split = f"""CASE
        WHEN {plain} IS NULL THEN NULL
        WHEN regexp_full_match({compact}, '{PREFIX}?-?1[3-9][0-9]-?[0-9]{{4}}-?[0-9]{{4}}') THEN [replace({compact}, '-', '')]
        WHEN regexp_full_match({compact}, '[(]?{AREA}[)]?-?{LOCAL}') THEN [{compact}]
        WHEN regexp_matches({plain}, '[,;]') THEN regexp_split_to_array({compact}, '[,;]+')
        ELSE regexp_split_to_array({plain}, '\\s+') END"""
    return Reading(
        value=f"CASE WHEN NOT {placeholder} THEN CASE WHEN {plain} IS NULL THEN {names.text} ELSE nullif(array_to_string({good}, '{SEPARATOR}'), '') END END",
        sql_type="VARCHAR",
        fault=f"CASE WHEN {plain} IS NULL OR {placeholder} OR len({good}) > 0 OR NOT regexp_matches({plain}, '[0-9A-Z\\p{{Han}}]') THEN NULL"
        f" WHEN len(list_filter({pieces}, lambda piece: NOT {is_placeholder} AND piece <> '')) = 0 THEN NULL ELSE 'phone_form' END",
        note=f"""CASE WHEN {plain} IS NULL OR len({good}) = 0 THEN NULL
            WHEN len({good}) < len(list_filter({pieces}, lambda piece: piece <> '')) THEN 'part_unreadable'
            WHEN list_bool_or(list_transform({good}, lambda piece: regexp_full_match(piece, '{LOCAL}'))) THEN 'no_area_code'
            WHEN len({good}) > 1 THEN 'several' ELSE 'rewritten' END""",
        layers=(
            {plain: f"CASE WHEN regexp_full_match({names.text}, '{PLAIN}') THEN NULL ELSE {cleaned} END"},
            {pieces: split},
            {
                good: f"CASE WHEN {pieces} IS NOT NULL THEN list_filter(list_transform({pieces}, lambda piece: {normalised}), lambda piece: piece IS NOT NULL) END"
            },
        ),
    )
