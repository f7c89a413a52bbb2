"""Cases go out to people: which, and into which workbook."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from address_matching import AddressIndex, explain
from flow.context import Context
from flow.private_file import new_private_file
from flow.progress import Progress
from flow.review.case import Case
from flow.review.cases import Cases
from flow.review.pair import PairCase
from flow.review.workbook import write_workbook
from pool import PoolError

EXPORT = "review.export"
"""Action in the audit log."""
MOST_ROWS = 100_000


def select_cases(context: Context, cases: Sequence[Case], *, town: str | None, dataset: str | None) -> list[Case]:
    """The cases that may lie in a town and concern a dataset (None: any). Raises PoolError for a town or dataset that has none, naming those that do."""
    towns = {name for case in cases for name in case.towns}
    datasets = {name for case in cases for name in case.datasets}
    if town is not None and town not in towns:
        raise PoolError(f"没有待确认的地址在“{town}”。有的是：{'、'.join(sorted(towns)) or '无'}。")
    if dataset is not None and dataset not in datasets:
        named = "、".join(f"{name}（{context.contracts[name].name}）" for name in sorted(datasets))
        raise PoolError(f"没有待确认的地址来自 {dataset}。有的是：{named or '无'}。")
    return [case for case in cases if (town is None or town in case.towns) and (dataset is None or dataset in case.datasets)]


def export_cases(
    context: Context, cases: Cases, selected: Sequence[Case], path: Path, *, pairs: Sequence[PairCase] = (), progress: Progress
) -> None:
    """Write the selected cases and pairs to a new workbook that only its owner may read; noted in the audit log.

    Raises PoolError when the file exists already (somebody may have filled it in) or there are more cases than a workbook should hold.
    """
    if path.suffix.lower() != ".xlsx":
        raise PoolError(f"{path} 的扩展名应为 .xlsx。")
    if max(len(selected), len(pairs)) > MOST_ROWS:
        raise PoolError(
            f"共有 {max(len(selected), len(pairs)):,} 个案例，一个工作簿最多 {MOST_ROWS:,} 个。请用 --town、--dataset 或 --limit 分开导出。"
        )
    index = AddressIndex.open(cases.library.folder / "index")
    done = iter(range(len(selected) + 1))

    def explained(case: Case) -> str:
        progress("解释匹配过程", next(done), len(selected))
        as_of = case.hints.get("as_of")
        return explain(index, case.text, date.fromisoformat(as_of) if as_of else None)

    about = f"发布 {cases.release}，地址库 {cases.library.version}，{context.local_time(context.now):%Y-%m-%d %H:%M} 由 {context.actor} 导出，共 {len(selected):,} 种写法、{sum(case.records for case in selected):,} 条记录；人员、单位 {len(pairs):,} 对。"
    with new_private_file(path):
        details = {
            "cases": len(selected),
            "pairs": len(pairs),
            "records": sum(case.records for case in selected),
            "library": cases.library.version,
        }
        context.pool.audit.append(EXPORT, path.name, context.actor, "started", context.now, details)
        write_workbook(path, selected, explained, {name: contract.name for name, contract in context.contracts.items()}, about, pairs)
