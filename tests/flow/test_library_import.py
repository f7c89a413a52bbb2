"""Files that change the library: every row held against it, the good ones counted, the others told, and all of it taken back."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from flow.context import Context
from flow.library import ADDRESS_CHANGES, ADDRESSES, ALIAS_CHANGES
from flow.library_changes import withdraw_import
from flow.library_history import history_of_address, history_of_library
from flow.library_import import Examined, contract_of, examine, register, write_rejected
from flow.reference import current_library
from flow.replay import replay
from flow.run import advance, run
from pool import PoolError
from pool.verify import verify
from tests.small_exports import NOW, context_at
from tests.small_library import LIBRARY, STREET, TOWN, address, write_library, write_organisations

TODAY = date(2025, 7, 1)
_AT_103 = {"road": "中心街", "house_number": "103号", "compound": "阳光小区"}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A pool with the library and a first release; every test of this module leaves the library as it was."""
    folder = tmp_path_factory.mktemp("exports")
    write_library(folder)
    write_organisations(folder, {f"{TOWN}中心街103号阳光小区3幢": ""})
    context = context_at(tmp_path_factory.mktemp("home"))
    assert run(context, folder) == 1
    return context


def write_csv(path: Path, rows: Sequence[Mapping[str, str]], encoding: str = "utf-8-sig") -> Path:
    """Rows under the headers that people have: those of the contract in Chinese for addresses, in English for the rest."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys(name for row in rows for name in row)))
        writer.writeheader()
        writer.writerows(rows)
    return path


def examined(context: Context, path: Path, *, whole: bool = False) -> Examined:
    return examine(context, path, contract_of(context, path, whole=whole), whole=whole)


GOOD = address("B3", "building", f"{STREET}103号阳光小区3栋", "C1", **_AT_103, building="3栋")
CASES = {
    "same_address": (
        address("X2", "building", f"{STREET}103号阳光小区2幢", "C1", **_AT_103, building="2幢"),
        "标准地址全称",
        "与库中的 浙江省温州市瑞安市安阳街道中心街103号阳光小区2栋（编码 B2）是同一地址，编码不同",
    ),
    "same_in_file": (
        address("X3", "building", f"{STREET}103号阳光小区3幢", "C1", **_AT_103, building="3幢"),
        "标准地址全称",
        "与本文件第 2 行的",
    ),
    "unknown_parent": (address("X4", "house", f"{STREET}105号", "R9", road="中心街", house_number="105号"), "上级地址编码", "R9 不在库中"),
    "parent_level": (
        address("X5", "house", f"{STREET}107号", "C1", road="中心街", house_number="107号"),
        "上级地址编码",
        "不能作门牌的上级",
    ),
    "parent_differs": (
        address("X6", "house", "浙江省温州市瑞安市安阳街道虹桥路1号", "R1", road="虹桥路", house_number="1号"),
        "道路",
        "道路写的是“虹桥路”，上级 浙江省温州市瑞安市安阳街道中心街 的是“中心街”",
    ),
    "parent_rejected": (
        address("X7", "room", f"{STREET}103号阳光小区2幢101室", "X2", **_AT_103, building="2幢", room="101室"),
        "上级地址编码",
        "上级地址（编码 X2，本文件第 3 行）没有被采纳",
    ),
    "validity_backwards": (
        address("X8", "house", f"{STREET}109号", "R1", road="中心街", house_number="109号", valid_from="2020-01-01", valid_to="2019-01-01"),
        "",
        "失效（停用）日期晚于生效（启用）日期",
    ),
    "unknown_level": (address("X9", "storey", f"{STREET}111号", "R1"), "级别", "不在代码表内"),
    "no_text": (address("X10", "house", "", "R1"), "标准地址全称", ""),
}


def test_every_bad_row_is_told_with_row_column_and_cause_and_the_rest_goes_on(published: Context, tmp_path: Path) -> None:
    rows = [GOOD, *(row for row, _, _ in CASES.values())]
    path = write_csv(tmp_path / "地址.csv", rows)
    found = examined(published, path)
    assert (found.contract.id, found.received, found.added, found.blocked) == (ADDRESS_CHANGES, len(rows), [GOOD["full_text"]], ())
    told = {each.row: each for each in found.rejected}
    for number, (name, (_, column, cause)) in enumerate(CASES.items(), start=3):
        assert told[number].column == column, name
        assert cause in told[number].cause, name

    write_rejected(found.rejected, tmp_path / "未采纳.csv")
    kept = list(csv.DictReader((tmp_path / "未采纳.csv").open(encoding="utf-8-sig")))
    assert [(row["行"], row["地址编码"]) for row in kept] == [
        (str(number), row["address_id"]) for number, row in enumerate(rows[1:], start=3)
    ]
    assert published.pool.ledger.batches(contract=ADDRESS_CHANGES) == [], "nothing is kept of what is only looked at"


def test_good_rows_count_the_others_stand_in_quarantine_and_all_is_taken_back(published: Context, tmp_path: Path) -> None:
    before = current_library(published).version
    path = write_csv(tmp_path / "地址.csv", [GOOD, *(row for row, _, _ in CASES.values())])
    contract = contract_of(published, path, whole=False)
    context = replace(published, actor="王工", now=NOW + timedelta(hours=1), run="run-import")
    batch = register(context, path, contract, TODAY, "民政函〔2025〕8 号").batch
    assert context.pool.raw.path(context.pool.receipts.read(batch).sha256).read_bytes() == path.read_bytes(), "as received"
    counts = context.pool.ledger.batch(batch).counts
    assert (counts.received, counts.accepted, counts.quarantined) == (1 + len(CASES), 1, len(CASES))
    quarantine = pq.read_table(context.pool.batches.folder(batch) / "quarantine.parquet").to_pylist()
    assert {reason["rule"] for row in quarantine for reason in row["reasons"]} >= {"same_address", "unknown_parent", "parent_rejected"}

    number = advance(context)
    release = context.pool.releases.folder(number) / "pool"
    assert duckdb.sql(f"SELECT address_id FROM '{release / 'premises.parquet'}' WHERE kind = 'registered'").fetchall() == [("B3",)]
    outcomes = duckdb.sql(
        f"SELECT outcome, count(*) FROM '{release / 'row_outcome.parquet'}' WHERE batch = '{batch}' GROUP BY ALL"
    ).fetchall()
    assert dict(outcomes) == {"published": 1, "quarantined": len(CASES)}
    [event] = [event for event in history_of_library(context) if event.reference == batch]
    assert (event.who, event.why, event.state) == ("王工", "民政函〔2025〕8 号", "有效")
    assert [event.what for event in history_of_address(context, "B3")] == ["统一标准地址增改收录"]

    withdraw_import(context, batch, "发错了")
    assert current_library(context).version == before
    with pytest.raises(PoolError, match="不用撤销"):
        withdraw_import(context, batch, "再撤一次")
    replay(context, [batch], "其实没错")
    advance(context)
    assert current_library(context).version != before
    withdraw_import(context, batch, "还是错了")
    assert advance(context) is not None
    assert verify(context.pool) == []
    with pytest.raises(PoolError, match="不是地址库的导入批次"):
        withdraw_import(context, context.pool.ledger.batches(contract=ADDRESSES)[0].batch, "")


def test_changed_address_is_told_column_by_column_and_keeps_what_the_file_leaves_out(published: Context, tmp_path: Path) -> None:
    row = {"地址编码": "B2", "级别": "楼幢", "标准地址全称": f"{STREET}103号阳光小区2栋", "经度": "120.65", "纬度": "27.78"}
    found = examined(published, write_csv(tmp_path / "坐标.csv", [row | {"上级地址编码": "C1"}], "gb18030"))
    [changed] = found.changed
    assert (changed.id, dict(changed.values)) == ("B2", {"经度": (None, 120.65), "纬度": (None, 27.78)})
    assert (found.added, found.unchanged, found.rejected) == ([], 0, [])


def test_rows_without_parents_get_those_of_the_library_and_missing_ones_made(published: Context, tmp_path: Path) -> None:
    rows = [
        {"address_id": "N1", "level": "room", "full_text": f"{STREET}103号阳光小区1栋103室"},
        {"address_id": "N2", "level": "room", "full_text": f"{STREET}103号阳光小区9栋101室"},
        {"address_id": "N3", "level": "room", "full_text": f"{STREET}103号阳光小区1幢101室"},
    ]
    found = examined(published, write_csv(tmp_path / "户室.csv", rows))
    assert found.added == [row["full_text"] for row in rows[:2]]
    assert [text for text in found.made if "9栋" in text] == found.made
    assert "编码 M1）是同一地址" in found.rejected[0].cause


def test_workbook_and_parquet_are_read_as_well(published: Context, tmp_path: Path) -> None:
    values = {name: GOOD[name] for name in ("address_id", "parent_id", "level", "full_text")}
    with xlsxwriter.Workbook(tmp_path / "地址.xlsx") as workbook:
        sheet = workbook.add_worksheet("增改")
        sheet.write_row(0, 0, ["地址编码", "上级地址编码", "级别", "标准地址全称"])
        sheet.write_row(1, 0, list(values.values()))
        sheet.write_row(2, 0, ["B9", "R9", "building", f"{STREET}103号阳光小区9栋"])
    pq.write_table(pa.Table.from_pylist([values]), tmp_path / "地址.parquet")
    workbook, table = examined(published, tmp_path / "地址.xlsx"), examined(published, tmp_path / "地址.parquet")
    assert workbook.added == table.added == [GOOD["full_text"]]
    assert [(each.sheet, each.row, each.column) for each in workbook.rejected] == [("增改", 3, "上级地址编码")]


def test_aliases_are_told_by_their_columns_and_must_name_something(published: Context, tmp_path: Path) -> None:
    rows = [
        {"类别": "小区院落", "所在区划": TOWN, "标准名称": "阳光小区", "别名": "华侨公寓"},
        {"类别": "小区院落", "所在区划": TOWN, "标准名称": "月光小区", "别名": "华侨公寓"},
        {"类别": "地址", "所在区划": TOWN, "标准名称": "H999", "别名": f"{TOWN}中心街旧5号"},
        {"类别": "地址", "所在区划": TOWN, "标准名称": "H101", "别名": f"{TOWN}中心街旧5号"},
    ]
    path = write_csv(tmp_path / "别名.csv", rows)
    found = examined(published, path)
    assert (found.contract.id, found.added) == (ALIAS_CHANGES, ["华侨公寓 → 阳光小区", f"{TOWN}中心街旧5号 → H101"])
    assert [(each.row, each.column) for each in found.rejected] == [(3, "标准名称"), (4, "标准名称")]
    assert "库中没有小区院落“月光小区”" in found.rejected[0].cause
    batch = register(published, path, found.contract, TODAY, "").batch
    library = current_library(published)
    assert duckdb.sql(f"SELECT name FROM '{library.aliases}' WHERE alias = '华侨公寓'").fetchall() == [("阳光小区",)]
    withdraw_import(published, batch, "试完")


def test_whole_library_tells_what_it_no_longer_has(published: Context, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "全库.csv", [*LIBRARY[:-2], GOOD])
    found = examined(published, path, whole=True)
    assert (found.contract.id, found.gone, found.added, found.unchanged) == (ADDRESSES, 2, [GOOD["full_text"]], len(LIBRARY) - 2)


def test_file_that_is_neither_is_refused_with_what_it_lacks(published: Context, tmp_path: Path) -> None:
    with pytest.raises(PoolError, match="缺少必填列“级别”“标准地址全称”"):
        contract_of(published, write_csv(tmp_path / "x.csv", [{"地址编码": "1", "别的": "2"}]), whole=False)
    (tmp_path / "x.docx").write_bytes(b"x")
    with pytest.raises(PoolError, match="应为 CSV、XLSX 或 Parquet"):
        contract_of(published, tmp_path / "x.docx", whole=False)


def test_file_dropped_into_the_inbox_is_judged_alike(published: Context, tmp_path: Path) -> None:
    folder = tmp_path / "reference" / "standard_address_change"
    folder.mkdir(parents=True)
    write_csv(folder / "增改_20250702.csv", [GOOD, CASES["same_address"][0]])
    run(replace(published, run="run-inbox", now=NOW + timedelta(days=1)), tmp_path)
    [entry] = published.pool.ledger.batches(contract=ADDRESS_CHANGES, status="accepted")
    assert (entry.counts.accepted, entry.counts.quarantined) == (1, 1)
    withdraw_import(published, entry.batch, "试完")
