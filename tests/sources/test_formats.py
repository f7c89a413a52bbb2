"""DBF, XML, JSON documents, sheets and archives, and a short fixed slice of the fuzzer."""

import collections

import pytest
import xlsxwriter

from sources.archive import unpack
from sources.readers import Layout, ReadError, open_rows
from tests.sources.fuzz import campaign
from tests.sources.writers import ARCHIVES, WRITERS, write_dbf, zip_archive


@pytest.mark.parametrize("kind", [*WRITERS, *ARCHIVES])
def test_damaged_files_end_in_rows_faults_or_one_error_and_whole_ones_come_back(kind, tmp_path):
    campaign(kind, 10, tmp_path, collections.Counter(), derandomize=True)


def test_dbf_with_half_a_character_at_the_end_of_a_field_is_set_aside_and_deleted_records_are_counted(tmp_path, table):
    path = tmp_path / "x.dbf"
    layout = write_dbf(path, (("NAME",), [("瑞安市",), ("甲",), ("乙",)]), deleted=(1,), width=5)
    read = table(path, layout)
    assert (read.numbers, read.rows) == ([3], [("乙",)])
    assert "半个" in read.faults[0].cause
    rows = open_rows(path, layout)
    assert list(rows.batches())
    assert [each.kind for each in rows.asides] == ["已打删除标记的记录 1 条"]


def test_nested_elements_and_objects_become_paths(tmp_path, table):
    (tmp_path / "x.xml").write_text(
        '<?xml version="1.0" encoding="GBK"?><d><n>2</n><row id="1"><holder k="a"><name>张</name></holder></row></d>', encoding="gbk"
    )
    read = table(tmp_path / "x.xml", Layout("xml", "auto", row_path="d/row"))
    assert (read.header, read.rows) == (("@id", "holder.@k", "holder.name"), [("1", "a", "张")])
    (tmp_path / "x.json").write_text('{"data":{"rows":[{"holder":{"name":"张"}},{"a":1,"a":2}]}}', encoding="utf-8")
    read = table(tmp_path / "x.json", Layout("json", row_path="data.rows"))
    assert (read.header, read.rows) == (("holder.name",), [("张",)])
    assert "两次" in read.faults[0].cause


def test_all_sheets_with_the_same_header_are_read_and_numbered_each_for_itself(tmp_path, table):
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name in ("安阳", "塘下"):
            book.add_worksheet(name).write_column(0, 0, ["姓名", name])
    read = table(path, Layout("xlsx", sheet="*"))
    assert (read.sheets, read.numbers, read.rows) == ({"安阳", "塘下"}, [2, 2], [("安阳",), ("塘下",)])


def test_archive_gives_its_files_and_those_of_archives_in_it(tmp_path):
    path, into = tmp_path / "x.zip", tmp_path / "into"
    path.write_bytes(zip_archive("secret"))
    into.mkdir()
    assert [each.name for each in unpack(path, into, ["wrong", "secret"])] == ["出租房屋_20250630.csv", "2025/b.csv", "d.zip!/c.csv"]
    with pytest.raises(ReadError, match="密码"):
        unpack(path, tmp_path, ["wrong"])
