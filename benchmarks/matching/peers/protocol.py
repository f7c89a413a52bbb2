"""How a peer is run: `python -m benchmarks.matching.peers.NAME --library L --queries Q --out O`.

Needs only what every peer's environment has: pyarrow. Writes one row a query (`query_id, row, score, second`: best library row
or -1, its score, the score of the runner-up) and beside it a JSON file of measurements.
"""

import argparse
import json
import re
import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.matching.memory import PeakMemory

_DROPPED = re.compile(r"[\s。;；:：()（）]+|[,，、](?![0-9])")
_PREFIX = re.compile(r"^(?:中国)?(?:浙江省?)?(?:温州市?)?(?:瑞安[市县]?)*(?=.{2})")
_BUILDING = re.compile(r"(?<=[0-9A-Z])(?:栋|座|号楼|#楼|#|号幢)")
_ROOM = re.compile(r"(?<=[0-9])(?:房|户)(?!产)")
_TOWN = re.compile(r"^[^0-9路街巷村]{2,4}(?:街道|镇|乡)")


class Found(NamedTuple):
    """Best row (-1 for none), its score and that of the runner-up."""

    row: int
    score: float
    second: float


NOTHING = Found(-1, 0.0, 0.0)


def normalise(text: str) -> str:
    """Full width, case, spaces and punctuation, the divisions above the town, and the words for buildings and rooms made alike."""
    text = _DROPPED.sub("", unicodedata.normalize("NFKC", text).upper())
    return _ROOM.sub("室", _BUILDING.sub("幢", _PREFIX.sub("", text)))


def town_of(text: str) -> str:
    """The town a normalised text begins with, empty for none."""
    match = _TOWN.match(text)
    return match.group() if match else ""


def run(
    build: Callable[[pa.Table], Any],
    match: Callable[[Any, Sequence[str], int], list[Found]],
    sample: Callable[[Any, Sequence[str]], None] = lambda index, texts: None,
) -> None:
    """Build from the library, match the queries, write results and measurements; `sample` may look at texts before the clock runs."""
    parser = argparse.ArgumentParser()
    for name in ("library", "queries", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    library = pq.read_table(given.library)
    queries = pq.read_table(given.queries, columns=["query_id", "text"])
    if given.limit:
        queries = queries.slice(0, given.limit)
    texts = queries["text"].to_pylist()
    with PeakMemory() as memory:
        start = time.perf_counter()
        index = build(library)
        built = time.perf_counter() - start
        sample(index, texts)
        start = time.perf_counter()
        found = match(index, texts, given.workers)
        matched = time.perf_counter() - start
    columns = {"query_id": queries["query_id"], **{name: [getattr(one, name) for one in found] for name in Found._fields}}
    pq.write_table(pa.table(columns), given.out)
    measures = {
        "library_rows": library.num_rows,
        "build_seconds": built,
        "match_seconds": matched,
        "measured_queries": len(texts),
        "addresses_per_second": len(texts) / matched,
        "peak_mb": memory.megabytes,
        "workers": given.workers,
    }
    given.out.with_suffix(".json").write_text(json.dumps(measures), encoding="utf-8")
