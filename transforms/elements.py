"""How each element of the register reads a cell: its parser and check as DuckDB SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date

from schemas.register import Element
from transforms import elements_identifiers, elements_numbers, elements_phone, elements_text, elements_times
from transforms.elements_sql import Names, Reading

_BY_PARSER: Mapping[str, Callable[[Element, str, date], Reading]] = {
    "text": elements_text.text,
    "address": elements_text.text,
    "name": elements_text.name,
    "person_name": elements_text.person_name,
    "code": elements_text.code,
    "flag": elements_text.flag,
    "identifier": elements_identifiers.patterned,
    "plate": elements_identifiers.plate,
    "phone": elements_phone.phone,
    "date": elements_times.day,
    "datetime": elements_times.instant,
    "month": elements_times.month,
    "decimal": elements_numbers.number,
    "area": elements_numbers.area,
    "capital": elements_numbers.capital,
    "ten_thousand": elements_numbers.ten_thousand,
    "percentage": elements_numbers.percentage,
    "duration": elements_numbers.duration,
    "integer": elements_numbers.integer,
}
COMPANIONS: Mapping[str, str] = {"document_number": "document_type_code", "currency": "capital"}
"""Column of a pool table to the one beside it that says more: the type of the document, the amount whose cell may name its currency."""


def read_column(element: Element | None, column: str, load_date: date, companion: str | None = None) -> Reading:
    """The reading of a contract column: by the element's check where it names an algorithm, else by its parser.

    element: None reads plain text. companion: the contract column that says more, see `COMPANIONS`. Raises KeyError if the register names a
    parser that is not written yet.
    """
    if element is None:
        return Reading(Names(column).text, "VARCHAR")
    if element.check == "document_number":
        kind = Names(companion)("parsed") if companion else None
        return elements_identifiers.document_number(element, column, load_date, kind)
    if element.check is not None and element.check in elements_identifiers.READINGS:
        return elements_identifiers.READINGS[element.check](element, column, load_date)
    reading = _BY_PARSER[element.parser](element, column, load_date)
    if element.code_list == "currency" and companion:
        named = f"CASE WHEN {Names(column).text} IS NULL THEN {elements_numbers.currency_named(companion)} END"
        return replace(reading, value=f"coalesce({reading.value}, {named})")
    return reading
