"""Fit probabilities to the points of results: `python -m benchmarks.matching.tools.calibrate` writes address_matching/data/calibration.csv.

Isotonic regression by pooling adjacent violators (Barlow et al., Statistical Inference under Order Restrictions, 1972) of the share of
matched results that are right on the points of their faults, over generated queries of seeds that the published figures do not use.
"""

import csv
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from benchmarks.matching.results import OURS, measure
from benchmarks.matching.store import Data

ROOT = Path("var/benchmarks/matching")
STEP = 0.5
"""Points are counted in steps of a half."""
MOST = 0.9995
"""Generated texts do not show all that real ones can do, whatever their number."""


def main(
    seed: Annotated[list[int], typer.Option(default_factory=lambda: [11, 12], help="拟合用的随机种子，不要与公布结果所用的相同")],
    rows: Annotated[int, typer.Option(help="地址库行数")] = 50_000,
    queries: Annotated[int, typer.Option(help="每个种子的查询条数")] = 100_000,
    root: Annotated[Path, typer.Option(help="数据的目录")] = ROOT,
    output: Annotated[Path, typer.Option(help="写到哪里")] = Path("address_matching/data/calibration.csv"),
) -> None:
    """用带真值的查询拟合“扣分 → 正确概率”，写成 CSV。"""
    verdicts = []
    for number in seed:
        _, table = measure(Data(root, rows, queries, number), [OURS], 2, False, typer.echo)
        assert table is not None
        verdicts.append(table[table["matched"]])
    knots = fit(pd.concat(verdicts))
    with output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["points", "probability"])
        writer.writerows((f"{points:.2f}", f"{probability:.4f}") for points, probability in knots)
    typer.echo(f"{output}：{len(knots)} 个结点")


def fit(matched: pd.DataFrame) -> list[tuple[float, float]]:
    """Return (points, probability) of the pooled blocks, from `faults` (codes with points) and `hit`.

    Half a right and half a wrong result are added to each step, so that few results never make a certainty.
    """
    points = matched["faults"].map(points_of).to_numpy()
    steps = np.round(points / STEP) * STEP
    blocks: list[list[float]] = []
    for step in np.unique(steps):
        inside = matched["hit"].to_numpy()[steps == step]
        blocks.append([float(step), float(inside.sum()) + 0.5, float(len(inside)) + 1])
        while len(blocks) > 1 and blocks[-1][1] / blocks[-1][2] > blocks[-2][1] / blocks[-2][2]:
            last = blocks.pop()
            weight = blocks[-1][2] + last[2]
            blocks[-1] = [(blocks[-1][0] * blocks[-1][2] + last[0] * last[2]) / weight, blocks[-1][1] + last[1], weight]
    return [(points, min(right / results, MOST)) for points, right, results in blocks]


def points_of(faults: str) -> float:
    """Return the sum of the points in fault codes such as `typo:4 suffix:1`."""
    return sum(float(code.rpartition(":")[2]) for code in (faults or "").split())


if __name__ == "__main__":
    typer.run(main)
