"""Files of a drop folder and of an object store that speaks S3; whatever breaks, the inbox ends with exactly their bytes."""

import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, example, given, settings, strategies as st

import flow.pull_files
from flow.context import Context
from flow.pull import pull
from flow.receive import WAITING_FILE
from schemas.pull import Completeness, FilePull
from sources.connection import Connection
from sources.pull.errors import BrokenOff
from sources.pull.files import RemoteFile
from tests.flow.pulling import FOLDER, PASSWORD, Waits, inbox, pull_once, pulling, take_in
from tests.flow.searching import places_of

SETTLED = Completeness("", 60)


def drop_of(folder: Path, completeness: Completeness = SETTLED) -> FilePull:
    return FilePull("drop", "folder", f"{folder}/**/*.csv", "", completeness)


def put(path: Path, content: bytes, modified: float = 1_700_000_000) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (modified, modified))
    return path


def test_a_drop_folder_gives_its_settled_files_and_keeps_them(tmp_path):
    drop = tmp_path / "share"
    put(drop / "2025" / "六月_20250630.csv", b"a,b\n1,2\n")
    context = pulling(tmp_path / "home", drop_of(drop))
    put(drop / "growing.csv", b"a", context.now.timestamp() - 10)
    (drop / "link.csv").symlink_to("/etc/hostname")
    outcome = pull_once(context)
    assert outcome.files == ("六月_20250630.csv",)
    assert ["growing.csv" in reason for reason in outcome.waiting] == [True]
    assert inbox(context) == {"六月_20250630.csv": b"a,b\n1,2\n"}
    (batch,) = take_in(context)
    assert context.pool.receipts.read(batch).origin == str(drop / "2025" / "六月_20250630.csv")
    assert (drop / "2025" / "六月_20250630.csv").exists()


def test_a_share_that_is_not_mounted_is_no_empty_share(tmp_path):
    assert "是否已挂载" in pull_once(pulling(tmp_path / "home", drop_of(tmp_path / "gone"))).fault


def test_a_name_that_the_contract_does_not_know_is_told_and_the_others_come(tmp_path):
    put(tmp_path / "share" / "a.csv", b"1")
    put(tmp_path / "share" / "b.txt", b"2")
    source = replace(drop_of(tmp_path / "share"), location=f"{tmp_path}/share/*")
    outcome = pull_once(pulling(tmp_path / "home", source))
    assert outcome.files == ("a.csv",)
    assert "b.txt 不合契约" in outcome.fault


def test_two_files_of_one_name_do_not_overwrite_each_other(tmp_path):
    put(tmp_path / "share" / "x" / "a.csv", b"1")
    put(tmp_path / "share" / "y" / "a.csv", b"2")
    context = pulling(tmp_path / "home", drop_of(tmp_path / "share"))
    assert [*pull_once(context).files] == ["a.csv"]
    assert len(take_in(context)) == 1
    assert [*pull_once(context).files] == ["a.csv"]
    assert len(take_in(context)) == 1
    assert pull_once(context).files == ()


@pytest.mark.parametrize("marker", ["a_20250630.csv.ok", "a_20250630.ok"])
def test_a_file_of_the_inbox_is_received_when_its_marker_stands_beside_it(tmp_path, marker):
    context = pulling(tmp_path, completeness=Completeness(".ok"))
    put(tmp_path / "inbox" / FOLDER / "a_20250630.csv", b"x")
    assert take_in(context) == []
    put(tmp_path / "inbox" / FOLDER / marker, b"")
    assert len(take_in(context)) == 1
    assert [problem.kind for problem in context.pool.ledger.problems()] == [WAITING_FILE]


def test_a_file_of_the_inbox_that_may_still_grow_waits(tmp_path):
    context = pulling(tmp_path, completeness=SETTLED)
    put(tmp_path / "inbox" / FOLDER / "a_20250630.csv", b"x", context.now.timestamp() - 59)
    assert take_in(context) == []
    put(tmp_path / "inbox" / FOLDER / "a_20250630.csv", b"x", context.now.timestamp() - 61)
    assert len(take_in(context)) == 1


@dataclass
class Flaky:
    """A place whose line breaks, or whose process dies, after so many bytes each; a piece comes in small blocks."""

    content: bytes
    breaks: list[tuple[int, bool]]
    sent: int = 0

    def __enter__(self) -> "Flaky":
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def files(self) -> Sequence[RemoteFile]:
        return [RemoteFile("/a.csv", len(self.content), 1_700_000_000)]

    def describe(self, path: str) -> RemoteFile | None:
        return self.files()[0] if path == "/a.csv" else None

    def read(self, path: str, offset: int, size: int) -> Iterator[bytes]:
        left = self.content[offset : offset + size]
        while left:
            if self.breaks and self.sent >= self.breaks[0][0]:
                self.sent = 0
                if self.breaks.pop(0)[1]:
                    raise KeyboardInterrupt
                raise BrokenOff("断了")
            block, left = left[:7], left[7:]
            self.sent += len(block)
            yield block


