"""The pool: one object through which everything below the data home is read and written."""

import uuid
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Self

import pyarrow as pa

from pool.audit import AuditLog
from pool.files import file_sha256, make_folder, remove_dead_parts
from pool.folders import PartFolders, SealedFolders
from pool.inbox import Inbox
from pool.ledger import Ledger
from pool.locks import LOCK_SECONDS, FileLock, remove_dead_locks
from pool.matches import Matches
from pool.paths import MANIFEST, PRIVATE_FOLDER_MODE, SHARED_FOLDER_MODE, PoolPaths
from pool.raw import RawStore
from pool.reading import reading
from pool.receipts import Receipts
from pool.releases import Releases
from pool.replacing import settle_replacements
from pool.shares import Shares


class Pool:
    """The data home of one installation; open one per process."""

    def __init__(self, paths: PoolPaths, ledger: Ledger) -> None:
        self.paths = paths
        self.ledger = ledger
        self.inbox = Inbox(paths.inbox)
        self.raw = RawStore(paths.raw, paths.parts)
        self.receipts = Receipts(paths.receipts, paths.parts, self.raw)
        self.batches = SealedFolders(paths.batches, paths.locks)
        self.library = SealedFolders(paths.library, paths.locks)
        self._spills = PartFolders(paths.parts, paths.locks)
        self.matches = Matches(paths.matches, paths.parts, ledger)
        self.shares = Shares(paths.shares, paths.locks)
        self.audit = AuditLog(paths.audit, paths.locks, ledger)
        self._publisher = FileLock(paths.locks / "publisher.lock", "")
        self.releases = Releases(paths.releases, self.shares, ledger, self.audit, self._publisher)

    @classmethod
    def open(cls, home: Path, *, ledger_url: str | None = None, shares: Path | None = None) -> Self:
        """Open a data home, made when missing; removes files whose writers were killed.

        `ledger_url` is a SQLAlchemy URL of a PostgreSQL database in the place of ledger.sqlite, `shares` a folder in the place of shares/.
        Raises PoolError when the ledger cannot be opened.
        """
        home = home.absolute()
        paths = PoolPaths(home, (shares or home / "shares").absolute())
        make_folder(home, PRIVATE_FOLDER_MODE)
        home.chmod(PRIVATE_FOLDER_MODE)
        for folder in paths.private_folders():
            make_folder(folder, PRIVATE_FOLDER_MODE)
        make_folder(paths.shares, SHARED_FOLDER_MODE)
        pool = cls(paths, Ledger.open(ledger_url, paths.ledger_file))
        pool._tidy()
        return pool

    def _tidy(self) -> None:
        """Remove or complete what killed processes left unfinished."""
        settle_replacements(self.paths.releases)
        self.shares.settle_replacements()
        remove_dead_parts(self.paths.parts)
        remove_dead_locks(self.paths.locks)
        self._spills.remove_dead_parts()
        self.batches.remove_dead_parts()
        self.library.remove_dead_parts()
        for sha256 in self.raw.half_redacted():
            self._complete_redaction(sha256)

    @property
    def home(self) -> Path:
        """The data home."""
        return self.paths.home

    def publisher_lock(self, timeout: float = LOCK_SECONDS, *, holder: str = "datapool") -> AbstractContextManager[None]:
        """Hold the one right to publish for the body; the kernel takes it back when the process dies.

        Raises PoolBusy, naming the holder, when it is not free within `timeout` seconds.
        """
        self._publisher.holder = holder
        return self._publisher.hold(timeout)

    def dataset_lock(self, contract: str, timeout: float = LOCK_SECONDS, *, holder: str = "datapool") -> AbstractContextManager[None]:
        """Hold the right to judge, and to forget how they were judged, the batches of one dataset for the body.

        Raises PoolBusy, naming the holder, when it is not free within `timeout` seconds.
        """
        return FileLock(self.paths.locks / f"dataset-{contract}.lock", holder).hold(timeout)

    def reading(self) -> AbstractContextManager[None]:
        """Hold off, for the body, whoever would retire batches, raw files, address results or libraries."""
        return reading(self.paths.batches)

    def note_folder(self, folders: SealedFolders, name: str) -> None:
        """Let the ledger note the manifest of a sealed folder, so that one made to fit changed files is told from it."""
        path = folders.folder(name) / MANIFEST
        self.ledger.note_file(path.relative_to(self.home).as_posix(), file_sha256(path))

    def receiving_lock(self, batch: str) -> AbstractContextManager[None]:
        """Hold the right to note the receipt of a batch for the body, which takes moments; of two who receive it at once one finds it known."""
        return FileLock(self.paths.locks / f"receive-{batch}.lock", "正在接收同一文件的任务").hold()

    def pulling_lock(self, contract: str) -> AbstractContextManager[None]:
        """Hold the right to pull the files of a dataset for the body. Raises PoolBusy."""
        return FileLock(self.paths.locks / f"pull-{contract}.lock", "正在拉取同一数据集的任务").hold()

    def spill(self) -> AbstractContextManager[Path]:
        """An empty private folder for what a step cannot hold in memory; it goes with the body, or at the next opening after a kill."""
        return self._spills.lent(uuid.uuid4().hex)

    def redact(self, sha256: str, rows: Iterable[pa.RecordBatch], *, reason: str, actor: str, now: datetime) -> None:
        """Replace a raw file by its rows as text without what may not rest here.

        The rows take its place at once; then its receipts say so, the audit log says so, and the bytes received go. Killed in between, this
        is completed at the next opening.
        """
        self.raw.replace_by_rows(sha256, rows, reason=reason, actor=actor, at=now)
        self._complete_redaction(sha256)

    def _complete_redaction(self, sha256: str) -> None:
        last = self.raw.redactions(sha256)[-1]
        self.receipts.renew_redactions(sha256)
        self.audit.append("raw.redact", sha256, last.actor, "done", last.at, {"reason": last.reason, "rows": last.rows})
        self.raw.drop_original(sha256)
