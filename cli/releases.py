"""datapool releases, report: what was published."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

import typer

from cli.console import AsJson, Home, context_of, output, print_json, size_text, table
from flow.context import Context
from flow.report import ENTITIES as SHOWN, PAGE, TABLES, WORKBOOK
from flow.upkeep.releases import release_fates
from pool import PoolError, Release, Retirement
from pool.space import measure_releases


def releases(home: Home = None, as_json: AsJson = False) -> None:
    """列出各版发布：时间、由谁、状态、占用、批次数、主要表的记录数；当前一版带 *。

    状态是为何保留（全部理由见 --json 和 datapool retire --dry-run）、可清退，或何时由谁清退；“单独占用”是只清退这一版能腾出的空间。
    """
    context = context_of(home)
    ledger = context.pool.ledger
    gone = ledger.upkeep.retired("release")
    listed = [*_present(context), *(_retired(entry, gone[str(entry.release)]) for entry in ledger.releases() if str(entry.release) in gone)]
    listed.sort(key=lambda each: int(each["release"]))
    if as_json:
        print_json(listed)
        return
    columns = ["版本", "时间 (UTC)", "发布人", "状态", "批次", *(context.tables[name].name for name in SHOWN), "大小", "单独占用"]
    table("发布", columns, [_row(each) for each in listed], numbers_from=4)


def _present(context: Context) -> Iterator[dict[str, Any]]:
    """The manifests of the releases that are here, with what they take and why they stay."""
    current = context.pool.releases.current()
    sizes = {each.release: each for each in measure_releases(context.pool)}
    for fate in release_fates(context):
        size = sizes[fate.release]
        facts = {"current": fate.release == current, "kept_by": fate.kept_by, "bytes": size.bytes, "alone": size.alone}
        yield context.pool.releases.manifest(fate.release) | facts


def _retired(entry: Release, gone: Retirement) -> dict[str, Any]:
    """What the ledger still knows of a release that is kept no longer, in the form of a manifest."""
    facts = {"published_at": entry.published_at.isoformat(), "current": False, "tables": gone.detail.get("tables", {})}
    return asdict(entry) | facts | {"retired_at": gone.at.isoformat(), "retired_by": gone.actor, "retired_for": gone.reason}


def _row(listed: Mapping[str, Any]) -> Sequence[object]:
    if "retired_at" in listed:
        state = f"{listed['retired_at'][:10]} 由 {listed['retired_by']} 清退"
    else:
        state = next(iter(listed["kept_by"]), "可清退")
    return (
        f"{listed['release']}{' *' if listed['current'] else ''}",
        listed["published_at"][:16].replace("T", " "),
        listed["actor"],
        state,
        len(listed["inputs"]["batches"]) if "inputs" in listed else "",
        *(listed["tables"].get(name, {}).get("rows", 0) for name in SHOWN),
        *(size_text(listed[size]) if size in listed else "" for size in ("bytes", "alone")),
    )


def report(release: Annotated[int | None, typer.Option(help="哪一版发布（默认当前）")] = None, home: Home = None) -> None:
    """质量报告（网页）、全部表格和隔离行清单（Excel）在哪里。"""
    pool = context_of(home).pool
    number = pool.releases.current() if release is None else release
    if number is None:
        raise PoolError("还没有发布。请先运行 datapool run。")
    pool.releases.manifest(number)
    folder = pool.releases.folder(number) / "report"
    output.print(f"{folder / PAGE}\n{folder / TABLES}\n{folder / WORKBOOK}")
