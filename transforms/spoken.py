"""What the rows of a dataset said over all its deliveries: one row for each time that a source row began to say something else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from duckdb import DuckDBPyConnection

from schemas.contract import AddressUse, Contract, Fact
from transforms.claims import ADDRESS_PREFIX, entity_facts
from transforms.pseudonym import pseudonyms
from transforms.resolving.redirects import identities_of

SLOT_COLUMNS = ("row_key", "sequence", "seen_from", "seen_to", "runs")
"""Columns of spoken rows beside those of current rows."""
EVER = "identity_ever"


def period_end(period: str) -> date:
    """The last day of a period: a date, a month (2025-06) or a year."""
    parts = [int(part) for part in period.split("-")]
    if len(parts) == 3:
        return date(*parts)
    year, month = parts[0], parts[1] if len(parts) == 2 else 12
    return date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)


def speaks_of(contract: Contract, tables: Collection[str]) -> bool:
    """Whether the rows of a contract say anything of these pool tables."""
    return any(fact.table in tables for fact in contract.facts)


def create_spoken(
    connection: DuckDBPyConnection, contract: Contract, current: str, spoken: str, periods: Sequence[str], tables: Collection[str]
) -> None:
    """Create `spoken`: the rows of `current` that began to say something else of `tables`, all of them with state `current`.

    current: delivered rows with row_key, sequence and state (see transforms.current). periods: those of the deliveries, by sequence.
    Adds seen_from (DATE, end of the period of the first delivery that says so), seen_to (end of that of the first one that no longer
    does, NULL while it is said) and runs (how often the source row said something else, itself included).
    """
    days = ", ".join(f"({sequence}, DATE '{period_end(period)}')" for sequence, period in enumerate(periods))
    if len(periods) == 1:
        connection.execute(f"""
            CREATE OR REPLACE VIEW {spoken} AS
            SELECT * REPLACE ('current' AS state), DATE '{period_end(periods[0])}' AS seen_from, NULL::DATE AS seen_to, 1::BIGINT AS runs
            FROM {current}""")
        return
    is_full = contract.delivery == "full"
    came_back = "lag(sequence) OVER of_row < sequence - 1" if is_full else "FALSE"
    ends = "until.sequence = spoken.last_sequence + 1" if is_full else "until.sequence = spoken.next_sequence"
    connection.execute(f"""
        CREATE OR REPLACE TABLE {spoken} AS
        WITH day(sequence, period_end) AS (VALUES {days}),
             marked AS (
                SELECT *, lag(said) OVER of_row IS DISTINCT FROM said OR {came_back} AS begins
                FROM (SELECT *, hash({", ".join(_said(contract, tables))}) AS said FROM {current})
                WINDOW of_row AS (PARTITION BY row_key ORDER BY sequence)),
             numbered AS (
                SELECT *, sum(begins::INTEGER) OVER (PARTITION BY row_key ORDER BY sequence) AS run FROM marked),
             bounded AS (
                SELECT *, max(sequence) OVER (PARTITION BY row_key, run) AS last_sequence FROM numbered QUALIFY begins),
             spoken AS (
                SELECT *, lead(sequence) OVER (PARTITION BY row_key ORDER BY sequence) AS next_sequence,
                       count(*) OVER (PARTITION BY row_key) AS runs
                FROM bounded)
        SELECT spoken.* EXCLUDE (said, begins, run, last_sequence, next_sequence) REPLACE ('current' AS state),
               since.period_end AS seen_from, until.period_end AS seen_to
        FROM spoken JOIN day AS since ON since.sequence = spoken.sequence LEFT JOIN day AS until ON {ends}""")


def create_ever_identities(connection: DuckDBPyConnection, contracts: Sequence[Contract], spoken: Mapping[str, str], key: bytes) -> None:
    """Create `identity_ever`, as the table `identity` of transforms.resolving, and whoever only rows of the past name.

    contracts: those with more than one delivery. An entity that no current row names gets the id that its group has, else the one it has alone.
    """
    selects = [
        f"SELECT '{fact.table}' AS table_name, identity, base FROM ({identities_of(contract, fact, spoken[contract.id], 'TRUE')}) "
        "WHERE identity IS NOT NULL"
        for contract, fact in entity_facts(contracts)
    ]
    if not selects:
        connection.execute(f"CREATE OR REPLACE VIEW {EVER} AS SELECT * FROM identity")
        return
    past = connection.sql(f"""
        SELECT said.table_name, identity, min(base) AS base, min(chosen.id) AS chosen FROM ({" UNION ".join(selects)}) AS said
        ANTI JOIN identity USING (table_name, identity) LEFT JOIN chosen ON chosen.table_name = said.table_name AND chosen.part = said.base
        GROUP BY said.table_name, identity""").to_arrow_table()
    connection.register("past", past.append_column("alone", pseudonyms(past.column("base").combine_chunks(), key, "entity")))
    connection.execute(f"""
        CREATE OR REPLACE TABLE {EVER} AS
        SELECT table_name, identity, id, basis, counts FROM identity
        UNION ALL
        SELECT table_name, identity,
               CASE WHEN chosen IS NOT NULL THEN chosen
                    WHEN table_name = 'house' AND starts_with(base, '{ADDRESS_PREFIX}') THEN substr(base, {len(ADDRESS_PREFIX) + 1})
                    ELSE alone END,
               split_part(base, ':', 1), TRUE
        FROM past""")
    connection.unregister("past")


def _said(contract: Contract, tables: Collection[str]) -> list[str]:
    """The columns of a contract on which it depends what a row says of the tables: who, where, when."""
    facts = [fact for fact in contract.facts if fact.table in tables]
    named = [other for fact in facts for other in contract.facts if other.alias in fact.references.values()]
    columns = {column for fact in (*facts, *named) for column in _columns(contract, fact)}
    return [column.name for column in contract.columns if column.name in columns]


def _columns(contract: Contract, fact: Fact) -> set[str]:
    found = {value for name, value in fact.columns.items() if isinstance(value, str) and name not in fact.references}
    uses = [use for use in contract.addresses if use.text == fact.columns.get("address")]
    return found | {column for use in uses for column in _hints(use)}


def _hints(use: AddressUse) -> list[str]:
    parts = (use.text, use.as_of, use.division_code, use.community, use.source_address_id, use.lon, use.lat)
    return [part for part in parts if part]
