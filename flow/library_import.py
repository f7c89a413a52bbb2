"""Import of standard addresses or aliases from a file: every row examined against the library, then a delivery like any other."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flow.check import check
from flow.context import Context
from flow.delivered import accepted_deliveries, create_delivered
from flow.library import ADDRESS_CHANGES, ADDRESSES, ALIAS_CHANGES, ALIASES, Library
from flow.objections import completed_changes, library_objections
from flow.private_file import PRIVATE_MODE
from flow.read import Export, layout_of
from flow.receive import Delivery, receive_file
from flow.reference import current_library
from flow.replay import replay
from flow.workspace import workspace
from pool import PoolError
from schemas.contract import Contract
from sources.readers import open_rows
from transforms.check import check_rows
from transforms.conform import conform
from transforms.library import KEPT_BY_CHANGES
from transforms.library_edits import ALIAS_COLUMNS

SUFFIXES = (".csv", ".xlsx", ".xls", ".parquet")
KEY_OF_ALIAS = ALIAS_COLUMNS[:4]
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row of the file that is not taken: where it stands, why, and its cells as received (header to text)."""

    sheet: str
    row: int
    column: str
    cause: str
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Changed:
    """An address (or alias) that is in the library already and that the file says otherwise: column label to (before, after)."""

    id: str
    text: str
    values: Mapping[str, tuple[object, object]]


@dataclass(frozen=True, slots=True)
class Examined:
    """What a file would do to the library.

    added, changed: rows by text; `made`: parents that will be made for them; `gone`: addresses in the library that a whole delivery leaves out.
    blocked: why nothing of the file can be taken.
    """

    contract: Contract
    received: int
    rejected: Sequence[Rejected]
    added: Sequence[str]
    changed: Sequence[Changed]
    unchanged: int
    made: Sequence[str]
    gone: int
    warnings: Mapping[str, int]
    blocked: Sequence[str]


def contract_of(context: Context, path: Path, *, whole: bool) -> Contract:
    """The dataset that a file belongs to, by its columns: addresses or aliases. Raises PoolError, ReadError when it is neither."""
    if path.suffix.lower() not in SUFFIXES:
        raise PoolError(f"文件 {path} 的格式不认得：应为 CSV、XLSX 或 Parquet。")
    candidates = [context.contracts[id] for id in ((ADDRESSES, ALIASES) if whole else (ADDRESS_CHANGES, ALIAS_CHANGES))]
    fits = [(conform(open_rows(path, layout_of(each, path.name)).header, each), each) for each in candidates]
    conformity, nearest = min(fits, key=lambda fit: len(fit[0].missing_required))
    if not conformity.missing_required:
        return nearest
    raise PoolError(f"{path.name} {conformity.blocks[0]}（按“{nearest.name}”）。各列见 datapool contracts show {nearest.id}。")


def examine(context: Context, path: Path, contract: Contract, *, whole: bool) -> Examined:
    """Read and check every row of a file and hold it against the library; nothing is kept. Raises ReadError."""
    library = current_library(context)
    objections = None if whole else library_objections(context, library, contract)
    export = Export(open_rows(path, layout_of(contract, path.name)), contract)
    if export.conformity.blocks:
        return Examined(contract, 0, (), (), (), 0, (), 0, {}, export.conformity.blocks)
    with workspace(context.pool) as connection:
        try:
            checked = check_rows(connection, export.reader(), contract, load_date=context.local_date(context.now), objections=objections)
        except duckdb.Error as cause:
            if export.error is None:
                raise
            raise export.error from cause
        accepted = checked.accepted.to_arrow_table()
        quarantined = checked.quarantined.to_arrow_table().to_pylist()
    faults = [Rejected(each.sheet, each.row, "", each.cause, _cells(each.text)) for each in export.faults(withheld=False)]
    rejected = sorted([*faults, *_rejected(contract, quarantined)], key=lambda each: (each.sheet, each.row))
    compared = _compare_addresses if "address_id" in contract.key else _compare_aliases
    added, changed, made = compared(context, library, contract, accepted)
    return Examined(
        contract=contract,
        received=accepted.num_rows + len(rejected),
        rejected=rejected,
        added=added,
        changed=changed,
        unchanged=accepted.num_rows - len(added) - len(changed),
        made=made,
        gone=_gone(context, contract, accepted) if whole else 0,
        warnings={count.message: count.rows for count in checked.profile.warnings},
        blocked=checked.profile.blocks or (() if accepted.num_rows else ("没有一行可以采纳",)),
    )


def register(context: Context, path: Path, contract: Contract, period: date, why: str) -> Delivery:
    """Receive the file as a delivery of its dataset and judge it; one that was withdrawn counts again.

    Raises PoolError when it does not come to count.
    """
    delivery = receive_file(context, path, contract.id, period)
    entry = context.pool.ledger.batch(delivery.batch)
    if entry is not None and entry.status in ("withdrawn", "blocked", "failed"):
        replay(context, [delivery.batch], why)
    status = check(context, delivery.batch)
    details = {"file": path.name, "status": status, "why": why}
    context.pool.audit.append("address.import", delivery.batch, context.actor, status, context.now, details)
    if status != "accepted":
        after = context.pool.ledger.batch(delivery.batch)
        raise PoolError(f"{path.name} 没有导入：{after.reason if after else status}")
    return delivery


