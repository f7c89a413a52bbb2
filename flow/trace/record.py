"""A record of the pool back to the release, the rows as received, how they were judged and matched, the decisions and what was outvoted."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from address_matching import AddressIndex, explain
from flow.context import Context
from flow.library_history import Event, history_of_address
from flow.publish import table_files
from flow.trace.asked import note_unmasked, require_reason, setting_of, traced_release
from flow.trace.broken import BrokenRule, broken_rules
from flow.trace.choice import Choice, choices
from flow.trace.decisions import Decided, decisions_on
from flow.trace.rows import SourceRow, batches_of, source_rows
from flow.workspace import table_source, workspace
from pool import PoolError
from schemas.contract import Contract
from transforms.identity import sql_literal
from transforms.mask import masked_text
from transforms.survive import record_key

IDENTIFIERS = ("citizen_number", "document_number", "uscc", "registration_number", "licence_number", "source_key", "address_id")
ROW_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record on which an answer rests, and for what it stands there; `table` and `key` can be traced on."""

    role: str
    table: str
    key: str


@dataclass(frozen=True, slots=True)
class Trace:
    """One record of a release: its values, the rows behind it, values of other rows that did not survive.

    evidence: of an answer to a question, the records on which it rests; empty for other records.
    address: how its address text was matched, component by component; empty for a record without one, or where values are masked.
    broken: the quality rules that the record breaks.
    history: of a standard address, what deliveries and people made of it; empty for other records, or where values are masked.
    decisions: of people, on whom the record is one with and on the addresses of its rows.
    """

    table: Contract
    key: str
    release: int
    manifest: Mapping[str, Any]
    record: Mapping[str, Any]
    evidence: Sequence[Evidence]
    rows: Sequence[SourceRow]
    rows_in_all: int
    conflicts: Sequence[Choice]
    broken: Sequence[BrokenRule]
    address: str
    history: Sequence[Event]
    decisions: Sequence[Decided]


def trace(context: Context, table: str, key: str, *, release: int | None = None, unmasked: bool = False, reason: str = "") -> Trace:
    """Follow a record back; `key` is its id, one that gave way to it, or one of its identifiers (citizen number, social credit code, ...).

    Values are masked unless `unmasked`, for which there must be a `reason`; both are noted in the audit log. Raises PoolError when there is no
    such table, release or record.
    """
    number = traced_release(context, release)
    require_reason(unmasked, reason)
    if table not in context.tables:
        raise PoolError(f"没有表 {table}。可用的表：{'、'.join(context.tables)}。")
    with context.pool.reading(), context.pool.releases.reading(number):
        return _trace(context, table, key, number, unmasked, reason)


def _trace(context: Context, table: str, key: str, number: int, unmasked: bool, why: str) -> Trace:
    manifest = context.pool.releases.manifest(number)
    folder = context.pool.releases.folder(number) / "pool"
    contract = context.tables[table]
    with workspace(context.pool) as connection:
        record = _find_record(connection, contract, folder, _lasting_id(connection, table, folder, key))
        id = _record_key(contract, record)
        of_record = f"table_name = {sql_literal(table)} AND key = {sql_literal(id)}"
        evidence = _evidence(connection, folder, contract, id)
        edges = _edges(connection, folder, context.tables, contract, record, of_record, evidence)
        conflicts = _select(connection, folder / "conflict.parquet", of_record)
        links = _select(connection, folder / "entity_link.parquet", of_record) if (folder / "entity_link.parquet").is_file() else []
        shown, speaking_of = edges[:ROW_LIMIT], {table, *(each.table for each in evidence)}
        batches = batches_of(connection, context, folder / "row_outcome.parquet", speaking_of, [*shown, *conflicts])
        setting = setting_of(connection, context, manifest, folder)
        rows = list(source_rows(setting, shown, batches, unmasked, links))
        ids = {id, *_earlier_ids(connection, table, folder, id)}
        broken = broken_rules(connection, folder.parent, of_record)
    receipts = {file: context.pool.receipts.read(batch) for file, batch in batches.items()}
    cases = {match.case for row in rows if row.found for match in row.found.addresses}
    if unmasked:
        note_unmasked(context, table, id, number, why)
    else:
        record, conflicts = _mask_record(contract, record), [_mask_conflict(contract, conflict) for conflict in conflicts]
    return Trace(
        table=contract,
        key=id,
        release=number,
        manifest=manifest,
        record=record,
        evidence=evidence,
        rows=rows,
        rows_in_all=len(edges),
        conflicts=choices(context, contract, conflicts, edges, receipts),
        broken=broken,
        address=_explain_address(context, manifest, record) if unmasked else "",
        history=_history(context, id) if unmasked and table == "address" else [],
        decisions=decisions_on(context, table, ids, cases),
    )


def _evidence(connection: DuckDBPyConnection, folder: Path, contract: Contract, key: str) -> list[Evidence]:
    """The records on which an answer to a question rests."""
    if contract.system != "mart":
        return []
    found = _select(connection, folder / "evidence.parquet", f"question = {sql_literal(contract.dataset)} AND key = {sql_literal(key)}")
    return [Evidence(each["role"], each["table_name"], each["record_key"]) for each in found]


