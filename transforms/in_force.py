"""Results at addresses that were retired before the text was written: they go up to what still stands."""

import pyarrow as pa
from duckdb import DuckDBPyConnection

LASTING_LEVELS = ("province", "city", "county", "town", "community")
"""Divisions: the matcher itself follows their old names to what became of them."""

HISTORICAL = "historical:2"
REASONS = {"natural_village": "village_only", "community": "village_only", "zone": "zone_only", "road": "road_only", "lane": "road_only"}
INNER = ("house", "compound", "building", "unit", "floor", "room")


def results_in_force(connection: DuckDBPyConnection, results: pa.Table, records: pa.Table, addresses: str) -> pa.Table:
    """The matcher's results, none at an address whose validity had ended: the nearest one above that is in force takes its place.

    An undated text speaks of today. The retired address stays among the candidates, fault `historical`.
    results: as the matcher gives them. records: its input, with `record_id` and `as_of`. addresses: SQL relation of the library.
    """
    connection.register("matched", results)
    connection.register("asked", records)
    listed = ", ".join(f"'{level}'" for level in LASTING_LEVELS)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE outlived AS
        SELECT DISTINCT matched.record_id, matched.part, matched.address_id, ended.parent_id
        FROM matched JOIN asked USING (record_id)
        JOIN (SELECT address_id, parent_id, valid_to FROM {addresses} WHERE valid_to IS NOT NULL AND level NOT IN ({listed})) AS ended
             ON matched.address_id = ended.address_id
        WHERE asked.as_of IS NULL OR asked.as_of >= ended.valid_to""")
    if not connection.execute("SELECT count(*) FROM outlived").fetchall()[0][0]:
        return results
    reasons = " ".join(f"WHEN '{level}' THEN '{reason}'" for level, reason in (REASONS | dict.fromkeys(INNER, "building_only")).items())
    return (
        connection.sql(f"""
        WITH RECURSIVE climb AS (
            SELECT DISTINCT address_id AS origin, parent_id AS above FROM outlived
            UNION
            SELECT climb.origin, library.parent_id FROM climb JOIN {addresses} AS library ON climb.above = library.address_id
            WHERE library.valid_to IS NOT NULL),
        standing AS (
            SELECT climb.origin, library.address_id, library.level FROM climb JOIN {addresses} AS library ON climb.above = library.address_id
            WHERE library.valid_to IS NULL)
        SELECT matched.* REPLACE (
            CASE WHEN outlived.record_id IS NULL THEN matched.address_id ELSE standing.address_id END AS address_id,
            CASE WHEN outlived.record_id IS NULL THEN matched.level ELSE standing.level END AS level,
            CASE WHEN outlived.record_id IS NULL OR matched.status = 'review' THEN matched.reason
                 ELSE CASE standing.level {reasons} ELSE 'not_in_library' END END AS reason,
            CASE WHEN outlived.record_id IS NULL THEN matched.status WHEN standing.address_id IS NULL THEN 'unmatched' ELSE matched.status END AS status,
            CASE WHEN outlived.record_id IS NULL THEN matched.faults ELSE trim(concat_ws(' ', matched.faults, '{HISTORICAL}')) END AS faults,
            CASE WHEN outlived.record_id IS NULL THEN matched.candidates
                 ELSE list_append(coalesce(matched.candidates, []), {{'address_id': matched.address_id, 'level': matched.level, 'score': matched.score}}) END
                 AS candidates)
        FROM matched LEFT JOIN outlived ON matched.record_id = outlived.record_id AND matched.part = outlived.part
        LEFT JOIN standing ON outlived.address_id = standing.origin
        ORDER BY matched.record_id, matched.part""")
        .to_arrow_table()
        .cast(results.schema)
    )


def create_unsettled(connection: DuckDBPyConnection, was: str, now: str) -> str:
    """Create table `unsettled(address_id)`: addresses for which `results_in_force` may come to something else by another library; returns its name.

    Those whose parent, level or end of validity differs, and all that have ended below one of them, up to which a result may have to go.
    was, now: SQL relations of the two libraries.
    """
    facts = "address_id, parent_id, level, valid_to"
    connection.execute(f"""
        CREATE OR REPLACE TABLE unsettled AS
        WITH RECURSIVE was AS (SELECT {facts} FROM {was}), now AS (SELECT {facts} FROM {now}),
        different AS ((SELECT * FROM was EXCEPT SELECT * FROM now) UNION ALL (SELECT * FROM now EXCEPT SELECT * FROM was)),
        below AS (
            SELECT address_id FROM different
            UNION
            SELECT was.address_id FROM below JOIN was ON was.parent_id = below.address_id WHERE was.valid_to IS NOT NULL)
        SELECT DISTINCT address_id FROM below""")
    return "unsettled"
