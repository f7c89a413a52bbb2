"""SQL fragments from which the readings of all data elements are built."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

WIDTHS: Mapping[str, str] = {chr(half + 0xFEE0): chr(half) for half in range(0x21, 0x7F)} | {"\u3000": " "}
"""Full-width ASCII to ASCII."""

_FULL_WIDTHS = {ord(half): full for full, half in WIDTHS.items()}

BLANKS = " \t\r\n\v\f\u00a0\u2002\u2003\u2009\u200b\u200c\u200d\u2060\u3000\ufeff"
BLANK = r"[\s\x{00a0}\x{3000}]"
"""Pattern of the blanks that are dropped around a text."""

QUOTES = "'\"`‘’“”"
"""Spreadsheets put an apostrophe before numbers to keep them as text; some exports carry it along."""

DASHES = "‐‑‒–—―−﹣"
CAREFUL = "careful"
"""Helper column of the texts that are not plain, NULL for those that are."""

MIDDLE_DOTS = "•‧∙●･・⋅᛫．"
"""What is written for the middle dot · between the parts of a name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """SQL that reads one column of text as values of one data element.

    ``layers`` are projections stacked one on the other, each a mapping of helper column to expression over the columns below.
    ``value``, ``fault`` and ``note`` are expressions over the topmost layer: the typed value (NULL if there is none or it is not
    acceptable), the code of what is wrong (NULL if nothing), the code of what was repaired or is doubtful (NULL if nothing).
    ``sql_type`` is the DuckDB type of the value. ``fault`` or ``note`` is None where there can be none.
    """

    value: str
    sql_type: str
    fault: str | None = None
    note: str | None = None
    layers: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Names:
    """Quoted names of a contract column's helper columns; the colon keeps them apart from every contract column.

    source: the helper column whose text is read: `text`, or `CAREFUL`, see `past_plain`.
    """

    column: str
    source: str = "text"

    def __call__(self, helper: str) -> str:
        return identifier(f"{self.column}:{helper}")

    @property
    def text(self) -> str:
        """The trimmed text of the cell, NULL if empty."""
        return self(self.source)


