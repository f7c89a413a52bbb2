"""What the pages of the report are made with: numbers in words, labels of codes, the environment of the templates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2

from expectations.report.data import AddressLevel
from expectations.report.figures import figure_name
from schemas.codes import code_list

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Slice:
    """A part of a bar: `key` names its colour."""

    key: str
    label: str
    rows: int


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


def points(score: float | None) -> str:
    """A score with one decimal that says 100 only when it is meant."""
    if score is None:
        return "—"
    return "100" if score == 100 else f"{min(score, 99.9):.1f}"


def difference(now: int, before: int | None) -> str:
    """How many more or fewer rows there are than before."""
    if before is None:
        return "首次"
    return "持平" if now == before else f"{now - before:+,}"


def address_slices(addresses: Iterable[AddressLevel]) -> list[Slice]:
    """Address results as parts of one bar: safe matches from fine to coarse, then what waits for a person, then the rest."""
    addresses = tuple(addresses)
    named = labels()
    matched = [
        Slice(level, named["levels"][level], rows)
        for level in named["levels"]
        if (rows := sum(one.rows for one in addresses if one.status == "matched" and one.level == level))
    ]
    others = [
        Slice(status, named["statuses"][status], rows)
        for status in ("review", "unmatched")
        if (rows := sum(one.rows for one in addresses if one.status == status))
    ]
    return matched + others


@cache
def labels() -> Mapping[str, Mapping[str, str]]:
    """What codes are called on the pages."""
    return {
        "levels": dict(reversed(list(code_list("address_level").items()))),
        "statuses": code_list("match_status"),
        "outcomes": code_list("row_outcome"),
        "problems": {"unknown_file": "未知文件", "unreadable_file": "不可读", "not_received": "未接收", "damaged_file": "已损坏"},
        "drift": {"block": "拦下", "warn": "提示", "note": "知悉", "accepted": "已接受"},
        "severities": {"block": "拦截批次", "reject": "拒收行", "warn": "提示"},
        "sizes": code_list("grid_size"),
        "findings": code_list("grid_overlap_finding"),
        "opens": {
            "quarantine": "隔离行清单",
            "warnings": "数据集页的提示",
            "expectations": "数据集页的契约规则",
            "broken": "本版 quality/broken.parquet",
            "conflict": "本版 pool/conflict.parquet",
            "addresses": "数据池各表 match_status 不是 matched 的记录",
            "deliveries": "部门页的报送问题",
            "drift": "数据集页的“与以往不同”",
        },
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
    environment.globals.update(percent=percent, difference=difference, address_slices=address_slices, figure_name=figure_name)
    return environment
