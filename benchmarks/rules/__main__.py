"""`python -m benchmarks.rules`: all rules on five million rows and on the tables of a release, against one baseline."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from benchmarks.pipeline.runs import Cost, measured
from benchmarks.rules.rows import contract_of_rows, make_rows
from benchmarks.rules.tables import make_tables

STEPS = {
    "text": "基准：按文本读写",
    "rows": "契约的规则，逐行",
    "expectations": "Great Expectations，采纳的行",
    "tables": "一版的规则，各表，及 Great Expectations 的结论",
    "release": "Great Expectations，各表的键、引用、代码、写法",
}
MODULE = "benchmarks.rules.steps"
AIMED_ROWS, SECONDS, MEGABYTES = 5_000_000, 60.0, 1536
"""What is aimed at: all rules on so many rows within so many CPU-seconds and so much memory."""


def main(
    rows: Annotated[int, typer.Option(help="导出的行数，也是各表记录的总数")] = AIMED_ROWS,
    folder: Annotated[Path | None, typer.Option(help="放数据的目录（默认用后即删；5 百万行约 2 GB）")] = None,
    report: Annotated[Path | None, typer.Option(help="把结果写成这个 Markdown 文件")] = None,
) -> None:
    """全部规则的处理器时间，除以同一次测量中 DuckDB 把同样的行按文本读入、写成 Parquet 的时间。"""
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            text = _measure(Path(made), rows)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        text = _measure(folder, rows)
    typer.echo(text)
    if report:
        report.write_text(text, encoding="utf-8")


def _measure(folder: Path, rows: int) -> str:
    typer.echo("准备数据", err=True)
    make_rows(folder / "rows.csv", rows)
    with duckdb.connect() as connection:
        make_tables(connection, folder, rows)
    costs = {}
    for step, label in STEPS.items():
        typer.echo(label, err=True)
        costs[step] = measured(step, folder, module=MODULE)
        typer.echo(f"{costs[step].found['judged']:.1f} 处理器秒，{costs[step].found['mebibytes']:,} MB", err=True)
    return _page(costs, rows)


def _page(costs: Mapping[str, Cost], rows: int) -> str:
    base, judged = costs["text"].found["judged"], {step: cost.found["judged"] for step, cost in costs.items()}
    checked, stated, tables = (costs[step].found for step in ("rows", "expectations", "tables"))
    imported = stated["imported"]
    whole = sum(judged.values()) - base + imported
    memory = max(cost.found["mebibytes"] for step, cost in costs.items() if step != "text")
    lines = [
        "# 全部规则的开销",
        "",
        f"导出 {rows:,} 行 × {len(contract_of_rows().columns)} 列（常住人口的契约，每百行有一行有错），和共 {rows:,} 条记录的各表（另有来源行和上一版的表，每千条有一条有错）。",
        "每一步在自己的进程里跑，所有线程都算；内存是进程的峰值，包括 DuckDB 自己的。基准是 DuckDB 把同样的 CSV 按文本读入、写成 zstd 压缩的 Parquet。",
        "",
        "| | CPU 秒 | 与基准相比 | 内存峰值 |",
        "| --- | --- | --- | --- |",
        *(
            f"| {label} | {judged[step]:.1f} | {judged[step] / base:.2f} 倍 | {costs[step].found['mebibytes']:,} MB |"
            for step, label in STEPS.items()
        ),
        f"| 导入 Great Expectations，每个进程一次 | {imported:.1f} | | |",
        f"| 全部规则 | {whole:.1f} | {whole / base:.2f} 倍 | {memory:,.0f} MB |",
        "",
        f"契约的规则：接收 {checked['received']:,} 行，隔离 {checked['quarantined']:,} 行。Great Expectations：{stated['expectations']} 条，满足 {stated['met']} 条。"
        f"一版的规则：{tables['rules']} 条，{len(tables['broken'])} 条有不符的记录，共 {sum(tables['broken'].values()):,} 条；未能检查 {len(tables['crashed'])} 条。",
        "",
        "目标：",
        "",
        *(f"- {goal}：{'达到' if met else '没有达到'}。" for goal, met in _goals(whole, memory, rows).items()),
        "",
        "重新测量：`.venv/bin/python -m benchmarks.rules --report docs/benchmarks/rules.md`。",
        "",
    ]
    return "\n".join(lines)


def _goals(seconds: float, megabytes: float, rows: int) -> Mapping[str, bool]:
    """What all rules shall cost, and whether they do; of fewer rows than aimed at only what these cost is told."""
    told = "" if rows == AIMED_ROWS else f"（这里只有 {rows:,} 行）"
    return {
        f"{AIMED_ROWS:,} 行的全部规则不超过 {SECONDS:.0f} CPU 秒{told}": rows >= AIMED_ROWS and seconds <= SECONDS,
        f"内存峰值不超过 {MEGABYTES:,} MB": megabytes <= MEGABYTES,
    }


if __name__ == "__main__":
    typer.run(main)
