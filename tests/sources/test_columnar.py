"""Parquet files as rows of text."""

from datetime import date
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sources.readers import Layout, ReadError, open_rows

PARQUET = Layout("parquet")


def test_values_of_every_type_become_the_text_that_other_readers_would_give(tmp_path, table):
    columns = {
        "文": ["甲", None],
        "号": pa.array([330381199001011234, None], pa.int64()),
        "数": [120.5, float("nan")],
        "整": [3.0, 1e-7],
        "价": [Decimal("1.50"), None],
        "日": [date(2025, 7, 1), None],
        "时": pa.array(["2025-07-01 08:30:00", "2025-07-01 00:00:00"]).cast(pa.timestamp("s")),
        "否": [True, None],
        "列": [["x"], None],
        "类": pa.array(["a", "b"]).dictionary_encode(),
    }
    pq.write_table(pa.table(columns), tmp_path / "x.parquet")
    read = table(tmp_path / "x.parquet", PARQUET)
    assert read.header == tuple(columns)
    assert read.numbers == [1, 2]
    assert read.rows == [
        ("甲", "330381199001011234", "120.5", "3", "1.50", "2025-07-01", "2025-07-01 08:30:00", "true", '["x"]', "a"),
        ("", "", "", "0.0000001", "", "", "2025-07-01", "", "", "b"),
    ]


def test_rows_are_numbered_through_all_batches_and_those_with_nul_set_aside(tmp_path, table):
    texts = [str(number) for number in range(25_000)]
    texts[12_345] = "a\0b"
    pq.write_table(pa.table({"a": texts}), tmp_path / "x.parquet")
    read = table(tmp_path / "x.parquet", PARQUET)
    assert len(read.rows) == 24_999
    assert read.rows[-1] == ("24999",)
    assert read.numbers[-1] == 25_000
    assert [fault.row for fault in read.faults] == [12_346]


@pytest.mark.parametrize(("content", "cause"), [(b"", "Parquet"), (b"PAR1 and then nothing", "Parquet"), (None, "无法打开")])
def test_file_that_is_none_is_refused_in_words(tmp_path, content, cause):
    path = tmp_path / "x.parquet"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ReadError, match=cause):
        open_rows(path, PARQUET)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encoding_left_to_the_file_is_told_from_its_first_bytes(tmp_path, table, encoding):
    (tmp_path / "x.csv").write_text("地址,编号\n安阳街道中心街,1\n", encoding=encoding)
    read = table(tmp_path / "x.csv", Layout("csv", "auto"))
    assert (read.header, read.rows) == (("地址", "编号"), [("安阳街道中心街", "1")])
