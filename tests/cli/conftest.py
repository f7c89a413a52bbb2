"""One small pool, made by the command itself."""

import shutil
from pathlib import Path

import pytest

from samples.identifiers import with_wrong_check
from tests.cli.command import Answer, datapool
from tests.small_exports import ORGANISATIONS, RESIDENTS, organisations, residents, write_export

PEOPLE, FIRMS = 8, 12
STRANGER = "[/b]不认识的[red]报表.docx"


def people_with_phone(number: int) -> list[dict[str, str]]:
    """Residents as every delivery of this pool has them: a column that is suddenly empty would be kept out."""
    return [row | {"phone": "13957700000"} for row in residents(number)]


@pytest.fixture(scope="session")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two datasets with one bad row between them, and a file of nobody's with a name that looks like markup."""
    folder = tmp_path_factory.mktemp("exports")
    people = people_with_phone(PEOPLE)
    people.append(people[0] | {"citizen_number": with_wrong_check(people[0]["citizen_number"])})
    write_export(folder, RESIDENTS, people)
    write_export(folder, ORGANISATIONS, organisations(FIRMS))
    (folder / STRANGER.replace("/", "／")).write_bytes(b"?")
    return folder


@pytest.fixture(scope="session")
def first_run(exports: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """The data home after `datapool run`, and what the command said."""
    home = tmp_path_factory.mktemp("pool") / "home"
    return home, datapool("run", exports, "--home", home)


@pytest.fixture(scope="session")
def home(first_run: tuple[Path, Answer]) -> Path:
    """The pool for tests that only read."""
    return first_run[0]


@pytest.fixture
def own_home(home: Path, tmp_path: Path) -> Path:
    """A copy of the pool for a test that changes it."""
    return Path(shutil.copytree(home, tmp_path / "home"))
