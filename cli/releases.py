"""datapool releases, report: what was published."""

from typing import Annotated

import typer

from cli.console import AsJson, Home, context_of, output, print_json, table
from flow.report import PAGE, WORKBOOK
from pool import PoolError


def releases(home: Home = None, as_json: AsJson = False) -> None:
    """列出各版发布：时间、由谁、批次数、主要表的记录数；当前一版带 *。"""
    pool = context_of(home).pool
    manifests = [pool.releases.manifest(number) for number in pool.releases.numbers()]
    if as_json:
        print_json(manifests)
        return
    current = pool.releases.current()
    rows = [
        (
            f"{manifest['release']}{' *' if manifest['release'] == current else ''}",
            manifest["published_at"][:16].replace("T", " "),
            manifest["actor"],
            len(manifest["inputs"]["batches"]),
            *(manifest["tables"].get(name, {}).get("rows", 0) for name in ("person", "house", "organisation", "event")),
        )
        for manifest in manifests
    ]
    table("发布", ["版本", "时间 (UTC)", "发布人", "批次", "人员", "房屋", "单位", "事件"], rows, numbers_from=3)


def report(release: Annotated[int | None, typer.Option(help="哪一版发布（默认当前）")] = None, home: Home = None) -> None:
    """质量报告（网页）和隔离行清单（Excel）在哪里。"""
    pool = context_of(home).pool
    number = pool.releases.current() if release is None else release
    if number is None:
        raise PoolError("还没有发布。请先运行 datapool run。")
    pool.releases.manifest(number)
    folder = pool.releases.folder(number) / "report"
    output.print(f"{folder / PAGE}\n{folder / WORKBOOK}")
