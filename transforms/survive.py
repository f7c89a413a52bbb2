"""One value for each attribute of a record, chosen among what the sources claim (一数一源), and where each value came from.

Order of choice: the department that is authoritative for the attribute, then the fresher delivery, then a stable order of rows.
A missing value never survives a given one.
"""

from collections.abc import Mapping, Sequence

from duckdb import DuckDBPyConnection

from schemas.contract import Contract

CLAIM_SPACE = 1 << 40
"""Claims are numbered below this, so that authority times it plus claim orders by authority first."""

Authority = Mapping[str, Sequence[str]]
"""Attribute (`table.column`, or `*`) to its data sets (`system` or `system.dataset`), the most authoritative first."""


def survive(connection: DuckDBPyConnection, table: Contract, authority: Authority, datasets: Sequence[str]) -> None:
    """Create `<table>`, `lineage_<table>` and `conflict_<table>` from `claim_<table>`.

    `<table>`: the pool table's columns, one row a key.
    `lineage_<table>`: table_name, key, file_key, sheet, row, role: `survivor` (supplies at least one value), `conflict` (says otherwise),
    `agreement`.
    `conflict_<table>`: table_name, key, column_name, surviving_value, losing_value, file_key, sheet, row.
    """
    name, key = table.dataset, table.key[0]
    attributes = [column.name for column in table.columns if column.name != key]
    if _is_single_claim(connection, name, key):
        _publish_claims_as_they_are(connection, name, key, attributes)
        return
    ranks = {attribute: _rank(name, attribute, authority, datasets) for attribute in attributes}
    chosen = ", ".join(f"arg_min({attribute}, {rank}) AS {attribute}" for attribute, rank in ranks.items())
    winners = ", ".join(f"min({rank}) FILTER ({attribute} IS NOT NULL) % {CLAIM_SPACE}" for attribute, rank in ranks.items())
    connection.execute(f"CREATE OR REPLACE TABLE survived AS SELECT {key}, {chosen}, [{winners}] AS winners FROM claim_{name} GROUP BY {key}")
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * EXCLUDE (winners) FROM survived")
    _create_lineage(connection, name, key, attributes)
    _create_conflicts(connection, name, key, attributes)
    connection.execute("DROP TABLE survived")


def _is_single_claim(connection: DuckDBPyConnection, name: str, key: str) -> bool:
    """Whether every record is claimed once only, as in tables that one data set alone fills: then there is nothing to choose."""
    counted = connection.execute(f"SELECT count(*) = count(DISTINCT {key}) FROM claim_{name}").fetchone()
    return bool(counted and counted[0])


def _publish_claims_as_they_are(connection: DuckDBPyConnection, name: str, key: str, attributes: Sequence[str]) -> None:
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT {key}, {', '.join(attributes)} FROM claim_{name}")
    connection.execute(f"""
        CREATE OR REPLACE TABLE lineage_{name} AS
        SELECT '{name}' AS table_name, {key}::VARCHAR AS key, file_key, sheet, row, 'survivor' AS role FROM claim_{name}""")
    connection.execute(f"CREATE OR REPLACE TABLE conflict_{name} AS {_conflict_select(name, key, [])}")


def _rank(table: str, attribute: str, authority: Authority, datasets: Sequence[str]) -> str:
    """SQL that orders claims of one attribute: authority first, freshness second."""
    order = authority.get(f"{table}.{attribute}") or authority.get(f"{table}.*") or ()
    places = {dataset: place for dataset in datasets if (place := _place(dataset, order)) is not None}
    if not places:
        return "claim"
    branches = " ".join(f"WHEN '{dataset}' THEN {place}" for dataset, place in sorted(places.items()))
    return f"(CASE dataset {branches} ELSE {len(order)} END * {CLAIM_SPACE} + claim)"


def _place(dataset: str, order: Sequence[str]) -> int | None:
    return next((place for place, source in enumerate(order) if source in (dataset, dataset.split(".")[0])), None)


def _create_lineage(connection: DuckDBPyConnection, name: str, key: str, attributes: Sequence[str]) -> None:
    differs = " OR ".join(f"(claims.{attribute} <> survived.{attribute})" for attribute in attributes)
    connection.execute(f"""
        CREATE OR REPLACE TABLE lineage_{name} AS
        SELECT '{name}' AS table_name, claims.{key}::VARCHAR AS key, file_key, sheet, row,
               CASE WHEN list_contains(survived.winners, claims.claim) THEN 'survivor'
                    WHEN {differs} THEN 'conflict' ELSE 'agreement' END AS role
        FROM claim_{name} AS claims JOIN survived USING ({key})
        GROUP BY ALL""")


def _create_conflicts(connection: DuckDBPyConnection, name: str, key: str, attributes: Sequence[str]) -> None:
    connection.execute(f"CREATE OR REPLACE TABLE conflict_{name} AS {_conflict_select(name, key, attributes)}")


def _conflict_select(name: str, key: str, attributes: Sequence[str]) -> str:
    """Every claimed value that another one outlived."""
    said = ", ".join(
        f"CASE WHEN claims.{attribute} <> kept.{attribute} THEN {{column_name: '{attribute}', "
        f"surviving_value: kept.{attribute}::VARCHAR, losing_value: claims.{attribute}::VARCHAR}} END"
        for attribute in attributes
    )
    empty = "CAST([] AS STRUCT(column_name VARCHAR, surviving_value VARCHAR, losing_value VARCHAR)[])"
    return f"""
        SELECT '{name}' AS table_name, key::VARCHAR AS key, unnest(said, recursive := true), file_key, sheet, row
        FROM (SELECT claims.{key} AS key, file_key, sheet, row, list_filter({f"[{said}]" if said else empty}, lambda each: each IS NOT NULL) AS said
              FROM claim_{name} AS claims JOIN {name} AS kept USING ({key}))
        WHERE len(said) > 0
        GROUP BY ALL"""
