"""What goes of a pool and what stays, and what a rollback holds back."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from address_matching import RULE_VERSION
from flow.receive import receive, waiting_batches
from flow.replay import replay
from flow.run import advance
from flow.set_aside import roll_back, withdraw
from flow.trace.record import trace
from flow.trace.rows import RETIRED
from flow.upkeep.held import let_go_on
from flow.upkeep.releases import release_fates
from flow.upkeep.retire import plan, retire
from pool import PoolError
from pool.verify import verify
from schemas.duration import Duration
from schemas.retention import ReleaseRetention
from tests.flow.history import History, firms
from tests.small_exports import ORGANISATIONS
from transforms.survive import record_key

YEAR_LATER = datetime(2026, 7, 10, 2, tzinfo=UTC)
DROPS = {"20240131": firms("1", "2"), "20240630": firms("1a", "2a"), "20250630": firms("1a", "2b", "3")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> History:
    """Three deliveries and as many releases; of the first nothing is left, the second holds a row of the last."""
    history = History(tmp_path_factory.mktemp("made"))
    for number, (period, rows) in enumerate(DROPS.items(), start=1):
        history.take(history.write({period: rows}))
        assert advance(history.context) == number
    return history


@pytest.fixture
def history(made: History, tmp_path: Path) -> Iterator[History]:
    """A copy of it, a year later, for batches that are kept a year and releases of which the last is kept."""
    shutil.copytree(made.folder / "home", tmp_path / "home")
    history = History(tmp_path)
    context = history.context
    city = replace(context.city, retention=ReleaseRetention(1, 0, 0, 0, 0, 48))
    history.context = replace(context, city=city, now=YEAR_LATER, run="run-upkeep")
    history.put_contract(replace(context.contracts[ORGANISATIONS], retention=Duration(years=1)))
    yield history
    assert verify(history.context.pool) == []


def kept_by(history: History) -> dict[int, list[str]]:
    return {fate.release: list(fate.kept_by) for fate in release_fates(history.context)}


def test_current_release_its_neighbour_and_those_of_the_rule_stay(history: History) -> None:
    assert kept_by(history) == {1: [], 2: ["与当前发布相邻，供回退"], 3: ["当前发布", "最近 1 版"]}
    assert retire(history.context).releases == [1]
    assert history.context.pool.releases.numbers() == [2, 3]


def test_what_was_current_lately_stays(history: History) -> None:
    context = history.context
    roll_back(context, 1, "看一看")
    roll_back(context, 3, "没有事")
    assert kept_by(history)[1] == ["与当前发布相邻，供回退", "48 小时内曾是当前发布"]
    history.context = replace(context, now=datetime(2026, 7, 12, 3, tzinfo=UTC))
    assert kept_by(history)[1] == ["与当前发布相邻，供回退"], "it was left last"


def test_batch_of_which_nothing_is_left_goes_and_the_others_say_why_they_stay(history: History) -> None:
    context = history.context
    first, second, last = (history.batch(period) for period in DROPS)
    fates = {fate.batch: (fate.may_go, fate.reason) for fate in plan(context).batches}
    assert fates[first] == (True, "期次 2024-01-31、收到于 2025-07-02，都已超过留存期限 1 年；没有行仍被采用")
    assert fates[second] == (False, "发布 2 采用着它的 2 行")
    assert fates[last] == (False, "发布 3 采用着它的 3 行")
    before = history.state()

    done = retire(context)
    assert (done.batches, done.raw_files) == ([first], 1)
    after = history.state()
    assert after.names == before.names
    assert first not in after.outcomes
    history.context = replace(context, run="run-next")
    assert advance(history.context) == 4, "what only that batch told is told no more"
    assert {"协会1", "协会2"} <= names_in_history(history, 4, "known_to = 4")
    assert names_in_history(history, 4, "known_to IS NULL") == {"协会1a", "协会2a", "协会2b", "协会3"}


def names_in_history(history: History, number: int, condition: str) -> set[str]:
    """Names in the history of organisations of a release."""
    folder = history.context.pool.releases.folder(number) / "pool" / "organisation_history"
    with duckdb.connect() as connection:
        return {name for (name,) in connection.execute(f"SELECT name FROM '{folder}/*.parquet' WHERE {condition}").fetchall()}


@pytest.mark.parametrize(
    ("now", "is_due"),
    [(datetime(2026, 7, 1, 15, tzinfo=UTC), False), (datetime(2026, 7, 1, 17, tzinfo=UTC), True)],  # midnight in the city is 16:00 UTC
)
def test_batch_is_due_when_period_and_receipt_lie_far_enough_back(history: History, now: datetime, is_due: bool) -> None:
    history.context = replace(history.context, now=now)
    assert [fate.batch for fate in plan(history.context).batches if fate.may_go] == ([history.batch("20240131")] if is_due else [])


def test_without_a_retention_batches_stay_for_ever(history: History) -> None:
    history.put_contract(replace(history.context.contracts[ORGANISATIONS], retention=None))
    found = plan(history.context)
    assert (found.batches, found.not_due) == ([], 0)
    assert found.kept_for_ever == len(history.context.pool.ledger.batches())


def test_batch_stays_while_one_that_stays_takes_rows_over_from_it(history: History) -> None:
    retire(history.context)
    history.context = replace(history.context, run="run-4")
    assert advance(history.context) == 4
    pool = history.context.pool
    history.context = replace(history.context, run="run-5", now=YEAR_LATER + timedelta(days=9), software="9")
    assert advance(history.context) == 5
    assert pool.ledger.counting_rows([4, 5], ("published", "merged")).keys().isdisjoint({history.batch("20240630")})
    retire(replace(history.context, now=YEAR_LATER + timedelta(days=20)))
    fates = {fate.batch: fate.reason for fate in plan(history.context).batches}
    assert fates[history.batch("20240630")] == f"批次 {history.batch('20250630')} 沿用它的行"


def test_batch_of_a_release_that_stays_stays(history: History) -> None:
    roll_back(history.context, 1, "看一看")
    history.context = replace(history.context, run="run-1")
    fates = {fate.batch: fate.reason for fate in plan(history.context).batches}
    assert fates[history.batch("20240131")] == "发布 1 采用着它的 2 行"
    assert fates[history.batch("20250630")] == "发布 3 采用着它的 3 行", "withdrawn, but a rollback may bring it back"


def test_batch_not_yet_in_a_release_stays(history: History) -> None:
    batch = history.batch("20240131")
    replay(history.context, [batch], "试试")
    assert {fate.batch: fate.reason for fate in plan(history.context).batches}[batch] == "还没有检查"
    history.context.pool.ledger.set_batch_status(history.batch("20250630"), "withdrawn", now=YEAR_LATER)
    history.check_waiting()


def test_batch_whose_successor_was_taken_back_stays(history: History) -> None:
    first, last = history.batch("20240131"), history.batch("20250630")
    withdraw(history.context, last, "送错了")
    assert {fate.batch: fate.reason for fate in plan(history.context).batches}[
        first
    ] == f"批次 {last} 在当前发布以后撤回或重新检查过，等下一版"
    assert retire(history.context).batches == []


def test_while_the_contract_has_changed_since_the_release_its_batches_stay(history: History) -> None:
    history.put_contract(replace(history.context.contracts[ORGANISATIONS], version="9.0.0", delivery="incremental"))
    assert "契约在当前发布以后改过，等下一版" in {fate.reason for fate in plan(history.context).batches}
    assert retire(history.context).batches == []


def test_while_somebody_reads_batches_they_stay_for_the_next_time(history: History) -> None:
    pool, batch = history.context.pool, history.batch("20240131")
    with pool.reading():
        done = retire(history.context)
    assert (done.releases, done.batches) == ([1], [])
    assert "有任务正在读批次" in done.in_use[0]
    with pool.dataset_lock(ORGANISATIONS):
        done = retire(history.context)
    assert (done.batches, done.in_use) == ([], ["数据集 社会组织 正在检查批次，它的批次留到下次"])
    assert retire(history.context).batches == [batch]


def test_retired_file_that_comes_again_is_not_taken_and_does_not_stay_in_the_inbox(history: History) -> None:
    context = history.context
    batch = history.batch("20240131")
    inbox = context.pool.paths.inbox
    drop = history.write({"20240131": DROPS["20240131"]})
    history.context = context
    shutil.copytree(drop, inbox, dirs_exist_ok=True)
    [file] = inbox.rglob("*.csv")
    again = file.read_bytes()
    retire(context)
    assert list(inbox.rglob("*.csv")) == []
    file.write_bytes(again)
    [delivery] = receive(context, inbox)
    assert (delivery.batch, delivery.known, waiting_batches(context)) == (batch, True, [])
    assert list(inbox.rglob("*.csv")) == []
    for refused in (lambda: replay(context, [batch], ""), lambda: withdraw(context, batch, "")):
        with pytest.raises(PoolError, match=f"批次 {batch} 已于 2026-07-10 清退"):
            refused()


def test_record_of_the_past_whose_file_went_is_traced_to_its_receipt(history: History) -> None:
    context = history.context
    table = context.tables["organisation_history"]
    folder = context.pool.releases.folder(3) / "pool" / table.dataset
    with duckdb.connect() as connection:
        records = f"FROM '{folder}/*.parquet' AS records WHERE name = '协会1' AND known_to IS NULL"
        [(key,)] = connection.execute(f"SELECT {record_key(table, 'records')} {records}").fetchall()
    before = trace(context, table.dataset, key, unmasked=True, reason="核对")
    assert "协会1" in before.rows[0].cells.values()
    retire(context)
    after = trace(context, table.dataset, key)
    assert (after.rows[0].receipt, list(after.rows[0].cells)) == (before.rows[0].receipt, [RETIRED])


@pytest.fixture
def upgraded(history: History) -> History:
    """It was published anew by other software, and rolled back."""
    history.context = replace(history.context, software="9")
    assert advance(history.context) == 4
    done = roll_back(replace(history.context, run="run-back"), 3, "新软件有误")
    assert (done.withdrawn, done.differences) == ([], ["软件"])
    return history


def test_after_a_rollback_the_same_is_not_published_again_before_a_person_says_so(upgraded: History) -> None:
    releases = upgraded.context.pool.releases
    for run in ("run-6", "run-7"):
        upgraded.context = replace(upgraded.context, run=run)
        assert (advance(upgraded.context), releases.current()) == (None, 3)
    let_go_on(upgraded.context)
    upgraded.context = replace(upgraded.context, run="run-8")
    assert advance(upgraded.context) == 5
    assert releases.manifest(5)["previous"] == 3
    let_go_on(upgraded.context)
    assert len(upgraded.context.pool.ledger.upkeep.rollbacks()) == 2, "nothing holds any more"


def test_after_a_rollback_what_has_changed_is_published(upgraded: History) -> None:
    context = replace(upgraded.context, run="run-6")
    upgraded.take(upgraded.write({"20250731": firms("1a", "4")}))
    upgraded.context = context
    assert advance(context) == 5
    assert advance(replace(context, run="run-7")) is None


def test_libraries_and_results_on_which_nothing_stands_go(history: History) -> None:
    pool = history.context.pool
    [used] = pool.library.names()
    results = pa.table({"input_key": pa.array([], pa.string())})
    for version in ("old1", "old2", "new1", "new2", "new3"):
        with pool.library.building(version) as folder:
            (folder / "addresses.parquet").touch()
    for version in ("old1", "old2"):
        pool.matches.add(version, RULE_VERSION, "some", results)
        pool.matches.add(version, RULE_VERSION, "other", results)
        pool.matches.add(version, "old-rules", "some", results)
    pool.matches.add("new1", RULE_VERSION, "some", results, below=["old2"])
    pool.matches.add("new2", RULE_VERSION, "some", results)
    pool.matches.add("new3", RULE_VERSION, "some", results)
    done = retire(history.context)
    assert pool.library.names() == sorted([used, "new1", "new2", "new3"])
    left = {path.relative_to(pool.paths.matches).as_posix() for path in pool.paths.matches.rglob("*") if path.parts[-3] != used}
    assert {path for path in left if path.startswith("old")} == {"old2", f"old2/{RULE_VERSION}", f"old2/{RULE_VERSION}/some.parquet"}
    assert (done.libraries, done.result_files) == (2, 5)
