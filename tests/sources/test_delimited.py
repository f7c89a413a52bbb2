import csv
import io
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from sources.readers import Layout, ReadError, open_rows

GB = Layout("csv", "gb18030")
UTF8 = Layout("csv")


@pytest.fixture
def file(tmp_path):
    def write(text, encoding="utf-8", name="人口.csv"):
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return path

    return write


def failure(path, layout):
    with pytest.raises(ReadError) as caught:
        list(open_rows(path, layout).batches())
    error = caught.value
    assert str(path) in str(error)
    assert error.cause in str(error)
    assert error.advice in str(error)
    return error


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
def test_a_table_is_read_in_its_declared_encoding(file, table, encoding):
    path = file('编号,姓名,地址\r\n001,张三,"瑞安市, 安阳街道"\r\n002,李四,\r\n', encoding)
    read = table(path, Layout("csv", encoding))
    assert read.header == ("编号", "姓名", "地址")
    assert read.rows == [("001", "张三", "瑞安市, 安阳街道"), ("002", "李四", "")]
    assert read.numbers == [2, 3]
    assert read.faults == []


def test_characters_of_four_bytes_survive_gb18030(file, table):
    assert table(file("姓名\n𠮷田㐂\n", "gb18030"), GB).rows == [("𠮷田㐂",)]


def test_a_byte_order_mark_is_no_part_of_the_first_header(file, table):
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        path = file("\ufeff编号,姓名\n1,甲\n", "gb18030" if encoding == "gb18030" else "utf-8")
        assert table(path, Layout("csv", encoding)).header == ("编号", "姓名")


def test_texts_that_look_like_numbers_dates_or_nulls_stay_as_they_are(file, table):
    row = ("007", "1e5", "NULL", "nan", "2020-01-01", " 空格 ", "#N/A")
    assert table(file("a,b,c,d,e,f,g\n" + ",".join(row) + "\n"), UTF8).rows == [row]


def test_tab_separated_files_keep_commas(file, table):
    assert table(file("名称\t地址\n甲,乙\t解放路1号\n", name="x.tsv"), Layout("tsv")).rows == [("甲,乙", "解放路1号")]


def test_title_rows_are_skipped_and_header_rows_joined(file, table):
    path = file("危化企业名单,,,\n企业,,许可证,电话\n名称,代码,编号,\n甲厂,91X,证1,138\n", "gb18030")
    read = table(path, Layout("csv", "gb18030", title_rows=1, header_rows=2))
    assert read.header == ("企业_名称", "企业_代码", "许可证_编号", "电话")
    assert read.rows == [("甲厂", "91X", "证1", "138")]
    assert read.numbers == [4]


def test_columns_without_a_name_are_kept_under_their_place(file, table):
    assert table(file("a,,b,\n1,2,3,4\n"), UTF8).header == ("a", "第2列(无表头)", "b", "第4列(无表头)")


def test_headers_may_be_named_like_our_own_columns(file, table):
    assert table(file("row,sheet\n1,2\n"), UTF8).rows == [("1", "2")]


def test_rows_with_a_wrong_number_of_fields_are_set_aside_and_the_others_keep_their_numbers(file, table):
    read = table(file('a,b\n1,2\n3\n"多\n行",4\n5,6,7\n8,9\n'), UTF8)
    assert list(zip(read.numbers, read.rows, strict=True)) == [(2, ("1", "2")), (4, ("多\n行", "4")), (6, ("8", "9"))]
    assert [(fault.row, fault.text) for fault in read.faults] == [(3, "3"), (5, "5,6,7")]
    assert "有 3 个字段，表头有 2 个" in read.faults[1].cause


def test_row_numbers_stay_right_over_many_blocks(file, table):
    lines = ["编号,地址"] + [f"{n},{'瑞安市安阳街道解放路' * 5}" if n % 1000 else f"{n}" for n in range(2, 60_002)]
    read = table(file("\n".join(lines) + "\n", "gb18030"), GB)
    assert [int(row[0]) for row in read.rows] == read.numbers
    assert [int(fault.text) for fault in read.faults] == [fault.row for fault in read.faults]
    assert len(read.rows) + len(read.faults) == 60_000


def test_blank_rows_are_left_out_but_counted(file, table):
    read = table(file("a,b\n1,2\n\n,\n3,4\n\n"), UTF8)
    assert read.numbers == [2, 5]
    assert read.faults == []


def test_a_header_without_rows_is_an_empty_table(file, table):
    for text in ("a,b\n", "a,b", "a,b\n\n"):
        read = table(file(text), UTF8)
        assert (read.header, read.rows, read.faults) == (("a", "b"), [], [])


def test_a_row_with_nul_bytes_is_set_aside(file, table):
    read = table(file("a,b\n1,x\0y\n2,z\n"), UTF8)
    assert read.rows == [("2", "z")]
    assert [(fault.row, fault.text) for fault in read.faults] == [(2, '{"a":"1","b":"x\\u0000y"}')]
    assert "NUL" in read.faults[0].cause


def test_an_empty_file_is_refused(file):
    assert "空的" in failure(file(""), UTF8).cause
    assert "表头是空的" in failure(file("\n\n"), UTF8).cause


def test_a_missing_file_is_refused(tmp_path):
    assert "无法打开" in failure(tmp_path / "没有.csv", UTF8).cause


def test_repeated_headers_are_refused_with_their_places(file):
    error = failure(file("编号,备注,姓名,备注\n1,2,3,4\n"), UTF8)
    assert (error.row, error.column) == (1, "备注")
    assert "第 2 列和第 4 列" in error.cause


