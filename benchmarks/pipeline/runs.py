"""What is measured, each in a process of its own: the baseline, a load with its parts, answers of the share."""

import json
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb

from benchmarks.matching.memory import PeakMemory

NOW = datetime(2026, 2, 2, tzinfo=UTC)
EXPECTATIONS = ("check.expectations", "publish.expectations")
VERBS = ("receive", "check", "match", "resolve", "publish", "serve")
LOOKUPS = {"person": "person_id", "house": "house_id", "organisation": "organisation_id", "address": "address_id"}
GROUPED = "SELECT town, count(*) FROM pool.residence JOIN pool.address USING (address_id) GROUP BY town"
LOOKED_UP = 200


@dataclass(frozen=True, slots=True)
class Cost:
    """What something took: CPU-seconds in all and by stage, peak resident memory in MB, and what else was found."""

    cpu: float
    megabytes: float
    stages: dict[str, float] = field(default_factory=dict)
    found: dict[str, Any] = field(default_factory=dict)

    def of(self, *stages: str) -> float:
        """CPU-seconds of some stages."""
        return sum(self.stages.get(name, 0.0) for name in stages)

    @property
    def to_release(self) -> float:
        """Up to a release, with neither matching nor Great Expectations nor serving."""
        return self.of("receive", "check", "resolve", "publish") - self.of(*EXPECTATIONS)

    @property
    def with_matching(self) -> float:
        """Up to a release, all counted."""
        return self.of("receive", "check", "match", "resolve", "publish")


def measured(step: str, *arguments: object, module: str = "benchmarks.pipeline.runs") -> Cost:
    """Do a step of a module in a process of its own."""
    command = [sys.executable, "-m", module, step, *map(str, arguments)]
    with PeakMemory() as memory:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise RuntimeError(f"{step}: {done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    answer = json.loads(done.stdout.splitlines()[-1])
    return Cost(cpu, memory.megabytes, answer.pop("stages", {}), answer)


def baseline(text: str) -> dict[str, Any]:
    """DuckDB reads every CSV file as text and writes it as Parquet."""
    with duckdb.connect() as connection:
        rows = 0
        for path in sorted(Path(text).glob("*.csv")):
            target = path.with_suffix(".parquet")
            written = connection.execute(
                f"COPY (FROM read_csv('{path}', all_varchar = TRUE, header = TRUE)) TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            ).fetchall()
            rows += written[0][0]
            target.unlink()
    return {"rows": rows}


def load(home: str, exports: str, delivery: str) -> dict[str, Any]:
    """The whole path over a folder; `delivery` says how its datasets come, `as declared` as their contracts say."""
    from flow.context import open_context
    from flow.run import run

    context = open_context(Path(home), now=NOW, run=f"load-{time.time_ns()}")
    if delivery != "as declared":
        context = replace(context, contracts={name: replace(each, delivery="incremental") for name, each in context.contracts.items()})
    release = run(context, Path(exports))
    stages: Counter[str] = Counter()
    for stage in context.pool.ledger.stages(context.run):
        stages[stage.stage] += stage.detail["cpu_seconds"]
    return {"release": release, "stages": dict(stages)}


def answers(home: str) -> dict[str, Any]:
    """Milliseconds of looking up single records and of a count by town in the share, in one open connection."""
    from flow.home import open_pool
    from flow.query import share_database

    database = share_database(open_pool(Path(home)))
    with duckdb.connect(str(database), read_only=True) as connection:
        found: dict[str, Any] = {}
        for table, key in LOOKUPS.items():
            keys = connection.execute(f"SELECT {key} FROM pool.{table} USING SAMPLE {LOOKED_UP} ROWS (reservoir, 7)").fetchall()
            connection.execute(f"PREPARE look_up AS SELECT * FROM pool.{table} WHERE {key} = $1")
            found[table] = statistics.median(_milliseconds(connection, f"EXECUTE look_up('{value}')") for (value,) in keys)
            connection.execute("DEALLOCATE look_up")
        found["by town"] = statistics.median(_milliseconds(connection, GROUPED) for _ in range(5))
        return found


def _milliseconds(connection: duckdb.DuckDBPyConnection, sql: str) -> float:
    start = time.perf_counter()
    connection.execute(sql).fetchall()
    return 1000 * (time.perf_counter() - start)


def cold_query(home: Path) -> float:
    """Seconds from a cold process to one row, the least of three."""
    command = [str(Path(sys.executable).with_name("datapool")), "query", "SELECT * FROM person LIMIT 1", "--home", str(home)]
    taken = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        taken.append(time.perf_counter() - start)
    return min(taken)


def copied(home: Path, target: Path) -> Path:
    """A copy of a home that shares the files that are never changed."""
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "-al", str(home), str(target)], check=True)
    for path in (*target.glob("ledger.sqlite*"), *target.glob("audit/*")):
        path.unlink()
        shutil.copy2(home / path.relative_to(target), path)
    return target


if __name__ == "__main__":
    steps: dict[str, Callable[..., dict[str, Any]]] = {"baseline": baseline, "load": load, "answers": answers}
    print(json.dumps(steps[sys.argv[1]](*sys.argv[2:])))
