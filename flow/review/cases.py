"""The cases of the current release: every address text that the matcher left open, with all that helps to decide."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from duckdb import DuckDBPyConnection

from address_matching import RULE_VERSION
from flow.context import Context
from flow.delivered import accepted_deliveries, create_current_rows
from flow.library import Library
from flow.match import create_address_results
from flow.progress import Progress
from flow.review.case import Address, Candidate, Case, case_id_of
from flow.workspace import sql_path, workspace
from pool import PoolError, ReviewDecision
from transforms.review import COMPONENTS, HINTS, compare, create_asked, distance, open_inputs

UNMATCHED = ("not_in_library", "unparsable", "insufficient")
"""Reasons of unmatched texts on which a person may know better than the matcher."""
REFERENCE = "reference"
"""Reason of texts that mean another field of their row (同户籍地址): an alias would send all such rows to one address."""
MOST_CANDIDATES = 10
CLUES_SHOWN = 3
CLUE_LABELS = {"division_code": "区划代码", "community": "社区", "source_address_id": "来源地址编号"}

Input = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases of a release, those with most records first: `waiting` for a decision, or `settled` by one.

    `references` counts the records whose text means another field: nobody can decide on the text alone.
    """

    release: int
    library: Library
    waiting: Sequence[Case]
    settled: Sequence[Case]
    references: int


def find_cases(context: Context, *, unmatched: bool, progress: Progress) -> Cases:
    """The cases of the current release, over all batches that count; with `unmatched` also the texts that have no answer at all.

    Raises PoolError when there is no release, or other matching rules made it.
    """
    release, library = _current(context)
    in_force = {decision.case_id: decision for decision in context.pool.ledger.review.in_force()}
    with workspace(context.pool) as connection:
        _create_tables(connection, context, library, progress)
        inputs = open_inputs(connection, UNMATCHED if unmatched else ()).to_pylist()
        addresses = _addresses(connection, library, inputs, in_force.values())
    by_text = [(text, list(rows)) for text, rows in groupby(inputs, key=lambda row: row["text"])]
    cases = [_case(text, rows, addresses, in_force.get(case_id_of(text))) for text, rows in by_text if not _is_reference(rows)]
    cases.sort(key=lambda case: (-case.records, case.text))
    today = context.local_date(context.now)
    return Cases(
        release,
        library,
        [case for case in cases if not _is_settled(case, addresses, today)],
        [case for case in cases if _is_settled(case, addresses, today)],
        sum(row["records"] for _, rows in by_text if _is_reference(rows) for row in rows),
    )


def library_rows(connection: DuckDBPyConnection, library: Library, column: str, values: Iterable[str]) -> list[dict[str, Any]]:
    """The library's addresses whose id or full text (`column`) is among the values, those in force first."""
    rows: list[dict[str, Any]] = (
        connection.execute(
            f"SELECT address_id, level, full_text, lon, lat, valid_to, {', '.join(COMPONENTS)} FROM read_parquet({sql_path(library.addresses)}) "
            f"WHERE {column} IN (SELECT unnest(?::VARCHAR[])) ORDER BY valid_to DESC NULLS FIRST, address_id",
            [sorted(set(values))],
        )
        .to_arrow_table()
        .to_pylist()
    )
    return rows


def address_of(row: Mapping[str, Any]) -> Address:
    """A row of the library as people know it."""
    return Address(row["address_id"], row["level"], row["full_text"], row["town"] or "")


def is_in_force(row: Mapping[str, Any], today: date) -> bool:
    """Whether a row of the library has not ended."""
    return row["valid_to"] is None or row["valid_to"] > today


def _current(context: Context) -> tuple[int, Library]:
    number = context.pool.releases.current()
    if number is None:
        raise PoolError("还没有发布，没有待确认的地址。请先运行 datapool run。")
    inputs = context.pool.releases.manifest(number)["inputs"]
    if inputs["rules"] != RULE_VERSION:
        raise PoolError(
            f"发布 {number} 用的是匹配规则 {inputs['rules']}，现在的规则是 {RULE_VERSION}，待确认的地址会不同。请先运行 datapool run。"
        )
    return number, Library(inputs["library"], context.pool.library.folder(inputs["library"]))


