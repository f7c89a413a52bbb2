"""Every file of the corpus is told apart with its cause, does no harm, and is none of the others' business."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sources.archive import WITHIN
from tests.faults.input.corpus import CASES, HOSTILE_HEADERS, SECRET, VALUES, Case
from tests.small_exports import organisations

HEADER = ("统一社会信用代码", "名称", "住所", "批准日期")
SECONDS = 300
MEBIBYTES = 1200
"""What the process that checks may take at most, of the processor's time. A workbook's own process has its limit from the kernel."""
HANGS = 1800
"""So many seconds on the wall say that it hangs, whatever else the machine does meanwhile."""


@pytest.fixture(scope="module")
def became(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    """The corpus, received and checked in one go by a process of its own."""
    root = tmp_path_factory.mktemp("hostile")
    folder = root / "drop" / "civil_affairs" / "social_organisation"
    folder.mkdir(parents=True)
    (root / "secret.txt").write_text(SECRET, encoding="utf-8")
    for number, case in enumerate(CASES.values()):
        rows = [
            [row["uscc"], row["name"], row["registered_address_text"], row["approved_on"]] for row in organisations(20, first=100 * number)
        ]
        # Every file has a row that messages can be told by.
        rows[3][1] = "瑞安市第3书画协会"
        case.write(folder / case.file, [HEADER, *rows])
    command = [sys.executable, "-m", "tests.faults.input", str(root / "drop"), str(root / "home")]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS, env=environment, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout) | {"home": root / "home", "drop": root / "drop"}


def of(became: Mapping[str, Any], case: Case) -> Mapping[str, Any] | None:
    """What became of the one batch of a file."""
    ends = (f"/{case.file}", f"/{case.file}{WITHIN}")
    found = [each for name, each in became["outcomes"].items() if name.endswith(ends[0]) or ends[1] in name]
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize("name", CASES)
def test_hostile_or_broken_file_is_told_with_its_place_and_cause_in_words(name: str, became: Mapping[str, Any]) -> None:
    case = CASES[name]
    outcome = of(became, case)
    if outcome is None:
        kind, message = became["problems"][f"civil_affairs/social_organisation/{case.file}"]
        assert kind == case.status
    else:
        assert outcome["status"] == case.status, outcome["reason"]
        message = outcome["reason"] + json.dumps(outcome.get("quarantined", ""), ensure_ascii=False)
    for said in case.says:
        assert said in message
    if case.status == "failed":
        assert case.file in message
    if case.status == "accepted":
        rows = outcome["rows"]
        assert rows["received"] == rows["accepted"] + rows["quarantined"]
        assert rows["quarantined"] == case.quarantined
        assert rows["accepted"] == (20 - case.quarantined if case.accepted is None else case.accepted)
        assert [each["kind"] for each in outcome["beside"]] == [*case.beside]


def test_no_file_takes_much_memory_or_time(became: Mapping[str, Any]) -> None:
    assert became["peak_mebibytes"] < MEBIBYTES
    assert became["cpu_seconds"] < SECONDS


def test_what_was_received_is_kept_and_what_was_not_stays_where_it_is(became: Mapping[str, Any]) -> None:
    assert len(became["outcomes"]) + len(
        became["problems"].keys() & {f"civil_affairs/social_organisation/{c.file}" for c in CASES.values()}
    ) >= len(CASES)
    for case in CASES.values():
        assert (became["drop"] / "civil_affairs" / "social_organisation" / case.file).exists()
    assert [*became["drop"].parent.rglob("climbed.csv")] == []


def test_nothing_that_input_points_at_is_read(became: Mapping[str, Any]) -> None:
    held = [path for path in became["home"].rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert held == []


def test_hostile_headers_and_values_are_text_like_any_other(became: Mapping[str, Any]) -> None:
    assert of(became, CASES["headers that are SQL"])["drift"] == [*HOSTILE_HEADERS]
    files = became["home"] / "batches" / "*" / "accepted.parquet"
    names = {name for (name,) in duckdb.sql(f"SELECT name FROM read_parquet('{files}', union_by_name = TRUE)").fetchall()}
    assert {value for value in VALUES if not set("()' ") & set(value)} <= names, "of these no spelling is evened out"
