"""What the rows of every source claim about the pool: one claim table a pool table, made from the facts of the contracts."""

from collections.abc import Iterable, Mapping, Sequence
from math import prod

from duckdb import DuckDBPyConnection

from schemas.codes import code_spellings
from schemas.contract import AddressUse, Contract, Fact
from transforms.current import placed
from transforms.filling import create_filled
from transforms.identity import LINK_CONTENT, LINK_KEYS, citizen_number_expression, column_expression, named_column, sql_literal

ADDRESS_COLUMNS = ("address_id", "address_level", "address_text", "match_status")
ORIGIN_COLUMNS = ("dataset", "period", "file_key", "sheet", "row", "subject")
ADDRESS_PREFIX = "address:"
"""Beginning of the identity of a house at a standard address, whose id it takes."""
CLAIM_SPACE = 1 << 56
"""Claims are numbered below this, so that authority times it plus claim orders by authority first."""
HISTORIC = ("residence", "premises", "tenancy", "organisation")
"""Tables of which histories are told: their claims keep the `SLOT_COLUMNS`, which tell the place that a claim has in the rows of its source."""
SLOT_COLUMNS = ("row_key", "fact", "part")
ENTITY_TABLES = ("person", "organisation", "house", "event")


def address_input_key(use: AddressUse, source: str) -> str:
    """SQL of the key under which the address result of a row stands: a digest of the whole input of the matcher; NULL without a text."""
    parts = (use.text, use.as_of, use.division_code, use.community, use.source_address_id, use.lon, use.lat)
    texts = ", ".join(f"coalesce({source}.{part}::VARCHAR, '')" if part else "''" for part in parts)
    return f"CASE WHEN {source}.{use.text} IS NOT NULL THEN md5(concat_ws(chr(31), {texts})) END"


def create_claims(connection: DuckDBPyConnection, contracts: Sequence[Contract], current: Mapping[str, str], table: Contract) -> bool:
    """Create view `claim_<table>`: one row for everything any current row says about a record of the pool table.

    current: the table of current rows by contract id, beside which the placed ones stand (see transforms.placed).
    Columns: the pool table's columns, the row's origin (`dataset`, `period`, `file_key`, `sheet`, `row`), `subject` (whether the fact is
    the row's first), of tables that are `HISTORIC` the `SLOT_COLUMNS`, and `claim`, a number that orders them from the freshest to the oldest, of one day the fullest first, and is unique. Returns
    whether any contract speaks of the table.
    """
    rows = {contract.id: placed(current[contract.id]) for contract in contracts}
    selects = _claims_selects(contracts, rows, table, more=("row_key",))
    if not selects:
        return False
    columns = ", ".join((*(column.name for column in table.columns), *(SLOT_COLUMNS if table.dataset in HISTORIC else ())))
    place = _create_origins(connection, contracts, rows, table)
    origins = f"origin_{table.dataset}"
    numbered = [
        f"SELECT {columns}, row, subject, origin, {place} AS claim FROM ({select}) JOIN {origins} USING (period, dataset, file_key, sheet)"
        for select in selects
    ]
    create_filled(connection, f"numbered_{table.dataset}", numbered)
    # There are few files: told by four texts each they would be a third of every claim.
    connection.execute(f"""
        CREATE OR REPLACE VIEW claim_{table.dataset} AS
        SELECT numbered.* EXCLUDE (origin), dataset, period, file_key, sheet FROM numbered_{table.dataset} AS numbered JOIN {origins} USING (origin)""")
    return True


