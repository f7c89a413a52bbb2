"""datapool contracts: draft one, lint them, look one up, tell what changed."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from cli.console import AsJson, Home, context_of, output, print_json, table, tell
from cli.contracts_new import new
from expectations.pool_rules import FOLDER as RULES_FOLDER, KINDS, pool_rules
from flow.contract_versions import Evolution, changed_since_judged, compare, read_snapshot
from pool import PoolError
from schemas.city import city_of_environment
from schemas.contract import FOLDER, Contract, ContractError, contracts_of, load_contract, pool_contracts
from schemas.snapshot import snapshot

app = typer.Typer(
    help="数据契约：照导出文件起草，检查写得对不对，查看某个数据集要哪些列，改动是否兼容。", no_args_is_help=True, add_completion=False
)
app.command()(new)


@app.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="契约或质量规则的文件（默认全部）", exists=True, dir_okay=False)
    ] = None,
) -> None:
    """检查契约和质量规则（expectations/rules）；每处错误指明文件、行号和改法。"""
    faults = list(dict.fromkeys(str(cause) for check in _checks(files) if (cause := _fault(check))))
    for fault in faults:
        output.print(fault)
    if faults:
        raise typer.Exit(1)
    rules = "" if files else f"，{len(pool_rules())} 条质量规则没有错误"
    output.print(f"{len(files) if files else len(_contracts()) + len(pool_contracts())} 份契约没有错误{rules}。")


@app.command()
def show(
    contract: Annotated[
        str | None, typer.Argument(metavar="[DATASET]", help="数据集，如 public_security.rental_house（默认列出全部）")
    ] = None,
) -> None:
    """列出全部数据集，或一个数据集的文件约定和各列。"""
    contracts = _contracts()
    if contract is None:
        rows = [(each.id, each.name, each.department, each.format, each.path_patterns[0]) for each in contracts.values()]
        table("数据集", ["编号", "名称", "部门", "格式", "文件放在"], rows, whole=1)
        return
    if contract not in contracts:
        raise PoolError(f"没有数据集 {contract}。可用的：{'、'.join(contracts)}。")
    found = contracts[contract]
    asked = "，新的批次须经批准才发布" if found.approval else ""
    kept = f"留存 {found.retention}（到期清退，见 datapool retire）" if found.retention else "一直保留"
    about = f"（{found.id}，版本 {found.version}，{found.department}）：{'、'.join(found.path_patterns)}，{'、'.join(dict.fromkeys(found.formats))} {found.encoding}，{kept}{asked}\n"
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


@app.command()
def diff(
    old: Annotated[
        str | None, typer.Argument(metavar="[OLD]", help="旧契约：文件，或数据集编号（与它已入池的批次所用的契约比）；默认全部数据集")
    ] = None,
    new: Annotated[Path | None, typer.Argument(metavar="[NEW]", help="新契约文件（默认现在的契约）", exists=True, dir_okay=False)] = None,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """契约改了什么，旧文件、已入池的批次和读者是否还能用；不兼容的说明原因和办法。

    退出码：0 兼容，1 有不兼容，2 无法比较。

    例：git show HEAD~1:schemas/sources/public_security/rental_house.yaml > old.yaml，再 datapool contracts diff old.yaml
    """
    evolutions = _evolutions(old, new, home)
    if as_json:
        print_json([asdict(each) | {"is_compatible": each.is_compatible} for each in evolutions])
    else:
        for each in evolutions:
            _print_evolution(each)
        if not any(each.changes for each in evolutions):
            output.print("没有改动。")
    if not all(each.is_compatible for each in evolutions):
        raise typer.Exit(1)


def _evolutions(old: str | None, new: Path | None, home: Path | None) -> list[Evolution]:
    if old is None or (new is None and not Path(old).is_file()):
        return changed_since_judged(context_of(home), old)
    before = read_snapshot(Path(old))
    if new is not None:
        return [compare(before, read_snapshot(new))]
    if before["id"] not in _contracts():
        raise PoolError(f"现在没有数据集 {before['id']} 的契约。请写出新契约文件。")
    return [compare(before, snapshot(_contracts()[before["id"]]))]


def _contracts() -> Mapping[str, Contract]:
    return contracts_of(city_of_environment())


def _print_evolution(evolution: Evolution) -> None:
    judged = f"（已入池的 {len(evolution.batches)} 个批次用的是旧契约）" if evolution.batches else ""
    title = f"{evolution.name}（{evolution.id}）{evolution.old_version} → {evolution.new_version}{judged}"
    rows = [
        ("兼容" if change.is_compatible else "不兼容", change.subject, change.what, change.why, change.remedy)
        for change in evolution.changes
    ]
    table(title, ["", "对象", "改动", "原因", "办法"], rows)


def _checks(files: list[Path] | None) -> list[Callable[[], object]]:
    if files:
        return [partial(_check_one, file) for file in files]
    sources = sorted((FOLDER / "sources").glob("*/*.yaml"))
    rules = [RULES_FOLDER / f"{kind}.yaml" for kind in KINDS]
    return [_contracts, pool_contracts, pool_rules, *(partial(_check_one, file) for file in (*sources, *rules)), _check_limits]


def _check_one(file: Path) -> None:
    from flow.rule_check import check_pool_rules, check_rules  # the engine takes longer to load than a contract to read

    if file.parent.name == RULES_FOLDER.name:
        check_pool_rules(file)
    else:
        check_rules(file, load_contract(file))


def _check_limits() -> None:
    from flow.rule_check import check_rule_limits

    check_rule_limits(city_of_environment())


def _fault(check: Callable[[], object]) -> ContractError | None:
    try:
        check()
    except ContractError as cause:
        return cause
    return None
