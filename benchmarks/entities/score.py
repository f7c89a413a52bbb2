"""Precision and recall of joins: pairs of mentions, and whole clusters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
from duckdb import DuckDBPyConnection

TRUE_KIND = {
    "resident": "person",
    "tenant": "person",
    "owner": "owner",
    "member": "person",
    "head": "head",
    "representative": "person",
    "firm": "organisation",
    "shop": "organisation",
    "responsible": "organisation",
    "enterprise": "organisation",
    "organisation": "organisation",
    "house": "house",
    "hazard": "event",
    "reporter": "person",
    "party_a": "person",
    "party_b": "other",
    "builder": "organisation",
    "alarm": "event",
    "accident": "event",
    "inspection": "event",
    "fire": "event",
    "householder": "person",
    "principal": "person",
    "manager": "manager",
    "recipient": "person",
    "first": "person",
    "second": "spouse",
    "deceased": "person",
    "offender": "person",
    "applicant": "person",
    "respondent": "respondent",
    "disputant": "person",
    "caller": "person",
    "involved": "person",
    "concerned": "organisation",
    "component_owner": "organisation",
    "penalty": "event",
    "case": "event",
    "mediation": "event",
    "dispute": "event",
    "petition": "event",
    "ticket": "event",
    "incident": "event",
}
"""Role in a row to the column of the truth that says who is meant."""
KINDS = ("person", "organisation", "house", "event")


@dataclass(frozen=True, slots=True)
class Score:
    """One kind of entity. Pairs: of mentions that are one entity by the release (`found`), by the truth (`true`), by both (`right`).

    Clusters: entities of the release, of the truth, and those that hold exactly the same mentions.
    """

    kind: str
    mentions: int
    found_pairs: int
    true_pairs: int
    right_pairs: int
    found_clusters: int
    true_clusters: int
    right_clusters: int
    asked: int

    @property
    def pair_precision(self) -> float:
        return self.right_pairs / self.found_pairs if self.found_pairs else 1.0

    @property
    def pair_recall(self) -> float:
        return self.right_pairs / self.true_pairs if self.true_pairs else 1.0

    @property
    def cluster_precision(self) -> float:
        return self.right_clusters / self.found_clusters if self.found_clusters else 1.0

    @property
    def cluster_recall(self) -> float:
        return self.right_clusters / self.true_clusters if self.true_clusters else 1.0


def judged(release: Path, truth: Path) -> DuckDBPyConnection:
    """A connection with `mention(kind, found, actual, dataset, row, alias, rule, planted)` of every mention of the release."""
    connection = duckdb.connect()
    aliases = ", ".join(f"'{alias}': {column}_id" for alias, column in TRUE_KIND.items())
    connection.execute(f"""
        CREATE TABLE mention AS
        WITH placed AS (
            SELECT link.*, regexp_extract(outcome.batch, '^([a-z_]+[.][a-z_]+)-', 1) AS dataset
            FROM read_parquet('{release}/pool/entity_link.parquet') AS link
            JOIN read_parquet('{release}/pool/row_outcome.parquet') AS outcome USING (file_key, sheet, row)
            WHERE outcome.outcome IN ('published', 'merged')),
        known AS (
            SELECT dataset, row, planted, map_entries(MAP {{{aliases}}}) AS said FROM read_parquet('{truth}/records.parquet'))
        SELECT table_name AS kind, key AS found, list_filter(said, lambda each: each.key = alias)[1].value AS actual,
               dataset, row, alias, rule, planted
        FROM placed JOIN known USING (dataset, row)""")
    connection.execute(f"CREATE VIEW doubt AS FROM read_parquet('{release}/pool/entity_doubt.parquet')")
    return connection


def score(connection: DuckDBPyConnection) -> list[Score]:
    """The scores of each kind over the mentions of `judged`."""
    return [_score(connection, kind) for kind in KINDS]


def _score(connection: DuckDBPyConnection, kind: str) -> Score:
    connection.execute(f"""
        CREATE OR REPLACE TABLE cell AS
        SELECT found, actual, count(*) AS n FROM mention WHERE kind = '{kind}' AND actual IS NOT NULL GROUP BY ALL""")
    [(mentions, right_pairs)] = connection.execute("SELECT sum(n), sum(n * (n - 1) // 2) FROM cell").fetchall()
    pairs = {}
    clusters = {}
    for side in ("found", "actual"):
        [(pairs[side], clusters[side])] = connection.execute(
            f"SELECT sum(n * (n - 1) // 2), count(*) FROM (SELECT sum(n) AS n FROM cell GROUP BY {side})"
        ).fetchall()
    [(right_clusters,)] = connection.execute("""
        SELECT count(*) FROM cell
        JOIN (SELECT found, sum(n) AS all_found FROM cell GROUP BY found) USING (found)
        JOIN (SELECT actual, sum(n) AS all_actual FROM cell GROUP BY actual) USING (actual)
        WHERE n = all_found AND n = all_actual""").fetchall()
    [(asked,)] = connection.execute(f"SELECT count(*) FROM doubt WHERE table_name = '{kind}'").fetchall()
    numbers = (mentions, pairs["found"], pairs["actual"], right_pairs, clusters["found"], clusters["actual"], right_clusters, asked)
    return Score(kind, *(int(number or 0) for number in numbers))


def wrong_joins(connection: DuckDBPyConnection, kind: str) -> Sequence[Mapping[str, Any]]:
    """The mentions of entities of the release that are several in truth."""
    return _divided(connection, kind, "found", "actual")


def missed_joins(connection: DuckDBPyConnection, kind: str) -> Sequence[Mapping[str, Any]]:
    """The mentions of true entities that are several in the release."""
    return _divided(connection, kind, "actual", "found")


def _divided(connection: DuckDBPyConnection, kind: str, one: str, several: str) -> Sequence[Mapping[str, Any]]:
    """The mentions that are one by the first column and several by the second."""
    rows: list[Mapping[str, Any]] = (
        connection.sql(f"""
        SELECT {one}, {several}, dataset, row, alias, rule, planted FROM mention
        WHERE kind = '{kind}' AND {one} IN (SELECT {one} FROM mention WHERE kind = '{kind}' GROUP BY {one} HAVING count(DISTINCT {several}) > 1)
        ORDER BY ALL""")
        .to_arrow_table()
        .to_pylist()
    )
    return rows
