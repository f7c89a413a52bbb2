"""A row of a source file up to everything it became: outcome, reasons, records and links, address matches, figures of the report."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.delivered import create_delivered, deliveries_of, file_key, rejected_rows, warned_rows
from flow.library_history import STATES
from flow.trace.asked import note_unmasked, require_reason, setting_of, traced_release
from flow.trace.broken import BrokenRule, broken_rules
from flow.trace.decisions import Decided, decisions_on
from flow.trace.found import Found, Place, at, found_in
from flow.trace.row_figures import figures_of_row
from flow.trace.rows import Link, link_of, mask_cells, rows_as_received
from flow.workspace import sql_path, workspace
from pool import Batch, PoolError, Receipt
from pool.files import file_sha256
from schemas.contract import Contract
from transforms.elements_sql import identifier
from transforms.identity import sql_literal

SHORTEST_HASH = 8
WITHOUT_CELLS = "（原文不能逐列显示）"


@dataclass(frozen=True, slots=True)
class Became:
    """What a row did for one record: `role` as in lineage, the columns whose value it supplies, those in which it was outvoted, why it belongs to it."""

    table: str
    name: str
    key: str
    role: str
    attributes: Sequence[str]
    outvoted: Sequence[str]
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class RowTrace:
    """A row as received and what became of it in a release.

    state: of its batch, in Chinese, with the reason where it does not count. outcome: code of row_outcome, empty where the release was not made of its
    batch. followed_by: where the row stands that took the place of a superseded one. broken: quality rules that records break for which it answers.
    """

    receipt: Receipt
    contract: Contract
    sheet: str
    row: int
    state: str
    cells: Mapping[str, str]
    found: Found | None
    release: int | None
    outcome: str
    followed_by: str
    records: Sequence[Became]
    broken: Sequence[BrokenRule]
    figures: Sequence[str]
    decisions: Sequence[Decided]


def trace_row(
    context: Context,
    file: str,
    row: int,
    *,
    sheet: str | None = None,
    release: int | None = None,
    unmasked: bool = False,
    reason: str = "",
) -> RowTrace:
    """Follow a row up. file: a path, the name under which it was received, the beginning of its SHA-256, or a batch.

    Values are masked unless `unmasked`, for which there must be a `reason`; both are noted in the audit log. Raises PoolError when there is no such file,
    sheet or row, or several of them.
    """
    require_reason(unmasked, reason)
    receipt = _receipt(context, file)
    number = traced_release(context, release) if release is not None or context.pool.releases.current() is not None else None
    with context.pool.reading():
        if number is None:
            return _trace(context, receipt, row, sheet, None, unmasked, reason)
        with context.pool.releases.reading(number):
            return _trace(context, receipt, row, sheet, number, unmasked, reason)


def _trace(context: Context, receipt: Receipt, row: int, sheet: str | None, number: int | None, unmasked: bool, reason: str) -> RowTrace:
    entry, contract = context.pool.ledger.batch(receipt.batch), context.contracts[receipt.contract]
    with workspace(context.pool) as connection:
        place = _place(connection, context, receipt, row, sheet)
        manifest = context.pool.releases.manifest(number) if number is not None else {"inputs": {"library": "", "rules": "", "batches": []}}
        folder = (context.pool.releases.folder(number) if number is not None else context.pool.home) / "pool"
        counts = receipt.batch in manifest["inputs"]["batches"]
        found: Found | None = None
        if number is not None:
            found = found_in(setting_of(connection, context, manifest, folder), receipt, contract, [place], unmasked=unmasked).get(place)
        outcome = _outcome(connection, folder, receipt, place) if counts else ""
        records = _records(connection, context, contract, folder, receipt, place) if outcome in ("published", "merged") else []
        mine = f"file_key = {sql_literal(file_key(receipt.sha256))} AND {at([place])}"
        broken = broken_rules(connection, folder.parent, mine) if counts else []
        followed_by = (
            _follower(connection, context, contract, receipt, place, manifest["inputs"]["batches"]) if outcome == "superseded" else ""
        )
        matches = found.addresses if found else []
        names: Sequence[str] = []
        if number is not None and outcome:
            check, supported = found.check if found else None, sorted({each.table for each in records})
            names = figures_of_row(connection, context, number, receipt, place, outcome, check, matches, supported)
    if unmasked:
        note_unmasked(context, "row", f"{receipt.batch}/{place[0]}/{place[1]}", number, reason)
    return RowTrace(
        receipt=receipt,
        contract=contract,
        sheet=place[0],
        row=row,
        state=_state(entry),
        cells=_cells(context, receipt, contract, place, unmasked),
        found=found,
        release=number,
        outcome=outcome,
        followed_by=followed_by,
        records=records,
        broken=broken,
        figures=names,
        decisions=decisions_on(context, "", (), {match.case for match in matches}),
    )


def _receipt(context: Context, file: str) -> Receipt:
    """The delivery that somebody means. Raises PoolError where there is none, or several."""
    receipts = list(context.pool.receipts.all())
    sha256 = file_sha256(Path(file)) if Path(file).is_file() else file.lower()
    found = [each for each in receipts if each.batch == file]
    found = found or [
        each
        for each in receipts
        if each.file_name in (file, Path(file).name) or (len(sha256) >= SHORTEST_HASH and each.sha256.startswith(sha256))
    ]
    same_bytes = [each for each in found if each.sha256 == sha256]
    found = same_bytes or found
    if not found:
        raise PoolError(
            f"没有收到过文件 {file}。可用文件名、文件路径、SHA-256 的前 {SHORTEST_HASH} 位以上，或批次号（datapool status --json）。"
        )
    if len(found) > 1:
        listed = "、".join(f"{each.batch}（{each.file_name}，{each.period}）" for each in found)
        raise PoolError(f"文件 {file} 收到过 {len(found)} 次。请改用批次号，其一：{listed}。")
    if found[0].contract not in context.contracts:
        raise PoolError(f"批次 {found[0].batch} 的数据集 {found[0].contract} 已没有契约，读不了它的行。")
    return found[0]


def _place(connection: DuckDBPyConnection, context: Context, receipt: Receipt, row: int, sheet: str | None) -> Place:
    """Sheet and row, the sheet from the batch where nobody names it. Raises PoolError where there is no such row."""
    if not context.pool.batches.is_sealed(receipt.batch):
        return sheet or "", row
    rows = " UNION ALL ".join(f"SELECT sheet, row FROM ({source(context, [receipt.batch])})" for source in (warned_rows, rejected_rows))
    named = f" AND sheet = {sql_literal(sheet)}" if sheet is not None else ""
    sheets = [each for (each,) in connection.execute(f"SELECT DISTINCT sheet FROM ({rows}) WHERE row = {row}{named} ORDER BY 1").fetchall()]
    if not sheets:
        [(first, last)] = connection.execute(f"SELECT min(row), max(row) FROM ({rows})").fetchall()
        lying = f"它的数据行在第 {first} 到 {last} 行之间（表头、空行不算）" if first is not None else "它没有数据行"
        raise PoolError(f"文件 {receipt.file_name}{f' 的工作表 {sheet}' if sheet else ''} 没有第 {row} 行数据：{lying}。")
    if len(sheets) > 1:
        raise PoolError(f"文件 {receipt.file_name} 有 {len(sheets)} 个工作表有第 {row} 行。请用 --sheet 指定其一：{'、'.join(sheets)}。")
    return sheets[0], row


def _state(entry: Batch | None) -> str:
    if entry is None:
        return "没有记入台账"
    state = {**STATES, "accepted": "已采纳"}[entry.status]
    return f"{state}：{entry.reason}" if entry.reason else state


def _cells(context: Context, receipt: Receipt, contract: Contract, place: Place, unmasked: bool) -> Mapping[str, str]:
    """The row as received; of one that the reader cannot take apart the text as a whole, in full only."""
    if not context.pool.raw.holds(receipt.sha256) and receipt.batch not in context.pool.ledger.upkeep.retired("batch"):
        return {}
    for _, _, cells in rows_as_received(context, receipt, contract, {place}):
        return cells if unmasked else mask_cells(contract, cells)
    return {}


def _outcome(connection: DuckDBPyConnection, tables: Path, receipt: Receipt, place: Place) -> str:
    [(outcome,)] = connection.execute(f"""
        SELECT outcome FROM read_parquet({sql_path(tables / "row_outcome.parquet")}) WHERE batch = {sql_literal(receipt.batch)} AND {at([place])}""").fetchall()
    return str(outcome)


def _records(
    connection: DuckDBPyConnection, context: Context, contract: Contract, tables: Path, receipt: Receipt, place: Place
) -> list[Became]:
    """The records behind which the row stands; the same bytes delivered to another dataset stand behind others."""
    mine = f"file_key = {sql_literal(file_key(receipt.sha256))} AND {at([place])}"

    def rows(table: str) -> list[dict[str, Any]]:
        file = tables / f"{table}.parquet"
        if not file.is_file():
            return []
        found: list[dict[str, Any]] = (
            connection.sql(f"SELECT * FROM read_parquet({sql_path(file)}) WHERE {mine} ORDER BY ALL").to_arrow_table().to_pylist()
        )
        return found

    links, conflicts = rows("entity_link"), rows("conflict")
    spoken_of = {fact.table for fact in contract.facts}
    return [
        Became(
            table=each["table_name"],
            name=context.tables[each["table_name"]].name,
            key=each["key"],
            role=each["role"],
            attributes=(each["attributes"] or "").split(),
            outvoted=[one["column_name"] for one in conflicts if (one["table_name"], one["key"]) == (each["table_name"], each["key"])],
            links=[link_of(contract, one) for one in links if (one["table_name"], one["key"]) == (each["table_name"], each["key"])],
        )
        for each in rows("lineage")
        if each["table_name"] in spoken_of
    ]


def _follower(
    connection: DuckDBPyConnection, context: Context, contract: Contract, receipt: Receipt, place: Place, batches: Sequence[str]
) -> str:
    """The next row with the same key, in the order of the deliveries that the release was made of."""
    if not contract.key:
        return ""
    entries = [entry for entry in context.pool.ledger.batches(contract=contract.id) if entry.batch in batches]
    delivered = create_delivered(connection, context, contract, deliveries_of(context, contract, entries), prefix="following")
    same = " AND ".join(f"later.{identifier(name)} IS NOT DISTINCT FROM mine.{identifier(name)}" for name in contract.key)
    found = connection.execute(f"""
        SELECT later.batch, later.sheet, later.row
        FROM {delivered} AS later JOIN (SELECT * FROM {delivered} WHERE batch = {sql_literal(receipt.batch)} AND {at([place])}) AS mine
             ON {same} AND later.sequence > mine.sequence
        ORDER BY later.sequence, later.row LIMIT 1""").fetchall()
    if not found:
        return ""
    [(batch, sheet, row)] = found
    later = context.pool.receipts.read(batch)
    return f"{later.file_name}{f' 工作表 {sheet}' if sheet else ''} 第 {row} 行（批次 {batch}）"
