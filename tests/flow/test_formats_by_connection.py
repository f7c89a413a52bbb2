"""Every format through every connection that brings files: what a department wrote is what the readers of the pool give."""

import gzip
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import pyzipper

from flow.context import Context
from flow.read import open_raw
from schemas.pull import Completeness, FilePull
from sources.archive import is_archive
from tests.flow.pulling import FOLDER, inbox, pull_once, pulling, take_in
from tests.flow.sftp_server import sftp_server
from tests.flow.test_pull_storage import SETTLED, bucket, object_pull, put
from tests.small_exports import ORGANISATIONS
from tests.sources.writers import WRITERS, Table

TABLE: Table = (("编号", "名称", "地址"), [("a001", "瑞安市书画协会", "安阳街道1号"), ("a002", "吉田“协会”", "东山街道, 2号")])
OLD_WORKBOOK = Path(__file__).parents[1] / "sources" / "old.xls"
"""The same table, as Excel 97 has it."""

FORMATS = ("csv", "tsv", "xlsx", "xls", "dbf", "json", "jsonl", "xml", "parquet")
JSON = (
    '[{"编号": "a001", "名称": "瑞安市书画协会", "地址": "安阳街道1号"}, {"编号": "a002", "名称": "吉田“协会”", "地址": "东山街道, 2号"}]'
)
PASSWORD = "口令 1"
DAY = "_20250630"
ZIPPED, PROTECTED, PRESSED = "zipped_20250601.csv", "protected_20250602.csv", "pressed_20250603.csv"
"""In the archives: of days of their own, for the same bytes of the same day are the same delivery."""

__all__ = ["bucket"]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The table as a file of each kind, by file name."""
    folder = tmp_path_factory.mktemp("written")
    found = {f"xls{DAY}.xls": OLD_WORKBOOK.read_bytes(), f"json{DAY}.json": JSON.encode()}
    for kind, write in WRITERS.items():
        path = folder / f"{kind}{DAY}.{kind.split('-')[0]}"
        if kind != "json":
            write(path, TABLE)
            found[path.name] = path.read_bytes()
    table, protected, plain = found[f"csv-gb18030{DAY}.csv"], io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(plain, "w") as archive:
        archive.writestr(ZIPPED, table)
    with pyzipper.AESZipFile(protected, "w", encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(PASSWORD.encode())
        archive.writestr(PROTECTED, table)
    return found | {"plain.zip": plain.getvalue(), "protected.zip": protected.getvalue(), f"{PRESSED}.gz": gzip.compress(table)}


Source = Callable[[Mapping[str, bytes]], FilePull]


@pytest.fixture
def folder(tmp_path: Path) -> Source:
    def offer(files: Mapping[str, bytes]) -> FilePull:
        for name, content in files.items():
            put(tmp_path / "share" / name, content)
        return FilePull("drop", "folder", f"{tmp_path}/share/*", "", SETTLED)

    return offer


@pytest.fixture
def sftp(tmp_path: Path) -> Iterator[Source]:
    (tmp_path / "sftp").mkdir()
    with sftp_server(tmp_path / "sftp") as server:

        def offer(files: Mapping[str, bytes]) -> FilePull:
            for name, content in files.items():
                server.put(name, content)
            return server.pull("/*")

        yield offer


@pytest.fixture
def store(bucket) -> Source:
    def offer(files: Mapping[str, bytes]) -> FilePull:
        bucket.objects = {f"exports/{name}": content for name, content in files.items()}
        return replace(object_pull(bucket), location="s3://pool/exports/*", completeness=Completeness())

    return offer


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATAPOOL_SECRET_ARCHIVES", PASSWORD)


def of_all_formats(home: Path, *pulls: FilePull) -> Context:
    return pulling(home, *pulls, formats=FORMATS, encoding="auto", archive_passwords=("archives",))


def tables_in(files: Mapping[str, bytes]) -> dict[str, Table]:
    return dict.fromkeys({name for name in files if not is_archive(Path(name))} | {ZIPPED, PROTECTED, PRESSED}, TABLE)


@pytest.mark.parametrize("connection", ["folder", "sftp", "store"])
def test_every_format_and_archive_comes_through_every_connection(
    connection: str, files: Mapping[str, bytes], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    context = of_all_formats(tmp_path / "home", request.getfixturevalue(connection)(files))
    outcome = pull_once(context)
    assert (sorted(outcome.files), outcome.fault) == (sorted(files), "")
    assert received(context) == tables_in(files)
    assert pull_once(context).files == ()


def test_every_format_and_archive_is_taken_from_the_inbox(files: Mapping[str, bytes], tmp_path: Path) -> None:
    context = of_all_formats(tmp_path)
    for name, content in files.items():
        put(context.pool.paths.inbox / FOLDER / name, content)
    assert received(context) == tables_in(files)


def test_archive_that_was_received_is_not_fetched_again_when_it_had_to_leave_the_inbox(
    folder: Source, files: Mapping[str, bytes], tmp_path: Path
) -> None:
    context = of_all_formats(tmp_path / "home", folder({"plain.zip": files["plain.zip"]}))
    assert pull_once(context).files == ("plain.zip",)
    assert received(context) == {ZIPPED: TABLE}
    (context.pool.paths.inbox / FOLDER / "plain.zip").unlink()
    assert pull_once(context).files == ()


@pytest.mark.parametrize(("name", "second"), [("plain.zip", "plain.2.zip"), (f"{PRESSED}.gz", "pressed_20250603.2.csv.gz")])
def test_changed_archive_comes_beside_the_one_of_its_name(
    name: str, second: str, folder: Source, files: Mapping[str, bytes], tmp_path: Path
) -> None:
    context = of_all_formats(tmp_path / "home", folder({name: files[name]}))
    assert pull_once(context).files == (name,)
    folder({name: files["protected.zip"] if name.endswith(".zip") else gzip.compress(JSON.replace("[", " [").encode())})
    assert pull_once(context).files == (second,)
    assert sorted(inbox(context)) == sorted([name, second])
    assert len(take_in(context)) == 2
    assert pull_once(context).files == ()


def received(context: Context) -> dict[str, Table]:
    """What the files of the inbox say, by file name."""
    return {context.pool.receipts.read(batch).file_name: rows_of(context, batch) for batch in take_in(context)}


def rows_of(context: Context, batch: str) -> Table:
    rows = open_raw(context, context.pool.receipts.read(batch), context.contracts[ORGANISATIONS])
    cells = [row for each in rows.batches() for row in zip(*(column.to_pylist() for column in each.columns[2:]), strict=True)]
    return rows.header, cells
