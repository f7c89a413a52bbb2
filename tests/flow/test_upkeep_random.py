"""Whatever comes, is published, rolled back and retired, in whatever order: what stays is whole, and the next release says what it would have said."""

import os
import random
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from flow.rebuild import rebuild
from flow.run import advance
from flow.set_aside import roll_back, withdraw
from flow.upkeep.retire import plan, retire
from pool import batch_id
from pool.content import tables_content
from pool.files import file_sha256
from pool.verify import verify
from schemas.contract import Contract
from schemas.duration import Duration
from schemas.retention import ReleaseRetention
from tests.flow.history import History, State
from tests.flow.random_deliveries import File, Plan, random_drop, reckon, rows_of
from tests.small_exports import ORGANISATIONS

SEQUENCES = int(os.environ.get("SEQUENCES", "1"))
"""SEQUENCES=200 pytest tests/flow/test_upkeep_random.py is the long run."""
FIRST_SEED = int(os.environ.get("FIRST_SEED", "0"))
LENGTH = 12
STEPS = {"deliver": 9, "publish": 7, "retire": 5, "roll back": 3, "withdraw": 2}
TOLD_BY_THE_PAST = ("row_outcome", "change", "release_line")
"""Tables beside the histories in which batches that are gone are missed."""


class Keeper:
    """Plays a random sequence; `files` holds what ever came by its batch, `published` the numbers of all releases."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.chance = random.Random(seed)
        self.plan = Plan(self.chance.choice(("full", "full", "incremental")), starts_strict=False)
        self.history = History(folder, self.plan.delivery)
        context = self.history.context
        city = replace(context.city, retention=ReleaseRetention(self.chance.choice((1, 2)), 0, 0, 0, 0, 0))
        self.history.context = replace(context, city=city)
        self.history.put_contract(replace(context.contracts[ORGANISATIONS], retention=Duration(days=1)))
        self.sent: list[File] = []
        self.files: dict[str, File] = {}
        self.published: list[int] = []
        self.retired = 0

    def play(self) -> None:
        for _ in range(LENGTH):
            [step] = self.chance.choices([*STEPS], [*STEPS.values()])
            self.history.context = self.history.later()
            {
                "deliver": self.deliver,
                "publish": self.publish,
                "retire": self.retire,
                "roll back": self.roll_back,
                "withdraw": self.withdraw,
            }[step]()
            assert verify(self.history.context.pool) == [], step

    def deliver(self) -> None:
        files = list(random_drop(self.chance, self.sent, self.plan.delivery))
        self.sent += files
        drop = self.history.write({file.name: rows_of(file) for file in files})
        self.history.take(drop)
        for file in files:
            [path] = drop.rglob(f"*_{file.name}.csv")
            period = datetime.strptime(file.period, "%Y%m%d").date().isoformat()  # noqa: DTZ007
            self.files.setdefault(batch_id(ORGANISATIONS, period, file_sha256(path)), file)

    def publish(self) -> None:
        number = advance(self.history.context)
        releases = self.history.context.pool.releases
        if number is not None:
            assert number == max(self.published, default=0) + 1, "numbers are never used twice"
            self.published.append(number)
            assert releases.current() == self.history.context.pool.shares.current("analyst") == number
        assert advance(replace(self.history.context, run=f"{self.history.context.run}-again")) is None
        if self.published:
            self.assert_line()

    def assert_line(self) -> None:
        """The releases from which the current one comes, as it tells and as the ledger does."""
        pool = self.history.context.pool
        number, previous = pool.releases.current(), {entry.release: entry.previous for entry in pool.ledger.releases()}
        line = []
        here = number
        while here is not None:
            line.append(here)
            here = previous[here]
        table = pool.releases.folder(number or 0) / "pool" / "release_line.parquet"
        with duckdb.connect() as connection:
            told = connection.execute(f"SELECT release FROM '{table}' ORDER BY release").fetchall()
        assert [each for (each,) in told] == sorted(line)

    def roll_back(self) -> None:
        numbers = self.history.context.pool.releases.numbers()
        if not numbers:
            return
        number = self.chance.choice(numbers)
        roll_back(self.history.context, number, "有误")
        assert self.history.context.pool.releases.current() == number
        assert self.history.context.pool.shares.current("analyst") == number
        assert advance(replace(self.history.context, run=f"{self.history.context.run}-at-once")) is None

    def withdraw(self) -> None:
        if len(counting := self.counting()) > 1:  # a release without the dataset would be held back by its gate
            withdraw(self.history.context, self.chance.choice(sorted(counting)), "送错了")

    def retire(self) -> None:
        before = self.history.state() if self.counting() else None
        planned = plan(self.history.context)
        done = retire(self.history.context)
        assert (done.releases, sorted(done.batches), done.in_use) == (planned.going_releases, sorted(planned.going_batches), [])
        assert plan(self.history.context).is_empty
        self.retired += len(done.batches)
        if before is not None:
            after = self.history.state()
            assert after.names == before.names
            assert self.said_of_now(after) == self.said_of_now(before)

    def said_of_now(self, state: State) -> dict[str, str]:
        tables = self.history.context.tables
        return {name: hash for name, hash in state.content.items() if tells_of_now(tables[name])}

    def counting(self) -> dict[str, File]:
        accepted = self.history.context.pool.ledger.batches(contract=ORGANISATIONS, status="accepted")
        return {entry.batch: self.files[entry.batch] for entry in accepted}


def tells_of_now(table: Contract) -> bool:
    return table.system == "pool" and not table.is_history and table.dataset not in TOLD_BY_THE_PAST


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + SEQUENCES))
def test_what_stays_says_what_it_said_and_a_rebuild_says_the_same(seed: int, tmp_path: Path) -> None:
    keeper = Keeper(tmp_path, seed)
    keeper.play()
    keeper.history.context = keeper.history.later()
    keeper.retire()
    counting = keeper.counting()
    if not counting:
        return
    state = keeper.history.state()
    names, outcomes = reckon(list(counting.values()), keeper.plan.delivery)
    assert state.names == names
    assert {batch: state.outcomes[batch] for batch in counting} == {batch: outcomes[file] for batch, file in counting.items()}

    rebuilt, number = rebuild(keeper.history.context, tmp_path / "rebuilt")
    assert number == 1
    with duckdb.connect() as connection:
        tables = tables_content(connection, rebuilt.pool.releases.folder(1) / "pool")
    assert {name: table.content_hash for name, table in tables.items()} == state.content
    assert verify(rebuilt.pool) == []
