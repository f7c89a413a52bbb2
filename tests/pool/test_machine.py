"""What is the machine's fault, and what is not."""

import errno

import duckdb
import pytest

from pool.machine import fault_of, in_words


def test_a_fault_of_the_machine_is_found_among_the_causes_of_an_error() -> None:
    full = OSError(errno.ENOSPC, "no space")
    error = ValueError("cannot be written")
    error.__cause__ = full
    assert fault_of(error) is full


@pytest.mark.parametrize("length", [1, 2])
def test_errors_that_cause_one_another_are_followed_once(length: int) -> None:
    ring = [ValueError("a rule cannot be computed") for _ in range(length)]
    for error, cause in zip(ring, [*ring[1:], ring[0]], strict=True):
        error.__cause__ = cause
    assert fault_of(ring[0]) is None


@pytest.mark.parametrize(
    "error",
    [
        duckdb.FatalException("FATAL Error: fsync failed!"),
        duckdb.IOException('IO Error: Checkpoint failed for database "share". Original error: fsync failed!'),
    ],
)
def test_disk_that_does_not_keep_what_the_engine_flushed_is_a_fault_of_the_machine_with_what_to_do(error: Exception) -> None:
    assert fault_of(error) is error
    assert in_words(error).startswith("磁盘读写出错。请检查磁盘和系统日志")


def test_engine_that_gives_up_for_another_reason_is_no_fault_of_the_machine() -> None:
    assert fault_of(duckdb.FatalException("FATAL Error: assertion failed")) is None
