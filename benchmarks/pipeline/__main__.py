"""`python -m benchmarks.pipeline`: generate exports, load them, load what changed, ask the share; all against one baseline."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.pipeline.exports import make_exports, make_later, make_text
from benchmarks.pipeline.runs import EXPECTATIONS, VERBS, Cost, cold_query, copied, measured

AS_DECLARED, INCREMENTAL = "as declared", "incremental"
LIMITS = {"load": (6.0, 10.0), "changed": (3.0, None), "increment": (1.6, None)}
LABELS = {"load": "全量", "changed": "全量，1% 有变化", "increment": "增量 1%"}
SERVING = 4.0


def main(
    persons: Annotated[int, typer.Option(help="样例人口数；150 万人约 300 万行")] = 20_000,
    seed: Annotated[int, typer.Option(help="样例的随机种子")] = 7,
    folder: Annotated[Path | None, typer.Option(help="放样例和数据目录的目录，样例留着下次再用（默认用后即删）")] = None,
) -> None:
    """整条链路的处理器时间，除以同一次测量中 DuckDB 把同样的行按文本读入、写成 Parquet 的时间。"""
    if folder is None:
        with tempfile.TemporaryDirectory() as made:
            _measure(Path(made), persons, seed)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        _measure(folder, persons, seed)


def _measure(folder: Path, persons: int, seed: int) -> None:
    os.environ.setdefault("DATAPOOL_KEY_FILE", str(folder / "pseudonym.key"))
    typer.echo("准备样例", err=True)
    exports = make_exports(folder, persons, seed)
    make_text(exports, folder / "text")
    for name, whole in (("changed", True), ("increment", False)):
        make_later(exports, folder / name, whole=whole)
    base = measured("baseline", folder / "text")
    typer.echo(f"{base.found['rows']:,} 行，基准 {base.cpu:.1f} 处理器秒，{base.megabytes:,.0f} MB")
    for name, cost in _loads(folder, exports):
        for line in _lines(name, cost, base):
            typer.echo(line)
    asked = measured("answers", folder / "load")
    typer.echo("共享库，毫秒：" + " · ".join(f"{what} {value:.1f}" for what, value in asked.found.items()))
    typer.echo(f"datapool query 从冷进程到一行：{cold_query(folder / 'load'):.2f} 秒")


def _loads(folder: Path, exports: Path) -> Iterator[tuple[str, Cost]]:
    typer.echo("全量", err=True)
    home = folder / "load"
    if home.exists():
        raise typer.BadParameter(f"{home} 已存在，请先移走")
    yield "load", measured("load", home, exports, AS_DECLARED)
    for name, delivery in (("changed", AS_DECLARED), ("increment", INCREMENTAL)):
        typer.echo(LABELS[name], err=True)
        yield name, measured("load", copied(home, folder / f"{name}-home"), folder / name, delivery)


def _lines(name: str, cost: Cost, base: Cost) -> Iterator[str]:
    without, whole = LIMITS[name]
    yield (
        f"{LABELS[name]}：到发布 {cost.to_release / base.cpu:.1f} 倍（目标 {without}），"
        f"连同匹配和 Great Expectations {cost.with_matching / base.cpu:.1f} 倍{f'（目标 {whole}）' if whole else ''}，"
        f"共享与报告 {cost.of('serve') / base.cpu:.1f} 倍（目标 {SERVING}），内存 {cost.megabytes:,.0f} MB"
    )
    parts = [*VERBS, *EXPECTATIONS, *sorted(stage for stage in cost.stages if stage.startswith("resolve."))]
    yield "  处理器秒：" + " · ".join(f"{part} {cost.of(part):.1f}" for part in parts)


if __name__ == "__main__":
    typer.run(main)