def write_rejected(rejected: Sequence[Rejected], path: Path) -> None:
    """The rows that are not taken as CSV (UTF-8 with BOM): where they stand, why, and their cells, to be mended and imported again."""
    headers = list(dict.fromkeys(header for each in rejected for header in each.cells))
    path.touch(PRIVATE_MODE)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["工作表", "行", "列", "原因", *map(harmless, headers)])
        writer.writerows(
            [each.sheet, each.row, each.column, each.cause, *(harmless(each.cells.get(header, "")) for header in headers)]
            for each in rejected
        )


def harmless(text: str) -> str:
    """A text that a spreadsheet opening a CSV does not take for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _rejected(contract: Contract, quarantined: Iterable[Mapping[str, Any]]) -> list[Rejected]:
    labels = {column.name: column.physical_name for column in contract.columns}
    return [
        Rejected(
            row["sheet"],
            row["row"],
            "、".join(dict.fromkeys(labels[reason["column"]] for reason in row["reasons"] if reason["column"])),
            "；".join(dict.fromkeys(reason["message"] for reason in row["reasons"])),
            _cells(row["original"]),
        )
        for row in quarantined
    ]


def _cells(text: str) -> dict[str, str]:
    try:
        content = json.loads(text)
    except ValueError:
        return {"原文": text}
    return {header: str(cell) for header, cell in content.items()} if isinstance(content, dict) else {"原文": text}


def _gone(context: Context, contract: Contract, accepted: pa.Table) -> int:
    """How many rows of the last full export are not in this one."""
    deliveries = accepted_deliveries(context)[contract.id]
    last = [each for each in deliveries if each.snapshot == deliveries[-1].snapshot]
    if not last:
        return 0
    with workspace(context.pool) as connection:
        before = create_delivered(connection, context, contract, last)
        connection.register("accepted", accepted)
        same = " AND ".join(f"before.{name} IS NOT DISTINCT FROM accepted.{name}" for name in contract.key)
        found = connection.execute(f"SELECT count(*) FROM {before} AS before ANTI JOIN accepted ON {same}").fetchone()
    return int(found[0]) if found else 0


Compared = tuple[list[str], list[Changed], list[str]]


def _compare_addresses(context: Context, library: Library, contract: Contract, accepted: pa.Table) -> Compared:
    """Texts of new addresses, those that change, texts of the parents to be made."""
    addresses = pq.read_table(library.addresses)
    if not accepted.num_rows:
        return [], [], []
    completed = completed_changes(context, addresses, accepted)
    rows, made = completed.slice(0, accepted.num_rows).to_pylist(), completed.slice(accepted.num_rows)["full_text"].to_pylist()
    named = pc.is_in(addresses["address_id"], value_set=accepted["address_id"].combine_chunks())
    known = {row["address_id"]: row for row in addresses.filter(named).to_pylist()}
    labels = {column.name: column.physical_name for column in contract.columns}
    added = [row["full_text"] for row in rows if row["address_id"] not in known]
    changed = [
        _changed(row["address_id"], row["full_text"], known[row["address_id"]], row, labels) for row in rows if row["address_id"] in known
    ]
    return added, [each for each in changed if each.values], made


def _compare_aliases(_context: Context, library: Library, contract: Contract, accepted: pa.Table) -> Compared:
    aliases = pq.read_table(library.aliases).to_pylist()
    known = {tuple(row[name] for name in KEY_OF_ALIAS): row for row in aliases}
    rows = accepted.select(ALIAS_COLUMNS).to_pylist()
    keys = [tuple(row[name] for name in KEY_OF_ALIAS) for row in rows]
    labels = {column.name: column.physical_name for column in contract.columns}
    added = [f"{row['alias']} → {row['name']}" for row, key in zip(rows, keys, strict=True) if key not in known]
    pairs = [(row, known[key]) for row, key in zip(rows, keys, strict=True) if key in known]
    changed = [_changed(row["name"], f"{row['alias']} → {row['name']}", before, row, labels) for row, before in pairs]
    return added, [each for each in changed if each.values], []


def _changed(id: str, text: str, before: Mapping[str, Any], after: Mapping[str, Any], labels: Mapping[str, str]) -> Changed:
    said = {name: label for name, label in labels.items() if after[name] is not None or name not in (*KEPT_BY_CHANGES, "status")}
    values = {label: (before[name], after[name]) for name, label in said.items() if before[name] != after[name]}
    return Changed(id, text, values)


def columns_changed(changed: Sequence[Changed]) -> Counter[str]:
    """How many addresses change in each column."""
    return Counter(label for each in changed for label in each.values)
