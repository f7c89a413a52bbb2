"""datapool match: a file of addresses, or one text explained; with the pool's library, or with one of the user's own."""

import csv
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.command import datapool

LIBRARY = """address_id,level,town,road,house_number,full_text,valid_from,lon,lat
007,road,安阳街道,安福路,,浙江省温州市瑞安市安阳街道安福路,2001-05-01,,
008,house,安阳街道,安福路,12,浙江省温州市瑞安市安阳街道安福路12号,,120.655,27.778
"""
RECORDS = [("0001", "瑞安市安阳街道安福路12号", "2020-01-02"), ("0002", "瑞安市安阳街道安福路99号", ""), ("0003", "", "")]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    path = tmp_path / "library.csv"
    path.write_text(LIBRARY, encoding="utf-8")
    return path


def _records(path: Path, encoding: str) -> Path:
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file).writerows([("编号", "地址", "登记日期"), *RECORDS])
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_file_is_matched_with_a_library_of_ones_own_and_no_pool(library: Path, tmp_path: Path, encoding: str) -> None:
    records = _records(tmp_path / "records.csv", encoding)
    options = ("--id-column", "编号", "--address-column", "地址", "--date-column", "登记日期", "-o", tmp_path / "out.csv")
    answer = datapool("match", "--library", library, "--records", records, *options, "--home", tmp_path / "none")
    assert answer.code == 0, answer.errors
    assert not (tmp_path / "none").exists()
    found = list(csv.DictReader((tmp_path / "out.csv").open(encoding="utf-8")))
    assert [(row["record_id"], row["address_id"], row["status"]) for row in found] == [
        ("0001", "008", "matched"),
        ("0002", "007", "matched"),
        ("0003", "", "unmatched"),
    ], "identifiers keep their zeros"
    assert "已匹配 2，待确认 0，未匹配 1" in answer.output


def test_parquet_goes_in_and_out(library: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table({"address": [text for _, text, _ in RECORDS]}), tmp_path / "records.parquet")
    out = tmp_path / "out.parquet"
    answer = datapool("match", "--library", library, "--records", tmp_path / "records.parquet", "--address-column", "address", "-o", out)
    assert answer.code == 0, answer.errors
    assert pq.read_table(out)["record_id"].to_pylist() == ["1", "2", "3"], "the row numbers"


def test_text_is_explained_with_the_library_of_the_pool(home: Path) -> None:
    answer = datapool("match", "--explain", "瑞安市安阳街道[兴隆社区]", "--home", home)
    assert answer.code == 0, answer.errors
    assert "[兴隆社区]" in answer.output
    assert "安阳街道" in answer.output


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--address-column", "没有", "-o", "out.csv"), "没有列“没有”，现有：编号、地址、登记日期"),
        (("--address-column", "地址", "--date-column", "地址", "-o", "out.csv"), "列“地址”中有值读不成日期"),
        (("--address-column", "地址"), "--records、--address-column 和 -o"),
    ],
)
def test_what_is_missing_is_said(library: Path, tmp_path: Path, options: tuple[str, ...], message: str) -> None:
    records = _records(tmp_path / "records.csv", "utf-8")
    answer = datapool("match", "--library", library, "--records", records, *options)
    assert answer.code == 2
    assert message in answer.errors


def test_file_that_is_no_table_is_said(library: Path, tmp_path: Path) -> None:
    (tmp_path / "records.parquet").write_bytes(b"no table")
    options = ("--address-column", "地址", "-o", tmp_path / "out.csv")
    answer = datapool("match", "--library", library, "--records", tmp_path / "records.parquet", *options)
    assert answer.code == 2
    assert "records.parquet 读不了" in answer.errors
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    answer = datapool("match", "--library", tmp_path / "bad.csv", "--explain", "x")
    assert answer.code == 2
    assert "address_id" in answer.errors
