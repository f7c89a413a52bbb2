"""The audit log: any record that is changed, removed, added or moved is found."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from pool import Pool
from tests.pool.small_pool import NOW

RECORDS = 6


@pytest.fixture
def pool(empty_pool: Pool) -> Pool:
    for number in range(RECORDS):
        append(empty_pool, f"object-{number}", NOW + timedelta(days=9 * number))
    return empty_pool


def append(pool: Pool, object: str, at: datetime) -> None:
    pool.audit.append("query", object, "auditor", "done", at, {"原因": "核对"})


def faults(pool: Pool) -> list[str]:
    return pool.audit.verify({"台账": pool.ledger.audit_head()})


def log_file(pool: Pool) -> Path:
    """The whole log in the file of its first month, where tests may change it line by line."""
    first, *others = sorted(pool.paths.audit.iterdir())
    with first.open("ab") as log:
        for other in others:
            log.write(other.read_bytes())
            other.unlink()
    return first


def test_a_log_that_nobody_touched_is_whole_and_goes_on_over_the_months(pool: Pool) -> None:
    assert faults(pool) == []
    assert [path.name for path in sorted(pool.paths.audit.iterdir())] == ["2025-11.jsonl", "2025-12.jsonl", "2026-01.jsonl"]
    assert [record.number for record in pool.audit.records()] == list(range(1, RECORDS + 1))
    assert [record.details["原因"] for record in pool.audit.records()] == ["核对"] * RECORDS


@pytest.mark.parametrize("position", range(RECORDS))
@pytest.mark.parametrize(
    "tamper",
    [
        lambda lines, at: lines[:at] + lines[at + 1 :],
        lambda lines, at: [*lines[:at], lines[at].replace("auditor", "nobody"), *lines[at + 1 :]],
        lambda lines, at: [*lines[:at], *reversed(lines[at : at + 2]), *lines[at + 2 :]] if at + 1 < len(lines) else lines[:1],
        lambda lines, at: [*lines[: at + 1], lines[at], *lines[at + 1 :]],
        lambda lines, at: [*lines[:at], "不是记录\n", *lines[at:]],
    ],
    ids=["removed", "changed", "reordered", "doubled", "garbage"],
)
def test_tampering_with_any_record_is_found(pool: Pool, position: int, tamper: Callable[[list[str], int], list[str]]) -> None:
    path = log_file(pool)
    assert faults(pool) == []
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(tamper(lines, position)), encoding="utf-8")
    assert faults(pool)


def test_a_record_rewritten_with_a_fitting_digest_breaks_the_chain_or_the_head_noted_in_the_ledger(pool: Pool) -> None:
    path = log_file(pool)
    records = list(pool.audit.records())
    for position, record in enumerate(records):
        forged = json.loads(path.read_text(encoding="utf-8").splitlines()[position]) | {"actor": "nobody"}
        forged["digest"] = type(record)(**forged).computed_digest()
        lines = path.read_text(encoding="utf-8").splitlines()
        original = path.read_bytes()
        lines[position] = json.dumps(forged, ensure_ascii=False, sort_keys=True)
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        assert faults(pool), position
        path.write_bytes(original)
    assert faults(pool) == []


def test_a_whole_file_removed_is_found(pool: Pool) -> None:
    for path in sorted(pool.paths.audit.iterdir()):
        content = path.read_bytes()
        path.unlink()
        assert faults(pool), path
        path.write_bytes(content)


def test_a_line_that_was_being_written_when_its_writer_was_killed_does_not_count_and_is_replaced(pool: Pool) -> None:
    last = sorted(pool.paths.audit.iterdir())[-1]
    with last.open("ab") as log:
        log.write(b'{"number": 7, "act')
    assert faults(pool) == []
    append(pool, "next", NOW + timedelta(days=90))
    append(pool, "after", NOW + timedelta(days=50))
    assert faults(pool) == []
    assert [record.number for record in pool.audit.records()] == list(range(1, RECORDS + 3))


def test_a_clock_set_back_does_not_change_the_order(pool: Pool) -> None:
    append(pool, "late", NOW - timedelta(days=400))
    assert faults(pool) == []
    assert [record.object for record in pool.audit.records()][-1] == "late"


def test_a_record_longer_than_one_block_is_read_back(pool: Pool) -> None:
    pool.audit.append("query", "x" * 200_000, "auditor", "done", NOW + timedelta(days=60))
    append(pool, "after", NOW + timedelta(days=60))
    assert faults(pool) == []
    assert pool.audit.head().number == RECORDS + 2


def test_numbers_of_persons_never_reach_the_log(empty_pool: Pool) -> None:
    details = {"file": "33038119900307002X_申请.csv", "list": ["见 13857797531"], "sha256": "9" * 64}
    record = empty_pool.audit.append("receive", "330381900307002", "tester", "done", NOW, details)
    assert record.object == "33***********02"
    assert record.details == {"file": "33**************2X_申请.csv", "list": ["见 13*******31"], "sha256": "9" * 64}
    assert empty_pool.audit.verify() == []
