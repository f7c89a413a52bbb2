"""Whom a release that lost too many rows is to be laid at: the batches without which it would not have lost them."""

from collections import Counter
from collections.abc import Iterable, Sequence

import pyarrow.parquet as pq

from expectations.gates import GateResult
from flow.build import Build
from flow.context import Context
from flow.delivered import file_key
from flow.quality import BROKEN_FILE
from pool import Outcome
from pool.ledger_tables import RowOutcome

RELEASE_GATE = "release"
COUNTING: tuple[RowOutcome, ...] = ("published", "merged")
"""Outcomes of the rows that count."""


def new_batches(context: Context, build: Build) -> list[str]:
    """The batches that the release before did not have, or had with other rows, in the order of their deliveries."""
    previous = build.release.previous
    known = context.pool.releases.manifest(previous)["inputs"].get("content", {}) if previous is not None else {}
    return [batch for batch, content in build.facts["inputs"]["content"].items() if known.get(batch) != content]


def to_blame(context: Context, build: Build, gate: GateResult, outcomes: Sequence[Outcome], new: Sequence[str]) -> list[str]:
    """The new batches whose rows break the quality rules that keep the release back; or the last new batch of the dataset that lost most rows, among
    those that fill a table which shrank. None where that explains nothing.

    outcomes: of the rows of the release that was held back.
    """
    if gate.broken:
        return _with_broken_rows(context, build, gate.broken, new)
    if build.release.previous is None or not gate.shrunk:
        return []
    tables = {name for name, table in context.tables.items() if table.name in gate.shrunk}
    before = _counting(context, context.pool.ledger.outcomes(build.release.previous))
    lost = before - _counting(context, outcomes)
    last = {context.pool.receipts.read(batch).contract: batch for batch in new}
    suspects = [id for id, _ in lost.most_common() if id in last and tables & {fact.table for fact in context.contracts[id].facts}]
    return [last[id] for id in suspects[:1]]


def _with_broken_rows(context: Context, build: Build, rules: Sequence[str], new: Sequence[str]) -> list[str]:
    """The new batches that brought records which break the rules."""
    broken = pq.read_table(build.release.quality / BROKEN_FILE, columns=["rule", "table_name", "key", "file_key"]).to_pylist()
    blamed = {row["file_key"] for row in broken if row["rule"] in rules} | {row["key"] for row in broken if row["table_name"] == "delivery"}
    return [batch for batch in new if batch in blamed or file_key(context.pool.receipts.read(batch).sha256) in blamed]


def _counting(context: Context, outcomes: Iterable[Outcome]) -> Counter[str]:
    """Rows that count by contract."""
    rows: Counter[str] = Counter()
    for outcome in outcomes:
        if outcome.outcome in COUNTING:
            rows[context.pool.receipts.read(outcome.batch).contract] += outcome.rows
    return rows
