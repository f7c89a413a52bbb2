"""Whatever came, in whatever order: all of it rebuilt from the raw files says the same, and what a reckoning by hand says."""

import os
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from flow.rebuild import rebuild
from flow.replay import choose, replay
from flow.run import advance
from flow.set_aside import withdraw
from pool import PoolError, batch_id
from pool.content import tables_content
from pool.files import file_sha256
from pool.verify import verify
from tests.flow.history import History, firms, strict
from tests.flow.random_deliveries import File, Plan, random_plan, reckon, rows_of
from tests.pool.forker import Forker
from tests.small_exports import ORGANISATIONS

SEQUENCES = int(os.environ.get("SEQUENCES", "4"))
"""SEQUENCES=300 pytest tests/flow/test_rebuild.py is the long run; in it processes are killed, too."""
FIRST_SEED = int(os.environ.get("FIRST_SEED", "0"))
MOST_CHANGES = 60
"""A drop of one file is received and checked in about so many changes on disk."""


@pytest.fixture(scope="module")
def killer() -> Iterator[Forker | None]:
    if SEQUENCES <= 20:
        yield None
        return
    with Forker(Path(__file__).parents[2], "tests.flow.killed_steps") as forker:
        yield forker


class Player:
    """Plays a plan; `counting` holds in the end each batch that counts, with the file that brought it first."""

    def __init__(self, plan: Plan, folder: Path, seed: int, killer: Forker | None) -> None:
        self.plan, self.chance, self.killer = plan, random.Random(seed), killer
        self.history = History(folder, plan.delivery)
        self.contract = self.history.context.contracts[ORGANISATIONS]
        if plan.starts_strict:
            self.history.put_contract(strict(self.contract))
        self.counting: dict[str, File] = {}
        self.withdrawn: set[str] = set()

    def play(self) -> None:
        for step in self.plan.steps:
            if step == "mend":
                self.history.put_contract(self.contract)
                self.judge_all_again()
            elif step == "publish":
                advance(self.history.later())
            elif step == "withdraw":
                self.withdraw_one()
            else:
                self.deliver(step)

    def judge_all_again(self) -> None:
        replay(self.history.later(), choose(self.history.context).batches, "规则有误")
        self.history.check_waiting()

    def withdraw_one(self) -> None:
        if self.counting:
            batch = self.chance.choice(sorted(self.counting))
            withdraw(self.history.later(), batch, "送错了")
            self.withdrawn.add(batch)
            del self.counting[batch]

    def deliver(self, files: list[File]) -> None:
        drop = self.history.write({file.name: rows_of(file) for file in files})
        if self.killer is not None and self.chance.random() < 0.5:
            self.killer.killed_at(self.chance.randint(1, MOST_CHANGES), "take_drop", self.history.note(), drop)
        self.history.take(drop)
        for file in files:
            [path] = drop.rglob(f"*_{file.name}.csv")
            period = datetime.strptime(file.period, "%Y%m%d").date().isoformat()  # noqa: DTZ007
            batch = batch_id(ORGANISATIONS, period, file_sha256(path))
            if file.counts and batch not in self.withdrawn:
                self.counting.setdefault(batch, file)


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + SEQUENCES))
def test_all_rebuilt_from_raw_says_the_same_as_the_history(seed: int, tmp_path: Path, killer: Forker | None) -> None:
    player = Player(random_plan(seed), tmp_path, seed, killer)
    player.play()
    if not player.counting:
        return
    history = player.history
    history.context = history.later()
    state = history.state()

    names, outcomes = reckon(list(player.counting.values()), player.plan.delivery)
    assert state.names == names
    assert {batch: state.outcomes[batch] for batch in player.counting} == {batch: outcomes[file] for batch, file in player.counting.items()}

    player.judge_all_again()
    assert history.state().content == state.content, "judged again where it is"

    rebuilt, number = rebuild(history.context, tmp_path / "rebuilt")
    assert number == 1
    with duckdb.connect() as connection:
        tables = tables_content(connection, rebuilt.pool.releases.folder(1) / "pool")
    assert {name: table.content_hash for name, table in tables.items()} == state.content, "rebuilt elsewhere"
    assert verify(rebuilt.pool) == verify(history.context.pool) == []


def test_pool_is_not_rebuilt_over_another(tmp_path: Path) -> None:
    one, other = History(tmp_path / "one"), History(tmp_path / "other")
    one.send({"20250601": firms("1")})
    other.send({"20250601": firms("2")})
    for home in (one.context.pool.home, other.context.pool.home):
        with pytest.raises(PoolError, match="已有别的数据池"):
            rebuild(one.context, home)
