"""A release that needs a person's approval waits unseen, is published as it was seen or refused, and nothing is decided by accident."""

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flow.approval.decide import Decision, approve, complete_approved, fate, refuse
from flow.approval.waiting import COMMAND_LINE, Waiting, note_step, settle_waiting, waiting
from flow.context import Context
from flow.erase.erase import erase, prepare
from flow.progress import silent
from flow.query import ANALYST
from flow.run import advance, run
from flow.set_aside import roll_back, withdraw
from flow.summary import summarise
from flow.trace.record import trace
from pool import PoolError
from pool.verify import verify
from tests.cli.command import datapool
from tests.small_exports import NOW, ORGANISATIONS, RESIDENTS, context_at, organisations, residents, write_export

BASIS = "2025-41 号件"


def asking(home: Path, day: int) -> Context:
    """The pool on a day, where the contract of the organisations asks for approval."""
    context = context_at(home, now=NOW + timedelta(days=day), run=f"run-{day}")
    asks = replace(context.contracts[ORGANISATIONS], approval=True)
    return replace(context, contracts={**context.contracts, ORGANISATIONS: asks})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool whose second release, with more organisations and residents than the first, waits for approval."""
    folder = tmp_path_factory.mktemp("approval")
    write_export(folder / "first", ORGANISATIONS, organisations(3))
    write_export(folder / "first", RESIDENTS, residents(3))
    assert run(context_at(folder / "home"), folder / "first") == 1
    write_export(folder / "second", ORGANISATIONS, organisations(4), period="20250701")
    write_export(folder / "second", RESIDENTS, residents(4), period="20250701")
    assert run(asking(folder / "home", 1), folder / "second") is None
    return folder / "home"


@pytest.fixture
def own(home: Path, tmp_path: Path) -> Context:
    """A copy of that pool on the next day."""
    return asking(Path(shutil.copytree(home, tmp_path / "home", symlinks=True)), 2)


def waits_in(context: Context) -> Waiting:
    found = waiting(context)
    assert found is not None
    return found


def decided(context: Context, seen: str = "") -> Decision:
    return Decision("王科长", BASIS, COMMAND_LINE, seen or waits_in(context).digest)


def rows(context: Context, release: int, table: str) -> int:
    return int(context.pool.releases.manifest(release)["tables"][table]["rows"])


def actions(context: Context) -> list[tuple[str, str]]:
    return [(record.action, record.object) for record in context.pool.audit.records() if record.action.startswith("release.")]


def test_no_reader_sees_a_release_that_waits_and_running_again_changes_nothing(own: Context, tmp_path: Path) -> None:
    assert (own.pool.releases.current(), own.pool.releases.numbers()) == (1, [1])
    assert own.pool.shares.current(ANALYST) == 1
    assert not own.pool.shares.folder(ANALYST, 2).exists()
    assert verify(own.pool) == []
    before = waits_in(own)
    assert before.release == 2
    assert [own.pool.receipts.read(batch).contract for batch in before.batches] == [ORGANISATIONS], "residents need nobody's approval"

    assert advance(own) is None
    assert waits_in(own) == before
    assert summarise(own).waiting == before
    assert actions(own) == [("release.publish", "1"), ("release.wait", "2")]
    answer = datapool("status", "--home", own.pool.home)
    assert "发布 2 自 2025-07-02 02:00 UTC 起等待批准，在此以前仍是发布 1" in answer.output


def test_the_sheet_tells_what_is_new_what_changed_and_the_digests_and_no_person(own: Context) -> None:
    sheet = waits_in(own).sheet
    [batch] = waits_in(own).batches
    assert f"| 社会组织 | social_organisation_20250701.csv | 2025-07-01 | 4 | 4 | 0 | `{batch}` |" in sheet
    assert "| 单位 | 4 | 3 | 1 | 0 | 0 |" in sheet
    assert "行去向合计" in sheet
    for person in residents(4):
        assert person["citizen_number"] not in sheet
        assert person["name"] not in sheet
    shown = datapool("release", "show", "--home", own.pool.home)
    assert shown.code == 1
    assert sheet in shown.output
    assert waits_in(own).digest in shown.output


def test_approved_release_is_published_as_it_was_seen_and_all_of_it_is_on_record(own: Context) -> None:
    waits, home = waits_in(own), own.pool.home
    words = ("release", "approve", 2, "--reason", BASIS, "--who", "王科长", "--home", home, "--seen")
    wrong = datapool(*words, "0123456789ab")
    assert (wrong.code, own.pool.releases.current()) == (2, 1)
    assert "不是发布 2 现在的这一份" in wrong.errors
    assert datapool(*words, waits.digest[:12]).code == 0

    assert (own.pool.releases.current(), own.pool.shares.current(ANALYST), own.pool.releases.waiting()) == (2, 2, [])
    assert (rows(own, 2, "organisation"), rows(own, 2, "person")) == (4, 4)
    given = own.pool.ledger.approvals.of(2)["approved"]
    assert (given.person, given.reason, given.channel, given.sheet) == ("王科长", BASIS, "命令行", waits.sheet)
    manifest = own.pool.releases.manifest(2)
    assert (manifest["approval"]["by"], manifest["approval"]["sheet"], manifest["run"]) == ("王科长", waits.digest, waits.run)
    assert (own.pool.releases.folder(2) / "report" / "approval.md").read_text(encoding="utf-8") == waits.sheet
    assert actions(own)[-2:] == [("release.approve", "2"), ("release.publish", "2")]
    assert verify(own.pool) == []

    again = datapool(*words, waits.digest[:12])
    assert again.code == 2
    assert "发布 2 已由 王科长 于" in again.errors
    assert datapool("release", "show", "--home", home).output == "没有等待批准的版本。\n"
    assert json.loads(datapool("release", "show", 2, "--json", "--home", home).output)["steps"]["approved"]["sheet"] == waits.sheet
    assert advance(asking(home, 3)) is None, "there is nothing new"


def test_refused_release_leaves_the_last_one_and_the_next_run_publishes_the_others(own: Context) -> None:
    waits, home = waits_in(own), own.pool.home
    answer = datapool("release", "refuse", 2, "--reason", "家数不符", "--who", "王科长", "--seen", waits.digest, "--home", home)
    assert answer.code == 0, answer.errors
    assert (own.pool.releases.current(), own.pool.releases.waiting()) == (1, [])
    [blocked] = own.pool.ledger.batches(status="blocked")
    assert [blocked.batch] == waits.batches
    assert blocked.reason == "发布 2 未获批准（王科长）：家数不符"
    assert verify(own.pool) == []

    assert advance(asking(home, 3)) == 3, "the number that was asked about is not given again"
    assert (rows(own, 3, "organisation"), rows(own, 3, "person")) == (3, 4)
    assert own.pool.ledger.approvals.of(2)["refused"].sheet == waits.sheet
    assert "不批准：家数不符" in datapool("release", "show", 2, "--home", home).output
    assert verify(own.pool) == []


def test_a_newer_release_takes_the_place_of_the_one_that_waits(own: Context, tmp_path: Path) -> None:
    write_export(tmp_path / "third", RESIDENTS, residents(5), period="20250702")
    assert run(own, tmp_path / "third") is None
    assert own.pool.releases.waiting() == [3]
    assert fate(own, 2) == "发布 2 已作废：发布 3 取代了它"
    with pytest.raises(PoolError, match="发布 2 已作废"):
        approve(own, 2, decided(own))
    assert approve(own, 3, decided(own)) == 3
    assert (rows(own, 3, "organisation"), rows(own, 3, "person")) == (4, 5)
    assert verify(own.pool) == []


def test_what_was_approved_when_the_process_died_is_published_by_the_next_run(own: Context) -> None:
    note_step(own, waits_in(own), "approved", person="王科长", reason=BASIS, channel=COMMAND_LINE)
    assert complete_approved(own) == 2
    assert own.pool.releases.current() == 2
    assert complete_approved(own) is None
    assert verify(own.pool) == []


def test_a_refusal_that_was_cut_off_is_carried_out_by_the_next_publisher(own: Context) -> None:
    waits = waits_in(own)
    note_step(own, waits, "refused", person="王科长", reason="家数不符", channel=COMMAND_LINE)
    with own.pool.publisher_lock(holder=own.run):
        settle_waiting(own)
    assert [entry.batch for entry in own.pool.ledger.batches(status="blocked")] == waits.batches
    assert own.pool.releases.waiting() == []


def test_nothing_is_approved_that_a_person_took_back_since(own: Context) -> None:
    [batch] = waits_in(own).batches
    withdraw(own, batch, "送错了文件")
    with pytest.raises(PoolError, match=f"批次 {batch} 在等待期间撤回"):
        approve(own, 2, decided(own))
    assert own.pool.releases.current() == 1
    assert "approved" not in own.pool.ledger.approvals.of(2)


def test_nothing_is_published_that_was_changed_since_it_was_seen(own: Context) -> None:
    table = own.pool.releases.waiting_folder(2) / "pool" / "organisation.parquet"
    table.chmod(0o600)
    table.write_bytes(table.read_bytes() + b"?")
    with pytest.raises(PoolError, match="在等待批准期间被改动"):
        approve(own, 2, decided(own))
    assert own.pool.releases.current() == 1
    assert "approved" not in own.pool.ledger.approvals.of(2)


@pytest.mark.parametrize("decision", [Decision("", BASIS, COMMAND_LINE, ""), Decision("王科长", " ", COMMAND_LINE, "")])
def test_nobody_decides_without_a_name_and_a_basis(own: Context, decision: Decision) -> None:
    for decide in (approve, refuse):
        with pytest.raises(PoolError, match="决定人和依据"):
            decide(own, 2, replace(decision, seen=waits_in(own).digest))


def test_a_rollback_supersedes_what_waits(own: Context) -> None:
    roll_back(own, 1, "有误")
    assert waiting(own) is None
    assert fate(own, 2) == "发布 2 已作废：回退到发布 1"


def test_who_is_erased_stands_in_no_release_that_waits(own: Context) -> None:
    person = trace(own, "person", residents(1)[0]["citizen_number"]).key
    erase(own, prepare(own, silent, person_id=person), "2025 年第 1 号申请")
    assert own.pool.releases.waiting() == []
    assert fate(own, 2) == "发布 2 已作废：依申请删除了其中的内容"
