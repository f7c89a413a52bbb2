"""What the rows of a dataset said over all its deliveries: one row for each time that a source row began to say something else."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from duckdb import DuckDBPyConnection

from schemas.contract import AddressUse, Contract, Fact
from transforms.claims import ADDRESS_PREFIX
from transforms.deliveries import Delivered
from transforms.pseudonym import pseudonyms
from transforms.resolving.redirects import entity_facts, identities_of

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
    connection: DuckDBPyConnection, contract: Contract, ever: str, spoken: str, deliveries: Sequence[Delivered], tables: Collection[str]
) -> None:
    """Create `spoken`: the rows of `ever` that began to say something else of `tables`, all of them with state `current`.

    ever: all delivered rows with row_key, sequence, run, last_snapshot and state (see transforms.current).
    Adds seen_from (DATE, end of the period of the first delivery that says so), seen_to (end of that of the first one that no longer
    does, NULL while it is said) and runs (how often the source row said something else, itself included).
    """
    if len(deliveries) == 1:
        day = f"DATE '{period_end(deliveries[0].period)}'"
        connection.execute(f"""
            CREATE OR REPLACE VIEW {spoken} AS
            SELECT * REPLACE ('current' AS state), {day} AS seen_from, NULL::DATE AS seen_to, 1::BIGINT AS runs FROM {ever}""")
        return
    days = ", ".join(f"({each.sequence}, {each.snapshot}, DATE '{period_end(each.period)}')" for each in deliveries)
    connection.execute(f"""
        CREATE OR REPLACE TABLE {spoken} AS
        WITH day(sequence, snapshot, period_end) AS (VALUES {days}),
             export AS (SELECT snapshot, min(period_end) AS period_end FROM day GROUP BY snapshot),
             begun AS (
                SELECT * FROM (SELECT *, hash({", ".join(_said(contract, tables))}) AS said FROM {ever})
                WINDOW of_row AS (PARTITION BY row_key ORDER BY sequence)
                QUALIFY lag(said) OVER of_row IS DISTINCT FROM said OR lag(run) OVER of_row IS DISTINCT FROM run),
             followed AS (
                SELECT *, CASE WHEN lead(run) OVER of_row = run THEN lead(sequence) OVER of_row END AS next_sequence,
                       CASE WHEN lead(run) OVER of_row IS DISTINCT FROM run THEN last_snapshot + 1 END AS export_without,
                       count(*) OVER (PARTITION BY row_key) AS runs
                FROM begun
                WINDOW of_row AS (PARTITION BY row_key ORDER BY sequence))
        SELECT followed.* EXCLUDE (said, next_sequence, export_without) REPLACE ('current' AS state),
               since.period_end AS seen_from, coalesce(next.period_end, export.period_end) AS seen_to
        FROM followed JOIN day AS since ON since.sequence = followed.sequence LEFT JOIN day AS next ON next.sequence = next_sequence
        LEFT JOIN export ON export.snapshot = export_without""")


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
