"""The rows of the batches that count, in the order of their deliveries."""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.workspace import sql_path
from pool import Batch, PoolError
from pool.paths import MANIFEST, PROFILE
from schemas.contract import Contract
from sources.folder import part_of
from transforms.current import create_current, create_ever, create_states
from transforms.deliveries import Arrival, Delivered, in_order
from transforms.take_over import Known

FILE_KEY_DIGITS = 16
ACCEPTED, QUARANTINE, UNCHANGED, DIGESTS = "accepted.parquet", "quarantine.parquet", "unchanged.parquet", "digests.parquet"
CONTRACT = "contract.json"
UNREADABLE_ROW = "unreadable_row"
"""Rule of rows in quarantine that the reader could not take apart."""
REDACTIONS = "redactions"
"""In the profile: how often the raw file had been redacted when the batch was judged."""
PLACE = {
    "batch": "VARCHAR",
    "sequence": "BIGINT",
    "snapshot": "BIGINT",
    "previous": "BIGINT",
    "period": "VARCHAR",
    "file_key": "VARCHAR",
    "sheet": "VARCHAR",
    "row": "BIGINT",
}
UNVERIFIED = {"unverified": "VARCHAR"}
"""Columns of delivered rows beside those of their contract; batches sealed by earlier software have none of the last."""

Deliveries = Mapping[str, Sequence[Delivered]]
"""Contract id to its batches that count, at one moment: while a release is being built, others may be accepted."""


def accepted_deliveries(context: Context, contract: str | None = None) -> Deliveries:
    """The batches that count of every contract (or of one), in their order (see transforms.deliveries)."""
    entries: dict[str, list[Batch]] = defaultdict(list)
    for entry in context.pool.ledger.batches(status="accepted", contract=contract):
        entries[entry.contract].append(entry)
    return {id: deliveries_of(context, contract, entries[id]) for id, contract in context.contracts.items()}


def deliveries_of(context: Context, contract: Contract, entries: Iterable[Batch]) -> list[Delivered]:
    """Batches of a contract in their order, as if they alone counted."""
    return in_order((_arrival(context, entry) for entry in entries), full=contract.delivery == "full")


def file_key(sha256: str) -> str:
    """How rows name the file they came from: the first 8 bytes of its hash."""
    return sha256[:FILE_KEY_DIGITS]


def batch_content(context: Context, batch: str) -> str:
    """Digest of the rows of a batch: another one after a replay that judged them differently. Raises PoolError when they are lost."""
    return _digest([own_content(context, each) for each in (batch, *holders(context, batch))])


def own_content(context: Context, batch: str) -> str:
    """Digest of what a batch itself holds. Raises PoolError when it is lost."""
    files = json.loads(_read(context, batch, MANIFEST))["files"]
    return _digest([files[name]["sha256"] for name in (ACCEPTED, QUARANTINE, UNCHANGED) if name in files])


def holders(context: Context, batch: str) -> list[str]:
    """The earlier batches that hold rows which this one brought unchanged. Raises PoolError when its folder is lost."""
    return list(batch_profile(context, batch).get("taken_over", {}))


def batch_profile(context: Context, batch: str) -> dict[str, Any]:
    """What was found in a batch: rows, reasons, warnings, drift, expectations, gate."""
    profile: dict[str, Any] = json.loads(_read(context, batch, PROFILE))
    return profile


def create_current_rows(connection: DuckDBPyConnection, context: Context, contract: Contract, deliveries: Sequence[Delivered]) -> str:
    """Create tables `current_<system>_<dataset>` and the same with `_state` (see transforms.current); returns the name of the first."""
    current = f"current_{contract.system}_{contract.dataset}"
    states = f"{current}_state"
    every = create_delivered(connection, context, contract, deliveries, prefix="ever_delivered")
    delivered = create_delivered(connection, context, contract, deliveries)
    quarantined = create_quarantined(connection, context, deliveries)
    counting = create_states(connection, contract, delivered, quarantined, states, deliveries)
    if len(counting) < len(deliveries):
        delivered = create_delivered(connection, context, contract, [each for each in deliveries if each.sequence in counting])
    create_current(connection, contract, delivered, states, current, deliveries)
    create_ever(connection, every, states, current, deliveries)
    return current


