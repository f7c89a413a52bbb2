"""Files that cannot be used: each is named with its cause, the other sources go on, the last release stays."""

import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flow.context import Context
from flow.receive import receive
from flow.run import run
from pool.verify import verify
from tests.small_exports import NOW, ORGANISATIONS, RESIDENTS, context_at, organisations, residents, write_export

Spoiler = Callable[[Path], Path]


def _empty(folder: Path) -> Path:
    path = write_export(folder, RESIDENTS, residents(30))
    path.write_bytes(b"")
    return path


def _wrong_dataset(folder: Path) -> Path:
    path = write_export(folder, RESIDENTS, residents(30))
    other = write_export(folder / "elsewhere", ORGANISATIONS, organisations(3))
    path.write_bytes(other.read_bytes())
    other.unlink()
    return path


def _cut_in_half(folder: Path) -> Path:
    path = write_export(folder, RESIDENTS, residents(30))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    return path


def _without_required_column(folder: Path) -> Path:
    return write_export(folder, RESIDENTS, residents(30), without="citizen_number")


def _undeclared_encoding(folder: Path) -> Path:
    path = write_export(folder, RESIDENTS, residents(30))
    path.write_bytes(path.read_bytes().decode("gb18030").encode("utf-8"))
    return path


def _broken_archive(folder: Path) -> Path:
    path = folder / "emergency_management" / "hazard_inspection" / "hazard_inspection_20250630.xlsx"
    path.parent.mkdir(parents=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook>")
    path.write_bytes(path.read_bytes()[:60])
    return path


CASES: dict[str, tuple[Spoiler, str]] = {
    "empty file": (_empty, "空"),
    "file of another dataset": (_wrong_dataset, "公民身份号码"),
    "file cut in half": (_cut_in_half, "不完整"),
    "file without a required column": (_without_required_column, "公民身份号码"),
    "file in an undeclared encoding": (_undeclared_encoding, "utf-8"),
    "unreadable archive": (_broken_archive, "hazard_inspection_20250630.xlsx"),
}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A pool with one release of good organisations."""
    folder = tmp_path_factory.mktemp("published")
    write_export(folder / "exports", ORGANISATIONS, organisations(3))
    context = context_at(folder / "home")
    assert run(context, folder / "exports") == 1
    return context


@pytest.mark.parametrize("case", CASES)
def test_bad_file_is_named_with_its_cause_and_nothing_else_suffers(case: str, published: Context, tmp_path: Path) -> None:
    spoil, cause = CASES[case]
    before = published.pool.releases.current()
    kept_out_before = {entry.batch for status in ("blocked", "failed") for entry in published.pool.ledger.batches(status=status)}
    bad = spoil(tmp_path)
    first = 100 * (1 + list(CASES).index(case))
    write_export(tmp_path, ORGANISATIONS, organisations(3) + organisations(1, first=first), period=f"202507{first // 100:02d}")
    context = replace(published, run=f"run-{first}", now=NOW + timedelta(hours=first))

    number = run(context, tmp_path)

    assert number is not None
    assert number > (before or 0), "the good file of the same folder is published"
    kept_out = [
        entry
        for status in ("blocked", "failed")
        for entry in context.pool.ledger.batches(status=status)
        if entry.batch not in kept_out_before
    ]
    assert len(kept_out) == 1
    assert cause in kept_out[0].reason
    assert context.pool.receipts.read(kept_out[0].batch).file_name == bad.name
    assert context.pool.raw.path(kept_out[0].sha256).read_bytes() == bad.read_bytes(), "what was received is kept"
    assert verify(context.pool) == []


def test_only_bad_files_leave_the_last_release_published(published: Context, tmp_path: Path) -> None:
    before = published.pool.releases.current()
    _broken_archive(tmp_path)
    write_export(tmp_path, RESIDENTS, [], period="20250801")
    run(replace(published, run="run-last", now=NOW + timedelta(days=60)), tmp_path)
    assert published.pool.releases.current() == before


def test_unknown_file_is_reported_and_stays_where_it_is(published: Context, tmp_path: Path) -> None:
    stranger = tmp_path / "readme.docx"
    stranger.write_bytes(b"who am I")
    run(replace(published, run="run-stranger", now=NOW + timedelta(days=61)), tmp_path)
    assert "readme.docx" in {problem.file for problem in published.pool.ledger.problems()}
    assert stranger.exists()


def test_unknown_file_beside_the_exports_of_a_dataset_is_reported_where_that_dataset_alone_is_received(
    published: Context, tmp_path: Path
) -> None:
    stranger = write_export(tmp_path, ORGANISATIONS, organisations(1)).with_name("notes.docx")
    stranger.write_bytes(b"who am I")
    receive(replace(published, run="run-beside"), tmp_path, contract=ORGANISATIONS)
    assert "civil_affairs/social_organisation/notes.docx" in {problem.file for problem in published.pool.ledger.problems()}
