"""Address results, kept by version of the library and of the rules: files are added, never changed."""

import json
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from pool.files import check_name, file_sha256, make_folder, part_file
from pool.ledger import Ledger
from pool.paths import PRIVATE_FOLDER_MODE

BELOW = b"datapool.below"
"""In the metadata of a file: the libraries upon whose files it stands."""


class Layer(NamedTuple):
    """A file of results, made by a library, and how high it lies: of two with results for one input, the higher one counts."""

    library: str
    path: Path
    height: int


class Matches:
    """Folders matches/<library version>/<rule version> of Parquet files.

    A file may stand upon files of the same name that other libraries have: their results hold by this one too, but for those it has itself.
    It names them in its metadata, so that results are stored once, whatever becomes of the library.
    """

    def __init__(self, root: Path, parts: Path, ledger: Ledger) -> None:
        self._root = root
        self._parts = parts
        self._ledger = ledger

    def folder(self, library_version: str, rule_version: str) -> Path:
        """The folder of one pair of versions; made when missing."""
        folder = self._root / check_name(library_version) / check_name(rule_version)
        make_folder(folder, PRIVATE_FOLDER_MODE)
        return folder

    def add(self, library_version: str, rule_version: str, name: str, results: pa.Table, *, below: Sequence[str] = ()) -> None:
        """Keep results under a name, usually that of a batch; nothing happens if there are some already.

        below: the versions of the libraries upon whose files of this name these results stand, the lowest first.
        """
        self.folder(library_version, rule_version)
        path = self._path(library_version, rule_version, name)
        metadata = {**(results.schema.metadata or {}), BELOW: json.dumps(list(below)).encode()}
        is_broken = path.is_file() and not self.holds(library_version, rule_version, name)
        with part_file(self._parts, path, replacing=is_broken) as part:
            pq.write_table(results.replace_schema_metadata(metadata), part, compression="zstd")
            if is_broken or not path.is_file():
                self._ledger.note_file(self.note_of(path), file_sha256(part))

    def holds(self, library_version: str, rule_version: str, name: str) -> bool:
        """Whether there are results under this name, and all that they stand upon."""
        path = self._path(library_version, rule_version, name)
        return path.is_file() and all(layer.path.is_file() for layer in self.layers_of(library_version, rule_version, name))

    def names(self, library_version: str, rule_version: str) -> list[str]:
        """The names under which a pair of versions has results, sorted."""
        folder = self._root / check_name(library_version) / check_name(rule_version)
        names = sorted(path.stem for path in folder.glob("*.parquet"))
        return [name for name in names if self.holds(library_version, rule_version, name)]

    def layers(self, library_version: str, rule_version: str) -> list[Layer]:
        """All files of a pair of versions, those of other libraries upon which they stand included."""
        names = self.names(library_version, rule_version)
        return [layer for name in names for layer in self.layers_of(library_version, rule_version, name)]

    def layers_of(self, library_version: str, rule_version: str, name: str) -> list[Layer]:
        """The files of one name, the lowest first and that of the library itself last."""
        metadata = pq.read_schema(self._path(library_version, rule_version, name)).metadata or {}
        versions = [*json.loads(metadata.get(BELOW, b"[]")), library_version]
        return [Layer(version, self._path(version, rule_version, name), height) for height, version in enumerate(versions)]

    def libraries(self, rule_version: str, name: str) -> list[str]:
        """The libraries with results by these rules: those with results under this name first, and last written first."""
        files = sorted(self._root.glob(f"*/{check_name(rule_version)}/*.parquet"), key=lambda path: -path.stat().st_mtime_ns)
        files.sort(key=lambda path: path.stem != name)
        return list(dict.fromkeys(path.parts[-3] for path in files))

    def unused(self, libraries: Collection[str], rules: str) -> list[Path]:
        """Files by other rules or libraries than these, upon which none of theirs stands; sorted."""
        files = set(self._root.glob("*/*/*.parquet"))
        used = {path for path in files if path.parts[-3] in libraries and path.parts[-2] == rules}
        below = {layer.path for path in used for layer in self.layers_of(path.parts[-3], rules, path.stem)}
        return sorted(files - used - below)

    def remove(self, files: Iterable[Path]) -> None:
        """Remove files that are not used, and the folders that are empty then."""
        for path in files:
            path.unlink(missing_ok=True)
            for folder in path.parents[:2]:
                with suppress(OSError):  # it holds other files
                    folder.rmdir()

    def files(self) -> list[Path]:
        """All files of results, sorted."""
        return sorted(self._root.glob("*/*/*.parquet"))

    def note_of(self, path: Path) -> str:
        """Under which name the ledger notes a file."""
        return path.relative_to(self._root.parent).as_posix()

    def replace(self, path: Path, results: pa.Table) -> None:
        """Write a file anew with fewer results; only an erasure does so."""
        with part_file(self._parts, path) as part:
            pq.write_table(results, part, compression="zstd")
            self._ledger.note_file(self.note_of(path), file_sha256(part))

    def _path(self, library_version: str, rule_version: str, name: str) -> Path:
        return self._root / check_name(library_version) / check_name(rule_version) / f"{check_name(name)}.parquet"
