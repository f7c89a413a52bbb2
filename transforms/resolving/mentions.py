"""Mentions: what each current row says of the persons and organisations it names, one table a kind."""

from collections.abc import Iterable, Mapping, Sequence

from duckdb import DuckDBPyConnection

from schemas.contract import Contract, Fact
from transforms.claims import ENTITY_TABLES
from transforms.current import placed
from transforms.filling import create_filled
from transforms.identity import (
    HOUSE_LEVELS,
    citizen_number_expression,
    column_expression,
    named_column,
    source_identity,
    sql_literal,
)

ORIGIN = ("dataset", "file_key", "sheet", "row", "alias")
"""Where a mention stands, and in which role."""
IDENTIFIER_COLUMNS = {"person": ("citizen_number", "document_number"), "organisation": ("uscc", "registration_number")}
PLACE_TABLES = ("residence", "premises")


def create_mentions(
    connection: DuckDBPyConnection, contracts: Sequence[Contract], current: Mapping[str, str], places: Sequence[str]
) -> None:
    """Create `mention_person`, `mention_organisation`, `mention_house` and `mention_event` from the current rows.

    current: the table of current rows by contract id, beside which the placed ones stand (see transforms.placed). places: names of the divisions that the names of organisations begin with.
    Columns of all: `dataset file_key sheet row alias identity base`, base being the identity without the name that came with an identifier;
    of a house also `source_identity`, what it is by its number in the source.
    Persons and organisations besides: `name name_key claimed keys` and
    - person: `number is_checked document sex birth`;
    - organisation: `uscc registration_number`.
    claimed: text of an identifier that failed its check. keys: what others may share with it (`phone:…`, `place:…`, `role:…`, ...).
    """
    rows = {contract.id: placed(current[contract.id]) for contract in contracts}
    for kind in ENTITY_TABLES:
        create_filled(connection, f"mention_{kind}", _mentions_selects(contracts, kind, rows, places))


def mentions_select(contracts: Sequence[Contract], kind: str, current: Mapping[str, str], places: Sequence[str]) -> str:
    """SQL of the mentions of a kind in the placed rows of state `current`, in the columns of `create_mentions`."""
    return " UNION ALL BY NAME ".join(_mentions_selects(contracts, kind, current, places))


def _mentions_selects(contracts: Sequence[Contract], kind: str, current: Mapping[str, str], places: Sequence[str]) -> list[str]:
    """SQL without rows but with all columns, and of the mentions that each fact makes."""
    facts = [(contract, fact) for contract in contracts for fact in contract.facts if fact.table == kind]
    return [_empty(kind), *(_mention_select(contract, fact, current[contract.id], places) for contract, fact in facts)]


def _empty(kind: str) -> str:
    texts = [*ORIGIN, "identity", "base"]
    if kind in IDENTIFIER_COLUMNS:
        texts += ["name", "name_key", "claimed"]
    texts += {"person": ["number", "document", "sex"], "organisation": ["uscc", "registration_number"]}.get(kind, [])
    columns = [f"NULL::{'BIGINT' if name == 'row' else 'VARCHAR'} AS {name}" for name in texts]
    if kind in IDENTIFIER_COLUMNS:
        columns.append("NULL::VARCHAR[] AS keys")
    if kind == "house":
        columns.append("NULL::VARCHAR AS source_identity")
    if kind == "person":
        columns += ["NULL::BOOLEAN AS is_checked", "NULL::DATE AS birth"]
    return f"SELECT {', '.join(columns)} WHERE FALSE"


def _mention_select(contract: Contract, fact: Fact, current: str, places: Sequence[str]) -> str:
    values = {
        "dataset": sql_literal(contract.id),
        "file_key": "source.file_key",
        "sheet": "source.sheet",
        "row": "source.row",
        "alias": sql_literal(fact.alias or ""),
        "identity": f"source.{named_column(contract, fact)}",
        "base": f"source.{named_column(contract, fact, 'base')}",
    }
    beside = _beside(contract, fact)
    if fact.table == "person":
        values |= _person_values(contract, fact, beside)
    elif fact.table == "organisation":
        values |= _organisation_values(contract, fact, beside, places)
    elif fact.table == "house":
        values["source_identity"] = source_identity(fact, contract.id)
    columns = ", ".join(f"{expression} AS {name}" for name, expression in values.items())
    return f"SELECT {columns} FROM {current} AS source WHERE source.state = 'current' AND {values['identity']} IS NOT NULL"


