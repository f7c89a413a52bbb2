"""Archives (ZIP, also with a password, and gz): their files as files, or the reason why they are not touched."""

import errno
import gzip
import re
import stat
import struct
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Protocol

import pyzipper

from sources.limits import Limits, limits
from sources.readers import ReadError

SUFFIXES = (".zip", ".gz")
CHUNK_SIZE = 1024 * 1024
UTF8_NAME, ENCRYPTED = 0x800, 0x1
WITHIN = "!/"
"""Between an archive and a file in it, as in export.zip!/2025/houses.csv."""
LONGEST_NAME = 240
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
BROKEN = (pyzipper.BadZipFile, EOFError, zlib.error, struct.error, NotImplementedError, gzip.BadGzipFile, ValueError, IndexError)
IGNORED = re.compile(r"(?:^|/)(?:\.|~|__MACOSX/)")
"""Members that programs leave behind; `sources.folder` passes over such files, too."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: its name in it, and where its bytes were put."""

    name: str
    path: Path


def is_archive(path: Path) -> bool:
    """Whether a file is an archive by its name."""
    return path.suffix.lower() in SUFFIXES


def member_names(path: Path) -> list[str]:
    """What an archive lists, without unpacking it. Raises ReadError as `unpack` does."""
    if path.suffix.lower() == ".gz":
        return [path.stem]
    with _zip(path) as archive:
        return [name for each in archive.infolist() if (name := _name(path, each)) and not each.is_dir()]


def unpack(path: Path, folder: Path, passwords: Sequence[str] = ()) -> list[Member]:
    """Put all files of an archive, and of archives within it, into an empty folder.

    Nothing is kept of an archive that cannot be unpacked as a whole. Raises ReadError: damaged, protected, names that lead out of it, links,
    larger than `sources/limits.yaml` allows; OSError where the folder cannot be written.
    """
    return _Unpacking(path, folder, passwords, limits()).members()


class _Readable(Protocol):
    def read(self, size: int) -> bytes: ...


class _Unpacking:
    """One archive as it was received, with the account of what has come out of it."""

    def __init__(self, path: Path, folder: Path, passwords: Sequence[str], allowed: Limits) -> None:
        self._path = path
        self._folder = folder
        self._passwords = [each.encode() for each in passwords]
        self._allowed = allowed
        self._packed = path.stat().st_size
        self._bytes = 0
        self._count = 0

    def members(self) -> list[Member]:
        try:
            return list(self._unpack(self._path, "", 1))
        except (*BROKEN, RuntimeError, OSError) as error:
            if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
                raise  # EINVAL: the archive sends its reader to where no file is
            raise ReadError(self._path, "压缩包已损坏或没有传完", "请核对文件大小并重新压缩") from error

    def _unpack(self, path: Path, within: str, depth: int) -> Iterator[Member]:
        if depth > self._allowed.archive_depth:
            raise self._refused(f"压缩包里套压缩包超过 {self._allowed.archive_depth} 层（{within.removesuffix(WITHIN)}）")
        for member in self._files(path, within):
            if is_archive(member.path):
                yield from self._unpack(member.path, member.name + WITHIN, depth + 1)
                member.path.unlink()
            else:
                yield member

    def _files(self, path: Path, within: str) -> Iterator[Member]:
        if path.suffix.lower() == ".gz":
            with gzip.open(path) as content:
                yield self._keep(content, path.stem, within)
            return
        with _zip(path) as archive:
            listed = [(name, each) for each in archive.infolist() if (name := _name(self._path, each)) and not each.is_dir()]
            self._allow(self._bytes + sum(each.file_size for _, each in listed), self._count + len(listed))
            for name, each in listed:
                if not IGNORED.search(name):
                    with self._open(archive, each, within + name) as content:
                        yield self._keep(content, name, within)

    def _open(self, archive: pyzipper.AESZipFile, member: pyzipper.ZipInfo, name: str) -> IO[bytes]:
        if not member.flag_bits & ENCRYPTED:
            plain: IO[bytes] = archive.open(member)
            return plain
        for password in self._passwords:
            try:
                with archive.open(member, pwd=password) as content:
                    while content.read(CHUNK_SIZE):  # one wrong password in 256 is noticed at the end only
                        pass
                opened: IO[bytes] = archive.open(member, pwd=password)
            except (*BROKEN, RuntimeError):
                continue
            return opened
        cause = f"“{name}”有密码，{'所设的密码都打不开' if self._passwords else '没有设密码'}"
        raise ReadError(
            self._path, cause, "请在契约的 archivePassword 写明连接名，并在该连接（或环境变量 DATAPOOL_SECRET_连接名）里设好密码"
        )

    def _keep(self, content: _Readable, name: str, within: str) -> Member:
        self._count += 1
        target = self._folder / str(self._count) / PurePosixPath(name).name
        target.parent.mkdir(mode=0o700)
        with target.open("xb") as file:
            while chunk := content.read(CHUNK_SIZE):
                self._bytes += len(chunk)
                self._allow(self._bytes, self._count)
                file.write(chunk)
        return Member(within + name, target)

    def _allow(self, size: int, count: int) -> None:
        allowed = self._allowed
        if count > allowed.archive_members:
            raise self._refused(f"压缩包里有超过 {allowed.archive_members:,} 个文件")
        if size > allowed.archive_bytes:
            raise self._refused(f"压缩包解开以后超过 {allowed.archive_bytes >> 30} GB")
        if size > allowed.archive_ratio_from and size > allowed.archive_ratio * self._packed:
            raise self._refused(f"压缩包解开以后超过压缩时的 {allowed.archive_ratio} 倍，像是压缩炸弹")

    def _refused(self, cause: str) -> ReadError:
        return ReadError(self._path, cause, "没有收下其中任何文件；请核对来源，正常的文件请不压缩直接报送")


def _zip(path: Path) -> pyzipper.AESZipFile:
    try:
        return pyzipper.AESZipFile(path)
    except (*BROKEN, RuntimeError) as error:
        raise ReadError(path, "不是 ZIP 压缩包，或已损坏、没有传完", "请核对文件大小并重新压缩") from error


def _name(path: Path, member: pyzipper.ZipInfo) -> str:
    """The name of a member. Raises ReadError for one that leads out of the archive, and for links and devices."""
    name: str = member.filename
    if not member.flag_bits & UTF8_NAME:
        # Programs in China write the names in GBK, which the format takes for the letters of the first PC.
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("gb18030")
    name = name.replace("\\", "/")
    kind = stat.S_IFMT(member.external_attr >> 16)
    shown = CONTROL.sub("�", name)[:LONGEST_NAME]
    refused = "没有收下其中任何文件；请核对来源，重新压缩"
    if name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/"):
        raise ReadError(path, f"压缩包里的路径“{shown}”指向压缩包以外", refused)
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ReadError(path, f"压缩包里的“{shown}”是{'符号链接' if kind == stat.S_IFLNK else '特殊文件'}", refused)
    if CONTROL.search(name) or len(PurePosixPath(name).name.encode(errors="replace")) > LONGEST_NAME:
        raise ReadError(path, f"压缩包里的文件名“{shown}”含有控制字符或太长", refused)
    return name
