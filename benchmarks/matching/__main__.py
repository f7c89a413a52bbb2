"""`python -m benchmarks.matching`: accuracy and speed of address matching, ours and peers."""

import time
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from benchmarks.matching.matchers import ours
from benchmarks.matching.report import figures_text, groups_text, write_misses
from benchmarks.matching.score import judge
from benchmarks.matching.store import Data

ROOT = Path("var/benchmarks/matching")
console = Console(stderr=True)


def rows_of(size: str) -> int:
    """50k, 500k, 3M or a plain number."""
    factor = {"k": 1_000, "m": 1_000_000}.get(size[-1:].lower(), 1)
    digits = size[:-1] if factor > 1 else size
    if not digits.isdigit() or int(digits) * factor < 5_000:
        raise typer.BadParameter("地址库行数写成 50k、500k、3M 或不小于 5000 的整数")
    return int(digits) * factor


def main(
    size: Annotated[list[str], typer.Option(help="地址库行数，如 50k、500k、3M；可给多个")] = ["500k"],  # noqa: B006
    queries: Annotated[int, typer.Option(min=200, help="查询条数")] = 40_000,
    seed: Annotated[int, typer.Option(help="随机种子；参数相同，数据相同")] = 1,
    only: Annotated[list[str], typer.Option(help="只运行这些匹配器")] = ["ours"],  # noqa: B006
    workers: Annotated[int, typer.Option(min=1, help="工作进程数")] = 2,
    root: Annotated[Path, typer.Option(help="数据和结果的目录")] = ROOT,
    misses: Annotated[Path | None, typer.Option(help="把没有答对的查询写成 TSV")] = None,
    details: Annotated[bool, typer.Option(help="按难度、来源、级别、噪声类分组列出")] = True,
) -> None:
    """生成地址库和带真值的查询，运行匹配器，打分。"""
    start = time.perf_counter()

    def say(text: str) -> None:
        console.print(f"[{time.perf_counter() - start:6.1f} s] {text}", highlight=False)

    for name in size:
        data = Data(root, rows_of(name), queries, seed)
        data.prepare(say)
        answers, speed = ours.run(data, workers, say)
        data.save("ours", answers, speed)
        say("打分")
        library = data.library
        table = judge(data.queries, answers, library)
        typer.echo(f"\n== ours, {library.num_rows:,} 行, {queries:,} 条查询 ==\n{figures_text(table, speed)}")
        if details:
            typer.echo("\n" + groups_text(table))
        if misses is not None:
            say(f"{write_misses(table, library, misses):,} 条没有答对，写在 {misses}")


if __name__ == "__main__":
    typer.run(main)
