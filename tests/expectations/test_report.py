"""The page says what the data say, escapes what others wrote, and needs nothing but itself."""

import re
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, strategies as st

from expectations.report import AddressLevel, ReportData, Versions, render_report
from expectations.report.page import address_slices, difference, number, percent


class Markup(HTMLParser):
    """The kinds of tags and attributes of a page as a browser would read them, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


def with_every_text(value: Any, text: str) -> Any:
    """The same data with `text` in place of every free text; closed lists keep their words."""
    if isinstance(value, str):
        return text
    if isinstance(value, AddressLevel):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        kept = {"severity"}
        return replace(
            value, **{one.name: with_every_text(getattr(value, one.name), text) for one in fields(value) if one.name not in kept}
        )
    if isinstance(value, list | tuple):
        return type(value)(with_every_text(one, text) for one in value)
    return value


def test_values_written_by_others_cannot_become_markup(report: ReportData) -> None:
    hostile = """<script>alert(1)</script><img src=x onerror=alert(1)>" onload='x' {{ 7*7 }} & </style>"""
    harmless, attacked = Markup(), Markup()
    harmless.feed(render_report(report))
    attacked.feed(render_report(with_every_text(report, hostile)))
    assert attacked.tags == harmless.tags
    assert attacked.attributes == harmless.attributes
    assert "{{ 7*7 }}" in attacked.text


def test_the_page_names_no_address_outside_itself_and_forbids_requests(report: ReportData) -> None:
    page = render_report(report)
    assert "http:" not in page
    assert "https:" not in page
    assert "default-src 'none'" in page
    assert set(re.findall(r'href="([^"]+)"', page)) - {f"#{one}" for one in re.findall(r'id="([^"]+)"', page)} == {"data:,"}


def test_every_figure_a_reader_looks_for_is_on_the_page(report: ReportData) -> None:
    page = render_report(report)
    for text in [
        "第 12 版",
        "20,413",
        "19,871",
        "公民身份号码校验码不对",
        "敏感字段“宗教信仰”",
        "31 / 32",
        "户室",
        "9f2c41d8a7b0",
        "run-20261103T0215",
    ]:
        assert text in page
    for text in [
        "缺少必填字段 房屋详址",
        "压缩包不完整：意外的文件结尾",
        "请重新导出并上传",
        "安阳街道",
        "1.2.0",
        "已发布，有 2 个文件未入池",
    ]:
        assert text in page


def test_accounts_that_do_not_add_up_are_marked(report: ReportData) -> None:
    assert "不符</span>" not in render_report(report)
    off = replace(report.datasets[0], outcomes={"published": 1})
    assert "不符</span>" in render_report(replace(report, datasets=[off]))


def test_a_first_release_without_anything_is_still_a_page() -> None:
    bare = ReportData(1, datetime(2026, 11, 3, tzinfo=UTC), "瑞安市", "run-1", "张工", Versions("0.1.0", "无", "1"))
    page = render_report(bare)
    assert "无（首次发布）" in page
    assert "这一版没有读入数据集" in page
    assert "没有被拦截的批次" in page


def test_the_same_data_give_the_same_bytes(report: ReportData) -> None:
    assert render_report(report) == render_report(report)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_share_is_never_rounded_to_all_or_nothing(part: int, rest: int) -> None:
    shown = percent(part, part + rest)
    assert (shown == "100%") is (part > 0 and rest == 0)
    assert (shown == "0%") is (part == 0 and rest > 0)
    assert (shown == "—") is (part == rest == 0)


@pytest.mark.parametrize(("now", "before", "shown"), [(5, None, "首次"), (5, 5, "持平"), (1200, 100, "+1,100"), (1, 3, "-2")])
def test_a_difference_has_a_sign_or_a_word(now: int, before: int | None, shown: str) -> None:
    assert difference(now, before) == shown


def test_a_missing_number_is_a_dash() -> None:
    assert (number(None), number(1234567)) == ("—", "1,234,567")


def test_address_slices_run_from_fine_to_coarse_and_lose_no_row() -> None:
    rows = [
        AddressLevel("town", "matched", 1),
        AddressLevel("room", "matched", 2),
        AddressLevel("room", "review", 3),
        AddressLevel("", "unmatched", 4),
    ]
    assert [(one.key, one.rows) for one in address_slices(rows)] == [("room", 2), ("town", 1), ("review", 3), ("unmatched", 4)]
