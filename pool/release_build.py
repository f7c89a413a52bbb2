"""A release while it is built: where its parts go, and what it takes over from the one before without copying."""

import os
from dataclasses import dataclass
from pathlib import Path

from pool.errors import PoolError
from pool.files import make_folder
from pool.paths import PRIVATE_FOLDER_MODE

TABLES = "pool"
REPORT = "report"
QUALITY = "quality"


@dataclass(frozen=True, slots=True)
class ReleaseBuild:
    """A release being built in `folder` (releases/<n>.part, with the folders pool/, quality/ and report/), from `previous` if there is one."""

    number: int
    folder: Path
    previous: int | None
    previous_folder: Path | None

    @property
    def tables(self) -> Path:
        """Where its tables go: `<table>.parquet`, or a folder `<table>/` of Parquet files."""
        return self.folder / TABLES

    @property
    def quality(self) -> Path:
        """Where the results of its rules and its scores go."""
        return self.folder / QUALITY

    @property
    def report(self) -> Path:
        """Where its report goes."""
        return self.folder / REPORT

    def link_unchanged(self, table: str) -> list[Path]:
        """Take over all files of a table from the previous release without copying; returns the files, none when it had no such table."""
        if self.previous_folder is None:
            return []
        tables = self.previous_folder / TABLES
        files = [path for path in (tables / f"{table}.parquet", *sorted((tables / table).rglob("*"))) if path.is_file()]
        return [self.link_file(path.relative_to(self.previous_folder)) for path in files]

    def link_file(self, relative: Path) -> Path:
        """Take over one file, for instance `pool/event/2024-06.parquet`, from the previous release without copying."""
        if self.previous_folder is None:
            raise PoolError(f"发布 {self.number} 没有上一个发布，无法沿用文件 {relative}。")
        target = self.folder / relative
        make_folder(target.parent, PRIVATE_FOLDER_MODE)
        target.unlink(missing_ok=True)
        os.link(self.previous_folder / relative, target)
        return target


def make_parts(folder: Path) -> None:
    """Make the folder of a release with those of its parts."""
    for each in (folder, folder / TABLES, folder / QUALITY, folder / REPORT):
        each.mkdir(mode=PRIVATE_FOLDER_MODE)
