"""Trace: a record of the pool back to the release, the deliveries, the rows as received, the address decisions and what was outvoted."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from duckdb import DuckDBPyConnection

from address_matching import AddressIndex, explain
from flow.context import Context
from flow.delivered import file_key
from flow.library_history import Event, history_of_address
from flow.publish import table_files
from flow.read import raw_rows
from flow.workspace import sql_path, table_source, workspace
from pool import PoolError, Receipt
from schemas.codes import code_list
from schemas.contract import Contract
from transforms.as_of import HISTORY
from transforms.identity import sql_literal
from transforms.mask import masked_text
from transforms.pseudonym import pseudonyms
from transforms.survive import record_key

IDENTIFIERS = ("citizen_number", "document_number", "uscc", "registration_number", "licence_number", "source_key", "address_id")
ROW_LIMIT = 50
RETIRED = "（已清退）"
"""Stands as the header of the one cell of a row whose file is kept no longer."""
ROLES = ("survivor", "conflict", "agreement")
"""What a row may do for a record, the most important first."""


@dataclass(frozen=True, slots=True)
class Link:
    """Why a row belongs to an entity: `alias` is its role in the row, `label` the column that names it there, `rule` of code list link_rule."""

    alias: str
    label: str
    rule: str
    score: float

    @property
    def reason(self) -> str:
        """The rule in Chinese."""
        return code_list("link_rule")[self.rule]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """A row of a source file and what it did for the record; `cells` are the header and text as received.

    attributes: the columns of the record whose value comes from this row. links: as whom the row mentions the record and by which rule it belongs
    to it; empty for records that are no entities.
    """

    role: str
    receipt: Receipt
    sheet: str
    row: int
    cells: Mapping[str, str]
    attributes: Sequence[str] = ()
    links: Sequence[Link] = ()


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
    history: of a standard address, what deliveries and people made of it; empty for other records, or where values are masked.
    """

    table: Contract
    key: str
    release: int
    manifest: Mapping[str, Any]
    record: Mapping[str, Any]
    evidence: Sequence[Evidence]
    rows: Sequence[SourceRow]
    rows_in_all: int
    conflicts: Sequence[Mapping[str, Any]]
    address: str
    history: Sequence[Event]


def trace(context: Context, table: str, key: str, *, release: int | None = None, unmasked: bool = False) -> Trace:
    """Follow a record back; `key` is its id, one that gave way to it, or one of its identifiers (citizen number, social credit code, ...).

    Values are masked unless `unmasked`, which is noted in the audit log. Raises PoolError when there is no such table, release or record.
    """
    number = context.pool.releases.current() if release is None else release
    if number is None:
        raise PoolError("还没有发布，无法追溯。请先运行 datapool run。")
    if table not in context.tables:
        raise PoolError(f"没有表 {table}。可用的表：{'、'.join(context.tables)}。")
    with context.pool.reading(), context.pool.releases.reading(number):
        return _trace(context, table, key, number, unmasked)


def _trace(context: Context, table: str, key: str, number: int, unmasked: bool) -> Trace:
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
        batches = _batches_of(
            connection, context, folder / "row_outcome.parquet", {table, *(each.table for each in evidence)}, edges[:ROW_LIMIT]
        )
    rows = list(_source_rows(context, edges[:ROW_LIMIT], batches, unmasked, links))
    address = _explain_address(context, manifest, record) if unmasked else ""
    history = _history(context, id) if unmasked and table == "address" else []
    if unmasked:
        shown = f"{table}/{audited_key(context, id)}"
        context.pool.audit.append("trace.unmasked", shown, context.actor, "shown", context.now, {"release": number})
    else:
        record, conflicts = _mask_record(contract, record), [_mask_conflict(contract, conflict) for conflict in conflicts]
    return Trace(contract, id, number, manifest, record, evidence, rows, len(edges), conflicts, address, history)


def audited_key(context: Context, key: str) -> str:
    """How the audit log names a record: by a keyed digest, for what is written there can never be erased; by nothing where the key is lost."""
    return str(pseudonyms(pa.array([key]), context.key, "audit")[0].as_py()) if context.key else ""


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


def _batches_of(
    connection: DuckDBPyConnection, context: Context, outcomes: Path, tables: Collection[str], edges: Sequence[Mapping[str, Any]]
) -> dict[str, str]:
    """File key to the batch whose rows count: the same bytes may have been delivered for several periods, or to several datasets.

    Rows that count no more, as a history may name, lead to the batch they came with; where that one was withdrawn, its receipt still tells.
    """
    if not edges:
        return {}
    keys = {edge["file_key"] for edge in edges}
    files = ", ".join(sql_literal(key) for key in sorted(keys))
    counting = connection.execute(f"""
        SELECT DISTINCT file_key, batch, outcome IN ('published', 'merged') AS counts FROM read_parquet({sql_path(outcomes)})
        WHERE file_key IN ({files}) AND outcome <> 'quarantined' ORDER BY counts, file_key, batch""").fetchall()
    counting = [(key, batch) for key, batch, _ in counting]
    counting += _received(context, keys - {key for key, _ in counting})
    speaking = [(key, batch) for key, batch in counting if _speaks_of(context, batch, tables)]
    return dict(counting) | dict(speaking)


