"""datapool address import: standard addresses or aliases from a file."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.address_options import DRY_RUN, ISO_DATE, Who, Why, Yes, as_day, confirmed, context_as
from cli.console import AsJson, Home, errors, output, print_json, table, tell
from flow.library_import import Examined, columns_changed, contract_of, examine, register, write_rejected

ROWS_SHOWN = 20


def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV、XLSX 或 Parquet，表头用中文或英文列名", exists=True, dir_okay=False)],
    whole: Annotated[bool, typer.Option("--full", help="文件是完整的库：没有列出的地址视为撤下")] = False,
    day: Annotated[datetime | None, typer.Option("--date", help="数据日期（默认今天）", formats=[ISO_DATE])] = None,
    rejected: Annotated[Path | None, typer.Option(help="未采纳的行写到哪里（默认 FILE 旁的 …未采纳.csv）")] = None,
    why: Why = "",
    who: Who = None,
    yes: Yes = False,
    dry_run: DRY_RUN = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """导入标准地址或别名：逐行检查，与现有的库比较，给出新增、变更、不变和矛盾的行，然后入库。

    好的行照常导入，有问题的行写明文件、工作表、行、列和原因，另存一份，改好再导入。不加 --full 时只列有变化的地址，叠加在原有的库上。
    各列见 datapool contracts show reference.standard_address_change 和 reference.address_alias_change。

    退出码：0 全部采纳，1 有行没有采纳，2 无法执行。
    """
    context = context_as(home, who)
    contract = contract_of(context, file, whole=whole)
    examined = examine(context, file, contract, whole=whole)
    kept = rejected or file.with_name(f"{file.stem}未采纳.csv")
    if examined.rejected:
        write_rejected(examined.rejected, kept)
    if not as_json:
        _print(examined, file, kept)
    batch = None
    if not examined.blocked and confirmed(yes=yes, dry_run=dry_run):
        batch = register(context, file, contract, as_day(day) or context.local_date(context.now), why).batch
    if as_json:
        print_json(_as_json(examined, batch))
    elif batch:
        tell("已导入", f"批次 {batch}，下一次运行时生效；撤销：datapool address undo {batch}", "green")
    if examined.blocked:
        errors.print(f"没有导入：{'；'.join(examined.blocked)}", style="red")
    if examined.blocked or examined.rejected:
        raise typer.Exit(1)


def _print(examined: Examined, file: Path, kept: Path) -> None:
    tell(examined.contract.name, f"{file}：{examined.received:,} 行", "bold")
    counted = (
        ("新增", len(examined.added)),
        ("变更", len(examined.changed)),
        ("不变", examined.unchanged),
        ("未采纳", len(examined.rejected)),
        ("补建上级", len(examined.made)),
        ("撤下", examined.gone),
    )
    output.print("  " + "，".join(f"{label} {count:,}" for label, count in counted))
    for text in examined.added[:3]:
        output.print(f"    新增 {text}")
    if examined.changed:
        columns = "，".join(f"{label} {count:,}" for label, count in columns_changed(examined.changed).most_common())
        output.print(f"    变更的列：{columns}")
    for changed in examined.changed[:3]:
        said = "；".join(f"{label} {before} → {after}" for label, (before, after) in changed.values.items())
        output.print(f"    变更 {changed.text}（{changed.id}）：{said}")
    for text in examined.made[:3]:
        output.print(f"    补建上级 {text}")
    for message, count in examined.warnings.items():
        tell("  提示", f"{message}，{count:,} 行")
    if examined.rejected:
        rows = [(each.sheet, each.row, each.column, each.cause) for each in examined.rejected[:ROWS_SHOWN]]
        table("未采纳的行", ["工作表", "行", "列", "原因"], rows)
        output.print(f"  共 {len(examined.rejected):,} 行，全部写在 {kept}；改好后可直接再导入。")


def _as_json(examined: Examined, batch: str | None) -> dict[str, Any]:
    return {
        "contract": examined.contract.id,
        "batch": batch,
        "received": examined.received,
        "added": list(examined.added),
        "changed": [asdict(changed) for changed in examined.changed],
        "unchanged": examined.unchanged,
        "made": list(examined.made),
        "gone": examined.gone,
        "rejected": [asdict(each) for each in examined.rejected],
        "warnings": dict(examined.warnings),
        "blocked": list(examined.blocked),
    }
