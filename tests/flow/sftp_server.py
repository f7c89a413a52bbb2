"""A real SFTP server that can break a transfer, or change a file under the hands of who fetches it."""

import asyncio
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from schemas.pull import Completeness, FilePull
from tests.flow.pulling import PASSWORD

CONTENT = os.urandom(5 << 20)


@dataclass
class Server:
    """The server, where its files are, what it does wrong, and how many bytes it sent."""

    folder: Path
    key: asyncssh.SSHKey
    port: int = 0
    break_after: int | None = None
    change_after: int | None = None
    sent: int = 0
    loop: asyncio.AbstractEventLoop = field(init=False)
    stop: asyncio.Event = field(init=False)

    @property
    def fingerprint(self) -> str:
        return str(self.key.get_fingerprint())

    def put(self, name: str, content: bytes = CONTENT, modified: float = 1_700_000_000) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        os.utime(path, (modified, modified))
        return path

    def pull(self, pattern: str = "/*.csv", **changes: object) -> FilePull:
        values = {"completeness": Completeness(), "host_keys": (self.fingerprint,), **changes}
        return FilePull("police", "sftp", f"sftp://127.0.0.1:{self.port}{pattern}", "police", **values)  # type: ignore[arg-type]


def serve(server: Server, ready: threading.Event) -> None:
    class Account(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return True

        def password_auth_supported(self) -> bool:
            return True

        def validate_password(self, username: str, password: str) -> bool:
            return (username, password) == ("reader", PASSWORD)

    class Files(asyncssh.SFTPServer):
        def __init__(self, channel: asyncssh.SSHServerChannel) -> None:
            super().__init__(channel, chroot=str(server.folder))
            self._connection = channel.get_connection()

        def read(self, file_obj: object, offset: int, size: int) -> bytes:
            if server.break_after is not None and server.sent >= server.break_after:
                server.break_after = None
                self._connection.abort()
                raise asyncssh.SFTPConnectionLost("cut")
            if server.change_after is not None and server.sent >= server.change_after:
                server.change_after = None
                server.put("a.csv", CONTENT[::-1], 1_700_000_999)
            block = super().read(file_obj, offset, size)
            server.sent += len(block)
            return block

    async def main() -> None:
        server.loop, server.stop = asyncio.get_running_loop(), asyncio.Event()
        async with asyncssh.listen("127.0.0.1", 0, server_factory=Account, server_host_keys=[server.key], sftp_factory=Files) as listener:
            server.port = listener.get_port()
            ready.set()
            await server.stop.wait()

    asyncio.run(main())


@contextmanager
def sftp_server(folder: Path) -> Iterator[Server]:
    """The files of a folder, served on a free port by a thread as long as the context lasts."""
    server = Server(folder, asyncssh.generate_private_key("ssh-ed25519"))
    ready = threading.Event()
    thread = threading.Thread(target=serve, args=(server, ready), daemon=True)
    thread.start()
    assert ready.wait(30)
    yield server
    server.loop.call_soon_threadsafe(server.stop.set)
    thread.join(10)
