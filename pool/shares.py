"""Shares: what each group of readers gets of a release, beside the shares of the releases before."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from pool.errors import PoolError
from pool.files import SAFE_NAME, check_name, describe_files, file_sha256, finish_folder
from pool.folders import SealedFolders
from pool.paths import CURRENT, MANIFEST, SHARED_FILE_MODE, SHARED_FOLDER_MODE
from pool.pointer import Pointer
from pool.reading import reading
from pool.replacing import fresh_folder, replace_folder, settle_replacements


class Shares:
    """Folders shares/<share>/<release>, readable by the group of their root folder."""

    def __init__(self, root: Path, locks: Path) -> None:
        self._root = root
        self._locks = locks

    def names(self) -> list[str]:
        """The shares there are, sorted; the folder may hold other things that are not ours."""
        return sorted(path.name for path in self._root.glob("*/") if SAFE_NAME.fullmatch(path.name))

    def folder(self, share: str, release: int) -> Path:
        """Where the share of a release rests."""
        return self._folders(share).folder(str(release))

    def current(self, share: str) -> int | None:
        """The release the readers of a share see, None before their first."""
        return self._pointer(share).read()

    def is_sealed(self, share: str, release: int) -> bool:
        """Whether the share of a release is there, whole."""
        return self._folders(share).is_sealed(str(release))

    @contextmanager
    def reading(self, share: str, release: int) -> Iterator[Path]:
        """The folder of the share of a release, which is not retired while the body runs; raises FileNotFoundError when it is not there."""
        folder = self.folder(share, release)
        with reading(folder / MANIFEST):
            yield folder

    def building(self, share: str, release: int) -> AbstractContextManager[Path]:
        """An empty folder to fill; its readers see it when the release is committed. One finished before, by a killed run, is an error."""
        return self._folders(share).building(str(release))

    def manifest_sha256(self, share: str, release: int) -> str:
        """SHA-256 of the manifest of a finished share; raises PoolError when it is not finished."""
        if not self.is_sealed(share, release):
            raise PoolError(f"共享 {share} 的发布 {release} 还没有写完，不能发布。请先完成 serve。")
        return file_sha256(self.folder(share, release) / MANIFEST)

    def replace(self, share: str, release: int) -> None:
        """Let what was built in `fresh_folder` take the place of the share of a release."""
        final = self.folder(share, release)
        fresh = fresh_folder(final)
        finish_folder(fresh, {"files": describe_files(fresh)}, file_mode=SHARED_FILE_MODE, folder_mode=SHARED_FOLDER_MODE)
        replace_folder(final)

    def settle_replacements(self) -> None:
        """See pool.replacing."""
        for share in self.names():
            settle_replacements(self._root / share)

    def point_all(self, release: int, shares: set[str]) -> None:
        """Let the readers of these shares see a release, and those of all other shares nothing."""
        for share in self.names():
            if share in shares:
                self._pointer(share).write(release)
            else:
                self._pointer(share).clear()

    def remove(self, share: str, release: int) -> None:
        """Remove the share of a release."""
        self._folders(share).remove(str(release))

    def remove_release(self, release: int) -> None:
        """Remove the shares of one release."""
        for share in self.names():
            self._folders(share).remove(str(release))

    def remove_dead_parts(self) -> None:
        """Remove the unfinished and half removed shares of killed processes."""
        for share in self.names():
            self._folders(share).remove_dead_parts()

    def remove_orphans(self, releases: set[int]) -> None:
        """Remove unfinished shares and those of releases that never came to be."""
        self.remove_dead_parts()
        for share in self.names():
            folders = self._folders(share)
            for name in folders.names():
                is_ours = name.isdecimal() and (folders.folder(name) / MANIFEST).is_file()
                if is_ours and int(name) not in releases:
                    folders.remove(name)

    def _folders(self, share: str) -> SealedFolders:
        return SealedFolders(self._root / check_name(share), self._locks, folder_mode=SHARED_FOLDER_MODE, file_mode=SHARED_FILE_MODE)

    def _pointer(self, share: str) -> Pointer:
        return Pointer(self._root / check_name(share) / CURRENT, SHARED_FILE_MODE)
