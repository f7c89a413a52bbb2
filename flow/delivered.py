"""The rows of the batches that count, in the order of their deliveries."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.workspace import sql_path
from pool import PoolError
from pool.paths import MANIFEST
from schemas.contract import Contract

ROW_FILES = ("accepted.parquet", "quarantine.parquet")
PLACE = {"batch": "VARCHAR", "sequence": "BIGINT", "period": "VARCHAR", "file_key": "VARCHAR", "sheet": "VARCHAR", "row": "BIGINT"}
UNVERIFIED = {"unverified": "VARCHAR"}
"""Columns of delivered rows beside those of their contract; batches sealed by earlier software have none of the last."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """An accepted batch and its place among the deliveries of its dataset (by period, then by arrival)."""

    batch: str
    period: str
    sequence: int


Deliveries = Mapping[str, Sequence[Delivered]]
"""Contract id to its batches that count, at one moment: while a release is being built, others may be accepted."""


def accepted_deliveries(context: Context) -> Deliveries:
    """The batches that count of every contract, in the order of their deliveries."""
    entries = [entry for entry in context.pool.ledger.batches(status="accepted") if entry.contract in context.contracts]
    entries.sort(key=lambda entry: (entry.period, entry.received_at, entry.batch))
    found: dict[str, list[Delivered]] = defaultdict(list)
    for entry in entries:
        found[entry.contract].append(Delivered(entry.batch, entry.period, len(found[entry.contract])))
    return {contract: found[contract] for contract in context.contracts}


def batch_content(context: Context, batch: str) -> str:
    """Digest of the rows of a batch: another one after a replay that judged them differently. Raises PoolError when they are lost."""
    folder = context.pool.batches.folder(batch)
    try:
        files = json.loads((folder / MANIFEST).read_bytes())["files"]
    except FileNotFoundError:
        raise PoolError(f"批次 {batch} 的数据目录 {folder} 已丢失。请从备份恢复，或运行 datapool replay {batch}。") from None
    hashes = [files[name]["sha256"] for name in ROW_FILES if name in files]
    return hashlib.sha256(json.dumps(hashes).encode()).hexdigest()[:16]


def create_delivered(connection: DuckDBPyConnection, context: Context, contract: Contract, deliveries: Sequence[Delivered]) -> str:
    """Create view `delivered_<system>_<dataset>` of all accepted rows of a contract with `batch`, `sequence`, `period`; returns its name.

    Batches accepted under an earlier version of the contract may lack columns, which are null, or have them in another type.
    """
    name = f"delivered_{contract.system}_{contract.dataset}"
    selects = [
        f"SELECT '{entry.batch}' AS batch, {entry.sequence} AS sequence, '{entry.period}' AS period, * "
        f"FROM read_parquet({sql_path(context.pool.batches.folder(entry.batch) / 'accepted.parquet')})"
        for entry in deliveries
    ]
    columns = {column.name: column.sql_type for column in contract.columns if not column.ignored}
    empty = ", ".join(f"NULL::{kind} AS {column}" for column, kind in (PLACE | UNVERIFIED | columns).items())
    union = " UNION ALL BY NAME ".join([f"SELECT {empty} WHERE FALSE", *selects])
    typed = ", ".join(f"{column}::{kind} AS {column}" for column, kind in columns.items())
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT {', '.join(PLACE | UNVERIFIED)}, {typed} FROM ({union})")
    return name
