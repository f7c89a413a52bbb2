"""Folders that are written once: `<name>.part` while being filled, `<name>` from then on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pool.errors import AlreadySealed
from pool.files import check_name, describe_files, flush_folder, make_folder, remove_folder, seal_folder
from pool.locks import LOCK_SECONDS, FileLock
from pool.paths import PART, PRIVATE_FILE_MODE, PRIVATE_FOLDER_MODE


class PartFolders:
    """Folders `<name>.part` below one root, each under the lock of the process that fills it."""

    def __init__(self, root: Path, locks: Path, *, folder_mode: int = PRIVATE_FOLDER_MODE) -> None:
        self.root = root
        self._locks = locks
        self._folder_mode = folder_mode

    @contextmanager
    def lent(self, name: str, timeout: float = LOCK_SECONDS) -> Iterator[Path]:
        """An empty folder for the body, gone after it; raises PoolBusy when another holds it for `timeout` seconds."""
        part = self.root / f"{check_name(name)}{PART}"
        make_folder(self.root, self._folder_mode)
        with self._lock(name).hold(timeout):
            remove_folder(part)
            part.mkdir(mode=self._folder_mode)
            try:
                yield part
            finally:
                remove_folder(part)

    def remove_dead_parts(self) -> None:
        """Remove the folders whose holders were killed."""
        for part in self.root.glob(f"*{PART}/"):
            lock = self._lock(part.stem)
            if not lock.try_hold():
                continue
            try:
                remove_folder(part)
            finally:
                lock.release()

    def _lock(self, name: str) -> FileLock:
        return FileLock(self._locks / f"{self.root.name}-{name}.lock", f"正在写 {self.root.name}/{name} 的任务")


class SealedFolders(PartFolders):
    """The sealed folders below one root; each gets a manifest.json with SHA-256 and size of its files."""

    def __init__(self, root: Path, locks: Path, *, folder_mode: int = PRIVATE_FOLDER_MODE, file_mode: int = PRIVATE_FILE_MODE) -> None:
        super().__init__(root, locks, folder_mode=folder_mode)
        self._file_mode = file_mode

    def folder(self, name: str) -> Path:
        """Where the folder rests, or will once it is sealed."""
        return self.root / check_name(name)

    def is_sealed(self, name: str) -> bool:
        """Whether the folder is there, whole."""
        return self.folder(name).is_dir()

    def names(self) -> list[str]:
        """The names of the sealed folders, sorted."""
        return sorted(path.name for path in self.root.glob("*/") if path.suffix != PART)

    @contextmanager
    def building(self, name: str, timeout: float = LOCK_SECONDS) -> Iterator[Path]:
        """An empty folder to fill; sealed at once under its name when the body succeeds, removed when it fails.

        Raises AlreadySealed when the name is taken, PoolBusy when another process has been building the same folder for `timeout` seconds.
        """
        final = self.folder(name)
        with self.lent(name, timeout) as part:
            if final.is_dir():
                raise AlreadySealed(f"{final} 已经写成，不再改动；请直接使用，或换一个新的名称。")
            yield part
            manifest = {"files": describe_files(part)}
            seal_folder(part, final, manifest, file_mode=self._file_mode, folder_mode=self._folder_mode)

    def remove(self, name: str) -> None:
        """Remove a sealed folder that nothing points to."""
        if self.is_sealed(name):
            remove_folder(self.folder(name))
            flush_folder(self.root)
