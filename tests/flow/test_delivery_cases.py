"""The ways in which files come, each with its one outcome: the table in docs/deliveries.md names these tests."""

from itertools import permutations
from pathlib import Path

import pytest

from flow.replay import replay
from flow.set_aside import withdraw
from pool import PoolError
from tests.flow.history import History, firms
from tests.small_exports import ORGANISATIONS


@pytest.fixture
def full(tmp_path: Path) -> History:
    return History(tmp_path)


@pytest.fixture
def incremental(tmp_path: Path) -> History:
    return History(tmp_path, "incremental")


def test_full_export_takes_the_place_of_the_one_before(full: History) -> None:
    full.send({"20250601": firms("1", "2", "3")})
    full.send({"20250701": firms("1", "2b", "4")})
    state = full.state()
    assert state.names == ["1", "2b", "4"]
    assert state.of("20250601") == {"superseded": 2, "withdrawn": 1}
    assert state.of("20250701") == {"published": 3}


def test_incremental_export_changes_the_rows_it_names_and_no_other(incremental: History) -> None:
    incremental.send({"20250601": firms("1", "2", "3")})
    incremental.send({"20250701": firms("2b", "4")})
    state = incremental.state()
    assert state.names == ["1", "2b", "3", "4"]
    assert state.of("20250601") == {"published": 2, "superseded": 1}


def test_corrected_full_file_takes_the_place_of_the_whole_file(full: History) -> None:
    full.send({"20250601": firms("1", "2", "3")})
    full.send({"20250601": firms("1", "2b")})
    state = full.state()
    assert state.names == ["1", "2b"]
    assert state.of("20250601") == {"published": 2}


def test_corrected_incremental_file_changes_the_rows_it_names_and_no_other(incremental: History) -> None:
    incremental.send({"20250601": firms("1", "2", "3")})
    incremental.send({"20250601": firms("2b")})
    assert incremental.state().names == ["1", "2b", "3"]


def test_corrected_file_of_an_older_period_leaves_the_newer_period_as_it_is(full: History) -> None:
    full.send({"20250601": firms("1", "2")})
    full.send({"20250701": firms("1", "2b")})
    full.send({"20250601": firms("1c", "2", "3")})
    state = full.state()
    assert state.names == ["1", "2b"]
    assert state.of("20250601") == {"superseded": 2, "withdrawn": 1}, "of the corrected file, the last of that period"


def test_late_full_file_changes_nothing_that_counts(full: History) -> None:
    full.send({"20250701": firms("1", "2b")})
    full.send({"20250601": firms("1", "2", "3")})
    state = full.state()
    assert state.names == ["1", "2b"]
    assert state.of("20250601") == {"superseded": 2, "withdrawn": 1}


def test_late_incremental_file_adds_what_no_newer_one_names(incremental: History) -> None:
    incremental.send({"20250701": firms("1", "2b")})
    incremental.send({"20250601": firms("2", "3")})
    state = incremental.state()
    assert state.names == ["1", "2b", "3"]
    assert state.of("20250601") == {"superseded": 1, "published": 1}


def test_file_sent_twice_is_one_delivery(full: History) -> None:
    full.send({"20250601": firms("1", "2")})
    before = full.state()
    full.send({"20250601": firms("1", "2")})
    assert len(full.context.pool.ledger.batches(contract=ORGANISATIONS)) == 1
    assert full.state().content == before.content


def test_same_bytes_for_a_new_period_take_the_place_of_the_old(full: History) -> None:
    full.send({"20250601": firms("1", "2")})
    full.send({"20250701": firms("1", "2")})
    state = full.state()
    assert (state.of("20250601"), state.of("20250701")) == ({"superseded": 2}, {"published": 2})
    assert len(full.context.pool.raw.hashes()) == 3, "with the two reference files of the city"


def test_withdrawn_row_that_comes_back_counts_again(full: History) -> None:
    full.send({"20250601": firms("1", "2")})
    full.send({"20250701": firms("1")})
    full.send({"20250801": firms("1", "2")})
    state = full.state()
    assert state.names == ["1", "2"]
    assert state.of("20250601") == {"superseded": 1, "withdrawn": 1}, "it stays what it was"


def test_two_full_files_on_one_day_the_later_counts(full: History) -> None:
    full.send({"20250601": firms("1", "2"), "20250601(1)": firms("1b", "3")})
    state = full.state()
    assert state.names == ["1b", "3"]
    assert state.of("20250601") == {"superseded": 1, "withdrawn": 1}


def test_two_incremental_files_on_one_day_count_both(incremental: History) -> None:
    incremental.send({"20250601080000": firms("1", "2"), "20250601170000": firms("2b", "3")})
    assert incremental.state().names == ["1", "2b", "3"]


def test_parts_of_one_export_are_one_export(full: History) -> None:
    full.send({"20250601": firms("1", "2", "3", "9")})
    full.send({"20250701_1of2": firms("1", "2b")})
    assert full.state().names == ["1", "2b", "3", "9"], "as long as a part is missing nothing is withdrawn"
    full.send({"20250701_2of2": firms("3", "4")})
    state = full.state()
    assert state.names == ["1", "2b", "3", "4"]
    assert state.of("20250601") == {"superseded": 3, "withdrawn": 1}
    full.send({"20250701_1of2": firms("1", "5")})
    assert full.state().names == ["1", "3", "4", "5"], "a part that comes again takes the place of that part"


def test_deliveries_in_any_order_come_to_the_same(tmp_path: Path) -> None:
    files = {"20250601": firms("1", "2", "3"), "20250701": firms("1", "2b", "4x"), "20250801": firms("2b", "3c", "4")}
    contents = []
    for place, order in enumerate(permutations(files)):
        history = History(tmp_path / str(place))
        for name in order:
            history.send({name: files[name]})
        contents.append(history.state().content)
    assert all(content == contents[0] for content in contents)


def test_bad_newer_version_leaves_the_last_good_one_in_place(full: History) -> None:
    full.send({"20250601": firms("1", "2", "3")})
    full.send({"20250701": firms("1", "2x")})
    state = full.state()
    assert state.names == ["1", "2"]
    assert state.of("20250601") == {"superseded": 1, "published": 1, "withdrawn": 1}
    assert state.of("20250701") == {"published": 1, "quarantined": 1}
    full.send({"20250801": firms("1")})
    assert full.state().names == ["1"], "the next export does not name it any more"


def test_batch_taken_back_counts_no_more_until_it_is_replayed(full: History) -> None:
    full.send({"20250601": firms("1", "2")})
    before = full.state()
    full.send({"20250701": firms("8", "9")})
    wrong = full.batch("20250701")
    withdraw(full.context, wrong, "送错了文件")
    assert full.state().content == before.content
    with pytest.raises(PoolError, match="已经撤回"):
        withdraw(full.context, wrong, "再撤一次")
    full.send({"20250801": firms("1", "2b")})
    replay(full.context, [wrong], "其实没错")
    full.check_waiting()
    state = full.state()
    assert state.names == ["1", "2b"]
    assert state.of("20250701") == {"withdrawn": 2}


def test_file_for_a_time_far_ahead_is_reported_and_the_others_count(full: History) -> None:
    full.send({"20520701": firms("1", "9"), "20250701": firms("1", "2")})
    assert full.state().names == ["1", "2"]
    [problem] = full.context.pool.ledger.problems()
    assert problem.kind == "not_received"
    assert "期次 2052-07-01 在一年以后" in problem.cause
