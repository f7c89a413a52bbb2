"""Address results, kept by version of the library and of the rules: files are added, never changed."""

from contextlib import AbstractContextManager
from pathlib import Path

from pool.files import check_name, make_folder, part_file
from pool.paths import PRIVATE_FOLDER_MODE


class Matches:
    """Folders matches/<library version>/<rule version> of Parquet files."""

    def __init__(self, root: Path, parts: Path) -> None:
        self._root = root
        self._parts = parts

    def folder(self, library_version: str, rule_version: str) -> Path:
        """The folder of one pair of versions; made when missing."""
        folder = self._root / check_name(library_version) / check_name(rule_version)
        make_folder(folder, PRIVATE_FOLDER_MODE)
        return folder

    def path(self, library_version: str, rule_version: str, name: str) -> Path:
        """Where one file of results rests; `name` is usually a batch."""
        return self.folder(library_version, rule_version) / f"{check_name(name)}.parquet"

    def adding(self, library_version: str, rule_version: str, name: str) -> AbstractContextManager[Path]:
        """A path to write results to; on success it gets its place at once, on failure it goes."""
        return part_file(self._parts, self.path(library_version, rule_version, name))

    def holds(self, library_version: str, rule_version: str, name: str) -> bool:
        """Whether there are results under this name."""
        return self.path(library_version, rule_version, name).is_file()

    def files(self, library_version: str, rule_version: str) -> list[Path]:
        """The files of one pair of versions, sorted."""
        return sorted(self.folder(library_version, rule_version).glob("*.parquet"))

    def libraries(self, rule_version: str) -> list[str]:
        """The library versions with results by these rules, the one written to last first."""
        folders = [file.parent for file in self._root.glob(f"*/{check_name(rule_version)}/*.parquet")]
        written = {folder: folder.stat().st_mtime_ns for folder in folders}
        return [folder.parent.name for folder in sorted(written, key=lambda folder: (-written[folder], folder))]
