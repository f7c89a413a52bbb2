"""The pages of the report: HTML files that need nothing but each other, readable on screen and on paper."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from expectations.report.cards import (
    Card,
    address_card,
    address_cards,
    all_addresses,
    cards,
    interval,
    problem_count,
    row_cards,
    rule_card,
    score_card,
    tone,
)
from expectations.report.charts import deliveries_chart, dimension_chart, grid_chart, rate_chart, trend_chart
from expectations.report.data import CommunityMatch, Conflict, DatasetReport, DepartmentReport, ExpectationReport, ReportData, TableRows
from expectations.report.figures import conflict_figure, figure_name, figures_of
from expectations.report.page import address_slices, environment, labels, number, points
from expectations.report.scored import DimensionScore, RuleReport, ScopeScore
from expectations.scores import score_facts

INDEX, ADDRESSES, RELEASE_PAGE, FIGURES_PAGE = "index.html", "addresses.html", "release.html", "figures.html"
RELEASE = "release"
"""In the place of a dataset: what Great Expectations said of the tables of the release."""


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its path below the folder of the report, and its content."""

    path: str
    html: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Rows of a dataset that one reason kept out."""

    dataset: DatasetReport
    key: str
    label: str
    rows: int


def render_report(data: ReportData) -> list[Page]:
    """The report of a release as HTML pages in Chinese.

    No page holds a script, each forbids itself every request; every value is escaped. The same data give the same bytes.
    """
    return list(_pages(data))


def department_path(department: str) -> str:
    """Where the page of a department stands."""
    return f"departments/{department}.html"


def dataset_path(dataset: str) -> str:
    """Where the page of a dataset stands."""
    return f"datasets/{dataset}.html"


def validation_path(dataset: str) -> str:
    """Where the validation results of a dataset stand, or of the release."""
    return f"validation/{dataset}.json"


def _pages(data: ReportData) -> Iterator[Page]:
    shared = _shared(data)

    def page(path: str, template: str, title: str, **more: Any) -> Page:
        root = "../" if "/" in path else ""
        return Page(path, _environment().get_template(template).render(**shared, path=path, root=root, title=title, **more))

    yield page(INDEX, "index.html.j2", "质量总览", cards=cards(data), problems=problem_count(data))
    for department in data.departments:
        yield page(
            department_path(department.id), "department.html.j2", department.name, **_of_department(data, department, shared["scopes"])
        )
    for dataset in data.datasets:
        yield page(dataset_path(dataset.id), "dataset.html.j2", dataset.name, **_of_dataset(data, dataset, shared["scopes"]))
    yield page(ADDRESSES, "addresses.html.j2", "地址匹配", cards=address_cards(data))
    yield page(RELEASE_PAGE, "release.html.j2", "本版发布")
    yield page(FIGURES_PAGE, "figures.html.j2", "数字编号", figures=figures_of(data))


def _shared(data: ReportData) -> dict[str, Any]:
    """What the templates of all pages know."""
    return {
        "report": data,
        "labels": labels(),
        "names": {each.id: each for each in data.datasets},
        "scopes": {(each.kind, each.scope): each for each in data.quality.scopes} if data.quality else {},
        "bands": score_facts().bands,
        "paths": {"index": INDEX, "addresses": ADDRESSES, "release": RELEASE_PAGE, "figures": FIGURES_PAGE},
    }


def _of_department(data: ReportData, department: DepartmentReport, scopes: Mapping[tuple[str, str], ScopeScore]) -> dict[str, Any]:
    own = [each for each in data.datasets if each.id in department.datasets]
    scope = scopes.get(("department", department.name))
    rejected = [Rejected(each, reason.key, reason.label, reason.rows) for each in own for reason in each.quarantined_by]
    lost = [each for each in department.conflicts if each.loser in department.datasets]
    won = [each for each in department.conflicts if each.loser not in department.datasets]
    return {
        "department": department,
        "own": own,
        "scope": scope,
        "rejected": sorted(rejected, key=lambda each: -each.rows),
        "conflicts": [
            ("没有采用本部门的值", True, _by_rows(each for each in lost if each.winner not in department.datasets)),
            ("采用了本部门的值", False, _by_rows(won)),
            ("本部门各数据集之间", True, _by_rows(each for each in lost if each.winner in department.datasets)),
        ],
        "cards": [
            *score_card(scope),
            *row_cards(own, figure_name("department", department.id)),
            Card("与别的来源不一致", number(sum(each.rows for each in lost)), "个值没有采用", "fair" if lost else "good"),
            Card("报送问题", number(len(department.deliveries)), "迟到、缺期等", "fair" if department.deliveries else "good"),
        ],
    }


def _of_dataset(data: ReportData, dataset: DatasetReport, scopes: Mapping[tuple[str, str], ScopeScore]) -> dict[str, Any]:
    scope = scopes.get(("dataset", dataset.id))
    return {
        "dataset": dataset,
        "department": next((each for each in data.departments if dataset.id in each.datasets), None),
        "scope": scope,
        "rules": _rules_of(data, dataset),
        "cards": [
            *score_card(scope),
            *row_cards([dataset], figure_name("dataset", dataset.id)),
            rule_card([dataset]),
            *([address_card([dataset], figure_name("dataset", dataset.id, "addresses", "matched"))] if dataset.addresses else []),
        ],
    }


def _by_rows(conflicts: Iterable[Conflict]) -> list[Conflict]:
    return sorted(conflicts, key=lambda each: -each.rows)


def _rules_of(data: ReportData, dataset: DatasetReport) -> list[RuleReport]:
    """The quality rules that the dataset answers for, those with most records first."""
    found = [rule for rule in (data.quality.rules if data.quality else ()) if dataset.id in rule.by_dataset]
    return sorted(found, key=lambda rule: -rule.by_dataset[dataset.id])


def balanced(dataset: DatasetReport) -> bool:
    """Whether the outcomes of the rows come to what was received."""
    return sum(dataset.outcomes.values()) == dataset.received


def outcome_rows(datasets: Iterable[DatasetReport], outcome: str) -> int:
    """Rows of all datasets with one outcome."""
    return sum(each.outcomes.get(outcome, 0) for each in datasets)


def split_tables(tables: Sequence[TableRows]) -> tuple[list[TableRows], list[TableRows]]:
    """The tables whose number of rows changed, or which are new, and the others."""
    return [each for each in tables if each.rows != each.rows_before], [each for each in tables if each.rows == each.rows_before]


def shown_slices(datasets: Iterable[DatasetReport]) -> list[str]:
    """Keys of the levels and statuses that any of the datasets has, in the order of columns."""
    return [each.key for each in address_slices(all_addresses(datasets))]


def source_rates(datasets: Iterable[DatasetReport]) -> list[tuple[str, int, int]]:
    """Of each dataset what the chart of rates needs."""
    return [
        (each.name, sum(one.rows for one in each.addresses if one.status == "matched"), sum(one.rows for one in each.addresses))
        for each in datasets
    ]


def town_rates(communities: Iterable[CommunityMatch]) -> list[tuple[str, int, int]]:
    """Of each town or community what the chart of rates needs; those that reached none are left to the table."""
    return [
        (f"{each.town}{each.community}", each.matched, each.matched + each.review + each.unmatched) for each in communities if each.town
    ]


def delivery_points(dataset: DatasetReport) -> list[tuple[str, int, int]]:
    """Of each delivery what the chart of deliveries needs."""
    return [(each.period, each.rows, each.quarantined) for each in dataset.batches]


def dimension_points(dimensions: Iterable[DimensionScore], scope: ScopeScore) -> list[tuple[str, float, float | None]]:
    """Of each dimension that a scope has what the chart of dimensions needs."""
    return [(each.label, scope.dimensions[each.name], scope.before.get(each.name)) for each in dimensions if each.name in scope.dimensions]


def ranked(expectations: Sequence[ExpectationReport]) -> list[tuple[int, ExpectationReport]]:
    """The rules with their places, those first that are not met or could not be checked."""
    return sorted(enumerate(expectations), key=lambda each: bool(each[1].success))


@cache
def _environment() -> Any:
    """The environment of all pages with what only those of the report need."""
    own = environment().overlay()
    own.globals = {
        **environment().globals,
        **{
            each.__name__: each
            for each in (
                all_addresses,
                balanced,
                conflict_figure,
                dataset_path,
                deliveries_chart,
                delivery_points,
                department_path,
                dimension_chart,
                dimension_points,
                grid_chart,
                interval,
                outcome_rows,
                points,
                ranked,
                rate_chart,
                shown_slices,
                source_rates,
                split_tables,
                tone,
                town_rates,
                trend_chart,
                validation_path,
            )
        },
    }
    return own
