"""Retire: releases by the city's rule, batches by their contracts, and what was only made for them goes; whatever is in use stays for the next time."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from address_matching import RULE_VERSION
from flow.context import Context
from flow.delivered import accepted_deliveries
from flow.library import named_library
from flow.progress import Progress, silent
from flow.receive import clear_inbox
from flow.rematch import EARLIER_LIBRARIES
from flow.upkeep.batches import BatchFate, batch_fates
from flow.upkeep.releases import ReleaseFate, release_fates
from pool import PoolBusy
from pool.files import folder_size
from pool.reading import unread
from pool.retiring import left_of_retired, remove_retired, retire_batches

BY_RULE = "按城市目录 retention 的规则不再保留"


@dataclass(frozen=True, slots=True)
class Results:
    """Libraries that no release that stays was made with and on which the next run would not stand, and files of address results by them."""

    libraries: Sequence[str]
    files: Sequence[Path]
    kept_of_retired: int
    """Files of batches that are kept no longer on which others stand, or may."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to become of every release, of every batch past its retention, and of what was made for them.

    not_due: batches that are not past the retention of their contract. kept_for_ever: batches whose contract has none. unfinished: retired batches
    of which a killed process left something.
    """

    releases: Sequence[ReleaseFate]
    batches: Sequence[BatchFate]
    results: Results
    not_due: int
    kept_for_ever: int
    unfinished: int

    @property
    def going_releases(self) -> list[int]:
        return [fate.release for fate in self.releases if not fate.kept_by]

    @property
    def going_batches(self) -> list[str]:
        return [fate.batch for fate in self.batches if fate.may_go]

    @property
    def is_empty(self) -> bool:
        return not (self.going_releases or self.going_batches or self.results.libraries or self.results.files or self.unfinished)


@dataclass(slots=True)
class Retired:
    """What went, and what stayed because somebody was using it, in Chinese."""

    releases: list[int] = field(default_factory=list)
    batches: list[str] = field(default_factory=list)
    raw_files: int = 0
    libraries: int = 0
    result_files: int = 0
    in_use: list[str] = field(default_factory=list)


def plan(context: Context) -> Plan:
    """What `retire` would do now, if nobody were using anything."""
    releases = release_fates(context)
    staying = [fate.release for fate in releases if fate.kept_by]
    batches = batch_fates(context, staying)
    entries = context.pool.ledger.batches()
    limited = [entry for entry in entries if (contract := context.contracts.get(entry.contract)) and contract.retention]
    kept_for_ever, unfinished = len(entries) - len(limited), len(left_of_retired(context.pool))
    return Plan(releases, batches, _results(context, staying), len(limited) - len(batches), kept_for_ever, unfinished)


def going(context: Context) -> tuple[int, int]:
    """How many releases and batches could go now."""
    fates = release_fates(context)
    staying = [fate.release for fate in fates if fate.kept_by]
    return len(fates) - len(staying), sum(fate.may_go for fate in batch_fates(context, staying))


def retire(context: Context, *, progress: Progress = silent) -> Retired:
    """Do what `plan` says, as far as nobody is using it; may be repeated, and goes on where it was killed.

    Raises PoolBusy when a release is being built.
    """
    done = Retired()
    with context.pool.publisher_lock(holder=context.run):
        context.pool.releases.complete_retirements()
        _retire_releases(context, done, progress)
        with _datasets(context, done) as contracts, unread([context.pool.paths.batches]) as is_free:
            if is_free:
                remove_retired(context.pool)
                _retire_batches(context, contracts, done, progress)
                _retire_results(context, done, progress)
            else:
                done.in_use.append("有任务正在读批次（接收、匹配、核对或追溯），批次、原始文件和匹配结果留到下次")
    return done


def _retire_releases(context: Context, done: Retired, progress: Progress) -> None:
    going = [fate.release for fate in release_fates(context) if not fate.kept_by]
    for place, number in enumerate(going):
        progress("清退版本", place, len(going))
        if context.pool.releases.retire(number, BY_RULE, actor=context.actor, now=context.now):
            done.releases.append(number)
        else:
            done.in_use.append(f"发布 {number} 有人正在读，留到下次")
    progress("清退版本", len(going), len(going))


@contextmanager
def _datasets(context: Context, done: Retired) -> Iterator[list[str]]:
    """The contracts with a retention of which no batch is being judged, nor will be while the body runs: a batch that is judged takes rows over."""
    free = []
    with ExitStack() as locks:
        for id, contract in context.contracts.items():
            if contract.retention is None:
                continue
            try:
                locks.enter_context(context.pool.dataset_lock(id, 0, holder=context.run))
                free.append(id)
            except PoolBusy:
                done.in_use.append(f"数据集 {contract.name} 正在检查批次，它的批次留到下次")
        yield free


def _retire_batches(context: Context, contracts: Collection[str], done: Retired, progress: Progress) -> None:
    going = {fate.batch: fate.reason for fate in batch_fates(context, _standing(context), contracts) if fate.may_go}
    for gone in retire_batches(context.pool, going, actor=context.actor, now=context.now):
        progress("清退批次", len(done.batches), len(going))
        clear_inbox(context, context.pool.receipts.read(gone.batch))
        done.batches.append(gone.batch)
        done.raw_files += gone.with_raw
    progress("清退批次", len(going), len(going))


def _retire_results(context: Context, done: Retired, progress: Progress) -> None:
    found = _results(context, _standing(context))
    if not (found.libraries or found.files):
        return
    size = sum(path.stat().st_size for path in found.files) + sum(
        folder_size(context.pool.library.folder(each)) for each in found.libraries
    )
    detail = {"libraries": found.libraries, "files": len(found.files), "bytes": size}
    context.pool.audit.append("results.retire", "matches", context.actor, "started", context.now, detail)
    for place, version in enumerate(found.libraries):
        progress("清退地址库和匹配结果", place, len(found.libraries))
        context.pool.library.remove(version)
    context.pool.matches.remove(found.files)
    progress("清退地址库和匹配结果", len(found.libraries), len(found.libraries))
    done.libraries, done.result_files = len(found.libraries), len(found.files)


def _standing(context: Context) -> list[int]:
    """The releases that are here and not retired, those in use included."""
    return [fate.release for fate in release_fates(context)]


def _results(context: Context, releases: Collection[int]) -> Results:
    """Of the libraries that no release names the last ones stay: results are kept from them, and one may have been built for the next release."""
    pool = context.pool
    used = {pool.releases.manifest(number).get("inputs", {}).get("library", "") for number in releases}
    newest = sorted(pool.library.names(), key=lambda version: pool.library.folder(version).stat().st_mtime_ns, reverse=True)
    used |= {*newest[:EARLIER_LIBRARIES], *pool.matches.libraries(RULE_VERSION, "")[:EARLIER_LIBRARIES]}
    used.add(named_library(context, accepted_deliveries(context)).version)
    files = pool.matches.unused(used, RULE_VERSION)
    going = {*files}
    retired = tuple(f"{batch}-" for batch in pool.ledger.upkeep.retired("batch"))
    kept = (
        [path for path in pool.paths.matches.glob("*/*/*.parquet") if path not in going and path.name.startswith(retired)]
        if retired
        else []
    )
    return Results(sorted(set(pool.library.names()) - used), files, len(kept))
