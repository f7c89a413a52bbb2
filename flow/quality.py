"""Quality of a release: its rules evaluated, its scores reckoned, both kept in the folder quality/ beside its tables."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from expectations.pool_rules import OF_DATASETS, PREVIOUS, SURROUNDINGS, pool_rules
from expectations.rule_engine import BROKEN, RuleResult, evaluate
from expectations.scores import TOTAL, Score, score_facts, scores
from expectations.validation import ValidationResult
from flow.build import Build
from flow.context import Context
from flow.history import open_part, relation_of
from flow.quality_counts import counts_of_datasets, counts_of_records
from flow.quality_stated import create_stated_places
from flow.quality_surroundings import surroundings
from flow.workspace import sql_path, workspace
from pool import Outcome
from pool.release_build import QUALITY, TABLES

RULES_FILE, BROKEN_FILE, SCORES_FILE, VALIDATION_FILE = "rules.parquet", "broken.parquet", "scores.parquet", "validation.json"
RULE_COLUMNS = pa.schema(
    [
        *((name, pa.string()) for name in ("rule", "kind", "sentence", "dimension", "severity", "table_name")),
        ("checked", pa.int64()),
        ("broken", pa.int64()),
        ("outcome", pa.string()),
        ("cause", pa.string()),
    ]
)
SCORE_COLUMNS = pa.schema(
    [
        *((name, pa.string()) for name in ("scope_kind", "scope", "dimension", "indicator")),
        ("good", pa.int64()),
        ("checked", pa.int64()),
        ("score", pa.float64()),
        ("weight", pa.float64()),
        *((name, pa.string()) for name in ("label", "formula", "opens")),
    ]
)


def assess(context: Context, build: Build, outcomes: Sequence[Outcome]) -> list[RuleResult]:
    """Evaluate all rules on the tables of a release and keep rules.parquet, broken.parquet and scores.parquet; returns the results of the rules.

    outcomes: of the rows of this release.
    """
    folder = build.release.quality
    with workspace(context.pool) as connection:
        _attach_tables(connection, context, build)
        _attach_surroundings(connection, surroundings(context, build, outcomes))
        create_stated_places(connection, context, build)
        keys = {**{name: table.key for name, table in context.tables.items()}, **OF_DATASETS}
        results = evaluate(connection, pool_rules(), keys)
        connection.execute(f"COPY {BROKEN} TO {sql_path(folder / BROKEN_FILE)} (FORMAT parquet, COMPRESSION zstd)")
        counts = [*counts_of_datasets(context, build), *counts_of_records(connection, results)]
    _write(folder / RULES_FILE, RULE_COLUMNS, [_rule_row(result) for result in results])
    departments = {name: contract.department for name, contract in context.contracts.items()}
    _write(folder / SCORES_FILE, SCORE_COLUMNS, [astuple(each) for each in scores(counts, departments)])
    return results


def write_validation(build: Build, validations: Sequence[ValidationResult]) -> None:
    """Keep what Great Expectations said of the tables and of the list of broken records, rule by rule, without times and random ids."""
    content = [
        {"suite": each.suite, "title": each.title, "rows": each.rows, "results": [asdict(result) for result in each.results]}
        for each in validations
    ]
    (build.release.quality / VALIDATION_FILE).write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def release_scores(context: Context, number: int) -> list[Score]:
    """The scores of a release, none where it was made before there were any."""
    return read_scores(context.pool.releases.folder(number) / QUALITY / SCORES_FILE)


def read_scores(path: Path) -> list[Score]:
    """The scores in a file; none where there is no file."""
    return [Score(**row) for row in pq.read_table(path, schema=SCORE_COLUMNS).to_pylist()] if path.is_file() else []


def score_history(context: Context, number: int) -> list[tuple[int, list[Score]]]:
    """The scores of a release and of those before it that are still here, oldest first, by release: the trend."""
    line = context.pool.releases.folder(number) / TABLES / "release_line.parquet"
    releases = sorted({number, *pq.read_table(line, columns=["release"])["release"].to_pylist()}) if line.is_file() else [number]
    here = set(context.pool.releases.numbers())
    return [(each, found) for each in releases if each in here and (found := release_scores(context, each))]


def pool_score(found: Sequence[Score]) -> tuple[float, str] | None:
    """The score of the pool and its band; None where there is none."""
    total = next((each.score for each in found if each.scope_kind == "pool" and each.dimension == TOTAL), None)
    return None if total is None else (total, score_facts().band(total))


def _attach_tables(connection: DuckDBPyConnection, context: Context, build: Build) -> None:
    """Views of all tables of the release and, under `previous_<table>`, of the one before: what holds, without the closed parts of histories."""
    for prefix, folder in (
        ("", build.release.tables),
        (PREVIOUS, build.release.previous_folder and build.release.previous_folder / TABLES),
    ):
        for name, table in context.tables.items():
            connection.execute(f'CREATE VIEW "{prefix}{name}" AS SELECT * FROM {relation_of(table, _files(folder, name))}')


def _files(folder: Path | None, table: str) -> list[Path]:
    if folder is None:
        return []
    found = [open_part(path) for path in (folder / f"{table}.parquet", folder / table)]
    return [path for path in found if path.is_file()]


def _attach_surroundings(connection: DuckDBPyConnection, rows: Mapping[str, Sequence[tuple[Any, ...]]]) -> None:
    for name in rows:
        columns = SURROUNDINGS[name]
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(f"CREATE TABLE {name} ({listed})")
        if rows[name]:
            connection.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' for _ in columns)})", rows[name])


def _rule_row(result: RuleResult) -> tuple[Any, ...]:
    rule = result.rule
    told = (rule.name, rule.kind, rule.sentence, rule.dimension, rule.severity, rule.table)
    return (*told, result.checked, result.broken, result.outcome, result.cause)


def _write(path: Path, schema: pa.Schema, rows: Sequence[tuple[Any, ...]]) -> None:
    content = [dict(zip(schema.names, row, strict=True)) for row in rows]
    pq.write_table(pa.Table.from_pylist(content, schema=schema), path, compression="zstd")
