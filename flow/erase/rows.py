"""The rows of a raw file without those, and those cells, that name an erased person."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc

from sources.readers import RowFault, TextRows
from transforms.erase import CAUSE, WHOLE

Place = tuple[str, int]
"""Sheet and row."""


@dataclass(slots=True)
class Cuts:
    """What goes from one file: headers of the cells, or `WHOLE`, by place."""

    cells: dict[Place, frozenset[str]] = field(default_factory=dict)

    @property
    def whole(self) -> list[Place]:
        """Rows that go."""
        return [place for place, headers in self.cells.items() if WHOLE in headers]

    @property
    def parts(self) -> list[Place]:
        """Rows that stay without some of their cells."""
        return [place for place, headers in self.cells.items() if WHOLE not in headers]

    def reason(self) -> str:
        """Why the raw file was replaced, for its receipts."""
        return f"{CAUSE}：{len(self.whole)} 行，另 {len(self.parts)} 行中的部分单元格"


class ErasedRows(TextRows):
    """Rows with cuts made: a row that goes is a fault that tells its number and the cause, a cell that goes is empty.

    find: the cuts of a batch by index in it. find_fault: whether a row that could not be read names an erased person. Both are asked anew with
    every reading; `cuts` holds what they said, complete when the batches are exhausted.
    """

    def __init__(
        self, rows: TextRows, find: Callable[[pa.RecordBatch], Mapping[int, frozenset[str]]], find_fault: Callable[[RowFault], bool]
    ) -> None:
        super().__init__(rows.path, rows.layout)
        self._rows = rows
        self._find = find
        self._find_fault = find_fault
        self.header = rows.header
        self.sheet = rows.sheet
        self.cuts = Cuts()

    def _read(self) -> Iterator[pa.RecordBatch]:
        self.cuts.cells.clear()
        for batch in self._rows.batches():
            yield self._cut(batch, self._find(batch))
        self.faults += [self._without_text(fault) for fault in self._rows.faults]
        self.asides += self._rows.asides

    def _cut(self, batch: pa.RecordBatch, found: Mapping[int, frozenset[str]]) -> pa.RecordBatch:
        if not found:
            return batch
        places = {index: (batch.column(0)[index].as_py(), batch.column(1)[index].as_py()) for index in found}
        self.cuts.cells |= {places[index]: headers for index, headers in found.items()}
        whole = [index for index, headers in found.items() if WHOLE in headers]
        self.faults += [RowFault(*places[index], "", CAUSE) for index in whole]
        columns = list(batch.columns)
        for at, header in enumerate(self.header, start=2):
            if emptied := [index for index, headers in found.items() if header in headers]:
                columns[at] = pc.if_else(_mask(emptied, batch.num_rows), pa.scalar("", columns[at].type), columns[at])
        cut = pa.RecordBatch.from_arrays(columns, schema=batch.schema)
        return cut.filter(pc.invert(_mask(whole, batch.num_rows))) if whole else cut

    def _without_text(self, fault: RowFault) -> RowFault:
        if fault.cause == CAUSE or not self._find_fault(fault):
            return fault
        self.cuts.cells[fault.sheet, fault.row] = frozenset([WHOLE])
        return RowFault(fault.sheet, fault.row, "", CAUSE)


def _mask(indices: list[int], rows: int) -> pa.Array:
    return pc.is_in(pa.array(range(rows), pa.int64()), value_set=pa.array(indices, pa.int64()))


def cells_of(batch: pa.RecordBatch, index: int) -> dict[str, str]:
    """Header to text of one row, empty cells left out."""
    row = {batch.schema.field(at).name: batch.column(at)[index].as_py() for at in range(2, batch.num_columns)}
    return {header: text for header, text in row.items() if text}


def holding(batch: pa.RecordBatch, texts: list[bytes]) -> set[int]:
    """Indices of the rows in whose cells any of the texts stands; columns without any cost next to nothing."""
    found: set[int] = set()
    for column in batch.columns[2:]:
        buffer = column.buffers()[-1]
        if buffer is None:
            continue
        content = buffer.to_pybytes()
        for text in texts:
            if text in content:
                found.update(pc.indices_nonzero(pc.match_substring(column, text.decode())).to_pylist())
    return found
