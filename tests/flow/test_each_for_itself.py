"""One file, rule, contract or dataset in trouble, or grown, leaves the others and the earlier ones as they are."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

from flow.check import check
from flow.context import Context
from flow.delivered import accepted_deliveries, create_delivered
from flow.publish import ReleaseBlocked
from flow.receive import NOT_RECEIVED, receive
from flow.run import advance, run
from pool.verify import verify
from schemas.contract import Contract
from schemas.model import Rule
from tests.small_exports import NOW, ORGANISATIONS, RESIDENTS, context_at, organisations, residents, write_export


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Context:
    """A pool with a release of both datasets; the tests of this module add to it in their order."""
    folder = tmp_path_factory.mktemp("each")
    write_export(folder / "exports", ORGANISATIONS, organisations(5))
    write_export(folder / "exports", RESIDENTS, residents(5))
    context = context_at(folder / "home")
    assert run(context, folder / "exports") == 1
    return context


def _later(context: Context, day: int, **contracts: Contract) -> Context:
    changed = {contract.id: contract for contract in contracts.values()}
    return replace(context, run=f"run-{day}", now=NOW + timedelta(days=day), contracts={**context.contracts, **changed})


@contextmanager
def _no_file_larger_than(size: int) -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_file_that_cannot_be_stored_is_noted_and_the_others_are_received(published: Context, tmp_path: Path) -> None:
    large = write_export(tmp_path, RESIDENTS, [], period="20250701")
    large.write_bytes(b"x" * (8 << 20))
    small = write_export(tmp_path, ORGANISATIONS, organisations(6), period="20250701")
    context = _later(published, 1)
    with _no_file_larger_than(4 << 20):
        deliveries = receive(context, tmp_path)
    assert [delivery.file for delivery in deliveries] == [small]
    [problem] = [problem for problem in context.pool.ledger.problems() if problem.kind == NOT_RECEIVED]
    assert problem.file == large.relative_to(tmp_path).as_posix()
    assert "无法存入数据池" in problem.cause
    assert advance(context) == 2
    assert verify(context.pool) == []


def test_rule_that_cannot_be_computed_fails_its_batch_and_no_other(published: Context, tmp_path: Path) -> None:
    contract = published.contracts[RESIDENTS]
    rule = Rule("number_of_name", "姓名是数", "accuracy", "reject", "CAST(name AS INTEGER) > 0", ("name",))
    write_export(tmp_path, RESIDENTS, residents(6), period="20250702")
    write_export(tmp_path, ORGANISATIONS, organisations(7), period="20250702")
    context = _later(published, 2, residents=replace(contract, rules=(*contract.rules, rule)))
    assert run(context, tmp_path) == 3
    [failed] = context.pool.ledger.batches(status="failed")
    assert failed.contract == RESIDENTS
    assert failed.reason.startswith("resident_population_20250702.csv：检查时出错（ConversionException）")
    assert "张某" not in failed.reason, "what stood in the cells is nobody's business"
    assert check(_later(published, 3), failed.batch) == "failed", "it is judged again only when it is replayed"


def test_batches_older_than_a_column_of_their_contract_still_count(published: Context) -> None:
    contract = published.contracts[ORGANISATIONS]
    approved = contract.column("approved_on")
    cancelled = replace(approved, name="cancelled_on", physical_name="注销日期", label="注销日期", synonyms=())
    fact = contract.facts[0]
    grown = replace(
        contract,
        version="1.1.0",
        columns=(*contract.columns, cancelled),
        facts=(replace(fact, columns={**fact.columns, "cancelled_on": "cancelled_on"}), *contract.facts[1:]),
    )
    context = _later(published, 4, organisations=grown)
    number = advance(context)
    assert number == 4
    assert context.pool.releases.manifest(number)["tables"]["organisation"]["rows"] == 7


def test_datasets_of_one_name_in_two_systems_are_told_apart(published: Context) -> None:
    deliveries = accepted_deliveries(published)
    ours = published.contracts[ORGANISATIONS]
    theirs = replace(ours, id="another.social_organisation", system="another")
    with duckdb.connect() as connection:
        views = [create_delivered(connection, published, contract, deliveries[ORGANISATIONS]) for contract in (ours, theirs)]
    assert len(set(views)) == 2


def test_batch_whose_contract_is_gone_waits(published: Context, tmp_path: Path) -> None:
    write_export(tmp_path, RESIDENTS, residents(6), period="20250705")
    context = _later(published, 5)
    receive(context, tmp_path)
    without = replace(context, contracts={name: contract for name, contract in context.contracts.items() if name != RESIDENTS})
    with pytest.raises(ReleaseBlocked, match="本次没有新增批次"):
        advance(without)
    assert [entry.contract for entry in context.pool.ledger.batches(status="received")] == [RESIDENTS]
    assert advance(_later(published, 6)) == 5
    assert context.pool.releases.manifest(5)["tables"]["person"]["rows"] == 6
