"""Matching: from a batch of records to a batch of results, each distinct input row worked out once."""

import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import cpu_count, get_all_start_methods, get_context
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from address_matching.address_alias import by_text
from address_matching.collector import collector_paused
from address_matching.compiled.answering import Answers
from address_matching.compiled.deciding import CAREFUL
from address_matching.decide import Outcome, Ties, unmatched
from address_matching.index import AddressIndex
from address_matching.latin import is_latin, rewrite
from address_matching.model import RESULT_SCHEMA, RecordsError
from address_matching.normalise import MAX_LENGTH, normalise
from address_matching.parse import parse
from address_matching.place import Place
from address_matching.quick import FEW, id_and_level, quick_answers, quick_table
from address_matching.source_ids import SURE
from address_matching.special import is_virtual, special_reason
from address_matching.spread import spread
from address_matching.words import fault_codes

MANY = 2_000
"""Fewer texts than this are not worth further processes."""
_shared: AddressIndex | None = None
"""What forked processes read by; they inherit it, memory-mapped tables included."""

_OPTIONAL = ("as_of", "division_code", "community", "source_address_id", "lon", "lat")


class Request(NamedTuple):
    """Everything of an input row that the result depends on."""

    text: str | None
    as_of: date | None = None
    division_code: str | None = None
    community: str | None = None
    source_address_id: str | None = None
    lon: float | None = None
    lat: float | None = None


class Part(NamedTuple):
    """One place of a text with its outcome."""

    place: Place | None
    outcome: Outcome


def match(index: AddressIndex, records: pa.Table, *, workers: int | None = None) -> pa.Table:
    """Match records (`record_id`, `text`, optionally `as_of division_code community source_address_id lon lat`).

    Texts in the usual form are answered by the quick reader, `workers` at a time (all cores if not given), the others one by one by
    the careful one; a few texts (not worth the quick reader's start) by the careful one alone. Returns RESULT_SCHEMA, ordered as
    the records, parts from 1. Raises RecordsError if a required column is missing.
    """
    for name in ("record_id", "text"):
        if name not in records.column_names:
            raise RecordsError(f"待匹配记录缺少必需的列 {name};请补上该列,或用选项指明地址列与编号列。")
    records = records.combine_chunks()
    quick = quick_answers(index, records, workers) if records.num_rows >= FEW else None
    return _results(index, records, quick, workers)


def _results(index: AddressIndex, records: pa.Table, quick: Answers | None, workers: int | None) -> pa.Table:
    """Results of all records, those without a quick answer worked out here."""
    rows = _Rows(index)
    left = np.arange(records.num_rows) if quick is None else np.flatnonzero(quick.answer == CAREFUL)
    counts = np.ones(records.num_rows, np.int64)
    requests = list(_requests(records.take(pa.array(left))))
    for row, outcomes in zip(left.tolist(), read_carefully(index, requests, workers), strict=True):
        rows.add(row, outcomes)
        counts[row] = len(outcomes)
    careful = rows.table(records.column("record_id"))
    if quick is None:
        return careful
    answered = np.flatnonzero(quick.answer != CAREFUL)
    both = pa.concat_tables([quick_table(index, records.column("record_id"), quick, answered), careful])
    of_row = np.concatenate([answered, np.repeat(left, counts[left])])
    return both.take(pa.array(np.argsort(of_row, kind="stable"))).combine_chunks()


