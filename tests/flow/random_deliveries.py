"""Random histories of deliveries, and what a plain reckoning by hand says of them."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Literal

from tests.flow.history import Row, firms

PERIODS = ("20250401", "20250501", "20250601", "20250701", "20250801")
KEYS = range(1, 13)
QUARANTINED_SHARE = 0.9
"""What the gate of a batch tolerates."""


@dataclass(frozen=True)
class File:
    """A file of a drop: its name (period, perhaps more), its rows by name as `firms` reads them, its place among all files that came."""

    name: str
    rows: tuple[str, ...]
    arrival: int
    part: tuple[int, int] | None = None

    @property
    def period(self) -> str:
        return self.name[:8]

    @property
    def counts(self) -> bool:
        """Whether enough of its rows are good."""
        good = {row.rstrip("abcdx") for row in self.rows if not row.endswith("x")}
        return len(good) >= (1 - QUARANTINED_SHARE) * len(self.rows) and bool(good)


@dataclass
class Plan:
    """A random sequence of drops; `steps` are lists of files, or what else happens between them."""

    delivery: Literal["full", "incremental"]
    starts_strict: bool
    steps: list[list[File] | Literal["mend", "withdraw", "publish"]] = field(default_factory=list)


def random_plan(seed: int, length: int = 6) -> Plan:
    """New periods, corrections, late files, repeated files, parts, two files at once, bad rows and rows with one key, in any order."""
    chance = random.Random(seed)
    plan = Plan(chance.choice(("full", "full", "incremental")), chance.random() < 0.4)
    sent: list[File] = []
    for _ in range(length):
        what = chance.random()
        if sent and what < 0.12:
            plan.steps.append(chance.choice(("withdraw", "publish")))
            continue
        drop = list(random_drop(chance, sent, plan.delivery))
        sent += drop
        plan.steps.append(drop)
    if plan.starts_strict:
        plan.steps.insert(chance.randint(1, len(plan.steps)), "mend")
    return plan


def random_drop(chance: random.Random, sent: list[File], delivery: str) -> Iterator[File]:
    """The files of the next drop, `sent` having come before."""
    arrival = len(sent)
    kind = chance.choice(("new", "new", "again", "same rows", "parts", "two"))
    period = chance.choice(PERIODS)
    if kind == "again" and sent:
        yield replace(chance.choice(sent), arrival=arrival)
    elif kind == "same rows" and sent:
        yield File(period, chance.choice(sent).rows, arrival)
    elif kind == "parts" and delivery == "full":
        rows = _rows(chance, sent)
        for number in sorted(chance.sample((1, 2), chance.choice((1, 2, 2)))):
            yield File(f"{period}_{number}of2", rows[number - 1 :: 2], arrival + number, (number, 2))
    elif kind == "two":
        yield File(period, _rows(chance, sent), arrival)
        yield File(f"{period}(1)", _rows(chance, sent), arrival + 1)
    else:
        yield File(period, _rows(chance, sent), arrival)


def _rows(chance: random.Random, sent: list[File]) -> tuple[str, ...]:
    """Most rows of a file that came before, some changed, some gone, some new, now and then one bad or twice."""
    before = {row.rstrip("abcdx"): row for row in chance.choice(sent).rows} if sent else {}
    rows = []
    for key in KEYS:
        if chance.random() < 0.2:
            continue
        row = before.get(str(key), str(key))
        if chance.random() < 0.25:
            row = f"{key}{chance.choice(('', 'a', 'b', 'c', 'x'))}"
        rows.append(row)
    if chance.random() < 0.2:
        rows.append(f"{chance.choice(KEYS)}d")
    chance.shuffle(rows)
    return tuple(rows) or ("1",)


def rows_of(file: File) -> list[Row]:
    return firms(*file.rows)


def reckon(files: list[File], delivery: str) -> tuple[list[str], dict[File, Counter[str]]]:
    """Names that count in the end, and what became of the rows of each file.

    files: those that count, in the order in which they came; one that came twice stands once.
    """
    outcomes: dict[File, Counter[str]] = {file: Counter() for file in files}
    standing: dict[str, tuple[str, File]] = {}
    for export, is_whole in _exports(sorted(files, key=lambda file: (file.period, file.arrival)), delivery):
        good: dict[str, tuple[str, File]] = {}
        bad: set[str] = set()
        for file in export:
            for key, row in _good_rows(file, outcomes[file], bad).items():
                if key in good:
                    outcomes[good[key][1]]["superseded"] += 1
                good[key] = (row, file)
        for key, (_, file) in list(standing.items()):
            if key in good or (is_whole and key not in bad):
                outcomes[file]["superseded" if key in good else "withdrawn"] += 1
                del standing[key]
        standing |= good
    for _, file in standing.values():
        outcomes[file]["published"] += 1
    return sorted(row for row, _ in standing.values()), outcomes


def _good_rows(file: File, outcomes: Counter[str], bad: set[str]) -> dict[str, str]:
    """Rows by key; of several with one key the last good one stays, of equal ones the first."""
    good: dict[str, str] = {}
    for row in file.rows:
        key = row.rstrip("abcdx")
        if row.endswith("x"):
            bad.add(key)
            outcomes["quarantined"] += 1
        else:
            outcomes["quarantined"] += key in good
            good[key] = row
    return good


def _exports(files: list[File], delivery: str) -> Iterator[tuple[list[File], bool]]:
    """Files that belong together, in order, and whether they are all there is."""
    if delivery == "incremental":
        yield from (([file], False) for file in files)
        return
    waiting: list[File] = []
    for place, file in enumerate(files):
        if file.part is None:
            yield [file], True
            continue
        waiting.append(file)
        following = files[place + 1] if place + 1 < len(files) else None
        if following is None or following.period != file.period or following.part is None:
            newest = {each.part: each for each in waiting}
            yield from (([each], False) for each in waiting if each not in newest.values())
            is_whole = len(newest) == 2
            together = sorted(newest.values(), key=lambda each: each.arrival)
            yield from [(together, True)] if is_whole else (([each], False) for each in together)
            waiting = []