@pytest.fixture(scope="module")
def shared_context(tmp_path_factory: pytest.TempPathFactory) -> Context:
    return pulling(tmp_path_factory.mktemp("flaky"), drop_of(Path("/nowhere"), Completeness()))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(min_size=1, max_size=200),
    breaks=st.lists(st.tuples(st.integers(0, 80), st.booleans()), max_size=8),
    flushing=st.sampled_from([1, 20, 1 << 20]),
)
@example(content=bytes(range(100)), breaks=[(35, True)], flushing=20)  # killed with bytes behind the last flush
def test_wherever_it_breaks_the_inbox_ends_with_exactly_the_bytes(shared_context, monkeypatch, content, breaks, flushing):
    place = Flaky(content, list(breaks))
    monkeypatch.setattr(flow.pull_files, "open_files", lambda _source, _connection: place)
    monkeypatch.setattr("pool.inbox.FLUSH_BYTES", flushing)
    folder = shared_context.pool.paths.inbox / FOLDER
    for path in folder.glob("*") if folder.exists() else ():
        path.unlink()
    context = replace(shared_context, run=os.urandom(4).hex())
    for _ in range(len(breaks) + 1):
        with suppress(KeyboardInterrupt):
            pull(context, patience=Waits().patience)
        assert inbox(context) in ({}, {"a.csv": content}), "never half"
        if inbox(context):
            break
    assert inbox(context) == {"a.csv": content}


@dataclass
class Bucket:
    """What an object store holds; it speaks as much of S3 as listing and reading take."""

    objects: dict[str, bytes] = field(default_factory=dict)
    cut: bool = False
    ranges: list[str] = field(default_factory=list)
    address: str = ""


class S3Handler(BaseHTTPRequestHandler):
    bucket: Bucket
    protocol_version = "HTTP/1.1"
    modified = datetime(2025, 6, 1, tzinfo=UTC)

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def _answer(self, *, body: bool) -> None:
        parts = urlsplit(self.path)
        if "Credential=reader/" not in self.headers.get("Authorization", ""):
            self._send(403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>", body)
        elif key := unquote(parts.path).removeprefix("/pool").strip("/"):
            self._object(key, body)
        else:
            self._list(parse_qs(parts.query).get("prefix", [""])[0])

    def _object(self, key: str, body: bool) -> None:
        content = self.bucket.objects.get(key)
        if content is None:
            self._send(404, b"<Error><Code>NoSuchKey</Code></Error>", body)
            return
        status, headers, wanted = 200, {}, self.headers.get("Range")
        if wanted:
            self.bucket.ranges.append(wanted)
            first, _, last = wanted.removeprefix("bytes=").partition("-")
            end = min(int(last or len(content)), len(content) - 1)
            headers = {"Content-Range": f"bytes {first}-{end}/{len(content)}"}
            status, content = 206, content[int(first) : end + 1]
        self._send(status, content, body, headers)

    def _list(self, prefix: str) -> None:
        entries = "".join(
            f"<Contents><Key>{key}</Key><LastModified>{self.modified:%Y-%m-%dT%H:%M:%S.000Z}</LastModified><Size>{len(content)}</Size></Contents>"
            for key, content in sorted(self.bucket.objects.items())
            if key.startswith(prefix)
        )
        xml = f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>pool</Name><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>'
        self._send(200, xml.encode(), True)

    def _send(self, status: int, content: bytes, body: bool, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        named = {"Content-Length": str(len(content)), "Last-Modified": f"{self.modified:%a, %d %b %Y %H:%M:%S} GMT", **(headers or {})}
        for name, value in named.items():
            self.send_header(name, value)
        self.end_headers()
        if body and self.bucket.cut and len(content) > 100_000:
            self.bucket.cut = False
            self.wfile.write(content[:50_000])
            self.close_connection = True
        elif body:
            self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def bucket() -> Iterator[Bucket]:
    found = Bucket()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (S3Handler,), {"bucket": found}))
    server.daemon_threads = True
    found.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join()


def object_pull(bucket: Bucket, **changes: Any) -> FilePull:
    values = {"completeness": Completeness(), "endpoint": bucket.address, **changes}
    return FilePull("store", "s3", "s3://pool/exports/*.csv", "store", **values)


def test_objects_come_whole_and_once(bucket, tmp_path):
    content = os.urandom(700_000)
    bucket.objects = {"exports/a_20250630.csv": content, "exports/b.txt": b"no", "other/c.csv": b"no"}
    bucket.cut = True
    context = pulling(tmp_path, object_pull(bucket))
    outcome = pull_once(context)
    assert (outcome.files, outcome.fault) == (("a_20250630.csv",), "")
    assert inbox(context) == {"a_20250630.csv": content}
    (batch,) = take_in(context)
    assert context.pool.receipts.read(batch).origin == "s3://pool/exports/a_20250630.csv"
    bucket.ranges.clear()
    assert pull_once(context).files == ()
    assert bucket.ranges == [], "what has not changed is not fetched again"


def test_an_object_store_that_refuses_the_account_is_told(bucket, tmp_path):
    bucket.objects = {"exports/a.csv": b"1"}
    context = pulling(tmp_path, object_pull(bucket))
    (outcome,) = pull(context, resolve=lambda name: Connection(name, "stranger", PASSWORD), patience=Waits().patience)
    assert "不接受这个账号" in outcome.fault
    assert places_of(context.pool.home, [PASSWORD]) == []
