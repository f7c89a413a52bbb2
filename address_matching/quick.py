"""The quick reader at work: batches of texts on all cores over one memory-mapped index."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from multiprocessing import cpu_count

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from address_matching.compiled.answering import NO_DAY, Answers, answer_texts
from address_matching.compiled.codes import FAULTS, HINT
from address_matching.compiled.deciding import CAREFUL, MATCHED, MAYBE_SPECIAL, REASON_NAMES, REVIEW, UNMATCHED, unpacked
from address_matching.compiled.hashing import string_buffers
from address_matching.compiled.layout import MOST_CANDIDATES
from address_matching.decide import score_of
from address_matching.index import AddressIndex
from address_matching.model import LEVELS, RESULT_SCHEMA
from address_matching.normalise import normalise
from address_matching.source_ids import SURE, take_source_ids
from address_matching.special import is_virtual, special_reason
from address_matching.words import fault_codes

HINTS = ("division_code", "community", "lon", "lat")
SOURCE_ID = FAULTS[HINT]
FEW = 500
"""Fewer records than this are all read carefully."""
_CHUNK = 16_384
_EVEN = np.array([1.0, *(round(1 / count, 3) for count in range(1, MOST_CANDIDATES + 1))])
"""Probability of each of so many equal candidates."""


def quick_answers(index: AddressIndex, records: pa.Table, workers: int | None) -> Answers:
    """Answer the texts of records in the usual form; where hints may decide, the careful reader does."""
    texts = pc.fill_null(records.column("text").cast(pa.string()), "").combine_chunks()
    starts, data = string_buffers(texts)
    days = _days(records)
    tables = index.quick
    chunks = [(at, min(at + _CHUNK, len(days))) for at in range(0, len(days), _CHUNK)]
    with ThreadPoolExecutor(workers or cpu_count()) as pool:
        parts = list(pool.map(lambda chunk: answer_texts(tables, data, starts[chunk[0] : chunk[1] + 1], days[chunk[0] : chunk[1]]), chunks))
    answers = Answers(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    _tell_special_texts(answers, texts)
    hints = [records.column(name) for name in HINTS if name in records.column_names]
    for hint in hints:
        given = pc.is_valid(hint).to_numpy()
        answers.answer[given & (answers.answer == REVIEW)] = CAREFUL
    if "source_address_id" in records.column_names:
        take_source_ids(index, answers, records.column("source_address_id").cast(pa.string()).combine_chunks())
    return answers


def _tell_special_texts(answers: Answers, texts: pa.StringArray) -> None:
    """Unmatched texts that may be no address at all: those that are a network address or a placeholder are unmatched as such."""
    rows = np.flatnonzero(answers.answer == MAYBE_SPECIAL)
    for row, written in zip(rows.tolist(), texts.take(pa.array(rows)).to_pylist(), strict=True):
        text = normalise(written)
        reason = special_reason(text) or ("virtual" if is_virtual(text) else "")
        answers.answer[row] = CAREFUL if reason == "reference" else UNMATCHED
        if reason:
            answers.reason[row] = REASON_NAMES.index(reason)
            answers.faults[row] = 0


def _days(records: pa.Table) -> NDArray[np.int32]:
    if "as_of" not in records.column_names:
        return np.full(records.num_rows, NO_DAY, np.int32)
    days = records.column("as_of").cast(pa.date32()).cast(pa.int32())
    return np.asarray(pc.fill_null(days, NO_DAY).combine_chunks().to_numpy(zero_copy_only=False), np.int32)


def quick_table(index: AddressIndex, record_ids: pa.ChunkedArray, answers: Answers, rows: NDArray[np.int64]) -> pa.Table:
    """Results (RESULT_SCHEMA) of the rows that have a quick answer."""
    distinct, which = np.unique(answers.faults[rows], return_inverse=True)
    faults = [_fault_names(packed) for packed in distinct.tolist()]
    answer, counts = answers.answer[rows], answers.counts[rows].astype(np.int32)
    scores = np.array([SURE if SOURCE_ID in names else score_of(names) for names in faults])[which] if len(rows) else np.zeros(0)
    scores = np.where(answer == REVIEW, np.minimum(scores, _EVEN[counts]), scores)
    ids, levels = id_and_level(index, answers.node[rows])
    status = pa.DictionaryArray.from_arrays(pa.array(answer - MATCHED), pa.array(["matched", "unmatched", "review"]))
    reasons = pa.DictionaryArray.from_arrays(pa.array(answers.reason[rows]), pa.array(REASON_NAMES))
    codes = pa.DictionaryArray.from_arrays(
        pa.array(which.astype(np.int32)), pa.array([fault_codes(names) for names in faults], pa.string())
    )
    columns = [
        record_ids.take(pa.array(rows)).cast(pa.string()),
        pa.array(np.ones(len(rows), np.int32)),
        ids,
        levels,
        status.cast(pa.string()),
        pa.array(np.where(answer == UNMATCHED, 0.0, scores)),
        reasons.cast(pa.string()),
        codes.cast(pa.string()),
        _candidates(index, answers, rows, counts, scores),
    ]
    return pa.table(columns, schema=RESULT_SCHEMA)


def _candidates(
    index: AddressIndex, answers: Answers, rows: NDArray[np.int64], counts: NDArray[np.int32], scores: NDArray[np.float64]
) -> pa.ListArray:
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    nodes = answers.candidates.reshape(-1, MOST_CANDIDATES)[rows]
    ids, levels = id_and_level(index, nodes[np.arange(MOST_CANDIDATES) < counts[:, None]])
    shared = [round(score / count, 3) for score, count in zip(scores.tolist(), counts.tolist(), strict=True) for _ in range(count)]
    return pa.ListArray.from_arrays(
        pa.array(offsets), pa.StructArray.from_arrays([ids, levels, pa.array(shared, pa.float64())], names=["address_id", "level", "score"])
    )


@cache
def _fault_names(packed: int) -> tuple[str, ...]:
    return tuple(FAULTS[code] for code in unpacked(packed))


def id_and_level(index: AddressIndex, nodes: Sequence[int] | NDArray[np.int32]) -> tuple[pa.Array, pa.Array]:
    """Address ids and level names of nodes, null for -1."""
    array = np.asarray(nodes, dtype=np.int64)
    absent = array < 0
    levels = pa.DictionaryArray.from_arrays(pa.array(index.levels_of(array), mask=absent), pa.array(LEVELS))
    return index.address_ids(array, absent), levels.cast(pa.string())
