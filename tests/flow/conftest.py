"""A pool whose matcher left address texts open, made once and copied."""

import shutil
from pathlib import Path

import pytest

from flow.context import Context
from flow.run import run
from tests.flow.reviewing import write_exports
from tests.small_exports import context_at


@pytest.fixture(scope="session")
def reviewable_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home with a first release, for copying and reading only."""
    folder = tmp_path_factory.mktemp("review")
    assert run(context_at(folder / "home"), write_exports(folder / "exports")) == 1
    return folder / "home"


@pytest.fixture(scope="session")
def reviewable(reviewable_home: Path) -> Context:
    """That pool for tests that only read."""
    return context_at(reviewable_home)


@pytest.fixture
def own_reviewable(reviewable_home: Path, tmp_path: Path) -> Context:
    """A copy of that pool for a test that changes it."""
    return context_at(Path(shutil.copytree(reviewable_home, tmp_path / "home")))
