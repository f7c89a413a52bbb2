"""`python -m benchmarks.entities`: generate samples, run the path, and hold the joins against the truth."""

import os
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.entities.score import KINDS, Score, judged, missed_joins, score, wrong_joins
from flow.context import open_context
from flow.run import run
from samples.generate import generate

ROOT = Path(__file__).parents[2]
DAY = date(2025, 12, 31)
HEAD = ("类别", "提及", "成对准确率", "成对召回率", "成簇准确率", "成簇召回率", "误并对", "漏并对", "待确认")


def main(
    persons: Annotated[int, typer.Option(help="样例人口数")] = 20_000,
    seed: Annotated[int, typer.Option(help="样例的随机种子")] = 7,
    folder: Annotated[Path | None, typer.Option(help="放样例和数据池的目录；已有数据池时直接评它（默认用后即删）")] = None,
    errors: Annotated[int, typer.Option(help="每类列出多少行误并、漏并")] = 0,
) -> None:
    """实体归并的准确率和召回率：与样例的真值比，成对、成簇各算一遍。"""
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            _judge(Path(made), persons, seed, errors)
    else:
        _judge(folder, persons, seed, errors)


def _judge(folder: Path, persons: int, seed: int, errors: int) -> None:
    release = folder / "home" / "releases" / "1"
    if not release.is_dir():
        os.environ.setdefault("DATAPOOL_KEY_FILE", str(folder / "pseudonym.key"))
        generate(ROOT / "cities" / "330381", folder / "exports", folder / "truth", persons, seed, DAY, lambda _said: None)
        run(open_context(folder / "home", now=datetime(2026, 1, 2, tzinfo=UTC)), folder / "exports")
    connection = judged(release, folder / "truth")
    typer.echo("\t".join(HEAD))
    for each in score(connection):
        typer.echo("\t".join(_cells(each)))
    for kind in KINDS if errors else ():
        for label, found in (("误并", wrong_joins(connection, kind)), ("漏并", missed_joins(connection, kind))):
            typer.echo(f"\n{kind} {label} {len(found)} 行")
            for row in found[:errors]:
                typer.echo("  " + "  ".join(str(value) for value in row.values()))


def _cells(each: Score) -> list[str]:
    shares = (each.pair_precision, each.pair_recall, each.cluster_precision, each.cluster_recall)
    numbers = (each.found_pairs - each.right_pairs, each.true_pairs - each.right_pairs, each.asked)
    return [each.kind, f"{each.mentions:,}", *(f"{share:.4%}" for share in shares), *(f"{number:,}" for number in numbers)]


if __name__ == "__main__":
    typer.run(main)
