"""A new version of the library: texts it cannot touch keep their results, the others are matched again, and the outcome is that of a full run."""

import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from address_matching import RULE_VERSION
from flow.context import Context
from flow.library import Library
from flow.library_changes import Planned, plan_add, plan_alias, plan_rename, plan_retire, record, undo
from flow.match import Matched, match_by
from flow.progress import silent
from flow.reference import current_library
from flow.rematch import results_in
from flow.review.decide import import_decisions
from flow.run import advance, run
from flow.summary import summarise
from pool.verify import verify
from tests.flow.reviewing import AMBIGUOUS, actual_addresses, answer, cases_of, exported, fill, later, number_of
from tests.pool.forker import Forker
from tests.small_exports import NOW, ORGANISATIONS, context_at
from tests.small_library import LIBRARY, STREET, TOWN, address, write_library, write_organisations

ROOT = Path(__file__).parents[2]
ELSEWHERE = {f"瑞安市塘下镇{village}{number}号": "2025-06-01" for village in ("鲍一村", "赵宅村", "五方村") for number in range(1, 101)}
HERE = {
    f"{TOWN}中心街103号": "2025-06-01",
    f"瑞安市{TOWN}中心街105号": "2025-06-01",
    f"瑞安市{TOWN}中心街101号": "2015-03-02",
    f"{TOWN}中心街101号": "",
    f"{TOWN}中心街103号阳光小区2幢301室": "2025-06-01",
    f"{TOWN}阳光小区1幢101室": "",
    f"{TOWN}阳光小区3幢": "2025-06-01",
    f"{TOWN}华侨公寓1幢101室": "2025-06-01",
}
TEXTS = ELSEWHERE | HERE
KILLS = 3


