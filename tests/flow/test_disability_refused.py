"""Subsidies of the disabled on the whole path: amount and status arrive, what the disability is rests nowhere below the home."""

from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from flow.context import Context
from flow.delivered import batch_profile
from flow.run import run
from pool.verify import verify
from samples.exports.table import Table, add_total
from samples.writers import ExportFile
from schemas.contract import source_contracts
from tests.flow.searching import places_of
from tests.small_exports import RESIDENTS, context_at, residents, write_export

SUBSIDY = "civil_affairs.disability_subsidy"
DAY = date(2025, 6, 30)
ROWS = 30
KINDS = ("视力残疾", "听力残疾", "肢体残疾", "精神残疾")
SUBSIDIES = ("困难残疾人生活补贴", "重度残疾人护理补贴")


def _certificates() -> list[str]:
    """Certificate numbers: the citizen number, a digit for the kind, a digit for the grade."""
    return [f"{row['citizen_number']}{place % 7 + 1}{place % 4 + 1}" for place, row in enumerate(residents(ROWS))]


def _subsidies() -> Table:
    rows = residents(ROWS)
    table = Table(
        key="approval_number",
        columns={
            "approval_number": [f"BT{place:04d}" for place in range(ROWS)],
            "name": [row["name"] for row in rows],
            "citizen_number": [row["citizen_number"] for row in rows],
            "certificate": _certificates(),
            "disability_kind": [KINDS[place % 4] for place in range(ROWS)],
            "disability_grade": [f"残疾{'一二三四'[place % 4]}级" for place in range(ROWS)],
            "subsidy_kind": [SUBSIDIES[place % 2] for place in range(ROWS)],
            "amount": [str(100 + place) for place in range(ROWS)],
            "paid_month": ["2025-06"] * ROWS,
            "status": ["在发"] * ROWS,
            "备注二": _certificates(),
        },
        about={},
    )
    add_total(table, "合计", ["amount"])
    return table


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A pool with residents and the list of a month, which has the certificate numbers a second time under a header of no meaning."""
    context = context_at(tmp_path_factory.mktemp("disability"))
    write_export(context.pool.paths.inbox, RESIDENTS, residents(ROWS))
    file = ExportFile(source_contracts()[SUBSIDY], context.pool.paths.inbox, DAY)
    file.write(_subsidies())
    file.close()
    assert run(context) == 1
    return context


def _table(context: Context, name: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = pq.read_table(context.pool.releases.folder(1) / "pool" / f"{name}.parquet").to_pylist()
    return rows


def test_kind_and_grade_rest_nowhere_also_not_within_the_certificate_number(pool: Context) -> None:
    grades = [f"残疾{grade}级" for grade in "一二三四"]
    assert places_of(pool.pool.home, [*_certificates(), *KINDS, *SUBSIDIES, *grades]) == []


def test_the_report_tells_which_columns_were_refused(pool: Context) -> None:
    [batch] = pool.pool.ledger.batches(contract=SUBSIDY)
    assert set(batch_profile(pool, batch.batch)["drift"]["refused"]) == {"残疾证号", "残疾类别", "残疾等级", "补贴类型", "备注二"}
    assert verify(pool.pool) == []


def test_amount_and_status_reach_the_persons_of_the_population(pool: Context) -> None:
    numbers = {row["person_id"]: row["citizen_number"] for row in _table(pool, "person")}
    paid = {
        numbers[row["person_id"]]: (int(str(row["amount"]).split(".")[0]), row["status"], row["category"])
        for row in _table(pool, "benefit")
    }
    assert paid == {row["citizen_number"]: (100 + place, "在发", None) for place, row in enumerate(residents(ROWS))}
    assert len(numbers) == ROWS, "nobody is there twice"


def test_the_total_below_the_rows_is_no_benefit(pool: Context) -> None:
    [batch] = pool.pool.ledger.batches(contract=SUBSIDY)
    assert batch.counts is not None
    assert (batch.counts.received, batch.counts.accepted, batch.counts.quarantined) == (ROWS, ROWS, 0)
    page = (pool.pool.releases.folder(1) / "report" / "datasets" / f"{SUBSIDY}.html").read_text(encoding="utf-8")
    [total] = batch_profile(pool, batch.batch)["beside"]
    assert f"表后合计：{total['sheet']} 第 {total['row']} 行" in page, "it is told where it stood"


def test_nothing_of_the_inbox_is_left(pool: Context) -> None:
    assert not list(Path(pool.pool.paths.inbox).rglob("*.xlsx")), "the file as it came goes with the refused columns"
