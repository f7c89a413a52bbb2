"""What is the machine's fault, and what is not."""

import errno

import pytest

from pool.machine import fault_of


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
