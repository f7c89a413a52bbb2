"""How the command speaks: tables for people, JSON for programs, progress on long work."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, SpinnerColumn, Task, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from flow.context import Context


WIDTH_OF_FILES = 120
"""Where nobody looks at a screen, lines are this wide."""

# What is printed quotes file names, cells and SQL: their brackets must not be taken for markup.
output = Console(highlight=False, markup=False, emoji=False, soft_wrap=True, width=None if sys.stdout.isatty() else WIDTH_OF_FILES)
errors = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=True)

Home = Annotated[Path | None, typer.Option("--home", help="数据目录（默认 DATAPOOL_HOME，否则 ./var）", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="以 JSON 输出，供程序读取")]


def context_of(home: Path | None) -> "Context":
    """The pool that the options and the environment name; raises PoolError when there is none."""
    from flow.context import open_context  # what a run needs takes longer to load than a query takes to answer

    return open_context(home, existing=True)


def print_json(content: Any) -> None:
    """One JSON document on standard output."""
    print(json_text(content))


def json_text(content: Any) -> str:
    """JSON with its Chinese readable; dates and exact numbers as text."""
    return json.dumps(content, ensure_ascii=False, indent=2, default=str)


def tell(label: str, text: object, style: str = "yellow", to: Console = output) -> None:
    """One line with a coloured label in front."""
    to.print(Text(label, style), text, sep="" if label.endswith("：") else "  ")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, numbers_from: int | None = None, whole: int = 0) -> None:
    """A table with Chinese headings; columns from `numbers_from` on are right-aligned, whole numbers grouped by thousands.

    The first `whole` columns are never broken into lines: people copy them.
    """
    shown = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False)
    for place, column in enumerate(columns):
        side: Literal["left", "right"] = "right" if numbers_from is not None and place >= numbers_from else "left"
        shown.add_column(column, justify=side, overflow="fold", no_wrap=place < whole)
    for row in rows:
        shown.add_row(*(f"{cell:,}" if numbers_from is not None and isinstance(cell, int) else str(cell) for cell in row))
    output.print(shown)
    output.print()


def rows_or_records(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table where the screen is wide enough for it, else every row as a record, a line a column; in a file it is as wide as it needs."""
    shown = Table(*columns, header_style="bold", box=None, pad_edge=False)
    for row in rows:
        shown.add_row(*map(str, row))
    needed = output.measure(shown, options=output.options.update(max_width=sys.maxsize)).maximum
    if not output.is_terminal or needed <= output.width:
        Console(highlight=False, markup=False, emoji=False, width=needed).print(shown)
    else:
        for number, row in enumerate(rows, 1):
            record = Table.grid("", "", padding=(0, 2))
            for column, cell in zip(columns, row, strict=True):
                record.add_row(Text(column, "bold"), str(cell))
            output.print(Text(f"—— 第 {number} 行", "dim"), record, sep="\n")
    output.print()


def size_text(size: int) -> str:
    """Bytes for people."""
    for unit, name in ((1 << 40, "TB"), (1 << 30, "GB"), (1 << 20, "MB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size / 1024:.0f} KB"


class _Rate(ProgressColumn):
    """How many parts a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.1f}/秒" if speed and speed < 10 else f"{speed:,.0f}/秒" if speed else "")


@contextmanager
def progress() -> Iterator[Any]:
    """A callable (step, done, all) that shows how far a run is, how fast, since when and for how long still; silent where nobody looks."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f}"),
        _Rate(),
        TimeElapsedColumn(),
        TextColumn("剩余"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=errors, disable=not errors.is_terminal) as shown:
        tasks: dict[str, Any] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = shown.add_task(step, total=total)
            shown.update(tasks[step], completed=done, total=total)

        yield tell
