from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from hypothesis import HealthCheck, given, settings, strategies as st

from sources.readers import Layout, ReadError, open_rows
from sources.readers.workbook_process import packed

XLSX = Layout("xlsx")


@pytest.fixture
def workbook(tmp_path):
    def write(rows, sheet="数据", name="企业.xlsx"):
        book = openpyxl.Workbook()
        book.active.title = sheet
        for row in rows:
            book.active.append(row)
        book.save(tmp_path / name)
        return tmp_path / name

    return write


def failure(path, layout=XLSX):
    with pytest.raises(ReadError) as caught:
        list(open_rows(path, layout).batches())
    assert str(path) in str(caught.value)
    return caught.value


def test_cells_become_text_without_a_trace_of_excels_types(workbook, table):
    path = workbook(
        [
            ["代码", "数", "小数", "日期", "时刻", "钟点", "标志", "备注"],
            ["007", 12, 0.1 + 0.2, date(2020, 1, 2), datetime.combine(date(2020, 1, 2), time(3, 4, 5)), time(8, 30), True, " 甲\n乙 "],
            ["91330381MA2ABCDE1X", 13800138000, 0.0000001, date(1949, 10, 1), None, None, False, ""],
            ["0", 123456789012345, -5.0, None, None, None, None, "1E5"],
        ]
    )
    assert table(path, XLSX).rows == [
        ("007", "12", "0.3", "2020-01-02", "2020-01-02 03:04:05", "08:30:00", "true", " 甲\n乙 "),
        ("91330381MA2ABCDE1X", "13800138000", "0.0000001", "1949-10-01", "", "", "false", ""),
        ("0", "123456789012345", "-5", "", "", "", "", "1E5"),
    ]


def test_a_row_with_an_identifier_that_excel_rewrote_is_set_aside(workbook, table):
    read = table(workbook([["姓名", "证件号码"], ["甲", "330381199001011234"], ["乙", 330381199001011234], ["丙", "1"]]), XLSX)
    assert read.numbers == [2, 4]
    fault = read.faults[0]
    assert (fault.sheet, fault.row, fault.text) == ("数据", 3, '{"姓名":"乙","证件号码":"3.30381E+17"}')
    assert "列“证件号码”的数字被 Excel 等程序改写" in fault.cause


def test_a_title_and_a_merged_header_of_two_lines_are_understood(tmp_path, table):
    path = tmp_path / "企业.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("危化企业")
        sheet.merge_range("A1:F1", "瑞安市危险化学品企业名单")
        for area, name in {"A2:A3": "企业\n名称", "B2:C2": "许可证", "D2:E2": "主要负责人"}.items():
            sheet.merge_range(area, name)
        sheet.write_row("B3", ["编号", "有效期", "姓名", "电话", "独立列"])
        sheet.write_row("A4", ["甲厂", "证1", "2026-01-01", "张三", "138", "x"])
    read = table(path, Layout("xlsx", title_rows=1, header_rows=2))
    assert read.header == ("企业名称", "许可证_编号", "许可证_有效期", "主要负责人_姓名", "主要负责人_电话", "独立列")
    assert read.rows == [("甲厂", "证1", "2026-01-01", "张三", "138", "x")]
    assert (read.numbers, read.sheets) == ([4], {"危化企业"})


def test_a_header_of_two_lines_whose_merges_were_undone_is_carried_to_the_right(workbook, table):
    path = workbook([["企业", None, "电话"], ["名称", "代码", None], ["甲", "1", "138"]])
    assert table(path, Layout("xlsx", header_rows=2)).header == ("企业_名称", "企业_代码", "电话")


def test_numbers_of_rows_are_those_of_the_spreadsheet(tmp_path, table):
    path = tmp_path / "偏移.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.merge_range("C4:D4", "上")
        sheet.write_row("C5", ["a", "b"])
        sheet.write_row("C7", ["1", "2"])
        sheet.write_row("C9", ["3", "4"])
    read = table(path, Layout("xlsx", title_rows=3, header_rows=2))
    assert read.header == ("上_a", "上_b")
    assert list(zip(read.numbers, read.rows, strict=True)) == [(7, ("1", "2")), (9, ("3", "4"))]


def test_a_sheet_is_taken_by_name_or_the_first(tmp_path, table):
    path = tmp_path / "两表.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("说明").write("A1", "填表说明")
        book.add_worksheet("数据").write_column("A1", ["编号", "1"])
    assert table(path, XLSX).header == ("填表说明",)
    assert table(path, Layout("xlsx", sheet="数据")).rows == [("1",)]
    assert "只有：说明、数据" in failure(path, Layout("xlsx", sheet="名单")).cause


def test_an_empty_sheet_and_a_header_alone_are_told_apart(workbook, table):
    assert "只有 0 行" in failure(workbook([])).cause
    assert table(workbook([["a", "b"]]), XLSX).rows == []


def test_repeated_headers_are_refused(workbook):
    error = failure(workbook([["编号", "编号"], ["1", "2"]]))
    assert (error.sheet, error.row, error.column) == ("数据", 1, "编号")


def test_a_damaged_archive_is_refused(workbook):
    path = workbook([["a"], ["1"]])
    path.write_bytes(path.read_bytes()[:2000])
    assert "已损坏或没有传完" in failure(path).cause


def test_a_protected_workbook_is_refused_for_its_password(tmp_path):
    path = tmp_path / "加密.xlsx"
    path.write_bytes((Path(__file__).parent / "encrypted.xlsx").read_bytes())
    assert "密码" in failure(path).cause


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "空的"),
        ("\ufeff\r\n<html><table><tr><td>编号</td></tr></table></html>".encode(), "网页"),
        ("编号,姓名\n1,张三\n".encode("gb18030"), "内容不是工作簿"),
    ],
)
def test_a_file_that_only_has_the_name_of_a_workbook_is_refused(tmp_path, content, cause):
    path = tmp_path / "假.xlsx"
    path.write_bytes(content)
    assert cause in failure(path).cause


def test_a_missing_file_and_an_unknown_format_are_refused(tmp_path):
    assert "无法打开" in failure(tmp_path / "没有.xlsx").cause
    assert "不支持的格式 shp" in failure(tmp_path / "x.shp", Layout("shp")).cause


def test_many_rows_come_in_several_batches(tmp_path, table):
    path = tmp_path / "大.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet = book.add_worksheet()
        for row in range(25_000):
            sheet.write_row(row, 0, ["编号", "数"] if row == 0 else [f"R{row + 1}", row + 1])
    read = table(path, XLSX)
    assert read.rows == [(f"R{row}", str(row)) for row in read.numbers]
    assert len(read.rows) == 24_999


CELLS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), max_size=8)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELLS, CELLS).filter(any), max_size=6))
def test_any_texts_come_back_as_they_were_written(tmp_path, table, rows):
    path = tmp_path / "任意.xlsx"
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate([("甲", "乙"), *rows]):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    assert table(path, XLSX).rows == rows


def test_text_with_nul_is_not_sent_between_nuls() -> None:
    assert packed(("瑞安", "", "b")) == "瑞安\0\0b".encode()
    for column in (("a\0b", "c"), ("a", 1.0), ("a", None), ("\ud800", "b")):
        assert packed(column) == column
