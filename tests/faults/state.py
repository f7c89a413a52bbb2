"""What a killed process left, as one digest: equal where a re-run would find the same files and the same ledger."""

import hashlib
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

LARGE = 1 << 20
"""Larger files, those of the address library, are told apart by size and time."""
RANDOM_NAME = re.compile(r"[0-9a-f]{32}")
SCRATCH = "parts"
VOLATILE = {"stage": ("seconds",), "run": ("finished_at",)}
"""Columns of the ledger that hold the time taken."""


def state_of(home: Path) -> str:
    """Digest of all names, modes and contents; of locks the name, of the ledger what it says once SQLite has recovered it.

    Of scratch space, which the next opening removes unread, it tells only that there is some.
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(home.rglob("*")):
        if path.relative_to(home).parts[0] == SCRATCH and path.parent.name != SCRATCH:
            continue
        status = path.lstat()
        digest.update(f"{RANDOM_NAME.sub('*', str(path.relative_to(home)))} {status.st_mode} {status.st_nlink}\n".encode())
        if not path.is_file() or path.suffix == ".lock" or path.name.startswith("ledger.sqlite"):
            continue
        digest.update(f"{status.st_size} {status.st_mtime_ns}".encode() if status.st_size > LARGE else path.read_bytes())
    for line in _ledger_lines(home):
        digest.update(line.encode())
    return digest.hexdigest()


def _ledger_lines(home: Path) -> Iterator[str]:
    with tempfile.TemporaryDirectory(dir=home.parent) as folder:
        for path in home.glob("ledger.sqlite*"):
            shutil.copy(path, folder)
        connection = sqlite3.connect(Path(folder, "ledger.sqlite"))
        try:
            yield str(connection.execute("PRAGMA integrity_check").fetchall())
            for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall():
                columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})") if row[1] not in VOLATILE.get(table, ())]
                yield from (f"{table} {row}" for row in connection.execute(f"SELECT {', '.join(columns)} FROM {table}"))
        finally:
            connection.close()
