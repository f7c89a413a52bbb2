"""datapool pull, run, status and doctor with a source."""

import dataclasses
import json
import os
from pathlib import Path

import pytest

import flow.context
import flow.run
from flow.match import Matched
from schemas.contract import source_contracts
from schemas.pull import Completeness, FilePull
from tests.cli.command import datapool
from tests.small_exports import ORGANISATIONS, organisations, write_export


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A share with one export, from which the organisations are pulled."""
    path = write_export(tmp_path / "share", ORGANISATIONS, organisations(12))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    pull = FilePull("share", "folder", f"{path.parent}/*.csv", "", Completeness("", 60))
    contracts = {**source_contracts(), ORGANISATIONS: dataclasses.replace(source_contracts()[ORGANISATIONS], pulls=(pull,))}
    monkeypatch.setattr(flow.context, "contracts_of", lambda _city: contracts)
    return path.parent


def test_pull_says_what_came_and_what_did_not(share, tmp_path):
    home = tmp_path / "home"
    looked = datapool("pull", "--dry-run", "--home", home)
    assert (looked.code, "可拉取" in looked.output) == (0, True)
    pulled = datapool("pull", ORGANISATIONS, "--home", home, "--json")
    assert pulled.code == 0
    assert json.loads(pulled.output)[0]["files"] == ["social_organisation_20250630.csv"]
    assert "无变化" in datapool("pull", "--home", home).output
    assert "连接正常" in datapool("doctor", "--home", home).output


def test_a_source_that_fails_is_told_by_pull_status_and_doctor(share, tmp_path):
    home = tmp_path / "home"
    share.rename(share.with_name("elsewhere"))
    pulled = datapool("pull", "--home", home)
    assert pulled.code == 1
    assert "是否已挂载" in pulled.output
    assert "拉取失败" in datapool("status", "--home", home).output
    doctor = datapool("doctor", "--home", home)
    assert doctor.code == 1
    assert "是否已挂载" in doctor.output


def test_an_unknown_dataset_cannot_be_pulled(share, tmp_path):
    answer = datapool("pull", "civil_affairs.nothing", "--home", tmp_path / "home")
    assert answer.code == 2
    assert ORGANISATIONS in answer.errors


def test_run_pulls_before_it_receives(share, tmp_path, monkeypatch):
    context = flow.context.open_context(tmp_path / "home")
    monkeypatch.setattr(flow.run, "_advance", lambda _context, _progress: (None, Matched(0, 0)))  # what comes after receiving takes long
    flow.run.run(context)
    (batch,) = (entry.batch for entry in context.pool.ledger.batches(contract=ORGANISATIONS))
    assert context.pool.receipts.read(batch).origin == str(share / "social_organisation_20250630.csv")
