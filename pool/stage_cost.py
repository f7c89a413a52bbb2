"""What a stage of a run cost, and where it failed."""

import resource
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(slots=True)
class StageNote:
    """What a stage wants kept beside its time."""

    detail: dict[str, Any] = field(default_factory=dict)


def place_of(error: BaseException) -> str:
    """The kind of an error and the line it came from, without its text: that may quote a person's data."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f" ({Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno})" if trace else ""
    return type(error).__name__ + place


def cpu_seconds() -> float:
    """CPU-seconds of this process and its ended children."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def peak_mebibytes() -> int:
    """The most memory that this process has held so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
