"""The audit log: who did what, when, to which object, with what result; each record chained by SM3 to the one before."""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from pool.files import flush_folder
from pool.locks import FileLock

PRIVATE_LOG_MODE = 0o600
START = "0" * 64
PERSONAL_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:[1-9]\d{16}[\dXx]|[1-9]\d{14}|1[3-9]\d{9})(?![0-9A-Za-z])")
"""Citizen numbers and mobile phones, as they stand in names of files and in reasons that people write."""
WAIT_SECONDS = 60.0
TAIL_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """`number` counts from 1; `digest` is the SM3 of everything else, `previous` the digest of the record before."""

    number: int
    at: str
    actor: str
    action: str
    object: str
    result: str
    details: Mapping[str, Any] = field(default_factory=dict)
    previous: str = START
    digest: str = ""

    def computed_digest(self) -> str:
        """The SM3 this record ought to have."""
        content = asdict(self)
        del content["digest"]
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.new("sm3", text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class AuditHead:
    """The last record of the log: its number and digest; number 0 before the first."""

    number: int = 0
    digest: str = START


class Anchor(Protocol):
    """Where the last record is noted apart from the log, so that records cut off its end are missed."""

    def record_audit_head(self, head: AuditHead) -> None: ...


class AuditLog:
    """One file of JSON lines a month, in the order of their names; only ever appended to."""

    def __init__(self, folder: Path, locks: Path, anchor: Anchor) -> None:
        self._folder = folder
        self._anchor = anchor
        self._lock_file = locks / "audit.lock"

    def append(
        self, action: str, object: str, actor: str, result: str, at: datetime, details: Mapping[str, Any] | None = None
    ) -> AuditRecord:
        """Add a record, on disk when this returns; records of several processes get one order.

        Nothing in the log can ever be erased: of numbers of persons only the first two and last two digits are kept.
        """
        with FileLock(self._lock_file, "写审计日志的任务").hold(WAIT_SECONDS):
            files = self._files()
            head = self._head_of(files)
            told = _without_numbers({"object": object, "details": dict(details or {})})
            unsigned = AuditRecord(head.number + 1, at.isoformat(), actor, action, told["object"], result, told["details"], head.digest)
            record = _signed(unsigned)
            path = self._folder / f"{at:%Y-%m}.jsonl"
            # A clock set back must not put a record into a file before the last one.
            _append_line(max([path, *files[-1:]]), record)
            self._anchor.record_audit_head(AuditHead(record.number, record.digest))
        return record

    def append_once(
        self, action: str, object: str, actor: str, result: str, at: datetime, details: Mapping[str, Any] | None = None
    ) -> None:
        """`append` for what happens to an object once, and may have been recorded by a process killed right after it."""
        if not any(record.action == action and record.object == object for record in self.records()):
            self.append(action, object, actor, result, at, details)

    def head(self) -> AuditHead:
        """Number and digest of the last record."""
        return self._head_of(self._files())

    def records(self, action: str = "") -> Iterator[AuditRecord]:
        """All records (or those of one action), oldest first; raises ValueError at a line that is not a record."""
        quoted = json.dumps(action, ensure_ascii=False).encode() if action else b""
        for path in self._files():
            for line in _whole_lines(path):
                if quoted in line and (record := AuditRecord(**json.loads(line))) and action in ("", record.action):
                    yield record

    def verify(self, anchors: Mapping[str, AuditHead] | None = None) -> list[str]:
        """What is wrong with the chain, in Chinese; empty when it is whole.

        `anchors` are heads noted elsewhere (by where they stand): each must be in the chain, which shows records cut off its end.
        """
        faults = []
        digests = {0: START}
        for path in self._files():
            for position, line in enumerate(_whole_lines(path), start=1):
                fault = _check_line(line, digests)
                if fault:
                    faults.append(f"审计日志 {path} 第 {position} 行：{fault}")
        for place, anchor in (anchors or {}).items():
            if digests.get(anchor.number) != anchor.digest:
                faults.append(f"审计日志与 {place} 记下的第 {anchor.number} 条不符：该条已被删除或改动。")
        return faults

    def _files(self) -> list[Path]:
        return sorted(self._folder.glob("*.jsonl"))

    def _head_of(self, files: list[Path]) -> AuditHead:
        for path in reversed(files):
            last, _ = _last_whole_line(path)
            if last:
                record = json.loads(last)
                return AuditHead(record["number"], record["digest"])
        return AuditHead()


def _without_numbers(value: Any) -> Any:
    if isinstance(value, str):
        return PERSONAL_NUMBER.sub(lambda found: f"{found[0][:2]}{'*' * (len(found[0]) - 4)}{found[0][-2:]}", value)
    if isinstance(value, Mapping):
        return {_without_numbers(name): _without_numbers(each) for name, each in value.items()}
    return [_without_numbers(each) for each in value] if isinstance(value, (list, tuple)) else value


def _signed(record: AuditRecord) -> AuditRecord:
    return replace(record, digest=record.computed_digest())


def _append_line(path: Path, record: AuditRecord) -> None:
    is_new = not path.exists()
    with path.open("ab") as log:
        # A line without its end was never acknowledged: its writer was killed.
        log.truncate(_last_whole_line(path)[1])
        log.write(json.dumps(asdict(record), ensure_ascii=False, sort_keys=True).encode() + b"\n")
        log.flush()
        os.fsync(log.fileno())
    if is_new:
        path.chmod(PRIVATE_LOG_MODE)
        flush_folder(path.parent)


def _last_whole_line(path: Path) -> tuple[bytes, int]:
    """The last line that has its end, and where it ends; read from the back of the file."""
    with path.open("rb") as log:
        size = log.seek(0, os.SEEK_END)
        start = size
        while True:
            start = max(0, start - TAIL_BYTES)
            log.seek(start)
            lines = log.read(size - start).splitlines(keepends=True)
            torn = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
            if start == 0 or len(lines) > 1:
                return (lines[-1] if lines else b""), size - len(torn)


def _whole_lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as log:
        for line in log:
            if line.endswith(b"\n"):
                yield line


def _check_line(line: bytes, digests: dict[int, str]) -> str | None:
    """The fault of a line, given the digests of the records before it; adds its own."""
    number = max(digests)
    try:
        record = AuditRecord(**json.loads(line))
        digest = record.computed_digest()
    except (ValueError, TypeError):
        return "不是一条完整的记录。请从备份恢复该文件。"
    digests[number + 1] = record.digest
    if digest != record.digest:
        return "内容与其 SM3 摘要不符：该条已被改动。"
    if record.number != number + 1 or record.previous != digests[number]:
        return "与上一条接不上：之间有记录被删除、调换或改动。"
    return None
