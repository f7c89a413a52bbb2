"""The raw store: bytes as received, once, under their SHA-256."""

import hashlib
import json
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from pool.errors import PoolError
from pool.files import file_sha256, flush_folder, part_file
from pool.machine import remedy_for
from pool.receipts import Redaction, redaction_as_json, redaction_from

CHUNK_BYTES = 1 << 20
REDACTIONS_KEY = b"datapool.redactions"


@dataclass(frozen=True, slots=True)
class RawFile:
    """A stored file: the SHA-256 and size of the bytes received; `known` when they were here before."""

    hash: str
    size: int
    known: bool


class RawStore:
    """Files by hash; a redacted file keeps its hash as its name and rests as Parquet."""

    def __init__(self, folder: Path, parts: Path) -> None:
        self._folder = folder
        self._parts = parts

    def store(self, source: Path) -> RawFile:
        """Keep the bytes of a file unless they are known, also when they are known and were redacted.

        Raises PoolError when the file cannot be read or changes while it is read.
        """
        try:
            sha256 = file_sha256(source)
            size = source.stat().st_size
            known = self.holds(sha256)
            if not known:
                self._copy(source, sha256)
        except OSError as cause:
            raise PoolError(
                f"文件 {source} 无法存入数据池：{remedy_for(cause) or f'{cause.strerror}。请检查文件权限和磁盘空间'}。"
            ) from cause
        return RawFile(sha256, size, known)

    def _copy(self, source: Path, sha256: str) -> None:
        digest = hashlib.sha256()
        with part_file(self._parts, self._original(sha256)) as part:
            with source.open("rb") as reader, part.open("wb") as writer:
                while chunk := reader.read(CHUNK_BYTES):
                    digest.update(chunk)
                    writer.write(chunk)
            if digest.hexdigest() != sha256:
                raise PoolError(f"文件 {source} 在读取时仍在变化，没有接收。请等文件写完后重试。")

    def is_whole(self, sha256: str, replacement: str) -> bool:
        """Whether the file is here with the bytes received, or with those that took their place by its receipt."""
        if self.is_redacted(sha256):
            return self.replacement(sha256) == replacement
        return self._original(sha256).is_file() and file_sha256(self._original(sha256)) == sha256

    def mend(self, source: Path, sha256: str) -> None:
        """Put the bytes of a file that was delivered again in the place of damaged or lost ones, but not of what a redaction left of them."""
        if not self.is_redacted(sha256):
            self._copy(source, sha256)

    def adopt(self, other: Self, sha256: str) -> None:
        """Keep a file of another store as it rests there, redacted or not, unless it is here; raises PoolError when it is lost or damaged there."""
        path = other.path(sha256)
        target = self._folder / path.name
        if target.is_file():
            return
        if not other.is_redacted(sha256):
            self._copy(path, sha256)
            return
        with part_file(self._parts, target) as part:
            shutil.copyfile(path, part)

    def holds(self, sha256: str) -> bool:
        """Whether the file is here, redacted or not."""
        return self._original(sha256).is_file() or self.is_redacted(sha256)

    def is_redacted(self, sha256: str) -> bool:
        """Whether the bytes received were replaced by their rows."""
        return self._redacted(sha256).is_file()

    def path(self, sha256: str) -> Path:
        """The file to read: the bytes received, or after a redaction the Parquet file in their place; raises PoolError when lost."""
        for path in (self._redacted(sha256), self._original(sha256)):
            if path.is_file():
                return path
        raise PoolError(f"原始文件 {self._original(sha256)} 不存在。请从备份恢复，或请来源部门重新报送。")

    def hashes(self) -> list[str]:
        """The hashes of all files kept, sorted."""
        return sorted({path.name.removesuffix(".parquet") for path in self._folder.iterdir()})

    def replace_by_rows(self, sha256: str, rows: Iterable[pa.RecordBatch], *, reason: str, actor: str, at: datetime) -> Redaction:
        """Put rows of text in the place of a file; they must not hold what is being taken out, and may be read from it meanwhile."""
        earlier = self.redactions(sha256)
        with part_file(self._parts, self._redacted(sha256)) as part, _ParquetFile(part) as file:
            for batch in rows:
                file.write(batch)
            redaction = Redaction(reason, actor, at, file.rows)
            file.note(earlier if redaction in earlier else (*earlier, redaction))
        return redaction

    def half_redacted(self) -> list[str]:
        """Files whose received bytes are still here beside the rows that replaced them: a redaction was killed."""
        return sorted(path.stem for path in self._folder.glob("*.parquet") if self._original(path.stem).exists())

    def drop_original(self, sha256: str) -> None:
        """Remove the received bytes of a redacted file."""
        if self.is_redacted(sha256):
            self._original(sha256).unlink(missing_ok=True)
            flush_folder(self._folder)

    def remove(self, sha256: str) -> None:
        """Remove a file, redacted or not, that no batch needs."""
        for path in (self._original(sha256), self._redacted(sha256)):
            path.unlink(missing_ok=True)
        flush_folder(self._folder)

    def redactions(self, sha256: str) -> tuple[Redaction, ...]:
        """What was taken out of a file, oldest first; empty when nothing was."""
        if not self.is_redacted(sha256):
            return ()
        entries = json.loads(pq.read_metadata(self._redacted(sha256)).metadata[REDACTIONS_KEY])
        return tuple(redaction_from(entry) for entry in entries)

    def replacement(self, sha256: str) -> str:
        """SHA-256 of the Parquet file in the place of a redacted file; empty when it is not redacted."""
        return file_sha256(self._redacted(sha256)) if self.is_redacted(sha256) else ""

    def _original(self, sha256: str) -> Path:
        return self._folder / sha256

    def _redacted(self, sha256: str) -> Path:
        return self._folder / f"{sha256}.parquet"


class _ParquetFile:
    """A Parquet file that takes its schema from the first batch."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._writer: pq.ParquetWriter | None = None
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._writer is not None:
            self._writer.close()

    def write(self, batch: pa.RecordBatch) -> None:
        self._open(batch.schema).write_batch(batch)
        self.rows += batch.num_rows

    def note(self, redactions: Iterable[Redaction]) -> None:
        entries = [redaction_as_json(entry) for entry in redactions]
        self._open(pa.schema([])).add_key_value_metadata({REDACTIONS_KEY: json.dumps(entries, ensure_ascii=False)})

    def _open(self, schema: pa.Schema) -> pq.ParquetWriter:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, schema, compression="zstd")
        return self._writer
