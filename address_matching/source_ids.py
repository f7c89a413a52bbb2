"""The address id that a source gives beside a text, weighed against many quick answers at once; see `match.with_source_id` for one."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from address_matching.compiled.answering import Answers
from address_matching.compiled.codes import FAULTS, HINT
from address_matching.compiled.deciding import CAREFUL, MATCHED, MOST_PACKED, REASON_NAMES, UNMATCHED
from address_matching.index import AddressIndex

SURE = 0.99
"""Probability of an address whose id the source gives and whose text does not contradict it."""
SETTLED = [REASON_NAMES.index(reason) for reason in ("out_of_area", "virtual")]
"""What the text says for sure, whatever id stands beside it."""
CONTRADICTING = [code for code, fault in enumerate(FAULTS) if fault.endswith(("_unknown", "_conflict"))]


def take_source_ids(index: AddressIndex, answers: Answers, given: pa.StringArray) -> None:
    """Let the given ids (null where there is none) finish answers that they agree with; leave what they contradict to the careful reader."""
    rows = np.flatnonzero(pc.is_valid(given).to_numpy(zero_copy_only=False) & (answers.answer != CAREFUL))
    nodes = index.nodes_of_ids(given.take(pa.array(rows)))
    found = answers.node[rows].astype(np.int64)
    stands = (nodes < 0) | np.isin(answers.reason[rows], SETTLED) | ((found >= 0) & _are_under(index, found, nodes))
    rows, nodes, found = rows[~stands], nodes[~stands], found[~stands]
    codes = answers.faults[rows, None] >> (8 * np.arange(MOST_PACKED)) & 0xFF
    counted = (codes != 0).sum(axis=1)
    agrees = ~np.isin(codes, CONTRADICTING).any(axis=1) & ((found < 0) | _are_under(index, nodes, found)) & (counted < MOST_PACKED - 1)
    agrees &= np.isin(answers.answer[rows], (MATCHED, UNMATCHED))
    answers.answer[rows[~agrees]] = CAREFUL
    rows, nodes, counted = rows[agrees], nodes[agrees], counted[agrees]
    answers.answer[rows] = MATCHED
    answers.node[rows] = nodes
    answers.reason[rows] = REASON_NAMES.index("exact")
    answers.faults[rows] |= np.left_shift(HINT, 8 * counted)
    answers.counts[rows] = 0


def _are_under(index: AddressIndex, nodes: NDArray[np.int64], above: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether each node is the other or lies below it: parents have lesser numbers than their children."""
    parents = np.asarray(index.parent)
    climbing = nodes.copy()
    while (below := climbing > above).any():
        climbing[below] = parents[climbing[below]]
    return np.equal(climbing, above)
