"""A new version of the library: texts it cannot touch keep their results, the others are matched again, and the outcome is that of a full run."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from address_matching import RULE_VERSION
from flow.context import Context
from flow.library import Library
from flow.library_changes import plan_add, plan_alias, plan_retire, record
from flow.match import match_by
from flow.reference import current_library
from flow.rematch import Account, account_of
from flow.run import run
from flow.summary import summarise
from pool.verify import verify
from tests.pool.forker import Forker
from tests.small_exports import NOW, ORGANISATIONS, context_at
from tests.small_library import TOWN, write_library, write_organisations

ROOT = Path(__file__).parents[2]
ELSEWHERE = {f"瑞安市塘下镇{village}{number}号": "2025-06-01" for village in ("鲍一村", "赵宅村", "五方村") for number in range(1, 101)}
HERE = {
    f"{TOWN}中心街103号": "2025-06-01",
    f"瑞安市{TOWN}中心街105号": "2025-06-01",
    f"{TOWN}中心街103号阳光小区2幢301室": "2025-06-01",
    f"{TOWN}阳光小区3幢": "2025-06-01",
}
REPEATED = 5
KILLS = 6


@pytest.fixture(scope="module")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home with a first release, for copying; every text stands in several rows."""
    folder = tmp_path_factory.mktemp("exports")
    write_library(folder)
    write_organisations(folder, ELSEWHERE | HERE, copies=REPEATED)
    context = context_at(tmp_path_factory.mktemp("published") / "home")
    assert run(context, folder) == 1
    return context.pool.home


@pytest.fixture
def published(published_home: Path, tmp_path: Path) -> Context:
    """A copy of that pool, a day later."""
    home = Path(shutil.copytree(published_home, tmp_path / "home"))
    return context_at(home, now=NOW + timedelta(days=1), run="run-2")


def _files(context: Context, library: Library) -> Sequence[Path]:
    return context.pool.matches.files(library.version, RULE_VERSION)


def _rematched(context: Context) -> tuple[pa.Table, Account]:
    """The results of the organisations by the library that stands, ordered, and how they came about."""
    library = current_library(context)
    [batch] = [entry.batch for entry in context.pool.ledger.batches(contract=ORGANISATIONS)]
    match_by(context, library, batch)
    results = pq.read_table([file for file in _files(context, library) if file.name.startswith(ORGANISATIONS)])
    return results.sort_by([("input_key", "ascending"), ("part", "ascending")]), account_of(_files(context, library))


def _matched_in_full(context: Context) -> pa.Table:
    """The same results where nothing is known from before."""
    other = Path(shutil.copytree(context.pool.home, context.pool.home.with_name("anew")))
    shutil.rmtree(other / "matches")
    results, account = _rematched(replace(context_at(other, now=context.now), run=context.run))
    assert account.kept == 0
    return results


def test_equal_texts_are_matched_once(published: Context) -> None:
    account = account_of(_files(published, current_library(published)))
    assert account == Account(len(ELSEWHERE | HERE))


def test_new_address_has_only_the_texts_matched_again_that_can_mean_it(published: Context) -> None:
    before = current_library(published)
    record(published, plan_add(published, f"{TOWN}中心街105号"), "新编门牌")

    results, account = _rematched(published)

    assert account.taken_over == {before.version: len(ELSEWHERE | HERE) - account.matched}
    assert 1 <= account.matched <= len(HERE)
    assert results == _matched_in_full(published)
    assert results != pq.read_table(_files(published, before)).select(results.column_names), "the plate has come"


def test_alias_and_retirement_end_as_a_full_run_does(published: Context) -> None:
    record(published, plan_alias(published, "C1", "华侨公寓"), "居民都这样叫")
    record(published, plan_retire(published, "H101", (NOW - timedelta(days=30)).date()), "拆迁")
    results, account = _rematched(published)
    assert account.kept > len(ELSEWHERE) * 0.9
    assert results == _matched_in_full(published)


def test_results_are_taken_over_from_the_last_library_that_has_them(published: Context) -> None:
    record(published, plan_add(published, f"{TOWN}中心街105号"), "新编门牌")
    _rematched(published)
    second = current_library(published)
    later = replace(published, now=published.now + timedelta(days=1))
    record(later, plan_add(later, f"{TOWN}中心街107号"), "新编门牌")

    results, account = _rematched(later)

    assert set(account.taken_over) == {second.version}
    assert results == _matched_in_full(later)


def test_change_of_a_town_matches_everything_again(published: Context) -> None:
    rows = pq.read_table(current_library(published).addresses, columns=["address_id", "level", "town"]).to_pylist()
    town = next(row["address_id"] for row in rows if row["level"] == "town" and row["town"] == TOWN)
    record(published, plan_alias(published, town, "安阳老城"), "旧称")
    assert _rematched(published)[1] == Account(len(ELSEWHERE | HERE))


def test_earlier_results_that_are_not_what_matching_gives_are_not_taken_over(published: Context) -> None:
    [file] = [file for file in _files(published, current_library(published)) if file.name.startswith(ORGANISATIONS)]
    table = pq.read_table(file)
    file.chmod(0o600)
    wrong = pa.array(["H101"] * table.num_rows, pa.string())
    pq.write_table(table.set_column(table.column_names.index("address_id"), "address_id", wrong), file)
    record(published, plan_add(published, f"{TOWN}中心街105号"), "新编门牌")

    results, account = _rematched(published)

    assert account == Account(len(ELSEWHERE | HERE), disproved=True)
    assert results == _matched_in_full(published)


def test_run_killed_while_it_matches_again_ends_the_same(published: Context, tmp_path: Path) -> None:
    record(published, plan_add(published, f"{TOWN}中心街105号"), "新编门牌")
    whole = _matched_in_full(published)
    with Forker(ROOT, "tests.flow.steps") as forker:
        counted = Path(shutil.copytree(published.pool.home, tmp_path / "counted"))
        changes = forker.changes("match_organisations", counted)
        for point in range(changes // KILLS, changes + 1, changes // KILLS):
            home = Path(shutil.copytree(published.pool.home, tmp_path / f"home-{point}"))
            assert forker.killed_at(point, "match_organisations", home), point
            context = replace(context_at(home, now=published.now), run="run-3")
            assert _rematched(context)[0] == whole, point
            assert verify(context.pool) == [], point
            shutil.rmtree(home)
    assert changes > 20


def test_release_tells_how_many_texts_kept_their_results(published: Context) -> None:
    assert summarise(published).rematched is None, "nothing to tell of a first release"
    record(published, plan_add(published, f"{TOWN}中心街105号"), "新编门牌")
    assert run(published, published.pool.paths.inbox) == 2
    rematched = summarise(published).rematched
    assert rematched is not None
    assert rematched.kept > rematched.matched > 0
