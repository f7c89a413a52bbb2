"""A release replaced as a whole: killed at any change, readers find the old one or the new one, never a mixture, never nothing for good."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from pool import Pool
from pool.files import file_sha256
from pool.verify import verify
from tests.pool.forker import Forker
from tests.pool.replacing_steps import NEW
from tests.pool.small_pool import SHARE, unfinished


@pytest.fixture(scope="module")
def replacer(pytestconfig: pytest.Config) -> Iterator[Forker]:
    with Forker(pytestconfig.rootpath, "tests.pool.replacing_steps") as forker:
        yield forker


def _is_whole(folder: Path) -> bool:
    files = json.loads((folder / "manifest.json").read_bytes())["files"]
    return all(file_sha256(folder / name) == facts["sha256"] for name, facts in files.items())


@pytest.mark.parametrize(("step", "gaps"), [("replace_release", False), ("replace_release_without_exchange", True)])
def test_a_replacement_killed_at_any_change_leaves_old_or_new_and_a_repetition_ends_it(
    published_home: Path, swift_folder: Path, replacer: Forker, step: str, gaps: bool
) -> None:
    point, killed, missing = 0, True, 0
    while killed:
        point += 1
        home = Path(shutil.copytree(published_home, swift_folder / f"home-{point}"))
        killed = replacer.killed_at(point, step, home)
        folders = [home / "releases" / "1", home / "shares" / SHARE / "1"]
        missing += not all(folder.is_dir() for folder in folders)

        pool = Pool.open(home)
        assert all(_is_whole(folder) for folder in folders), point
        assert pool.releases.current() == 1
        replacer.changes(step, home)
        assert pq.read_table(home / "releases" / "1" / "pool" / "person.parquet") == NEW
        assert verify(pool) == [], point
        assert unfinished(home) == [], point
        shutil.rmtree(home)
    assert point > 10
    assert (missing > 0) is gaps, "an exchange leaves no moment without the folder"
