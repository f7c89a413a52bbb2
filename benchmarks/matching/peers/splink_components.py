"""splink: Fellegi-Sunter linkage of parsed components, trained without labels, on DuckDB."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator

from benchmarks.matching.peers.parser import ABSENT, COLUMNS, parse
from benchmarks.matching.peers.protocol import NOTHING, Found, run

TRAINED_ON = 5_000
NAMES = ("town", "village", "road", "place")
NUMBERS = ("house", "building", "unit", "room")
BLOCKS = (
    ("road", "house", "building", "unit", "room"),
    ("place", "building", "unit", "room"),
    ("village", "house", "room"),
    ("town", "house", "building", "unit", "room"),
)


def _table(texts: Sequence[str], name: str) -> pa.Table:
    rows = [parse(text) for text in texts]
    columns = {column: [row[number] for row in rows] for number, column in enumerate(COLUMNS)}
    return pa.table({"unique_id": pa.array(range(len(rows)), pa.int32()), "source": [name] * len(rows), **columns})


@dataclass
class Index:
    """The library's components, and the trained model."""

    library: pa.Table
    model: dict[str, Any] | None = None


def build(library: pa.Table) -> Index:
    return Index(_table(library["full_text"].to_pylist(), "library"))


def train(index: Index, texts: Sequence[str]) -> None:
    """Estimate the model from the library and some of the queries, without labels."""
    linker, _ = _linker(index.library, texts[:TRAINED_ON], _settings(), 2)
    linker.training.estimate_probability_two_random_records_match(
        [_block(("road", "town", "house", "place", "building", "unit", "room"))], recall=0.4
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=2_000_000, seed=1)
    for block in (("road", "house"), ("place", "building"), ("village", "house")):
        linker.training.estimate_parameters_using_expectation_maximisation(_block(block))
    index.model = linker.misc.save_model_to_json()


def match(index: Index, texts: Sequence[str], workers: int) -> list[Found]:
    linker, connection = _linker(index.library, texts, index.model or _settings(), workers)
    predicted = linker.inference.predict(threshold_match_weight=-10)
    return _best(connection, predicted.physical_name, len(texts))


def _linker(library: pa.Table, texts: Sequence[str], settings: Any, workers: int) -> tuple[Linker, duckdb.DuckDBPyConnection]:
    logging.getLogger("splink").setLevel(logging.ERROR)
    connection = duckdb.connect(config={"threads": workers})
    api = DuckDBAPI(connection)
    frames = [api.register(library, dataset_display_name="library"), api.register(_table(texts, "queries"), dataset_display_name="queries")]
    return Linker(frames, settings, log_level=logging.ERROR), connection


def _settings() -> SettingsCreator:
    names: list[Any] = [cl.JaroWinklerAtThresholds(name, [0.9, 0.75]).configure(term_frequency_adjustments=True) for name in NAMES]
    numbers: list[Any] = [cl.ExactMatch(name) for name in NUMBERS]
    return SettingsCreator(
        link_type="link_only",
        comparisons=[*names, *numbers],
        blocking_rules_to_generate_predictions=[_block(names) for names in BLOCKS],
        retain_matching_columns=False,
    )


def _block(names: tuple[str, ...]) -> str:
    """Equal in all, and the first not absent."""
    equal = " AND ".join(f"l.{name} = r.{name}" for name in names)
    return f"{equal} AND l.{names[0]} <> '{ABSENT}'"


def _best(connection: duckdb.DuckDBPyConnection, table: str, count: int) -> list[Found]:
    """The likeliest library row of each query and the weight of the next one."""
    pairs = f"""
        SELECT CASE WHEN source_dataset_l = 'queries' THEN unique_id_l ELSE unique_id_r END AS query,
               CASE WHEN source_dataset_l = 'queries' THEN unique_id_r ELSE unique_id_l END AS row, match_weight AS score
        FROM {table}
    """
    ranked = connection.execute(
        f"""SELECT query, row, score, coalesce(second, -20) FROM (
            SELECT *, lead(score) OVER best AS second, row_number() OVER best AS place FROM ({pairs}) WINDOW best AS (PARTITION BY query ORDER BY score DESC, row)
        ) WHERE place = 1"""
    ).fetchall()
    found = [NOTHING] * count
    for query, row, score, second in ranked:
        found[query] = Found(row, score, second)
    return found


if __name__ == "__main__":
    run(build, match, train)
