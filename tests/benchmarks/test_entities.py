"""The scorer of joins: pairs and clusters counted by hand on a release of six mentions."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from duckdb import DuckDBPyConnection

from benchmarks.entities.score import judged, missed_joins, score, wrong_joins
from samples.truth import RECORDS

DATASET = "public_security.rental_house"
FOUND = ["X", "X", "X", "Y", "Z", "W"]
ACTUAL = ["P1", "P1", "P2", "P2", "P3", "P4"]


@pytest.fixture
def connection(tmp_path: Path) -> DuckDBPyConnection:
    """Tenants in rows 1 to 6: P1 twice and P2 once joined to X, P2 once more as Y, P3 and P4 alone."""
    pool, truth = tmp_path / "release" / "pool", tmp_path / "truth"
    pool.mkdir(parents=True)
    truth.mkdir()
    place = [{"file_key": "f", "sheet": "", "row": row} for row in range(1, 7)]
    links = [
        at | {"table_name": "person", "key": key, "alias": "tenant", "rule": "name_phone"} for at, key in zip(place, FOUND, strict=True)
    ]
    pq.write_table(pa.Table.from_pylist(links), pool / "entity_link.parquet")
    pq.write_table(
        pa.Table.from_pylist([at | {"batch": f"{DATASET}-2025-0", "outcome": "published"} for at in place]), pool / "row_outcome.parquet"
    )
    pq.write_table(pa.table({"table_name": ["person"], "rule": ["name_address"]}), pool / "entity_doubt.parquet")
    records = [{"dataset": DATASET, "row": at["row"], "person_id": person, "planted": []} for at, person in zip(place, ACTUAL, strict=True)]
    pq.write_table(pa.Table.from_pylist(records, schema=RECORDS), truth / "records.parquet")
    return judged(tmp_path / "release", truth)


def test_pairs_and_clusters_are_counted_against_the_truth(connection: DuckDBPyConnection) -> None:
    person = score(connection)[0]
    assert (person.mentions, person.asked) == (6, 1)
    assert (person.found_pairs, person.true_pairs, person.right_pairs) == (3, 2, 1)
    assert (person.pair_precision, person.pair_recall) == (1 / 3, 1 / 2)
    assert (person.found_clusters, person.true_clusters, person.right_clusters) == (4, 4, 2)


def test_wrong_and_missed_joins_are_listed_with_all_their_mentions(connection: DuckDBPyConnection) -> None:
    assert [(row["found"], row["actual"]) for row in wrong_joins(connection, "person")] == [("X", "P1"), ("X", "P1"), ("X", "P2")]
    assert [(row["actual"], row["found"]) for row in missed_joins(connection, "person")] == [("P2", "X"), ("P2", "Y")]


def test_kind_without_mentions_has_nothing_wrong(connection: DuckDBPyConnection) -> None:
    organisation = score(connection)[1]
    assert (organisation.pair_precision, organisation.cluster_recall) == (1.0, 1.0)