def create_delivered(
    connection: DuckDBPyConnection, context: Context, contract: Contract, deliveries: Sequence[Delivered], prefix: str = "delivered"
) -> str:
    """Create view `<prefix>_<system>_<dataset>` of all accepted rows of a contract's deliveries: `PLACE` and its columns; returns its name.

    Batches accepted under an earlier version of the contract may lack columns, which are null, or have them in another type.
    """
    selects = [*(_held(context, each) for each in deliveries), *_taken_over(context, deliveries)]
    return _create_rows(connection, contract, selects, prefix)


def create_held(connection: DuckDBPyConnection, context: Context, contract: Contract, batch: str) -> str:
    """`create_delivered` for those rows of one batch that it holds itself."""
    return _create_rows(connection, contract, [_held(context, Delivered(batch, "", 0, 0, 0, ""))])


def _create_rows(connection: DuckDBPyConnection, contract: Contract, selects: Sequence[str], prefix: str = "delivered") -> str:
    name = f"{prefix}_{contract.system}_{contract.dataset}"
    columns = {column.name: column.sql_type for column in contract.columns if not column.ignored}
    empty = ", ".join(f"NULL::{kind} AS {column}" for column, kind in (PLACE | UNVERIFIED | columns).items())
    typed = ", ".join(f"{column}::{kind} AS {column}" for column, kind in columns.items())
    union = " UNION ALL BY NAME ".join([f"SELECT {empty} WHERE FALSE", *selects])
    connection.execute(f"CREATE OR REPLACE VIEW {name} AS SELECT {', '.join(PLACE | UNVERIFIED)}, {typed} FROM ({union})")
    return name


def known_from(context: Context, batch: str) -> Known:
    """What a batch tells later ones about rows of the same text."""
    accepted = _held_by(context, [batch], with_digests=True)
    if taken_over := holders(context, batch):
        held, places = _held_by(context, taken_over, with_digests=True), _parquet(context, batch, UNCHANGED)
        accepted += f" UNION ALL BY NAME SELECT * FROM ({held}) SEMI JOIN {places} USING (holder, position)"
    quarantine, digests = _parquet(context, batch, QUARANTINE), _parquet(context, batch, DIGESTS)
    rejected = f"SELECT * FROM {quarantine} AS rejected JOIN {digests} AS digests USING (sheet, row)"
    return Known(f"({accepted})", f"({rejected})")


def warned_rows(context: Context, batches: Iterable[str]) -> str:
    """SQL of the accepted rows of batches: batch, sheet, row, warnings; those that earlier batches hold included."""
    selects = []
    for batch in batches:
        selects.append(f"SELECT '{batch}' AS batch, sheet, row, warnings FROM {_parquet(context, batch, ACCEPTED)}")
        if held_by := holders(context, batch):
            held = _held_by(context, held_by)
            selects.append(f"""
                SELECT '{batch}' AS batch, sheet, row, warnings FROM {_parquet(context, batch, UNCHANGED)}
                JOIN (SELECT holder, position, warnings FROM ({held})) USING (holder, position)""")
    return " UNION ALL ".join(selects)


def rejected_rows(context: Context, batches: Iterable[str]) -> str:
    """SQL of the quarantined rows of batches: batch, sheet, row, reasons, original."""
    return " UNION ALL ".join(
        f"SELECT '{batch}' AS batch, sheet, row, reasons, original FROM {_parquet(context, batch, QUARANTINE)}" for batch in batches
    )


def rejected_with_keys(context: Context, deliveries: Iterable[Delivered]) -> str:
    """SQL of the quarantined rows of deliveries: batch, sequence, sheet, row, reasons, original, row_key (see `create_quarantined`)."""
    rows = [
        f"SELECT '{each.batch}' AS batch, {each.sequence} AS sequence, * FROM {_parquet(context, each.batch, QUARANTINE)}"
        for each in deliveries
    ]
    return " UNION ALL BY NAME ".join(["SELECT NULL::VARCHAR AS row_key WHERE FALSE", *rows])


