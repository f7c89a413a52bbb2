"""Read: a raw file becomes a stream of rows of text under the contract's column names, what must not be kept left out."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from flow.context import Context
from pool import Receipt
from schemas.contract import Contract
from sources.readers import Layout, ReadError, RowFault, open_rows
from transforms.conform import Conformity, conform

FAULT = "fault"
"""Column of a redacted raw file that holds the cause of a row that could not be read."""
WITHHELD = "（文件含拒收的列，原文不保留）"


@dataclass(slots=True)
class Export:
    """One export being read. `faults` is complete once `batches` is exhausted; `error` is what ended them early."""

    conformity: Conformity
    names: tuple[str, ...]
    batches: Iterator[pa.RecordBatch]
    faults: list[RowFault] = field(default_factory=list)
    error: ReadError | None = None

    @property
    def schema(self) -> pa.Schema:
        """sheet, row and one text column a contract column."""
        return pa.schema(
            [pa.field("sheet", pa.string()), pa.field("row", pa.int64()), *(pa.field(name, pa.string()) for name in self.names)]
        )


def read(context: Context, receipt: Receipt, contract: Contract) -> Export:
    """Open the raw file of a delivery. Raises ReadError (also while reading) when the file as a whole cannot be read."""
    if context.pool.raw.is_redacted(receipt.sha256):
        return _read_redacted(context, receipt, contract)
    rows = open_rows(context.pool.raw.path(receipt.sha256), layout_of(contract))
    conformity = conform(rows.header, contract)
    names, places = _taken(conformity)
    export = Export(conformity, names, iter(()))

    def batches() -> Iterator[pa.RecordBatch]:
        try:
            for batch in rows.batches():
                yield _select(batch, places, export.schema)
        except ReadError as error:
            export.error = error
            raise
        export.faults = [_without_refused(fault, conformity) for fault in rows.faults]

    export.batches = batches()
    return export


def read_all_columns(context: Context, receipt: Receipt, contract: Contract, refused: set[int]) -> Iterator[pa.RecordBatch]:
    """Every row of a raw file as text without the columns at the refused places; rows that could not be read keep number and cause."""
    rows = open_rows(context.pool.raw.path(receipt.sha256), layout_of(contract))
    kept = [place for place in range(len(rows.header)) if place not in refused]
    names = [rows.header[place] for place in kept]
    schema = pa.schema(
        [pa.field("sheet", pa.string()), pa.field("row", pa.int64()), pa.field(FAULT, pa.string())]
        + [pa.field(n, pa.string()) for n in names]
    )
    for batch in rows.batches():
        columns = [batch.column(0), batch.column(1), pa.nulls(batch.num_rows, pa.string()), *(batch.column(place + 2) for place in kept)]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)
    if rows.faults:
        records = [{"sheet": fault.sheet, "row": fault.row, FAULT: fault.cause} for fault in rows.faults]
        yield pa.RecordBatch.from_pylist(records, schema=schema)


def layout_of(contract: Contract) -> Layout:
    """How the contract says its exports are laid out."""
    return Layout(contract.format, contract.encoding or "utf-8", contract.title_rows, contract.header_rows, contract.sheet)


def _read_redacted(context: Context, receipt: Receipt, contract: Contract) -> Export:
    file = pq.ParquetFile(context.pool.raw.path(receipt.sha256))
    header = tuple(file.schema_arrow.names[3:])
    conformity = conform(header, contract)
    names, places = _taken(conformity)
    export = Export(conformity, names, iter(()))

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in file.iter_batches():
            faulty = batch.column(2).is_valid()
            export.faults += [RowFault(row["sheet"], row["row"], WITHHELD, row[FAULT]) for row in batch.filter(faulty).to_pylist()]
            yield _select(batch.filter(batch.column(2).is_null()), [place + 1 for place in places], export.schema)

    export.batches = batches()
    return export


def _taken(conformity: Conformity) -> tuple[tuple[str, ...], list[int]]:
    """Names and places of the columns that the contract takes."""
    taken = {place: name for place, name in conformity.mapping.items() if place not in conformity.ignored}
    return tuple(taken.values()), list(taken)


def _select(batch: pa.RecordBatch, places: list[int], schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays([batch.column(0), batch.column(1), *(batch.column(place + 2) for place in places)], schema=schema)


def _without_refused(fault: RowFault, conformity: Conformity) -> RowFault:
    return RowFault(fault.sheet, fault.row, WITHHELD, fault.cause) if conformity.refused else fault


def raw_rows(
    context: Context, receipt: Receipt, contract: Contract, wanted: set[tuple[str, int]]
) -> Iterator[tuple[str, int, dict[str, str]]]:
    """Single rows of a raw file as received: sheet, row, header to text."""
    rest = set(wanted)
    for batch in _raw_batches(context, receipt, contract):
        numbers = set(batch.column("row").to_pylist())
        for sheet, row in sorted(key for key in rest if key[1] in numbers):
            mask = pc.and_(pc.equal(batch.column("sheet"), sheet), pc.equal(batch.column("row"), row))
            for cells in batch.filter(mask).drop_columns(["sheet", "row"]).to_pylist():
                yield sheet, row, {header: text for header, text in cells.items() if text}
                rest.discard((sheet, row))
        if not rest:
            return


def _raw_batches(context: Context, receipt: Receipt, contract: Contract) -> Iterator[pa.RecordBatch]:
    path = context.pool.raw.path(receipt.sha256)
    if context.pool.raw.is_redacted(receipt.sha256):
        yield from pq.ParquetFile(path).iter_batches()
    else:
        yield from open_rows(path, layout_of(contract)).batches()
