"""The past through releases: one query each for a day and for what a release knew, also when that release is no longer kept."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flow.context import Context
from flow.query import query, share_database
from flow.run import run
from pool.verify import verify
from tests.small_exports import NOW, RESIDENTS, context_at, residents, write_export

ANYANG, TANGXIA, MAYU = (f"浙江省温州市瑞安市{place}" for place in ("安阳街道兴隆社区", "塘下镇上马社区", "马屿镇江浦村"))
PERIODS = ("20250630", "20250731", "20250831", "20250930")


def delivery(folder: Path, number: int) -> Path:
    """Four people over four months: one moves in July and again in August, one is gone in August, one has another job in September."""
    rows = residents(4)
    rows[0] |= {
        "registered_address_text": [ANYANG, TANGXIA, MAYU, MAYU][number],
        "moved_in_on": ["2010-01-01", "2025-07-10", "", ""][number],
    }
    rows[1]["occupation"] = "医生" if number == 3 else "教师"
    if number >= 2:
        del rows[2]
    return write_export(folder, RESIDENTS, rows, period=PERIODS[number]).parents[2]


def later(home: Path, number: int) -> Context:
    return context_at(home, run=f"run-{number}", now=NOW + timedelta(days=31 * number))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four releases, one a delivery."""
    folder = tmp_path_factory.mktemp("history")
    for number in range(4):
        assert run(later(folder / "home", number), delivery(folder / str(number), number)) == number + 1
    return folder / "home"


def ask(home: Path, sql: str, release: int | None = None) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = query(share_database(context_at(home).pool, release=release), sql).to_pylist()
    return found


def places(home: Path, function: str) -> list[str]:
    """Where the one who moves is registered."""
    rows = ask(home, f"SELECT address.town FROM residence_{function} JOIN address USING (address_id) JOIN person USING (person_id) "
               "WHERE kind = 'registered' AND (effective_from > DATE '2000-01-01') ORDER BY effective_from")  # fmt: skip
    return [row["town"] for row in rows]


def test_a_day_is_one_line(home: Path) -> None:
    days = {day: places(home, f"as_of(DATE '{day}')") for day in ("2009-12-31", "2025-06-30", "2025-07-10", "2025-08-31")}
    assert days == {"2009-12-31": [], "2025-06-30": ["安阳街道"], "2025-07-10": ["塘下镇"], "2025-08-31": ["马屿镇"]}


def test_a_day_as_an_earlier_release_saw_it_is_one_line(home: Path) -> None:
    assert places(home, "as_of(DATE '2025-08-31', seen := 1)") == ["安阳街道"]
    assert places(home, "as_of(DATE '2025-08-31', seen := 2)") == ["塘下镇"]


def test_what_a_release_knew_is_what_its_own_share_says_even_when_that_is_gone(home: Path, tmp_path: Path) -> None:
    tables = {"person": "occupation, person_id", "residence_history": "residence_id, effective_to, effective_to_basis"}
    then = {
        (number, table): ask(
            home, f"SELECT {columns} FROM {table}{' WHERE known_to IS NULL' if 'history' in table else ''} ORDER BY ALL", number
        )
        for number in (1, 2, 3, 4)
        for table, columns in tables.items()
    }
    kept = Path(shutil.copytree(home, tmp_path / "home"))
    for number in (1, 2, 3):
        shutil.rmtree(kept / "releases" / str(number))
        shutil.rmtree(kept / "shares" / "analyst" / str(number))
    for (number, table), rows in then.items():
        name = table.removesuffix("_history")
        assert ask(kept, f"SELECT {tables[table]} FROM {name}_as_seen({number}) ORDER BY ALL") == rows, (number, table)
    assert len({str(rows) for rows in then.values()}) == 6, "three states of the persons, three of where they are registered"


def test_versions_and_changes_tell_what_each_release_did(home: Path) -> None:
    assert ask(
        home, "SELECT release, table_name, change, count(*) AS n FROM change WHERE table_name = 'person' GROUP BY ALL ORDER BY ALL"
    ) == [
        {"release": 3, "table_name": "person", "change": "removed", "n": 1},
        {"release": 4, "table_name": "person", "change": "changed", "n": 1},
    ]
    assert ask(home, "SELECT known_from, known_to FROM person_version ORDER BY ALL") == [
        {"known_from": 1, "known_to": 3},
        {"known_from": 1, "known_to": 4},
    ]


