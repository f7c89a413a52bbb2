"""Deliveries again, later, and twice: what is here already is not done again, and newer rows take the place of older ones."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from flow.context import Context
from flow.run import run
from pool.verify import verify
from tests.small_exports import NOW, ORGANISATIONS, RESIDENTS, context_at, organisations, residents, write_export


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exports")
    write_export(folder, ORGANISATIONS, organisations(10))
    write_export(folder, RESIDENTS, residents(10))
    return folder


@pytest.fixture(scope="module")
def published(exports: Path, tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A pool with a first release of the exports; the tests of this module add to it in their order."""
    context = context_at(tmp_path_factory.mktemp("home"))
    assert run(context, exports) == 1
    return context


def _later(context: Context, day: int) -> Context:
    return replace(context, run=f"run-{day}", now=NOW + timedelta(days=day))


def _values(context: Context, column: str, table: str) -> list[str]:
    number = context.pool.releases.current()
    assert number is not None
    path = context.pool.releases.folder(number) / "pool" / f"{table}.parquet"
    return sorted(pq.read_table(path, columns=[column])[column].to_pylist())


def _files(folder: Path) -> dict[str, tuple[int, float]]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {path.as_posix(): (path.stat().st_size, path.stat().st_mtime) for path in found}


def _outcomes(context: Context, batch_of: str) -> dict[str, int]:
    number = context.pool.releases.current()
    assert number is not None
    table = context.pool.releases.folder(number) / "pool" / "row_outcome.parquet"
    counted = duckdb.sql(f"SELECT outcome, count(*) FROM '{table}' WHERE starts_with(batch, '{batch_of}') GROUP BY ALL").fetchall()
    return dict(counted)


def test_same_exports_again_add_nothing(published: Context, exports: Path) -> None:
    kept = {name: _files(published.pool.home / name) for name in ("raw", "receipts", "batches", "matches", "library", "releases", "shares")}
    batches = published.pool.ledger.batches()

    assert run(_later(published, 1), exports) is None

    assert {name: _files(published.pool.home / name) for name in kept} == kept
    assert published.pool.ledger.batches() == batches


def test_same_bytes_for_a_new_period_are_a_new_batch_that_supersedes_the_old(published: Context, tmp_path: Path) -> None:
    write_export(tmp_path, ORGANISATIONS, organisations(10), period="20250701")
    assert run(_later(published, 2), tmp_path) == 2
    batches = published.pool.ledger.batches(contract=ORGANISATIONS)
    assert [entry.period for entry in batches] == ["2025-06-30", "2025-07-01"]
    assert len({entry.sha256 for entry in batches}) == 1
    assert len(list((published.pool.home / "raw").glob(f"{batches[0].sha256}*"))) == 1, "the bytes rest once"
    assert _outcomes(published, f"{ORGANISATIONS}-2025-06-30") == {"superseded": 10}
    assert _outcomes(published, f"{ORGANISATIONS}-2025-07-01") == {"published": 10}
    assert verify(published.pool) == []


def test_address_texts_known_already_are_not_matched_again(published: Context) -> None:
    counts = [pq.read_metadata(path).num_rows for path in sorted((published.pool.home / "matches").rglob(f"{ORGANISATIONS}-*.parquet"))]
    assert counts[0] > 0
    assert counts[1] == 0, "the second delivery brought no new text"


def test_later_delivery_changes_and_withdraws_rows(published: Context, tmp_path: Path) -> None:
    rows = organisations(9)
    rows[0]["name"] = "瑞安市改名书画协会"
    write_export(tmp_path, ORGANISATIONS, rows, period="20250702")

    assert run(_later(published, 3), tmp_path) == 3

    names = _values(published, "name", "organisation")
    assert "瑞安市改名书画协会" in names
    assert "瑞安市第0书画协会" not in names, "superseded"
    assert "瑞安市第9书画协会" not in names, "withdrawn"
    assert _outcomes(published, f"{ORGANISATIONS}-2025-06-30") == {"superseded": 10}, "as it was before"
    assert _outcomes(published, f"{ORGANISATIONS}-2025-07-01") == {"superseded": 9, "withdrawn": 1}
    assert verify(published.pool) == []


def test_delivery_for_an_older_period_comes_too_late_to_count(published: Context, tmp_path: Path) -> None:
    write_export(tmp_path, ORGANISATIONS, organisations(10), period="20250601")
    before = _values(published, "name", "organisation")
    run(_later(published, 4), tmp_path)
    assert _values(published, "name", "organisation") == before
    assert _outcomes(published, f"{ORGANISATIONS}-2025-06-01") == {"superseded": 10}


def test_same_exports_in_another_home_make_the_same_content(published: Context, exports: Path, tmp_path: Path) -> None:
    other = context_at(tmp_path / "home", run="another", now=NOW + timedelta(days=40))
    assert run(other, exports) == 1
    contents = [
        {table: facts["content_hash"] for table, facts in context.pool.releases.manifest(1)["tables"].items()}
        for context in (published, other)
    ]
    assert contents[0] == contents[1]
