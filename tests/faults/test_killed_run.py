"""A run killed anywhere on the path: readers see the old release or the new one, and a re-run ends in the same content."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from flow.run import run
from pool.verify import verify
from tests.pool.forker import Forker
from tests.small_exports import ORGANISATIONS, RESIDENTS, context_at, organisations, residents, write_export

ROOT = Path(__file__).parents[2]
KILLS = 6


def _content(home: Path) -> dict[str, Any]:
    releases = context_at(home).pool.releases
    current = releases.current()
    assert current is not None
    return {table: facts["content_hash"] for table, facts in releases.manifest(current)["tables"].items()}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one release, to which every killed run would add a second."""
    folder = tmp_path_factory.mktemp("killed")
    write_export(folder / "first", ORGANISATIONS, organisations(3))
    run(context_at(folder / "home"), folder / "first")
    return folder / "home"


def test_run_killed_anywhere_leaves_old_or_new_and_a_re_run_ends_the_same(published: Path, tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    write_export(exports, RESIDENTS, residents(5))
    write_export(exports, ORGANISATIONS, organisations(4), period="20250701")
    undisturbed = Path(shutil.copytree(published, tmp_path / "undisturbed"))
    run(context_at(undisturbed, run="run-2"), exports)
    old, new = _content(published), _content(undisturbed)
    assert old != new

    with Forker(ROOT, "tests.faults.whole_run") as forker:
        counted = Path(shutil.copytree(published, tmp_path / "counted"))
        changes = forker.changes("run_exports", counted, exports)
        seen = set()
        for point in range(1, changes, changes // KILLS):
            home = Path(shutil.copytree(published, tmp_path / f"home-{point}"))
            assert forker.killed_at(point, "run_exports", home, exports), point
            assert _content(home) in (old, new), point
            seen.add(_content(home) == new)

            run(context_at(home, run="run-3"), exports)

            assert _content(home) == new, point
            assert verify(context_at(home).pool) == [], point
            shutil.rmtree(home)
    assert changes > 100
    assert seen >= {False}
