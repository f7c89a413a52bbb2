"""Where rows are taken over from, what is written of them, and what happens when they are lost."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from flow import known
from flow.delivered import accepted_deliveries, batch_profile, create_delivered, create_quarantined
from flow.replay import replay
from pool.verify import verify
from schemas.model import Rule
from tests.flow.history import History, firms
from tests.small_exports import ORGANISATIONS, organisations


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path)


def _taken_over(history: History, name: str) -> dict[str, int]:
    """How many rows of a file stand in which earlier file."""
    periods = {entry.batch: entry.period for entry in history.context.pool.ledger.batches()}
    return {periods[holder]: rows for holder, rows in batch_profile(history.context, history.batch(name))["taken_over"].items()}


def _send(history: History, *files: tuple[str, Sequence[str]]) -> None:
    for name, rows in files:
        history.send({name: firms(*rows)})


def test_every_row_stands_in_the_batch_that_brought_it_first(history: History) -> None:
    _send(history, ("20250601", "1234"), ("20250701", ["1", "2", "3b"]), ("20250801", ["1", "3b", "5"]))
    assert _taken_over(history, "20250701") == {"2025-06-01": 2}
    assert _taken_over(history, "20250801") == {"2025-06-01": 1, "2025-07-01": 1}, "not in the one before, which took it over itself"
    with duckdb.connect() as connection:
        rows = create_delivered(
            connection, history.context, history.context.contracts[ORGANISATIONS], accepted_deliveries(history.context)[ORGANISATIONS]
        )
        found = connection.execute(f"SELECT row, name, file_key FROM {rows} WHERE period = '2025-08-01' ORDER BY row").fetchall()
    assert [(row, name) for row, name, _ in found] == [(2, "协会1"), (3, "协会3b"), (4, "协会5")]
    assert len({key for _, _, key in found}) == 1, "they are rows of their own file"


def test_late_file_takes_rows_over_from_what_came_before_whatever_its_period(history: History) -> None:
    _send(history, ("20250701", "123"), ("20250601", "1234"))
    assert _taken_over(history, "20250601") == {"2025-07-01": 3}


def test_part_takes_rows_over_from_the_same_part_of_the_export_before(history: History) -> None:
    for period in ("20250601", "20250701"):
        history.send({f"{period}_{part}of2": firms(*rows) for part, rows in ((1, "123"), (2, "456"))})
    assert [_taken_over(history, f"20250701_{part}of2") for part in (1, 2)] == [{"2025-06-01": 3}, {"2025-06-01": 3}]


def test_nothing_is_taken_over_from_what_was_judged_otherwise(history: History) -> None:
    _send(history, ("20250601", "123"))
    contract = history.context.contracts[ORGANISATIONS]
    rule = Rule("some_name", "有名称", "completeness", "warn", "name IS NOT NULL", ("name",))
    history.put_contract(replace(contract, rules=(*contract.rules, rule)))
    _send(history, ("20250701", "123"))
    assert _taken_over(history, "20250701") == {}
    history.put_contract(contract)
    _send(history, ("20250801", "123"))
    assert _taken_over(history, "20250801") == {"2025-06-01": 3}


def test_rows_that_lie_in_too_many_batches_are_gathered_in_one(history: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "MOST_HOLDERS", 2)
    _send(history, ("20250601", "1"), ("20250602", "12"), ("20250603", "123"), ("20250604", "1234"), ("20250605", "1234"))
    assert len(_taken_over(history, "20250603")) == 2
    assert _taken_over(history, "20250604") == {}
    assert _taken_over(history, "20250605") == {"2025-06-04": 4}


def test_control_character_between_cells_does_not_make_rows_alike(history: History) -> None:
    [row] = organisations(1)
    history.send({"20250601": [row | {"authority": "甲\x1f乙", "supervising_department": "丙"}]})
    history.send({"20250701": [row | {"authority": "甲", "supervising_department": "乙\x1f丙"}]})
    assert _taken_over(history, "20250701") == {}


def test_rules_that_warn_are_counted_over_all_rows(history: History) -> None:
    contract = history.context.contracts[ORGANISATIONS]
    rule = Rule("old_name", "名称不含 b", "accuracy", "warn", "name NOT LIKE '%b'", ("name",))
    history.put_contract(replace(contract, rules=(*contract.rules, rule)))
    _send(history, ("20250601", ["1", "2b", "3"]), ("20250701", ["1", "2b", "3"]), ("20250801", ["1", "2b", "4b"]))
    unmet = [batch_profile(history.context, history.batch(name))["expectations"] for name in ("20250601", "20250701", "20250801")]
    assert [[(each["name"], each["unexpected"]) for each in found["unmet"]] for found in unmet] == [
        [("old_name", 1)],
        [("old_name", 1)],
        [("old_name", 2)],
    ]
    assert len({found["total"] for found in unmet}) == 1


def test_verify_finds_rows_whose_holder_is_gone_and_a_replay_mends_it(history: History) -> None:
    _send(history, ("20250601", "123"), ("20250701", "1234"))
    first = history.batch("20250601")
    history.context.pool.batches.remove(first)
    findings = {(finding.kind, Path(finding.path).name) for finding in verify(history.context.pool)}
    assert findings == {("missing", first), ("missing", "unchanged.parquet")}
    replay(history.later(), [first, history.batch("20250701")], "目录丢失")
    history.check_waiting()
    assert verify(history.context.pool) == []
    assert history.state().names == ["1", "2", "3", "4"]


def test_quarantine_of_earlier_software_has_no_keys_and_is_read_all_the_same(history: History, tmp_path: Path) -> None:
    _send(history, ("20250601", ["1", "2x"]))
    path = history.context.pool.batches.folder(history.batch("20250601")) / "quarantine.parquet"
    path.chmod(0o600)
    pq.write_table(pq.read_table(path).drop_columns("row_key"), path)
    with duckdb.connect() as connection:
        rows = create_quarantined(connection, history.context, accepted_deliveries(history.context)[ORGANISATIONS])
        assert connection.execute(f"SELECT row, row_key, reason FROM {rows}").fetchall() == [(3, None, "required")]
