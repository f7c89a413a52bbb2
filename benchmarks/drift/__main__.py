"""`python -m benchmarks.drift`: false alarms over years of natural change, and what is found of planted drift."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from benchmarks.drift.months import judged, read_frame, year
from benchmarks.drift.plants import PLANTS, Plant
from schemas.contract import Contract, source_contracts
from transforms.drift.anomaly import Anomaly, worst
from transforms.drift.delivery import Delivery

INCREMENTAL_TOO = ("emergency_management.hazard_inspection", "public_security.rental_house")
"""Datasets that are tried as increments as well."""
HISTORY = 6
"""The months before a planted drift."""


def main(
    exports: Annotated[Path, typer.Argument(help="样例导出目录（python -m samples 写出的）", exists=True, file_okay=False)],
    day: Annotated[str, typer.Option("--date", help="样例的导出日期")] = "2025-12-31",
    seeds: Annotated[int, typer.Option(help="每个数据集做几年")] = 1,
) -> None:
    """自然变化下的误报，和人为变化的检出。"""
    last = date.fromisoformat(day)
    frames = {contract.id: (contract, frame) for contract, frame in _datasets(exports)}
    told: Counter[str] = Counter()
    pasts: dict[str, list[Delivery]] = {}
    for contract, frame in _tried(frames.values()):
        for seed in range(seeds):
            past: list[Delivery] = []
            for period, rows in year(frame, contract, last, seed):
                now, found = judged(rows, contract, period, past[-HISTORY:])
                severity = worst(found)
                told[severity or "nothing"] += bool(past)
                _tell(contract, len(past) + 1, found)
                past.append(now)
            pasts.setdefault(contract.id, past[-HISTORY:])
    alarms = told["warn"] + told["block"]
    typer.echo(
        f"误报：{told.total()} 次报送（各数据集第 2 至 12 个月），提示或拦下 {alarms} 次（{alarms / told.total():.1%}），拦下 {told['block']} 次"
    )
    results = [_planted(plant, *frames[plant.dataset], pasts[plant.dataset], last) for plant in PLANTS]
    typer.echo(
        f"检出：{sum(is_found for is_found, _ in results)} / {len(results)}，其中拦下 {sum(is_blocked for _, is_blocked in results)}"
    )


def _datasets(exports: Path) -> Iterator[tuple[Contract, pd.DataFrame]]:
    for contract in source_contracts().values():
        if contract.system != "reference":
            for pattern in contract.path_patterns:
                for file in sorted(exports.glob(pattern)):
                    yield contract, read_frame(file, contract)


def _tried(datasets: Iterable[tuple[Contract, pd.DataFrame]]) -> Iterator[tuple[Contract, pd.DataFrame]]:
    for contract, frame in datasets:
        yield contract, frame
        if contract.id in INCREMENTAL_TOO:
            yield replace(contract, delivery="incremental"), frame


def _planted(plant: Plant, contract: Contract, frame: pd.DataFrame, past: Sequence[Delivery], last: date) -> tuple[bool, bool]:
    """Whether something fitting is told, and whether the batch would be kept out."""
    *_, (_, rows) = year(frame, contract, last, 0)
    _, found = judged(plant.change(rows, np.random.default_rng(0)), contract, last, past)
    fitting = [each for each in found if each.severity != "note" and set(plant.columns) & set(each.column.split("、"))]
    is_blocked = worst(found) == "block"
    typer.echo(
        f"  {'检出' if fitting else '漏过'}{'，拦下' if is_blocked else ''}：{plant.label}（{'、'.join(sorted({each.kind for each in found}))}）"
    )
    return bool(fitting), is_blocked


def _tell(contract: Contract, month: int, found: Sequence[Anomaly]) -> None:
    for each in found:
        if each.severity != "note":
            typer.echo(
                f"  误报：{contract.id} {contract.delivery} 第 {month} 个月 {each.severity}：{each.message}（{each.change or 0:.2f} > {each.limit or 0:.2f}）"
            )


if __name__ == "__main__":
    typer.run(main)
