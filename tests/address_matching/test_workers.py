"""Processes that read carefully, forked from whoever matches."""

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import signal
signal.signal(signal.SIGTERM, lambda *_: None)
from address_matching.match import Request, read_carefully
from tests.address_matching.support import build
index = build(["house 安阳街道万松东路128号"], []).index
requests = [Request(f"安阳街道万松东路{number}号?") for number in range(2100)]
for _ in range(10):
    assert len(list(read_carefully(index, requests, 2))) == len(requests)
"""
"""As under a scheduler, which has a handler of its own for the signal to end."""


def test_workers_end_also_where_the_process_they_come_from_keeps_the_signal_to_end_for_itself() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], cwd=Path(__file__).parents[2], check=True, timeout=100)
