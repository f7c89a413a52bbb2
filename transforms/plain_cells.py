"""What the cells of a batch of texts are by the patterns of their columns, told by machine code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from machine_code.kernel import Kernel
from transforms.automaton import BYTES, DEAD, REJECTED, START, VALUE, Automaton
from transforms.elements_identifiers import CITIZEN_WEIGHTS

WEIGHTS = np.array(CITIZEN_WEIGHTS, np.int32)
CHECK_SIGNS = np.frombuffer(b"10X98765432", np.uint8)
"""The last sign of a citizen number by the weighted sum of its digits, modulo 11 (GB 11643)."""
ZERO = ord("0")

KERNEL = Kernel("transforms", ("plain_cells",))


@dataclass(frozen=True, slots=True)
class Cells:
    """What the cells of a column may be; `ends_in_check_sign`: values must, as citizen numbers do."""

    automaton: Automaton
    ends_in_check_sign: bool = False


def verdicts(columns: Sequence[pa.StringArray], wanted: Sequence[Cells]) -> NDArray[np.uint8]:
    """What each cell is (`REJECTED`, `VALUE`, `NONE`), a row a column. Rows one of whose cells was rejected are looked at no further.

    columns: texts, no nulls.
    """
    found = np.zeros((len(wanted), len(columns[0])), np.uint8)
    matched = np.ones(len(columns[0]), np.uint8)
    for column, cells, verdict in zip(columns, wanted, found, strict=True):
        if len(column):
            _, ends, text = (np.frombuffer(buffer or b"\0", kind) for buffer, kind in zip(column.buffers(), KINDS, strict=True))
            ends = ends[column.offset : column.offset + len(column) + 1]
            _walk(text, ends, cells.automaton.transitions, cells.automaton.verdicts, verdict, matched)
            if cells.ends_in_check_sign:
                _check(text, ends, verdict, matched)
    return found


KINDS = (np.uint8, np.int32, np.uint8)
"""Of the buffers of a column of texts: what is null, where the texts begin and end, the texts."""


@KERNEL.entry
def _walk(
    text: NDArray[np.uint8],
    ends: NDArray[np.int32],
    transitions: NDArray[np.uint16],
    meaning: NDArray[np.uint8],
    verdict: NDArray[np.uint8],
    matched: NDArray[np.uint8],
) -> None:
    for row in range(len(matched)):
        if matched[row] != 0:
            state = START
            at = ends[row]
            end = ends[row + 1]
            while at < end and state != DEAD:
                state = transitions[state * BYTES + text[at]]
                at += 1
            verdict[row] = meaning[state]
            matched[row] = meaning[state]


@KERNEL.entry
def _check(text: NDArray[np.uint8], ends: NDArray[np.int32], verdict: NDArray[np.uint8], matched: NDArray[np.uint8]) -> None:
    for row in range(len(matched)):
        if verdict[row] == VALUE:
            at = ends[row]
            weighted = 0
            for place in range(len(WEIGHTS)):
                weighted += (text[at + place] - ZERO) * WEIGHTS[place]
            if text[at + len(WEIGHTS)] != CHECK_SIGNS[weighted % len(CHECK_SIGNS)]:
                verdict[row] = REJECTED
                matched[row] = 0
