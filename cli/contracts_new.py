"""datapool contracts new: draft a contract from an example export."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from cli.console import output, progress, table, tell


def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="一份导出文件：CSV、TSV、XLSX（XLS）、JSON 行、Parquet")],
    system: Annotated[
        str | None, typer.Option(help="系统，即部门的英文名（默认：文件在 <系统>/<数据集>/ 下时取目录名）", show_default=False)
    ] = None,
    dataset: Annotated[str | None, typer.Option(help="数据集的英文名（默认同上）", show_default=False)] = None,
    name: Annotated[str | None, typer.Option(help="数据集的中文名（默认取文件名或标题行）", show_default=False)] = None,
    write_to: Annotated[
        Path | None,
        typer.Option("-o", "--output", help="契约写到哪里（默认 schemas/sources/<系统>/<数据集>.yaml，写好即生效）", show_default=False),
    ] = None,
    sheet: Annotated[str | None, typer.Option(help="工作表（默认最大的一个）", show_default=False)] = None,
    encoding: Annotated[str | None, typer.Option(help="文本文件的编码，如 gb18030、utf-8（默认自动判断）", show_default=False)] = None,
    force: Annotated[bool, typer.Option("--force", help="已有同名契约时覆盖")] = False,
) -> None:
    """照一份导出文件起草契约：格式、编码、表头，各列是什么、叫什么、多敏感，主键、规则、地址和事实。

    凭内容认列（身份证号、信用代码、日期、电话、地址、代码……），表头作旁证；拿不准的在契约里标“待确认”，人改过再用。
    取值都掩码，拒收的列只写列名。大文件只抽一部分行细看，主键和填写率按整份文件算。

    例：datapool contracts new 养老机构_20251231.csv --system civil_affairs --dataset care_home
    """
    from flow.drafting import Wanted, draft_contract  # the readers and the engine take longer to load than help may take
    from schemas.city import city_of_environment

    city = city_of_environment()
    wanted = Wanted(system, dataset, name, write_to, sheet, encoding, force)
    with progress() as shown:
        made = draft_contract(file, wanted, city, datetime.now(UTC).astimezone(city.time_zone).date(), shown)
    columns = made.draft.columns
    rows = [
        (
            each.header,
            each.name,
            "不采集" if each.refused else each.element.label,
            " ".join(part for part in ("主键" if each.key_position else "", "必填" if each.required else "") if part),
            each.refused or "；".join(each.doubts),
        )
        for each in columns
    ]
    table(f"{len(columns)} 列，{made.draft.rows:,} 行", ["表头", "字段", "数据元", "", "待确认或原因"], rows)
    facts = "、".join(dict.fromkeys(fact.table for fact in made.draft.facts))
    tell("规则：", f"{len(made.draft.rules)} 条。地址：{len(made.draft.addresses)} 个。事实：{facts}。")
    tell("契约：", made.path)
    output.print(f"下一步：照文件里的注释改，再运行 datapool contracts check {made.path}")
