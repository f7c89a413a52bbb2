"""One source of one dataset being pulled: what it needs, and what it came to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import chain, count
from pathlib import Path
from typing import Any, Generic, TypeVar

from flow.context import Context
from flow.progress import Progress
from pool import InboxPart, PulledFile
from pool.files import file_sha256
from schemas.contract import Contract
from schemas.pull import Pull
from sources.archive import WITHIN, is_archive
from sources.connection import Connection
from sources.folder import belongs
from sources.pull.errors import PullError, Unready
from sources.pull.patience import Patience

Source = TypeVar("Source", bound=Pull)


@dataclass(frozen=True, slots=True)
class Pulled:
    """What became of a source: names of the files that are now in the inbox (of a dry run: that would be), why others wait, and what went wrong."""

    contract: str
    server: str
    files: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    fault: str = ""


@dataclass
class Job(Generic[Source]):
    """A source, the surroundings, and what was got so far."""

    context: Context
    contract: Contract
    source: Source
    patience: Patience
    progress: Progress
    dry_run: bool
    connection: Connection = field(default_factory=lambda: Connection(""))
    files: list[str] = field(default_factory=list)
    waiting: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    @cached_property
    def taken(self) -> set[str]:
        """SHA-256 of everything that was ever received of the dataset, and of the fetched archives that anything of it was received from."""
        batches = self.context.pool.ledger.batches(contract=self.contract.id, retired=True)
        return {batch.sha256 for batch in batches} | {each.sha256 for each in self.history if self._was_unpacked(each)}

    @cached_property
    def _unpacked(self) -> Mapping[str, datetime]:
        """When anything was last received from an archive, by the archive's name."""
        batches = self.context.pool.ledger.batches(contract=self.contract.id, retired=True)
        receipts = sorted((self.context.pool.receipts.read(each.batch) for each in batches), key=lambda receipt: receipt.received_at)
        return {Path(receipt.origin.partition(WITHIN)[0]).name: receipt.received_at for receipt in receipts if WITHIN in receipt.origin}

    def _was_unpacked(self, pulled: PulledFile) -> bool:
        if not is_archive(Path(pulled.file_name)):
            return False
        last = self._unpacked.get(pulled.file_name)
        return last is not None and last >= pulled.at

    @cached_property
    def history(self) -> list[PulledFile]:
        """What was fetched from this source, oldest first."""
        return self.context.pool.ledger.pulls.of(self.contract.id, self.source.server)

    def stands(self, pulled: PulledFile) -> bool:
        """Whether a fetched file is still in the inbox."""
        path = self.context.pool.inbox.folder(self.contract.system, self.contract.dataset) / pulled.file_name
        return path.is_file() and path.stat().st_size == pulled.size and file_sha256(path) == pulled.sha256

    def last_taken(self) -> PulledFile | None:
        """The last file of this source that was received: from there on it goes. Raises Unready while a later one waits to be received."""
        if self.history and self.history[-1].sha256 not in self.taken and self.stands(self.history[-1]):
            raise Unready(f"{self.history[-1].file_name} 已在收件箱，接收以后再取新的")
        return next((each for each in reversed(self.history) if each.sha256 in self.taken), None)

    def part(self, name: str) -> InboxPart:
        """The file of the inbox that is to grow. Raises PullError, PoolError where it may have no such name, Unready where one waits to be received.

        An archive comes beside one of its name: whether that was received whole only its files could tell.
        """
        if is_archive(Path(name)):
            return self._part_of_archive(name)
        if not belongs(f"{self.contract.system}/{self.contract.dataset}/{name}", self.contract):
            raise PullError(
                f"文件名 {name} 不合契约里 inbox 的 path（{'、'.join(self.contract.path_patterns)}）", "请改 path，或改取数的地址"
            )
        part = self.context.pool.inbox.part(self.contract.system, self.contract.dataset, name)
        if part.target.exists() and file_sha256(part.target) not in self.taken:
            raise Unready(f"收件箱里同名的 {name} 还没有接收")
        return part

    def _part_of_archive(self, name: str) -> InboxPart:
        folder, suffixes = self.context.pool.inbox.folder(self.contract.system, self.contract.dataset), "".join(Path(name).suffixes)
        names = chain([name], (f"{name.removesuffix(suffixes)}.{number}{suffixes}" for number in count(2)))
        free = next(each for each in names if not (folder / each).exists())
        return self.context.pool.inbox.part(self.contract.system, self.contract.dataset, free)

    def own_name(self, suffix: str, *, timed: bool) -> str:
        """A name for what comes without one: dataset, source where there are several, and the day, which is its period."""
        source = f"_{self.source.server}" if len(self.contract.pulls) > 1 else ""
        stamp = self.context.local_time(self.context.now)
        return (
            f"{self.contract.dataset}{source}_{stamp:%Y%m%d%H%M%S}.{suffix}"
            if timed
            else f"{self.contract.dataset}{source}_{stamp:%Y%m%d}.{suffix}"
        )

    def deliver(
        self,
        part: InboxPart,
        source: str,
        *,
        object: str = "",
        version: str = "",
        rows: int | None = None,
        reached: Mapping[str, Any] | None = None,
        modified: float | None = None,
    ) -> None:
        """Note what was fetched, then let it appear: killed in between, it is fetched again.

        What has no object of its own at the source, and was received under the same name with the same bytes, says nothing new and goes.
        """
        name, sha256 = part.target.name, file_sha256(part.path)
        if not object and any((each.file_name, each.sha256) == (name, sha256) for each in self.history if sha256 in self.taken):
            part.drop()
            return
        self.context.pool.ledger.pulls.record(
            PulledFile(
                contract=self.contract.id,
                server=self.source.server,
                object=object,
                version=version,
                source=source,
                file_name=name,
                sha256=sha256,
                size=part.offset,
                rows=rows,
                reached=reached or {},
                at=self.context.now,
                run=self.context.run,
            )
        )
        part.finish(modified)
        self.files.append(name)
