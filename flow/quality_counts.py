"""What the scores are reckoned from: rows, cells, rules, agreement, matches and deliveries, counted by dataset and by town."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from expectations.pool_rules import DIMENSIONS
from expectations.rule_engine import BROKEN, BROKEN_RECORDS, RuleResult
from expectations.scores import Count, score_facts
from expectations.suites import suite_for
from flow.build import Build
from flow.context import Context
from flow.delivered import QUARANTINE, batch_profile
from flow.drift import ANOMALIES, USUAL
from pool import Batch, BatchStatus
from schemas.contract import Contract
from transforms.drift.delivery import SHAPE
from transforms.erase import ERASED


def counts_of_datasets(context: Context, build: Build) -> Iterator[Count]:
    """What batches and deliveries of each dataset count."""
    by_contract: dict[str, list[str]] = defaultdict(list)
    for batch in build.facts["inputs"]["batches"]:
        by_contract[context.pool.receipts.read(batch).contract].append(batch)
    for name, batches in sorted(by_contract.items()):
        contract, profiles = context.contracts[name], [batch_profile(context, batch) for batch in batches]
        yield from _rows(context, contract, batches, profiles)
        yield from _cells(contract, profiles)
        yield from _expectations(contract, profiles[-1])
        compared = [profile for profile in profiles if profile.get(SHAPE, {}).get(USUAL)]
        yield Count("dataset", name, "consistency", "drift", len(compared), sum(map(has_drifted, compared)))
    yield from _deliveries(context, by_contract)
    yield from _addresses(build.facts["addresses"])


def has_drifted(profile: Any) -> bool:
    """Whether a batch, by its profile, was not as usual."""
    return bool(profile.get(SHAPE, {}).get(USUAL)) and any(each["severity"] != "note" for each in profile.get(ANOMALIES, ()))


def kept_out(context: Context) -> list[Batch]:
    """The batches that a gate or a reader keeps out of the pool."""
    statuses: tuple[BatchStatus, ...] = ("blocked", "failed")
    return [entry for status in statuses for entry in context.pool.ledger.batches(status=status) if entry.contract in context.contracts]


def counts_of_records(connection: DuckDBPyConnection, results: Sequence[RuleResult]) -> Iterator[Count]:
    """What the rules and the agreement of sources count, by dataset and town; needs what `evaluate` made, and the tables."""
    judged = [result for result in results if result.outcome != "error"]
    tables = Counter((result.rule.dimension, result.rule.table) for result in judged)
    names = {result.rule.name: result.rule.dimension for result in judged}
    for kind, checked in (("dataset", _records_by_dataset(connection)), ("town", _records_by_town(connection))):
        counted: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        for (dimension, table), rules in tables.items():
            for scope, rows in checked.get(table, {}).items():
                counted[scope, dimension][0] += rules * rows
        for scope, rule, rows in connection.execute(
            f"SELECT {kind}, rule, {BROKEN_RECORDS} FROM {BROKEN} WHERE {kind} IS NOT NULL GROUP BY ALL"
        ).fetchall():
            if rule in names:
                counted[scope, names[rule]][1] += rows
        for (scope, dimension), (whole, bad) in sorted(counted.items()):
            # A rule may find records of other tables than its own: what is bad was checked.
            yield Count("dataset" if kind == "dataset" else "town", scope, dimension, "rules", max(whole, bad), bad)
    yield from _agreement(connection)


def _rows(context: Context, contract: Contract, batches: Sequence[str], profiles: Sequence[Any]) -> Iterator[Count]:
    """Rows received without those that were quarantined, by the dimensions of their reasons; a row counts once in a dimension."""
    facts, rules = score_facts(), {rule.name: rule.dimension for rule in contract.rules}
    bad: Counter[str] = Counter()
    erased = 0
    for batch in batches:
        for reasons in _reasons(context.pool.batches.folder(batch) / QUARANTINE):
            codes = {reason["rule"] for reason in reasons}
            erased += ERASED in codes
            bad.update({facts.dimension_of(code, rules) for code in codes - {ERASED}})
    received = sum(profile["rows"]["received"] for profile in profiles) - erased
    for dimension in DIMENSIONS:
        yield Count("dataset", contract.id, dimension, "rows", received, bad[dimension])


def _reasons(path: Path) -> Iterator[list[dict[str, str]]]:
    if path.is_file():
        for batch in pq.ParquetFile(path).iter_batches(columns=["reasons"]):
            yield from batch.column(0).to_pylist()


def _cells(contract: Contract, profiles: Sequence[Any]) -> Iterator[Count]:
    """Cells of accepted rows without those that were emptied, rewritten or are doubtful."""
    facts, rules = score_facts(), {rule.name: rule.dimension for rule in contract.rules}
    columns = sum(not column.ignored for column in contract.columns)
    cells = columns * sum(profile["rows"]["accepted"] for profile in profiles)
    bad: Counter[str] = Counter()
    for profile in profiles:
        for warning in profile["warnings"]:
            bad[facts.dimension_of(warning["rule"], rules)] += warning["rows"]
    for dimension in DIMENSIONS:
        yield Count("dataset", contract.id, dimension, "cells", max(cells, bad[dimension]), bad[dimension])


def _expectations(contract: Contract, profile: Any) -> Iterator[Count]:
    """Expectations on the latest batch that are met."""
    if not profile["expectations"]["total"]:
        return
    facts = score_facts()
    total = Counter(facts.standard_dimension(each.dimension) for each in suite_for(contract).expectations)
    unmet = Counter(facts.standard_dimension(each["dimension"]) for each in profile["expectations"]["unmet"])
    for dimension, expectations in sorted(total.items()):
        yield Count("dataset", contract.id, dimension, "expectations", max(expectations, unmet[dimension]), unmet[dimension])


def _deliveries(context: Context, by_contract: dict[str, list[str]]) -> Iterator[Count]:
    """Batches that are used, of all that a gate or a reader decided on."""
    lost = Counter(entry.contract for entry in kept_out(context))
    for name in sorted(by_contract.keys() | lost.keys()):
        yield Count("dataset", name, "accessibility", "deliveries", len(by_contract.get(name, ())) + lost[name], lost[name])


def _addresses(rates: Sequence[Sequence[Any]]) -> Iterator[Count]:
    """Address texts that were matched; those that reached no town stand with their dataset only."""
    checked: Counter[tuple[str, str]] = Counter()
    bad: Counter[tuple[str, str]] = Counter()
    for dataset, town, _level, status, rows in rates:
        for place in (("dataset", dataset), *((("town", town),) if town else ())):
            checked[place] += rows
            bad[place] += rows if status != "matched" else 0
    for (kind, scope), rows in sorted(checked.items()):
        yield Count("dataset" if kind == "dataset" else "town", scope, "consistency", "addresses", rows, bad[kind, scope])


def _records_by_dataset(connection: DuckDBPyConnection) -> dict[str, dict[str, int]]:
    """Records of each table that a dataset says something of; of deliveries, stated places and datasets its own."""
    found = connection.execute("""
        SELECT table_name, dataset, count(DISTINCT hash(key)) FROM lineage JOIN (SELECT DISTINCT file_key, dataset FROM source_file) USING (file_key) GROUP BY ALL
        UNION ALL SELECT 'delivery', dataset, count(*) FROM delivery GROUP BY ALL
        UNION ALL SELECT 'stated_place', dataset, count(*) FROM stated_place GROUP BY ALL
        UNION ALL SELECT 'dataset', dataset, 1 FROM dataset""").fetchall()
    return _nested(found)


def _records_by_town(connection: DuckDBPyConnection) -> dict[str, dict[str, int]]:
    return _nested(connection.execute("SELECT table_name, town, count(*) FROM town_of GROUP BY ALL").fetchall())


def _nested(rows: Sequence[tuple[str, str, int]]) -> dict[str, dict[str, int]]:
    nested: dict[str, dict[str, int]] = defaultdict(dict)
    for table, scope, count in rows:
        nested[table][scope] = count
    return nested


def _agreement(connection: DuckDBPyConnection) -> Iterator[Count]:
    """Rows of sources that say something of a record, and those among them of which a value lost."""
    counted = connection.execute("""
        WITH owner AS (SELECT DISTINCT file_key, dataset FROM source_file),
        said AS (SELECT dataset, count(*) AS rows FROM lineage JOIN owner USING (file_key) GROUP BY dataset),
        lost AS (
            SELECT dataset, count(*) AS rows FROM (SELECT DISTINCT table_name, key, file_key, sheet, row FROM conflict)
            JOIN owner USING (file_key) GROUP BY dataset)
        SELECT dataset, said.rows, coalesce(lost.rows, 0) FROM said LEFT JOIN lost USING (dataset) ORDER BY dataset""").fetchall()
    for dataset, said, lost in counted:
        yield Count("dataset", dataset, "consistency", "agreement", said, lost)
