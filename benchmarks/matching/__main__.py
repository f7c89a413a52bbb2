"""`python -m benchmarks.matching`: accuracy and speed of address matching, ours and peers."""

import json
import os
import platform
import subprocess
import time
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from benchmarks.matching.chance import words
from benchmarks.matching.document import page
from benchmarks.matching.environments import EnvironmentFault, python_of
from benchmarks.matching.matchers.peer import PeerFailed, peers
from benchmarks.matching.report import figures_text, groups_text, write_misses
from benchmarks.matching.results import OURS, Result, measure, save_results
from benchmarks.matching.store import Data

ROOT = Path("var/benchmarks/matching")
LEAST_ROWS = 5_000
console = Console(stderr=True)


def rows_of(size: str) -> int:
    """50k, 500k, 3M or a plain number."""
    factor = {"k": 1_000, "m": 1_000_000}.get(size[-1:].lower(), 1)
    digits = size[:-1] if factor > 1 else size
    if not digits.isdigit() or int(digits) * factor < LEAST_ROWS:
        raise typer.BadParameter(f"地址库行数写成 50k、500k、3M 或不小于 {LEAST_ROWS} 的整数")
    return int(digits) * factor


def checked(only: list[str]) -> list[str]:
    """The names of matchers, if they are known."""
    known = [OURS, *(peer.name for peer in peers())]
    unknown = [name for name in only if name not in known]
    if unknown:
        raise typer.BadParameter(f"没有这个匹配器：{'、'.join(unknown)}；可用的有 {'、'.join(known)}")
    return only


def main(
    size: Annotated[list[str], typer.Option(default_factory=lambda: ["500k"], help="地址库行数，如 50k、500k、3M；可给多个")],
    only: Annotated[
        list[str], typer.Option(default_factory=list, help="只运行这些匹配器，如 ours；不给则运行适合该行数的全部", callback=checked)
    ],
    queries: Annotated[int, typer.Option(min=200, help="查询条数")] = 40_000,
    seed: Annotated[int, typer.Option(help="随机种子；参数相同，数据相同")] = 1,
    workers: Annotated[int, typer.Option(min=1, help="工作进程数")] = 2,
    root: Annotated[Path, typer.Option(help="数据、环境和结果的目录")] = ROOT,
    fresh: Annotated[bool, typer.Option("--fresh", help="同类工具也重新运行，不用上次的结果")] = False,
    misses: Annotated[Path | None, typer.Option(help="把本项目没有答对的查询写成 TSV（多个行数时是最后一个）")] = None,
    report: Annotated[Path | None, typer.Option(help="把结果写成 Markdown 页和图，放在这个目录")] = None,
    details: Annotated[bool, typer.Option(help="按难度、来源、级别、变异列出")] = True,
) -> None:
    """生成地址库和带真值的查询，运行本项目的匹配器和同类工具，打分。"""
    start = time.perf_counter()

    def say(text: str) -> None:
        console.print(f"[{time.perf_counter() - start:6.1f} s] {text}", highlight=False, markup=False)

    about: dict[str, Any] = {"queries": queries, "seed": seed, "workers": workers, "machine": machine(), "day": time.strftime("%Y-%m-%d")}
    found: list[Result] = []
    try:
        for name in size:
            data = Data(root, rows_of(name), queries, seed)
            results, verdicts = measure(data, only, workers, fresh, say)
            found += results
            for result in results:
                typer.echo(f"\n== {result.title}，{result.rows:,} 行 ==\n{figures_text(result.figures, result.speed)}")
            if verdicts is not None and details:
                typer.echo("\n" + groups_text(verdicts))
            if verdicts is not None and misses is not None:
                say(f"{write_misses(verdicts, data.library, misses):,} 条没有答对，写在 {misses}")
        save_results(found, about, root / "results.json")
        if report is not None:
            publish(found, about, root, report)
            say(f"写好了 {report / 'matching.md'}")
    except (PeerFailed, EnvironmentFault, OSError) as cause:
        console.print(str(cause), style="red", markup=False)
        raise typer.Exit(2) from cause


def machine() -> str:
    """Processor and cores."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        model = next((line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")), model)
    return f"{model}，{os.cpu_count()} 核，Python {platform.python_version()}"


def publish(results: list[Result], about: dict[str, Any], root: Path, folder: Path) -> None:
    """Write the page and its plots."""
    folder.mkdir(parents=True, exist_ok=True)
    labels = root / "labels.json"
    labels.write_text(json.dumps(words("labels"), ensure_ascii=False), encoding="utf-8")
    python = python_of("plots", root / "environments", lambda text: None)
    script = Path(__file__).with_name("plots.py")
    done = subprocess.run(
        [str(part) for part in (python, script, root / "results.json", labels, folder)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise PeerFailed(f"画图失败：\n{done.stderr[-2000:]}")
    (folder / "matching.md").write_text(page(results, about), encoding="utf-8")


application = typer.Typer(pretty_exceptions_enable=False, add_completion=False)
application.command()(main)

if __name__ == "__main__":
    application(prog_name="python -m benchmarks.matching")
