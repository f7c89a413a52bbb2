"""Ids that gave way to others, and since when weak evidence has been known: what makes ids last."""

from collections.abc import Iterator, Mapping, Sequence

from duckdb import DuckDBPyConnection

from schemas.contract import Contract, Fact
from transforms.claims import ADDRESS_PREFIX, ENTITY_TABLES, address_joins
from transforms.current import ever, placed
from transforms.identity import identity_expression, named_column
from transforms.pseudonym import pseudonyms

WEAK = ("name", "evidence", "row")
"""Beginnings of parts without an identifier: of several the one that was known first names the group."""


def create_first_periods(connection: DuckDBPyConnection, contracts: Sequence[Contract], current: Mapping[str, str]) -> None:
    """Create `first_period(table_name, part, period)`: the earliest period that speaks of a weak part of a group, over all deliveries ever.

    Periods, unlike the moments of receipt, are the same whenever everything is built anew. Needs `grouped(table_name, part, root)`.
    """
    weak = ", ".join(f"'{name}'" for name in WEAK)
    connection.execute(f"""
        CREATE OR REPLACE TABLE weak_part AS
        SELECT table_name, part FROM grouped
        QUALIFY bool_and(split_part(part, ':', 1) IN ({weak})) OVER (PARTITION BY table_name, root)""")
    selects = [
        f"SELECT '{fact.table}' AS table_name, part, period FROM ({_spoken_of(connection, contract, fact, current[contract.id])}) "
        f"JOIN weak_part ON weak_part.table_name = '{fact.table}' AND weak_part.part = base"
        for contract, fact in entity_facts(contracts)
        if fact.table in ("person", "organisation")
    ]
    union = " UNION ALL ".join(["SELECT '' AS table_name, '' AS part, '' AS period WHERE FALSE", *selects])
    connection.execute(f"""
        CREATE OR REPLACE TABLE first_period AS SELECT table_name, part, min(period) AS period FROM ({union}) GROUP BY ALL""")


def _spoken_of(connection: DuckDBPyConnection, contract: Contract, fact: Fact, current: str) -> str:
    """SQL of what all rows ever said of who is meant: period and base. Where all count it was found before."""
    if _has_rows(connection, ever(current), "state <> 'current'"):
        return identities_of(contract, fact, ever(current), "TRUE")
    return f"SELECT period, {named_column(contract, fact, 'base')} AS base FROM {placed(current)}"


def create_redirects(connection: DuckDBPyConnection, contracts: Sequence[Contract], current: Mapping[str, str], key: bytes) -> None:
    """Create `entity_redirect(table_name, old_id, new_id)`.

    An id gives way where its part joined a group that another part names, and where the row that bore it alone says now who is meant.
    """
    selects = [
        _renamed(contract, fact, ever(current[contract.id]))
        for contract, fact in entity_facts(contracts)
        if _has_rows(connection, ever(current[contract.id]), "state = 'superseded'")
    ]
    union = " UNION ALL ".join(["SELECT '' AS table_name, '' AS part, '' AS new_id WHERE FALSE", *selects])
    found = connection.sql(f"""
        SELECT table_name, part, min(new_id) AS new_id FROM ({union})
        WHERE NOT starts_with(part, '{ADDRESS_PREFIX}') GROUP BY ALL""").to_arrow_table()
    connection.register("renamed", found.append_column("old_id", pseudonyms(found.column("part").combine_chunks(), key, "entity")))
    connection.execute("""
        CREATE OR REPLACE TABLE entity_redirect AS
        SELECT table_name, part.id AS old_id, chosen.id AS new_id FROM chosen JOIN part USING (table_name, part) WHERE part.id <> chosen.id
        UNION ALL
        SELECT table_name, old_id, new_id FROM renamed ANTI JOIN part USING (table_name, part)""")
    connection.unregister("renamed")


def _renamed(contract: Contract, fact: Fact, current: str) -> str:
    """What earlier deliveries of a row said of who is meant, where the current one says otherwise."""
    before, now = (identities_of(contract, fact, current, f"source.state = '{state}'") for state in ("superseded", "current"))
    return f"""
        SELECT DISTINCT '{fact.table}' AS table_name, before.base AS part, identity.id AS new_id
        FROM ({before}) AS before JOIN ({now}) AS now ON before.row_key = now.row_key AND before.base <> now.base
        JOIN identity ON identity.table_name = '{fact.table}' AND identity.identity = now.identity"""


def identities_of(contract: Contract, fact: Fact, current: str, condition: str) -> str:
    """SQL of what rows say of who is meant: row_key, period, identity, and base, the part of it without the name beside an identifier."""
    identity, base = (identity_expression(fact, contract.system, contract.dataset, named=named) for named in (True, False))
    return (
        f"SELECT source.row_key, source.period, {identity} AS identity, {base} AS base "
        f"FROM {current} AS source {address_joins(contract, _address_of(fact))} WHERE {condition}"
    )


def _address_of(fact: Fact) -> list[str]:
    """The text by whose address a house is told."""
    address = fact.columns.get("address")
    return [address] if isinstance(address, str) else []


def _has_rows(connection: DuckDBPyConnection, rows: str, condition: str) -> bool:
    return bool(connection.execute(f"SELECT 1 FROM {rows} WHERE {condition} LIMIT 1").fetchall())


def entity_facts(contracts: Sequence[Contract]) -> Iterator[tuple[Contract, Fact]]:
    return ((contract, fact) for contract in contracts for fact in contract.facts if fact.table in ENTITY_TABLES)
