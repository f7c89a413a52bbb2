"""`python -m tests.faults`: the promises about faults, proved at length; the tests of the same folder prove a part of each."""

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tests.faults.children import results_of
from tests.faults.moments import RandomKills, large_setting, random_moments, seconds_between_stops
from tests.faults.reading import read_while_runs_publish
from tests.faults.setting import make_repeatable, small_setting, use_own_key
from tests.faults.strace import is_permitted
from tests.faults.sweep import ERRORS, Killed, Sweep, points_of

TOLD_EVERY = 20.0
MEMORY = Path("/dev/shm")
console = Console(stderr=True, highlight=False, soft_wrap=True)
app = typer.Typer(no_args_is_help=True, add_completion=False, help="故障试验：杀死、出错、并发读取之后，数据池是否完好。")


Folder = Annotated[Path | None, typer.Option(help="工作目录（默认内存中的临时目录）", file_okay=False)]


class Pace:
    """How far, how fast, how long still; one line every 20 seconds."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._start = self._told = time.monotonic()
        self.done = 0

    def step(self, note: str) -> None:
        """One more is done."""
        self.done += 1
        now = time.monotonic()
        if now - self._told < TOLD_EVERY and self.done < self._total:
            return
        self._told = now
        rate = self.done / (now - self._start)
        left = (self._total - self.done) / rate / 60
        console.print(f"{self.done:,}/{self._total:,}，每分钟 {60 * rate:.0f} 次，还需约 {left:.0f} 分钟；{note}")


@contextmanager
def work_folder(folder: Path | None) -> Iterator[Path]:
    """An empty folder, in memory where there is one: a kill loses nothing there either, and flushing costs nothing."""
    base = folder or (MEMORY if MEMORY.is_dir() else None)
    if base is not None:
        base.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="faults-", dir=base) as made:
        use_own_key(Path(made))
        yield Path(made)


@app.command()
def calls(
    every: Annotated[int, typer.Option(min=1, help="每隔几个调用取一个；1 为全部")] = 1,
    processes: Annotated[int, typer.Option(min=1, help="同时用几个进程")] = 1,
    errors: Annotated[
        bool, typer.Option("--errors", help="不杀进程，而让该调用及以后的同名调用失败：磁盘已满（ENOSPC）、刷盘出错（EIO）")
    ] = False,
    every_re_run: Annotated[bool, typer.Option("--every-re-run", help="留下同样状态的，也各自重跑一次")] = False,
    folder: Folder = None,
) -> None:
    """在一次小的发布运行的每一个写、刷盘、改名、链接、删除……系统调用处各杀一次（SIGKILL），再重跑、核对。"""
    if not is_permitted():
        console.print("需要 strace，并允许它跟踪进程（apt-get install strace；容器须有 SYS_PTRACE）。")
        raise typer.Exit(2)
    with work_folder(folder) as base:
        console.print("准备：载入软件，做一次不受打扰的运行……")
        make_repeatable()
        setting = small_setting(base)
        points = points_of(setting, base)
        chosen = [point for point in points if not errors or point.call.name in ERRORS][::every]
        console.print(f"一次运行有 {len(points):,} 个改动磁盘的系统调用，试 {len(chosen):,} 个。")
        results: list[Killed] = []
        states: Counter[int] = Counter()
        pace = Pace(len(chosen))
        share = -(-len(chosen) // processes)
        parts = [chosen[start : start + share] for start in range(0, len(chosen), share)]

        def work(number: int) -> Iterator[tuple[Killed, int]]:
            own = base / f"process-{number}"
            own.mkdir()
            sweep = Sweep(setting, own, every_re_run=every_re_run, error_for=ERRORS if errors else None)
            for killed in sweep.kill_at(parts[number]):
                yield killed, sweep.states

        for number, (killed, known) in results_of(work, len(parts)):
            results.append(killed)
            states[number] = known
            for fault in killed.faults:
                console.print(f"[red]{killed.point}：{fault}[/red]")
            faulty = sum(bool(each.faults) for each in results)
            pace.step(f"留下 {sum(states.values()):,} 种状态，有问题 {faulty}")
    _summarise("按系统调用", results, lambda killed: killed.point.call.name)
    _summarise("按阶段", results, lambda killed: killed.point.step)
    print(f"{len(results):,} 次，留下 {sum(states.values()):,} 种状态，各重跑一次；有问题的 {faulty} 次。")
    sys.exit(1 if faulty or len(results) < len(chosen) else 0)


@app.command()
def random(
    kills: Annotated[int, typer.Option(min=1, help="杀几次")] = 1000,
    persons: Annotated[int, typer.Option(min=200, help="样例人口数")] = 2000,
    seed: Annotated[int, typer.Option(help="随机种子")] = 1,
    folder: Folder = None,
) -> None:
    """较大的运行，在随机的时刻杀掉，再重跑、核对。种子相同，时刻相同。"""
    with work_folder(folder) as base:
        console.print(f"准备：生成 {persons:,} 人的样例，做一次不受打扰的运行……")
        make_repeatable()
        setting = large_setting(base, persons, seed)
        seconds = seconds_between_stops(setting, base)
        console.print(f"一次运行 {sum(seconds):.0f} 秒，杀 {kills:,} 次。")
        pace = Pace(kills)
        saw: Counter[str] = Counter()
        faulty = 0
        trial = RandomKills(setting, base)
        for killed in trial.kill_at(random_moments(seconds, kills, seed)):
            saw[killed.saw if killed.fired else "已先结束"] += 1
            faulty += bool(killed.faults)
            for fault in killed.faults:
                console.print(f"[red]{killed.moment}：{fault}[/red]")
            pace.step(f"留下 {trial.states:,} 种状态，有问题 {faulty}")
    print(
        f"{kills:,} 次：旧版 {saw['old']:,}，新版 {saw['new']:,}，杀之前已结束 {saw['已先结束']:,}；留下 {trial.states:,} 种状态，各重跑一次；有问题的 {faulty:,} 次。"
    )
    sys.exit(1 if faulty else 0)


@app.command()
def readers(minutes: Annotated[float, typer.Option(min=0, help="读多久")] = 5.0, folder: Folder = None) -> None:
    """三种读者不停地查询，同时一版接一版地发布：不应有一次出错，也不应有一次看到两版混在一起。"""
    with work_folder(folder) as base:
        make_repeatable()
        answer = read_while_runs_publish(small_setting(base), base, 60 * minutes, 2)
    for name, seen in answer["answers"].items():
        print(f"{name}：{sum(seen.values()):,} 次查询，看到 {len(seen)} 个版本")
    print(f"发布 {answer['published']} 版，有问题 {len(answer['faults'])} 处。")
    for fault in answer["faults"][:20]:
        print(f"  {fault}")
    sys.exit(1 if answer["faults"] else 0)


def _summarise(title: str, results: Sequence[Killed], key: Callable[[Killed], str]) -> None:
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column("")
    for heading in ("次数", "已触发", "旧版", "新版", "有问题"):
        table.add_column(heading, justify="right")
    groups = Counter(key(each) for each in results)
    for name in [*groups, "合计"]:
        own = [each for each in results if name in (key(each), "合计")]
        saw = Counter(each.saw for each in own)
        counts = (len(own), sum(each.fired for each in own), saw["old"], saw["new"], sum(bool(each.faults) for each in own))
        table.add_row(name, *(f"{count:,}" for count in counts))
    Console(highlight=False, width=100).print(table)


if __name__ == "__main__":
    app()
