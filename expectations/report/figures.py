"""The figures of the report under names that stay: by them an auditor goes from a number on the page to the rows it counts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from expectations.report.data import AddressLevel, ChangeKind, DatasetReport, ReportData
from schemas.codes import code_list

NOWHERE = "-"
"""Stands in a name for the town of address texts that reached none."""
CHANGES: dict[ChangeKind, str] = {"added": "新增", "removed": "消失", "changed": "内容改变"}
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
    """Every figure of the report that counts rows of files or records, in the order of the page."""
    return [
        *_totals(data),
        *(figure for dataset in data.datasets for figure in _of_dataset(dataset)),
        *_of_rules(data),
        *_of_towns(data),
        *(Figure(figure_name("tables", each.name), f"{each.label}：记录", each.rows) for each in data.tables),
        *(
            Figure(figure_name("changes", each.table, kind), f"{each.label}：与上一版相比{label}", getattr(each, kind))
            for each in data.changes
            for kind, label in CHANGES.items()
        ),
    ]


def _totals(data: ReportData) -> Iterator[Figure]:
    for part, label in (("received", "接收"), ("accepted", "采纳"), ("quarantined", "隔离")):
        yield Figure(figure_name("total", part), f"各数据集{label}的行", sum(getattr(each, part) for each in data.datasets))
    addresses = [address for each in data.datasets for address in each.addresses]
    yield Figure(figure_name("total", "addresses"), "地址", sum(each.rows for each in addresses))
    yield Figure(figure_name("total", "addresses", "matched"), "地址：匹配", _count(addresses, "matched"))


def _of_dataset(dataset: DatasetReport) -> Iterator[Figure]:
    def figure(label: str, rows: int, *parts: str) -> Figure:
        return Figure(figure_name("dataset", dataset.id, *parts), f"{dataset.name}：{label}", rows)

    yield figure("接收的行", dataset.received, "received")
    yield figure("采纳的行", dataset.accepted, "accepted")
    yield figure("隔离的行", dataset.quarantined, "quarantined")
    for reason in dataset.quarantined_by:
        yield figure(f"隔离，{reason.label}", reason.rows, "quarantined", reason.key)
    for warning in dataset.warnings:
        yield figure(f"提示，{warning.label}", warning.rows, "warned", warning.key)
    for outcome, label in code_list("row_outcome").items():
        yield figure(f"去向，{label}", dataset.outcomes.get(outcome, 0), "outcome", outcome)
    if dataset.addresses:
        yield figure("地址", sum(each.rows for each in dataset.addresses), "addresses")
        yield figure("地址，匹配", _count(dataset.addresses, "matched"), "addresses", "matched")
        for key in dict.fromkeys(slice_of(each.level, each.status) for each in dataset.addresses):
            label = code_list("match_status").get(key) or f"匹配到{code_list('address_level')[key]}"
            rows = sum(each.rows for each in dataset.addresses if slice_of(each.level, each.status) == key)
            yield figure(f"地址，{label}", rows, "addresses", key)
    for batch in dataset.batches:
        yield Figure(figure_name("batch", batch.id, "received"), f"{dataset.name}：{batch.file} 的行", batch.rows)


def _of_rules(data: ReportData) -> Iterator[Figure]:
    for rule in data.quality.rules if data.quality else ():
        if rule.broken is not None:
            yield Figure(figure_name("rules", rule.name), f"不符合质量规则“{rule.sentence}”的记录", rule.broken)


def _of_towns(data: ReportData) -> Iterator[Figure]:
    for each in data.communities:
        parts = [each.town, each.community] if each.community else [each.town]
        for status in STATUSES:
            label = f"地址，{''.join(parts) or '未到乡镇街道'}：{code_list('match_status')[status]}"
            yield Figure(figure_name("addresses", *parts, status), label, getattr(each, status))


def _count(addresses: Iterable[AddressLevel], status: str) -> int:
    return sum(each.rows for each in addresses if each.status == status)