def test_who_is_gone_is_found_in_history(home: Path) -> None:
    [gone] = ask(home, "SELECT person_id FROM residence_history ANTI JOIN person USING (person_id) WHERE known_to IS NULL")
    stays = ask(
        home, f"SELECT effective_to, effective_to_basis FROM residence_history WHERE person_id = '{gone['person_id']}' AND known_to IS NULL"
    )
    assert [(str(stay["effective_to"]), stay["effective_to_basis"]) for stay in stays] == [("2025-08-31", "withdrawn")]
    assert len(ask(home, f"SELECT 1 FROM person_version WHERE person_id = '{gone['person_id']}'")) == 1


def test_closed_parts_are_the_same_files_in_every_release(home: Path) -> None:
    releases = home / "releases"
    for table in ("residence_history", "person_version", "change"):
        for path in (releases / "3" / "pool" / table).glob("[0-9]*.parquet"):
            assert path.stat().st_ino == (releases / "4" / "pool" / table / path.name).stat().st_ino
    opened = [releases / str(number) / "pool" / "residence_history" / "open.parquet" for number in (3, 4)]
    assert opened[0].stat().st_ino == opened[1].stat().st_ino, "nobody moved in the last delivery"
    assert verify(context_at(home).pool) == []


def test_a_release_that_is_not_behind_the_current_one_is_an_error(home: Path) -> None:
    for number in (0, 5):
        with pytest.raises(duckdb.Error, match=f"发布 {number} 不在当前版本的沿革中"):
            ask(home, f"SELECT * FROM person_as_seen({number})")


def test_after_a_rollback_knowledge_goes_on_from_the_release_that_counts(home: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(home, tmp_path / "home"))
    context = later(own, 5)
    with context.pool.publisher_lock(holder=context.run):
        context.pool.releases.rollback(2, actor="somebody", reason="test", now=context.now)
    assert places(own, "as_of(DATE '2025-08-31')") == ["塘下镇"]
    assert run(context, tmp_path) == 5
    assert [row["release"] for row in ask(own, "SELECT release FROM release_line ORDER BY 1")] == [1, 2, 5]
    assert {row["known_to"] for row in ask(own, "SELECT known_to FROM person_version")} == {5}
    assert places(own, "as_seen(2)")[-1:] == ["塘下镇"]
    with pytest.raises(duckdb.Error, match="发布 4 不在当前版本的沿革中"):
        ask(own, "SELECT * FROM residence_as_seen(4)")
    assert verify(context.pool) == []


def test_a_pool_made_anew_from_the_same_files_says_the_same_of_the_past_and_knows_it_from_its_first_release(
    home: Path, tmp_path: Path
) -> None:
    for number in range(4):
        delivery(tmp_path / "exports", number)
    other = context_at(tmp_path / "home", run="anew", now=NOW + timedelta(days=400))
    assert run(other, tmp_path / "exports") == 1
    contents = [
        {table: facts["content_hash"] for table, facts in context.pool.releases.manifest(release)["tables"].items()}
        for context, release in ((context_at(home), 4), (other, 1))
    ]
    assert contents[0] == contents[1]
    assert places(tmp_path / "home", "as_of(DATE '2025-06-30')") == ["安阳街道"]
    assert ask(tmp_path / "home", "SELECT DISTINCT known_from, known_to FROM residence_history") == [{"known_from": 1, "known_to": None}]


def test_deliveries_out_of_order_end_in_the_same_history(home: Path, tmp_path: Path) -> None:
    for step, number in enumerate((1, 3, 0, 2)):
        run(later(tmp_path / "home", step), delivery(tmp_path / str(number), number))
    context = context_at(tmp_path / "home")
    current = context.pool.releases.current()
    assert current is not None
    hashes = [
        one.pool.releases.manifest(release)["tables"]["residence_history"]["content_hash"]
        for one, release in ((context_at(home), 4), (context, current))
    ]
    assert hashes[0] == hashes[1]


def test_a_release_of_software_that_kept_no_history_is_where_knowledge_begins_anew(home: Path, tmp_path: Path) -> None:
    own = Path(shutil.copytree(home, tmp_path / "home"))
    context = later(own, 6)
    manifest = own / "releases" / "4" / "manifest.json"
    manifest.chmod(0o600)
    manifest.write_text(manifest.read_text(encoding="utf-8").replace('"known_since"', '"formerly"'), encoding="utf-8")
    rows = residents(5)
    assert run(replace(context), write_export(tmp_path / "more", RESIDENTS, rows, period="20251031").parents[2]) == 5
    assert set(context.pool.releases.manifest(5)["known_since"].values()) == {5}
    for function in ("person_as_seen(4)", "residence_as_of(DATE '2025-06-30', seen := 4)"):
        with pytest.raises(duckdb.Error, match="不在当前版本的沿革中"):
            ask(own, f"SELECT * FROM {function}")
