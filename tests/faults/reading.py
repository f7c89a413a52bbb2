"""Readers who query without pause while runs publish: every answer belongs to one release, and none is an error."""

import json
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from flow.home import open_pool
from flow.query import query, share_database
from flow.run import run
from pool.verify import verify
from tests.faults.children import fork, wait
from tests.faults.setting import SHARE, Setting, copy_home
from tests.small_exports import NOW, ORGANISATIONS, context_at, organisations, write_export

FIRST_ROWS = 3
SQL = "SELECT count(*), min(name)[4:6], max(name)[4:6], (SELECT count(*) FROM premises) FROM organisation"
Reader = Callable[[Path], int]


def through_the_command(home: Path) -> int:
    """As `datapool query` does it."""
    [row] = query(share_database(open_pool(home, existing=True)), SQL).to_pylist()
    return _release_of(*row.values())


def through_the_file(home: Path) -> int:
    """As DBeaver, Python or R open the database of the share."""
    share = home / "shares" / SHARE
    with duckdb.connect(str(share / (share / "current").read_text().strip() / "datapool.duckdb"), read_only=True) as database:
        database.execute("SET search_path = 'pool'")
        row = database.execute(SQL).fetchone()
    assert row is not None
    return _release_of(*row)


def through_parquet(home: Path) -> int:
    """As Spark or Polars read the Parquet files of the share."""
    share = home / "shares" / SHARE
    folder = share / (share / "current").read_text().strip()
    names = [name[3:6] for name in pq.read_table(folder / "organisation.parquet").column("name").to_pylist()]
    return _release_of(len(names), min(names), max(names), pq.read_metadata(folder / "premises.parquet").num_rows)


READERS: tuple[Reader, ...] = (through_the_command, through_the_file, through_parquet)


def _release_of(rows: int, least: str, most: str, premises: int) -> int:
    """The release that every row of an answer names, and whose number of rows both tables have."""
    release = int(least)
    if least != most or rows != FIRST_ROWS + release or premises != rows:
        raise AssertionError(f"a mixture: {rows} rows of {least} to {most}, {premises} premises")
    return release


def read_while_runs_publish(setting: Setting, folder: Path, seconds: float, releases: int) -> dict[str, Any]:
    """Publish for some seconds, at least so many releases, while three kinds of readers read; what they saw.

    Returns faults (errors, mixtures), releases published, answers by release and reader.
    """
    home = folder / "home"
    copy_home(setting.before, home)
    _publish(home, folder, 1)
    ended = folder / "ended"
    notes = {reader.__name__: folder / reader.__name__ for reader in READERS}
    children = [fork(lambda reader=reader: _read(reader, home, ended, notes[reader.__name__])) for reader in READERS]
    start = time.monotonic()
    published = 1
    while published <= releases or time.monotonic() - start < seconds:
        published += 1
        _publish(home, folder, published)
    ended.touch()
    codes = [wait(child) for child in children]
    answers = {name: json.loads(note.read_text(encoding="utf-8")) for name, note in notes.items()}
    faults = [f"{name}: {fault}" for name, answer in answers.items() for fault in answer["faults"]]
    faults += [f"readers ended with {codes}"] if any(codes) else []
    faults += [finding.message for finding in verify(context_at(home).pool)]
    return {"faults": faults, "published": published - 1, "answers": {name: answer["seen"] for name, answer in answers.items()}}


def _publish(home: Path, folder: Path, release: int) -> None:
    rows = organisations(FIRST_ROWS + release)
    named = [row | {"name": f"瑞安市{release:03d}号书画协会{place}"} for place, row in enumerate(rows)]
    exports = folder / f"exports-{release}"
    write_export(exports, ORGANISATIONS, named, period=f"{NOW.date() + timedelta(days=release % 365):%Y%m%d}")
    run(context_at(home, run=f"run-reading-{release}"), exports)


def _read(reader: Reader, home: Path, ended: Path, note: Path) -> None:
    seen: Counter[int] = Counter()
    faults = []
    while not ended.exists():
        try:
            seen[reader(home)] += 1
        except Exception as error:
            faults.append(f"{type(error).__name__}: {error}")
    note.write_text(json.dumps({"seen": seen, "faults": faults}), encoding="utf-8")
