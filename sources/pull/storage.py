"""Files in a folder of this machine (a mounted share, too) or in an object store that speaks S3, through fsspec."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Self

from fsspec import AbstractFileSystem
from fsspec.implementations.arrow import ArrowFSWrapper
from fsspec.implementations.local import LocalFileSystem

from schemas.pull import FilePull
from sources.connection import Connection
from sources.pull.errors import BrokenOff, PullError
from sources.pull.files import BLOCK, RemoteFile, fixed_folder

CONNECT_SECONDS = 20
ANSWER_SECONDS = 60


class StoredFiles:
    """The files that a pattern names in a file system of fsspec."""

    def __init__(self, system: AbstractFileSystem, pattern: str, where: str) -> None:
        self._system = system
        self._pattern = pattern
        self._where = where

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def files(self) -> list[RemoteFile]:
        with self._told():
            self._system.invalidate_cache()
            found = self._system.glob(self._pattern, detail=True)
            if not found and not self._system.exists(fixed_folder(self._pattern)):
                raise PullError(f"{self._where}：没有 {fixed_folder(self._pattern)}", "请核对路径，以及共享盘是否已挂载、存储桶是否存在")
        return [_remote_file(path, found[path]) for path in sorted(found) if _is_plain(found[path])]

    def describe(self, path: str) -> RemoteFile | None:
        with self._told():
            try:
                self._system.invalidate_cache()
                entry = self._system.info(path)
            except FileNotFoundError:
                return None
        return _remote_file(path, entry) if _is_plain(entry) else None

    def read(self, path: str, offset: int, size: int) -> Iterator[bytes]:
        with self._told(), self._system.open(path, "rb") as file:
            file.seek(offset)
            while size > 0 and (block := file.read(min(BLOCK, size))):
                yield block
                size -= len(block)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the library as ours."""
        try:
            yield
        except PermissionError as error:
            raise PullError(f"{self._where}：没有读取权限", "请核对账号和读取权限") from error
        except OSError as error:
            raise self._fault(error) from error

    def _fault(self, error: OSError) -> PullError:
        said = str(error)
        for sign, (cause, cure) in REFUSALS.items():
            if sign in said:
                return PullError(f"{self._where}：{cause}", cure)
        return BrokenOff(f"{self._where} 连不上或断开了（{error.strerror or said}）")


REFUSALS: Mapping[str, tuple[str, str]] = {
    "ACCESS_DENIED": ("不接受这个账号", "请核对连接的 AccessKey、密钥和读取权限"),
    "INVALID_ACCESS_KEY_ID": ("没有这个 AccessKey", "请核对连接的账号"),
    "SIGNATURE_DOES_NOT_MATCH": ("密钥不对", "请核对连接的密码（SecretKey）"),
    "NO_SUCH_BUCKET": ("没有这个存储桶", "请核对契约里的地址"),
}
"""How object stores refuse, as the client of Arrow names it, and what to do."""


def folder_files(pull: FilePull, _connection: Connection | None) -> StoredFiles:
    """The files of a folder of this machine."""
    return StoredFiles(LocalFileSystem(), pull.location, f"目录 {fixed_folder(pull.location)}")


def object_files(pull: FilePull, connection: Connection) -> StoredFiles:
    """The files of an object store; login and password of the connection are its access key and secret key, `region` may stand in the extra."""
    from pyarrow.fs import S3FileSystem

    scheme, _, address = pull.endpoint.rpartition("://")
    store = S3FileSystem(
        access_key=connection.login or None,
        secret_key=connection.password or None,
        anonymous=not connection.login,
        endpoint_override=address or None,
        scheme=scheme or "https",
        region=str(connection.extra.get("region") or connection.extra.get("region_name") or "us-east-1"),
        force_virtual_addressing=connection.extra.get("url_style") == "virtual",
        connect_timeout=CONNECT_SECONDS,
        request_timeout=ANSWER_SECONDS,
    )
    return StoredFiles(
        ArrowFSWrapper(store, use_listings_cache=False, skip_instance_cache=True),
        pull.location.removeprefix("s3://"),
        f"对象存储 {pull.endpoint or 'S3'}",
    )


def _is_plain(entry: Mapping[str, Any]) -> bool:
    return entry["type"] == "file" and not entry.get("islink")


def _remote_file(path: str, entry: Mapping[str, Any]) -> RemoteFile:
    modified = entry.get("mtime") or entry.get("created") or 0.0
    seconds = modified.timestamp() if isinstance(modified, datetime) else float(modified)
    return RemoteFile(posixpath.normpath(path), int(entry["size"] or 0), seconds)
