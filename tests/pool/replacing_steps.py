"""Steps for processes that are killed while they replace a release."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pool import Pool, replacing
from pool.files import files_in, make_folder, remove_folder
from pool.paths import PRIVATE_FOLDER_MODE
from pool.replacing import fresh_folder
from tests.pool.small_pool import SHARE

NOW = datetime(2025, 7, 2, tzinfo=UTC)
NEW = pa.table({"name": ["某某"]})


def replace_release(home: Path) -> None:
    """Let another table of persons stand in release 1 and in its share."""
    pool = Pool.open(home)
    with pool.publisher_lock():
        manifest = pool.releases.manifest(1)
        for folder in (pool.shares.folder(SHARE, 1), pool.releases.folder(1)):
            _build(folder)
            if folder == pool.releases.folder(1):
                tables = {"person": {**manifest["tables"]["person"], "rows": NEW.num_rows}}
                pool.releases.replace(1, {**manifest, "tables": {**manifest["tables"], **tables}})
            else:
                pool.shares.replace(SHARE, 1)
        pool.releases.note_manifest(1, actor="测试", now=NOW)


def replace_release_without_exchange(home: Path) -> None:
    """The same where the file system cannot exchange folders."""
    replacing.exchange = lambda one, other: False
    replace_release(home)


def _build(folder: Path) -> None:
    fresh = fresh_folder(folder)
    remove_folder(fresh)
    make_folder(fresh, PRIVATE_FOLDER_MODE)
    for path in files_in(folder):
        target = fresh / path.relative_to(folder)
        make_folder(target.parent, PRIVATE_FOLDER_MODE)
        if path.name == "person.parquet":
            pq.write_table(NEW, target)
        else:
            os.link(path, target)