def test_fewer_lines_than_the_declared_header_are_refused(file):
    assert "文件只有 1 行" in failure(file("标题\n"), Layout("csv", title_rows=1)).cause


@pytest.mark.parametrize(
    ("declared", "actual"),
    [("utf-8", "gb18030"), ("gb18030", "utf-8"), ("gb18030", "utf-8-sig"), ("utf-8", "utf-16"), ("gb18030", "utf-16-le")],
)
def test_an_undeclared_encoding_is_named(file, declared, actual):
    error = failure(file("ID,姓名\n1,张三\n2,李四\n", actual), Layout("csv", declared))
    assert f"不是有效的 {declared} 编码" in error.cause
    assert f"很可能是 {actual} 编码" in error.advice
    assert error.row == 1


def test_a_damaged_byte_is_named_with_its_place(file):
    good = ("编号,地址\n" + "1,瑞安市安阳街道解放路\n" * 30_000).encode("gb18030")
    for place in (500_003, 131_072):
        line_start = good.rindex(b"\n", 0, place) + 1
        damaged = good[: line_start + 2] + b"\xff" + good[line_start + 3 :]
        error = failure(file(damaged), GB)
        assert f"第 {line_start + 3} 个字节" in error.cause
        assert error.row == good.count(b"\n", 0, line_start) + 1
        assert "损坏" in error.advice


def test_an_unknown_encoding_is_refused(file):
    assert "不认识的编码" in failure(file("a\n1\n"), Layout("csv", "gb99999")).cause


@pytest.mark.parametrize("keep", [-1, -8, -9])
def test_a_file_cut_within_its_last_row_is_refused(file, keep):
    whole = '编号,姓名,地址\n1,张三,"解放路"\n2,李四,"安阳"\n'.encode("gb18030")
    cut = whole[: len(whole) + keep - 1]
    error = failure(file(cut), GB)
    assert error.row == 3
    assert "没有传完" in str(error)


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_a_file_cut_within_a_character_is_refused(file, encoding):
    error = failure(file("a,b\n1,张\n2,李".encode(encoding)[:-1]), Layout("csv", encoding))
    assert error.row == 3
    assert "没有传完" in error.cause


def test_an_open_quote_is_refused_with_the_row_it_begins_in(file):
    error = failure(file('a,b\n1,2\n3,"4\n' + "5,6\n" * 10), UTF8)
    assert error.row == 3
    assert "引号没有闭合" in error.cause


def test_an_open_quote_in_a_long_file_is_refused_too(file):
    error = failure(file('a,b\n1,2\n"3,4\n' + "5,安阳街道\n" * 700_000), UTF8)
    assert error.row == 3
    assert "引号没有闭合" in error.cause


def test_an_odd_quote_within_a_text_is_no_open_quote(file, table):
    assert table(file('a,b\n5"钢管,1\n'), UTF8).rows == [('5"钢管', "1")]


def test_a_file_of_nothing_but_bad_rows_ends_in_one_error(file):
    error = failure(file("a,b\n" + "1;2\n" * 100_010), UTF8)
    assert "超过 100000 行无法读取" in error.cause


def test_reading_may_stop_early_and_begin_again(file):
    rows = open_rows(file("a\n" + "1\n" * 3_000_000), UTF8)
    next(rows.batches())
    assert sum(batch.num_rows for batch in rows.batches()) == 3_000_000


def test_a_database_reading_the_batches_finds_the_error_on_the_rows(file):
    rows = open_rows(file("a,b\n" + "1,安阳\n" * 1000 + '2,"x'), UTF8)
    reader = pa.RecordBatchReader.from_batches(rows.schema, rows.batches())
    with duckdb.connect() as connection, pytest.raises(duckdb.Error):
        connection.from_arrow(reader).to_arrow_table()
    assert rows.error is not None
    assert rows.error.row == 1002


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\ufeff"), max_size=8)
TABLES = st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[CELLS] * width).filter(any), max_size=8))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=TABLES, encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]), dialect=st.sampled_from(["csv", "tsv"]))
def test_any_table_comes_back_as_it_was_written(tmp_path, table, rows, encoding, dialect):
    header = [f"列{index}" for index in range(len(rows[0]) if rows else 1)]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter="," if dialect == "csv" else "\t").writerows([header, *rows])
    path = tmp_path / "any"
    path.write_bytes(text.getvalue().encode(encoding))
    read = table(path, Layout(dialect, encoding))
    assert read.rows == rows
    assert read.numbers == list(range(2, len(rows) + 2))
    assert read.faults == []


def test_the_real_registrations_are_read(table):
    path = Path(__file__).parents[3] / "shared/data/enterprises/ruian.tsv"
    if not path.exists():
        pytest.skip("shared/data is not here")
    read = table(path, Layout("tsv"))
    assert len(read.rows) == 1724
    assert read.faults == []


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
@pytest.mark.parametrize("line", ["中" * 300, '中文"\n' * 100], ids=["one line", "many lines with quotes"])
def test_a_record_of_some_megabytes_is_read_among_short_ones(file, table, encoding, line):
    long = line * (3_000_000 // len(line.encode()))
    quoted = long.replace('"', '""')
    short = [f"{number},{'短' * 100}\n" for number in range(5000)]
    read = table(file(f'甲,乙\n{"".join(short)}1,"{quoted}"\n{"".join(short)}', encoding), Layout("csv", encoding))
    assert read.rows[5000] == ("1", long)
    assert len(read.rows) == 10_001
    assert read.faults == []
