"""The report in a real browser: its pages open from files, ask for nothing else, and fit the screens and the paper people have."""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from expectations.report import ReportData, render_report

QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


A4_HEIGHT = (297 - 2 * 13) / 25.4 * 96
"""Of a printed page without its margins, in pixels."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        reason = "没有找到 chromium；安装它（Debian：apt-get install chromium fonts-noto-cjk）即可运行本测试"
        pytest.fail(reason) if os.environ.get("CI") == "true" else pytest.skip(reason)
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=QUIET)
        yield running
        running.close()


@pytest.fixture
def folder(report: ReportData, tmp_path: Path) -> Path:
    """The report as it stands on a stick, in a folder with a Chinese name."""
    folder = tmp_path / "质量报告"
    for page in render_report(report):
        path = folder / page.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page.html, encoding="utf-8")
    return folder


@pytest.fixture
def pages(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.html"))


def test_every_page_opens_from_a_file_without_complaint_and_asks_for_nothing_else(browser: Browser, pages: list[Path]) -> None:
    assert len(pages) == 8
    for file in pages:
        page = browser.new_page()
        asked: list[str] = []
        complaints: list[str] = []
        page.on("request", lambda request, asked=asked: asked.append(request.url))
        page.on("console", lambda message, complaints=complaints: complaints.append(message.text))
        page.on("pageerror", lambda error, complaints=complaints: complaints.append(str(error)))
        page.goto(file.as_uri(), wait_until="networkidle")
        assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
        assert complaints == [], file
        assert "第 12 版" in page.inner_text("header")
        page.close()


def test_all_pages_are_reached_from_the_first_by_its_menu(browser: Browser, folder: Path, pages: list[Path]) -> None:
    page = browser.new_page()
    page.goto((folder / "index.html").as_uri())
    page.click("nav summary >> text=各数据集")
    page.click("nav >> text=常住人口")
    assert page.inner_text("h1").startswith("常住人口")
    page.click("nav >> text=总览")
    assert page.inner_text("h1").startswith("质量总览")
    links = page.eval_on_selector_all("nav a", "links => links.map(link => link.href)")
    assert {file.as_uri() for file in pages} == {link for link in links if link.endswith(".html")}
    page.close()


@pytest.mark.parametrize("width", [1440, 1280, 800, 400])
def test_nothing_hangs_over_the_edge(browser: Browser, pages: list[Path], width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    for file in pages:
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width, file
    page.close()


def test_bars_have_their_length_and_labels_of_charts_stand_within_them(browser: Browser, folder: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto((folder / "departments" / "public_security.html").as_uri())
    accepted = page.locator("#datasets table .bar .accepted").first
    share = accepted.evaluate("part => part.getBoundingClientRect().width / part.parentElement.getBoundingClientRect().width")
    assert share == pytest.approx(19871 / 20413, abs=0.01)
    for name in ("index.html", "addresses.html", "release.html", "datasets/public_security.resident_population.html"):
        page.goto((folder / name).as_uri())
        outside = page.evaluate("""[...document.querySelectorAll("svg.chart")].flatMap(chart => {
            const box = chart.getBoundingClientRect();
            return [...chart.querySelectorAll("text")].filter(text => {
                const own = text.getBoundingClientRect();
                return own.left < box.left - 1 || own.right > box.right + 1 || own.top < box.top - 1 || own.bottom > box.bottom + 1;
            }).map(text => text.textContent);
        })""")
        assert outside == [], name
    page.close()


def test_text_can_be_read_against_its_ground(browser: Browser, folder: Path) -> None:
    """At least 4.5 to 1, as WCAG 2.1 asks for text."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    for name in ("index.html", "datasets/public_security.resident_population.html", "release.html"):
        page.goto((folder / name).as_uri())
        faint = page.evaluate("""() => {
            const light = colour => {
                const [r, g, b] = colour.match(/[\\d.]+/g).slice(0, 3).map(part => part / 255).map(c => c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const ground = element => {
                for (; element; element = element.parentElement) {
                    const colour = getComputedStyle(element).backgroundColor;
                    if (colour !== "rgba(0, 0, 0, 0)" && !/, 0\\.\\d+\\)$/.test(colour)) return colour;
                }
                return "rgb(255, 255, 255)";
            };
            return [...document.querySelectorAll("main *")].filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()) && !one.closest("svg")).filter(one => {
                const [low, high] = [light(getComputedStyle(one).color), light(ground(one))].sort((a, b) => a - b);
                return (high + 0.05) / (low + 0.05) < 4.5;
            }).map(one => one.className + " " + one.textContent.trim().slice(0, 30));
        }""")
        assert faint == [], name
    page.close()


def test_pages_print_without_cutting_columns(browser: Browser, pages: list[Path]) -> None:
    page = browser.new_page()
    for file in pages:
        page.goto(file.as_uri())
        page.emulate_media(media="print")
        page.set_viewport_size({"width": 703, "height": 1000})
        assert page.evaluate("document.documentElement.scrollWidth") <= 703, file
    page.close()


def test_the_overview_of_a_whole_city_is_signed_on_its_first_sheet(browser: Browser, report: ReportData, tmp_path: Path) -> None:
    """Nine departments, three things that are worst."""
    assert report.quality is not None
    departments = [replace(report.departments[1], id=f"public_security-{number}") for number in range(9)]
    city = replace(report, departments=departments, quality=replace(report.quality, worst=list(report.quality.worst) * 3))
    (tmp_path / "index.html").write_text(render_report(city)[0].html, encoding="utf-8")
    page = browser.new_page(viewport={"width": 703, "height": 1000})
    page.goto((tmp_path / "index.html").as_uri())
    assert not page.locator(".sign").is_visible()
    page.emulate_media(media="print")
    assert page.locator(".sign").is_visible()
    assert page.locator(".sign").evaluate("sign => sign.getBoundingClientRect().bottom + window.scrollY") < A4_HEIGHT
    page.pdf(path=tmp_path / "report.pdf", format="A4", print_background=True, prefer_css_page_size=True)
    assert re.findall(rb"/Count (\d+)", (tmp_path / "report.pdf").read_bytes()) == [b"2"]
    page.close()
