"""Files on an SFTP server, which must show a host key that is known."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator, Set
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self, TypeVar, cast
from urllib.parse import unquote, urlsplit

import asyncssh
from asyncssh.constants import FILEXFER_TYPE_REGULAR

from schemas.pull import FilePull
from sources.connection import Connection
from sources.pull.errors import BrokenOff, PullError
from sources.pull.files import RemoteFile

SSH_PORT = 22
CONNECT_SECONDS = 20
ANSWER_SECONDS = 60
"""A server that says nothing for so long is gone."""
BLOCK = 1 << 20
Result = TypeVar("Result")


class _Visitor(asyncssh.SSHClient):
    """Holds the key that a server shows against the fingerprints of those that are known."""

    def __init__(self, known: Set[str]) -> None:
        self._known = known
        self.shown = "（未知）"

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.shown = key.get_fingerprint()
        return self.shown in self._known


class SftpFiles:
    """The files that `sftp://host[:port]/path` names, by an account and its password or private key (`private_key`, `key_file`, and
    `private_key_passphrase` in the extra of the connection)."""

    def __init__(self, pull: FilePull, connection: Connection) -> None:
        parts = urlsplit(pull.location)
        self._host, self._port = parts.hostname or "", parts.port or SSH_PORT
        self._pattern = unquote(parts.path)
        self._connection = connection
        in_connection = connection.extra.get("host_key")
        self._host_keys = {_fingerprint(key) for key in (*pull.host_keys, *([str(in_connection)] if in_connection else []))}

    def __enter__(self) -> Self:
        self._loop = asyncio.Runner()
        self._ssh: asyncssh.SSHClientConnection | None = None
        try:
            self._connect()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _connect(self) -> None:
        visitor = _Visitor(self._host_keys)
        account = self._connection
        try:
            with self._told():
                self._ssh = self._run(
                    asyncssh.connect(
                        self._host,
                        self._port,
                        username=account.login,
                        password=account.password or None,
                        client_keys=_private_keys(account),
                        client_factory=lambda: visitor,
                        known_hosts=([], [], []),
                        config=None,
                        agent_path=None,
                        connect_timeout=CONNECT_SECONDS,
                        login_timeout=CONNECT_SECONDS,
                        keepalive_interval=15,
                    )
                )
                self._sftp = self._run(self._ssh.start_sftp_client())
        except asyncssh.HostKeyNotVerifiable:
            raise self._stranger(visitor.shown) from None

    def _stranger(self, shown: str) -> PullError:
        known = "与登记的不符，可能有人冒充对方的服务器" if self._host_keys else "还没有登记"
        return PullError(
            f"{self._where} 出示的主机密钥 {shown} {known}",
            f'请向对方核对指纹；无误的，写进契约这个 server 的 customProperties：{{property: hostKey, value: "{shown}"}}',
        )

    def __exit__(self, *exception: object) -> None:
        if self._ssh is not None:
            self._ssh.abort()
            with suppress(Exception):  # what breaks on leaving has done no harm
                self._run(self._ssh.wait_closed())
        self._loop.close()

    def files(self) -> list[RemoteFile]:
        async def find() -> list[RemoteFile]:
            found = []
            for entry in await self._sftp.glob_sftpname(self._pattern, error_handler=lambda _: None):
                path = str(entry.filename)
                attributes = entry.attrs if entry.attrs.mtime is not None else await self._sftp.lstat(path)
                if attributes.type == FILEXFER_TYPE_REGULAR:
                    found.append(_remote_file(path, attributes))
            return sorted(found, key=lambda file: file.path)

        with self._told():
            return self._run(find(), ANSWER_SECONDS * 10)

    def describe(self, path: str) -> RemoteFile | None:
        with self._told():
            try:
                return _remote_file(path, self._run(self._sftp.stat(path)))
            except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
                return None

    def read(self, path: str, offset: int, size: int) -> Iterator[bytes]:
        with self._told():
            file = self._run(self._sftp.open(path, "rb"))
            try:
                while size > 0 and (block := self._run(file.read(min(BLOCK, size), offset))):
                    yield cast(bytes, block)
                    offset, size = offset + len(block), size - len(block)
            finally:
                with suppress(asyncssh.Error, OSError):
                    self._run(file.close())

    @property
    def _where(self) -> str:
        return f"SFTP 服务器 {self._host}:{self._port}"

    def _run(self, work: Awaitable[Result], seconds: float = ANSWER_SECONDS) -> Result:
        async def within() -> Result:
            return await asyncio.wait_for(work, seconds)

        return self._loop.run(within())

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Errors of the library as ours."""
        try:
            yield
        except asyncssh.HostKeyNotVerifiable:
            raise
        except asyncssh.PermissionDenied as error:
            cure = f"请核对连接“{self._connection.name}”的账号、密码或私钥，以及对方是否停用了账号"
            raise PullError(f"{self._where} 不接受账号“{self._connection.login}”", cure) from error
        except asyncssh.SFTPPermissionDenied as error:
            raise PullError(f"{self._where} 上没有读取 {self._pattern} 的权限", "请对方给这个账号读取权限") from error
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath):
            raise
        except (asyncssh.Error, OSError) as error:
            said = "没有回应" if isinstance(error, TimeoutError) else str(error) or type(error).__name__
            raise BrokenOff(f"{self._where} 连不上或断开了（{said}）") from error


def _remote_file(path: str, attributes: Any) -> RemoteFile:
    return RemoteFile(path, attributes.size or 0, (attributes.mtime or 0) + (attributes.mtime_ns or 0) / 1e9)


def _fingerprint(key: str) -> str:
    """The fingerprint of a host key that is written in full or as its fingerprint."""
    if key.startswith("SHA256:"):
        return key.split()[0]
    try:
        return asyncssh.import_public_key(key).get_fingerprint()
    except asyncssh.KeyImportError as error:
        raise PullError("登记的主机密钥读不出来", "请写 SHA256:… 或整行公钥 ssh-ed25519 …") from error


def _private_keys(connection: Connection) -> list[asyncssh.SSHKey] | None:
    """The private key in the extra of a connection, or in the file that it names."""
    extra = connection.extra
    text = extra.get("private_key") or ""
    try:
        if not text and extra.get("key_file"):
            text = Path(str(extra["key_file"])).read_text(encoding="utf-8")
        return [asyncssh.import_private_key(text, extra.get("private_key_passphrase"))] if text else None
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError, OSError, UnicodeDecodeError):
        cure = "请核对私钥（OpenSSH 或 PEM 格式）、它的口令和文件权限"
        raise PullError(f"连接“{connection.name}”的私钥读不出来", cure) from None  # the cause may quote the key
