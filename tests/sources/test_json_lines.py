import json

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from sources.readers import Layout, ReadError, open_rows

JSON = Layout("jsonl")


@pytest.fixture
def file(tmp_path):
    def write(text, encoding="utf-8"):
        path = tmp_path / "低保.jsonl"
        path.write_bytes(text.encode(encoding))
        return path

    return write


def failure(path, layout=JSON):
    with pytest.raises(ReadError) as caught:
        list(open_rows(path, layout).batches())
    assert str(path) in str(caught.value)
    return caught.value


def test_values_become_text(file, table):
    path = file('{"a":"007","b":12,"c":12.0,"d":1e-7,"e":true,"f":null,"g":["x",2.5,"甲"],"h":330381199001011234,"i":NaN}\n')
    read = table(path, JSON)
    assert read.header == tuple("abcdefghi")
    assert read.rows == [("007", "12", "12", "0.0000001", "true", "", '["x",2.5,"甲"]', "330381199001011234", "")]
    assert read.numbers == [1]


def test_the_header_is_the_union_of_the_keys_of_all_lines(file, table):
    read = table(file('{"a":1}\n{"c":2,"a":3}\n{"b":4}\n'), JSON)
    assert read.header == ("a", "c", "b")
    assert read.rows == [("1", "", ""), ("3", "2", ""), ("", "", "4")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_declared_encoding_counts(file, table, encoding):
    assert table(file('{"姓名":"张三"}\r\n', encoding), Layout("jsonl", encoding)).rows == [("张三",)]


def test_lines_that_are_no_objects_are_set_aside_and_blank_ones_skipped(file, table):
    read = table(file('{"a":1}\n{"a":\n\n[1]\n{"a":2} {"a":3}\n{"a":Infinity}\n' + "[" * 100_000 + '\n{"a":4}'), JSON)
    assert list(zip(read.numbers, read.rows, strict=True)) == [(1, ("1",)), (8, ("4",))]
    assert [fault.row for fault in read.faults] == [2, 4, 5, 6, 7]
    assert read.faults[0].text == '{"a":'


def test_rows_with_values_that_cannot_be_trusted_are_set_aside(file, table):
    read = table(file('{"a":"\\ud800"}\n{"a":"\\u0000"}\n{"a":3.30381E+17}\n{"a":"好"}\n'), JSON)
    assert read.rows == [("好",)]
    assert [fault.row for fault in read.faults] == [1, 2, 3]
    assert "3.30381E+17" in read.faults[2].cause


def test_a_file_cut_within_its_last_line_is_refused(file):
    error = failure(file('{"a":1}\n{"a":"安'))
    assert error.row == 2
    assert "没有传完" in error.cause


def test_a_file_of_another_format_is_refused(file):
    assert "没有一行是 JSON 对象" in failure(file("编号,姓名\n1,张三\n")).cause
    assert "空的" in failure(file("")).cause


def test_an_undeclared_encoding_is_named(file):
    error = failure(file('{"姓名":"张三","地址":"瑞安"}\n', "gb18030"))
    assert "gb18030" in error.advice
    assert error.row == 1


VALUES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.dictionaries(VALUES, VALUES, min_size=1, max_size=4).filter(lambda row: any(row.values())), min_size=1, max_size=6))
def test_any_texts_come_back_as_they_were_written(tmp_path, table, rows):
    path = tmp_path / "任意.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=index % 2 == 0) + "\n" for index, row in enumerate(rows)), encoding="utf-8")
    read = table(path, JSON)
    assert [dict(zip(read.header, values, strict=True)) for values in read.rows] == [
        {name: row.get(name, "") for name in read.header} for row in rows
    ]
