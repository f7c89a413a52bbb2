"""A folder of exports: which file belongs to which contract and period."""

import os
import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

from sources.readers import ReadError

PARTIAL_SUFFIXES = (".part", ".tmp", ".temp", ".partial", ".filepart", ".crdownload", ".download")
PERIOD = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:(\d\d)(\d\d)(?:\d{6})?|-(\d\d)-(\d\d)|(\d\d))(?!\d)")

PART = re.compile(r"(?<![\da-z])(\d{1,3})of(\d{1,3})(?!\d)|第(\d{1,3})[份卷部]分?共(\d{1,3})[份卷部]", re.IGNORECASE)


class Dataset(Protocol):
    """What discover needs of a contract."""

    @property
    def id(self) -> str: ...
    @property
    def path_patterns(self) -> tuple[str, ...]: ...


@dataclass(frozen=True, slots=True)
class Found:
    """A file of a folder; contract_id is None if no contract knows it, period None if its name tells no date."""

    path: Path
    contract_id: str | None
    period: date | None


def discover(folder: Path, contracts: Iterable[Dataset], *, settled_before: float | None = None) -> list[Found]:
    """List the exports of a folder and below, ordered by path.

    Patterns are relative to the folder: `*` and `?` stay within a name, `**` spans folders, case is ignored. If several
    contracts match, the one whose pattern says most counts. Temporary, partial and hidden files and symbolic links are
    left out, and so are files modified at or after `settled_before` (seconds since 1970), which may still be growing.
    Raises ReadError if a folder cannot be listed.
    """
    contract_of = recogniser(contracts)
    found = []
    for path in sorted(_files(folder), key=lambda path: path.as_posix()):
        if settled_before is not None and path.stat().st_mtime >= settled_before:
            continue
        relative = path.relative_to(folder).as_posix()
        found.append(Found(path, contract_of(relative), period_of(path.name)))
    return found


def recogniser(contracts: Iterable[Dataset]) -> Callable[[str], str | None]:
    """A function that tells which contract's pattern fits a path best, None if there is none."""
    patterns = [(pattern, contract.id) for contract in contracts for pattern in contract.path_patterns]
    # Most literal characters first; the rest makes the choice independent of the order of contracts.
    patterns.sort(key=lambda item: (len(re.sub(r"[*?]", "", item[0])) * -1, item))
    matchers = [(_pattern(pattern), contract_id) for pattern, contract_id in patterns]

    def contract_of(relative: str) -> str | None:
        return next((contract_id for matcher, contract_id in matchers if matcher.fullmatch(relative)), None)

    return contract_of


def belongs(relative: str, dataset: Dataset) -> bool:
    """Whether a dataset knows a file by its path in a folder of exports."""
    return any(_pattern(pattern).fullmatch(relative) for pattern in dataset.path_patterns)


def period_of(name: str) -> date | None:
    """Return the last date in a file name (YYYYMMDD, also with a time behind it, YYYY-MM-DD, or YYYYMM as its last day)."""
    periods = []
    for year, month, day, dashed_month, dashed_day, lone_month in PERIOD.findall(name):
        try:
            first = date(int(year), int(month or dashed_month or lone_month), int(day or dashed_day or 1))
            periods.append(first.replace(day=monthrange(first.year, first.month)[1]) if lone_month else first)
        except ValueError:
            continue
    return periods[-1] if periods else None


def part_of(name: str) -> tuple[int, int] | None:
    """Which part of how many a file name says it is (1of3, 第1份共3份), None for a whole file; 4of3 is none."""
    found = PART.search(name)
    if found is None:
        return None
    number, total = (int(text) for text in found.groups() if text)
    return (number, total) if 1 <= number <= total else None


def _files(folder: Path) -> Iterator[Path]:
    try:
        entries = list(os.scandir(folder))
    except OSError as error:
        raise ReadError(folder, f"文件夹无法列出（{error.strerror}）", "请核对路径和读取权限") from error
    for entry in entries:
        if entry.is_symlink() or entry.name.startswith((".", "~")) or entry.name == "__MACOSX":
            continue
        if entry.is_dir():
            yield from _files(Path(entry))
        elif entry.is_file() and not entry.name.lower().endswith(PARTIAL_SUFFIXES):
            yield Path(entry)


def _pattern(pattern: str) -> re.Pattern[str]:
    """Translate a path pattern; pathlib's own does not know `**` before Python 3.13."""
    pieces = re.split(r"(\*\*/|\*\*|\*|\?)", pattern)
    wildcards = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(wildcards.get(piece, re.escape(piece)) for piece in pieces), re.IGNORECASE | re.DOTALL)
