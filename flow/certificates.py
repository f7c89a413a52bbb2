"""The rows of a raw file with numbers of disability certificates cut to the citizen number they begin with."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from schemas.contract import Contract
from schemas.refused import CERTIFICATE_DIGITS, without_disability
from sources.readers import RowFault, TextRows
from transforms.conform import conform
from transforms.erase import ELEMENTS_OF_NUMBERS

SPOKEN_OF = "残"
"""Elsewhere than where numbers of persons are declared, as many digits are mostly some other number; in a text that has this, too, they are not."""
UNREADABLE = "（无法读取的行）"


class ShortenedRows(TextRows):
    """Rows in which no certificate tells kind and grade of a disability.

    cut: header to number of cells that were shortened, complete when the batches are exhausted; rows that could not be read under `UNREADABLE`.
    """

    def __init__(self, rows: TextRows, contract: Contract) -> None:
        super().__init__(rows.path, rows.layout)
        self._rows = rows
        self.header = rows.header
        self.sheet = rows.sheet
        declared = {column.name for column in contract.columns if column.element and column.element.name in ELEMENTS_OF_NUMBERS}
        self._numbers = {place for place, name in conform(rows.header, contract).mapping.items() if name in declared}
        self.cut: Counter[str] = Counter()

    def _read(self) -> Iterator[pa.RecordBatch]:
        self.cut.clear()
        for batch in self._rows.batches():
            columns = [self._shortened(place, column) for place, column in enumerate(batch.columns[2:])]
            yield pa.RecordBatch.from_arrays([*batch.columns[:2], *columns], schema=batch.schema)
        self.faults += [self._without_number(fault) for fault in self._rows.faults]
        self.asides += self._rows.asides

    def _shortened(self, place: int, column: pa.Array) -> pa.Array:
        suspects = self._suspects(place, column)
        if not suspects:
            return column
        texts = column.take(pa.array(suspects)).to_pylist()
        changed = {at: new for at, text in zip(suspects, texts, strict=True) if (new := without_disability(text)) != text}
        if not changed:
            return column
        self.cut[self.header[place]] += len(changed)
        mask = np.zeros(len(column), dtype=bool)
        mask[list(changed)] = True
        return pc.replace_with_mask(column, pa.array(mask), pa.array([changed[at] for at in sorted(changed)], column.type))

    def _suspects(self, place: int, column: pa.Array) -> list[int]:
        """Indices of the cells that are long enough and, where no numbers are declared, speak of a disability."""
        is_long = pc.greater_equal(pc.binary_length(column), CERTIFICATE_DIGITS)
        if place in self._numbers:
            return _indices(is_long)
        data = column.buffers()[-1]
        if data is None or SPOKEN_OF.encode() not in data.to_pybytes():
            return []
        return _indices(pc.and_(is_long, pc.match_substring(column, SPOKEN_OF)))

    def _without_number(self, fault: RowFault) -> RowFault:
        text = without_disability(fault.text)
        if text == fault.text:
            return fault
        self.cut[UNREADABLE] += 1
        return replace(fault, text=text)


def _indices(mask: pa.Array) -> list[int]:
    indices: list[int] = pc.indices_nonzero(mask).to_pylist()
    return indices
