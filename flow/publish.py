"""Publish: prove the tables of a release, pass its gate, and state its accounts and hashes. Nobody reads it yet."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from expectations.gates import GateResult, Limits, RowAccount, release_gate
from expectations.rule_engine import BROKEN, RuleResult, rule_suite
from expectations.suites import suite_for_release
from expectations.validation import validate_tables
from flow.blame import RELEASE_GATE, new_batches, to_blame
from flow.build import LINKED, Build, note_build, resume_build
from flow.context import Context
from flow.delivered import batch_profile
from flow.history import open_part
from flow.quality import BROKEN_FILE, SCORES_FILE, assess, pool_score, read_scores, write_validation
from flow.resolve import resolve
from flow.workspace import sql_path, table_source, workspace
from pool import Gate, Outcome, ReleaseBuild
from pool.content import content_hash

NEW_BATCHES_BLOCKED = "本次新增的 {count} 个批次已拦下（见 datapool status）。请与来源部门核实，改正后重新报送；确属实情的，调整城市目录中的 limits 后用 datapool replay 重放。"
GUILTY_BLOCKED = "造成下降的批次已拦下（见 datapool status）。请与来源部门核实，改正后重新报送；确属实情的，调整城市目录中的 limits 后用 datapool replay 重放。"
NOTHING_NEW_BLOCKED = "本次没有新增批次：是契约、地址库、匹配规则或软件的变化所致，请检查这些变化。"


QUALITY = "quality"
"""In the manifest, see `_quality`."""
MAY_SHRINK = ("conflict", "entity_doubt", "entity_link", "entity_redirect")
"""Tables of what is not settled, or follows from others: fewer rows are no loss of theirs."""


class ReleaseBlocked(Exception):
    """The gate kept a release back; the message says why, in Chinese."""


def publish(context: Context, number: int) -> int:
    """Check the tables that `resolve` built and note their rows, hashes and accounts; returns the number of the release that may go on.

    Where the gate holds it back, its folder is gone and the batches to blame are marked blocked; without them another release is built.
    Raises ReleaseBlocked when nothing new is left, or nobody can tell which batches are to blame: then all new ones are blocked. The last
    release stays.
    """
    blocked = None
    while (refusal := _prove(context, number)) is not None:
        blocked = blocked or refusal
        again = resolve(context)
        if again is None:
            raise ReleaseBlocked(blocked)
        number = again
    return number


def _prove(context: Context, number: int) -> str | None:
    """Pass the gate and note what was proved; returns why the gate held the release back, None if it did not."""
    with context.pool.publisher_lock(holder=context.run):
        build = resume_build(context, number)
        with context.stage("publish.accounts"), workspace(context.pool) as connection:
            tables = _describe_tables(connection, context, build)
            outcomes = _outcomes(connection, build.release)
        _link_unchanged_tables(context, build.release, tables)
        with context.stage("publish.rules"):
            rules = assess(context, build, outcomes)
        gate = _pass_gate(context, build, tables, outcomes, rules)
        context.pool.ledger.record_gate(
            Gate(
                context.run,
                f"release:{number}",
                RELEASE_GATE,
                gate.passed,
                context.now,
                "；".join(gate.blocked_by),
                {"details": list(gate.details)},
            )
        )
        if not gate.passed:
            _keep_back(context, build, gate, outcomes)
            return _message(build, gate, GUILTY_BLOCKED)
        context.pool.ledger.record_outcomes(number, outcomes)
        note_build(context, build.release, build.facts | {"tables": tables, "gate": list(gate.details), QUALITY: _quality(build, rules)})
    return None


def table_files(folder: Path) -> dict[str, Path]:
    """The Parquet file of each table of a release, or the folder of its parts."""
    return {path.name.removesuffix(".parquet"): path for path in sorted(folder.iterdir())}


def _describe_tables(connection: DuckDBPyConnection, context: Context, build: Build) -> dict[str, dict[str, Any]]:
    """Rows and content hash of every table; of those that are linked what the release before says."""
    previous, linked = build.release.previous, build.facts[LINKED]
    before = context.pool.releases.manifest(previous)["tables"] if previous is not None else {}
    described = {}
    for table, path in table_files(build.release.tables).items():
        is_linked = table in linked
        described[table] = before[table] if is_linked else asdict(content_hash(connection, table_source(path)))
    return described


def _outcomes(connection: DuckDBPyConnection, release: ReleaseBuild) -> list[Outcome]:
    counted = connection.execute(f"""
        SELECT batch, outcome, count(*), coalesce(reason, '') FROM read_parquet({sql_path(release.tables / "row_outcome.parquet")})
        GROUP BY ALL ORDER BY ALL""").fetchall()
    return [Outcome(*row) for row in counted]


def _link_unchanged_tables(context: Context, release: ReleaseBuild, tables: Mapping[str, Mapping[str, Any]]) -> None:
    if release.previous is None:
        return
    before = context.pool.releases.manifest(release.previous)["tables"]
    for table, facts in tables.items():
        if before.get(table) == facts:
            release.link_unchanged(table)


def _pass_gate(
    context: Context, build: Build, tables: Mapping[str, Mapping[str, Any]], outcomes: list[Outcome], rules: Sequence[RuleResult]
) -> GateResult:
    release = build.release
    files = {name: open_part(path) for name, path in table_files(release.tables).items() if open_part(path).is_file()}
    present = {name: contract for name, contract in context.tables.items() if name in files}
    before = context.pool.releases.manifest(release.previous)["tables"] if release.previous is not None else None
    with context.stage("publish.expectations"):
        empty = [name for name in present if not tables[name]["rows"]]
        suites = [*suite_for_release(present, empty), rule_suite(rules)]
        validations = validate_tables({**files, BROKEN: release.quality / BROKEN_FILE}, suites)
    write_validation(build, validations)
    return release_gate(
        _rows_by_name(context, tables),
        _rows_by_name(context, {name: facts for name, facts in before.items() if name not in MAY_SHRINK}) if before is not None else None,
        validations[:-1],
        _accounts(context, build.facts["inputs"]["batches"], outcomes),
        Limits(context.city.limits["quarantined_share"], context.city.limits["drop_share"], context.city.rule_limits),
        rules,
    )


def _quality(build: Build, rules: Sequence[RuleResult]) -> dict[str, Any]:
    """What the manifest says of the quality: the score of the pool, its band, and how many rules came out how."""
    score = pool_score(read_scores(build.release.quality / SCORES_FILE))
    return {"score": score and score[0], "band": score and score[1], "rules": dict(Counter(result.outcome for result in rules))}


def _rows_by_name(context: Context, tables: Mapping[str, Mapping[str, Any]]) -> dict[str, int]:
    """Rows of the tables whose loss would be one: answers to questions may grow few."""
    return {context.tables[name].name: facts["rows"] for name, facts in tables.items() if context.tables[name].system == "pool"}


def _accounts(context: Context, batches: Sequence[str], outcomes: list[Outcome]) -> list[RowAccount]:
    """Per dataset the rows received in the batches of the release, and their outcomes by the release."""
    contract_of = {batch: context.contracts[context.pool.receipts.read(batch).contract].name for batch in batches}
    received: Counter[str] = Counter()
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for batch, name in contract_of.items():
        received[name] += batch_profile(context, batch)["rows"]["received"]
    for outcome in outcomes:
        counted[contract_of[outcome.batch]][outcome.outcome] += outcome.rows
    return [RowAccount(name, rows, counted[name]) for name, rows in sorted(received.items())]


def _keep_back(context: Context, build: Build, gate: GateResult, outcomes: Sequence[Outcome]) -> None:
    """Remove the release and block the batches to blame: they are not read again before they are replayed.

    Raises ReleaseBlocked where nobody can tell which they are, after blocking all that are new.
    """
    reasons = "；".join(gate.blocked_by)
    new = new_batches(context, build)
    guilty = to_blame(context, build, gate, outcomes, new)
    for batch in guilty or new:
        context.pool.ledger.record_gate(Gate(context.run, batch, RELEASE_GATE, False, context.now, reasons))
        context.pool.ledger.set_batch_status(batch, "blocked", now=context.now, reason=f"发布关卡未通过：{reasons}")
    context.pool.releases.abandon(build.release)
    details = {"run": context.run, "batches": guilty or new, "reasons": list(gate.blocked_by)}
    context.pool.audit.append("release.block", str(build.release.number), context.actor, "blocked", context.now, details)
    if not guilty:
        advice = NEW_BATCHES_BLOCKED.format(count=len(new)) if new else NOTHING_NEW_BLOCKED
        raise ReleaseBlocked(_message(build, gate, advice))


def _message(build: Build, gate: GateResult, advice: str) -> str:
    return f"发布 {build.release.number} 未通过关卡，上一版保持不变。{'；'.join(gate.blocked_by)}。{advice}"