def _create_origins(connection: DuckDBPyConnection, contracts: Sequence[Contract], current: Mapping[str, str], table: Contract) -> str:
    """Create `origin_<table>(origin, period, dataset, file_key, sheet, age, source)`: files by age and by name; returns SQL of the place of a claim in the order.

    The place is a number of mixed radix, which spares the sort of all claims. Raises OverflowError where it would not fit `CLAIM_SPACE`.
    """
    speaking = [contract for contract in contracts if any(fact.table == table.dataset for fact in contract.facts)]
    files = " UNION ALL ".join(
        f"SELECT period, '{contract.id}' AS dataset, file_key, sheet, max(row) AS rows FROM {current[contract.id]} GROUP BY ALL"
        for contract in speaking
    )
    connection.execute(f"""
        CREATE OR REPLACE TABLE origin_{table.dataset} AS
        SELECT row_number() OVER (ORDER BY period, dataset, file_key, sheet)::INTEGER AS origin, *, dense_rank() OVER (ORDER BY period DESC) - 1 AS age, dense_rank() OVER (ORDER BY dataset, file_key, sheet) - 1 AS source
        FROM ({files})""")
    facts = max(len(contract.facts) for contract in speaking)
    [(ages, sources, rows)] = connection.execute(
        f"SELECT max(age) + 1, max(source) + 1, max(rows) + 1 FROM origin_{table.dataset}"
    ).fetchall()
    [(parts,)] = connection.execute("SELECT coalesce(max(part), 1) + 1 FROM address_result").fetchall()
    attributes = len(table.columns)
    radixes = (ages or 1, attributes + 1, sources or 1, rows or 1, facts, parts)
    if prod(radixes) > CLAIM_SPACE:
        raise OverflowError(f"claims of {table.dataset} cannot be numbered: {radixes}")
    digits = ("age", f"({attributes} - ({_completeness(table)}))", "source", "row", "fact", "part")
    place = "0::BIGINT"
    for digit, radix in zip(digits, radixes, strict=True):
        place = f"({place} * {radix} + {digit})"
    return place


def claims_select(
    contracts: Sequence[Contract], current: Mapping[str, str], table: Contract, *, identities: str = "identity", more: Sequence[str] = ()
) -> str | None:
    """SQL of everything the placed rows of state `current` say about records of the pool table; None when no contract speaks of it.

    Columns: the pool table's columns, the row's origin, `fact` and `part` (which fact of the contract, which address of its text), and `more`
    columns of the rows. identities: the table that tells the id of an identity.
    """
    return " UNION ALL ".join(_claims_selects(contracts, current, table, identities, more)) or None


def _claims_selects(
    contracts: Sequence[Contract],
    current: Mapping[str, str],
    table: Contract,
    identities: str = "identity",
    more: Sequence[str] = (),
) -> list[str]:
    """SQL of what each fact says, in the columns of `claims_select`."""
    facts = [(contract, fact) for contract in contracts for fact in contract.facts if fact.table == table.dataset]
    link_id = {table.key[0]: _link_id(table.dataset)} if table.dataset in LINK_KEYS else {}
    columns = ", ".join(f"({link_id.get(column.name, column.name)})::{column.sql_type} AS {column.name}" for column in table.columns)
    return [
        f"""(
        WITH claims AS (
            SELECT {_typed_nulls(table)} WHERE FALSE
            UNION ALL BY NAME {_claim_select(contract, fact, current[contract.id], table, identities, more)})
        SELECT {columns}, {", ".join((*ORIGIN_COLUMNS, "fact", "part", *more))}
        FROM claims
        WHERE {_is_complete(table)})"""
        for contract, fact in facts
    ]


def _claim_select(contract: Contract, fact: Fact, current: str, table: Contract, identities: str, more: Sequence[str]) -> str:
    columns = [f"source.{name}" for name in more]
    columns += [f"{sql_literal(contract.id)} AS dataset", "source.period", "source.file_key", "source.sheet", "source.row"]
    columns += [f"{'TRUE' if fact is contract.facts[0] else 'FALSE'} AS subject", f"{contract.facts.index(fact)} AS fact"]
    address = fact.columns.get("address")
    has_parts = isinstance(address, str) and fact.table == "premises"
    columns.append(f"coalesce({address}_result.part, 1) AS part" if has_parts else "1 AS part")
    columns += [f"{expression} AS {name}" for name, expression in _values(contract, fact, table).items()]
    named = {alias: next(other for other in contract.facts if other.alias == alias) for alias in fact.references.values()}
    own = [fact] if fact.table in ENTITY_TABLES else []
    joins = [_all_parts(str(address))] if has_parts else []
    for other, joined in [
        *((named[alias], f"{name}_identity") for name, alias in fact.references.items()),
        *((each, "own_identity") for each in own),
    ]:
        kind = "JOIN" if joined == "own_identity" else "LEFT JOIN"
        is_named = f"{joined}.table_name = '{other.table}' AND {joined}.identity = source.{named_column(contract, other)}"
        joins.append(f"{kind} {identities} AS {joined} ON {is_named}")
    return f"SELECT {', '.join(columns)} FROM {current} AS source {' '.join(joins)} WHERE source.state = 'current'"


