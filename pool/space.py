"""What takes how much disk: every inode counted once, in blocks, as `du` does."""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from os import stat_result
from pathlib import Path

from pool.files import BLOCK, files_below
from pool.pool import Pool

WINDOW = 10
"""So many of the last releases tell how fast the pool grows."""

Inode = tuple[int, int]


@dataclass(frozen=True, slots=True)
class ReleaseSpace:
    """Bytes of a release with its shares: in all, those that would be free without it alone, and those it brought that no earlier one has."""

    release: int
    bytes: int
    alone: int
    added: int


@dataclass(frozen=True, slots=True)
class Growth:
    """What a release costs, received files and their rows included, over so many of the last ones; how long the disk lasts at that rate, if it can be told."""

    releases: int
    bytes_per_release: int
    bytes_per_day: int | None
    lasts: timedelta | None


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes by part of the pool, of the batches by dataset, of releases; all of them, what is free, and the growth if there are two releases."""

    parts: Mapping[str, int]
    datasets: Mapping[str, int]
    releases: Sequence[ReleaseSpace]
    total: int
    free: int
    growth: Growth | None


def measure(pool: Pool) -> Space:
    """Measure the pool; looks at every file once and reads none."""
    paths = pool.paths
    releases = measure_releases(pool)
    folders = {
        "raw": paths.raw,
        "receipts": paths.receipts,
        "batches": paths.batches,
        "matches": paths.matches,
        "library": paths.library,
        "releases": paths.releases,
        "shares": paths.shares,
        "audit": paths.audit,
        "inbox": paths.inbox,
        "exports": paths.exports,
        "parts": paths.parts,
    }
    parts = {name: _size(_statuses(folder)) for name, folder in folders.items()} | {"ledger": pool.ledger.size()}
    counted = {*folders.values(), paths.locks}
    others = [path for path in paths.home.iterdir() if path not in counted and not path.name.startswith(paths.ledger_file.name)]
    parts["others"] = _size(status for path in others for status in _statuses(path))
    free = shutil.disk_usage(paths.home).free
    return Space(parts, _datasets(pool), releases, sum(parts.values()), free, _growth(pool, releases, free))


def _statuses(path: Path) -> Iterable[stat_result]:
    """Of a file or of all files below a folder; of those that go meanwhile none."""
    for file in [path] if path.is_file() else files_below(path):
        with suppress(FileNotFoundError):
            yield file.lstat()


def _size(statuses: Iterable[stat_result]) -> int:
    return sum({_inode(status): status.st_blocks * BLOCK for status in statuses}.values())


def _inode(status: stat_result) -> Inode:
    return status.st_dev, status.st_ino


def _datasets(pool: Pool) -> dict[str, int]:
    sizes: Counter[str] = Counter()
    for entry in pool.ledger.batches():
        sizes[entry.contract] += _size(_statuses(pool.batches.folder(entry.batch)))
    return dict(sizes)


def measure_releases(pool: Pool) -> list[ReleaseSpace]:
    """Measure the releases that are here, oldest first."""
    files: dict[int, dict[Inode, int]] = {}
    links: dict[Inode, int] = {}
    names: dict[int, Counter[Inode]] = defaultdict(Counter)
    for number in pool.releases.numbers():
        folders = [pool.releases.folder(number), *(pool.shares.folder(share, number) for share in pool.shares.names())]
        statuses = [status for folder in folders for status in _statuses(folder)]
        files[number] = {_inode(status): status.st_blocks * BLOCK for status in statuses}
        links |= {_inode(status): status.st_nlink for status in statuses}
        names[number].update(map(_inode, statuses))
    known: set[Inode] = set()
    measured = []
    for number, sizes in files.items():
        alone = sum(size for inode, size in sizes.items() if links[inode] == names[number][inode])
        added = sum(size for inode, size in sizes.items() if inode not in known)
        measured.append(ReleaseSpace(number, sum(sizes.values()), alone, added))
        known |= sizes.keys()
    return measured


def _growth(pool: Pool, releases: Sequence[ReleaseSpace], free: int) -> Growth | None:
    """Over the newest releases without a gap, but for the first of them: of that one nobody can tell what was there before."""
    published = {entry.release: entry.published_at for entry in pool.ledger.releases()}
    unbroken = [each for place, each in enumerate(reversed(releases)) if each.release == releases[-1].release - place]
    window = [each for each in reversed(unbroken) if each.release in published][-1 - WINDOW :]
    if len(window) < 2:
        return None
    since, until = published[window[0].release], published[window[-1].release]
    grown = sum(each.added for each in window[1:]) + _received(pool, since, until)
    per_release = grown // (len(window) - 1)
    days = (until - since) / timedelta(days=1)
    if days <= 0 or grown <= 0:
        return Growth(len(window) - 1, per_release, None, None)
    most = timedelta.max.days * grown
    return Growth(len(window) - 1, per_release, int(grown / days), timedelta(days=free * days / grown) if free * days < most else None)


def _received(pool: Pool, since: datetime, until: datetime) -> int:
    """Bytes of the raw files and rows of the batches that came in between."""
    came = [entry for entry in pool.ledger.batches() if since < entry.received_at <= until]
    earlier = {entry.sha256 for entry in pool.ledger.batches() if entry.received_at <= since}
    raw = {pool.raw.path(entry.sha256) for entry in came if entry.sha256 not in earlier and pool.raw.holds(entry.sha256)}
    return _size(status for path in (*raw, *(pool.batches.folder(entry.batch) for entry in came)) for status in _statuses(path))
