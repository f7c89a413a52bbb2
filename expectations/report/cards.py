"""The figures at the head of each page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from expectations.report.data import AddressLevel, DatasetReport, ReportData
from expectations.report.figures import figure_name
from expectations.report.intervals import wilson
from expectations.report.page import number, percent, points
from expectations.report.scored import ScopeScore
from expectations.scores import score_facts


@dataclass(frozen=True, slots=True)
class Card:
    """A figure at the head of a page; `tone` is `good`, `fair`, `bad` or empty; `name` that of the figure whose number stands in `figure` or `note`."""

    label: str
    figure: str
    note: str
    tone: str = ""
    name: str = ""


def cards(data: ReportData) -> list[Card]:
    """The head of the overview."""
    problems = problem_count(data)
    return [
        Card(
            "接收行数",
            number(sum(each.received for each in data.datasets)),
            f"{len(data.departments)} 个部门，{len(data.datasets)} 个数据集",
            name="total/received",
        ),
        *row_cards(data.datasets, "total")[1:],
        rule_card(data.datasets),
        address_card(data.datasets, "total/addresses/matched"),
        Card("未入池文件", number(problems), "被拦截、不可读或未知", "bad" if problems else "good"),
        *(
            Card(each.label, number(each.rows), _compared(each.rows, each.rows_before), name=figure_name("tables", each.name))
            for each in data.tables
            if each.is_entity
        ),
    ]


def _compared(now: int, before: int | None) -> str:
    if before is None:
        return "首次"
    return "与上一版持平" if now == before else f"比上一版 {now - before:+,}"


def row_cards(datasets: Sequence[DatasetReport], name: str) -> list[Card]:
    """Rows received, accepted, kept out. name: under which their figures stand."""
    received, accepted, quarantined = (sum(getattr(each, part) for each in datasets) for part in ("received", "accepted", "quarantined"))
    return [
        Card("接收行数", number(received), f"{len(datasets)} 个数据集" if len(datasets) != 1 else "各批合计", name=f"{name}/received"),
        Card("采纳", percent(accepted, received), f"{number(accepted)} 行", "good" if accepted else "bad", f"{name}/accepted"),
        Card("隔离", number(quarantined), f"占 {percent(quarantined, received)}", "fair" if quarantined else "good", f"{name}/quarantined"),
    ]


def score_card(scope: ScopeScore | None) -> list[Card]:
    """The score, where there is one."""
    return [Card("得分", points(scope.score), scope.band, tone(scope.score))] if scope else []


def rule_card(datasets: Iterable[DatasetReport]) -> Card:
    """Rules of contracts that are met."""
    met, total = (sum(getattr(each, part) for each in datasets) for part in ("expectations_met", "expectations_total"))
    return Card("契约规则满足", f"{number(met)} / {number(total)}", percent(met, total), "good" if met == total else "fair")


def address_card(datasets: Iterable[DatasetReport], name: str) -> Card:
    """Address texts that are matched. name: of their figure."""
    every = all_addresses(datasets)
    asked = sum(each.rows for each in every)
    matched = sum(each.rows for each in every if each.status == "matched")
    return Card("地址匹配率", percent(matched, asked), f"{number(matched)} / {number(asked)} 条", name=name)


def address_cards(data: ReportData) -> list[Card]:
    """The head of the page on address matching."""
    every = all_addresses(data.datasets)
    asked = sum(each.rows for each in every)

    def counted(status: str) -> int:
        return sum(each.rows for each in every if each.status == status)

    texts = sum(each.texts for each in data.reasons if each.status == "review")
    matched, review, unmatched = (counted(status) for status in ("matched", "review", "unmatched"))
    return [
        Card("地址", number(asked), "条", name="total/addresses"),
        Card("匹配率", percent(matched, asked), f"95% 区间 {interval(matched, asked)}", name="total/addresses/matched"),
        Card("待人工确认", number(review), f"条，{number(texts)} 种写法", "fair" if review else "good", "total/addresses/review"),
        Card("未匹配", number(unmatched), f"占 {percent(unmatched, asked)}", "fair" if unmatched else "good", "total/addresses/unmatched"),
        Card("人的决定", number(data.decisions), "条，现在有效"),
    ]


def problem_count(data: ReportData) -> int:
    """Files that are not in the pool."""
    return len(data.blocked) + len(data.problems)


def all_addresses(datasets: Iterable[DatasetReport]) -> list[AddressLevel]:
    """The address results of several datasets."""
    return [address for each in datasets for address in each.addresses]


def interval(part: int, whole: int) -> str:
    """The 95 % interval of a share in words."""
    if not whole:
        return "—"
    low, high = wilson(part, whole)
    return f"{100 * low:.1f}–{100 * high:.1f}%"


def tone(score: float) -> str:
    """How a score is coloured: the two upper bands are good, the next one is fair."""
    bands = [least for _, least in score_facts().bands]
    return "good" if score >= bands[1] else "fair" if score >= bands[2] else "bad"
