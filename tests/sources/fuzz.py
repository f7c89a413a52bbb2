"""Mutates valid files of every format and holds the readers to what they promise: `python -m tests.sources.fuzz --minutes 10`.

Whatever the bytes are, a reader gives rows and faults or raises ReadError, in bounded time; every row number occurs once; what a writer wrote comes back.
"""

import argparse
import collections
import faulthandler
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hypothesis import HealthCheck, given, settings, strategies as st

from sources.archive import unpack
from sources.readers import Layout, ReadError, open_rows
from tests.sources.writers import ARCHIVES, TABLES, WRITERS

SECONDS = 120
"""Longer than any reader may take for files as small as these, on a machine as busy as it may be."""
PIECES = (
    b"\0",
    b'"',
    b"\n",
    b"\r",
    b",",
    b"\t",
    b"\xff",
    b"\xff\xfe",
    b"\x81\x30",
    b"<",
    b"&",
    b"{",
    b"}",
    b"[",
    b"]",
    b"PK\x03\x04",
    b"\x7f\xff\xff\xff",
)
PIECES += (
    b"9" * 400,
    b"-1",
    b"1e999",
    "，".encode("gb18030"),
    "瑞安".encode(),
    b"</row>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"]]>",
    b"XFD1048576",
)


@st.composite
def damaged(draw: st.DrawFn, content: bytes) -> bytes:
    """The content with bytes changed, taken out, doubled, cut off or put in, mostly those that mean something."""
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(content)))
        length = draw(st.sampled_from((1, 1, 2, 4, 16, 100)))
        match draw(st.integers(0, 5)):
            case 0:
                content = content[:at] + draw(st.sampled_from(PIECES)) + content[at:]
            case 1:
                content = content[:at] + draw(st.sampled_from(PIECES)) + content[at + length :]
            case 2:
                content = content[:at] + content[at + length :]
            case 3:
                content = content[:at] + content[at : at + length] * draw(st.sampled_from((2, 3, 200))) + content[at + length :]
            case 4:
                content = content[:at] + draw(st.binary(min_size=1, max_size=4)) + content[at + 4 :]
            case 5:
                content = content[:at]
    return content


@contextmanager
def in_time() -> Iterator[None]:
    """Ends the program, and tells where it stood, if a reader does not end."""
    faulthandler.dump_traceback_later(SECONDS, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()


def check_hostile(content: bytes, layout: Layout, path: Path) -> str:
    """Read a file twice; returns what came of it. Raises AssertionError, or what a reader must not raise."""
    path.write_bytes(content)
    try:
        rows = open_rows(path, layout)
        first = _account(rows)
    except ReadError as error:
        return _told(error, path)
    assert _account(rows) == first, "the second reading differs"
    return "faults" if rows.faults else "read"


def _account(rows) -> tuple:
    numbers = []
    for batch in rows.batches():
        assert batch.schema == rows.schema
        assert all(column.null_count == 0 for column in batch.columns)
        batch.validate(full=True)
        assert not any(
            b"\0" in (column.buffers()[-1] or b"") and any("\0" in text for text in column.to_pylist()) for column in batch.columns[2:]
        )
        numbers += zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
    faults = [(fault.sheet, fault.row) for fault in rows.faults]
    told = numbers + faults + [(each.sheet, each.row) for each in rows.asides if each.row]
    assert len(told) == len(set(told)), "a row is told twice"
    assert all(row > 0 for _, row in told)
    return numbers, [(fault.row, fault.cause) for fault in rows.faults], rows.asides


def _told(error: ReadError, path: Path) -> str:
    assert str(path) in str(error)
    assert error.cause
    assert error.advice
    return "refused"


def check_archive(content: bytes, name: str, folder: Path) -> str:
    """Unpack a damaged archive: files within the folder, or ReadError."""
    path = folder / name
    path.write_bytes(content)
    with tempfile.TemporaryDirectory(dir=folder) as into:
        try:
            members = unpack(path, Path(into), ["secret"])
        except ReadError as error:
            return _told(error, path)
        assert all(Path(into) in member.path.resolve().parents for member in members)
    return "read"


def round_trip(kind: str, draw: Callable[[st.SearchStrategy], object], path: Path) -> None:
    """What a writer wrote comes back, cell by cell."""
    table = draw(TABLES[kind])
    layout = WRITERS[kind](path, table)
    rows = open_rows(path, layout)
    read = [record for batch in rows.batches() for record in zip(*(column.to_pylist() for column in batch.columns[2:]), strict=True)]
    assert rows.faults == []
    assert rows.asides == []
    assert (rows.header, read) == (table[0], [row for row in table[1] if any(row)])


def campaign(kind: str, examples: int, folder: Path, counts: collections.Counter[str], *, derandomize: bool = False) -> None:
    """Run so many mutations of files of one kind, and a fifth as many round trips."""
    relaxed = {"deadline": None, "database": None, "suppress_health_check": list(HealthCheck), "derandomize": derandomize}

    @settings(max_examples=examples, **relaxed)
    @given(st.data())
    def hostile(data: st.DataObject) -> None:
        path = folder / f"{kind}.bin"
        if kind in ARCHIVES:
            name, content = ARCHIVES[kind]()
            content = data.draw(damaged(content))
            with in_time():
                counts[check_archive(content, name, folder)] += 1
        else:
            layout = WRITERS[kind](path, data.draw(TABLES[kind]))
            content = data.draw(damaged(path.read_bytes()))
            with in_time():
                counts[check_hostile(content, layout, path)] += 1

    @settings(max_examples=max(1, examples // 5), **relaxed)
    @given(st.data())
    def comes_back(data: st.DataObject) -> None:
        round_trip(kind, data.draw, folder / f"{kind}.bin")
        counts["round trip"] += 1

    hostile()
    if kind not in ARCHIVES:
        comes_back()


def main() -> int:
    parser = argparse.ArgumentParser(description="随机改动各种格式的文件，核对读取程序的承诺")
    parser.add_argument("--minutes", type=float, default=1.0, help="共用多少分钟")
    parser.add_argument("--kind", choices=[*WRITERS, *ARCHIVES], action="append", help="只试这些格式")
    parser.add_argument("--examples", type=int, default=200, help="每一轮每种格式试多少个")
    arguments = parser.parse_args()
    end = time.monotonic() + 60 * arguments.minutes
    totals: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    found = 0
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            for kind in arguments.kind or [*WRITERS, *ARCHIVES]:
                try:
                    campaign(kind, arguments.examples, Path(folder), totals[kind])
                except BaseException as error:
                    if isinstance(error, KeyboardInterrupt):
                        raise
                    found += 1
                    print(f"[发现] {kind}", flush=True)
                    traceback.print_exc()
                    with suppress(OSError):
                        Path(f"fuzz-{kind}-{found}.bin").write_bytes((Path(folder) / f"{kind}.bin").read_bytes())
                if time.monotonic() > end:
                    break
            print("[进度] " + "；".join(f"{kind} {dict(counts)}" for kind, counts in totals.items()), flush=True)
    print(f"[完成] 发现 {found} 处", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main())
