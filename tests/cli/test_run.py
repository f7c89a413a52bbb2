"""datapool run: exit codes, and a summary that tells what happened and what to do."""

import subprocess
import sys
from pathlib import Path

from pool import Pool
from tests.cli.command import Answer, datapool
from tests.cli.conftest import FIRMS, PEOPLE, people_with_phone
from tests.small_exports import ORGANISATIONS, RESIDENTS, organisations, write_export


def test_first_run_publishes_and_tells_where_everything_is(first_run: tuple[Path, Answer]) -> None:
    home, answer = first_run
    assert answer.code == 0, answer.errors
    assert "已发布：发布 1" in answer.output
    for path in (home / "releases/1/report/index.html", home / "shares/analyst/1/datapool.duckdb"):
        assert str(path) in answer.output
        assert path.is_file()
    people = next(line for line in answer.output.splitlines() if "常住人口" in line and str(PEOPLE + 1) in line)
    assert people.split()[-3:] == [str(PEOPLE + 1), str(PEOPLE), "1"], "received, accepted, quarantined"


def test_unknown_file_is_named_as_it_is_called(first_run: tuple[Path, Answer]) -> None:
    assert "[／b]不认识的[red]报表.docx：没有契约认得这个文件" in first_run[1].output


def test_second_run_adds_nothing(own_home: Path, exports: Path) -> None:
    answer = datapool("run", exports, "--home", own_home)
    assert answer.code == 0
    assert "没有新的内容，当前仍是发布 1" in answer.output
    assert Pool.open(own_home).releases.numbers() == [1]


def test_blocked_batch_is_code_1_named_with_its_cause_until_a_good_delivery_comes(own_home: Path, tmp_path: Path) -> None:
    write_export(tmp_path / "bad", ORGANISATIONS, organisations(FIRMS), period="20250701", without="uscc")
    write_export(tmp_path / "bad", RESIDENTS, people_with_phone(PEOPLE + 1), period="20250701")
    answer = datapool("run", tmp_path / "bad", "--home", own_home)
    assert answer.code == 1
    assert "已发布：发布 2" in answer.output, "the other source goes on"
    assert "social_organisation_20250701.csv：缺少必填列“统一社会信用代码”" in answer.output
    [blocked] = Pool.open(own_home).ledger.batches(status="blocked")
    assert blocked.batch in answer.output, "replay needs it"
    assert datapool("run", tmp_path / "bad", "--home", own_home).code == 1, "the batch is still out"

    write_export(tmp_path / "good", ORGANISATIONS, organisations(FIRMS), period="20250702")
    answer = datapool("run", tmp_path / "good", "--home", own_home)
    assert answer.code == 0, answer.output
    assert "缺少必填列" not in answer.output


def test_release_kept_back_is_code_1(own_home: Path, tmp_path: Path) -> None:
    write_export(tmp_path, ORGANISATIONS, organisations(FIRMS // 3), period="20250701")
    answer = datapool("run", tmp_path, "--home", own_home)
    assert answer.code == 1
    assert "已拦下：" in answer.errors
    assert "“单位”由 12 行降到 4 行" in answer.errors
    assert "datapool replay" in answer.errors
    assert Pool.open(own_home).releases.current() == 1


def test_file_that_cannot_be_taken_is_code_1_and_stops_no_other(own_home: Path, tmp_path: Path) -> None:
    write_export(tmp_path, ORGANISATIONS, organisations(FIRMS + 1), period="20250701")
    lost = write_export(tmp_path, RESIDENTS, people_with_phone(PEOPLE), period="20251301")
    lost.rename(lost.with_name("resident_population_没有日期.csv"))
    answer = datapool("run", tmp_path, "--home", own_home)
    assert answer.code == 0, "the file's own date stands in"
    lost.with_name("resident_population_20250702.csv").symlink_to("nowhere")
    assert datapool("run", tmp_path, "--home", own_home).code == 0, "links are not followed"


def test_nothing_to_run_is_code_2(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    answer = datapool("run", tmp_path / "exports", "--home", tmp_path / "home")
    assert answer.code == 2
    assert "没有认得的导出文件" in answer.errors
    assert "Traceback" not in answer.errors


def test_folder_that_is_not_there_is_code_2(tmp_path: Path) -> None:
    answer = datapool("run", tmp_path / "typo", "--home", tmp_path / "home")
    assert answer.code == 2
    assert "typo" in answer.errors
    assert not (tmp_path / "home").exists()


def test_installed_command_gives_message_and_code_not_a_stack(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("datapool")
    ended = subprocess.run([command, "status", "--home", tmp_path / "typo"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith("无法执行：")
    assert "Traceback" not in ended.stderr
