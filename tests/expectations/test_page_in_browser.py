"""The report in a real browser: it opens from a file, asks for nothing else, and fits the screens people have."""

import os
import shutil
from collections.abc import Iterator
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
def file(report: ReportData, tmp_path: Path) -> Path:
    path = tmp_path / "质量报告.html"
    path.write_text(render_report(report), encoding="utf-8")
    return path


def test_the_page_opens_from_a_file_asks_for_nothing_else_and_shows_its_figures(browser: Browser, file: Path) -> None:
    page = browser.new_page()
    asked: list[str] = []
    complaints: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(file.as_uri(), wait_until="networkidle")
    assert [url for url in asked if not url.startswith("data:")] == [file.as_uri()]
    assert complaints == []
    shown = page.inner_text("body")
    for text in ["瑞安市基础数据池质量报告", "第 12 版", "20,413", "公民身份号码校验码不对", "92.6%", "缺少必填字段 房屋详址"]:
        assert text in shown
    page.close()


@pytest.mark.parametrize("width", [1280, 800, 400])
def test_nothing_hangs_over_the_edge_and_bars_have_their_length(browser: Browser, file: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    bar = page.locator("#datasets table .bar").first
    accepted = bar.locator(".accepted")
    shares = accepted.evaluate("part => part.getBoundingClientRect().width / part.parentElement.getBoundingClientRect().width")
    assert shares == pytest.approx(19871 / 20413, abs=0.01)
    page.close()


def test_the_page_prints_without_cutting_columns(browser: Browser, file: Path, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(file.as_uri())
    page.pdf(path=tmp_path / "report.pdf", format="A4", print_background=True)
    assert (tmp_path / "report.pdf").stat().st_size > 10_000
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 703, "height": 1000})
    assert page.evaluate("document.documentElement.scrollWidth") <= 703
    page.close()