def read_carefully(index: AddressIndex, requests: Sequence[Request], workers: int | None) -> Iterator[list[Outcome]]:
    """Outcomes of input rows read one by one, equal rows once; many of them by several processes that share the index."""
    distinct = list(dict.fromkeys(requests))
    if workers == 1 or len(distinct) < MANY or "fork" not in get_all_start_methods():
        found = _outcomes(index, distinct)
    else:
        global _shared
        _shared = index
        size = -(-len(distinct) // (4 * (workers or cpu_count())))
        with ProcessPoolExecutor(workers, get_context("fork"), initializer=_leave_signals_alone) as pool:
            parts = list(pool.map(_outcomes_of_shared, [distinct[at : at + size] for at in range(0, len(distinct), size)]))
        found = [outcomes for part in parts for outcomes in part]
    known = dict(zip(distinct, found, strict=True))
    return (known[request] for request in requests)


def _leave_signals_alone() -> None:
    """A forked process inherits the handlers of whoever matches, a scheduler's among them; ended, it must end."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _outcomes_of_shared(requests: Sequence[Request]) -> list[list[Outcome]]:
    assert _shared is not None
    return _outcomes(_shared, requests)


@collector_paused()
def _outcomes(index: AddressIndex, requests: Sequence[Request]) -> list[list[Outcome]]:
    return [[part.outcome for part in match_one(index, request)] for request in requests]


def _requests(records: pa.Table) -> Iterator[Request]:
    columns: list[list[Any]] = [records.column("text").to_pylist()]
    for name in _OPTIONAL:
        if name not in records.column_names:
            columns.append([None] * records.num_rows)
            continue
        wanted = pa.date32() if name == "as_of" else pa.float64() if name in ("lon", "lat") else pa.string()
        columns.append(records.column(name).cast(wanted).to_pylist())
    return map(Request, *columns)


def match_one(index: AddressIndex, request: Request) -> list[Part]:
    """Match one input row; always at least one part."""
    parts = _match_text(index, request)
    if request.source_address_id:
        place, outcome = parts[0]
        parts[0] = Part(place, with_source_id(index, request.source_address_id, outcome))
    return parts


def _match_text(index: AddressIndex, request: Request) -> list[Part]:
    written = request.text or ""
    romanised = rewrite(written, index.misspelt.roads_by_sound) if is_latin(written[:MAX_LENGTH]) else ""
    text = normalise(romanised or written)
    special = special_reason(text)
    if special:
        return [Part(None, Outcome("review" if special == "reference" else "unmatched", -1, special, 0.0, ()))]
    day = None if request.as_of is None else (request.as_of - date(1970, 1, 1)).days
    ties = Ties(day, request.division_code or "", request.community or "", request.lon, request.lat)
    parsed = parse(text, index.vocabulary, index.misspelt, day)
    if romanised:
        for found in parsed.places:
            found.faults.append("pinyin")
    if text in index.text_aliases:
        return [Part(parsed.places[0] if parsed.places else None, by_text(index, index.text_aliases[text], ties))]
    parts = [Part(place, outcome) for place, outcome in spread(index, parsed, ties)]
    if not parts or parts[0].outcome.status == "unmatched":
        if is_virtual(text):
            return [Part(None, unmatched("virtual"))]
        return parts or [Part(None, unmatched("unparsable"))]
    return parts


def with_source_id(index: AddressIndex, address_id: str, outcome: Outcome) -> Outcome:
    """Use the address id a source gives: it counts where the text does not contradict it; see source_ids for many at once."""
    node = index.node_of_id(address_id)
    if node < 0 or outcome.reason in ("out_of_area", "virtual") or (outcome.node >= 0 and index.is_under(outcome.node, node)):
        return outcome
    unknown = any(fault.endswith(("_unknown", "_conflict")) for fault in outcome.faults)
    elsewhere = outcome.node >= 0 and not index.is_under(node, outcome.node)
    if unknown or elsewhere:
        found = (outcome.node, node) if outcome.node >= 0 else (node,)
        safe = index.common(found) if elsewhere else outcome.node
        return Outcome("review", safe, "ambiguous", 0.5, (*outcome.faults, "hint_conflict"), found)
    return Outcome("matched", node, "exact", SURE, (*outcome.faults, "hint"))


class _Rows:
    """Result columns filled row by row, made into Arrow arrays once."""

    def __init__(self, index: AddressIndex) -> None:
        self.index = index
        self.rows: list[int] = []
        self.parts: list[int] = []
        self.nodes: list[int] = []
        self.statuses: list[str] = []
        self.scores: list[float] = []
        self.reasons: list[str] = []
        self.faults: list[str] = []
        self.offsets: list[int] = [0]
        self.candidate_nodes: list[int] = []
        self.candidate_scores: list[float] = []

    def add(self, row: int, outcomes: list[Outcome]) -> None:
        for part, outcome in enumerate(outcomes, start=1):
            self.rows.append(row)
            self.parts.append(part)
            self.nodes.append(outcome.node)
            self.statuses.append(outcome.status)
            self.scores.append(outcome.score)
            self.reasons.append(outcome.reason)
            self.faults.append(fault_codes(outcome.faults))
            if outcome.candidates:
                self.candidate_nodes += outcome.candidates
                self.candidate_scores += [round(outcome.score / len(outcome.candidates), 3)] * len(outcome.candidates)
            self.offsets.append(len(self.candidate_nodes))

    def table(self, record_ids: pa.ChunkedArray) -> pa.Table:
        ids, levels = id_and_level(self.index, self.nodes)
        candidate_ids, candidate_levels = id_and_level(self.index, self.candidate_nodes)
        structs = pa.StructArray.from_arrays(
            [candidate_ids, candidate_levels, pa.array(self.candidate_scores, pa.float64())],
            names=["address_id", "level", "score"],
        )
        columns = [
            record_ids.take(pa.array(self.rows, pa.int64())).cast(pa.string()),
            pa.array(self.parts, pa.int32()),
            ids,
            levels,
            pa.array(self.statuses, pa.string()),
            pa.array(self.scores, pa.float64()),
            pa.array(self.reasons, pa.string()),
            pa.array(self.faults, pa.string()),
            pa.ListArray.from_arrays(pa.array(self.offsets, pa.int32()), structs),
        ]
        return pa.table(columns, schema=RESULT_SCHEMA)