def _edges(
    connection: DuckDBPyConnection,
    folder: Path,
    tables: Mapping[str, Contract],
    contract: Contract,
    record: Mapping[str, Any],
    of_record: str,
    evidence: Sequence[Evidence],
) -> list[dict[str, Any]]:
    """The rows behind a record: those of its lineage, of a history the one it names itself, of an answer those behind its evidence.

    Evidence that counts no more stands in a history alone, whose rows name the ones they come from.
    """
    if contract.is_history:
        place = {name: record.get(name) for name in ("file_key", "sheet", "row")}
        return [place | {"role": "survivor"}] if place["file_key"] else []
    if not evidence:
        return _select(connection, folder / "lineage.parquet", of_record)
    listed = ", ".join(f"({sql_literal(each.table)}, {sql_literal(each.key)})" for each in evidence)
    found = _select(connection, folder / "lineage.parquet", f"(table_name, key) IN ({listed})")
    for each in evidence:
        if tables[each.table].is_history:
            condition = f"{tables[each.table].key[0]} = {sql_literal(each.key)} AND known_to IS NULL AND file_key IS NOT NULL"
            found += _select(connection, folder / each.table, condition)
    places = dict.fromkeys((edge["file_key"], edge["sheet"], edge["row"]) for edge in found)
    return [{"file_key": file, "sheet": sheet, "row": row, "role": "survivor"} for file, sheet, row in places]


def _history(context: Context, address_id: str) -> Sequence[Event]:
    with suppress(PoolError):  # the library that stands may have it no more
        return history_of_address(context, address_id)
    return []


def _explain_address(context: Context, manifest: Mapping[str, Any], record: Mapping[str, Any]) -> str:
    text = record.get("address_text")
    if not context.pool.library.is_sealed(manifest["inputs"]["library"]):
        return ""  # an erasure took it: it held a text that only the erased person had
    return explain(AddressIndex.open(context.pool.library.folder(manifest["inputs"]["library"]) / "index"), text) if text else ""


def _lasting_id(connection: DuckDBPyConnection, table: str, folder: Path, key: str) -> str:
    """The id that took the place of one under which an entity was known before it was joined with another."""
    file = folder / "entity_redirect.parquet"
    condition = f"table_name = {sql_literal(table)} AND old_id = {sql_literal(key)}"
    led = _select(connection, file, condition) if file.is_file() else []
    return str(led[0]["new_id"]) if led else key


def _earlier_ids(connection: DuckDBPyConnection, table: str, folder: Path, key: str) -> list[str]:
    """The ids under which an entity was known before."""
    file = folder / "entity_redirect.parquet"
    condition = f"table_name = {sql_literal(table)} AND new_id = {sql_literal(key)}"
    return [str(each["old_id"]) for each in _select(connection, file, condition)] if file.is_file() else []


def _find_record(connection: DuckDBPyConnection, contract: Contract, folder: Path, key: str) -> dict[str, Any]:
    files = table_files(folder)
    if contract.dataset not in files:
        raise PoolError(f"这一版发布中没有表 {contract.dataset}（{contract.name}）。")
    columns = [column for column in contract.columns if column.name in (*contract.key, *IDENTIFIERS)]
    names = [*(f"{column.name}::VARCHAR" for column in columns), record_key(contract, "records")]
    found = _select(connection, files[contract.dataset], " OR ".join(f"{name} = {sql_literal(key)}" for name in names))
    found = [record for record in found if key == _record_key(contract, record)] or found
    if not found:
        labels = "、".join(f"{column.label}（{column.name}）" for column in columns)
        raise PoolError(f"{contract.name}（{contract.dataset}）中没有编号为 {key} 的记录。可用的编号：{labels}。")
    if len(found) > 1:
        keys = "、".join(_record_key(contract, record) for record in found[:ROW_LIMIT])
        raise PoolError(f"{contract.name}（{contract.dataset}）中有 {len(found)} 条记录的编号为 {key}。请改用其一：{keys}。")
    return found[0]


def _record_key(contract: Contract, record: Mapping[str, Any]) -> str:
    """A record's key as one text, as lineage and conflicts name it."""
    return "/".join(str(record[column]) for column in contract.key if record[column] is not None)


def _select(connection: DuckDBPyConnection, file: Path, condition: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = (
        connection.sql(f"SELECT * FROM {table_source(file)} AS records WHERE {condition} ORDER BY ALL").to_arrow_table().to_pylist()
    )
    return rows


def _mask_record(contract: Contract, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column.name: masked_text(column, "" if record[column.name] is None else str(record[column.name])) for column in contract.columns
    }


def _mask_conflict(contract: Contract, conflict: Mapping[str, Any]) -> dict[str, Any]:
    column = contract.column(conflict["column_name"])
    values = {name: masked_text(column, conflict[name] or "") for name in ("surviving_value", "losing_value")}
    return {**conflict, **values}
