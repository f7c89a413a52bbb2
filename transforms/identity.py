"""What makes two rows speak of the same thing: the identity of persons, organisations, houses, events and links.

An identity is a text such as `citizen_number:33038119…` or `evidence:张某:1990-01-01:139…`; the published id is its keyed pseudonym.
Identifiers come first, then evidence (name, birth date and phone together: fewer would join strangers); a row without either stands for itself.
"""

from schemas.contract import Constant, Fact

CITIZEN_NUMBER = r"[1-9]\d{16}[\dX]"

LINK_KEYS = {
    "residence": ("person_id", "kind", "coalesce(address_id, address_text)"),
    "tenancy": ("house_id", "person_id", "valid_from"),
    "premises": ("organisation_id", "kind", "coalesce(address_id, address_text)"),
    "licence": ("kind", "licence_number"),
    "event_party": ("event_id", "role", "organisation_id", "person_id", "name"),
    "benefit": ("person_id", "kind", "certificate_number", "month"),
    "facility": ("kind", "source_key"),
}
"""Columns that make one link or record of the table; its id is their digest."""

HOUSE_LEVELS = ("house", "building", "unit", "room")


def identity_expression(fact: Fact, system: str, dataset: str) -> str:
    """SQL of the identity text of an entity fact over the contract's columns; NULL where the row names nobody."""
    builders = {"person": _person, "organisation": _organisation, "house": _house, "event": _event}
    return builders[fact.table](fact, system, dataset)


def column_expression(fact: Fact, name: str) -> str:
    """SQL of what the fact says of the pool column `name`: a contract column, a constant, or NULL."""
    source = fact.columns.get(name)
    if source is None:
        return "NULL"
    if isinstance(source, Constant):
        return sql_literal(source.value)
    return f"source.{source}"


def sql_literal(value: object) -> str:
    """A Python constant as SQL literal."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, (int, float)):
        return repr(value)
    return "'" + str(value).replace("'", "''") + "'"


def citizen_number_expression(fact: Fact) -> str:
    """SQL of the citizen number a person fact gives, be it declared as such or as a general document number."""
    number, document = column_expression(fact, "citizen_number"), column_expression(fact, "document_number")
    return f"coalesce({number}, CASE WHEN regexp_full_match({document}::VARCHAR, '{CITIZEN_NUMBER}') THEN {document} END)"


def _person(fact: Fact, system: str, dataset: str) -> str:
    document, kind = column_expression(fact, "document_number"), column_expression(fact, "document_type_code")
    name, birth, phone = (column_expression(fact, column) for column in ("name", "birth_date", "phone"))
    number = citizen_number_expression(fact)
    return f"""CASE
        WHEN {number} IS NOT NULL THEN 'citizen_number:' || {number}
        WHEN {document} IS NOT NULL THEN 'document:' || coalesce({kind}, '') || ':' || {document}
        WHEN {name} IS NOT NULL AND {birth} IS NOT NULL AND {phone} IS NOT NULL THEN concat_ws(':', 'evidence', {name}, {birth}, {phone})
        WHEN {name} IS NOT NULL THEN 'row:{system}.{dataset}:{fact.alias}:' || source.row_key END"""


def _organisation(fact: Fact, system: str, dataset: str) -> str:
    uscc, registration, name = (column_expression(fact, column) for column in ("uscc", "registration_number", "name"))
    return f"""CASE
        WHEN {uscc} IS NOT NULL THEN 'uscc:' || {uscc}
        WHEN {registration} IS NOT NULL THEN 'registration_number:' || {registration}
        WHEN {name} IS NOT NULL THEN 'name:' || {name} END"""


def _house(fact: Fact, system: str, dataset: str) -> str:
    address = fact.columns.get("address")
    by_source = f"'source:{system}.{dataset}:' || {column_expression(fact, 'source_key')}"
    if not isinstance(address, str):
        return by_source
    levels = ", ".join(f"'{level}'" for level in HOUSE_LEVELS)
    return f"""CASE
        WHEN {address}_result.status = 'matched' AND {address}_result.is_leaf AND {address}_result.level IN ({levels})
        THEN 'address:' || {address}_result.address_id
        ELSE {by_source} END"""


def _event(fact: Fact, system: str, dataset: str) -> str:
    return f"'event:{system}.{dataset}:' || {column_expression(fact, 'source_key')}"
