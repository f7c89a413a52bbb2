"""The section of the report on scores and rules, read from the folder quality/ of a release."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import pyarrow.parquet as pq
from duckdb import DuckDBPyConnection

from expectations import report
from expectations.pool_rules import DIMENSIONS, KINDS
from expectations.rule_engine import BROKEN_RECORDS
from expectations.scores import TOTAL, Score, formula_in_words, points_lost, score_facts
from flow.build import Build
from flow.context import Context
from flow.delivered import file_key
from flow.quality import BROKEN_FILE, RULES_FILE, SCORES_FILE, pool_score, read_scores, score_history
from flow.report_departments import department_ids
from flow.workspace import sql_path
from pool import Receipt

EXAMPLES = 3
"""So many broken records a rule and dataset are shown."""
WORST = 3


def quality_report(connection: DuckDBPyConnection, context: Context, build: Build) -> report.QualityReport | None:
    """Scores of the pool, the departments, the datasets and the towns, and what every rule found; None where nothing could be scored."""
    found = read_scores(build.release.quality / SCORES_FILE)
    if pool_score(found) is None:
        return None
    before = score_history(context, build.release.previous) if build.release.previous is not None else []
    history = [*before, (build.release.number, found)]
    names = {name: contract.name for name, contract in context.contracts.items()}
    ids = department_ids(context)
    pool, *others = [each for each in found if each.dimension == TOTAL]
    return report.QualityReport(
        pool=_scope(pool, "数据池", history, ids),
        dimensions=_dimensions(found),
        scopes=[_scope(each, names.get(each.scope, each.scope), history, ids) for each in others],
        rules=_rules(connection, build),
        worst=_worst(found, ids),
    )


def broken_records(
    connection: DuckDBPyConnection, context: Context, build: Build, receipts: Sequence[Receipt]
) -> Mapping[str, Sequence[report.BrokenRecord]]:
    """By dataset a few records of each rule that it answers for."""
    files = {file_key(receipt.sha256): receipt.file_name for receipt in receipts}
    found: dict[str, list[report.BrokenRecord]] = defaultdict(list)
    for dataset, rule, table, key, detail, file, sheet, row in connection.execute(f"""
        SELECT dataset, rule, table_name, key, coalesce(detail, ''), file_key, coalesce(sheet, ''), row
        FROM read_parquet({sql_path(build.release.quality / BROKEN_FILE)}) WHERE dataset IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY dataset, rule ORDER BY key, detail, file_key, sheet, row) <= {EXAMPLES}
        ORDER BY dataset, rule, key, detail, file_key, sheet, row""").fetchall():
        found[dataset].append(report.BrokenRecord(rule, table, key, detail, files.get(file, ""), sheet, row))
    return found


def _scope(total: Score, label: str, history: Sequence[tuple[int, Sequence[Score]]], ids: Mapping[str, str]) -> report.ScopeScore:
    """A scope in the last release of the history."""
    by_release = [(release, _own(total, found)) for release, found in history]
    own = by_release[-1][1]
    before = _by_dimension(by_release[-2][1]) if len(by_release) > 1 else {}
    trend = [(release, each.score) for release, found in by_release for each in found if each.dimension == TOTAL]
    return report.ScopeScore(
        label,
        total.score,
        score_facts().band(total.score),
        _by_dimension(own),
        kind=total.scope_kind,
        scope=total.scope,
        indicators=list(_indicators(own, ids)),
        trend=trend,
        before=before,
    )


def _own(total: Score, found: Sequence[Score]) -> list[Score]:
    return [each for each in found if (each.scope_kind, each.scope) == (total.scope_kind, total.scope)]


def _by_dimension(own: Sequence[Score]) -> dict[str, float]:
    return {each.dimension: each.score for each in own if each.dimension != TOTAL and each.indicator == TOTAL}


def _indicators(own: Sequence[Score], ids: Mapping[str, str]) -> Iterator[report.IndicatorScore]:
    lost = points_lost(own)
    for each in own:
        if each.good is not None and each.checked is not None:
            points = lost[each.dimension, each.indicator]
            label, figure = DIMENSIONS[each.dimension], _figure(each, ids)
            yield report.IndicatorScore(label, each.label, each.good, each.checked, each.score, points, each.opens, figure)


def _figure(score: Score, ids: Mapping[str, str]) -> str:
    """The name of what an indicator counted as bad. ids: of departments by name."""
    scope = ids[score.scope] if score.scope_kind == "department" else score.scope
    return report.score_figure(score.scope_kind, scope, score.dimension, score.indicator)


def _worst(found: Sequence[Score], ids: Mapping[str, str]) -> list[report.Worst]:
    """The indicators that cost the pool most points, each with the dataset that has most of what is bad."""
    lost = points_lost([each for each in found if each.scope_kind == "pool"])
    labels = {(each.dimension, each.indicator): each for each in found if each.scope_kind == "pool"}
    worst = []
    for place in sorted(lost, key=lambda each: (-lost[each], each))[:WORST]:
        if lost[place]:
            datasets = [each for each in found if each.scope_kind == "dataset" and (each.dimension, each.indicator) == place]
            most = max(datasets, key=lambda each: (_bad(each), each.scope), default=None)
            whole = labels[place]
            worst.append(
                report.Worst(
                    DIMENSIONS[whole.dimension],
                    whole.label,
                    _bad(whole),
                    whole.checked or 0,
                    lost[place],
                    most.scope if most and _bad(most) else "",
                    _bad(most) if most else 0,
                    _figure(whole, ids),
                    _figure(most, ids) if most else "",
                )
            )
    return worst


def _bad(score: Score) -> int:
    return (score.checked or 0) - (score.good or 0)


def _dimensions(found: Sequence[Score]) -> list[report.DimensionScore]:
    scored = {each.dimension: each.score for each in found if each.scope_kind == "pool" and each.indicator == TOTAL}
    return [
        report.DimensionScore(each.name, each.label, each.weight, formula_in_words(each), scored.get(each.name))
        for each in score_facts().dimensions.values()
    ]


def _rules(connection: DuckDBPyConnection, build: Build) -> list[report.RuleReport]:
    """The rules, those first that could not be checked, then by how many records they found."""
    by_dataset = _broken_by_dataset(connection, build)
    rows = pq.read_table(build.release.quality / RULES_FILE).to_pylist()
    rules = [
        report.RuleReport(
            row["rule"],
            KINDS[row["kind"]],
            row["sentence"],
            DIMENSIONS[row["dimension"]],
            row["severity"],
            row["checked"],
            row["broken"],
            row["cause"],
            by_dataset.get(row["rule"], {}),
        )
        for row in rows
    ]
    return sorted(rules, key=lambda rule: (rule.broken is not None, -(rule.broken or 0)))


def _broken_by_dataset(connection: DuckDBPyConnection, build: Build) -> Mapping[str, Mapping[str, int]]:
    """How many records that break each rule a dataset answers for."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for rule, dataset, rows in connection.execute(
        f"SELECT rule, dataset, {BROKEN_RECORDS} FROM read_parquet({sql_path(build.release.quality / BROKEN_FILE)}) WHERE dataset IS NOT NULL GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        found[rule][dataset] = rows
    return found
