"""Who is meant by rows that count no more: those who are known now, where the rules of resolving would say so, else somebody of their own."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from duckdb import DuckDBPyConnection

from schemas.contract import Contract
from transforms.claims import ADDRESS_PREFIX
from transforms.pseudonym import pseudonyms
from transforms.resolving.entities import Setting
from transforms.resolving.likeness import Characters
from transforms.resolving.mentions import mentions_select
from transforms.resolving.redirects import WEAK, entity_facts, identities_of

EVER = "identity_ever"
_ALIKE = ("same", "variant", "related")
"""Names that one number may be given with; a name that is another's is not joined to who has the number now."""


def create_ever_identities(
    connection: DuckDBPyConnection, contracts: Sequence[Contract], spoken: Mapping[str, str], setting: Setting
) -> None:
    """Create `identity_ever`, as the table `identity` of transforms.resolving, and whoever only rows of the past name.

    contracts: those with more than one delivery; spoken: by contract id (see transforms.spoken). Whoever no current row names is, in this
    order, whom the same row names now by the same identifier, who has the identifier now under a name alike, and the one person of the same name
    with the same phone, place or role. Somebody of whom none is found has the id that they would have alone. Needs what resolving made.
    """
    facts = list(entity_facts(contracts))
    if not facts:
        connection.execute(f"CREATE OR REPLACE VIEW {EVER} AS SELECT * FROM identity")
        return
    said = " UNION ALL ".join(
        f"SELECT '{fact.table}' AS table_name, '{contract.id}/{contract.facts.index(fact)}' AS place, row_key, identity, base "
        f"FROM ({identities_of(contract, fact, spoken[contract.id], 'TRUE')})"
        for contract, fact in facts
    )
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE said_ever AS SELECT DISTINCT * FROM ({said}) WHERE identity IS NOT NULL;
        CREATE OR REPLACE TEMP TABLE past AS
        SELECT table_name, identity, min(base) AS base FROM said_ever ANTI JOIN identity USING (table_name, identity) GROUP BY ALL""")
    _create_persons_meant(connection, contracts, spoken, setting)
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE meant AS
        WITH continuing AS (
                SELECT before.table_name, before.identity, min(identity.id) AS id
                FROM said_ever AS before JOIN said_ever AS now USING (table_name, place, row_key, base)
                JOIN identity ON identity.table_name = now.table_name AND identity.identity = now.identity
                GROUP BY ALL HAVING count(DISTINCT identity.id) = 1),
             holder AS (
                SELECT past.table_name, past.identity, min(chosen.id) AS id
                FROM past JOIN chosen ON chosen.table_name = past.table_name AND chosen.part = past.base
                WHERE past.table_name <> 'person' GROUP BY ALL)
        SELECT table_name, identity, coalesce(continuing.id, person_meant.id, holder.id) AS id
        FROM past LEFT JOIN continuing USING (table_name, identity) LEFT JOIN person_meant USING (table_name, identity)
        LEFT JOIN holder USING (table_name, identity)""")
    _create_ever(connection, setting.key)


def _create_persons_meant(
    connection: DuckDBPyConnection, contracts: Sequence[Contract], spoken: Mapping[str, str], setting: Setting
) -> None:
    """Temporary table `person_meant(table_name, identity, id)`: who has the number under a name alike, else the one of the same name and contact."""
    mentions = mentions_select(contracts, "person", spoken, setting.places)
    weak = ", ".join(f"'{name}'" for name in WEAK)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE past_person AS
        SELECT identity, base, name_key, keys FROM ({mentions}) SEMI JOIN (FROM past WHERE table_name = 'person') USING (identity)""")
    candidates = connection.execute(f"""
        SELECT DISTINCT past_person.identity, past_person.name_key, known.name_key, identity.id
        FROM past_person JOIN mention_person AS known USING (base)
        JOIN identity ON identity.table_name = 'person' AND identity.identity = known.identity
        WHERE split_part(base, ':', 1) NOT IN ({weak}) ORDER BY ALL""").fetchall()
    alike = _alike(setting.characters, candidates)
    connection.register(
        "alike", pa.table({"identity": list(alike), "id": list(alike.values())}, pa.schema({"identity": pa.string(), "id": pa.string()}))
    )
    connection.execute("""
        CREATE OR REPLACE TEMP TABLE person_meant AS
        WITH in_touch AS (
            SELECT past_person.identity, min(identity.id) AS id
            FROM past_person JOIN mention_person AS known ON known.name_key = past_person.name_key AND list_has_any(known.keys, past_person.keys)
            JOIN identity ON identity.table_name = 'person' AND identity.identity = known.identity
            GROUP BY ALL HAVING count(DISTINCT identity.id) = 1)
        SELECT 'person' AS table_name, identity, coalesce(alike.id, in_touch.id) AS id FROM alike FULL JOIN in_touch USING (identity)""")
    connection.unregister("alike")


def _alike(characters: Characters, candidates: Sequence[tuple[str, str | None, str | None, str]]) -> dict[str, str]:
    """Identity to the id of the one person who has its number under a name alike; a row without a name speaks of whoever has the number."""
    found: dict[str, set[str]] = {}
    for identity, name, known, holder in candidates:
        if name is None or known is None or characters.persons(name, known) in _ALIKE:
            found.setdefault(identity, set()).add(holder)
    return {identity: next(iter(holders)) for identity, holders in found.items() if len(holders) == 1}


def _create_ever(connection: DuckDBPyConnection, key: bytes) -> None:
    """The table of all identities; those of whom nobody is meant get the id of their identifier, unless it is another's now."""
    alone = connection.sql("""
        SELECT table_name, identity, id, base,
               CASE WHEN table_name = 'person' AND base IN (SELECT part FROM part WHERE table_name = 'person') THEN identity ELSE base END AS own
        FROM past JOIN meant USING (table_name, identity)""").to_arrow_table()
    connection.register("alone", alone.append_column("pseudonym", pseudonyms(alone.column("own").combine_chunks(), key, "entity")))
    connection.execute(f"""
        CREATE OR REPLACE TABLE {EVER} AS
        SELECT table_name, identity, id, basis, counts FROM identity
        UNION ALL
        SELECT table_name, identity,
               CASE WHEN id IS NOT NULL THEN id
                    WHEN table_name = 'house' AND starts_with(base, '{ADDRESS_PREFIX}') THEN substr(base, {len(ADDRESS_PREFIX) + 1})
                    ELSE pseudonym END,
               split_part(base, ':', 1), TRUE
        FROM alone""")
    connection.unregister("alone")
