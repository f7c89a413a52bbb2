"""A run is disturbed in every way: the last release stands, nothing is lost or twice, the message says what to do, a re-run ends the same."""

from collections.abc import Iterator

import pytest

from tests.faults import trials
from tests.faults.laboratory import Laboratory, Trial


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
