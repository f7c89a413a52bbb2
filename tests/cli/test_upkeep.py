"""What keeps a pool in order: status, verify, releases, rollback, replay, report, doctor."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flow.context import open_context
from flow.summary import summarise
from pool import Pool
from tests.cli.command import datapool
from tests.cli.conftest import FIRMS, PEOPLE
from tests.small_exports import ORGANISATIONS, RESIDENTS, organisations, residents, write_export


def test_status_tells_release_run_sources_and_verification(own_home: Path) -> None:
    answer = datapool("status", "--home", own_home)
    assert answer.code == 0
    assert "成功" in answer.output
    assert "当前发布 1" in answer.output
    assert "从未收到" in answer.output
    assert "上次核对 还没有" in answer.output
    assert datapool("verify", "--home", own_home).code == 0
    assert "UTC，全部完好" in datapool("status", "--home", own_home).output


@pytest.mark.parametrize(
    ("now", "late"),
    # The day of the data ends at midnight in the city (16:00 UTC), the next delivery is due a day and 36 hours after.
    [(datetime(2025, 7, 3, 3, 59, tzinfo=UTC), False), (datetime(2025, 7, 3, 4, 1, tzinfo=UTC), True)],
)
def test_dataset_is_late_when_its_next_delivery_was_due(home: Path, now: datetime, late: bool) -> None:
    sources = {source.contract: source for source in summarise(open_context(home, now=now)).sources}
    assert sources[RESIDENTS].is_late is late
    assert sources[ORGANISATIONS].is_late is False, "it comes once a week"


def test_status_as_json_holds_what_programs_ask_for(own_home: Path, tmp_path: Path) -> None:
    write_export(tmp_path, ORGANISATIONS, organisations(FIRMS), period="20250701", without="uscc")
    datapool("run", tmp_path, "--home", own_home)
    status = json.loads(datapool("status", "--home", own_home, "--json").output)
    assert status["release"] == 1
    organisations_of = next(source for source in status["sources"] if source["contract"] == ORGANISATIONS)
    assert (organisations_of["received"], organisations_of["is_late"]) == (FIRMS, True)
    [kept_out] = organisations_of["kept_out"]
    assert kept_out["file"] == "social_organisation_20250701.csv"
    assert "统一社会信用代码" in kept_out["reason"]
    assert "未入池" in datapool("status", "--home", own_home).output


def test_verify_finds_a_flipped_byte(own_home: Path) -> None:
    answer = datapool("verify", "--home", own_home)
    assert (answer.code, answer.output.strip()) == (0, "全部完好：每一行都有去向，各文件与清单一致，审计链完整。")

    path = own_home / "releases" / "1" / "pool" / "person.parquet"
    content = bytearray(path.read_bytes())
    content[40] ^= 1  # among the values, not in the description behind them
    path.chmod(0o600)
    path.write_bytes(content)

    answer = datapool("verify", "--home", own_home)
    assert answer.code == 1
    assert str(path) in answer.output
    assert "发现 1 处问题" in answer.output
    assert "上次核对" in datapool("status", "--home", own_home).output
    assert "发现问题" in datapool("status", "--home", own_home).output
    [finding] = json.loads(datapool("verify", "--home", own_home, "--json").output)
    assert (finding["kind"], finding["path"]) == ("changed", str(path))


def test_releases_are_listed_and_an_older_one_can_count_again(own_home: Path, tmp_path: Path) -> None:
    write_export(tmp_path, ORGANISATIONS, organisations(FIRMS + 1), period="20250701")
    datapool("run", tmp_path, "--home", own_home)
    lines = datapool("releases", "--home", own_home).output.splitlines()
    assert [line.split()[0] for line in lines[2:4]] == ["1", "2"]
    assert "2 *" in lines[3]
    assert [each["release"] for each in json.loads(datapool("releases", "--home", own_home, "--json").output)] == [1, 2]

    assert datapool("rollback", "1", "--home", own_home).code == 2, "without a reason"
    answer = datapool("rollback", "1", "--reason", "二号有误", "--home", own_home)
    assert answer.code == 0
    assert "当前发布已是 1" in answer.output
    count = json.loads(datapool("query", "SELECT count(*) AS n FROM organisation", "--home", own_home, "--format", "json").output)
    assert count == [{"n": FIRMS}]
    actions = {record.action: record.details["reason"] for record in list(Pool.open(own_home).audit.records())[-3:]}
    assert actions == {"batch.withdraw": "回退到发布 1：二号有误", "release.rollback": "二号有误"}
    assert datapool("verify", "--home", own_home).code == 0

    assert "已撤回在它之后入池的批次" in answer.output
    [withdrawn] = Pool.open(own_home).ledger.batches(status="withdrawn")
    assert withdrawn.batch in answer.output
    assert f"回退到发布 1：二号有误（批次 {withdrawn.batch}）" in datapool("status", "--home", own_home).output
    answer = datapool("run", tmp_path, "--home", own_home)
    assert (answer.code, "当前仍是发布 1" in answer.output) == (0, True), "what was rolled back does not come again by itself"
    assert datapool("replay", withdrawn.batch, "--reason", "其实没错", "--home", own_home).code == 0
    assert Pool.open(own_home).releases.current() == 3

    datapool("rollback", "1", "--reason", "还是有误", "--home", own_home)
    answer = datapool("rollback", "3", "--reason", "没有误", "--home", own_home)
    assert "重新采用它所含的批次" in answer.output
    assert "没有新的内容，当前仍是发布 3" in datapool("run", tmp_path, "--home", own_home).output
    assert datapool("verify", "--home", own_home).code == 0

    answer = datapool("rollback", "5", "--reason", "试试", "--home", own_home)
    assert answer.code == 2
    assert "没有发布 5" in answer.errors


def test_report_says_where_pages_and_workbooks_are(home: Path) -> None:
    answer = datapool("report", "--home", home)
    assert answer.code == 0
    paths = [Path(line) for line in answer.output.split()]
    assert [path.name for path in paths] == ["index.html", "tables.xlsx", "quarantine.xlsx"]
    assert all(path.is_file() for path in paths)
    assert datapool("report", "--release", "4", "--home", home).code == 2


def test_replay_takes_a_failed_file_up_again(own_home: Path, tmp_path: Path) -> None:
    path = write_export(tmp_path, RESIDENTS, residents(PEOPLE), period="20250701")
    path.write_bytes(b"")
    datapool("run", tmp_path, "--home", own_home)
    [failed] = Pool.open(own_home).ledger.batches(status="failed")
    answer = datapool("replay", failed.batch, "--reason", "再试一次", "--home", own_home)
    assert answer.code == 1, "it is as empty as before"
    assert failed.batch in answer.output
    answer = datapool("replay", "nothing", "--reason", "试试", "--home", own_home)
    assert answer.code == 2
    assert "没有批次 nothing" in answer.errors


def test_several_batches_are_replayed_by_dataset_and_period_or_all(own_home: Path) -> None:
    for options, judged in ((("--dataset", ORGANISATIONS), 1), (("--period", "2025-06"), 2), (("--all",), 4)):
        answer = datapool("replay", *options, "--reason", "试试", "--home", own_home)
        assert (answer.code, "没有新的内容，当前仍是发布 1" in answer.output) == (0, True), answer.errors
        assert f"重新检查 {judged} 个批次" in answer.errors
    for options, fault in (
        (("--period", "1999"), "没有符合条件的批次"),
        (("--dataset", "nothing"), "没有数据集 nothing"),
        ((), "用法有误"),
        (("some", "--all"), "用法有误"),
    ):
        answer = datapool("replay", *options, "--home", own_home)
        assert (answer.code, fault in answer.errors) == (2, True), answer.errors
    assert datapool("verify", "--home", own_home).code == 0


def test_pool_is_rebuilt_elsewhere_and_stays_as_it_is(home: Path, tmp_path: Path) -> None:
    answer = datapool("replay", "--into", tmp_path / "rebuilt", "--home", home)
    assert answer.code == 0, answer.errors
    assert f"已在 {tmp_path / 'rebuilt'} 重建" in answer.output
    contents = [
        {name: table["content_hash"] for name, table in Pool.open(each).releases.manifest(1)["tables"].items()}
        for each in (home, tmp_path / "rebuilt")
    ]
    assert contents[0] == contents[1]
    assert Pool.open(home).releases.numbers() == [1]
    assert datapool("verify", "--home", tmp_path / "rebuilt").code == 0


def test_wrong_file_is_taken_back(own_home: Path, tmp_path: Path) -> None:
    write_export(tmp_path, ORGANISATIONS, organisations(FIRMS + 1), period="20250701")
    datapool("run", tmp_path, "--home", own_home)
    batch = next(entry.batch for entry in Pool.open(own_home).ledger.batches(contract=ORGANISATIONS) if entry.period == "2025-07-01")
    assert datapool("withdraw", batch, "--home", own_home).code == 2, "without a reason"
    assert datapool("withdraw", batch, "--reason", "送错了", "--home", own_home).code == 0
    assert "撤回：送错了" in datapool("status", "--home", own_home).output
    assert datapool("run", tmp_path, "--home", own_home).code == 0
    count = json.loads(datapool("query", "SELECT count(*) AS n FROM organisation", "--home", own_home, "--format", "json").output)
    assert count == [{"n": FIRMS}]
    answer = datapool("withdraw", batch, "--reason", "再撤", "--home", own_home)
    assert (answer.code, "已经撤回" in answer.errors) == (2, True)


def test_replay_of_an_accepted_batch_changes_nothing_when_it_is_judged_alike(own_home: Path) -> None:
    [batch] = Pool.open(own_home).ledger.batches(contract=ORGANISATIONS)
    answer = datapool("replay", batch.batch, "--reason", "试试", "--home", own_home)
    assert answer.code == 0, answer.errors
    assert "没有新的内容，当前仍是发布 1" in answer.output
    assert Pool.open(own_home).ledger.batch(batch.batch) is not None
    assert datapool("verify", "--home", own_home).code == 0


def test_doctor_finds_everything_fine_or_says_what_to_do(own_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    answer = datapool("doctor", "--home", own_home)
    assert answer.code == 0, answer.output
    assert "发布 1" in answer.output

    key = Path(os.environ["DATAPOOL_KEY_FILE"])
    monkeypatch.setenv("DATAPOOL_KEY_FILE", str(tmp_path / "open.key"))
    (tmp_path / "open.key").write_text(key.read_text())
    (tmp_path / "open.key").chmod(0o644)
    answer = datapool("doctor", "--home", own_home)
    assert answer.code == 1
    assert f"chmod 600 {tmp_path / 'open.key'}" in answer.output

    monkeypatch.setenv("DATAPOOL_CITY", "999999")
    faulty = [each for each in json.loads(datapool("doctor", "--home", own_home, "--json").output) if not each["fine"]]
    assert any("999999" in each["found"] for each in faulty)


def test_doctor_makes_nothing_and_misses_no_key_before_the_first_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATAPOOL_KEY_FILE", str(tmp_path / "no.key"))
    answer = datapool("doctor", "--home", tmp_path / "none")
    assert answer.code == 0, answer.output
    assert list(tmp_path.iterdir()) == []


def test_lost_key_is_missed_and_no_other_takes_its_place(monkeypatch: pytest.MonkeyPatch, own_home: Path, tmp_path: Path) -> None:
    lost = tmp_path / "lost.key"
    monkeypatch.setenv("DATAPOOL_KEY_FILE", str(lost))
    answer = datapool("doctor", "--home", own_home)
    assert answer.code == 1
    assert f"{lost} 还没有 → 请从备份恢复" in answer.output
    assert datapool("status", "--home", own_home).code == 0
    write_export(tmp_path / "exports", ORGANISATIONS, organisations(FIRMS + 1), period="20250701")
    answer = datapool("run", tmp_path / "exports", "--home", own_home)
    assert answer.code == 2
    assert str(lost) in answer.errors
    assert not lost.exists()


@pytest.mark.parametrize("command", ["status", "verify", "releases", "report"])
def test_home_that_is_no_pool_is_said_and_nothing_is_made_there(command: str, tmp_path: Path) -> None:
    answer = datapool(command, "--home", tmp_path / "typo")
    assert answer.code == 2
    assert "typo 中没有数据池" in answer.errors
    assert not (tmp_path / "typo").exists()
