"""What a step of the path read and wrote, as named datasets with their columns, for whoever draws lineage; no value of anybody in it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from flow.build import resume_build
from flow.context import Context
from flow.query import ANALYST
from flow.receive import waiting_batches
from schemas.contract import Contract

Origin = tuple[str, str]
"""A dataset and a column of it."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A dataset that was read or written. version: which state of it; rows: how many, None where that is not known yet.

    origins: columns of other datasets by the column they supply.
    """

    name: str
    version: str
    rows: int | None = None
    contract: Contract | None = None
    origins: Mapping[str, Sequence[Origin]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Lineage:
    """What one step read and wrote."""

    inputs: Sequence[Touched]
    outputs: Sequence[Touched]


def of_receive(context: Context, contract: str) -> Lineage:
    """Files that arrived and wait to be checked."""
    return Lineage([], [_file(context.contracts[contract], batch) for batch in waiting_batches(context, contract)])


def of_check(context: Context, batch: str) -> Lineage:
    """A file, and its rows that were accepted or put into quarantine."""
    contract = _contract_of(context, batch)
    entry = context.pool.ledger.batch(batch)
    counts = entry.counts if entry else None
    if counts is None:
        return Lineage([_file(contract, batch)], [])
    accepted = Touched(contract.id, batch, counts.accepted, contract)
    return Lineage([_file(contract, batch, counts.received)], [accepted, Touched(f"quarantine/{contract.id}", batch, counts.quarantined)])


def of_match(context: Context, batch: str) -> Lineage:
    """Accepted rows and the address library, and the results."""
    contract = _contract_of(context, batch)
    return Lineage([Touched(contract.id, batch, contract=contract), Touched("address_library", "")], [_matches(contract, batch)])


def of_resolve(context: Context, number: int) -> Lineage:
    """The batches that count with their addresses, and the tables made of them, column by column."""
    build = resume_build(context, number)
    contracts = {batch: _contract_of(context, batch) for batch in build.facts["inputs"]["batches"]}
    inputs = [each for batch, contract in contracts.items() for each in _read_by_resolving(contract, batch)]
    origins = _origins({contract.id: contract for contract in contracts.values()}.values())
    return Lineage(inputs, [Touched(f"pool.{name}", str(number), None, table, origins[name]) for name, table in context.tables.items()])


def of_serve(context: Context, number: int) -> Lineage:
    """The tables of a release, and what analysts read."""
    tables = context.pool.releases.manifest(number)["tables"]
    read = [Touched(f"pool.{name}", str(number), facts["rows"], context.tables[name]) for name, facts in tables.items()]
    return Lineage(read, [Touched(f"share/{ANALYST}", str(number))])


STEPS: Mapping[str, Callable[..., Lineage]] = {
    "receive": of_receive,
    "check": of_check,
    "match": of_match,
    "resolve": of_resolve,
    "serve": of_serve,
}
"""By the verb of the step."""


def _contract_of(context: Context, batch: str) -> Contract:
    return context.contracts[context.pool.receipts.read(batch).contract]


def _file(contract: Contract, batch: str, rows: int | None = None) -> Touched:
    return Touched(f"file/{contract.id}", batch, rows)


def _matches(contract: Contract, batch: str) -> Touched:
    return Touched(f"match/{contract.id}", batch)


def _read_by_resolving(contract: Contract, batch: str) -> Iterator[Touched]:
    yield Touched(contract.id, batch, contract=contract)
    if contract.addresses:
        yield _matches(contract, batch)


def _origins(contracts: Iterable[Contract]) -> dict[str, dict[str, list[Origin]]]:
    """By table and column the columns that contracts say supply it."""
    found: dict[str, dict[str, list[Origin]]] = defaultdict(lambda: defaultdict(list))
    for contract in contracts:
        for fact in contract.facts:
            for target, source in fact.columns.items():
                if isinstance(source, str) and target not in fact.references:
                    found[fact.table]["address_text" if target == "address" else target].append((contract.id, source))
    return found
