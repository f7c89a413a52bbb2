"""The content hash: equal for equal content in any order, different for anything else."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings, strategies as st

from pool.content import TableContent, content_hash, tables_content

TEXT = st.none() | st.sampled_from(["", "a", "b", "ab", "null", '"', "\x1f", "张", "NULL"])
ROWS = st.lists(st.tuples(TEXT, TEXT, st.none() | st.integers(0, 2)), max_size=5)
CONNECTION = duckdb.connect(config={"autoinstall_known_extensions": "false"})


def hash_of(rows: list[tuple[Any, ...]], columns: tuple[str, ...] = ("a", "b", "n")) -> TableContent:
    types = {"a": pa.string(), "b": pa.string(), "n": pa.int64()}
    table = pa.table({name: pa.array([row["abn".index(name)] for row in rows], types[name]) for name in columns})
    CONNECTION.register("given", table)
    return content_hash(CONNECTION, "given")


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, data=st.data())
def test_order_of_rows_and_columns_does_not_matter(rows: list[tuple[Any, ...]], data: st.DataObject) -> None:
    assert hash_of(data.draw(st.permutations(rows)), ("n", "b", "a")) == hash_of(rows)


@settings(max_examples=100, deadline=None)
@given(one=ROWS, other=ROWS)
def test_hashes_are_equal_only_for_the_same_rows_as_often(one: list[tuple[Any, ...]], other: list[tuple[Any, ...]]) -> None:
    same = sorted(map(repr, one)) == sorted(map(repr, other))
    assert (hash_of(one) == hash_of(other)) is same


def test_release_numbers_and_the_zone_of_the_session_leave_no_trace() -> None:
    at = datetime(2025, 11, 22, 1, 30, tzinfo=UTC)
    hashes = set()
    for zone, release in (("UTC", 1), ("Asia/Shanghai", 2)):
        CONNECTION.execute(f"SET TimeZone = '{zone}'")
        CONNECTION.register("given", pa.table({"at": [at], "day": [date(2025, 11, 22)], "faults": [["a", "b"]], "known_from": [release]}))
        hashes.add(content_hash(CONNECTION, "given"))
    assert len(hashes) == 1


def test_the_hash_stays_what_it_was_in_releases_already_published() -> None:
    table = pa.table({"name": ["张三", None], "born": [date(1990, 1, 1), None], "area": [88.5, 0.1]})
    CONNECTION.register("given", table)
    assert content_hash(CONNECTION, "given") == TableContent(2, "a4407a4759c3dcf91c8a056b70150c3a6f095627759b00ece7e50600640bd7a3")


def test_tables_are_hashed_as_files_or_folders_of_files(tmp_path: Path) -> None:
    rows = pa.table({"key": ["1", "2", "3"]})
    pq.write_table(rows, tmp_path / "person.parquet")
    (tmp_path / "event").mkdir()
    for year in range(3):
        pq.write_table(rows.slice(year, 1), tmp_path / "event" / f"{year}.parquet")
    contents = tables_content(CONNECTION, tmp_path)
    assert contents["person"] == contents["event"]
    assert contents["person"].rows == 3


def test_a_column_with_any_name_is_hashed() -> None:
    CONNECTION.register("given", pa.table({'年"龄': [1], "select": [2]}))
    assert content_hash(CONNECTION, "given").rows == 1


def test_a_relation_that_is_not_there_is_an_error() -> None:
    with pytest.raises(duckdb.Error, match="nowhere"):
        content_hash(CONNECTION, "nowhere")
