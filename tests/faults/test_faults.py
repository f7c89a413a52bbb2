"""A run is disturbed in every way: the last release stands, nothing is lost or twice, the message says what to do, a re-run ends the same."""

from collections.abc import Iterator

import pytest

from tests.faults import reading, trials
from tests.faults.laboratory import Laboratory, Trial
from tests.faults.strace import is_permitted
from tests.faults.sweep import spread

CALLS = 12


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Laboratory]:
    with Laboratory() as laboratory:
        yield laboratory


@pytest.mark.parametrize(
    "trial",
    [
        trials.disk_full,
        trials.read_only_disk,
        trials.foreign_folder,
        trials.ledger_locked,
        trials.ledger_locked_for_a_moment,
        trials.two_runs_at_once,
        trials.clock_set_back,
        trials.reader_of_a_removed_release,
    ],
    ids=lambda trial: trial.__name__,
)
def test_a_run_that_is_disturbed_leaves_the_last_release_and_ends_the_same_when_repeated(laboratory: Laboratory, trial: Trial) -> None:
    answer = laboratory.do(trial)
    if answer == "failed: PermissionError: mount is not permitted":
        pytest.skip("mounting file systems is not permitted here")
    assert answer == []


@pytest.mark.parametrize("how", ["damaged", "lost", "restored"])
def test_a_raw_file_that_is_damaged_after_its_receipt_is_not_read_and_waits_until_it_is_whole_again(
    laboratory: Laboratory, how: str
) -> None:
    assert laboratory.do(trials.raw_file_damaged, how) == []


def test_readers_without_pause_see_whole_releases_one_after_the_other_and_no_error(laboratory: Laboratory) -> None:
    answer = laboratory.do(reading.read_while_runs_publish, 0.0, 2)
    assert answer["faults"] == []
    for name, seen in answer["answers"].items():
        assert {"1", "2"} <= seen.keys() <= {"1", "2", "3"}, (name, seen)


@pytest.mark.skipif(not is_permitted(), reason="strace is not installed, or may not trace here")
@pytest.mark.parametrize("errors", [False, True], ids=["killed", "disk full or broken"])
def test_a_run_killed_or_failed_at_a_system_call_leaves_old_or_new_and_a_re_run_ends_the_same(laboratory: Laboratory, errors: bool) -> None:
    """A spread of the calls; `python -m tests.faults calls` goes through all."""
    answer = laboratory.do(spread, CALLS, errors)
    assert answer["faults"] == []
    assert answer["fired"] == answer["tried"] >= CALLS
    assert answer["calls"] > 1000