def _received(context: Context, keys: Collection[str]) -> list[tuple[str, str]]:
    """File key and batch of every receipt of these files, the earliest last: what a history names is the first delivery that said so."""
    if not keys:
        return []
    found = [(file_key(each.sha256), each) for each in context.pool.receipts.all() if each.contract in context.contracts]
    found = sorted(((key, each) for key, each in found if key in keys), key=lambda entry: (entry[1].period, entry[1].batch), reverse=True)
    if lost := sorted(set(keys) - {key for key, _ in found}):
        raise PoolError(f"文件 {'、'.join(lost)} 的回执已不在，无法追溯。请从备份恢复 receipts 目录，再运行 datapool verify。")
    return [(key, each.batch) for key, each in found]


def _speaks_of(context: Context, batch: str, tables: Collection[str]) -> bool:
    """Whether the rows of a batch say anything of the tables, or of those whose histories they are."""
    spoken_of = {table.removesuffix(HISTORY) for table in tables}
    return any(fact.table in spoken_of for fact in context.contracts[context.pool.receipts.read(batch).contract].facts)


def _source_rows(
    context: Context, edges: Sequence[Mapping[str, Any]], batches: Mapping[str, str], unmasked: bool, links: Sequence[Mapping[str, Any]]
) -> Iterator[SourceRow]:
    """The rows behind the edges, read from the raw files, each file once."""
    wanted: dict[str, dict[tuple[str, int], Mapping[str, Any]]] = defaultdict(dict)
    for edge in sorted(edges, key=lambda each: ROLES.index(each["role"]), reverse=True):
        wanted[edge["file_key"]][edge["sheet"], edge["row"]] = edge
    for key, roles in wanted.items():
        receipt = context.pool.receipts.read(batches[key])
        contract = context.contracts[receipt.contract]
        for sheet, row, cells in _rows_as_received(context, receipt, contract, set(roles)):
            shown = cells if unmasked or RETIRED in cells else _mask_cells(contract, cells)
            edge, place = roles[sheet, row], (key, sheet, row)
            own = [_link(contract, link) for link in links if (link["file_key"], link["sheet"], link["row"]) == place]
            yield SourceRow(edge["role"], receipt, sheet, row, shown, (edge.get("attributes") or "").split(), own)


def _rows_as_received(
    context: Context, receipt: Receipt, contract: Contract, wanted: set[tuple[str, int]]
) -> Iterable[tuple[str, int, Mapping[str, str]]]:
    """`raw_rows`; without cells where the raw file was retired with its batch."""
    if context.pool.raw.holds(receipt.sha256) or receipt.batch not in context.pool.ledger.upkeep.retired("batch"):
        return raw_rows(context, receipt, contract, wanted)
    return [(sheet, row, {RETIRED: "原始文件已按留存期限清退，只留下回执"}) for sheet, row in sorted(wanted)]


def _link(contract: Contract, link: Mapping[str, Any]) -> Link:
    """A link of a row of the contract, with the header of the column in which the entity is named there."""
    fact = next((fact for fact in contract.facts if fact.alias == link["alias"]), None)
    column = fact.columns.get("name", fact.columns.get("source_key")) if fact else None
    label = contract.column(column).physical_name if isinstance(column, str) else ""
    return Link(link["alias"], label, link["rule"], link["score"])


def _mask_cells(contract: Contract, cells: Mapping[str, str]) -> dict[str, str]:
    """Cells of columns that the contract does not know are hidden: nobody has said what they are."""
    columns = {column.physical_name: column for column in contract.columns} | {
        synonym: column for column in contract.columns for synonym in column.synonyms
    }
    return {header: masked_text(columns[header], text) if header in columns else "（未登记的列，不显示）" for header, text in cells.items()}


def _mask_record(contract: Contract, record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        column.name: masked_text(column, "" if record[column.name] is None else str(record[column.name])) for column in contract.columns
    }


def _mask_conflict(contract: Contract, conflict: Mapping[str, Any]) -> dict[str, Any]:
    column = contract.column(conflict["column_name"])
    values = {name: masked_text(column, conflict[name] or "") for name in ("surviving_value", "losing_value")}
    return {**conflict, **values}
