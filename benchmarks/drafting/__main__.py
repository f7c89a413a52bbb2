"""`python -m benchmarks.drafting`: draft the contracts of the sample exports without seeing them, and hold the drafts against them."""

import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.drafting.document import document
from benchmarks.drafting.score import Judged, judge_all, share
from samples.generate import generate
from schemas.contract import source_contracts

ROOT = Path(__file__).parents[2]
DAY = date(2025, 12, 31)


def main(
    persons: Annotated[int, typer.Option(help="样例人口数")] = 3000,
    seed: Annotated[int, typer.Option(help="样例的随机种子")] = 7,
    exports: Annotated[Path | None, typer.Option(help="现成的样例目录（默认新生成，用后即删）")] = None,
    write_to: Annotated[Path | None, typer.Option("--document", help="把结果写成文档")] = None,
) -> None:
    """契约起草的准确率：藏起契约，凭样例导出起草，再与契约比较。"""
    if exports is None:
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            generate(ROOT / "cities" / "330381", folder / "exports", folder / "truth", persons, seed, DAY, lambda _said: None)
            judged = judge_all(source_contracts().values(), folder / "exports", DAY)
    else:
        judged = judge_all(source_contracts().values(), exports, DAY)
    _tell(judged)
    if write_to:
        write_to.write_text(document(judged, persons), encoding="utf-8")


def _tell(judged: list[Judged]) -> None:
    columns = [column for each in judged for column in each.columns]
    for each in judged:
        strict = share(each.columns, (column.is_right for column in each.columns))
        typer.echo(f"{each.dataset}\t{len(each.columns)} 列\t{strict:.1%}")
    for column in columns:
        if not column.is_right:
            typer.echo(f"  {column.dataset} {column.header}：应为 {column.expected}，起草为 {column.found}  {column.doubt}")
    identifiers = [column for column in columns if column.is_identifier]
    typer.echo(
        f"共 {len(judged)} 个数据集 {len(columns)} 列：严格 {share(columns, (column.is_right for column in columns)):.2%}，"
        f"宽松 {share(columns, (column.is_alike for column in columns)):.2%}，"
        f"标识号 {sum(column.is_alike for column in identifiers)}/{len(identifiers)}，"
        f"藏起表头 {share(columns, (column.without_header == column.expected for column in columns)):.2%}"
    )


if __name__ == "__main__":
    typer.run(main)
