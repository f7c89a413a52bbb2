"""A real PostgreSQL server for tests, on a socket in a folder of its own."""

import itertools
import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Self

import psycopg


def find_binaries() -> Path | None:
    """The folder of pg_ctl, initdb and postgres, the newest version where there are several."""
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[4].split(".")[0]))
    on_path = shutil.which("pg_ctl")
    if installed:
        return installed[-1].parent
    return Path(on_path).resolve().parent if on_path else None


class PostgresServer:
    """Runs from entry to exit; as user postgres or nobody where the tests run as root, which PostgreSQL refuses."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._account = _unprivileged_account()
        if self._account:
            shutil.chown(self._folder, self._account, pwd.getpwnam(self._account).pw_gid)
        try:
            self._run("initdb", "--auth=trust", "--username=datapool", "--encoding=UTF8", "--no-locale", "--no-sync")
            self.start()
        except BaseException:
            shutil.rmtree(self._folder)
            raise
        return self

    def start(self) -> None:
        """Start the server, at first or after `stop`."""
        options = f"-c listen_addresses='' -c unix_socket_directories='{self._folder}' -c fsync=off"
        self._run("pg_ctl", "start", "--wait", f"--options={options}", f"--log={self._folder / 'server.log'}")

    def stop(self) -> None:
        """Stop the server at once, as a power cut would; its databases stay."""
        self._run("pg_ctl", "stop", "--mode=immediate")

    def __exit__(self, *exception: object) -> None:
        self.stop()
        shutil.rmtree(self._folder)

    def new_database(self) -> str:
        """Make an empty database; its SQLAlchemy URL."""
        name = f"ledger_{next(self._numbers)}"
        with psycopg.connect(host=str(self._folder), user="datapool", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        return f"postgresql://datapool@/{name}?host={self._folder}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [str(self._binaries / program), *arguments, f"--pgdata={self._folder / 'data'}"]
        identity: dict[str, Any] = {}
        if self._account:
            identity = {"user": self._account, "group": pwd.getpwnam(self._account).pw_gid, "extra_groups": []}
        subprocess.run(command, check=True, cwd=self._folder, stdout=subprocess.DEVNULL, **identity)


def _unprivileged_account() -> str | None:
    if os.geteuid() != 0:
        return None
    accounts = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in accounts else "nobody"
