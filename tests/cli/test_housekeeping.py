"""What an engineer sees of the disk, and of what goes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

import cli.status
import cli.upkeep
from cli.console import context_of
from flow.context import Context
from pool import Pool
from schemas.duration import Duration
from schemas.retention import ReleaseRetention
from tests.cli.command import datapool
from tests.cli.conftest import FIRMS
from tests.small_exports import ORGANISATIONS, organisations, write_export


@pytest.fixture
def strict_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    """A city that keeps one release, a contract that keeps batches for a day."""

    def strict(home: Path | None) -> Context:
        context = context_of(home)
        contract = replace(context.contracts[ORGANISATIONS], retention=Duration(days=1))
        city = replace(context.city, retention=ReleaseRetention(1, 0, 0, 0, 0, 0))
        return replace(context, city=city, contracts={**context.contracts, ORGANISATIONS: contract})

    for module in (cli.status, cli.upkeep):
        monkeypatch.setattr(module, "context_of", strict)


def test_space_tells_what_takes_how_much(home: Path) -> None:
    answer = datapool("space", "--home", home)
    assert answer.code == 0
    for said in ("原始文件", "共享库", "台账", "磁盘剩余", "社会组织", "单独清退腾出", "至少要有两版发布才能估算"):
        assert said in answer.output
    found = json.loads(datapool("space", "--home", home, "--json").output)
    files = {path: path.stat() for path in home.rglob("*") if path.is_file()}
    assert found["parts"]["raw"] == sum(status.st_blocks * 512 for path, status in files.items() if path.parent == home / "raw")
    assert found["total"] == sum(found["parts"].values())
    [release] = found["releases"]
    assert (
        release["bytes"] == release["alone"] == release["added"] == found["parts"]["releases"] + found["parts"]["shares"] - pointers(home)
    )


def pointers(home: Path) -> int:
    return sum(path.stat().st_blocks * 512 for path in home.rglob("current"))


def test_nothing_goes_of_a_young_pool(home: Path) -> None:
    answer = datapool("retire", "--home", home)
    assert answer.code == 0
    assert "没有可清退的" in answer.output
    assert "当前发布、最近 7 版" in answer.output


@pytest.mark.usefixtures("strict_policy")
def test_what_goes_is_named_first_and_remembered_after(own_home: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        write_export(tmp_path / str(number), ORGANISATIONS, organisations(FIRMS + number), period=f"2025070{number}")
        datapool("run", tmp_path / str(number), "--home", own_home)
    assert "可清退发布 1 版" in datapool("status", "--home", own_home).output
    answer = datapool("retire", "--dry-run", "--home", own_home)
    assert answer.code == 0
    assert "清退" in answer.output.splitlines()[2]
    answer = datapool("retire", "--home", own_home)
    assert (answer.code, "没有清退：请核对以上内容，再加 --yes 确认" in answer.errors) == (2, True)
    assert Pool.open(own_home).releases.numbers() == [1, 2, 3]

    answer = datapool("retire", "--yes", "--home", own_home)
    assert answer.code == 0, answer.errors
    assert "已清退 1 版发布" in answer.output
    assert "没有可清退的" in datapool("retire", "--yes", "--home", own_home).output

    lines = datapool("releases", "--home", own_home).output.splitlines()
    assert "清退" in lines[2]
    assert "3 *" in lines[4]
    listed = json.loads(datapool("releases", "--home", own_home, "--json").output)
    assert [(each["release"], each["current"], "retired_at" in each) for each in listed] == [
        (1, False, True),
        (2, False, False),
        (3, True, False),
    ]
    assert listed[0]["tables"]["organisation"]["rows"] == FIRMS
    for command in (
        ("rollback", "1", "--reason", "试试"),
        ("query", "SELECT 1", "--release", "1"),
        ("trace", "organisation", organisations(1)[0]["uscc"], "--release", "1"),
        ("report", "--release", "1"),
    ):
        answer = datapool(*command, "--home", own_home)
        assert (answer.code, "发布 1 已于" in answer.errors, "现有发布：[2, 3]" in answer.errors) == (2, True, True), command
    assert datapool("verify", "--home", own_home).code == 0
    assert "增长：最近 1 版平均每版" in datapool("space", "--home", own_home).output


def test_retention_of_a_contract_is_shown() -> None:
    assert "一直保留" in datapool("contracts", "show", ORGANISATIONS).output
