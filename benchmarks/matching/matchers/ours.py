"""Our matcher: build, save, open, match on workers that share one memory-mapped index."""

import gc
import os
import shutil
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from address_matching import RULE_VERSION, AddressIndex, Scope, build_index, match
from benchmarks.matching.chance import words
from benchmarks.matching.library import generate_library
from benchmarks.matching.library.table import alias_table, library_table
from benchmarks.matching.memory import PeakMemory
from benchmarks.matching.score.judge import ANSWER_SCHEMA
from benchmarks.matching.store import CITY, Data

BATCH = 10_000
WARM_UP_ROWS = 5_000
WARM_UP = 500

_opened: dict[str, AddressIndex] = {}


def scope() -> Scope:
    """The county of the library, and what lies around it."""
    table = words("elsewhere")
    return Scope("浙江省", "温州市", "瑞安市", (*table["counties"], *table["cities"]))


def run(data: Data, workers: int, say: Callable[[str], None]) -> tuple[pa.Table, dict[str, Any]]:
    """Answers to all queries, and measurements: rows a second, bytes, seconds, addresses a second, peak memory in MB."""
    library, folder = data.library, data.folder / "index"
    rows = library.num_rows
    shutil.rmtree(folder, ignore_errors=True)
    say("建立索引")
    _build(*_small_library()).save(data.folder / "warm-up")
    start = time.perf_counter()
    _build(library, data.aliases).save(folder)
    built = time.perf_counter() - start
    del library
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    say("匹配")
    with PeakMemory() as memory:
        answers, seconds, opened = _match(folder, data.queries, workers)
    speed = {
        "rule_version": RULE_VERSION,
        "library_rows": rows,
        "workers": workers,
        "build_seconds": built,
        "build_rows_per_second": rows / built,
        "index_bytes_per_million": size / rows * 1_000_000,
        "open_seconds": opened,
        "match_seconds": seconds,
        "addresses_per_second": data.queries.num_rows / seconds,
        "peak_mb": memory.megabytes,
        "measured_queries": data.queries.num_rows,
    }
    return answers, speed


def _build(library: pa.Table, aliases: pa.Table) -> AddressIndex:
    return build_index(library, aliases, scope=scope())


def _small_library() -> tuple[pa.Table, pa.Table]:
    """A library on which code that is compiled at first use is compiled before the clock runs."""
    made = generate_library(CITY, WARM_UP_ROWS, 1)
    return library_table(made.library), alias_table(made.aliases)


def _match(folder: Path, queries: pa.Table, workers: int) -> tuple[pa.Table, float, float]:
    """Match in batches on processes that were warmed up; the clock runs from the first batch handed out to the last answer."""
    records = pa.table({"record_id": queries["query_id"], "text": queries["text"], "as_of": queries["as_of"]}).combine_chunks()
    rows = np.arange(records.num_rows)  # a slice would take the buffers of all records to the process
    batches = [records.take(rows[start : start + BATCH]) for start in range(0, records.num_rows, BATCH)]
    os.environ["NUMBA_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        warm = list(pool.map(_warm_up, [(str(folder), records.slice(0, WARM_UP))] * workers * 2))
        start = time.perf_counter()
        found = list(pool.map(_work, [(str(folder), batch) for batch in batches]))
        seconds = time.perf_counter() - start
    return _answers(pa.concat_tables(found)), seconds, max(warm)


def _warm_up(task: tuple[str, pa.Table]) -> float:
    """Open the index; returns the seconds that took."""
    folder, records = task
    start = time.perf_counter()
    if folder not in _opened:
        _opened[folder] = AddressIndex.open(folder)
    opened = time.perf_counter() - start
    match(_opened[folder], records)
    gc.freeze()  # as in every server: what a worker keeps for good is not looked over again and again
    return opened


def _work(task: tuple[str, pa.Table]) -> pa.Table:
    folder, records = task
    if folder not in _opened:
        _opened[folder] = AddressIndex.open(folder)
    return match(_opened[folder], records)


def _answers(results: pa.Table) -> pa.Table:
    """First parts, in ANSWER_SCHEMA."""
    first = results.filter(pc.equal(results["part"], 1)).combine_chunks()
    lists = first["candidates"].combine_chunks() if isinstance(first["candidates"], pa.ChunkedArray) else first["candidates"]
    ids = pa.ListArray.from_arrays(lists.offsets, lists.values.field("address_id"))
    columns = {name: first[name] for name in ("address_id", "level", "status", "score", "reason", "faults")}
    return pa.table({"query_id": first["record_id"], **columns, "candidates": ids}).cast(ANSWER_SCHEMA)
