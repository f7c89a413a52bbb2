"""What may befall a run beside a kill: each trial disturbs one, mends the cause, runs again, and returns what was wrong."""

import contextlib
import os
import pwd
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq

from cli.mendable import mendable
from flow.context import open_context
from flow.progress import Progress, silent
from flow.query import share_database
from flow.receive import DAMAGED_FILE
from flow.run import run
from pool import Pool, PoolError, ledger_engine
from pool.files import remove_folder
from pool.machine import in_words
from pool.verify import verify
from tests.faults.children import fork, wait
from tests.faults.setting import Setting, copy_home, faults_after_re_run, run_exports, seen_in
from tests.small_exports import NOW, ORGANISATIONS, context_at, organisations, write_export

SPARE_BYTES = 400_000
"""Free space of the small disk: enough to receive and check, not for a release."""


def told(home: Path, exports: Path, progress: Progress = silent) -> str:
    """What a run tells the user that cannot go on; empty when it can."""
    try:
        run_exports(home, exports, progress)
    except mendable() as error:
        return in_words(error)
    return ""


def faults_of(setting: Setting, home: Path, message: str, *wanted: str) -> list[str]:
    """After a run that told a message: was it clear, did the last release stand, was no batch blamed, does a re-run end the same?"""
    faults = [f"the message lacks {words}: {message}" for words in wanted if words not in message]
    if seen_in(setting, home) != "old":
        faults.append(f"readers see {seen_in(setting, home)}")
    blamed = [entry.batch for status in ("failed", "blocked") for entry in Pool.open(home).ledger.batches(status=status)]
    return faults + [f"blamed: {batch}" for batch in blamed] + faults_after_re_run(setting, home)


def own_home(setting: Setting, folder: Path) -> Path:
    copy_home(setting.before, folder / "home")
    return folder / "home"


@contextlib.contextmanager
def mounted(*mounts: list[str], at: Path) -> Iterator[None]:
    """Mount for the body; raises PermissionError where that is not permitted."""
    if subprocess.run(["mount", *mounts[0], str(at)], capture_output=True, check=False).returncode:
        raise PermissionError("mount is not permitted")
    try:
        for further in mounts[1:]:
            subprocess.run(["mount", *further, str(at)], check=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(at)], check=True)


def disk_full(setting: Setting, folder: Path) -> list[str]:
    disk = folder / "disk"
    disk.mkdir()
    used = sum(path.stat().st_size + 4096 for path in setting.before.rglob("*"))
    with mounted(["-t", "tmpfs", "-o", f"size={used + SPARE_BYTES}", "tmpfs"], at=disk):
        home = own_home(setting, disk)
        message = told(home, setting.exports)
        left = [str(path) for path in (home / "releases").glob("*.part")]
        subprocess.run(["mount", "-o", "remount,size=1g", str(disk)], check=True)
        return [*left, *faults_of(setting, home, message, "磁盘已满", "腾出空间", "重新运行")]


def read_only_disk(setting: Setting, folder: Path) -> list[str]:
    home = own_home(setting, folder)
    with mounted(["--bind", str(home)], ["-o", "remount,ro,bind"], at=home):
        message = told(home, setting.exports)
        while_read_only = [] if seen_in(setting, home) == "old" else ["readers cannot read"]
    return while_read_only + faults_of(setting, home, message, "只读", "重新运行")


def foreign_folder(setting: Setting, folder: Path) -> list[str]:
    """Run as another user, whom the home does not belong to."""
    home = own_home(setting, folder)
    note = folder / "message"
    note.touch()
    note.chmod(0o666)
    for parent in (folder, *folder.parents):
        if parent.stat().st_uid == os.geteuid() and parent != Path("/"):
            parent.chmod(0o755)

    def as_nobody() -> None:
        os.setgroups([])
        os.setgid(pwd.getpwnam("nobody").pw_gid)
        os.setuid(pwd.getpwnam("nobody").pw_uid)
        note.write_text(told(home, setting.exports), encoding="utf-8")

    wait(fork(as_nobody))
    return faults_of(setting, home, note.read_text(encoding="utf-8"), "请核对目录的属主、权限", "重新运行")


def ledger_locked(setting: Setting, folder: Path) -> list[str]:
    """Another program holds the ledger for longer than a run waits for it."""
    home = own_home(setting, folder)
    ledger_engine.PATIENCE_SECONDS = 1.0
    holder = sqlite3.connect(home / "ledger.sqlite", isolation_level=None)

    def hold(step: str, done: int, _all: int) -> None:
        if (step, done) == ("归集实体", 0):
            holder.execute("BEGIN IMMEDIATE")

    message = told(home, setting.exports, hold)
    holder.rollback()
    holder.close()
    return faults_of(setting, home, message, "台账被别的程序占用", "重试")


