"""The section of the report on scores and rules, read from the folder quality/ of a release."""

from collections.abc import Sequence

import pyarrow.parquet as pq

from expectations import report
from expectations.pool_rules import DIMENSIONS, KINDS
from expectations.scores import TOTAL, Score, formula_in_words, score_facts
from flow.build import Build
from flow.context import Context
from flow.quality import RULES_FILE, SCORES_FILE, pool_score, read_scores, score_history


def quality_report(context: Context, build: Build) -> report.QualityReport | None:
    """Scores of the pool, the departments and the datasets, and what every rule found; None where nothing could be scored."""
    found = read_scores(build.release.quality / SCORES_FILE)
    if (total := pool_score(found)) is None:
        return None
    before = score_history(context, build.release.previous) if build.release.previous is not None else []
    trend = [(number, score[0]) for number, scores in before if (score := pool_score(scores)) is not None]
    pool, *others = [each for each in found if each.dimension == TOTAL and each.scope_kind != "town"]
    names = {name: contract.name for name, contract in context.contracts.items()}
    return report.QualityReport(
        pool=_scope(pool, "数据池", found),
        dimensions=_dimensions(found),
        scopes=[_scope(each, names.get(each.scope, each.scope), found) for each in others],
        rules=_rules(build),
        trend=[*trend, (build.release.number, total[0])],
    )


def _scope(total: Score, label: str, found: Sequence[Score]) -> report.ScopeScore:
    own = [each for each in found if (each.scope_kind, each.scope) == (total.scope_kind, total.scope)]
    dimensions = {each.dimension: each.score for each in own if each.dimension != TOTAL and each.indicator == TOTAL}
    return report.ScopeScore(label, total.score, score_facts().band(total.score), dimensions)


def _dimensions(found: Sequence[Score]) -> list[report.DimensionScore]:
    scored = {each.dimension: each.score for each in found if each.scope_kind == "pool" and each.indicator == TOTAL}
    return [
        report.DimensionScore(each.name, each.label, each.weight, formula_in_words(each), scored.get(each.name))
        for each in score_facts().dimensions.values()
    ]


def _rules(build: Build) -> list[report.RuleReport]:
    """The rules, those first that could not be checked, then by how many records they found."""
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
            table=row["table_name"],
        )
        for row in rows
    ]
    return sorted(rules, key=lambda rule: (rule.broken is not None, -(rule.broken or 0)))