def _values(contract: Contract, fact: Fact, table: Contract) -> dict[str, str]:
    """The pool columns that the fact fills, with their SQL."""
    names = _names(table)
    values = {name: column_expression(fact, name) for name in fact.columns if name in names and name != "address"}
    values |= {f"{name}_id": f"{name}_identity.id" for name in fact.references}
    address = fact.columns.get("address")
    if isinstance(address, str):
        result = f"{address}_result"
        available = (f"{result}.address_id", f"{result}.level", f"source.{address}", f"coalesce({result}.status, 'unmatched')")
        values |= {name: value for name, value in zip(ADDRESS_COLUMNS, available, strict=True) if name in names}
    values |= _derived(contract, fact)
    if fact.table in ENTITY_TABLES:
        values[table.key[0]] = "own_identity.id"
    return values


def _derived(contract: Contract, fact: Fact) -> dict[str, str]:
    """Columns that no export brings as such: what they follow from stands here."""
    if fact.table == "person":
        number = citizen_number_expression(fact)
        document = f"CASE WHEN {number} IS NULL THEN {column_expression(fact, 'document_number')} END"
        return {"citizen_number": _counting(number), "document_number": _counting(document), "identity_basis": "own_identity.basis"}
    if fact.table == "organisation":
        codes = {name: _counting(column_expression(fact, name)) for name in ("uscc", "registration_number") if name in fact.columns}
        if "kind" in fact.columns:
            return codes
        branches = " ".join(f"WHEN '{prefix}' THEN '{kind}'" for prefix, kind in code_spellings("organisation_kind").items())
        return codes | {"kind": f"CASE left({column_expression(fact, 'uscc')}, 2) {branches} END"}
    if fact.table == "event":
        return {"system": sql_literal((fact.of or contract.id).partition(".")[0])}
    return {}


def _counting(expression: str) -> str:
    """SQL of an identifier, unless it is another's or mistyped."""
    return f"CASE WHEN own_identity.counts THEN {expression} END"


def _all_parts(address: str) -> str:
    """Join of the results of all addresses that one field holds, in place of that of the first; only premises take them."""
    return f"LEFT JOIN address_result AS {address}_result ON {address}_result.input_key = source.{address}_result.input_key"


def address_joins(contract: Contract, texts: Iterable[str]) -> str:
    """Joins of the results of address texts, as `<text>_result`; of a text that holds several addresses the first."""
    uses = [use for use in contract.addresses if use.text in texts]
    return " ".join(
        f"LEFT JOIN address_result AS {use.text}_result "
        f"ON {use.text}_result.input_key = {address_input_key(use, 'source')} AND {use.text}_result.part = 1"
        for use in uses
    )


def _link_id(table: str) -> str:
    return "left(md5(concat_ws(chr(31), " + ", ".join(f"coalesce({column}::VARCHAR, '')" for column in LINK_KEYS[table]) + ")), 24)"


def _is_complete(table: Contract) -> str:
    """A link or record counts only where it says what it must; an entity is named by its identity already."""
    if table.dataset in ENTITY_TABLES:
        return "TRUE"
    required = [f"{column.name} IS NOT NULL" for column in table.columns if column.required and column.name not in table.key]
    content = " OR ".join(f"{name} IS NOT NULL" for name in LINK_CONTENT.get(table.dataset, ()))
    return " AND ".join([*required, *([f"({content})"] if content else [])]) or "TRUE"


def _completeness(table: Contract) -> str:
    """SQL of how many attributes of the record a claim gives."""
    return " + ".join(f"({column.name} IS NOT NULL)::INTEGER" for column in table.columns if column.name not in table.key) or "0"


def _typed_nulls(table: Contract) -> str:
    """Columns that no fact fills exist all the same."""
    return ", ".join(f"NULL::{column.sql_type} AS {column.name}" for column in table.columns)


def _names(table: Contract) -> set[str]:
    return {column.name for column in table.columns}
