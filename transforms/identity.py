"""What a row alone says of who is meant: the identity of persons, organisations, houses, events and links.

An identity is a text such as `citizen_number:33038119…:张某` or `evidence:张某:1990-01-01:139…`. Identifiers come first, with the name beside them
(two names under one number may be two persons), then evidence; a row without either stands for itself. Which identities are one and the same
is found in transforms.resolving.
"""

from collections.abc import Callable, Mapping

from schemas.contract import Constant, Contract, Fact
from schemas.names import anonymous_name

CITIZEN_NUMBER = r"[1-9]\d{16}[\dX]"

LINK_KEYS = {
    "residence": ("person_id", "kind", "coalesce(address_id, address_text)"),
    "tenancy": ("house_id", "person_id", "valid_from"),
    "premises": ("organisation_id", "kind", "coalesce(address_id, address_text)"),
    "licence": ("kind", "licence_number"),
    "event_party": ("event_id", "role", "organisation_id", "person_id", "name", "plate_number"),
    "event_stage": ("event_id", "stage", "happened_at", "department"),
    "registration_change": ("organisation_id", "item", "changed_on"),
    "listing": ("organisation_id", "kind", "valid_from"),
    "benefit": ("person_id", "kind", "certificate_number", "month"),
    "facility": ("kind", "source_key"),
    "place_name": ("place_code",),
    "grid_staff": ("network", "grid_code", "person_id", "role", "valid_from"),
}
"""Columns that make one link or record of the table; its id is their digest."""

LINK_CONTENT = {
    "event_party": ("person_id", "organisation_id", "name", "plate_number"),
    "event_stage": ("happened_at", "due_at", "result"),
}
"""A link of the table that gives none of these columns says nothing: nobody stands there, that stage has not come."""

HOUSE_LEVELS = ("house", "building", "unit", "room")
PARTNERSHIPS = "(普通合伙|有限合伙|特殊普通合伙|个人独资|个体工商户)"
LEGAL_FORM = "(公司|厂|集团|合作社|协会|学会|商会|联合会|基金会|事务所|学校|学院|小学|中学|幼儿园|医院|卫生院|银行|委员会|支行)$"
DIVISION_BEFORE = "^\\p{Han}{2,4}(省|市|县|区|镇|乡|街道)\\p{Han}{2}"
NO_DIVISION = "^\\p{Han}{0,4}(超市|菜市|夜市|集市|门市|城市|社区|小区|园区|校区|景区|城区)"
"""A register tells organisations apart by names with a legal form or a division before them. Two 沙县小吃 are two shops, not one."""


def identity_expression(fact: Fact, system: str, dataset: str, *, named: bool = True) -> str:
    """SQL of the identity text of an entity fact over the contract's columns; NULL where the row names nobody.

    named: with the name behind an identifier; without it the identity is that of whoever the identifier belongs to.
    """
    if fact.table == "person":
        return _person(fact, system, dataset, named)
    if fact.table == "organisation":
        return _organisation(fact, system, dataset, named)
    return {"house": _house, "event": _event}[fact.table](fact, f"{system}.{dataset}")


def named_column(contract: Contract, fact: Fact, what: str = "identity") -> str:
    """Column of placed rows (see transforms.placed) that tells whom a fact names: `identity`, `base` or `name_key`."""
    return f'"{what}:{contract.facts.index(fact)}"'


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


def person_name_key(name: str) -> str:
    """SQL of a person's name as names are compared: without notes in brackets, middle dots and blanks, in upper case; NULL for one like 张某."""
    key = f"upper(regexp_replace({name}, '（[^）]*）|[·\\s]', '', 'g'))"
    return f"CASE WHEN NOT regexp_full_match({name}, {sql_literal(anonymous_name())}) THEN {key} END"


def organisation_name_key(name: str) -> str:
    """SQL of an organisation's name as names are compared: without brackets, the kind of partnership behind it, and the long word for 有限公司."""
    plain = f"regexp_replace(upper({name}), '[（）()\\[\\]【】〔〕·\\s]', '', 'g')"
    return f"replace(regexp_replace({plain}, '{PARTNERSHIPS}$', ''), '有限责任公司', '有限公司')"


NAME_KEYS: Mapping[str, Callable[[str], str]] = {"person": person_name_key, "organisation": organisation_name_key}
"""By table whose names are compared, and how."""


def _person(fact: Fact, system: str, dataset: str, named: bool) -> str:
    document, kind = column_expression(fact, "document_number"), column_expression(fact, "document_type_code")
    name, birth, phone = (column_expression(fact, column) for column in ("name", "birth_date", "phone"))
    number = citizen_number_expression(fact)
    behind = f" || ':' || coalesce({person_name_key(name)}, '')" if named and name != "NULL" else ""
    return f"""CASE
        WHEN {number} IS NOT NULL THEN 'citizen_number:' || {number}{behind}
        WHEN {document} IS NOT NULL THEN 'document:' || coalesce({kind}, '') || ':' || {document}{behind}
        WHEN {person_name_key(name)} IS NOT NULL AND {birth} IS NOT NULL AND {phone} IS NOT NULL THEN concat_ws(':', 'evidence', {name}, {birth}, {phone})
        WHEN {name} IS NOT NULL THEN 'row:{system}.{dataset}:{fact.alias}:' || source.row_key END"""


def _organisation(fact: Fact, system: str, dataset: str, named: bool) -> str:
    uscc, registration, name = (column_expression(fact, column) for column in ("uscc", "registration_number", "name"))
    key = organisation_name_key(name)
    behind = f" || ':' || coalesce({key}, '')" if named and name != "NULL" else ""
    return f"""CASE
        WHEN {uscc} IS NOT NULL THEN 'uscc:' || {uscc}{behind}
        WHEN {registration} IS NOT NULL THEN 'registration_number:' || {registration}{behind}
        WHEN regexp_matches({key}, '{LEGAL_FORM}')
             OR (regexp_matches({key}, '{DIVISION_BEFORE}') AND NOT regexp_matches({key}, '{NO_DIVISION}')) THEN 'name:' || {key}
        WHEN {name} IS NOT NULL THEN 'row:{system}.{dataset}:{fact.alias}:' || source.row_key END"""


def source_identity(fact: Fact, dataset: str) -> str:
    """SQL of the identity of a house by its number in the source. dataset: the id of the one it is said in, unless the fact names whose number it is."""
    return f"'source:{fact.of or dataset}:' || {column_expression(fact, 'source_key')}"


def _house(fact: Fact, dataset: str) -> str:
    address = fact.columns.get("address")
    by_source = source_identity(fact, dataset)
    if not isinstance(address, str):
        return by_source
    levels = ", ".join(f"'{level}'" for level in HOUSE_LEVELS)
    return f"""CASE
        WHEN {address}_result.status = 'matched' AND {address}_result.is_leaf AND {address}_result.level IN ({levels})
        THEN 'address:' || {address}_result.address_id
        ELSE {by_source} END"""


def _event(fact: Fact, dataset: str) -> str:
    return f"'event:{fact.of or dataset}:' || {column_expression(fact, 'source_key')}"