def _create_tables(connection: DuckDBPyConnection, context: Context, library: Library, progress: Progress) -> None:
    deliveries = accepted_deliveries(context)
    contracts = [contract for contract in context.contracts.values() if contract.addresses and deliveries[contract.id]]
    current = {}
    for done, contract in enumerate(contracts):
        progress("读取各数据集", done, len(contracts))
        current[contract.id] = create_current_rows(connection, context, contract, deliveries[contract.id])
    create_asked(connection, contracts, current)
    create_address_results(connection, context, library)
    progress("读取各数据集", len(contracts), len(contracts))


def _addresses(
    connection: DuckDBPyConnection, library: Library, inputs: Sequence[Input], decisions: Iterable[ReviewDecision]
) -> dict[str, dict[str, Any]]:
    """All addresses that the inputs or decisions name, by id."""
    ids = {row["address_id"] for row in inputs} | {each["address_id"] for row in inputs for each in row["candidates"]}
    ids |= {decision.address_id for decision in decisions}
    rows = library_rows(connection, library, "address_id", (address for address in ids if address))
    return {row["address_id"]: row for row in reversed(rows)}


def _is_reference(rows: Iterable[Input]) -> bool:
    return any(row["reason"] == REFERENCE for row in rows)


def _is_settled(case: Case, addresses: Mapping[str, Mapping[str, Any]], today: date) -> bool:
    """Any choice settles a text while there is nothing else to choose from, a confirmed address also while it is in force; never one that is gone."""
    decided = case.decided
    if decided is None:
        return False
    confirmed = addresses.get(decided.address_id)
    if decided.choice == "address" and confirmed is not None and is_in_force(confirmed, today):
        return True
    return decided.basis == case.basis and (decided.choice != "address" or confirmed is not None)


def _case(text: str, rows: Sequence[Input], addresses: Mapping[str, dict[str, Any]], decided: ReviewDecision | None) -> Case:
    """The case of a text from its inputs, those with most records first."""
    reviewed = [row for row in rows if row["status"] == "review"]
    asked = reviewed or [row for row in rows if row["reason"] in UNMATCHED]
    first = asked[0]
    candidates = list(dict.fromkeys(each["address_id"] for row in asked for each in row["candidates"]))
    listed = [addresses[address_id] for address_id in candidates[:MOST_CANDIDATES]]
    datasets: Counter[str] = Counter()
    elsewhere: Counter[Address] = Counter()
    for row in asked:
        datasets[row["dataset"]] += row["records"]
    for row in rows:
        if row["status"] == "matched":
            elsewhere[address_of(addresses[row["address_id"]])] += row["records"]
    dates = [row["as_of"] for row in asked if row["as_of"]]
    return Case(
        text=text,
        status=first["status"],
        reason=first["reason"],
        datasets=dict(datasets.most_common()),
        dates=(min(dates), max(dates)) if dates else None,
        clues=_clues(asked),
        hints={name: _plain(first[name]) for name in HINTS if first[name] is not None},
        safe=address_of(addresses[first["address_id"]]) if first["address_id"] else None,
        candidates=[Candidate(address_of(row), each, _metres(first, row)) for row, each in zip(listed, compare(text, listed), strict=True)],
        left_out=len(candidates) - len(listed),
        elsewhere=elsewhere,
        parts=max(row["parts"] for row in asked),
        decided=decided,
    )


def _metres(asked: Input, row: Mapping[str, Any]) -> float | None:
    """From the position that came with the text to that of an address."""
    positions = [asked["lon"], asked["lat"], row["lon"], row["lat"]]
    return None if None in positions else distance(*positions)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _clues(asked: Sequence[Input]) -> list[str]:
    """What else stands beside the text: the values of each hint that most records have."""
    clues = []
    for name, label in CLUE_LABELS.items():
        counted: Counter[str] = Counter()
        for row in asked:
            if row[name]:
                counted[row[name]] += row["records"]
        if counted:
            more = f" 等 {len(counted)} 种" if len(counted) > CLUES_SHOWN else ""
            clues.append(f"{label} {'、'.join(value for value, _ in counted.most_common(CLUES_SHOWN))}{more}")
    places = dict.fromkeys((row["lon"], row["lat"]) for row in asked if row["lon"] is not None and row["lat"] is not None)
    if places:
        more = f" 等 {len(places)} 处" if len(places) > CLUES_SHOWN else ""
        clues.append("坐标 " + "、".join(f"{lon:.6f},{lat:.6f}" for lon, lat in list(places)[:CLUES_SHOWN]) + more)
    return clues