def _person_values(contract: Contract, fact: Fact, beside: Sequence[Fact]) -> dict[str, str]:
    number, name = citizen_number_expression(fact), column_expression(fact, "name")
    document, kind = column_expression(fact, "document_number"), column_expression(fact, "document_type_code")
    claimed = _claimed(fact)
    keys = [_key("phone", column_expression(fact, "phone"))]
    for other in beside:
        if other.table in ENTITY_TABLES:
            keys += [_key("phone", column_expression(other, "phone")), *_roles(contract, fact, other)]
        else:
            keys.append(_key("place", _place(other)))
    return {
        "number": number,
        "is_checked": f"{number} IS NOT NULL AND {claimed} IS NULL",
        "document": f"CASE WHEN {number} IS NULL THEN coalesce({kind}, '') || ':' || {document} END",
        "name": f"{name}::VARCHAR",
        "name_key": f"source.{named_column(contract, fact, 'name_key')}",
        "sex": column_expression(fact, "sex_code"),
        "birth": column_expression(fact, "birth_date"),
        "claimed": claimed,
        "keys": _list(keys),
    }


def _organisation_values(contract: Contract, fact: Fact, beside: Sequence[Fact], places: Sequence[str]) -> dict[str, str]:
    name, registration = column_expression(fact, "name"), column_expression(fact, "registration_number")
    claimed = _claimed(fact)
    key = f"source.{named_column(contract, fact, 'name_key')}"
    keys = [
        _key("name", key),
        _key("core", organisation_core(key, places)),
        _key("phone", column_expression(fact, "phone")),
        _key("representative", column_expression(fact, "legal_representative")),
        _key("registration", registration),
        _key("registration", f"CASE WHEN regexp_full_match({claimed}, '[0-9]{{13}}([0-9]{{2}})?') THEN {claimed} END"),
    ]
    keys += [_key("place", _place(other)) for other in beside if "address" in other.columns]
    return {
        "name": f"{name}::VARCHAR",
        "name_key": key,
        "uscc": column_expression(fact, "uscc"),
        "registration_number": registration,
        "claimed": claimed,
        "keys": _list(keys),
    }


def organisation_core(key: str, places: Sequence[str]) -> str:
    """SQL of an organisation's name key without the place at its beginning and its legal form; NULL where too little is left to tell by."""
    listed = "|".join(sorted(places, key=len, reverse=True))
    head = f"regexp_replace({key}, '^({listed})+', '')" if places else key
    core = f"regexp_replace(regexp_replace({head}, '(股份)?有限公司', ''), '(农民)?专业合作社$', '合作社')"
    return f"CASE WHEN length({core}) >= 4 THEN regexp_replace({core}, '工厂$', '厂') END"


def _beside(contract: Contract, fact: Fact) -> list[Fact]:
    """The facts of the same row that tell where the one named lives or sits, whom it represents, or which event befell it there."""
    if fact.table not in IDENTIFIER_COLUMNS or fact.alias is None:
        return []
    naming = [other for other in contract.facts if fact.alias in other.references.values()]
    found = [other for other in naming if other.table in PLACE_TABLES or other.table in ENTITY_TABLES]
    named_too = {alias for other in naming if other not in found for alias in other.references.values()} - {fact.alias}
    return found + [other for other in contract.facts if other.alias in named_too and other.table == "event"]


def _place(fact: Fact) -> str:
    """SQL of the standard address of a fact where it is one that nothing lies below: a room, or a house without rooms."""
    address = fact.columns.get("address")
    if not isinstance(address, str):
        return "NULL"
    levels = ", ".join(map(sql_literal, HOUSE_LEVELS))
    result = f"{address}_result"
    return f"CASE WHEN {result}.status = 'matched' AND {result}.is_leaf AND {result}.level IN ({levels}) THEN {result}.address_id END"


def _roles(contract: Contract, fact: Fact, other: Fact) -> list[str]:
    """What a person is to a house or an organisation: somebody of the same name in the same role is the same person."""
    roles = [name for name, alias in other.references.items() if alias == fact.alias]
    found = []
    for role in roles:
        identities = [f"source.{named_column(contract, other, 'base')}"]
        if other.table == "house":
            identities.append(source_identity(other, contract.id))
        found += [_key(f"role:{other.table}.{role}", identity) for identity in identities]
    return found


def _claimed(fact: Fact) -> str:
    """SQL of the text of the identifier that failed its check or has none."""
    columns = (fact.columns.get(name) for name in IDENTIFIER_COLUMNS[fact.table])
    texts = [f"json_extract_string(source.unverified, '$.{column}')" for column in columns if isinstance(column, str)]
    return f"CASE WHEN source.unverified IS NOT NULL THEN coalesce({', '.join(texts)}) END" if texts else "NULL::VARCHAR"


def _key(kind: str, expression: str) -> str:
    return "NULL" if expression == "NULL" else f"'{kind}:' || {expression}"


def _list(keys: Iterable[str]) -> str:
    given = [key for key in keys if key != "NULL"]
    return f"list_filter([{', '.join(given)}]::VARCHAR[], lambda each: each IS NOT NULL)"
