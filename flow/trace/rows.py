"""Rows of source files as received, with what they did for a record and what the path found in them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from flow.context import Context
from flow.delivered import file_key
from flow.read import raw_rows
from flow.trace.found import Found, Setting, found_in
from flow.workspace import sql_path
from pool import PoolError, Receipt
from schemas.codes import code_list
from schemas.contract import Contract
from transforms.as_of import HISTORY
from transforms.identity import sql_literal
from transforms.mask import masked_text

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
    to it; empty for records that are no entities. found: how it was judged and matched, None where its batch is kept no longer.
    """

    role: str
    receipt: Receipt
    sheet: str
    row: int
    cells: Mapping[str, str]
    attributes: Sequence[str] = ()
    links: Sequence[Link] = ()
    found: Found | None = None


def batches_of(
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


def source_rows(
    setting: Setting, edges: Sequence[Mapping[str, Any]], batches: Mapping[str, str], unmasked: bool, links: Sequence[Mapping[str, Any]]
) -> Iterator[SourceRow]:
    """The rows behind the edges, read from the raw files, each file once."""
    context = setting.context
    wanted: dict[str, dict[tuple[str, int], Mapping[str, Any]]] = defaultdict(dict)
    for edge in sorted(edges, key=lambda each: ROLES.index(each["role"]), reverse=True):
        wanted[edge["file_key"]][edge["sheet"], edge["row"]] = edge
    for key, roles in wanted.items():
        receipt = context.pool.receipts.read(batches[key])
        contract = context.contracts[receipt.contract]
        found = found_in(setting, receipt, contract, sorted(roles), unmasked=unmasked)
        for sheet, row, cells in rows_as_received(context, receipt, contract, set(roles)):
            shown = cells if unmasked or RETIRED in cells else mask_cells(contract, cells)
            edge, place = roles[sheet, row], (key, sheet, row)
            own = [link_of(contract, link) for link in links if (link["file_key"], link["sheet"], link["row"]) == place]
            attributes = (edge.get("attributes") or "").split()
            yield SourceRow(edge["role"], receipt, sheet, row, shown, attributes, own, found.get((sheet, row)))


def rows_as_received(
    context: Context, receipt: Receipt, contract: Contract, wanted: set[tuple[str, int]]
) -> Iterable[tuple[str, int, Mapping[str, str]]]:
    """`raw_rows`; without cells where the raw file was retired with its batch."""
    if context.pool.raw.holds(receipt.sha256) or receipt.batch not in context.pool.ledger.upkeep.retired("batch"):
        return raw_rows(context, receipt, contract, wanted)
    return [(sheet, row, {RETIRED: "原始文件已按留存期限清退，只留下回执"}) for sheet, row in sorted(wanted)]


def link_of(contract: Contract, link: Mapping[str, Any]) -> Link:
    """A link of a row of the contract, with the header of the column in which the entity is named there."""
    fact = next((fact for fact in contract.facts if fact.alias == link["alias"]), None)
    column = fact.columns.get("name", fact.columns.get("source_key")) if fact else None
    label = contract.column(column).physical_name if isinstance(column, str) else ""
    return Link(link["alias"], label, link["rule"], link["score"])


def mask_cells(contract: Contract, cells: Mapping[str, str]) -> dict[str, str]:
    """Cells of columns that the contract does not know are hidden: nobody has said what they are."""
    columns = {column.physical_name: column for column in contract.columns} | {
        synonym: column for column in contract.columns for synonym in column.synonyms
    }
    return {header: masked_text(columns[header], text) if header in columns else "（未登记的列，不显示）" for header, text in cells.items()}
