"""Who is dead: what a source said last of it, also of persons whom it has dropped since."""

from collections.abc import Mapping, Sequence

from duckdb import DuckDBPyConnection

from schemas.contract import Contract
from transforms.claims import claims_select
from transforms.past_identities import EVER
from transforms.placed import placed_select


def create_deceased(
    connection: DuckDBPyConnection, contracts: Sequence[Contract], ever: Mapping[str, str], person: Contract, persons: str = "person"
) -> None:
    """Create `deceased(person_id, death_date)` from the pool's persons and from the last word of every row that no longer counts.

    contracts: those with more than one delivery; ever: by contract id the view of all their rows (see transforms.current). person: contract of
    the pool table, persons: its relation. Of several dates that nobody says now the earliest. Needs `identity_ever`.
    """
    speaking = [
        contract for contract in contracts if any(fact.table == "person" and "death_date" in fact.columns for fact in contract.facts)
    ]
    last = {contract.id: f"last_{contract.system}_{contract.dataset}" for contract in speaking}
    for contract in speaking:
        newest = f"""(
            SELECT * REPLACE ('current' AS state) FROM {ever[contract.id]}
            QUALIFY row_number() OVER (PARTITION BY row_key ORDER BY sequence DESC) = 1)"""
        connection.execute(f"CREATE OR REPLACE TEMP VIEW {last[contract.id]} AS {placed_select(contract, newest)}")
    claims = claims_select(speaking, last, person, identities=EVER) if speaking else None
    dropped = (
        f"SELECT person_id, death_date FROM ({claims}) WHERE death_date IS NOT NULL" if claims else "SELECT NULL, NULL::DATE WHERE FALSE"
    )
    connection.execute(f"""
        CREATE OR REPLACE TABLE deceased AS
        WITH alive_or_dead AS (SELECT person_id, death_date FROM {persons}),
             dropped(person_id, death_date) AS (SELECT person_id, min(death_date) FROM ({dropped}) AS said(person_id, death_date) GROUP BY ALL)
        SELECT person_id, coalesce(alive_or_dead.death_date, dropped.death_date) AS death_date
        FROM alive_or_dead FULL JOIN dropped USING (person_id)
        WHERE coalesce(alive_or_dead.death_date, dropped.death_date) IS NOT NULL""")
