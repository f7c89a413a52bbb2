"""`python -m samples`: exports of one invented population, and their truth."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from samples.generate import EXPORTS, generate
from schemas.contract import ContractError

LEAST_PERSONS = 200
DEFAULT_DAY = datetime.fromisoformat("2025-12-31")


def main(
    city: Annotated[Path, typer.Option(help="城市目录，如 cities/330381")],
    out: Annotated[Path, typer.Option(help="导出文件写到这里，按 系统/数据集 分目录")],
    persons: Annotated[int, typer.Option(min=LEAST_PERSONS, help="人口数；标准地址、单位等按比例生成")] = 20_000,
    seed: Annotated[int, typer.Option(help="随机种子；参数相同，文件逐字节相同")] = 7,
    day: Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="导出日期")] = DEFAULT_DAY,
    truth: Annotated[Path | None, typer.Option(help="真值写到这里，默认在导出目录旁的 truth")] = None,
) -> None:
    """生成各部门的示例导出文件（人员全部虚构）和与之分开存放的真值。"""
    console = Console(stderr=True)
    bar = Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console, transient=True)
    with bar as progress:
        task = progress.add_task("准备", total=len(EXPORTS) + 2)
        answers = truth or out.parent / "truth"
        try:
            rows = generate(
                city,
                out,
                answers,
                persons,
                seed,
                date(day.year, day.month, day.day),
                lambda text: progress.update(task, description=text, advance=1),
            )
        except (ContractError, ValueError, OSError) as error:
            console.print(f"未能生成：{error}", style="red")
            raise typer.Exit(2) from error
    for path, count in rows.items():
        typer.echo(f"{count:>9,} 行  {path}")
    typer.echo(f"真值在 {answers}")


if __name__ == "__main__":
    typer.run(main)
