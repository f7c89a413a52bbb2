"""A batch that is not as the last ones is kept out or told, the others go on, and a person may take it for the new usual."""

import json
import shutil
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from expectations.report import Anomaly
from flow.check import check
from flow.context import Context
from flow.drift import accept_drift
from flow.receive import receive
from flow.replay import replay
from flow.report_datasets import anomalies_of
from flow.summary import summarise
from pool import Batch, Pool, PoolError
from pool.copying import copy_decisions
from pool.verify import verify
from tests.cli.command import datapool
from tests.small_exports import NOW, ORGANISATIONS, context_at, organisations, write_export

ROWS = 300
MONTHS = ("20250331", "20250430", "20250531")
Rows = Sequence[dict[str, str]]


def firms(first: int = 0) -> list[dict[str, str]]:
    """Social organisations with a phone each."""
    return [{**row, "phone": f"138{place:08}"} for place, row in enumerate(organisations(ROWS, first=first))]


def deliver(context: Context, folder: Path, period: str, rows: Rows, without: str = "") -> Batch:
    """Receive and check one export a day after the last; returns the batch."""
    write_export(folder / period, ORGANISATIONS, rows, period=period, without=without)
    days = len(context.pool.ledger.batches())
    context = replace(context, run=f"run-{days}", now=NOW + timedelta(days=days))
    [receipt] = receive(context, folder / period)
    return judged(context, receipt.batch)


def judged(context: Context, batch: str) -> Batch:
    check(context, batch)
    entry = context.pool.ledger.batch(batch)
    assert entry is not None
    return entry


@pytest.fixture(scope="module")
def three_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("drift")
    context = context_at(folder / "home")
    for place, period in enumerate(MONTHS):
        assert deliver(context, folder, period, firms(first=place)).status == "accepted"
    assert context.pool.ledger.drift.notes(entry.batch for entry in context.pool.ledger.batches()) == []
    return folder / "home"


@pytest.fixture
def pool(three_months: Path, tmp_path: Path) -> Context:
    """A copy of that pool for one test."""
    return context_at(Path(shutil.copytree(three_months, tmp_path / "home")))


def _shown(context: Context, entry: Batch) -> list[Anomaly]:
    receipt = context.pool.receipts.read(entry.batch)
    return anomalies_of(context, context.contracts[ORGANISATIONS], receipt)


def _edit(context: Context, statement: str) -> None:
    with closing(sqlite3.connect(context.pool.home / "ledger.sqlite")) as ledger, ledger:
        ledger.execute(statement)


def without_phones(rows: Rows) -> list[dict[str, str]]:
    return [{**row, "phone": ""} for row in rows]


def test_batch_beyond_the_limits_is_kept_out_with_what_was_and_what_is(pool: Context, tmp_path: Path) -> None:
    entry = deliver(pool, tmp_path, "20250630", without_phones(firms(3)))
    assert entry.status == "blocked"
    assert "列“联系电话”100%没有值，以往 3 批通常不到 1%" in entry.reason
    assert f'datapool replay {entry.batch} --accept-drift "原因"' in entry.reason
    [note] = pool.pool.ledger.drift.notes([entry.batch])
    assert (note.kind, note.column_name, note.severity) == ("nulls", "phone", "block")
    [gate] = pool.pool.ledger.gates(subject=entry.batch)
    assert not gate.passed
    assert "与以往 3 批相比：1 处不同" in gate.detail["details"]
    assert (pool.pool.batches.folder(entry.batch) / "accepted.parquet").is_file(), "its rows are kept"
    assert [each.batch for source in summarise(pool).sources for each in source.kept_out] == [entry.batch]

    after = deliver(pool, tmp_path, "20250731", firms(4))
    assert after.status == "accepted", "what is blocked makes no usual"
    assert verify(pool.pool) == []


