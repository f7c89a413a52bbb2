"""What readers must not see, and the key that keeps it from them."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from flow.context import Context, pseudonym_key
from flow.run import run
from pool import PoolError
from tests.flow.searching import places_of
from tests.small_exports import ORGANISATIONS, RESIDENTS, context_at, organisations, residents, write_export

ROWS = 12
PHONES = [f"1395770{place:04d}" for place in range(ROWS)]
NAMES = [f"欧阳某{place:02d}" for place in range(ROWS)]
DOORS = [f"瑞安市安阳街道安福路12号{place + 1}幢3单元{place + 101}室" for place in range(ROWS)]


@pytest.fixture(scope="module")
def pool(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A pool with persons at their doors and organisations with representatives."""
    folder = tmp_path_factory.mktemp("secrets")
    people = [
        row | {"name": name, "phone": phone, "actual_address_text": door}
        for row, name, phone, door in zip(residents(ROWS), NAMES, PHONES, DOORS, strict=True)
    ]
    firms = [
        row | {"representative_name": name, "phone": phone} for row, name, phone in zip(organisations(ROWS), NAMES, PHONES, strict=True)
    ]
    write_export(folder / "exports", RESIDENTS, people)
    write_export(folder / "exports", ORGANISATIONS, firms)
    context = context_at(folder / "home")
    assert run(context, folder / "exports") == 1
    return context


@pytest.mark.parametrize("values", [[row["citizen_number"] for row in residents(ROWS)], PHONES, NAMES, [door[-12:] for door in DOORS]])
def test_values_of_persons_are_in_no_share(pool: Context, values: list[str]) -> None:
    assert places_of(pool.pool.home / "releases", values), "the search does find them where they are"
    assert places_of(pool.pool.home / "shares", values) == []


def test_report_shows_no_value_of_a_person(pool: Context) -> None:
    values = [*(row["citizen_number"] for row in residents(ROWS)), *PHONES, *NAMES]
    assert places_of(pool.pool.releases.folder(1) / "report", values) == []


def test_share_has_the_tables_as_files_and_as_database_alike(pool: Context) -> None:
    share = pool.pool.shares.folder("analyst", 1)
    with duckdb.connect(str(share / "datapool.duckdb"), read_only=True) as connection:
        for path in share.glob("*.parquet"):
            schema = pool.tables[path.stem].system
            assert connection.table(f"{schema}.{path.stem}").to_arrow_table() == pq.read_table(path), path.stem
        comments = connection.execute("SELECT comment FROM duckdb_columns() WHERE schema_name IN ('pool', 'mart')").fetchall()
    assert all(re.search("[一-鿿]", comment or "") for (comment,) in comments)


def test_key_is_made_once_whoever_asks_first_and_private(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "deep" / "pseudonym.key"
    monkeypatch.setenv("DATAPOOL_KEY_FILE", str(path))
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: pseudonym_key(), range(32)))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o077 == 0
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("content", ["", "not a number", "abcd"])
def test_damaged_key_is_an_error_in_words(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str) -> None:
    path = tmp_path / "pseudonym.key"
    path.write_text(content)
    monkeypatch.setenv("DATAPOOL_KEY_FILE", str(path))
    with pytest.raises(PoolError, match="密钥文件"):
        pseudonym_key()
    assert path.read_text() == content, "it is not replaced: all ids would change"
