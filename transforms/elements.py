"""How each element of the register reads a cell: its parser and check as DuckDB SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from schemas.register import Element
from transforms import elements_identifiers, elements_numbers, elements_phone, elements_text, elements_times
from transforms.elements_sql import Names, Reading

_BY_PARSER: Mapping[str, Callable[[Element, str, date], Reading]] = {
    "text": elements_text.text,
    "address": elements_text.text,
    "name": elements_text.name,
    "code": elements_text.code,
    "flag": elements_text.flag,
    "identifier": elements_identifiers.patterned,
    "phone": elements_phone.phone,
    "date": elements_times.day,
    "datetime": elements_times.instant,
    "month": elements_times.month,
    "decimal": elements_numbers.number,
    "capital": elements_numbers.capital,
    "ten_thousands": elements_numbers.ten_thousands,
    "integer": elements_numbers.integer,
}


def read_column(element: Element | None, column: str, load_date: date, document_type: str | None = None) -> Reading:
    """The reading of a contract column: by the element's check where it names an algorithm, else by its parser.

    element: None reads plain text. document_type: for an element with check `document_number`, the contract column that holds the
    type of the row's document. Raises KeyError if the register names a parser that is not written yet.
    """
    if element is None:
        return Reading(Names(column).text, "VARCHAR")
    if element.check == "document_number":
        kind = Names(document_type)("parsed") if document_type else None
        return elements_identifiers.document_number(element, column, load_date, kind)
    if element.check is not None and element.check in elements_identifiers.READINGS:
        return elements_identifiers.READINGS[element.check](element, column, load_date)
    return _BY_PARSER[element.parser](element, column, load_date)
