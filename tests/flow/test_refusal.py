"""Columns that nobody may keep: their values rest nowhere below the home, and the rows are as good without them."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from flow.context import Context
from flow.delivered import batch_profile
from flow.read import Export, layout_of
from flow.replay import replay
from flow.run import advance, run
from flow.trace.record import trace
from pool import Batch
from pool.verify import verify
from schemas.contract import source_contracts
from schemas.refused import passes_luhn
from sources.readers import open_rows
from tests.flow.searching import places_of
from tests.small_exports import NOW, RESIDENTS, context_at, residents, write_export

ROWS = 30
RELIGIONS = [f"某某教派{place}号" for place in range(ROWS)]


def _cards(first: int) -> list[str]:
    """Bank card numbers as no bank has given them out."""
    bodies = [f"6200{first + place:014d}" for place in range(ROWS)]
    return [next(body + str(digit) for digit in range(10) if passes_luhn(body + str(digit))) for body in bodies]


CARDS, OTHER_CARDS = _cards(1000), _cards(5000)
REFUSED_VALUES = [*RELIGIONS, *CARDS, *OTHER_CARDS]


def _export_with(
    folder: Path, columns: Mapping[str, Sequence[str]], *, broken: str = "", period: str = "20250630", without: str = ""
) -> Path:
    """An export of residents with more columns than its contract has, an occupation of card numbers, and perhaps a broken line."""
    rows = [row | {"occupation": card} for row, card in zip(residents(ROWS), OTHER_CARDS, strict=True)]
    path = write_export(folder, RESIDENTS, rows, period=period, without=without)
    with path.open(encoding="gb18030", newline="") as file:
        header, *lines = csv.reader(file)
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*header, *columns])
        writer.writerows([*line, *cells] for line, *cells in zip(lines, *columns.values(), strict=True))
        file.write(broken)
    return path


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A pool with one export: a refused header, an unknown and a known column of refused content, and a line too short to be a row."""
    context = context_at(tmp_path_factory.mktemp("refusal"))
    broken = f"残行,{RELIGIONS[0]},{CARDS[0]},{OTHER_CARDS[0]}\r\n"
    _export_with(context.pool.paths.inbox, {"宗教信仰": RELIGIONS, "备注二": CARDS}, broken=broken)
    assert run(context) == 1
    return context


def _residents(context: Context) -> Batch:
    return context.pool.ledger.batches(contract=RESIDENTS)[0]


def test_refused_values_rest_nowhere(pool: Context) -> None:
    assert places_of(pool.pool.home, REFUSED_VALUES) == []


def test_other_values_of_the_rows_are_kept(pool: Context) -> None:
    batch = _residents(pool)
    assert batch.counts is not None
    assert (batch.counts.received, batch.counts.accepted) == (ROWS + 1, ROWS)
    accepted = pq.read_table(pool.pool.batches.folder(batch.batch) / "accepted.parquet")
    assert accepted["citizen_number"].to_pylist() == [row["citizen_number"] for row in residents(ROWS)]
    assert accepted["occupation"].null_count == ROWS


def test_report_and_receipt_tell_what_was_refused(pool: Context) -> None:
    batch = _residents(pool)
    assert set(batch_profile(pool, batch.batch)["drift"]["refused"]) == {"宗教信仰", "备注二", "职业"}
    [redaction] = pool.pool.receipts.read(batch.batch).redactions
    bank, religion = "金融账户，《个人信息保护法》第二十八条，30 个值", "宗教信仰，《个人信息保护法》第二十八条，30 个值"
    assert redaction.reason == f"拒收列：职业（{bank}）、宗教信仰（{religion}）、备注二（{bank}）"
    page = (pool.pool.releases.folder(1) / "report" / "datasets" / f"{batch.contract}.html").read_text(encoding="utf-8")
    assert "拒收的列：宗教信仰" in page
    assert verify(pool.pool) == []


@pytest.mark.parametrize(("without", "refused"), [("", {"新列"}), ("citizen_number", set())])
def test_an_unknown_column_of_citizen_numbers_waits_only_where_it_may_be_a_renamed_one(
    tmp_path: Path, without: str, refused: set[str]
) -> None:
    path = _export_with(tmp_path, {"新列": [row["citizen_number"] for row in residents(ROWS)]}, without=without)
    contract = source_contracts()[RESIDENTS]
    export = Export(open_rows(path, layout_of(contract, path.name)), contract)
    export.skim()
    assert {export.conformity.header[place] for place in export.refused({})} == refused


def test_trace_shows_the_row_without_what_was_refused(pool: Context) -> None:
    found = trace(pool, "person", residents(ROWS)[3]["citizen_number"], unmasked=True, reason="核对")
    [row] = found.rows
    assert row.row == 5
    assert row.cells["姓名"] == "张某3"
    assert not {"宗教信仰", "备注二", "职业", "fault"} & set(row.cells)


def test_redacted_file_read_again_gives_the_same_rows(pool: Context) -> None:
    batch = _residents(pool)
    before = {name: pq.read_table(pool.pool.batches.folder(batch.batch) / f"{name}.parquet") for name in ("accepted", "quarantine")}
    again = replace(pool, run="run-again", now=NOW + timedelta(days=1))
    replay(again, [batch.batch], "再读一次")
    assert advance(again) is None, "the same rows make no new release"
    after = {name: pq.read_table(pool.pool.batches.folder(batch.batch) / f"{name}.parquet") for name in before}
    assert before == after
    assert batch_profile(pool, batch.batch)["drift"]["refused"], "the report still tells what was refused"
    assert verify(pool.pool) == []


def test_refused_values_of_a_file_cut_off_rest_nowhere_and_it_stays_unreadable(pool: Context, tmp_path: Path) -> None:
    path = _export_with(tmp_path, {"宗教信仰": [f"{text}甲" for text in RELIGIONS]}, period="20250702")
    cut = path.read_bytes()[:-40].decode("gb18030", errors="ignore") + '"'
    path.write_bytes(cut.encode("gb18030"))
    context = replace(pool, run="run-cut", now=NOW + timedelta(days=2))
    run(context, tmp_path)
    [entry] = context.pool.ledger.batches(contract=RESIDENTS, status="failed")
    assert "不完整" in entry.reason
    assert places_of(pool.pool.home, REFUSED_VALUES) == []

    replay(context, [entry.batch], "再读一次")
    advance(context)
    [entry] = context.pool.ledger.batches(contract=RESIDENTS, status="failed")
    assert "不完整" in entry.reason
    assert verify(pool.pool) == []


def test_refused_values_of_a_file_that_lacks_a_required_column_rest_nowhere(pool: Context, tmp_path: Path) -> None:
    _export_with(tmp_path, {"备注二": [*CARDS]}, period="20250703", without="citizen_number")
    context = replace(pool, run="run-lacking", now=NOW + timedelta(days=3))
    run(context, tmp_path)
    [entry] = context.pool.ledger.batches(contract=RESIDENTS, status="blocked")
    assert "公民身份号码" in entry.reason
    assert places_of(pool.pool.home, REFUSED_VALUES) == []
