"""Running a peer in its own environment, and its thresholds, which come from another seed."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.matching.chance import words
from benchmarks.matching.environments import REQUIREMENTS, python_of
from benchmarks.matching.library.aliases import address_id
from benchmarks.matching.score.judge import ANSWER_SCHEMA
from benchmarks.matching.store import Data

PROJECT = Path(__file__).parents[3]
TUNING_SEED, TUNING_QUERIES, TUNING_ROWS = 1_000, 2_000, 500_000
MARGINS = (0.0, 1e-6, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1.0, 2.0, 4.0)
Say = Callable[[str], None]


class PeerFailed(RuntimeError):
    """A peer ended with an error; the message holds the end of what it printed."""


@dataclass(frozen=True)
class Peer:
    """A matcher of `peers/`, run by its own Python. `queries` is how many of the queries it gets, 0 for all."""

    name: str
    title: str
    least_rows: int
    most_rows: int
    queries: int

    def fits(self, rows: int) -> bool:
        """Whether it is run on a library of this size."""
        return self.least_rows <= rows <= self.most_rows

    def run(self, data: Data, workers: int, fresh: bool, say: Say) -> tuple[pa.Table, dict[str, Any]]:
        """Answers (ANSWER_SCHEMA) to its share of the queries, and measurements."""
        threshold, margin = self._thresholds(data, workers, say)
        found, speed = self._found(data, self.queries, workers, fresh, say)
        return _answers(found, threshold, margin), {**speed, "threshold": threshold, "margin": margin}

    def _thresholds(self, data: Data, workers: int, say: Say) -> tuple[float, float]:
        """Least score and least lead over the runner-up that give the best F1 on a library and queries of another seed."""
        tuning = Data(data.root, min(data.rows, TUNING_ROWS), TUNING_QUERIES, data.seed + TUNING_SEED)
        tuning.prepare(say)
        found, _ = self._found(tuning, TUNING_QUERIES, workers, False, say)
        return best_thresholds(found, tuning.queries.slice(0, len(found)))

    def _found(self, data: Data, limit: int, workers: int, fresh: bool, say: Say) -> tuple[pd.DataFrame, dict[str, Any]]:
        """Best rows with scores; kept beside the data until the peer's code or requirements change."""
        out = data.folder / f"{self.name}-{limit}-{workers}-{self._version()}.parquet"
        if fresh or not out.with_suffix(".json").exists():
            python = python_of(self.name, data.root / "environments", say)
            say(f"{self.title}：{data.rows:,} 行")
            self._call(python, data, out, limit, workers)
        speed: dict[str, Any] = json.loads(out.with_suffix(".json").read_text(encoding="utf-8"))
        return pq.read_table(out).to_pandas(), speed

    def _call(self, python: Path, data: Data, out: Path, limit: int, workers: int) -> None:
        command: list[object] = [python, "-m", f"benchmarks.matching.peers.{self.name}", "--limit", limit, "--workers", workers]
        for option, path in (("library", data.folder / "library.parquet"), ("queries", data.folder / "queries.parquet"), ("out", out)):
            command += [f"--{option}", path]
        environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
        done = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise PeerFailed(f"{self.title} 没有跑完：\n{done.stdout[-1000:]}{done.stderr[-3000:]}")

    def _version(self) -> str:
        digest = blake2b(digest_size=4)
        for path in [*sorted((PROJECT / "benchmarks/matching/peers").glob("*.py")), REQUIREMENTS / f"{self.name}.txt"]:
            if path.stem in (self.name, "protocol", "parser"):
                digest.update(path.read_bytes())
        return digest.hexdigest()


def peers() -> list[Peer]:
    """All peers, in the order of the table."""
    return [Peer(name, **entry) for name, entry in words("peers").items()]


def best_thresholds(found: pd.DataFrame, queries: pa.Table) -> tuple[float, float]:
    """Least score and least lead over the runner-up with the best F1; the lowest of equal ones."""
    scores, second = found["score"].to_numpy(dtype=float), found["second"].to_numpy(dtype=float)
    some = found["row"].to_numpy() >= 0
    if not some.any():
        return 0.0, 0.0
    truth, also = queries["truth"].to_pylist(), queries["also"].to_pylist()
    right = np.array([row >= 0 and address_id(row) in (one, *others) for row, one, others in zip(found["row"], truth, also, strict=True)])
    answerable = sum(one is not None for one in truth)
    best = (-1.0, 0.0, 0.0)
    for threshold in np.unique(np.quantile(scores[some], np.linspace(0, 0.7, 71))).tolist():
        for margin in MARGINS:
            taken = some & (scores >= threshold) & (scores - second >= margin)
            f1 = 2 * int((taken & right).sum()) / max(1, int(taken.sum()) + answerable)
            if f1 > best[0]:
                best = (f1, threshold, margin)
    return best[1], best[2]


def _answers(found: pd.DataFrame, threshold: float, margin: float) -> pa.Table:
    """Take a best row as the answer where its score and its lead are enough."""
    taken = (found["row"] >= 0) & (found["score"] >= threshold) & (found["score"] - found["second"] >= margin)
    ids = [address_id(row) if good else None for row, good in zip(found["row"], taken, strict=True)]
    nothing = pa.nulls(len(found), pa.string())
    columns = {
        "query_id": pa.array(found["query_id"], pa.string()),
        "address_id": pa.array(ids, pa.string()),
        "level": nothing,
        "status": pa.array(["matched" if good else "unmatched" for good in taken]),
        "score": pa.nulls(len(found), pa.float64()),
        "reason": nothing,
        "faults": nothing,
        "candidates": pa.nulls(len(found), pa.list_(pa.string())),
    }
    return pa.table(columns, schema=ANSWER_SCHEMA)
