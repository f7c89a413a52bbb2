"""An erasure killed at any change on disk had not begun, or is completed by the next run: never half done for good, never half seen."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from flow.run import advance, run
from pool import Pool
from pool.content import tables_content
from pool.files import file_sha256
from pool.verify import verify
from tests.flow.erasing import NAME, NUMBER, PHONE, TRACES, erase_her, herself, on_day
from tests.flow.searching import places_of
from tests.pool.forker import Forker
from tests.small_exports import RESIDENTS, residents, write_export

POINTS = 5
"""Of the changes so many are tried, spread over all: each costs an erasure and a release."""


@pytest.fixture(scope="module")
def forker(pytestconfig: pytest.Config) -> Iterator[Forker]:
    with Forker(pytestconfig.rootpath, "tests.flow.killed_steps") as forker:
        yield forker


@pytest.fixture(scope="module")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool of one file and one release; for copying only."""
    folder = tmp_path_factory.mktemp("small")
    rows = [*residents(6), herself(), {"citizen_number": NUMBER, "name": NAME, "phone": PHONE}]
    write_export(folder / "drop", RESIDENTS, rows)
    assert run(on_day(folder / "home", 0), folder / "drop") == 1
    return folder / "home"


def test_killed_anywhere_it_is_completed_by_the_next_run(small_home: Path, tmp_path: Path, forker: Forker) -> None:
    undisturbed = Path(shutil.copytree(small_home, tmp_path / "undisturbed"))
    changes = forker.changes("erase", undisturbed)
    assert places_of(undisturbed, TRACES) == []
    assert advance(on_day(undisturbed, 2)) == 2
    expected = _content(undisturbed)
    began = set()
    for point in range(1, changes + 1, max(1, changes // POINTS)):
        home = Path(shutil.copytree(small_home, tmp_path / f"home-{point}"))
        assert forker.killed_at(point, "erase", home)

        pool = Pool.open(home)
        assert pool.releases.current() == 1
        assert _is_whole(pool.releases.folder(1)), point
        assert _is_whole(pool.shares.folder("analyst", 1)), point
        began.add(bool(pool.ledger.erasures.unfinished()))
        if pool.ledger.erasures.all():
            assert NUMBER not in str(pool.ledger.erasures.all()), "what is still to be done tells nothing"
        else:
            erase_her(on_day(home, 1))
        assert advance(on_day(home, 2)) == 2, point
        assert places_of(home, TRACES) == [], point
        assert verify(Pool.open(home)) == [], point
        assert _content(home) == expected, point
        assert len(Pool.open(home).ledger.erasures.all()) == 1
        shutil.rmtree(home)
    assert changes > 50
    assert began == {True, False}


def _is_whole(folder: Path) -> bool:
    files = json.loads((folder / "manifest.json").read_bytes())["files"]
    return all(file_sha256(folder / name) == facts["sha256"] for name, facts in files.items())


def _content(home: Path) -> dict[int, dict[str, str]]:
    with duckdb.connect() as connection:
        return {
            number: {name: each.content_hash for name, each in tables_content(connection, home / "releases" / str(number) / "pool").items()}
            for number in (1, 2)
        }
