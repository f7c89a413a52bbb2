"""The auditor's workbook: masked text that no spreadsheet program runs, the same bytes for the same rows."""

from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest
from hypothesis import given, settings, strategies as st

from expectations.report import QuarantinedCell, write_quarantine_workbook

ROW = QuarantinedCell("常住人口", "人口.csv", "", 17, "公民身份号码", "3303**********1235", "校验码不对", "请核对原件")


def read(path: Path) -> list[list[tuple[object, ...]]]:
    book = openpyxl.load_workbook(path)
    return [list(sheet.iter_rows(values_only=True)) for sheet in book.worksheets]


def test_headers_and_rows_are_those_the_auditor_expects(tmp_path: Path) -> None:
    path = tmp_path / "quarantine.xlsx"
    assert write_quarantine_workbook([ROW], path) == 1
    assert read(path) == [
        [
            ("数据集", "文件", "表", "行", "字段", "原值（脱敏）", "原因", "建议"),
            ("常住人口", "人口.csv", "", 17, "公民身份号码", "3303**********1235", "校验码不对", "请核对原件"),
        ]
    ]


@pytest.mark.parametrize("value", ["=1+1", "+86", "-1", "@SUM(A1)", "{=1}", "http://example.invalid/", "00123", "1e5"])
def test_what_looks_like_a_formula_a_link_or_a_number_stays_text(tmp_path: Path, value: str) -> None:
    path = tmp_path / "quarantine.xlsx"
    write_quarantine_workbook([QuarantinedCell("甲", value, value, 1, value, value, value)], path)
    cell = openpyxl.load_workbook(path).active["F2"]
    assert (cell.data_type, cell.value, cell.hyperlink) == ("s", value, None)


def test_the_same_rows_give_the_same_bytes_whenever_written(tmp_path: Path) -> None:
    first, second = tmp_path / "1.xlsx", tmp_path / "2.xlsx"
    for path in (first, second):
        write_quarantine_workbook([ROW] * 3, path)
    assert first.read_bytes() == second.read_bytes()
    with ZipFile(first) as book:
        assert {entry.date_time[0] for entry in book.infolist()} == {1980}
        assert b"2000-01-01T00:00:00Z" in book.read("docProps/core.xml")


def test_no_rows_are_a_workbook_with_a_header(tmp_path: Path) -> None:
    path = tmp_path / "quarantine.xlsx"
    assert write_quarantine_workbook([], path) == 0
    assert len(read(path)[0]) == 1


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(tmp_path: Path) -> None:
    path = tmp_path / "quarantine.xlsx"
    assert write_quarantine_workbook((ROW for _ in range(7)), path, rows_of_a_sheet=3) == 7
    sheets = read(path)
    assert [len(sheet) for sheet in sheets] == [4, 4, 2]
    assert all(sheet[0][0] == "数据集" for sheet in sheets)


@settings(max_examples=30, deadline=None)
@given(value=st.text(max_size=40))
def test_any_text_can_be_written_and_opened(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    path = tmp_path_factory.mktemp("book") / "quarantine.xlsx"
    write_quarantine_workbook([QuarantinedCell("甲", "f", "", 1, "字段", value, "原因")], path)
    assert len(read(path)[0]) == 2
