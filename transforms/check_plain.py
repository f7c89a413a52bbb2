"""Plain rows: of nothing but plain texts, in which nothing can be found and nothing will be on another day, no reason, no warning."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from schemas.contract import Column, Contract, Rule
from transforms.automaton import automaton
from transforms.check_sql import DATED, KEY, REASONS, UNVERIFIED, WARNINGS, cross_checks, is_broken, numbered
from transforms.elements_plain import Plain, plain_texts
from transforms.elements_sql import Names, identifier
from transforms.plain_cells import Cells
from transforms.standardise import FIELD_SEPARATOR, ORIGINAL, companion_of, kept_columns

PLAIN = identifier(":plain")
"""Whether a row is plain."""
MATCHED = ":matched"
"""Whether all texts of a row are plain, each by itself."""
DOUBTFUL = identifier(":doubtful")
"""Whether such a row might break a rule or contradict itself, as far as its texts tell."""


def wanted_cells(contract: Contract, load_date: date, present: Collection[str]) -> Mapping[str, Cells] | None:
    """What the cells of plain rows must be, by contract column; None where no row can be plain.

    present: the contract columns that the rows have.
    """
    required = {column.name for column in kept_columns(contract) if column.required}
    forms = _forms(contract, load_date, present)
    if any(forms.get(name) is None for name in required):
        return None
    return {name: _cells(form, required=name in required) for name, form in forms.items()}


@dataclass(frozen=True, slots=True)
class Sound:
    """SELECT of whether nothing is found in rows whose texts are plain, each by itself, in the order of the rows; and the columns it reads."""

    sql: str
    columns: Sequence[str]


def soundness(contract: Contract, source: str, load_date: date, present: Collection[str]) -> Sound | None:
    """What is left to be told of rows whose texts are plain; None if nothing is.

    source: text rows with `MATCHED`. present: the contract columns that the file has.
    """
    forms = _forms(contract, load_date, present)
    sound = [form.sound for form in forms.values() if form and form.sound]
    full = {name: f"{identifier(name)} IS NOT NULL" for name, form in forms.items() if form and form.ends_in_check_sign}
    disagreements = [test for test, _, _ in cross_checks(contract, lambda name: full.get(name, "FALSE"))]
    found = [*(is_broken(rule) for rule in contract.rules), *disagreements]
    if not sound and not found:
        return None
    doubts = [*filter(None, (_doubt(rule, forms) for rule in contract.rules)), *_disagreement_doubts(contract, forms, full)]
    by_rules = {name for rule in contract.rules for name in rule.columns}
    tested = [
        column
        for column in kept_columns(contract)
        if column.name in by_rules or any(identifier(column.name) in test for test in disagreements)
    ]
    names = [name for name, form in forms.items() if (form and form.sound) or contract.column(name) in tested]
    texts = [f"{identifier(name)} AS {Names(name).text}" for name in names]
    matched = identifier(MATCHED)
    nothing_found = " AND ".join(f"NOT {test}" for test in found) or "TRUE"
    sql = f"""
        SELECT CASE WHEN {matched} THEN coalesce({"".join(f"{test} AND " for test in sound)} CASE WHEN {DOUBTFUL} THEN {nothing_found} ELSE TRUE END, FALSE)
                    ELSE FALSE END
        FROM (SELECT *, {_values(tested, forms, DOUBTFUL)} FROM (
            SELECT *, {matched} AND ({" OR ".join(doubts) or "FALSE"}) AS {DOUBTFUL} FROM (SELECT {", ".join([*texts, matched])} FROM {source})))"""
    return Sound(sql, names)


_LEADING, _NAMED = re.compile(r"^(?:\w+ IS NULL OR )*"), re.compile(r"(\w+) IS NULL OR ")
"""How a rule begins that is kept where one of some columns is empty."""


def _doubt(rule: Rule, forms: Mapping[str, Plain | None]) -> str | None:
    """SQL test over texts whether a row might break a rule; None where none can. Most rules are kept where one of their columns is empty."""
    sure_without = _NAMED.findall(_LEADING.findall(rule.sql)[0])
    if any(name not in forms for name in sure_without):
        return None
    return " AND ".join(f"{Names(name).text} <> ''" for name in sure_without) or "TRUE"


def _disagreement_doubts(contract: Contract, forms: Mapping[str, Plain | None], full: Collection[str]) -> Iterator[str]:
    """SQL tests over texts of which one holds where `cross_checks` may find something: but for the usual spellings of what a number says."""
    for number, sex, birth in numbered(contract):
        if number not in full:
            continue
        digits = Names(number).text
        if isinstance(sex, str) and sex in forms:
            yield f"{Names(sex).text} NOT IN ('', CASE WHEN {digits}[17] IN ('1', '3', '5', '7', '9') THEN '1' ELSE '2' END)"
        if isinstance(birth, str) and birth in forms:
            text = Names(birth).text
            yield f"{text} <> '' AND CASE WHEN strlen({text}) = 8 THEN {text} ELSE replace({text}, '-', '') END <> {digits}[7:14]"


def plain_sql(contract: Contract, rows: str, load_date: date, present: Collection[str], condition: str) -> str:
    """SELECT of the plain rows of a table of all (`Arrived`) for which a condition holds, with the columns of `checked_sql`, and its rowid as `id`."""
    forms = _forms(contract, load_date, present)
    texts = ", ".join(Names(column.name).text if column.name in present else "''" for column in kept_columns(contract))
    return f"""
        SELECT rowid AS id, sheet, row, concat_ws({FIELD_SEPARATOR}, {texts}) AS {ORIGINAL}, {_values(kept_columns(contract), forms, PLAIN)},
               NULL::VARCHAR AS {UNVERIFIED}, NULL::VARCHAR AS {KEY}, FALSE AS {DATED},
               NULL::STRUCT("column" VARCHAR, "rule" VARCHAR)[] AS {REASONS}, NULL::STRUCT("column" VARCHAR, "rule" VARCHAR)[] AS {WARNINGS}
        FROM (SELECT rowid, * FROM {rows} WHERE {PLAIN} AND {condition})"""


def _forms(contract: Contract, load_date: date, present: Collection[str]) -> Mapping[str, Plain | None]:
    """The plain texts of the columns that are there; of those that cannot be told without another column only the empty one."""
    paired = {half for use in contract.coordinates for half in (use.lon, use.lat)}
    return {
        column.name: None if column.name in paired or companion_of(contract, column) else plain_texts(column, load_date)
        for column in kept_columns(contract)
        if column.name in present
    }


def _cells(form: Plain | None, *, required: bool) -> Cells:
    """Empty cells and words for none are no values: where one is required they are not plain."""
    form = form or Plain("", "NULL")
    none = [re.escape(word) for word in ("", *form.none)]
    rejected = [form.without] if form.without else []
    if required:
        return Cells(_automaton(form.pattern, without="|".join([*none, *rejected])), form.ends_in_check_sign)
    return Cells(_automaton(form.pattern, "|".join(none), "|".join(rejected) or None), form.ends_in_check_sign)


_automaton = lru_cache(256)(automaton)
"""Many columns have a pattern that others have, too."""


def _values(columns: Sequence[Column], forms: Mapping[str, Plain | None], guard: str) -> str:
    """The values of the rows for which `guard` holds: what is computed of others, and when, is the engine's choice."""
    values = {}
    for column in columns:
        form = forms.get(column.name)
        if form is None:
            values[column.name] = f"NULL::{column.sql_type}"
        else:
            values[column.name] = form.value if form.sql_type == "VARCHAR" else f"CASE WHEN {guard} THEN {form.value} END"
    return ", ".join(f"{value} AS {identifier(name)}" for name, value in values.items())
