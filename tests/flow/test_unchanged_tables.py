"""Tables of which nothing new is claimed are neither made nor written again."""

import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flow.context import Context
from flow.rebuild import rebuild
from flow.run import run
from pool.verify import verify
from tests.small_exports import NOW, ORGANISATIONS, RESIDENTS, context_at, organisations, residents, write_export


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A pool with a release of two datasets; the tests of this module add to it in their order."""
    folder = tmp_path_factory.mktemp("unchanged")
    write_export(folder / "exports", ORGANISATIONS, organisations(6))
    write_export(folder / "exports", RESIDENTS, residents(6))
    context = context_at(folder / "home")
    assert run(context, folder / "exports") == 1
    return context


def _later(context: Context, day: int) -> Context:
    return replace(context, run=f"run-{day}", now=NOW + timedelta(days=day))


def _linked(context: Context, number: int) -> list[str]:
    """Tables that were taken over without being made anew; each is one file with that of the release before."""
    linked: list[str] = context.pool.releases.manifest(number)["linked"]
    for table in linked:
        files = [context.pool.releases.folder(each) / "pool" / f"{table}.parquet" for each in (number - 1, number)]
        assert os.path.samefile(*files)
    return linked


def _contents(context: Context, number: int) -> dict[str, str]:
    return {table: facts["content_hash"] for table, facts in context.pool.releases.manifest(number)["tables"].items()}


def test_tables_of_which_another_dataset_speaks_are_linked(pool: Context, tmp_path: Path) -> None:
    write_export(tmp_path / "exports", ORGANISATIONS, organisations(7), period="20250701")
    assert run(_later(pool, 1), tmp_path / "exports") == 2
    linked = _linked(pool, 2)
    assert {"person", "residence"} <= set(linked)
    assert not {"organisation", "premises"} & set(linked)
    rebuilt, _ = rebuild(_later(pool, 2), tmp_path / "rebuilt")
    assert _contents(pool, 2) == _contents(rebuilt, 1)
    assert verify(pool.pool) == []


def test_other_ranks_of_departments_make_their_table_anew(pool: Context, tmp_path: Path) -> None:
    later = _later(pool, 3)
    later = replace(later, city=replace(later.city, authority={**later.city.authority, "person.name": ["civil_affairs"]}))
    write_export(tmp_path, ORGANISATIONS, organisations(8), period="20250702")
    assert run(later, tmp_path) == 3
    linked = _linked(pool, 3)
    assert "person" not in linked
    assert "residence" in linked


def test_rows_of_a_new_file_are_new_claims_though_they_say_the_same(pool: Context, tmp_path: Path) -> None:
    later = replace(_later(pool, 4), city=replace(pool.city, authority={**pool.city.authority, "person.name": ["civil_affairs"]}))
    write_export(tmp_path, RESIDENTS, residents(6), period="20250703")
    assert run(later, tmp_path) == 4
    linked = _linked(pool, 4)
    assert not {"person", "residence"} & set(linked)
    assert "premises" in linked
    assert verify(pool.pool) == []
