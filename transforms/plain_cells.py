"""What the cells of a batch of texts are by the patterns of their columns, told by machine code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from machine_code.kernel import Kernel, addresses
from transforms.automaton import BYTES, DEAD, REJECTED, START, VALUE, Automaton
from transforms.elements_identifiers import CITIZEN_WEIGHTS

WEIGHTS = np.array(CITIZEN_WEIGHTS, np.int32)
CHECK_SIGNS = np.frombuffer(b"10X98765432", np.uint8)
"""The last sign of a citizen number by the weighted sum of its digits, modulo 11 (GB 11643)."""
ZERO = ord("0")

SIZE_OF_END = 4
"""Bytes of the number that tells where a text of a column ends."""
Place = tuple[int, int]
"""Address and length of an array: columns are many, and to ask NumPy for it takes longer than to walk a hundred texts."""

KERNEL = Kernel("transforms", ("plain_cells",))


@dataclass(frozen=True)
class Cells:
    """What the cells of a column may be; `ends_in_check_sign`: values must, as citizen numbers do."""

    automaton: Automaton
    ends_in_check_sign: bool = False

    @cached_property
    def tables(self) -> Sequence[Place]:
        """Where the tables of the automaton lie."""
        tables: Sequence[NDArray[Any]] = self.automaton.transitions, self.automaton.verdicts
        return [(address, len(table)) for address, table in zip(addresses(tables), tables, strict=True)]


def verdicts(columns: Sequence[pa.StringArray], wanted: Sequence[Cells]) -> NDArray[np.uint8]:
    """What each cell is (`REJECTED`, `VALUE`, `NONE`), a row a column.

    columns: texts, no nulls.
    """
    rows = len(columns[0])
    found = np.zeros((len(wanted), rows), np.uint8)
    [start] = addresses([found])
    for place, (column, cells) in enumerate(zip(columns, wanted, strict=True) if rows else ()):
        _, ends, text = column.buffers()
        texts = (text.address, text.size) if text else (0, 0), (ends.address + column.offset * SIZE_OF_END, rows + 1)
        verdict = start + place * rows, rows
        _walk(*texts, *cells.tables, verdict)
        if cells.ends_in_check_sign:
            _check(*texts, verdict)
    return found


@KERNEL.entry
def _walk(
    text: NDArray[np.uint8],
    ends: NDArray[np.int32],
    transitions: NDArray[np.uint16],
    meaning: NDArray[np.uint8],
    verdict: NDArray[np.uint8],
) -> None:
    """Two texts keep step: each look into the table waits for the one before, so that there is time for that of another text."""
    for row in range(0, len(verdict) - 1, 2):
        at = ends[row]
        end = other_at = ends[row + 1]
        other_end = ends[row + 2]
        state = other = START
        while at < end and other_at < other_end:
            state = transitions[state * BYTES + text[at]]
            other = transitions[other * BYTES + text[other_at]]
            at += 1
            other_at += 1
        verdict[row] = meaning[_last(text, at, end, transitions, state)]
        verdict[row + 1] = meaning[_last(text, other_at, other_end, transitions, other)]
    if len(verdict) % 2 != 0:
        row = len(verdict) - 1
        verdict[row] = meaning[_last(text, ends[row], ends[row + 1], transitions, START)]


@KERNEL.compiled
def _last(text: NDArray[np.uint8], at: int, end: int, transitions: NDArray[np.uint16], state: int) -> int:
    """The state at the end of a text, from one on the way."""
    while at < end and state != DEAD:
        state = transitions[state * BYTES + text[at]]
        at += 1
    return state


@KERNEL.entry
def _check(text: NDArray[np.uint8], ends: NDArray[np.int32], verdict: NDArray[np.uint8]) -> None:
    for row in range(len(verdict)):
        if verdict[row] == VALUE:
            at = ends[row]
            weighted = 0
            for place in range(len(WEIGHTS)):
                weighted += (text[at + place] - ZERO) * WEIGHTS[place]
            if text[at + len(WEIGHTS)] != CHECK_SIGNS[weighted % len(CHECK_SIGNS)]:
                verdict[row] = REJECTED
