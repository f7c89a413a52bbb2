"""From which release to which the pool held something true (known_from, known_to): what one release changes in what the one before knew."""

from collections.abc import Sequence

from duckdb import DuckDBPyConnection

from schemas.contract import Contract
from transforms.survive import record_key


def create_known(connection: DuckDBPyConnection, history: Contract, before: str, release: int) -> None:
    """From table `<history>` (what this release holds true, without releases) create view `<history>_open` and table `<history>_closed`.

    before: relation of the rows that the release before held true, with known_from. A row that says the very same keeps its known_from, one
    that is new gets this release's; rows that no longer hold are closed with this release as known_to.
    """
    name = history.dataset
    columns = [column.name for column in history.columns if column.name not in ("known_from", "known_to")]
    key = [column for column in history.key if column != "known_from"]
    # All columns are compared after the join: as its conditions they would all be hashed.
    is_known = f"before.{key[0]} IS NOT NULL AND {_same('now', 'before', [column for column in columns if column not in key])}"
    connection.execute(f"""
        CREATE OR REPLACE VIEW {name}_open AS
        SELECT {", ".join(f"now.{column}" for column in columns)},
               CASE WHEN {is_known} THEN before.known_from ELSE {release} END::BIGINT AS known_from, NULL::BIGINT AS known_to
        FROM {name} AS now LEFT JOIN {before} AS before ON {_same("now", "before", key)}""")
    connection.execute(f"""
        CREATE OR REPLACE TABLE {name}_closed AS
        SELECT {", ".join(f"before.{column}" for column in columns)}, before.known_from, {release}::BIGINT AS known_to
        FROM {before} AS before LEFT JOIN {name} AS now ON {_same("now", "before", key)}
        WHERE now.{key[0]} IS NULL OR NOT ({is_known})""")


def create_versions(connection: DuckDBPyConnection, table: Contract, before: str, changes_before: str, since: int, release: int) -> None:
    """Create `<table>_version_closed` and `change_<table>`: what this release changes in table `<table>`.

    before: relation of the table in the release before. changes_before: relation of its changes so far (release, table_name, key, ...); a record
    without any is known since release `since`. `<table>_version_closed`: the versions that end, with known_from and known_to.
    `change_<table>`: release, table_name, key, change (added, changed, removed).
    """
    name = table.dataset
    columns = [column.name for column in table.columns]
    key = ", ".join(table.key)
    connection.execute(f"""
        CREATE OR REPLACE TEMP TABLE differing AS
        SELECT {", ".join(f"coalesce(now.{column}, before.{column}) AS {column}" for column in table.key)},
               CASE WHEN before.{table.key[0]} IS NULL THEN 'added' WHEN now.{table.key[0]} IS NULL THEN 'removed' ELSE 'changed' END AS change
        FROM {name} AS now FULL JOIN {before} AS before ON {_same("now", "before", table.key)}
        WHERE NOT ({_same("now", "before", columns)})""")
    connection.execute(f"""
        CREATE OR REPLACE TABLE change_{name} AS
        SELECT {release}::BIGINT AS release, '{name}' AS table_name, {record_key(table, "differing")} AS key, change FROM differing""")
    connection.execute(f"""
        CREATE OR REPLACE TABLE {name}_version_closed AS
        WITH ending AS (SELECT before.* FROM {before} AS before SEMI JOIN (FROM differing WHERE change <> 'added') USING ({key})),
             known AS (
                SELECT key, max(release) AS release FROM {changes_before} AS changes
                WHERE table_name = '{name}' AND key IN (SELECT key FROM change_{name}) GROUP BY key)
        SELECT {", ".join(f"ending.{column}" for column in columns)},
               coalesce(known.release, {since})::BIGINT AS known_from, {release}::BIGINT AS known_to
        FROM ending LEFT JOIN known ON known.key = {record_key(table, "ending")}""")
    connection.execute("DROP TABLE differing")


def _same(left: str, right: str, columns: Sequence[str]) -> str:
    return " AND ".join(f"{left}.{column} IS NOT DISTINCT FROM {right}.{column}" for column in columns)
