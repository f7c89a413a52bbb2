"""The inbox, as far as the pool itself puts files there: a file grows under a hidden name and appears whole."""

import json
import os
from pathlib import Path
from typing import Any

from pool.errors import PoolError
from pool.files import flush_file, flush_folder, make_folder
from pool.paths import PART, PRIVATE_FOLDER_MODE

FLUSH_BYTES = 16 << 20
"""What a kill or a power cut may cost of a file that is being pulled."""
LONGEST_NAME = 200
"""Bytes of a file name; the part beside it and its note need some more."""
PARTIAL = (PART, ".tmp", ".temp", ".partial", ".filepart", ".crdownload", ".download")


def check_inbox_name(name: str) -> str:
    """The name itself if a file of it may stand in the inbox; raises PoolError otherwise."""
    is_plain = name.isprintable() and "/" not in name and not name.startswith((".", "~")) and not name.lower().endswith(PARTIAL)
    if not name or not is_plain or len(name.encode(errors="replace")) > LONGEST_NAME:
        raise PoolError(
            f"文件名 {name[:80]!r} 不能放进收件箱：不可含斜杠和控制字符、以点或 ~ 开头、以 {PART} 之类结尾，或超过 {LONGEST_NAME} 字节。"
        )
    return name


class InboxPart:
    """A file of the inbox that grows beside its place, with a note of what it is part of and how much of it rests on disk."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.path = target.with_name(f".{target.name}{PART}")
        self._note = target.with_name(f".{target.name}{PART}.json")
        self._identity = ""
        self._flushed = 0
        self.offset = 0
        self.position: Any = None

    def resume(self, identity: str) -> None:
        """Go on with what an earlier attempt got of the same thing, told by its identity; start over where there is nothing of it.

        `offset` is then how many bytes are there, `position` what was noted with the last of them.
        """
        note = self._read_note()
        if note.get("identity") != identity or not self.path.is_file() or self.path.stat().st_size < note["offset"]:
            self.restart(identity)
            return
        self._identity, self.position = identity, note["position"]
        self.offset = self._flushed = note["offset"]
        os.truncate(self.path, self.offset)

    def restart(self, identity: str) -> None:
        """Begin with nothing."""
        self.drop()
        self._identity, self.position = identity, None
        self.offset = self._flushed = 0
        self.path.touch(mode=0o600)

    def append(self, block: bytes) -> None:
        """Add bytes at the end."""
        with self.path.open("ab") as file:
            file.write(block)
        self.offset += len(block)

    def flush(self, position: Any = None) -> None:
        """Bring what is there to disk and note it, with `position` as where to go on."""
        flush_file(self.path)
        fresh = self._note.with_name(f"{self._note.name}{PART}")
        fresh.write_text(json.dumps({"identity": self._identity, "offset": self.offset, "position": position}), encoding="utf-8")
        fresh.chmod(0o600)
        flush_file(fresh)
        os.replace(fresh, self._note)
        flush_folder(self._note.parent)
        self._flushed, self.position = self.offset, position

    def flush_now_and_then(self) -> None:
        """Flush what a kill or a power cut would otherwise cost too much of."""
        if self.offset - self._flushed >= FLUSH_BYTES:
            self.flush()

    def measure(self) -> None:
        """Take what another wrote to `path` for what is there."""
        self.offset = self.path.stat().st_size

    def finish(self, modified: float | None = None) -> None:
        """Let the file appear, whole; `modified` in seconds since 1970 is when its source says it was written.

        Raises PoolError when what is there is not what was written.
        """
        if not self.path.is_file() or self.path.stat().st_size != self.offset:
            self.drop()
            raise PoolError(f"{self.target.name} 拉取时被别的程序删改。请再拉取一次。")
        if modified is not None:
            os.utime(self.path, (modified, modified))
        flush_file(self.path)
        os.replace(self.path, self.target)
        self._note.unlink(missing_ok=True)
        flush_folder(self.target.parent)

    def drop(self) -> None:
        """Remove what is there."""
        for path in (self._note, self.path):
            path.unlink(missing_ok=True)

    def _read_note(self) -> dict[str, Any]:
        try:
            note = json.loads(self._note.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}


class Inbox:
    """The folders `<system>/<dataset>/` of the inbox."""

    def __init__(self, inbox: Path) -> None:
        self._inbox = inbox

    def folder(self, system: str, dataset: str) -> Path:
        """Where the files of a dataset are dropped or pulled to."""
        return self._inbox / system / dataset

    def part(self, system: str, dataset: str, name: str) -> InboxPart:
        """A file of a dataset that is to grow. Raises PoolError when the name may not stand in the inbox."""
        folder = self.folder(system, dataset)
        make_folder(folder, PRIVATE_FOLDER_MODE)
        return InboxPart(folder / check_inbox_name(name))

    def drop_parts(self, system: str = "*", dataset: str = "*") -> None:
        """Remove what was pulled in part, of one dataset or of all: it is pulled again from its beginning."""
        for path in self._inbox.glob(f"{system}/{dataset}/.*{PART}*"):
            path.unlink(missing_ok=True)
