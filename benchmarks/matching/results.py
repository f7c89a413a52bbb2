"""Results of a run as plain data: figures, groups and reliability curve of each matcher at each size."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks.matching.matchers import ours
from benchmarks.matching.matchers.peer import Peer, peers
from benchmarks.matching.score import calibration, groups, judge, summary
from benchmarks.matching.store import Data

GROUPS = ("hardness", "style", "level", "noise")
OURS = "ours"


@dataclass
class Result:
    """One matcher on one library. `groups` and `calibration` are records, empty for peers that are not ours."""

    name: str
    title: str
    rows: int
    figures: dict[str, float]
    speed: dict[str, Any]
    groups: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    calibration: list[dict[str, Any]] = field(default_factory=list)


def measure(
    data: Data, only: Sequence[str], workers: int, fresh: bool, say: Callable[[str], None]
) -> tuple[list[Result], pd.DataFrame | None]:
    """Run the wanted matchers on one library; returns results and our verdicts."""
    data.prepare(say)
    queries, results, verdicts = data.queries, [], None
    for peer in peers():
        if _wanted(peer, only, data.rows):
            answers, speed = peer.run(data, workers, fresh, say)
            table = judge(queries.slice(0, answers.num_rows), answers, data.library)
            results.append(Result(peer.name, peer.title, speed["library_rows"], summary(table), speed, _groups(table)))
    if not only or OURS in only:
        answers, speed = ours.run(data, workers, say)
        say("打分")
        verdicts = judge(queries, answers, data.library)
        curve = _records(calibration(verdicts))
        results.append(Result(OURS, "本项目", speed["library_rows"], summary(verdicts), speed, _groups(verdicts), curve))
    return results, verdicts


def _wanted(peer: Peer, only: Sequence[str], rows: int) -> bool:
    return (peer.name in only) if only else peer.fits(rows)


def _groups(table: pd.DataFrame) -> dict[str, list[dict[str, Any]]]:
    return {name: _records(groups(table, name)) for name in GROUPS}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def save_results(results: Sequence[Result], about: dict[str, Any], path: Path) -> None:
    """Write results with what they are about (`queries, seed, workers`, machine) and the day."""
    content = {**about, "day": datetime.now(UTC).date().isoformat(), "results": [asdict(result) for result in results]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
