"""Every figure of the report leads to the rows it counts, and every row names the figures that count it."""

import csv
import json
import re
import shutil
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest

from flow.context import Context
from flow.report import FIGURES
from flow.run import run
from flow.trace.figures import LABELS, check_figures, figures, trace_figure
from flow.trace.row import trace_row
from pool import PoolError
from samples.identifiers import with_wrong_check
from tests.cli.command import datapool
from tests.flow.reviewing import people
from tests.small_exports import NOW, ORGANISATIONS, RESIDENTS, context_at, organisations, write_export


@pytest.fixture(scope="module")
def context(reviewable_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A pool in its second release: a resident who left, one who moved, one with a bad number, a warning, firms twice."""
    folder = tmp_path_factory.mktemp("figures")
    home = Path(shutil.copytree(reviewable_home, folder / "home"))
    residents = people()[1:]
    residents[0] |= {"actual_address_text": "瑞安市安阳街道安福路12号", "phone": "无人接听"}
    residents.append(residents[1] | {"citizen_number": with_wrong_check(residents[1]["citizen_number"]), "name": ""})
    write_export(folder / "exports", RESIDENTS, residents, period="20250731")
    write_export(folder / "exports", ORGANISATIONS, organisations(2, first=1), period="20250731")
    assert run(context_at(home, now=NOW + timedelta(days=31), run="run-2"), folder / "exports") == 2
    return context_at(home, now=NOW + timedelta(days=32), run="run-3")


def test_the_rows_of_every_figure_come_to_the_figure(context: Context) -> None:
    for release in (1, 2):
        assert [each for each in check_figures(context, release=release) if not each.agrees] == []
    for each in check_figures(context):
        found = trace_figure(context, each.figure.name)
        assert (each.figure.name, found.found, len(found.rows)) == (each.figure.name, each.figure.rows, found.places)
        assert found.places == found.found or each.figure.name.startswith(("rules/", "score/"))


def test_the_release_has_figures_of_every_kind(context: Context) -> None:
    _, reported = figures(context)
    rows = {each.name: each.rows for each in reported}
    kept = f"dataset/{RESIDENTS}"
    assert rows["total/received"] == rows["total/accepted"] + rows["total/quarantined"]
    assert rows[f"{kept}/quarantined"] == 1
    assert rows[f"{kept}/quarantined/name.required"] == 1
    assert rows[f"{kept}/quarantined/citizen_number.check_digit"] == 1
    assert rows[f"{kept}/outcome/withdrawn"] == 1
    assert rows[f"{kept}/outcome/superseded"] == 6
    assert rows[f"dataset/{ORGANISATIONS}/outcome/withdrawn"] == 1
    assert rows["changes/organisation/added"] == rows["changes/organisation/removed"] == 1
    assert [name for name in rows if name.startswith(f"{kept}/warned/phone.")]
    assert [name for name in rows if name.startswith("addresses/") and name.endswith("/review") and rows[name]]
    assert rows["matching/review/ambiguous"]
    assert rows["total/addresses"] == sum(rows[name] for name in rows if name.startswith("matching/"))
    assert rows["department/public_security/quarantined"] == rows["total/quarantined"] == 1
    assert rows[f"score/dataset/{RESIDENTS}/completeness/rows"] == rows["score/pool/-/completeness/rows"] == 1
    assert rows["score/department/public_security/accuracy/rows"] == rows["score/pool/-/accuracy/rows"] == 1
    assert rows["score/pool/-/consistency/addresses"] == rows["total/addresses"] - rows["total/addresses/matched"]
    assert [name for name in rows if re.match("score/pool/-/[a-z]+/rules", name)]
    assert [name for name in rows if re.match("score/pool/-/[a-z]+/cells", name)]
    kinds = {"total", "department", "dataset", "batch", "addresses", "matching", "score", "rules", "tables", "changes"}
    assert {name.partition("/")[0] for name in rows} >= kinds


def test_every_row_names_the_figures_that_count_it_and_no_others(context: Context) -> None:
    counting: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    _, reported = figures(context)
    of_rows = {each.name for each in reported if not each.name.startswith(("tables/", "changes/"))}
    for name in of_rows:
        for batch, _, sheet, row, *_ in trace_figure(context, name).rows:
            if row is not None:  # what is said of a batch as a whole is said of no row
                counting[batch, sheet, row].add(name)
    mine = {place: names for place, names in counting.items() if place[0].startswith((RESIDENTS, ORGANISATIONS))}
    assert len(mine) == 7 + 7 + 2 + 2
    for (batch, _, row), names in mine.items():
        assert set(trace_row(context, batch, row).figures) & of_rows == names, (batch, row)


def test_every_number_on_the_pages_carries_the_name_of_its_figure(context: Context) -> None:
    folder = context.pool.releases.folder(2) / "report"
    reported = {each["name"]: each["rows"] for each in json.loads((folder / FIGURES).read_bytes())}
    pages = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.html"))}
    shown = [found for page in pages.values() for found in re.findall(r'data-figure="([^"]+)"[^>]*>([0-9,]+)<', page)]
    assert {name for name, _ in shown} == reported.keys()
    assert all(reported[name] == int(number.replace(",", "")) for name, number in shown)
    assert all(f'id="figure-{name}"' in pages["figures.html"] for name in reported)


def test_superseded_row_leads_to_the_row_that_took_its_place(context: Context) -> None:
    found = trace_row(context, "resident_population_20250630.csv", 3)
    assert (found.outcome, found.records) == ("superseded", [])
    assert found.followed_by.startswith("resident_population_20250731.csv 第 2 行")


def test_quarantined_row_tells_all_its_reasons(context: Context) -> None:
    found = trace_row(context, "resident_population_20250731.csv", 8)
    assert found.found is not None
    assert found.outcome == "quarantined"
    assert {each.rule for each in found.found.check.reasons} == {"required", "check_digit"}
    assert found.records == []


def test_row_leads_to_its_records_and_they_lead_back(context: Context) -> None:
    found = trace_row(context, "resident_population_20250731.csv", 2)
    assert {each.table for each in found.records} == {"person", "residence"}
    lineage = pq.read_table(context.pool.releases.folder(2) / "pool" / "lineage.parquet").to_pylist()
    behind = {(each["table_name"], each["key"]) for each in lineage if (each["file_key"], each["row"]) == (found.receipt.sha256[:16], 2)}
    assert {(each.table, each.key) for each in found.records} == behind


@pytest.mark.parametrize(
    ("file", "row", "message"),
    [
        ("nothing.csv", 2, "没有收到过文件 nothing.csv"),
        ("resident_population_20250731.csv", 99, "它的数据行在第 2 到 8 行之间"),
        ("resident_population_20250731.csv", 1, "没有第 1 行数据"),
    ],
)
def test_row_that_is_not_there_is_said(context: Context, file: str, row: int, message: str) -> None:
    with pytest.raises(PoolError, match=message):
        trace_row(context, file, row)


def test_row_is_shown_masked(context: Context) -> None:
    answer = datapool("trace", "row", "resident_population_20250731.csv", 2, "--home", context.pool.home)
    assert answer.code == 0, answer.errors
    person = people()[1]
    for value in (person["citizen_number"], person["name"], "=瑞安市安阳街道安福路12号", "“瑞安市安阳街道安福路12号”"):
        assert value not in answer.output
    assert "去向  已发布（发布 2）" in answer.output
    assert "提示：" in answer.output


@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_all_rows_of_a_figure_are_written_to_a_file(context: Context, tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rows{suffix}"
    answer = datapool("trace", "report", "total/received", "-o", path, "--home", context.pool.home)
    assert answer.code == 0, answer.errors
    if suffix == ".csv":
        header, *rows = list(csv.reader(path.open(encoding="utf-8-sig")))
    else:
        header, *rows = [[cell.value for cell in row] for row in openpyxl.load_workbook(path).active]
    assert tuple(header) == LABELS
    assert len(rows) == next(each.rows for each in figures(context)[1] if each.name == "total/received")
    assert len({tuple(row) for row in rows}) == len(rows)


def test_figure_that_the_rows_no_longer_come_to_is_told_with_code_1(context: Context, tmp_path: Path) -> None:
    agreeing = datapool("trace", "report", "--check", "--home", context.pool.home)
    assert agreeing.code == 0
    assert "，0 个不符。" in agreeing.output
    home = Path(shutil.copytree(context.pool.home, tmp_path / "home"))
    file = home / "releases" / "2" / "report" / FIGURES
    reported = json.loads(file.read_bytes())
    reported[0]["rows"] += 1
    file.chmod(0o600)
    file.write_text(json.dumps(reported), encoding="utf-8")
    answer = datapool("trace", "report", "total/received", "--home", home)
    assert answer.code == 1
    assert "与报告不符" in answer.errors
    checked = datapool("trace", "report", "--check", "--home", home)
    assert checked.code == 1
    assert checked.output.startswith("total/received")
    assert "，1 个不符。" in checked.output


def test_unknown_figure_is_told_with_those_that_are_near(context: Context) -> None:
    answer = datapool("trace", "report", "total/recieved", "--home", context.pool.home)
    assert answer.code == 2
    assert "相近的：total/received" in answer.errors


def test_all_figures_and_one_of_them_cannot_be_asked_for_at_once(context: Context) -> None:
    answer = datapool("trace", "report", "total/received", "--check", "--home", context.pool.home)
    assert answer.code == 2
    assert "不能同时" in answer.errors
