"""What is disturbed: a home with one release and the exports of the next, small and the same every time."""

import functools
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas  # noqa: F401  pyarrow imports it and the next when first used, which would cost every child a second
import pyarrow as pa
import pyarrow.dataset

import flow.judge
import flow.publish
from cli.mendable import mendable
from expectations.engine import great_expectations
from flow.progress import Progress, silent
from flow.run import run
from pool import Pool
from pool.files import file_sha256
from pool.machine import remedy_for
from pool.verify import verify
from tests.small_exports import ORGANISATIONS, context_at, organisations, write_export

SHARE = "analyst"
RE_RUN = "run-again"
CLEAR, UNCLEAR = 3, 4
"""Exit codes of `run_or_tell`."""


def make_repeatable() -> None:
    """Let runs of this process and of those forked from it make the same system calls each time, and start at once.

    DuckDB and Arrow work in one thread, Great Expectations is loaded, and what it said of a file it is not asked again: 5 of 7 CPU-seconds.
    """
    great_expectations()
    pa.set_cpu_count(1)
    duckdb.connect = functools.partial(duckdb.connect, config={"threads": 1})
    flow.judge.validate = _remembered(flow.judge.validate, lambda table: file_sha256(table))
    flow.publish.validate_tables = _remembered(
        flow.publish.validate_tables, lambda tables: tuple((name, file_sha256(path)) for name, path in tables.items())
    )


def _remembered(validate: Callable[..., Any], key_of: Callable[[Any], object]) -> Callable[..., Any]:
    answers: dict[object, Any] = {}

    def validated(tables: Any, suites: Any) -> Any:
        key = key_of(tables)
        if key not in answers:
            answers[key] = validate(tables, suites)
        return answers[key]

    return validated


@dataclass(frozen=True)
class Setting:
    """`before`: a home with one release. `exports`: what makes the second. `old`, `new`: what readers see before and after. `end`: what an undisturbed run ends in."""

    before: Path
    exports: Path
    old: Mapping[str, Any]
    new: Mapping[str, Any]
    end: Mapping[str, Any]


def small_setting(folder: Path) -> Setting:
    """Organisations, of which one more and one bad row are delivered."""
    write_export(folder / "first", ORGANISATIONS, organisations(3))
    bad = organisations(1, first=9)[0] | {"uscc": "51330381MJ0000000X"}
    write_export(folder / "second", ORGANISATIONS, [*organisations(4), bad], period="20250701")
    return setting_of(folder, folder / "first", folder / "second")


def setting_of(folder: Path, first: Path, second: Path) -> Setting:
    """A home made of the first exports, and the second for the next release; done once undisturbed."""
    before, after = folder / "before", folder / "after"
    run(context_at(before), first)
    copy_home(before, after)
    run_exports(after, second)
    return Setting(before, second, what_readers_see(before), what_readers_see(after), _end(after))


def run_exports(home: Path, exports: Path, progress: Progress = silent) -> None:
    """The run that is disturbed."""
    run(context_at(home, run="run-2"), exports, progress=progress)


def run_or_tell(home: Path, exports: Path, progress: Progress) -> None:
    """`run_exports`; the process ends with `CLEAR` when it cannot go on and says in Chinese what to do."""
    try:
        run_exports(home, exports, progress)
    except mendable() as error:
        os._exit(CLEAR if remedy_for(error) or "请" in str(error) else UNCLEAR)


def copy_home(source: Path, target: Path) -> None:
    """Copy a home, hard links among its files included."""
    if target.exists():
        shutil.rmtree(target)
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(target)], check=True)


