"""What keeps a release back: the gate, another publisher; and how a batch that was kept back gets another chance."""

import shutil
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from flow.check import check
from flow.context import Context, open_context
from flow.match import match
from flow.publish import ReleaseBlocked, publish
from flow.receive import receive
from flow.replay import replay
from flow.resolve import resolve
from flow.run import advance, run
from flow.serve import serve
from flow.summary import summarise
from pool import Pool, PoolBusy, PoolError
from pool.verify import verify
from schemas.model import Rule
from tests.pool.forker import Forker
from tests.small_exports import NOW, ORGANISATIONS, RESIDENTS, context_at, organisations, residents, write_export

FULL, SHRUNK = 20, 8
KILLS = 5


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pool whose first release holds twenty organisations."""
    folder = tmp_path_factory.mktemp("gate")
    write_export(folder / "first", ORGANISATIONS, organisations(FULL))
    assert run(context_at(folder / "home"), folder / "first") == 1
    return folder / "home"


@pytest.fixture
def published(home: Path, tmp_path: Path) -> Context:
    """A copy of that pool for one test."""
    return context_at(Path(shutil.copytree(home, tmp_path / "home")))


def _later(context: Context, day: int) -> Context:
    return replace(context, run=f"run-{day}", now=NOW + timedelta(days=day))


def _tolerating(context: Context, drop_share: float) -> Context:
    return replace(context, city=replace(context.city, limits={**context.city.limits, "drop_share": drop_share}))


def test_release_that_lost_too_many_rows_is_kept_back_until_its_batch_is_replayed(published: Context, tmp_path: Path) -> None:
    write_export(tmp_path / "second", ORGANISATIONS, organisations(SHRUNK), period="20250701")

    with pytest.raises(ReleaseBlocked, match=r"“单位”由 20 行降到 8 行"):
        run(_later(published, 1), tmp_path / "second")

    assert published.pool.releases.current() == 1
    [blocked] = published.pool.ledger.batches(status="blocked")
    assert blocked.period == "2025-07-01"
    assert blocked.reason.startswith("发布关卡未通过：表“单位”由 20 行降到 8 行")
    [kept_out] = [each for source in summarise(published).sources for each in source.kept_out]
    assert kept_out.batch == blocked.batch
    assert verify(published.pool) == []

    assert run(_later(published, 2), tmp_path / "second") is None, "it is not read again by itself"

    tolerant = _tolerating(_later(published, 3), 0.7)
    replay(tolerant, [blocked.batch], "十二家已注销，民政局已核实")
    assert advance(tolerant) == 2
    assert published.pool.ledger.batches(status="blocked") == []
    assert verify(published.pool) == []
    actions = [(record.action, record.object, record.details.get("reason")) for record in published.pool.audit.records()]
    assert ("batch.replay", blocked.batch, "十二家已注销，民政局已核实") in actions


def test_batch_to_blame_is_kept_back_and_the_others_are_published(published: Context, tmp_path: Path) -> None:
    write_export(tmp_path / "second", ORGANISATIONS, organisations(SHRUNK), period="20250701")
    write_export(tmp_path / "second", RESIDENTS, residents(3))

    assert run(_later(published, 1), tmp_path / "second") == 2

    [blocked] = published.pool.ledger.batches(status="blocked")
    assert blocked.contract == ORGANISATIONS
    assert [gate.gate for gate in published.pool.ledger.gates(subject=blocked.batch)] == ["batch", "release"]
    assert published.pool.releases.manifest(2)["tables"]["person"]["rows"] == 3
    assert published.pool.releases.manifest(2)["tables"]["organisation"]["rows"] == FULL
    assert verify(published.pool) == []

    write_export(tmp_path / "third", ORGANISATIONS, organisations(FULL + 1), period="20250702")
    assert run(_later(published, 2), tmp_path / "third") == 3
    assert [source.kept_out for source in summarise(published).sources if source.kept_out] == [], "a later delivery makes up for it"


def test_all_new_batches_are_kept_back_where_none_of_them_lost_the_rows(published: Context, tmp_path: Path) -> None:
    write_export(tmp_path / "second", RESIDENTS, residents(3))
    without = {id: contract for id, contract in published.contracts.items() if id != ORGANISATIONS}
    with pytest.raises(ReleaseBlocked, match="1 个批次已拦下"):
        run(replace(_later(published, 1), contracts=without), tmp_path / "second")
    assert [entry.contract for entry in published.pool.ledger.batches(status="blocked")] == [RESIDENTS]


def test_delivery_accepted_while_a_release_is_built_waits_for_the_next(published: Context, tmp_path: Path) -> None:
    write_export(tmp_path / "second", ORGANISATIONS, organisations(FULL + 1), period="20250701")
    write_export(tmp_path / "third", RESIDENTS, residents(3))
    context = _later(published, 1)
    for delivery in receive(context, tmp_path / "second"):
        check(context, delivery.batch)
    number = resolve(context)
    assert number == 2
    [late] = receive(context, tmp_path / "third")
    check(context, late.batch)
    match(context, late.batch)
    publish(context, number)
    assert serve(context, number) == 2
    assert serve(context, number) == 2, "a repeated task finds its work done"
    assert late.batch not in context.pool.releases.manifest(2)["inputs"]["batches"]
    assert context.pool.releases.manifest(2)["tables"]["person"]["rows"] == 0
    assert verify(published.pool) == []
    assert advance(_later(published, 2)) == 3
    assert context.pool.releases.manifest(3)["tables"]["person"]["rows"] == 3


def test_accepted_batch_judged_differently_makes_a_new_release(published: Context) -> None:
    [entry] = published.pool.ledger.batches(contract=ORGANISATIONS)
    stricter = _later(published, 1)
    contract = stricter.contracts[ORGANISATIONS]
    rule = Rule("not_the_third", "不是第3书画协会", "accuracy", "reject", "name NOT LIKE '%第3书画%'", ("name",))
    stricter = replace(stricter, contracts={**stricter.contracts, ORGANISATIONS: replace(contract, rules=(*contract.rules, rule))})
    replay(stricter, [entry.batch], "契约加了一条规则")
    assert advance(stricter) == 2
    assert published.pool.releases.manifest(2)["tables"]["organisation"]["rows"] == FULL - 1
    assert published.pool.releases.manifest(1)["tables"]["organisation"]["rows"] == FULL
    assert verify(published.pool) == []


def test_replay_of_an_unknown_batch_says_where_batches_are_named(published: Context) -> None:
    with pytest.raises(PoolError, match="没有批次 nothing"):
        replay(published, ["nothing"], "试试")


def test_second_publisher_is_told_who_publishes(published: Context, tmp_path: Path) -> None:
    write_export(tmp_path / "second", ORGANISATIONS, organisations(FULL + 1), period="20250701")
    other = Pool.open(published.pool.home)
    with other.publisher_lock(holder="run-other"), pytest.raises(PoolBusy, match="run-other"):
        run(_later(published, 1), tmp_path / "second")
    assert published.pool.ledger.runs(limit=1)[0].status == "failed"
    assert run(_later(published, 2), tmp_path / "second") == 2


def test_release_under_another_key_is_refused(published: Context, tmp_path: Path) -> None:
    write_export(tmp_path / "second", ORGANISATIONS, organisations(FULL + 1), period="20250701")
    with pytest.raises(PoolError, match="假名密钥"):
        run(replace(_later(published, 1), key=b"another key of thirty-two bytes."), tmp_path / "second")
    assert published.pool.releases.current() == 1
    assert run(_later(published, 2), tmp_path / "second") == 2


def test_empty_folder_leaves_no_release_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    context = context_at(tmp_path / "home")
    with pytest.raises(PoolError, match="datapool contracts show"):
        run(context, tmp_path / "exports")
    assert context.pool.releases.current() is None


def test_pool_that_is_not_there_is_not_made_for_readers(tmp_path: Path) -> None:
    with pytest.raises(PoolError, match="没有数据池"):
        open_context(tmp_path / "typo", existing=True)
    assert not (tmp_path / "typo").exists()


def test_replay_killed_anywhere_ends_the_same_when_the_path_goes_on(home: Path, tmp_path: Path) -> None:
    with Forker(Path(__file__).parents[2], "tests.flow.steps") as forker:
        changes = forker.changes("replay_organisations", Path(shutil.copytree(home, tmp_path / "counted")))
        for point in range(1, changes + 1, max(1, changes // KILLS)):
            copy = Path(shutil.copytree(home, tmp_path / f"home-{point}"))
            assert forker.killed_at(point, "replay_organisations", copy), point
            context = context_at(copy, run="run-after", now=NOW + timedelta(days=1))
            assert advance(context) is None, point
            assert verify(context.pool) == [], point
    assert changes > 5
