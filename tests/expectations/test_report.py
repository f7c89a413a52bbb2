"""The pages say what the data say, escape what others wrote, and need nothing but each other."""

import posixpath
import re
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from typing import Any

import matplotlib
import pytest
from hypothesis import given, strategies as st

from expectations.report import AddressLevel, ReportData, Versions, figures_of, render_report
from expectations.report.intervals import wilson
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
        kept = {"severity", "status"}
        return replace(
            value, **{one.name: with_every_text(getattr(value, one.name), text) for one in fields(value) if one.name not in kept}
        )
    if isinstance(value, list | tuple):
        return type(value)(with_every_text(one, text) for one in value)
    return value


def pages_of(report: ReportData) -> dict[str, str]:
    return {page.path: page.html for page in render_report(report)}


def test_values_written_by_others_cannot_become_markup(report: ReportData) -> None:
    hostile = """<script>alert(1)</script><img src=x onerror=alert(1)>" onload='x' {{ 7*7 }} $x^2$ & </style></svg>"""
    for harmless_page, attacked_page in zip(render_report(report), render_report(with_every_text(report, hostile)), strict=True):
        harmless, attacked = Markup(), Markup()
        harmless.feed(harmless_page.html)
        attacked.feed(attacked_page.html)
        assert attacked.tags <= harmless.tags | {"a"}, harmless_page.path
        assert attacked.attributes <= harmless.attributes, harmless_page.path
        assert "{{ 7*7 }}" in attacked.text


def test_every_page_forbids_requests_and_links_only_to_files_beside_it(report: ReportData) -> None:
    pages = pages_of(report)
    beside = {"tables.xlsx", "quarantine.xlsx", "validation/release.json", *(f"validation/{each.id}.json" for each in report.datasets)}
    for path, html in pages.items():
        assert "default-src 'none'" in html
        assert "http:" not in html
        assert "https:" not in html
        anchors = {f"#{one}" for one in re.findall(r'id="([^"]+)"', html)}
        for link in set(re.findall(r'href="([^"]+)"', html)) - {"data:,"} - anchors:
            target, _, anchor = posixpath.normpath(posixpath.join(posixpath.dirname(path), link)).partition("#")
            assert target in beside | pages.keys(), (path, link)
            assert not anchor or target in beside or f'id="{anchor}"' in pages[target], (path, link)


def test_there_is_a_page_for_everybody_and_each_leads_to_all_others(report: ReportData) -> None:
    pages = pages_of(report)
    assert list(pages) == [
        "index.html",
        "departments/market_regulation.html",
        "departments/public_security.html",
        "datasets/public_security.resident_population.html",
        "datasets/market_regulation.market_entity.html",
        "addresses.html",
        "release.html",
        "figures.html",
    ]
    for path, html in pages.items():
        root = "../" if "/" in path else ""
        assert all(f'href="{root}{other}"' in html for other in pages)


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        (
            "index.html",
            [
                "第 12 版",
                "23,533",
                "已发布，有 2 个文件未入池",
                "92.4",
                "总分少 0.41 分",
                "常住人口</a>（<span",
                ">293<",
                "分管领导",
                "91.0",
            ],
        ),
        ("departments/market_regulation.html", ["73.0", "联系电话", "没有采用本部门的值", "77", "市公安局 常住人口", "部门负责人"]),
        ("departments/public_security.html", ["迟 26 小时", "中间缺期", "采用了本部门的值", "本部门各数据集之间", "（已无来源）", "311"]),
        (
            "datasets/public_security.resident_population.html",
            [
                "33**************5",
                "公民身份号码校验码不对",
                "敏感字段“宗教信仰”",
                "31 / 32",
                "户室",
                "0529c9d923efb0c81391fd6d6bd90af2",
                "规则的 SQL 不能执行",
                "resident_population.json#/results/1",
                "9f2c41d8a7b0",
                "第 88 行",
                "历次报送的行数",
            ],
        ),
        ("addresses.html", ["安阳街道", "92.6%", "有多个同样可能的地址", "瑞安市塘下镇鲍田路", "91.9–94.6%", "120 种写法"]),
        (
            "release.html",
            [
                "缺少必填字段 房屋详址",
                "压缩包不完整：意外的文件结尾",
                "请重新导出并上传",
                "1.2.0",
                "run-20261103T0215",
                "77aa",
                "未能检查",
                "同一证件号码在各来源的姓名一致",
                "不在任何网格的地址",
                "警务网格",
                "1,120 户",
                "发布人",
            ],
        ),
        (
            "figures.html",
            [
                "dataset/public_security.resident_population/quarantined/name.required",
                "rules/person_names_agree",
                "score/dataset/public_security.resident_population/accuracy/rows",
                "stopped/330381000000872",
            ],
        ),
    ],
)
def test_every_figure_a_reader_looks_for_is_on_its_page(report: ReportData, path: str, texts: list[str]) -> None:
    page = pages_of(report)[path]
    assert [text for text in texts if text not in page] == []


def test_a_figure_is_the_same_on_every_page_that_shows_it(report: ReportData) -> None:
    figures = {each.name: each.rows for each in figures_of(report)}
    shown = [found for html in pages_of(report).values() for found in re.findall(r'data-figure="([^"]+)"[^>]*>([0-9,]+)<', html)]
    assert {name for name, _ in shown} == figures.keys()
    assert [(name, rows) for name, rows in shown if figures[name] != int(rows.replace(",", ""))] == []


def test_accounts_that_do_not_add_up_are_marked(report: ReportData) -> None:
    path = "datasets/public_security.resident_population.html"
    off = replace(report, datasets=[replace(report.datasets[0], outcomes={"published": 1})])
    for page in (path, "release.html"):
        assert "不符</span>" not in pages_of(report)[page]
        assert "不符</span>" in pages_of(off)[page]


def test_a_first_release_without_anything_is_still_a_report() -> None:
    bare = ReportData(1, datetime(2026, 11, 3, tzinfo=UTC), "瑞安市", "run-1", "张工", Versions("0.1.0", "无", "1"))
    pages = pages_of(bare)
    assert "无（首次发布）" in pages["index.html"]
    assert "这一版没有读入数据集" in pages["index.html"]
    assert "没有地址匹配结果" in pages["addresses.html"]
    assert "没有被拦截的批次" in pages["release.html"]


def test_the_same_data_give_the_same_bytes(report: ReportData) -> None:
    assert render_report(report) == render_report(report)


def test_charts_are_text_in_the_font_of_the_page_whatever_the_settings_of_the_machine(report: ReportData) -> None:
    before = pages_of(report)
    with matplotlib.rc_context({"font.size": 40, "svg.fonttype": "path", "axes.linewidth": 9}):
        assert pages_of(report) == before
    charts = re.findall(r"<svg.*?</svg>", "".join(before.values()), flags=re.DOTALL)
    assert len(charts) == 2 * 3 + (1 + 1) + 1 + 2 + 1, "trend and dimensions, dimensions and deliveries, dimensions, rates, grids"
    for chart in charts:
        assert "DejaVu" not in chart
        assert "<text" in chart
        assert 'aria-label="' in chart
    ids = re.findall(r' id="([^"]+)"', before["index.html"])
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"), [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (15, 148, 0.0624, 0.1605), (0, 0, 0, 1)]
)
def test_intervals_are_those_of_wilson(part: int, whole: int, low: float, high: float) -> None:
    """The third is the worked example of Newcombe (1998), Statistics in Medicine 17, 857."""
    assert wilson(part, whole) == pytest.approx((low, high), abs=0.0001)


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