def create_quarantined(connection: DuckDBPyConnection, context: Context, deliveries: Iterable[Delivered]) -> str:
    """Create view `quarantined_rows` of the deliveries: `PLACE`, row_key and reason; returns its name.

    Batches judged by earlier software know no row_key.
    """
    columns = PLACE | {"row_key": "VARCHAR", "reasons": 'STRUCT("column" VARCHAR, "rule" VARCHAR, message VARCHAR)[]'}
    empty = ", ".join(f"NULL::{kind} AS {column}" for column, kind in columns.items())
    rows = [f"SELECT {_place(each)}, * FROM {_parquet(context, each.batch, QUARANTINE)}" for each in deliveries]
    union = " UNION ALL BY NAME ".join([f"SELECT {empty} WHERE FALSE", *rows])
    connection.execute(
        f"CREATE OR REPLACE VIEW quarantined_rows AS SELECT {', '.join(PLACE)}, row_key, reasons[1].rule AS reason FROM ({union})"
    )
    return "quarantined_rows"


def _held(context: Context, delivered: Delivered) -> str:
    return f"SELECT {_place(delivered)}, * FROM {_parquet(context, delivered.batch, ACCEPTED)}"


def _taken_over(context: Context, deliveries: Sequence[Delivered]) -> list[str]:
    """SELECT of the rows that earlier batches hold for these, if any."""
    holding = {each.batch: holders(context, each.batch) for each in deliveries}
    taking = [each for each in deliveries if holding[each.batch]]
    if not taking:
        return []
    places = " UNION ALL ".join(
        f"SELECT {_place(each)}, '{each.file_key}' AS file_key, sheet, row, holder, position FROM {_parquet(context, each.batch, UNCHANGED)}"
        for each in taking
    )
    held = _held_by(context, {holder for each in taking for holder in holding[each.batch]})
    return [f"SELECT * EXCLUDE (holder, position) FROM ({places}) JOIN ({held}) USING (holder, position)"]


def _held_by(context: Context, batches: Iterable[str], *, with_digests: bool = False) -> str:
    """SELECT of the accepted rows that batches themselves hold, with `holder` and `position` in place of those of their own file."""

    def rows_of(batch: str) -> str:
        rows = f"SELECT *, file_row_number AS position FROM {_parquet(context, batch, ACCEPTED, 'file_row_number = true')}"
        digests = f"JOIN {_parquet(context, batch, DIGESTS)} AS digests USING (sheet, row)" if with_digests else ""
        return f"SELECT '{batch}' AS holder, * EXCLUDE (file_key, sheet, row, file_row_number) FROM ({rows}) AS rows {digests}"

    return " UNION ALL BY NAME ".join(rows_of(batch) for batch in sorted(batches))


def _place(delivered: Delivered) -> str:
    return (
        f"'{delivered.batch}' AS batch, {delivered.sequence} AS sequence, {delivered.snapshot} AS snapshot, "
        f"{delivered.previous} AS previous, '{delivered.period}' AS period"
    )


def _parquet(context: Context, batch: str, file: str, options: str = "") -> str:
    path = context.pool.batches.folder(batch) / file
    return f"read_parquet({sql_path(path)}{f', {options}' if options else ''})"


def _arrival(context: Context, entry: Batch) -> Arrival:
    name = context.pool.receipts.read(entry.batch).file_name
    return Arrival(entry.batch, entry.period, entry.received_at, name, file_key(entry.sha256), part_of(name))


def _digest(hashes: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(hashes).encode()).hexdigest()[:16]


def _read(context: Context, batch: str, name: str) -> bytes:
    folder: Path = context.pool.batches.folder(batch)
    try:
        return (folder / name).read_bytes()
    except FileNotFoundError:
        raise PoolError(f"批次 {batch} 的数据目录 {folder} 已丢失。请从备份恢复，或运行 datapool replay {batch}。") from None