def ledger_locked_for_a_moment(setting: Setting, folder: Path) -> list[str]:
    home = own_home(setting, folder)
    holders: list[int] = []

    def hold_for_a_second() -> None:
        with contextlib.closing(sqlite3.connect(home / "ledger.sqlite", isolation_level=None)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            subprocess.run(["sleep", "1"], check=True)

    def hold(step: str, done: int, _all: int) -> None:
        if (step, done) == ("归集实体", 0):
            holders.append(fork(hold_for_a_second))

    message = told(home, setting.exports, hold)
    faults = [message, f"holder: {wait(holders[0])}"] if message or wait(holders[0]) else []
    return faults + faults_after_re_run(setting, home)


def raw_file_damaged(setting: Setting, folder: Path, how: str) -> list[str]:
    """Between receipt and check the stored file is damaged or lost; then it is restored, or delivered again."""
    home = own_home(setting, folder)
    raw = home / "raw"
    known = {path.name for path in raw.iterdir()}
    whole: dict[Path, bytes] = {}

    def damage(step: str, done: int, _all: int) -> None:
        if (step, done) != ("检查（字节）", 0):
            return
        [path] = [path for path in raw.iterdir() if path.name not in known]
        whole[path] = path.read_bytes()
        path.chmod(0o600)
        if how == "lost":
            path.unlink()
        else:
            content = bytearray(whole[path])
            content[len(content) // 2] ^= 1
            path.write_bytes(content)

    message = told(home, setting.exports, damage)
    faults = [message] if message else []
    pool = Pool.open(home)
    problems = [problem.cause for problem in pool.ledger.problems() if problem.kind == DAMAGED_FILE]
    if not problems or not all(words in problems[0] for words in ("损坏", "没有读入任何一行", "备份", "重新运行")):
        faults.append(f"problems: {problems}")
    if how == "restored":
        for path, content in whole.items():
            path.write_bytes(content)
    return faults + faults_of(setting, home, "")


def two_runs_at_once(setting: Setting, folder: Path) -> list[str]:
    home = own_home(setting, folder)
    notes = [folder / f"message-{number}" for number in (1, 2)]

    def one_run(number: int) -> None:
        try:
            run(context_at(home, run=f"run-at-once-{number}"), setting.exports)
            notes[number].write_text("", encoding="utf-8")
        except mendable() as error:
            notes[number].write_text(in_words(error), encoding="utf-8")

    children = [fork(lambda number=number: one_run(number)) for number in (0, 1)]
    codes = [wait(child) for child in children]
    messages = [note.read_text(encoding="utf-8") for note in notes if note.exists()]
    faults = [f"exit codes {codes}"] if any(codes) else []
    if all(messages) and seen_in(setting, home) != "new":
        faults.append(f"neither came through: {messages}")
    faults += [f"unclear: {message}" for message in messages if message and not ("请" in message and "重" in message)]
    return faults + faults_after_re_run(setting, home)


def clock_set_back(setting: Setting, folder: Path) -> list[str]:
    """A correction of the same period comes when the clock has been set back a year: it counts, as what came last."""
    home = own_home(setting, folder)
    run_exports(home, setting.exports)
    corrected = organisations(4)
    corrected[0] |= {"name": "瑞安市更正书画协会"}
    write_export(folder / "correction", ORGANISATIONS, corrected, period="20250701")
    earlier = context_at(home, now=NOW - timedelta(days=365), run="run-earlier")
    number = run(earlier, folder / "correction")
    names = _names(home)
    faults = [] if number == 3 else [f"release {number}"]
    if "瑞安市更正书画协会" not in names:
        faults.append(f"the correction does not count: {names}")
    records = list(earlier.pool.audit.records())
    if [record.number for record in records] != list(range(1, len(records) + 1)):
        faults.append("the audit log has lost its order")
    return faults + _findings(earlier.pool)


def reader_of_a_removed_release(setting: Setting, folder: Path) -> list[str]:
    """Who has an old release open reads it to the end, when it is removed meanwhile; who opens it then is told."""
    home = own_home(setting, folder)
    with duckdb.connect(str(home / "shares" / "analyst" / "1" / "datapool.duckdb"), read_only=True) as held:
        before = held.execute("SELECT * FROM pool.organisation ORDER BY ALL").fetchall()
        file = pq.ParquetFile(home / "releases" / "1" / "pool" / "address.parquet")
        rows = file.metadata.num_rows
        run_exports(home, setting.exports)
        context = open_context(home, now=NOW, run="run-removing")
        with context.pool.publisher_lock():
            context.pool.shares.remove_release(1)
            remove_folder(context.pool.releases.folder(1))
        faults = [] if held.execute("SELECT * FROM pool.organisation ORDER BY ALL").fetchall() == before else ["the share has changed"]
        if file.read().num_rows != rows:
            faults.append("the Parquet file has changed")
    try:
        share_database(context.pool, release=1)
        faults.append("a release that is gone is found")
    except PoolError as cause:
        faults += [] if "没有发布 1" in str(cause) and "[2]" in str(cause) else [str(cause)]
    return faults


def _names(home: Path) -> list[str]:
    current = (home / "releases" / "current").read_text().strip()
    names: list[str] = pq.read_table(home / "releases" / current / "pool" / "organisation.parquet").column("name").to_pylist()
    return names


def _findings(pool: Pool) -> list[str]:
    return [finding.message for finding in verify(pool)]