def identifier(name: str) -> str:
    """A name quoted for SQL."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text as SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def literals(texts: Iterable[str]) -> str:
    """Texts as a comma separated list of SQL literals."""
    return ", ".join(literal(text) for text in texts)


def is_one_of(expression: str, texts: Iterable[str]) -> str:
    """SQL test whether a text is one of some texts. The engine would turn a long IN into a join, one for each such test of each column."""
    return f"list_contains([{literals(texts)}], {expression})"


def half_width(expression: str, kept: str = "") -> str:
    """SQL that writes full-width ASCII, but for the characters in `kept`, in half width.

    The engine builds the table of `translate` anew for every cell, 5 microseconds for this one: only cells that need it get it.
    """
    widths = {full: half for full, half in WIDTHS.items() if full not in kept}
    replaced = f"translate({expression}, {literal(''.join(widths))}, {literal(''.join(widths.values()))})"
    return f"CASE WHEN regexp_matches({expression}, '[\\x{{3000}}\\x{{ff01}}-\\x{{ff5e}}]') THEN {replaced} ELSE {expression} END"


def replaced(expression: str, characters: str, by: str = "") -> str:
    """SQL that replaces each of some characters by a text."""
    escaped = "".join("\\" + character if character in "\\]^-" else character for character in characters)
    return f"regexp_replace({expression}, {literal('[' + escaped + ']')}, {literal(by)}, 'g')"


def past_plain(plain: str, careful: Reading, names: Names, placeholders: Sequence[str], exception: str = "FALSE") -> Reading:
    """A reading that takes texts of the pattern `plain` as they are and reads only the others with care, as `careful` does.

    names, careful: with the source `CAREFUL`. exception: SQL test of texts of the pattern that need care; placeholders do, too. Nearly all texts
    are plain, and CASE computes a branch for the rows alone that take it.
    """
    whole = Names(names.column).text
    needs_care = f"{exception} OR {placeholder_test(whole, placeholders, plain)}"

    def cared(expression: str) -> str:
        return f"CASE WHEN {names.text} IS NOT NULL THEN {expression} END"

    text = f"CASE WHEN regexp_full_match({whole}, {literal(plain)}) THEN CASE WHEN {needs_care} THEN {whole} END ELSE {whole} END"
    return Reading(
        value=f"CASE WHEN {names.text} IS NULL THEN {whole} ELSE {careful.value} END",
        sql_type=careful.sql_type,
        fault=careful.fault and cared(careful.fault),
        note=careful.note and cared(careful.note),
        layers=({names.text: text}, *({name: cared(expression) for name, expression in layer.items()} for layer in careful.layers)),
    )


def placeholder_test(expression: str, placeholders: Sequence[str], pattern: str = "(?s).*") -> str:
    """SQL test whether a text, known to be of a pattern, only says that there is no value, in any width or case.

    The length is tested first because nearly all texts are longer than any placeholder.
    """
    variants = [variant for variant in spellings_of(placeholders) if re.fullmatch(pattern, variant)]
    if not variants:
        return "FALSE"
    longest = max(len(text.encode()) for text in variants)
    return f"CASE WHEN strlen({expression}) <= {longest} THEN {is_one_of(expression, variants)} ELSE FALSE END"


def trimmed(expression: str) -> str:
    """SQL that removes surrounding blanks and all control characters; NULL if nothing is left.

    A test by regular expression guards the costly removal, which few cells need.
    """
    blank, control = BLANK, r"[\x00-\x1f\x7f\x{feff}\x{200b}]"
    test = f"regexp_matches({expression}, '^{blank}|{blank}$|{control}')"
    removed = f"regexp_replace({expression}, '^({blank}|{control})+|({blank}|{control})+$|{control}+', '', 'g')"
    return f"nullif(CASE WHEN {test} THEN {removed} ELSE {expression} END, '')"


def untidy_test(packed: str) -> str:
    """SQL test whether `trimmed` would change any of some texts, joined by the control character 31."""
    control = r"[\x00-\x1e\x7f\x{feff}\x{200b}]"
    return rf"regexp_matches({packed}, '{control}|^{BLANK}|\x1f{BLANK}|{BLANK}\x1f|{BLANK}$')"


def code_text(expression: str, plain: str = "[0-9A-Z]+") -> str:
    """SQL that writes an identifier in half width and upper case without blanks and quotes; texts of the pattern `plain` pass as they are."""
    cleaned = f"upper({replaced(replaced(half_width(expression), DASHES, '-'), BLANKS + QUOTES)})"
    return f"CASE WHEN regexp_full_match({expression}, '{plain}') THEN {expression} ELSE nullif({cleaned}, '') END"


def weighted_digits(number: str, weights: Sequence[int], modulus: int) -> str:
    """SQL of the weighted sum of the decimal digits of a BIGINT, modulo `modulus`.

    weights: one a digit, the most significant digit first. As digit k is n // 10^k - 10 * (n // 10^(k+1)), the sum needs one
    division a digit and no remainder but the last.
    """
    ascending = list(reversed(weights))
    steps = [ascending[0]] + [ascending[k] - 10 * ascending[k - 1] for k in range(1, len(ascending))]
    terms = [f"{step % modulus} * ({number} // {10**k})" if k else f"{step % modulus} * {number}" for k, step in enumerate(steps)]
    return f"(({' + '.join(terms)}) % {modulus})"


def spellings_of(placeholders: Iterable[str]) -> list[str]:
    """The placeholders that are texts, in any width or case, each once."""
    return list(dict.fromkeys(variant for text in placeholders if text for variant in _variants(text)))


def _variants(text: str) -> tuple[str, ...]:
    return (text, text.lower(), text.upper(), text.translate(_FULL_WIDTHS), unicodedata.normalize("NFKC", text))
