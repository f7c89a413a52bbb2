"""Writing files and folders so that after a crash they are there whole or not at all."""

import hashlib
import json
import os
import re
import shutil
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pool.errors import PoolError
from pool.locks import is_same_file, lock_descriptor
from pool.paths import MANIFEST, PART, PRIVATE_FILE_MODE

BLOCK = 512
"""Bytes of what `stat` counts as a block."""
SAFE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")


def check_name(name: str) -> str:
    """The name itself if it may name a file of the pool; raises PoolError otherwise."""
    if not SAFE_NAME.fullmatch(name) or name.endswith(PART):
        raise PoolError(f"名称 {name!r} 不能用作文件名：只可含英文字母、数字、下划线、点、连字符，且不以 {PART} 结尾。")
    return name


def file_sha256(path: Path) -> str:
    """SHA-256 of the bytes of a file, hexadecimal."""
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def flush_file(path: Path) -> None:
    """Force a file's bytes to disk."""
    _flush(path, os.O_RDONLY)


def flush_folder(path: Path) -> None:
    """Force the names in a folder to disk."""
    _flush(path, os.O_RDONLY | os.O_DIRECTORY)


def _flush(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def part_file(parts: Path, target: Path, *, mode: int = PRIVATE_FILE_MODE, replacing: bool = True) -> Iterator[Path]:
    """A path to write `target`'s new content to; on success it is flushed and takes target's name at once, on failure it goes.

    replacing: whether it takes the place of a file of that name; if not, it goes too where there is one.

    The file is locked while it is being written, so that `remove_dead_parts` can tell it from the rest of a killed process.
    """
    path, descriptor = _create_part(parts)
    try:
        yield path
        os.chmod(path, mode)
        flush_file(path)
        if replacing:
            os.replace(path, target)
        else:
            with suppress(FileExistsError):
                os.link(path, target)
        flush_folder(target.parent)
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _create_part(parts: Path) -> tuple[Path, int]:
    while True:
        path = parts / f"{uuid.uuid4().hex}{PART}"
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        # Between creation and lock a sweeping process may have taken the file for dead.
        if lock_descriptor(descriptor) and is_same_file(descriptor, path):
            return path, descriptor
        os.close(descriptor)


def remove_dead_parts(parts: Path) -> None:
    """Remove the files in parts/ whose writers are dead."""
    for path in parts.glob(f"*{PART}"):
        if not path.is_file():
            continue
        try:
            descriptor = os.open(path, os.O_RDWR)
        except FileNotFoundError:
            continue
        try:
            if lock_descriptor(descriptor):
                path.unlink(missing_ok=True)
        finally:
            os.close(descriptor)


def write_file(parts: Path, target: Path, content: bytes, *, mode: int = PRIVATE_FILE_MODE) -> None:
    """Give `target` this content, replacing it as a whole."""
    with part_file(parts, target, mode=mode) as path:
        path.write_bytes(content)


def canonical_json(value: Any) -> bytes:
    """JSON that is the same bytes for the same value: sorted keys, UTF-8, one trailing newline."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()


def files_in(folder: Path) -> list[Path]:
    """All files below a folder, sorted by path, its own manifest apart."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)


def describe_files(folder: Path, *, known: dict[tuple[int, int], str] | None = None) -> dict[str, dict[str, Any]]:
    """SHA-256 and size of each file below a folder, by relative path; `known` holds hashes by (device, inode)."""
    described = {}
    for path in files_in(folder):
        status = path.stat()
        sha256 = (known or {}).get((status.st_dev, status.st_ino)) or file_sha256(path)
        described[path.relative_to(folder).as_posix()] = {"sha256": sha256, "size": status.st_size}
    return described


def seal_folder(part: Path, final: Path, manifest: dict[str, Any], *, file_mode: int, folder_mode: int) -> None:
    """Write the manifest, flush everything below `part`, make it read-only and give it its final name."""
    finish_folder(part, manifest, file_mode=file_mode, folder_mode=folder_mode)
    os.rename(part, final)
    flush_folder(final.parent)


def finish_folder(part: Path, manifest: dict[str, Any], *, file_mode: int, folder_mode: int) -> None:
    """Write the manifest, flush everything below `part` and make it read-only."""
    (part / MANIFEST).write_bytes(canonical_json(manifest))
    for folder, _, names in os.walk(part):
        for name in names:
            path = Path(folder, name)
            # A hard-linked file was flushed and closed to writers with the release it comes from.
            if path.stat().st_nlink == 1:
                path.chmod(file_mode)
                flush_file(path)
        add_mode(Path(folder), folder_mode)
        flush_folder(Path(folder))


def make_folder(path: Path, mode: int) -> None:
    """Make a folder and its parents, and grant at least this mode whatever the umask."""
    path.mkdir(parents=True, exist_ok=True, mode=mode)
    add_mode(path, mode)


def add_mode(path: Path, mode: int) -> None:
    """Add permissions to a path, keeping those it has (an inherited set-group-id bit among them)."""
    present = stat.S_IMODE(path.stat().st_mode)
    if present | mode != present:
        path.chmod(present | mode)


def folder_size(path: Path) -> int:
    """The bytes of disk that the files below a folder take, each inode once."""
    taken = {(status.st_dev, status.st_ino): status.st_blocks * BLOCK for status in map(Path.lstat, files_below(path))}
    return sum(taken.values())


def files_below(path: Path) -> Iterator[Path]:
    """Every file below a folder, those that go meanwhile perhaps not."""
    for folder, _, names in os.walk(path):
        yield from (Path(folder, name) for name in names)


def remove_folder(path: Path) -> None:
    """Remove a folder; one that has its final name loses it first, so that a half-removed folder never counts."""
    if not path.exists():
        return
    if not path.name.endswith(PART):
        doomed = path.with_name(f"{path.name}.removed{PART}")
        remove_folder(doomed)
        os.rename(path, doomed)
        path = doomed
    while path.exists():
        with suppress(FileNotFoundError):  # another process, opening the pool, takes the same for the rest of a dead one
            shutil.rmtree(path)
