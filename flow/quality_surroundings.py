"""What the rules may look at beside the tables: deliveries, datasets, volumes of earlier releases, match rates, limits, the clock."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flow.build import Build
from flow.context import Context
from flow.delivered import file_key
from pool import Batch, BatchStatus, Outcome
from schemas.codes import code_list, ended_states
from schemas.contract import Contract

Rows = Sequence[tuple[Any, ...]]
COUNTING = ("published", "merged")
"""Outcomes of rows that count."""
KNOWN: tuple[BatchStatus, ...] = ("accepted", "blocked", "failed")
"""States of the batches that rules are told of: what a person withdrew is nobody's fault any more."""
RELEASES_BEFORE = 12
"""So many earlier releases make up the usual volume."""


def surroundings(context: Context, build: Build, outcomes: Iterable[Outcome]) -> Mapping[str, Rows]:
    """The rows of `pool_rules.SURROUNDINGS` but for `stated_place`, which are as many as were delivered; outcomes: of the rows of this release."""
    used = set(build.facts["inputs"]["batches"])
    entries = [
        entry
        for status in KNOWN
        for entry in context.pool.ledger.batches(status=status)
        if entry.contract in context.contracts and (status != "accepted" or entry.batch in used)
    ]
    entries.sort(key=lambda entry: entry.batch)
    newest = _newest_periods(entries)
    contracts = {name: contract for name, contract in context.contracts.items() if name in {entry.contract for entry in entries}}
    data_date = max(newest.values())
    return {
        "scope": [(build.release.number, data_date, context.local_time(context.now).replace(tzinfo=None))],
        "city_limit": sorted(context.city.limits.items()),
        "city_extent": [context.city.extent],
        "level_rank": [(level, rank) for rank, level in enumerate(code_list("address_level"))],
        "ended_state": [(each.table_name, each.kind, each.code_list, each.code) for each in ended_states()],
        "coded_column": sorted({coded for contract in contracts.values() for coded in _coded_columns(contract)}),
        "register": sorted({(name, table) for name, contract in contracts.items() for table in _numbered(contract)}),
        "source_file": [(file_key(entry.sha256), entry.contract) for entry in entries if entry.status == "accepted"],
        "dataset": [
            (name, each.department, each.frequency_days, each.latency_hours, newest.get(name)) for name, each in sorted(contracts.items())
        ],
        "delivery": [_delivery(context, entry) for entry in entries],
        "volume": _volumes(context, build, outcomes),
        "address_rate": build.facts["addresses"],
    }


def _delivery(context: Context, entry: Batch) -> tuple[Any, ...]:
    received_at = context.local_time(entry.received_at).replace(tzinfo=None)
    received = entry.counts.received if entry.counts else None
    return entry.batch, entry.contract, date.fromisoformat(entry.period), received_at, entry.status, received


def _coded_columns(contract: Contract) -> Iterator[tuple[str, str, str, str]]:
    """Which code list a dataset takes the codes from that it says of a column of the pool; the pool keeps the code, not its list."""
    elements = {column.name: column.element for column in contract.columns}
    for fact in contract.facts:
        for column, source in fact.columns.items():
            element = elements.get(source) if isinstance(source, str) else None
            if element is not None and element.code_list:
                yield contract.id, fact.table, column, element.code_list


def _numbered(contract: Contract) -> list[str]:
    """The tables whose records a dataset numbers itself, rather than by the numbers of another one."""
    return [fact.table for fact in contract.facts if "source_key" in fact.columns and fact.of is None]


def _newest_periods(entries: Iterable[Batch]) -> dict[str, date]:
    newest: dict[str, date] = {}
    for entry in entries:
        if entry.status == "accepted":
            newest[entry.contract] = max(newest.get(entry.contract, date.min), date.fromisoformat(entry.period))
    return newest


def _volumes(context: Context, build: Build, outcomes: Iterable[Outcome]) -> Rows:
    """Rows that count by release and dataset: of this release and of those it comes from. A dataset that is gone has none."""
    line = _line_before(context, build.release.previous)
    by_release = {release: _counting(context, context.pool.ledger.outcomes(release)) for release in line}
    by_release[build.release.number] = _counting(context, outcomes)
    datasets = sorted({dataset for counted in by_release.values() for dataset in counted})
    return [(release, dataset, counted[dataset]) for release, counted in sorted(by_release.items()) for dataset in datasets]


def _line_before(context: Context, release: int | None) -> list[int]:
    previous = {entry.release: entry.previous for entry in context.pool.ledger.releases()}
    line: list[int] = []
    while release is not None and len(line) < RELEASES_BEFORE:
        line.append(release)
        release = previous.get(release)
    return line


def _counting(context: Context, outcomes: Iterable[Outcome]) -> Counter[str]:
    rows: Counter[str] = Counter()
    for outcome in outcomes:
        if outcome.outcome in COUNTING:
            rows[context.pool.receipts.read(outcome.batch).contract] += outcome.rows
    return rows
