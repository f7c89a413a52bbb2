"""datapool contracts: lint the contracts, and look one up."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli.console import output, table, tell
from pool import PoolError
from schemas.contract import ContractError, load_contract, pool_contracts, source_contracts

app = typer.Typer(help="数据契约：检查写得对不对，查看某个数据集要哪些列。", no_args_is_help=True)


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="契约文件（默认全部）", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """检查契约；每处错误指明文件、行号和改法。"""
    faults = [str(cause) for check in _checks(files) if (cause := _fault(check))]
    for fault in faults:
        output.print(fault)
    if faults:
        raise typer.Exit(1)
    output.print(f"{len(files) if files else len(source_contracts()) + len(pool_contracts())} 份契约没有错误。")


@app.command()
def show(
    contract: Annotated[
        str | None, typer.Argument(metavar="[DATASET]", help="数据集，如 public_security.rental_house（默认列出全部）")
    ] = None,
) -> None:
    """列出全部数据集，或一个数据集的文件约定和各列。"""
    contracts = source_contracts()
    if contract is None:
        rows = [(each.id, each.name, each.department, each.format, each.path_patterns[0]) for each in contracts.values()]
        table("数据集", ["编号", "名称", "部门", "格式", "文件放在"], rows, whole=1)
        return
    if contract not in contracts:
        raise PoolError(f"没有数据集 {contract}。可用的：{'、'.join(contracts)}。")
    found = contracts[contract]
    about = f"（{found.id}，版本 {found.version}，{found.department}）：{'、'.join(found.path_patterns)}，{'、'.join(dict.fromkeys(found.formats))} {found.encoding}\n"
    tell(found.name, about, "bold")
    columns = [
        (
            column.physical_name,
            column.name,
            column.element.label if column.element else "",
            "必填" if column.required else "",
            column.level,
            column.mask or "",
        )
        for column in found.columns
    ]
    table("列", ["表头", "字段", "数据元", "必填", "级别", "脱敏"], columns)


def _checks(files: list[Path] | None) -> list[Callable[[], object]]:
    return [partial(load_contract, file) for file in files] if files else [source_contracts, pool_contracts]


def _fault(check: Callable[[], object]) -> ContractError | None:
    try:
        check()
    except ContractError as cause:
        return cause
    return None