@pytest.fixture(scope="module")
def published_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home with a first release, for copying."""
    folder = tmp_path_factory.mktemp("exports")
    write_library(folder)
    write_organisations(folder, TEXTS)
    context = context_at(tmp_path_factory.mktemp("published") / "home")
    assert run(context, folder) == 1
    return context.pool.home


@pytest.fixture
def published(published_home: Path, tmp_path: Path) -> Context:
    """A copy of that pool, a day later."""
    home = Path(shutil.copytree(published_home, tmp_path / "home"))
    return context_at(home, now=NOW + timedelta(days=1), run="run-2")


def _results(context: Context, library: Library) -> pa.Table:
    """All results by a library, ordered."""
    layers = context.pool.matches.layers(library.version, RULE_VERSION)
    return duckdb.sql(f"SELECT * FROM ({results_in(layers)}) ORDER BY input_key, part").to_arrow_table()


def _match_all(context: Context) -> Matched:
    library = current_library(context)
    batches = [entry.batch for entry in context.pool.ledger.batches(status="accepted") if entry.contract in context.contracts]
    matched = [match_by(context, library, batch) for batch in batches]
    return Matched(sum(each.anew for each in matched), sum(each.kept for each in matched))


def _rematched(context: Context) -> tuple[pa.Table, Matched]:
    matched = _match_all(context)
    return _results(context, current_library(context)), matched


def _matched_in_full(context: Context, texts: int = len(TEXTS)) -> pa.Table:
    """The same results where nothing is known from before."""
    other = Path(shutil.copytree(context.pool.home, context.pool.home.with_name("anew"), dirs_exist_ok=True))
    shutil.rmtree(other / "matches")
    results, matched = _rematched(context_at(other, now=context.now, run=context.run))
    assert matched == Matched(texts, 0)
    shutil.rmtree(other)
    return results


def test_equal_texts_are_matched_once(published: Context) -> None:
    assert _results(published, current_library(published)).num_rows == len(TEXTS)
    assert _match_all(published) == Matched(), "everything has its result"


def test_only_texts_that_can_mean_a_new_address_are_matched_again(published: Context) -> None:
    before = _results(published, current_library(published))
    record(published, plan_add(published, f"{TOWN}中心街105号"), "新编门牌")

    results, matched = _rematched(published)

    assert matched.kept == len(TEXTS) - matched.anew
    assert 1 <= matched.anew <= len(HERE)
    assert results == _matched_in_full(published)
    assert results != before, "the plate has come"


CHANGES: tuple[Callable[[Context], list[Planned]], ...] = (
    lambda context: [
        plan_add(context, f"{TOWN}中心街103号阳光小区2栋301室"),
        plan_add(context, f"{TOWN}中心街103号阳光小区3栋"),
    ],
    lambda context: [plan_alias(context, "C1", "华侨公寓"), plan_alias(context, "R1", "老城路")],
    lambda context: plan_rename(context, "R1", "虹桥路", date(2025, 6, 30)),
    lambda context: [plan_retire(context, "H101", date(2020, 1, 1)), plan_retire(context, "C1", date(2020, 1, 1))],
)


def test_any_change_ends_as_a_full_run_does_and_so_does_its_undoing(published: Context) -> None:
    first = _results(published, current_library(published))
    for day, plan in enumerate(CHANGES):
        context = context_at(published.pool.home, now=published.now + timedelta(days=day), run=f"run-{day}")
        edits = [record(context, planned, "试") for planned in plan(context)]
        results, matched = _rematched(context)
        assert results == _matched_in_full(context), edits
        assert matched.kept >= len(ELSEWHERE), edits
        assert matched.anew > 0, edits
    assert results != first
    undo(context, edits[0].number, "试")
    assert _rematched(context)[0] == _matched_in_full(context)


def test_deliveries_of_addresses_and_of_texts_have_matched_what_is_new_or_touched(published: Context, tmp_path: Path) -> None:
    more = (*LIBRARY, address("H105", "house", f"{STREET}105号", "R1", road="中心街", house_number="105号"))
    write_library(tmp_path / "exports", more, period="20250701")
    write_organisations(tmp_path / "exports", {f"{TOWN}中心街107号": ""} | TEXTS, period="20250701")
    told: list[str] = []

    assert run(published, tmp_path / "exports", progress=lambda step, done, total: told.append(step)) == 2

    last = summarise(published).last_run
    assert last is not None
    matched = Matched(**last.summary["matched"])
    assert f"地址库有变化：沿用 {matched.kept:,} 条结果，重新匹配 {matched.anew:,} 条" in told
    assert matched.kept >= len(ELSEWHERE)
    assert 0 < matched.anew <= len(HERE) + 1
    assert _results(published, current_library(published)) == _matched_in_full(published, len(TEXTS) + 1)


def test_decision_of_a_person_has_its_text_matched_again(own_reviewable: Context, tmp_path: Path) -> None:
    [case] = [case for case in cases_of(own_reviewable).waiting if case.text == AMBIGUOUS]
    book = fill(exported(own_reviewable, tmp_path / "book.xlsx"), {AMBIGUOUS: answer(f"候选 {number_of(case, '塘下镇')}")})
    assert import_decisions(own_reviewable, [book], only_check=False, progress=silent).refused == []
    assert advance(later(own_reviewable, 1)) == 2
    matched = own_reviewable.pool.ledger.runs(limit=1)[0].summary["matched"]
    assert actual_addresses(own_reviewable)[AMBIGUOUS] == [("塘下镇中心街12", "matched")]
    assert 0 < matched["anew"] < matched["kept"]


def test_what_has_not_changed_is_stored_once(published: Context) -> None:
    folder = published.pool.matches.folder(current_library(published).version, RULE_VERSION)
    [whole] = list(folder.glob(f"{ORGANISATIONS}*"))
    record(published, plan_add(published, f"{TOWN}中心街105号"), "新编门牌")
    _, matched = _rematched(published)
    [added] = list(published.pool.matches.folder(current_library(published).version, RULE_VERSION).glob(f"{ORGANISATIONS}*"))
    assert pq.read_metadata(added).num_rows == matched.anew
    assert pq.read_metadata(whole).num_rows == len(TEXTS)


def test_files_do_not_pile_up_without_end(published: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("flow.rematch.MOST_LAYERS", 2)
    heights = []
    for number in (105, 107, 109):
        record(published, plan_add(published, f"{TOWN}中心街{number}号"), "新编门牌")
        results, _ = _rematched(published)
        layers = published.pool.matches.layers(current_library(published).version, RULE_VERSION)
        heights.append(max(layer.height for layer in layers))
    assert heights == [1, 0, 1]
    assert results == _matched_in_full(published)


def test_change_of_a_town_matches_everything_again(published: Context) -> None:
    rows = pq.read_table(current_library(published).addresses, columns=["address_id", "level", "town"]).to_pylist()
    town = next(row["address_id"] for row in rows if row["level"] == "town" and row["town"] == TOWN)
    record(published, plan_alias(published, town, "安阳老城"), "旧称")
    assert _match_all(published) == Matched(len(TEXTS), 0)


def test_results_whose_foundation_is_lost_are_matched_again(published: Context) -> None:
    first = current_library(published).version
    record(published, plan_add(published, f"{TOWN}中心街105号"), "新编门牌")
    whole, _ = _rematched(published)
    shutil.rmtree(published.pool.home / "matches" / first)
    assert _rematched(published) == (whole, Matched(len(TEXTS), 0))


def test_run_killed_while_it_matches_again_ends_the_same(published: Context, tmp_path: Path) -> None:
    record(published, plan_add(published, f"{TOWN}中心街105号"), "新编门牌")
    current_library(published)
    whole = _matched_in_full(published)
    with Forker(ROOT, "tests.flow.steps") as forker:
        counted = Path(shutil.copytree(published.pool.home, tmp_path / "counted"))
        changes = forker.changes("match_organisations", counted)
        for point in range(1, changes + 1, max(1, changes // KILLS)):
            home = Path(shutil.copytree(published.pool.home, tmp_path / f"home-{point}"))
            assert forker.killed_at(point, "match_organisations", home), point
            context = context_at(home, now=published.now, run="run-3")
            assert _rematched(context)[0] == whole, point
            assert verify(context.pool) == [], point
            shutil.rmtree(home)
    assert changes >= KILLS