def test_accepted_drift_is_the_new_usual_and_on_record_with_who_and_why(pool: Context, tmp_path: Path) -> None:
    blocked = deliver(pool, tmp_path, "20250630", without_phones(firms(3)))
    accept_drift(pool, blocked.batch, "民政局七月起不再登记电话，已核实")
    replay(pool, [blocked.batch], "接受")
    assert judged(pool, blocked.batch).status == "accepted"
    [record] = [each for each in pool.pool.audit.records() if each.action == "drift.accept"]
    assert (record.object, record.actor, record.details["reason"]) == (blocked.batch, pool.actor, "民政局七月起不再登记电话，已核实")
    assert record.details["anomalies"] == ["nulls phone"]
    assert [each for source in summarise(pool).sources for each in source.drift] == [], "nobody needs to hear of it again"
    [shown] = _shown(pool, blocked)
    assert shown.severity == "accepted"

    after = deliver(pool, tmp_path, "20250731", without_phones(firms(4)))
    assert after.status == "accepted"
    assert pool.pool.ledger.drift.notes([after.batch]) == []
    assert verify(pool.pool) == []

    rebuilt = Pool.open(tmp_path / "rebuilt")
    copy_decisions(pool.pool.ledger, rebuilt.ledger)
    assert set(rebuilt.ledger.drift.acceptances()) == {blocked.batch}, "a rebuild comes to the same"


def test_the_command_accepts_one_batch_and_judges_it_again(pool: Context, tmp_path: Path) -> None:
    blocked = deliver(pool, tmp_path, "20250630", without_phones(firms(3)))
    home = ("--home", pool.pool.home)
    assert datapool("replay", "--accept-drift", "已核实", *home).code == 2, "not without a batch"
    answer = datapool("replay", blocked.batch, "--accept-drift", "民政局已核实", *home)
    assert answer.code == 0, answer.output + answer.errors
    assert judged(pool, blocked.batch).status == "accepted"
    assert [each.reason for each in pool.pool.ledger.drift.acceptances().values()] == ["民政局已核实"]


def test_acceptance_that_somebody_edits_is_found(pool: Context, tmp_path: Path) -> None:
    blocked = deliver(pool, tmp_path, "20250630", without_phones(firms(3)))
    accept_drift(pool, blocked.batch, "已核实")
    assert pool.pool.ledger.broken_seals() == []
    _edit(pool, "UPDATE drift_acceptance SET reason = '没有人问过'")
    assert pool.pool.ledger.broken_seals() == [("drift_acceptance", blocked.batch, "changed")]


def test_nothing_unusual_cannot_be_accepted_nor_anything_without_a_reason(pool: Context) -> None:
    [*_, last] = pool.pool.ledger.batches()
    with pytest.raises(PoolError, match="没有与以往不同的地方"):
        accept_drift(pool, last.batch, "试试")
    with pytest.raises(PoolError, match="请写明为何接受"):
        accept_drift(pool, last.batch, " ")
    with pytest.raises(PoolError, match="没有批次 nothing"):
        accept_drift(pool, "nothing", "试试")
    assert not [each for each in pool.pool.audit.records() if each.action == "drift.accept"]


def test_required_column_that_is_missing_cannot_be_accepted_away(pool: Context, tmp_path: Path) -> None:
    blocked = deliver(pool, tmp_path, "20250630", firms(3), without="uscc")
    accept_drift(pool, blocked.batch, "试试")
    replay(pool, [blocked.batch], "试试")
    assert judged(pool, blocked.batch).status == "blocked"


def test_smaller_change_is_told_and_the_batch_counts(pool: Context, tmp_path: Path) -> None:
    rows = [{**row, "approved_on": row["approved_on"].replace("-", "/")} for row in firms(3)]
    entry = deliver(pool, tmp_path, "20250630", rows)
    assert entry.status == "accepted"
    [told] = [each for source in summarise(pool).sources for each in source.drift]
    assert told.startswith("social_organisation_20250630.csv：列“批准日期”写法变了")
    [shown] = _shown(pool, entry)
    assert (shown.label, shown.severity) == ("写法", "warn")
    assert {(each.usual, each.now) for each in shown.classes} == {(1.0, 0.0), (0.0, 1.0)}


def test_batches_judged_before_shapes_were_kept_make_no_usual(pool: Context, tmp_path: Path) -> None:
    for entry in pool.pool.ledger.batches():
        file = pool.pool.batches.folder(entry.batch) / "profile.json"
        profile = json.loads(file.read_text(encoding="utf-8"))
        del profile["shape"]
        file.chmod(0o600)
        file.write_text(json.dumps(profile), encoding="utf-8")
    assert deliver(pool, tmp_path, "20250630", without_phones(firms(3))).status == "accepted"


def test_profile_holds_no_value_of_a_person(three_months: Path) -> None:
    context = context_at(three_months)
    for entry in context.pool.ledger.batches():
        kept = (context.pool.batches.folder(entry.batch) / "profile.json").read_bytes()
        for row in [row for place in range(len(MONTHS)) for row in firms(place)]:
            assert not any(row[name].encode() in kept for name in ("uscc", "name", "phone", "registered_address_text"))
