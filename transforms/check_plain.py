"""Rows of nothing but plain texts: one look at the whole row tells that there is nothing to find in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from schemas.contract import Column, Contract
from transforms.check_sql import DATED, KEY, REASONS, UNVERIFIED, WARNINGS, cross_checks, is_broken
from transforms.elements_plain import Plain, plain_texts
from transforms.elements_sql import Names, identifier, literal
from transforms.standardise import FIELD_SEPARATOR, ORIGINAL, companion_of, kept_columns, packed

PLAIN = identifier(":plain")
"""Whether nothing can be found in a row and nothing will be on another day: no reason, no warning."""
MATCHED = identifier(":matched")
COLUMNS_AT_ONCE, LONGEST_PATTERN = 10, 4000
"""Of what is held against one regular expression: the states of a longer one would no longer fit where the engine looks them up quickly."""


def arrived_sql(contract: Contract, source: str, load_date: date, present: Collection[str]) -> str:
    """SELECT of the text rows of `source`: `sheet`, `row`, the texts as received under `Names(column).text`, empty if there is none, `PLAIN`.

    present: the contract columns that `source` has.
    """
    columns = [column for column in kept_columns(contract) if column.name in present]
    texts = ", ".join(["sheet", "row", *(f"coalesce({identifier(column.name)}, '') AS {Names(column.name).text}" for column in columns)])
    forms = _forms(contract, load_date, present)
    patterns = [(column, _pattern(forms[column.name], required=column.required)) for column in columns]
    known = [(column, pattern) for column, pattern in patterns if pattern is not None]
    if len(known) < len(patterns) or any(column.required and column.name not in present for column in kept_columns(contract)):
        return f"SELECT {texts}, FALSE AS {PLAIN} FROM {source}"
    matched = " AND ".join(
        f"regexp_full_match({packed([column for column, _ in group], present)}, {literal(chr(31).join(pattern for _, pattern in group))})"
        for group in _groups(known)
    )
    sound = [form.sound for form in forms.values() if form and form.sound]
    sound += [f"{identifier(column.name)} IS NOT NULL" for column in columns if column.required]
    sound += [f"NOT {test}" for test in (*(is_broken(rule) for rule in contract.rules), *(test for test, _, _ in cross_checks(contract)))]
    helpers = [
        f"CASE WHEN {MATCHED} THEN {helper} END AS {name}" for form in forms.values() if form for name, helper in form.helpers.items()
    ]
    names = ", ".join(["sheet", "row", *(Names(column.name).text for column in columns)])
    return f"""
        SELECT {names}, CASE WHEN {MATCHED} THEN coalesce({" AND ".join(sound) or "TRUE"}, FALSE) ELSE FALSE END AS {PLAIN}
        FROM (SELECT *, {", ".join([_values(contract, forms, MATCHED), *helpers])} FROM (SELECT {texts}, {matched or "TRUE"} AS {MATCHED} FROM {source}))"""


def plain_sql(contract: Contract, arrived: str, load_date: date, present: Collection[str]) -> str:
    """SELECT of the plain rows of a table made by `arrived_sql`, with the columns of `checked_sql`, and its rowid as `id`."""
    return f"""
        SELECT rowid AS id, sheet, row, {original(contract, present)} AS {ORIGINAL}, {_values(contract, _forms(contract, load_date, present), PLAIN)},
               NULL::VARCHAR AS {UNVERIFIED}, NULL::VARCHAR AS {KEY}, FALSE AS {DATED},
               NULL::STRUCT("column" VARCHAR, "rule" VARCHAR)[] AS {REASONS}, NULL::STRUCT("column" VARCHAR, "rule" VARCHAR)[] AS {WARNINGS}
        FROM {arrived} WHERE {PLAIN}"""


def other_rows(contract: Contract, arrived: str, present: Collection[str]) -> str:
    """SELECT of the text rows of a table made by `arrived_sql` that are not plain."""
    texts = (f"{Names(column.name).text} AS {identifier(column.name)}" for column in kept_columns(contract) if column.name in present)
    return f"SELECT {', '.join(['sheet', 'row', *texts])} FROM {arrived} WHERE NOT {PLAIN}"


def original(contract: Contract, present: Collection[str]) -> str:
    """SQL of `ORIGINAL` of a row of a table made by `arrived_sql`."""
    texts = (Names(column.name).text if column.name in present else "''" for column in kept_columns(contract))
    return f"concat_ws({FIELD_SEPARATOR}, {', '.join(texts)})"


def _forms(contract: Contract, load_date: date, present: Collection[str]) -> Mapping[str, Plain | None]:
    """The plain texts of the columns that are there; of those that cannot be told without another column only the empty one."""
    paired = {half for use in contract.coordinates for half in (use.lon, use.lat)}
    return {
        column.name: None if column.name in paired or companion_of(contract, column) else plain_texts(column, load_date)
        for column in kept_columns(contract)
        if column.name in present
    }


def _pattern(form: Plain | None, *, required: bool) -> str | None:
    if required:
        return form.pattern if form else None
    return f"(?:{form.pattern})?" if form else ""


def _groups(patterns: Sequence[tuple[Column, str]]) -> Sequence[Sequence[tuple[Column, str]]]:
    groups: list[list[tuple[Column, str]]] = []
    for each in patterns:
        last = groups[-1] if groups else []
        if not last or len(last) == COLUMNS_AT_ONCE or sum(len(pattern) for _, pattern in [*last, each]) > LONGEST_PATTERN:
            groups.append([])
        groups[-1].append(each)
    return groups


def _values(contract: Contract, forms: Mapping[str, Plain | None], guard: str) -> str:
    """The values of the rows for which `guard` holds: what is computed of others, and when, is the engine's choice."""
    values = {}
    for column in kept_columns(contract):
        form = forms.get(column.name)
        if form is None:
            values[column.name] = f"NULL::{column.sql_type}"
        else:
            values[column.name] = form.value if form.sql_type == "VARCHAR" else f"CASE WHEN {guard} THEN {form.value} END"
    return ", ".join(f"{value} AS {identifier(name)}" for name, value in values.items())
