"""Files of a folder, an SFTP server or an object store become the same files of the inbox, byte for byte."""

from collections.abc import Callable
from typing import Self, TypeVar
from urllib.parse import urlsplit

from flow.pull_job import Job
from pool import InboxPart, PoolError
from schemas.pull import FilePull
from sources.connection import Connection
from sources.pull.errors import BrokenOff, PullError, Unready
from sources.pull.files import RemoteFile, RemoteFiles, unready

COMPARED_BYTES = 1 << 16
"""How much of both ends of what is there already is held against the source before a transfer goes on."""
Result = TypeVar("Result")


class _Line:
    """The way to a place, opened anew when it is used after it broke off."""

    def __init__(self, open_place: Callable[[], RemoteFiles]) -> None:
        self._open = open_place
        self._place: RemoteFiles | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        if self._place is not None:
            place, self._place = self._place, None
            place.__exit__()

    def use(self, work: Callable[[RemoteFiles], Result]) -> Result:
        if self._place is None:
            self._place = self._open().__enter__()
        try:
            return work(self._place)
        except BrokenOff:
            self.__exit__()
            raise


def open_files(source: FilePull, connection: Connection) -> RemoteFiles:
    """The place that a contract names; the library it needs is loaded now."""
    if source.kind == "sftp":
        from sources.pull.sftp import SftpFiles

        return SftpFiles(source, connection)
    from sources.pull.storage import folder_files, object_files

    return (folder_files if source.kind == "folder" else object_files)(source, connection)


def pull_files(job: Job[FilePull]) -> None:
    """Fetch the files that are new or changed and whole; one that fails does not stop the others, a source that does not answer does."""
    source = job.source
    last = {each.object: each for each in job.history}
    with _Line(lambda: open_files(source, job.connection)) as line:
        for file in job.patience.keep_trying(lambda: line.use(lambda place: list(place.files()))):
            known = last.get(file.path)
            if known and known.version == file.version and (known.sha256 in job.taken or job.stands(known)):
                continue
            try:
                _pull_file(job, line, file)
            except Unready as cause:
                job.waiting.append(str(cause))
            except BrokenOff:
                raise
            except (PullError, PoolError) as cause:
                job.faults.append(job.connection.hide(f"{file.name}：{cause}"))


def _pull_file(job: Job[FilePull], line: _Line, file: RemoteFile) -> None:
    source = job.source
    now = job.context.now.timestamp()
    if reason := job.patience.keep_trying(lambda: line.use(lambda place: unready(place, file, source.completeness, now))):
        raise Unready(reason)
    part = job.part(file.name)
    if job.dry_run:
        job.files.append(file.name)
        return
    whole = job.patience.keep_trying(lambda: line.use(lambda place: _transfer(job, place, file, part)), lambda: part.offset)
    job.deliver(part, address_of(source, file.path), object=file.path, version=whole.version, modified=whole.modified or None)


def address_of(source: FilePull, path: str) -> str:
    """Where a file came from, in one line."""
    match source.kind:
        case "folder":
            return path
        case "sftp":
            return f"sftp://{urlsplit(source.location).netloc}/{path.lstrip('/')}"
        case "s3":
            return f"s3://{path}"


def _transfer(job: Job[FilePull], place: RemoteFiles, file: RemoteFile, part: InboxPart) -> RemoteFile:
    """Go on with a file where it broke off, to its end; what it was like at the source. Raises Unready when it changed meanwhile."""
    whole = place.describe(file.path)
    if whole is None:
        raise Unready(f"{file.name} 已不在对方那里")
    identity = f"{job.source.server}\n{file.path}\n{whole.version}"
    part.resume(identity)
    if part.offset and not _is_beginning(place, part, whole):
        part.restart(identity)
    try:
        for block in place.read(file.path, part.offset, whole.size - part.offset):
            part.append(block)
            part.flush_now_and_then()
            job.progress(f"拉取 {file.name}（字节）", part.offset, whole.size)
        after = place.describe(file.path)
    except BrokenOff:
        part.flush()
        raise
    if after is None or after.version != whole.version:
        part.drop()
        raise Unready(f"{file.name} 在拉取时变了")
    if part.offset < whole.size:
        part.flush()
        raise BrokenOff(f"{file.name} 只收到 {part.offset:,} 字节，应有 {whole.size:,}")
    return whole


def _is_beginning(place: RemoteFiles, part: InboxPart, whole: RemoteFile) -> bool:
    """Whether what is there is how the file begins, as far as both ends of it tell."""
    with part.path.open("rb") as file:
        for start in (0, max(0, part.offset - COMPARED_BYTES)):
            file.seek(start)
            here = file.read(COMPARED_BYTES)
            if here != b"".join(place.read(whole.path, start, len(here))):
                return False
    return True
