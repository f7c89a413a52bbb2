"""The figures of the report under names that stay: by them an auditor goes from a number on a page to the rows it counts."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from expectations.report.data import AddressLevel, ChangeKind, Conflict, DatasetReport, DepartmentReport, ReportData
from schemas.codes import code_list

NOWHERE = "-"
"""Stands in a name for the town of address texts that reached none."""
CHANGES: dict[ChangeKind, str] = {"added": "新增", "removed": "消失", "changed": "内容改变"}
PARTS = {"received": "接收", "accepted": "采纳", "quarantined": "隔离"}
STATUSES = ("matched", "review", "unmatched")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of the report: its name, what it counts in Chinese, how many."""

    name: str
    label: str
    rows: int


def figure_name(*parts: str) -> str:
    """The name of a figure from its parts, the widest first."""
    return "/".join(part or NOWHERE for part in parts)


def slice_of(level: str, status: str) -> str:
    """Under which name an address result is counted: by its level where it is matched, else by its status."""
    return level if status == "matched" else status


def figures_of(data: ReportData) -> list[Figure]:
    """Every figure of the report that counts rows of files or records, the widest first."""
    return [
        *_totals(data),
        *(figure for department in data.departments for figure in _of_department(department, data.datasets)),
        *(figure for dataset in data.datasets for figure in _of_dataset(dataset)),
        *_of_towns(data),
        *_of_matching(data),
        *_of_scores(data),
        *_of_rules(data),
        *_of_conflicts(data),
        *(Figure(figure_name("tables", each.name), f"{each.label}：记录", each.rows) for each in data.tables),
        *(
            Figure(figure_name("changes", each.table, kind), f"{each.label}：与上一版相比{label}", getattr(each, kind))
            for each in data.changes
            for kind, label in CHANGES.items()
        ),
    ]


def _totals(data: ReportData) -> Iterator[Figure]:
    for part, label in PARTS.items():
        yield Figure(figure_name("total", part), f"各数据集{label}的行", sum(getattr(each, part) for each in data.datasets))
    addresses = [address for each in data.datasets for address in each.addresses]
    yield Figure(figure_name("total", "addresses"), "地址", sum(each.rows for each in addresses))
    yield Figure(figure_name("total", "addresses", "matched"), "地址：匹配", _count(addresses, "matched"))
    yield from (Figure(figure_name("total", "addresses", key), f"地址：{label}", rows) for key, label, rows in _slices(addresses))


def _of_department(department: DepartmentReport, datasets: Iterable[DatasetReport]) -> Iterator[Figure]:
    own = [each for each in datasets if each.id in department.datasets]
    for part, label in PARTS.items():
        rows = sum(getattr(each, part) for each in own)
        yield Figure(figure_name("department", department.id, part), f"{department.name}：{label}的行", rows)


def _of_dataset(dataset: DatasetReport) -> Iterator[Figure]:
    def figure(label: str, rows: int, *parts: str) -> Figure:
        return Figure(figure_name("dataset", dataset.id, *parts), f"{dataset.name}：{label}", rows)

    for part, label in PARTS.items():
        yield figure(f"{label}的行", getattr(dataset, part), part)
    for reason in dataset.quarantined_by:
        yield figure(f"隔离，{reason.label}", reason.rows, "quarantined", reason.key)
    for warning in dataset.warnings:
        yield figure(f"提示，{warning.label}", warning.rows, "warned", warning.key)
    for outcome, label in code_list("row_outcome").items():
        yield figure(f"去向，{label}", dataset.outcomes.get(outcome, 0), "outcome", outcome)
    if dataset.addresses:
        yield figure("地址", sum(each.rows for each in dataset.addresses), "addresses")
        yield figure("地址，匹配", _count(dataset.addresses, "matched"), "addresses", "matched")
        yield from (figure(f"地址，{label}", rows, "addresses", key) for key, label, rows in _slices(dataset.addresses))
    for batch in dataset.batches:
        yield Figure(figure_name("batch", batch.id, "received"), f"{dataset.name}：{batch.file} 的行", batch.rows)


def _slices(addresses: Sequence[AddressLevel]) -> Iterator[tuple[str, str, int]]:
    """Address results by what they are counted under, with its label."""
    for key in dict.fromkeys(slice_of(each.level, each.status) for each in addresses):
        label = code_list("match_status").get(key) or f"匹配到{code_list('address_level')[key]}"
        yield key, label, sum(each.rows for each in addresses if slice_of(each.level, each.status) == key)


def _of_towns(data: ReportData) -> Iterator[Figure]:
    for each in data.communities:
        parts = [each.town, each.community] if each.community else [each.town]
        for status in STATUSES:
            label = f"地址，{''.join(parts) or '未到乡镇街道'}：{code_list('match_status')[status]}"
            yield Figure(figure_name("addresses", *parts, status), label, getattr(each, status))


def _of_matching(data: ReportData) -> Iterator[Figure]:
    for each in data.reasons:
        label = f"地址，{code_list('match_status')[each.status]}：{each.label}"
        yield Figure(figure_name("matching", each.status, each.reason), label, each.rows)
    for stop in data.stops:
        yield Figure(figure_name("stopped", stop.address_id), f"地址，止于{stop.text}", stop.rows)


def score_figure(kind: str, scope: str, dimension: str, indicator: str) -> str:
    """The name of what an indicator counted as bad. scope: a department by its id."""
    return figure_name("score", kind, scope, dimension, indicator)


def _of_scores(data: ReportData) -> Iterator[Figure]:
    """What costs a score its points, of every indicator that has any."""
    for scope in (data.quality.pool, *data.quality.scopes) if data.quality else ():
        for each in scope.indicators:
            if each.bad:
                yield Figure(each.figure, f"评分，{scope.label}：{each.dimension}，{each.label}：不合格", each.bad)


def _of_rules(data: ReportData) -> Iterator[Figure]:
    names = {each.id: each.name for each in data.datasets}
    for rule in data.quality.rules if data.quality else ():
        if rule.broken is not None:
            yield Figure(figure_name("rules", rule.name), f"不符：{rule.sentence}", rule.broken)
            for dataset, rows in rule.by_dataset.items():
                yield Figure(figure_name("rules", rule.name, dataset), f"{names.get(dataset, dataset)}：不符，{rule.sentence}", rows)


def _of_conflicts(data: ReportData) -> Iterator[Figure]:
    """Of each pair of datasets once, though the departments of both show it."""
    names = {each.id: each.name for each in data.datasets}
    for each in dict.fromkeys(conflict for department in data.departments for conflict in department.conflicts):
        said = (
            f"{names.get(each.loser, each.loser)} 与 {names.get(each.winner, each.winner)} 不一致：{each.table_label}的{each.column_label}"
        )
        yield Figure(conflict_figure(each), said, each.rows)


def conflict_figure(conflict: Conflict) -> str:
    """The name of the figure of a conflict."""
    return figure_name("conflicts", conflict.loser, conflict.winner, conflict.table, conflict.column)


def _count(addresses: Iterable[AddressLevel], status: str) -> int:
    return sum(each.rows for each in addresses if each.status == status)
