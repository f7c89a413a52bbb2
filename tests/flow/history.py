"""A small pool to which a department sends files, one drop after the other, and what came of their rows."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

import duckdb

from flow.check import check
from flow.context import Context
from flow.receive import receive, waiting_batches
from flow.resolve import resolve
from flow.workspace import sql_path
from pool.content import tables_content
from pool.verify import verify
from schemas.contract import Contract
from schemas.model import Delivery, Rule
from tests.small_exports import NOW, ORGANISATIONS, context_at, organisations, write_export

Row = dict[str, str]
NOTE = "note.json"
NO_C = Rule("no_c", "名称不含 c", "accuracy", "reject", "name NOT LIKE '%c'", ("name",))
"""A rule that a contract has by mistake: with it version c of a row is bad."""


def firms(*names: str) -> list[Row]:
    """Organisations by number and version: `3` and `3b` are one with two names, `3x` has none, which its contract does not allow."""
    return [firm(name) for name in names]


def strict(contract: Contract) -> Contract:
    """The contract with the rule that is a mistake."""
    return replace(contract, rules=(*contract.rules, NO_C))


def firm(name: str) -> Row:
    number = int(name.rstrip("abcdx"))
    [row] = organisations(1, first=number)
    return row | {"name": "" if name.endswith("x") else f"协会{name}"}


class History:
    """What a department sent of one dataset; every drop comes a day after the one before."""

    def __init__(self, folder: Path, delivery: Delivery = "full") -> None:
        self.folder = folder
        context = context_at(folder / "home")
        limits = context.city.limits | {"quarantined_share": 0.9, "drop_share": 1.0}  # a few rows are soon a large share
        self.context = replace(context, city=replace(context.city, limits=limits))
        self.put_contract(replace(context.contracts[ORGANISATIONS], delivery=delivery))
        self.drops = 0

    def put_contract(self, contract: Contract) -> None:
        """From now on this is the contract of the dataset."""
        self.context = replace(self.context, contracts={**self.context.contracts, contract.id: contract})

    def note(self) -> Path:
        """Note the surroundings for another process, which goes on with `resumed`; returns the folder of both."""
        contract = self.context.contracts[ORGANISATIONS]
        facts = {
            "now": self.context.now.isoformat(),
            "run": self.context.run,
            "delivery": contract.delivery,
            "is_strict": NO_C in contract.rules,
        }
        (self.folder / NOTE).write_text(json.dumps(facts))
        return self.folder

    @classmethod
    def resumed(cls, folder: Path) -> Self:
        """The history whose surroundings were noted."""
        facts = json.loads((folder / NOTE).read_text())
        history = cls(folder, facts["delivery"])
        history.context = replace(history.context, now=datetime.fromisoformat(facts["now"]), run=facts["run"])
        if facts["is_strict"]:
            history.put_contract(strict(history.context.contracts[ORGANISATIONS]))
        return history

    def send(self, files: Mapping[str, Sequence[Row]]) -> None:
        """One drop of files by the end of their name, which tells the period; received and checked, twice, for repeating changes nothing."""
        drop = self.write(files)
        self.take(drop)
        batches = self.context.pool.ledger.batches()
        self.take(drop)
        assert self.context.pool.ledger.batches() == batches
        assert verify(self.context.pool) == []

    def write(self, files: Mapping[str, Sequence[Row]]) -> Path:
        """The files of the next day's drop; returns their folder."""
        self.drops += 1
        self.context = self.later()
        drop = self.folder / f"drop-{self.drops}"
        for name, rows in files.items():
            write_export(drop, ORGANISATIONS, rows, period=name)
        return drop

    def take(self, drop: Path) -> None:
        receive(self.context, drop)
        self.check_waiting()

    def check_waiting(self) -> None:
        for batch in waiting_batches(self.context):
            check(self.context, batch)

    def later(self) -> Context:
        """The surroundings of the next day."""
        days = self.context.now - NOW + timedelta(days=1)
        return replace(self.context, now=NOW + days, run=f"run-{days.days}")

    def batch(self, name: str) -> str:
        """The batch of the file whose name ends so; the last one of several."""
        entries = self.context.pool.ledger.batches(contract=ORGANISATIONS)
        found = [entry for entry in entries if self.context.pool.receipts.read(entry.batch).file_name.endswith(f"_{name}.csv")]
        return max(found, key=lambda entry: entry.received_at).batch

    def state(self) -> "State":
        """What the rows come to: the tables of a release that is not published, or of the one that says the same."""
        with duckdb.connect() as connection:
            number, releases = resolve(self.context), self.context.pool.releases
            tables = releases.folder(releases.current() or 0) / "pool" if number is None else releases.resume(number).tables
            rows = connection.execute(
                f"SELECT batch, outcome, count(*) FROM {sql_path(tables / 'row_outcome.parquet')} GROUP BY ALL"
            ).fetchall()
            names = connection.execute(f"SELECT name FROM {sql_path(tables / 'organisation.parquet')} ORDER BY name").fetchall()
            content = {name: table.content_hash for name, table in tables_content(connection, tables).items()}
        with self.context.pool.publisher_lock():
            self.context.pool.releases.recover(now=self.context.now)
        return State(self, rows, [name for (name,) in names], content)


class State:
    """Names of the organisations that count, outcomes of the rows of each file, hashes of the tables."""

    def __init__(self, history: History, rows: list[tuple[str, str, int]], names: list[str], content: Mapping[str, str]) -> None:
        self._history = history
        self.outcomes: dict[str, Counter[str]] = {}
        for batch, outcome, count in rows:
            self.outcomes.setdefault(batch, Counter())[outcome] += count
        self.names = [name.removeprefix("协会") for name in names]
        self.content = content
        for entry in history.context.pool.ledger.batches(status="accepted"):
            assert entry.counts is not None
            assert self.outcomes.get(entry.batch, Counter()).total() == entry.counts.received, "every row has one outcome"

    def of(self, name: str) -> dict[str, int]:
        """Outcomes of the rows of the file whose name ends so."""
        return dict(self.outcomes.get(self._history.batch(name), {}))
