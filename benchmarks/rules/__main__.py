"""`python -m benchmarks.rules`: all rules on five million rows and on the tables of a release, against one baseline."""

import tempfile
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from benchmarks.pipeline.runs import Cost, measured
from benchmarks.rules.rows import make_rows
from benchmarks.rules.tables import make_tables

STEPS = {"rows": "契约的规则，逐行", "expectations": "Great Expectations，采纳的行", "tables": "一版的规则，各表"}
MODULE = "benchmarks.rules.steps"
AIMED_ROWS, SECONDS, MEGABYTES = 5_000_000, 60.0, 1536
"""What is aimed at: all rules on so many rows within so many CPU-seconds and so much memory."""


def main(
    rows: Annotated[int, typer.Option(help="导出的行数，也是各表记录的总数")] = 5_000_000,
    folder: Annotated[Path | None, typer.Option(help="放数据的目录（默认用后即删；5 百万行约 2 GB）")] = None,
) -> None:
    """全部规则的处理器时间，除以同一次测量中 DuckDB 把同样的行按文本读入、写成 Parquet 的时间。"""
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            _measure(Path(made), rows)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        _measure(folder, rows)


def _measure(folder: Path, rows: int) -> None:
    typer.echo("准备数据", err=True)
    make_rows(folder / "rows.csv", rows)
    with duckdb.connect() as connection:
        make_tables(connection, folder, rows)
    base = measured("text", folder, module=MODULE)
    typer.echo(f"{rows:,} 行，基准 {base.found['judged']:.1f} 处理器秒，{base.megabytes:,.0f} MB")
    costs = []
    for step, label in STEPS.items():
        typer.echo(label, err=True)
        costs.append(measured(step, folder, module=MODULE))
        typer.echo(_line(label, costs[-1], base))
    total, memory = sum(cost.found["judged"] for cost in costs), max(cost.megabytes for cost in costs)
    typer.echo(
        f"合计 {total:.1f} 处理器秒（每 5 百万行 {total * AIMED_ROWS / rows:.1f}，目标 {SECONDS:.0f}），内存 {memory:,.0f} MB（目标 {MEGABYTES:,}）"
    )


def _line(label: str, cost: Cost, base: Cost) -> str:
    judged = cost.found["judged"]
    found = "，".join(f"{name} {value}" for name, value in cost.found.items() if name != "judged")
    return f"{label}：{judged:.1f} 处理器秒，{judged / base.found['judged']:.2f} 倍，内存 {cost.megabytes:,.0f} MB（{found}）"


if __name__ == "__main__":
    typer.run(main)
