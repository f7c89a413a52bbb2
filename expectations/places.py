"""In which town a record stands, so that faults and scores can be told town by town."""

from collections.abc import Mapping

from duckdb import DuckDBPyConnection

WITH_ADDRESS: Mapping[str, str] = {
    "house": "house_id",
    "event": "event_id",
    "premises": "premises_id",
    "residence": "residence_id",
    "facility": "facility_id",
}
"""Tables with an address of their own, and their keys."""
THROUGH: Mapping[str, tuple[str, str, str]] = {
    "tenancy": ("tenancy_id", "house", "house_id"),
    "event_party": ("event_party_id", "event", "event_id"),
    "event_stage": ("event_stage_id", "event", "event_id"),
    "licence": ("licence_id", "organisation", "organisation_id"),
    "listing": ("listing_id", "organisation", "organisation_id"),
    "benefit": ("benefit_id", "person", "person_id"),
}
"""Tables that stand where a record stands to which they belong: key, table and key of that."""
_PERSON = "SELECT person_id AS key, arg_min(address_id, (kind = 'registered')::VARCHAR || residence_id) AS address_id FROM residence WHERE address_id IS NOT NULL GROUP BY ALL"
_ORGANISATION = "SELECT organisation_id AS key, arg_min(address_id, (kind <> 'registered')::VARCHAR || premises_id) AS address_id FROM premises WHERE address_id IS NOT NULL GROUP BY ALL"


def create_places(connection: DuckDBPyConnection) -> None:
    """Create view `town_of(table_name, key, town)`: records whose town is known, each once. A person stands where they live, else are registered."""
    own = {table: f"SELECT {key} AS key, address_id FROM {table}" for table, key in WITH_ADDRESS.items()}
    own |= {"person": f"({_PERSON})", "organisation": f"({_ORGANISATION})"}
    selects = [
        f"SELECT '{table}' AS table_name, key, town FROM ({select}) JOIN address USING (address_id) WHERE town IS NOT NULL"
        for table, select in own.items()
    ]
    selects += [
        f"SELECT '{table}', {table}.{key}, town FROM {table} JOIN ({own[through]}) AS place ON place.key = {table}.{by} "
        "JOIN address ON address.address_id = place.address_id WHERE town IS NOT NULL"
        for table, (key, through, by) in THROUGH.items()
    ]
    selects += ["SELECT 'address', address_id, town FROM address WHERE town IS NOT NULL"]
    connection.execute(f"CREATE OR REPLACE TEMP VIEW town_of AS {' UNION ALL '.join(selects)}")