def what_readers_see(home: Path) -> dict[str, Any]:
    """What is seen by readers who open nothing of the pool: rows of the tables in Parquet and of the share's database.

    Raises AssertionError, OSError, duckdb.Error when they see what is not one whole release.
    """
    release = int((home / "releases" / "current").read_text())
    share = int((home / "shares" / SHARE / "current").read_text())
    assert release <= share <= release + 1, f"release {release}, share {share}"
    assert (home / "releases" / str(share) / "manifest.json").is_file(), f"the share is ahead of release {share}, which is not whole"
    with duckdb.connect(str(home / "shares" / SHARE / str(share) / "datapool.duckdb"), read_only=True) as database:
        names = [name for (name,) in database.execute("SELECT table_name FROM duckdb_tables() WHERE schema_name = 'pool'").fetchall()]
        in_share = {name: database.execute(f"SELECT count(*) FROM pool.{name}").fetchone() for name in sorted(names)}
        tables = home / "releases" / str(release) / "pool"
        files = sorted({path.relative_to(tables).parts[0] for path in tables.rglob("*.parquet")})
        rows = {name: _rows(database, tables / name) for name in files}
    return {"release": release, "rows": rows, "share": share, "in_share": in_share}


def _rows(connection: duckdb.DuckDBPyConnection, path: Path) -> Any:
    pattern = path / "**" / "*.parquet" if path.is_dir() else path
    return connection.execute(f"SELECT count(*) FROM read_parquet('{pattern}')").fetchone()


def seen_in(setting: Setting, home: Path) -> str:
    """`old` or `new`, where readers of release and share see just that; else what is wrong."""
    try:
        seen = what_readers_see(home)
    except (AssertionError, OSError, ValueError, duckdb.Error) as cause:
        return f"readers: {type(cause).__name__}: {cause}"
    for each in ("release", "share"):
        keys = (each, "rows" if each == "release" else "in_share")
        part = [seen[key] for key in keys]
        if part not in ([setting.old[key] for key in keys], [setting.new[key] for key in keys]):
            return f"readers of the {each} see neither the old nor the new release: {part}"
    return "old" if seen["release"] == setting.old["release"] else "new"


def faults_after_re_run(setting: Setting, home: Path) -> list[str]:
    """Run the same exports again: how the home then differs from that of an undisturbed run."""
    run(context_at(home, run=RE_RUN), setting.exports)
    faults = [f"{each} differ: {got} for {setting.end[each]}" for each, got in _end(home).items() if got != setting.end[each]]
    if seen_in(setting, home) != "new":
        faults.append(f"after the re-run: {seen_in(setting, home)}")
    faults += [f"verify: {finding.kind} {finding.path} {finding.message}" for finding in verify(Pool.open(home))]
    left = sorted(str(path.relative_to(home)) for pattern in ("*.part", "*.lock", "*.removed*") for path in home.rglob(pattern))
    return faults + [f"left behind: {name}" for name in left]


def _end(home: Path) -> dict[str, Any]:
    """All that counts, in the form of JSON: without times, runs and what tells of the disturbance itself."""
    pool = Pool.open(home)
    current = pool.releases.current()
    assert current is not None
    manifest = pool.releases.manifest(current)
    return {
        "tables": {table: facts["content_hash"] for table, facts in manifest["tables"].items()},
        "inputs": manifest["inputs"],
        "releases": pool.releases.numbers(),
        "outcomes": [[each.batch, each.outcome, each.reason, each.rows] for each in pool.ledger.outcomes(current)],
        "batches": [[each.batch, each.status, str(each.counts)] for each in pool.ledger.batches()],
        "raw": pool.raw.hashes(),
        "receipts": pool.receipts.batches(),
        "sealed": pool.batches.names(),
        "noted releases": [each.release for each in pool.ledger.releases()],
        "audit": sorted(
            [*key, times]
            for key, times in Counter((each.action, each.object) for each in pool.audit.records() if each.action != "run").items()
        ),
    }


def use_own_key(folder: Path) -> None:
    """Let runs use a key of this folder, and nothing of the user's surroundings."""
    for name in [name for name in os.environ if name.startswith("DATAPOOL_")]:
        del os.environ[name]
    os.environ["DATAPOOL_KEY_FILE"] = str(folder / "pseudonym.key")
