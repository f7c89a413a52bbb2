"""All tables of the report in one workbook: the same numbers as on the pages, text that no spreadsheet program runs, the same bytes."""

from dataclasses import replace
from pathlib import Path

import openpyxl

from expectations.report import ReportData, Sheet, figures_of, tables_of, write_tables
from expectations.report.intervals import wilson


def written(sheets: list[Sheet], path: Path) -> dict[str, list[tuple[object, ...]]]:
    write_tables(sheets, path)
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in openpyxl.load_workbook(path).worksheets}


def test_every_table_is_a_sheet_with_the_numbers_of_the_report(report: ReportData, tmp_path: Path) -> None:
    book = written(tables_of(report), tmp_path / "tables.xlsx")
    assert ("数据池", "数据池", 92.4, "良", 88.4, 100, 93.6) in book["评分"]
    assert ("市公安局", 1, 20413, 19871, 542, 2) in book["部门"]
    assert ("public_security.resident_population", "常住人口", "name.required", "缺少必填字段 姓名", 118) in book["隔离原因"]
    assert ("市场主体", "常住人口", "人员", "联系电话", 77) in book["来源不一致"]
    assert ("市公安局", "常住人口", "人口_202610.csv", "2026-10", "每次报送都在约定的时限内到达", "迟 26 小时") in book["报送问题"]
    low, high = wilson(1200, 1285)
    assert ("安阳街道", "滨江社区", 1200, 34, 51, round(1200 / 1285, 4), round(low, 4), round(high, 4)) in book["地址匹配（乡镇街道）"]
    assert ("安阳街道", 0, 0, 3, 0, 1, 2300) in book["网格规模"]
    assert ("cannot", "跨列", "算不出来的规则", "准确性", "block", 9, None, "除数为零") in book["质量规则"]
    assert book["数字编号"][1:] == [(each.name, each.label, each.rows) for each in figures_of(report)]


def test_sheets_are_the_same_without_data(report: ReportData, tmp_path: Path) -> None:
    bare = ReportData(1, report.published_at, "瑞安市", "run-1", "张工", report.versions)
    assert [each.title for each in tables_of(bare)] == [each.title for each in tables_of(report)]
    assert len(written(tables_of(bare), tmp_path / "tables.xlsx")["数据集"]) == 1


def test_what_looks_like_a_formula_or_a_link_stays_text(report: ReportData, tmp_path: Path) -> None:
    file = '=HYPERLINK("http://example.invalid/")'
    write_tables(
        tables_of(replace(report, problems=[replace(report.problems[0], file=file, cause="+1", advice="@A1")])), tmp_path / "t.xlsx"
    )
    sheet = openpyxl.load_workbook(tmp_path / "t.xlsx")["未入池的文件"]
    assert [(cell.data_type, cell.value, cell.hyperlink) for cell in sheet[3][1:]] == [("s", each, None) for each in (file, "+1", "@A1")]


def test_the_same_tables_give_the_same_bytes(report: ReportData, tmp_path: Path) -> None:
    for name in ("1.xlsx", "2.xlsx"):
        write_tables(tables_of(report), tmp_path / name)
    assert (tmp_path / "1.xlsx").read_bytes() == (tmp_path / "2.xlsx").read_bytes()


def test_rows_that_a_sheet_cannot_hold_are_said_in_its_last_line(tmp_path: Path) -> None:
    book = written([Sheet("长", ("数",), [(number,) for number in range(7)])], tmp_path / "long.xlsx")
    assert len(book["长"]) == 8
    write_tables([Sheet("长", ("数",), [(number,) for number in range(7)])], tmp_path / "cut.xlsx", rows_of_a_sheet=5)
    rows = list(openpyxl.load_workbook(tmp_path / "cut.xlsx").active.iter_rows(values_only=True))
    assert [row[0] for row in rows] == ["数", 0, 1, 2, 3, "还有 3 行，工作表放不下"]
