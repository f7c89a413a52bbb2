"""The page of the quality report: one HTML file that needs nothing else, readable on screen and on paper."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2

from expectations.report.data import AddressLevel, DatasetReport, ReportData
from expectations.report.figures import figure_name, figures_of
from schemas.codes import code_list

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Card:
    """A figure of the overview; `tone` is `good`, `fair`, `bad` or empty; `name` that of the figure whose number stands in `figure` or `note`."""

    label: str
    figure: str
    note: str
    tone: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a bar: `key` names its colour."""

    key: str
    label: str
    rows: int


def render_report(data: ReportData) -> str:
    """The report of a release as an HTML page in Chinese.

    The page holds no script and forbids itself every request; every value is escaped. The same data give the same bytes.
    """
    template = environment().get_template("page.html.j2")
    return template.render(report=data, cards=_cards(data), problems=_problem_count(data), labels=_labels(), figures=figures_of(data))


def number(value: int | None) -> str:
    """1234567 as 1,234,567; nothing as a dash."""
    return "—" if value is None else f"{value:,}"


def percent(part: int, whole: int) -> str:
    """A share with one decimal that says 0 % or 100 % only when it is meant; a dash when there is no whole."""
    if not whole:
        return "—"
    if part in (0, whole):
        return f"{100 * part // whole}%"
    return f"{min(max(100 * part / whole, 0.1), 99.9):.1f}%"


def difference(now: int, before: int | None) -> str:
    """How many more or fewer rows there are than before."""
    if before is None:
        return "首次"
    return "持平" if now == before else f"{now - before:+,}"


def address_slices(addresses: Iterable[AddressLevel]) -> list[Slice]:
    """Address results as parts of one bar: safe matches from fine to coarse, then what waits for a person, then the rest."""
    addresses = tuple(addresses)
    labels = _labels()
    matched = [
        Slice(level, labels["levels"][level], rows)
        for level in labels["levels"]
        if (rows := sum(one.rows for one in addresses if one.status == "matched" and one.level == level))
    ]
    others = [
        Slice(status, labels["statuses"][status], rows)
        for status in ("review", "unmatched")
        if (rows := sum(one.rows for one in addresses if one.status == status))
    ]
    return matched + others


def _cards(data: ReportData) -> list[Card]:
    received = sum(dataset.received for dataset in data.datasets)
    accepted = sum(dataset.accepted for dataset in data.datasets)
    quarantined = sum(dataset.quarantined for dataset in data.datasets)
    met = sum(dataset.expectations_met for dataset in data.datasets)
    expected = sum(dataset.expectations_total for dataset in data.datasets)
    addresses = [one for dataset in data.datasets for one in dataset.addresses]
    asked = sum(one.rows for one in addresses)
    matched = sum(one.rows for one in addresses if one.status == "matched")
    return [
        Card("接收行数", number(received), f"{len(data.datasets)} 个数据集", name="total/received"),
        Card("采纳", percent(accepted, received), f"{number(accepted)} 行", "good" if accepted else "bad", "total/accepted"),
        Card("隔离", number(quarantined), f"占 {percent(quarantined, received)}", "fair" if quarantined else "good", "total/quarantined"),
        Card("规则满足", f"{number(met)} / {number(expected)}", percent(met, expected), "good" if met == expected else "fair"),
        Card("地址匹配率", percent(matched, asked), f"{number(matched)} / {number(asked)} 条", name="total/addresses/matched"),
        Card("未入池文件", number(_problem_count(data)), "被拦截、不可读或未知", "bad" if _problem_count(data) else "good"),
    ]


def _problem_count(data: ReportData) -> int:
    return len(data.blocked) + len(data.problems)


def _balanced(dataset: DatasetReport) -> bool:
    return sum(dataset.outcomes.values()) == dataset.received


@cache
def _labels() -> Mapping[str, Mapping[str, str]]:
    return {
        "levels": dict(reversed(list(code_list("address_level").items()))),
        "statuses": code_list("match_status"),
        "outcomes": code_list("row_outcome"),
        "problems": {"unknown_file": "未知文件", "unreadable_file": "不可读", "not_received": "未接收", "damaged_file": "已损坏"},
        "drift": {"block": "拦下", "warn": "提示", "note": "知悉", "accepted": "已接受"},
        "severities": {"block": "拦截批次", "reject": "拒收行", "warn": "提示"},
    }


@cache
def environment() -> jinja2.Environment:
    """What all pages are made with: every value is escaped, and one that is not there is an error."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["number"] = number
    environment.globals.update(
        percent=percent, difference=difference, address_slices=address_slices, balanced=_balanced, figure_name=figure_name
    )
    return environment
